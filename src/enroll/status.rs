//! What is known of the devices of one user, or of root, and what to do next. Changes nothing.
//!
//! What cannot be read is `null` in the JSON and named in `not_readable`, never guessed.

mod next;
mod root;

use jiff::Timestamp;
use serde::Serialize;

use super::advice::{MOST_DEVICES, Situation};
use super::devices::{self, Device, LeftOver};
use super::guarded::{Attachment, Guarded, Unread};
use super::whose::{Acting, Whose};
use crate::aws::{AwsError, Caller, ErrorKind, Reader};

pub use root::RootStatus;

/// The schema name of a status, version included.
pub const SCHEMA: &str = "portcullis/mfa-status/v1";

/// What the credentials are that look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// An access key of a user or of root, which never carries MFA.
    LongTermKey,
    /// Those of a session, which may.
    Session,
}

/// The credentials that look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Credentials {
    /// What they are.
    pub kind: CredentialKind,
    /// Whether they carry MFA; `None` for a session: AWS tells nobody.
    pub mfa: Option<bool>,
}

impl Credentials {
    /// By whether they are those of a session.
    #[must_use]
    pub const fn of(session: bool) -> Self {
        if session {
            Self { kind: CredentialKind::Session, mfa: None }
        } else {
            Self { kind: CredentialKind::LongTermKey, mfa: Some(false) }
        }
    }

    fn unread(self) -> Option<Unread> {
        let reason = "no call of AWS tells whether a session was opened with MFA";
        self.mfa.is_none().then(|| Unread::because("credentials.mfa", reason))
    }
}

/// As whom the caller looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum As {
    /// As the user itself, or as root for root.
    Oneself,
    /// As somebody else of the account.
    Administrator,
}

impl From<Acting> for As {
    fn from(acting: Acting) -> Self {
        match acting {
            Acting::Oneself => Self::Oneself,
            Acting::Administrator => Self::Administrator,
        }
    }
}

/// Who looks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// Whether the credentials are those of a session.
    pub session: bool,
    /// When.
    pub now: Timestamp,
}

/// What is known of a user's devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// When it was read.
    pub taken_at: Timestamp,
    /// The account's id.
    pub account: String,
    /// Always `user`.
    pub subject: &'static str,
    /// The user's name.
    pub user: String,
    /// The user's ARN, where it could be read.
    pub arn: Option<String>,
    /// As whom the caller looks.
    pub acting: As,
    /// The caller's ARN.
    pub caller: String,
    /// The devices, the oldest first.
    pub devices: Option<Vec<Device>>,
    /// How many there are.
    pub device_count: Option<usize>,
    /// How many a user may have.
    pub device_limit: usize,
    /// Whether one may be lost without locking the user out: there are two.
    pub has_backup: Option<bool>,
    /// Virtual devices that nobody has and that are called after the user.
    pub left_over: Option<Vec<LeftOver>>,
    /// Whether one of our guards is attached, to the user or to a group of it.
    pub guarded: Option<bool>,
    /// The guards that were found.
    pub guards: Vec<Attachment>,
    /// Whether the user signs in to the console with a password.
    pub console_password: Option<bool>,
    /// How many access keys of the user are active.
    pub active_access_keys: Option<usize>,
    /// The credentials that look.
    pub credentials: Credentials,
    /// What is `null`, and why.
    pub not_readable: Vec<Unread>,
    /// What to do next, in words.
    pub next: Vec<String>,
}

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub enum NoStatus {
    /// There is no such user.
    #[error("there is no user {0}")]
    NoUser(String),
    /// AWS gave no answer.
    #[error(transparent)]
    Aws(AwsError),
}

impl Status {
    /// Reads what there is to know.
    ///
    /// # Errors
    ///
    /// If there is no such user, or AWS cannot be reached. What AWS refuses to tell is no error.
    pub async fn read(reader: &Reader, whose: &Whose, look: Look<'_>) -> Result<Self, NoStatus> {
        let mut gaps = Vec::new();
        let gone = |error: AwsError| match error.kind() {
            ErrorKind::NotFound => NoStatus::NoUser(whose.user.clone()),
            _ => NoStatus::Aws(error),
        };
        let found = match reader.user(&whose.user).await {
            Ok(None) => return Err(NoStatus::NoUser(whose.user.clone())),
            answer => known(answer.map(|user| user.map(|user| user.user)), "arn", &mut gaps).map_err(gone)?.flatten(),
        };
        // In AWS's own spelling, where AWS tells it.
        let name = found.as_ref().map_or(&whose.user, |user| &user.name);
        let named = &Whose { user: name.clone(), acting: whose.acting };
        let devices = devices::of_user(reader, &named.user).await;
        let refusal = devices.as_ref().err().cloned();
        let devices = known(devices, "devices", &mut gaps).map_err(gone)?;
        let left_over = known(devices::left_over(reader, &named.user).await, "left_over", &mut gaps).map_err(gone)?;
        let guarded = Guarded::of(reader, &named.user).await;
        if guarded.is().is_none() {
            gaps.extend(guarded.unread.iter().cloned());
        }
        let password = known(reader.login_profile(&named.user).await, "console_password", &mut gaps).map_err(gone)?;
        let keys = known(reader.access_keys(&named.user).await, "active_access_keys", &mut gaps).map_err(gone)?;
        let credentials = Credentials::of(look.session);
        gaps.extend(credentials.unread());
        let count = devices.as_ref().map(Vec::len);
        let mut status = Self {
            schema: SCHEMA,
            taken_at: look.now,
            account: look.caller.account.clone(),
            subject: "user",
            user: named.user.clone(),
            arn: found.map(|user| user.arn),
            acting: named.acting.into(),
            caller: look.caller.arn.clone(),
            device_count: count,
            device_limit: MOST_DEVICES,
            has_backup: count.map(|count| count > 1),
            devices,
            left_over,
            guarded: guarded.is(),
            guards: guarded.attachments.clone(),
            console_password: password.map(|password| password.is_some()),
            active_access_keys: keys.map(|keys| keys.iter().filter(|key| key.active).count()),
            credentials,
            not_readable: gaps,
            next: Vec::new(),
        };
        let situation = Situation { whose: named, devices: count.unwrap_or(0), session: look.session };
        status.next = match refusal.and_then(|error| situation.advice(&error)) {
            Some(advice) => vec![advice],
            None => next::steps(&status, &guarded),
        };
        Ok(status)
    }

    /// Whether what it is all about could be read: the devices.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.devices.is_some()
    }
}

/// What was read; what AWS refused to tell is noted in `gaps`.
///
/// # Errors
///
/// If AWS cannot be reached: then nothing further can be known, or there is no such user any more.
fn known<T>(read: Result<T, AwsError>, what: &'static str, gaps: &mut Vec<Unread>) -> Result<Option<T>, AwsError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::NotFound) => Err(error),
        Err(error) => {
            gaps.push(Unread::of(what, &error));
            Ok(None)
        }
    }
}
