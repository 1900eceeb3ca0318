//! A device is taken away from its user, and a virtual one out of the world.
//!
//! AWS does it in two calls, and between them a virtual device is nobody's (aws-facts 2.8): whatever happens there, what
//! remains is said. The last device stays unless it is asked for: see [`refusal`].

use std::cell::Cell;

use serde_json::{Value, json};
use thiserror::Error;

use super::advice::Situation;
use super::devices::{self, Device, NotChosen, choose, removal, word};
use super::making;
use super::record::{Book, Trouble};
use super::whose::Acting;
use crate::aws::{AwsError, ErrorKind, Outcome, Reader, Writer};
use crate::journal::Change;
use crate::model::MfaKind;

/// What is to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The device.
    pub device: Device,
    /// Whether the user has it; a virtual device that nobody has is only deleted.
    pub is_owned: bool,
}

impl Target {
    /// The device that is meant among those of the user, or the virtual device with this serial number that nobody has.
    ///
    /// # Errors
    ///
    /// If there is none, or more than one.
    pub async fn find(
        reader: &Reader,
        devices: &[Device],
        user: &str,
        serial: Option<&str>,
    ) -> Result<Self, NotChosen> {
        let not = match choose(devices, user, serial) {
            Ok(device) => return Ok(Self { device: device.clone(), is_owned: true }),
            Err(not) => not,
        };
        let Some(serial) = serial.filter(|serial| MfaKind::of_serial(serial) == MfaKind::Virtual) else {
            return Err(not);
        };
        // What cannot be read is nobody's only as far as the user's own list goes: that is not enough to delete it.
        let all = reader.virtual_mfa_devices().await.unwrap_or_default();
        let is_free = all.iter().any(|device| device.serial == serial && !device.is_assigned());
        let (kind, name) = (MfaKind::Virtual, devices::name(serial).to_owned());
        let device = Device { serial: serial.to_owned(), kind, name, enabled_at: None };
        if is_free { Ok(Self { device, is_owned: false }) } else { Err(not) }
    }
}

/// Why the last device of a user stays.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The user is guarded, or that cannot be ruled out.
    #[error(
        "this is the last device of user {user}, who {}: everything but enrolling would be denied until there is a new one; \
         nothing was changed",
        if *.is_certain { "is guarded" } else { "may be guarded (that could not be read)" }
    )]
    Guarded {
        /// The user.
        user: String,
        /// Whether the guard was seen.
        is_certain: bool,
        /// Whether it is the user that asks, whom `--allow-last` does not help.
        oneself: bool,
    },
    /// It is the only second factor beside a console password, or that cannot be ruled out.
    #[error(
        "this is the last device of user {user}, and the only second factor {}; nothing was changed",
        if *.is_certain { "beside the console password" } else { "beside a console password, if there is one (that could \
        not be read)" }
    )]
    OnlyFactor {
        /// The user.
        user: String,
        /// Whether the password was seen.
        is_certain: bool,
    },
}

impl Refusal {
    /// What to do instead.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Guarded { oneself: true, .. } => {
                "enroll another device first with `portcullis mfa enroll`, or ask an administrator".to_owned()
            }
            Self::Guarded { user, .. } | Self::OnlyFactor { user, .. } => format!(
                "enroll another device first with `portcullis mfa enroll --user {}`, or say --allow-last",
                word(user)
            ),
        }
    }
}

/// What is known of a user whose last device is to go.
#[derive(Debug, Clone, Copy)]
pub struct Last {
    /// As whom the caller acts.
    pub acting: Acting,
    /// Whether the user is guarded.
    pub guarded: Option<bool>,
    /// Whether the user has a console password.
    pub password: Option<bool>,
    /// Whether it was asked for although it is the last.
    pub allowed: bool,
}

/// Why the last device of a user stays, if it does.
///
/// A guarded user would be denied everything but enrolling. What could not be read counts as guarded. An administrator
/// may want that. Users themselves gain nothing by it, whatever they allow: AWS lets them deactivate a device only when
/// they are signed in with MFA (aws-facts 2.10), and who is can enroll the new device first.
#[must_use]
pub fn refusal(user: &str, last: Last) -> Option<Refusal> {
    let user = user.to_owned();
    let oneself = last.acting == Acting::Oneself;
    match (last.guarded, last.password) {
        (Some(true) | None, _) if oneself || !last.allowed => {
            Some(Refusal::Guarded { user, is_certain: last.guarded.is_some(), oneself })
        }
        (Some(false), Some(true) | None) if !last.allowed => {
            Some(Refusal::OnlyFactor { user, is_certain: last.password.is_some() })
        }
        _ => None,
    }
}

/// How far a removal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was changed.
    Untouched,
    /// AWS was asked to take the device from the user.
    Deactivating,
    /// The user no longer has it; it is there still.
    Deactivated,
}

/// Why a device is not gone.
#[derive(Debug)]
pub enum NotRemoved {
    /// Nothing was changed.
    Kept(Trouble),
    /// Whether the user still has it is not known.
    Unsure(Trouble),
    /// The user no longer has it, and it was not deleted.
    Left(Trouble),
}

/// A device on its way out.
pub struct Removal<'a> {
    /// Reads the account.
    pub reader: &'a Reader,
    /// Changes it.
    pub writer: &'a Writer,
    /// The ledger, if there is one.
    pub book: &'a Book,
    /// Whose, and for advice.
    pub situation: Situation<'a>,
    /// What is to go.
    pub target: &'a Target,
    /// How far it has come, for whoever interrupts it.
    pub stage: &'a Cell<Stage>,
}

impl Removal<'_> {
    /// Takes the device from its user and deletes it, if it is a virtual one.
    ///
    /// # Errors
    ///
    /// If it is not gone: how far it has come.
    pub async fn run(&self) -> Result<(), NotRemoved> {
        if self.target.is_owned {
            self.stage.set(Stage::Deactivating);
            self.deactivate().await.inspect_err(|not| {
                if matches!(not, NotRemoved::Kept(_)) {
                    self.stage.set(Stage::Untouched);
                }
            })?;
        }
        if self.target.device.kind != MfaKind::Virtual {
            return Ok(());
        }
        if self.target.is_owned {
            self.stage.set(Stage::Deactivated);
        }
        let left = if self.target.is_owned { NotRemoved::Left } else { NotRemoved::Kept };
        self.delete().await.map_err(left)
    }

    /// What to do next about a failure.
    #[must_use]
    pub fn help(&self, not: &NotRemoved) -> Option<String> {
        match not {
            NotRemoved::Kept(Trouble::Aws(error)) => self.situation.advice(error),
            NotRemoved::Kept(Trouble::Ledger(error)) => error.help().map(str::to_owned),
            NotRemoved::Unsure(_) => Some(self.look()),
            NotRemoved::Left(_) => Some(self.finish()),
        }
    }

    /// How to find out what the user has now.
    #[must_use]
    pub fn look(&self) -> String {
        let (user, removal) = (&self.situation.whose.user, self.command());
        format!("`portcullis mfa status {}` shows it; `{removal}` goes on", word(user))
    }

    /// How to finish what was begun.
    #[must_use]
    pub fn finish(&self) -> String {
        format!("somebody who may delete virtual devices, such as an administrator, finishes it: `{}`", self.command())
    }

    fn command(&self) -> String {
        removal(&self.situation.whose.user, &self.target.device.serial)
    }

    async fn deactivate(&self) -> Result<(), NotRemoved> {
        let (user, serial) = (&self.situation.whose.user, &self.target.device.serial);
        let calls = ["iam:DeactivateMFADevice"];
        let change = Change::new(&self.writer.account().id, serial, "deactivate-mfa-device", &calls);
        let call = Box::pin(self.writer.deactivate_mfa_device(user, serial));
        let before = json!({ "user": user, "serial": serial, "kind": self.target.device.kind });
        let trouble = match self.book.change(&change, before, Value::Null, call).await {
            // It was there right before: an attempt whose answer was lost, or somebody else, took it away.
            Ok(Outcome::Written { .. } | Outcome::NotThere(_)) => return Ok(()),
            Ok(Outcome::AlreadyThere(error)) => Trouble::Aws(error),
            Err(trouble) => trouble,
        };
        match &trouble {
            Trouble::Aws(error) if !error.may_be_done() => Err(NotRemoved::Kept(trouble)),
            Trouble::Aws(_) => match self.is_owned_still().await {
                Ok(false) => Ok(()),
                Ok(true) => Err(NotRemoved::Kept(trouble)),
                Err(_) => Err(NotRemoved::Unsure(trouble)),
            },
            // Before the call or after it: what cannot be written down ends the run.
            Trouble::Ledger(_) => Err(NotRemoved::Unsure(trouble)),
        }
    }

    async fn is_owned_still(&self) -> Result<bool, AwsError> {
        let devices = self.reader.mfa_devices(&self.situation.whose.user).await?;
        Ok(devices.iter().any(|device| device.serial == self.target.device.serial))
    }

    async fn delete(&self) -> Result<(), Trouble> {
        match making::delete(self.writer, self.book, &self.target.device.serial).await? {
            Outcome::Written { .. } | Outcome::NotThere(_) => Ok(()),
            Outcome::AlreadyThere(error) => Err(error.into()),
        }
    }
}

/// What to know about a user whose devices are these, now that one is gone; nothing with two or more that show codes.
#[must_use]
pub fn aftermath(user: &str, left: &[&Device], guarded: bool) -> Option<String> {
    let enroll = format!("`portcullis mfa enroll --user {}`", word(user));
    match left {
        [] if guarded => {
            Some(format!("{user} has no device now, and is denied everything else until there is one: {enroll}"))
        }
        [] => Some(format!("{user} has no device now: {enroll}")),
        left if !left.iter().any(|device| device.shows_codes()) => {
            Some(format!("what is left shows no codes: it opens no session for access keys; {enroll} adds an app"))
        }
        [_] => Some(format!("{user} has one device left, and no way in if it is lost: {enroll}")),
        _ => None,
    }
}

/// Whether the password of a user could be read, and whether there is one (`iam:GetLoginProfile`).
pub async fn has_password(reader: &Reader, user: &str) -> Option<bool> {
    match reader.login_profile(user).await {
        Ok(profile) => Some(profile.is_some()),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests;
