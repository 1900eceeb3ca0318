//! A virtual device from its making to its user, or out of the world again.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::devices;
use super::record::{Book, Trouble};
use super::seed::Seed;
use super::whose::Whose;
use crate::aws::{AwsError, ErrorKind, Outcome, Reader, Writer};
use crate::journal::Change;

/// How many names of one minute there are, the last ending in `-9` (see [`made_at`]): runs of the same minute want the
/// same one.
const NAMES: usize = 9;

/// How long a device that AWS enabled may take to show in the list of its user (8 to 14 s were seen, aws-facts 2.13).
const PATIENCE: Duration = Duration::from_secs(30);

/// Longer than anybody takes for a try.
const A_TRY: SignedDuration = SignedDuration::from_mins(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// A virtual device that this run made and that nobody has yet.
#[derive(Debug)]
pub struct Fresh {
    /// Its serial number, an ARN.
    pub serial: String,
    /// What it shares with AWS.
    pub seed: Seed,
}

/// Why no device was made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// AWS refused, or the ledger could not be written.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// AWS may have made it, and its secret is lost with the answer: it is of no use, and is to be discarded.
    #[error("{error}")]
    Unsure {
        /// Its serial number.
        serial: String,
        /// What happened.
        error: AwsError,
    },
    /// There are devices of all names that this minute has; the first of them.
    #[error("all names of this minute are taken: {0} and {last} more", last = NAMES - 1)]
    NoName(String),
    /// There is one of that name, and somebody has it.
    #[error("the device {serial} exists, and {owner} has it")]
    Taken {
        /// Its serial number.
        serial: String,
        /// Who.
        owner: String,
    },
    /// There is one of that name that nobody has, and it could not be deleted.
    #[error("the device {serial} is left over from an earlier try, and could not be deleted ({why})")]
    InTheWay {
        /// Its serial number.
        serial: String,
        /// Why not.
        why: String,
    },
}

/// What remains of a device that was not enabled.
#[derive(Debug)]
pub enum Remains {
    /// Nothing: it was deleted.
    Deleted,
    /// Nothing: it is not there.
    Nothing,
    /// It was enabled after all: the user has it.
    Enabled,
    /// The device, which nobody has.
    Device(Trouble),
}

/// Makes and unmakes devices, and writes it down.
#[derive(Clone, Copy)]
pub struct Maker<'a> {
    /// Reads the account.
    pub reader: &'a Reader,
    /// Changes it.
    pub writer: &'a Writer,
    /// The ledger, if there is one.
    pub book: &'a Book,
    /// For whom.
    pub whose: &'a Whose,
}

/// The name of a device that is made now: `USER-20261124-0930`, in UTC, so that no leftover is in its way.
#[must_use]
pub fn name_of_now(user: &str, now: Timestamp) -> String {
    format!("{user}-{}", now.strftime("%Y%m%d-%H%M"))
}

/// When a device was made that is called as [`name_of_now`] calls those of this user; `None` if it is called otherwise.
#[must_use]
pub fn made_at(name: &str, user: &str) -> Option<Timestamp> {
    let moment = name.strip_prefix(user)?.strip_prefix('-')?;
    let (minute, again) = moment.split_at_checked("20261124-0930".len())?;
    let is_again = again.is_empty() || matches!(again.as_bytes(), [b'-', digit] if digit.is_ascii_digit());
    let minute = DateTime::strptime("%Y%m%d-%H%M", minute).ok().filter(|_| is_again)?;
    TimeZone::UTC.to_timestamp(minute).ok()
}

/// What became of a device that an earlier try left over.
#[derive(Debug)]
pub struct Swept {
    /// Its serial number.
    pub serial: String,
    /// Why it was not deleted; `None` if it was.
    pub why_not: Option<Trouble>,
}

impl Maker<'_> {
    /// Makes a device: with the name that was asked for, replacing one of that name that nobody has, or with one of its
    /// own.
    ///
    /// # Errors
    ///
    /// If there is one of that name already, AWS refuses, or the ledger cannot be written.
    pub async fn make(&self, name: Option<&str>, now: Timestamp) -> Result<Fresh, NotMade> {
        if let Some(name) = name {
            return match self.create(name).await? {
                Ok(fresh) => Ok(fresh),
                Err(error) => self.replace(name, error).await,
            };
        }
        let base = name_of_now(&self.whose.user, now);
        for again in 1..=NAMES {
            let name = if again == 1 { base.clone() } else { format!("{base}-{again}") };
            if let Ok(fresh) = self.create(&name).await? {
                return Ok(fresh);
            }
        }
        Err(NotMade::NoName(base))
    }

    /// Deletes the devices that earlier tries for this user left over: unassigned, and made by this program longer ago
    /// than a try takes. What cannot be listed is not looked for.
    pub async fn sweep(&self, now: Timestamp) -> Vec<Swept> {
        let Ok(all) = Box::pin(self.reader.virtual_mfa_devices()).await else { return Vec::new() };
        let user = &self.whose.user;
        let is_old = |made: Timestamp| now.duration_since(made) > A_TRY;
        let left = all.into_iter().filter(|device| !device.is_assigned()).map(|device| device.serial);
        let mut swept = Vec::new();
        for serial in left.filter(|serial| made_at(devices::name(serial), user).is_some_and(is_old)) {
            let why_not = self.delete(&serial).await.err();
            swept.push(Swept { serial, why_not });
        }
        swept
    }

    /// Takes a device out of the world again that was not enabled, or may not have been.
    pub async fn discard(&self, serial: &str) -> Remains {
        // One that is enabled must not be lost: AWS refuses to delete it, and is not the only one to look.
        match Box::pin(self.reader.mfa_devices(&self.whose.user)).await {
            Ok(devices) if devices.iter().any(|device| device.serial == serial) => return Remains::Enabled,
            Ok(_) | Err(_) => {}
        }
        match self.delete(serial).await {
            Ok(Outcome::Written { .. }) => Remains::Deleted,
            Ok(Outcome::NotThere(_)) => Remains::Nothing,
            Ok(Outcome::AlreadyThere(error)) => Remains::Device(error.into()),
            Err(Trouble::Aws(error)) if error.kind() == ErrorKind::InUse => Remains::Enabled,
            Err(trouble) => Remains::Device(trouble),
        }
    }

    /// Waits until AWS lists the device as the user's. Whether it does.
    ///
    /// # Errors
    ///
    /// If the devices cannot be listed.
    pub async fn is_listed(&self, serial: &str) -> Result<bool, AwsError> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let devices = Box::pin(self.reader.mfa_devices(&self.whose.user)).await?;
            if devices.iter().any(|device| device.serial == serial) {
                return Ok(true);
            }
            if tokio::time::Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Creates a device; the inner error says that there is one of that name.
    async fn create(&self, name: &str) -> Result<Result<Fresh, AwsError>, NotMade> {
        let serial = self.serial(name);
        let calls = ["iam:CreateVirtualMFADevice"];
        let change = Change::new(&self.writer.account().id, &serial, "create-virtual-mfa-device", &calls);
        let call = Box::pin(self.writer.create_virtual_mfa_device(name));
        match self.book.change(&change, Value::Null, json!({ "serial": serial }), call).await {
            Ok(Outcome::Written { made, .. }) => Ok(Ok(Fresh { serial: made.serial, seed: Seed::of_aws(made.seed) })),
            Ok(Outcome::AlreadyThere(error)) => Ok(Err(error)),
            Ok(Outcome::NotThere(error)) => Err(Trouble::from(error).into()),
            Err(Trouble::Aws(error)) if error.may_be_done() => Err(NotMade::Unsure { serial, error }),
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Makes a device in the place of one of the same name, if nobody has that.
    async fn replace(&self, name: &str, error: AwsError) -> Result<Fresh, NotMade> {
        let serial = self.serial(name);
        let existing = Box::pin(self.reader.virtual_mfa_devices()).await;
        let existing = existing.ok().and_then(|all| all.into_iter().find(|device| device.serial == serial));
        if let Some(device) = existing.filter(crate::aws::answers::VirtualDevice::is_assigned) {
            let owner = device.owner_name.or(device.owner_arn).unwrap_or_else(|| "somebody".to_owned());
            return Err(NotMade::Taken { serial, owner });
        }
        match self.delete(&serial).await {
            Ok(_) => {}
            Err(Trouble::Aws(error)) if error.kind() == ErrorKind::InUse => {
                return Err(NotMade::Taken { serial, owner: "somebody".to_owned() });
            }
            Err(Trouble::Aws(error)) => return Err(NotMade::InTheWay { serial, why: error.reason() }),
            Err(trouble) => return Err(trouble.into()),
        }
        match self.create(name).await? {
            Ok(fresh) => Ok(fresh),
            Err(_) => Err(Trouble::from(error).into()),
        }
    }

    async fn delete(&self, serial: &str) -> Result<Outcome, Trouble> {
        delete(self.writer, self.book, serial).await
    }

    fn serial(&self, name: &str) -> String {
        let account = self.writer.account();
        account.partition.iam_arn(&account.id, &format!("mfa/{name}"))
    }
}

/// Deletes a virtual device that nobody has.
pub(super) async fn delete(writer: &Writer, book: &Book, serial: &str) -> Result<Outcome, Trouble> {
    let calls = ["iam:DeleteVirtualMFADevice"];
    let change = Change::new(&writer.account().id, serial, "delete-virtual-mfa-device", &calls);
    let call = Box::pin(writer.delete_virtual_mfa_device(serial));
    book.change(&change, json!({ "serial": serial }), Value::Null, call).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_minute_and_recognised() {
        let now: Timestamp = "2026-11-24T09:30:59Z".parse().unwrap();
        assert_eq!(name_of_now("kim", now), "kim-20261124-0930");
        let minute: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
        for name in ["kim-20261124-0930", "kim-20261124-0930-2"] {
            assert_eq!(made_at(name, "kim"), Some(minute), "{name}");
        }
        for name in ["kim", "kim-", "kim-phone", "kim-x-20261124-0930", "kimi-20261124-0930", "kim-20261124-093"] {
            assert_eq!(made_at(name, "kim"), None, "{name}");
        }
        assert_eq!(made_at("kim-20261399-0930", "kim"), None, "no date");
        assert_eq!(made_at("ana-maria-20261124-0930", "ana"), None, "another user's");
    }
}
