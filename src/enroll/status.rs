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
        let facts = Facts::read(reader, whose).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => NoStatus::NoUser(whose.user.clone()),
            _ => NoStatus::Aws(error),
        })?;
        let facts = facts.ok_or_else(|| NoStatus::NoUser(whose.user.clone()))?;
        let (guarded, refusal) = (facts.guarded.clone(), facts.refusal.clone());
        let mut status = Self::of(facts, whose.acting, look);
        let whose = Whose { user: status.user.clone(), acting: whose.acting };
        let devices = status.device_count.unwrap_or(0);
        let situation = Situation { whose: &whose, devices, session: look.session };
        status.next = match refusal.and_then(|error| situation.advice(&error)) {
            Some(advice) => vec![advice],
            None => next::steps(&status, &guarded),
        };
        Ok(status)
    }

    fn of(facts: Facts, acting: Acting, look: Look<'_>) -> Self {
        let mut gaps = facts.gaps;
        let credentials = Credentials::of(look.session);
        gaps.extend(credentials.unread());
        let count = facts.devices.as_ref().map(Vec::len);
        Self {
            schema: SCHEMA,
            taken_at: look.now,
            account: look.caller.account.clone(),
            subject: "user",
            user: facts.name,
            arn: facts.arn,
            acting: acting.into(),
            caller: look.caller.arn.clone(),
            devices: facts.devices,
            device_count: count,
            device_limit: MOST_DEVICES,
            has_backup: count.map(|count| count > 1),
            left_over: facts.left_over,
            guarded: facts.guarded.is(),
            guards: facts.guarded.attachments,
            console_password: facts.console_password,
            active_access_keys: facts.active_access_keys,
            credentials,
            not_readable: gaps,
            next: Vec::new(),
        }
    }

    /// Whether what it is all about could be read: the devices.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.devices.is_some()
    }
}

/// What AWS tells of a user.
struct Facts {
    name: String,
    arn: Option<String>,
    devices: Option<Vec<Device>>,
    /// Why the devices could not be read.
    refusal: Option<AwsError>,
    left_over: Option<Vec<LeftOver>>,
    guarded: Guarded,
    console_password: Option<bool>,
    active_access_keys: Option<usize>,
    /// What could not be read.
    gaps: Vec<Unread>,
}

impl Facts {
    /// Asks for all; `None` if there is no such user.
    async fn read(reader: &Reader, whose: &Whose) -> Result<Option<Self>, AwsError> {
        let mut gaps = Vec::new();
        let user = known(reader.user(&whose.user).await, "arn", &mut gaps)?;
        // In AWS's own spelling, where AWS tells it.
        let (name, arn) = match user {
            Some(None) => return Ok(None),
            Some(Some(answer)) => (answer.user.name, Some(answer.user.arn)),
            None => (whose.user.clone(), None),
        };
        let devices = devices::of_user(reader, &name).await;
        let refusal = devices.as_ref().err().cloned();
        let devices = known(devices, "devices", &mut gaps)?;
        let left_over = known(devices::left_over(reader, &name).await, "left_over", &mut gaps)?;
        let guarded = Guarded::of(reader, &name).await;
        if guarded.is().is_none() {
            gaps.extend(guarded.unread.iter().cloned());
        }
        let password = known(reader.login_profile(&name).await, "console_password", &mut gaps)?;
        let keys = known(reader.access_keys(&name).await, "active_access_keys", &mut gaps)?;
        Ok(Some(Self {
            name,
            arn,
            devices,
            refusal,
            left_over,
            guarded,
            console_password: password.map(|password| password.is_some()),
            active_access_keys: keys.map(|keys| keys.iter().filter(|key| key.active).count()),
            gaps,
        }))
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
