//! What can be known of root's devices. No call changes them, and only root can list them (aws-facts 2.4, 2.11).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{As, Credentials, Look, SCHEMA, known};
use crate::aws::{AwsError, Principal, Reader};
use crate::enroll::advice::MOST_DEVICES;
use crate::enroll::devices::{self, Device};
use crate::enroll::guarded::Unread;
use crate::model::{MfaDevice, MfaKind};

/// What is known of root's devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootStatus {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// When it was read.
    pub taken_at: Timestamp,
    /// The account's id.
    pub account: String,
    /// Always `root`.
    pub subject: &'static str,
    /// Root's ARN.
    pub arn: String,
    /// As whom the caller looks.
    pub acting: As,
    /// The caller's ARN.
    pub caller: String,
    /// All devices, which AWS tells root alone.
    pub devices: Option<Vec<Device>>,
    /// How many there are.
    pub device_count: Option<usize>,
    /// How many root may have.
    pub device_limit: usize,
    /// Whether one may be lost without locking root out: there are two.
    pub has_backup: Option<bool>,
    /// Whether root has a device of any kind (`AccountMFAEnabled`).
    pub mfa_enabled: Option<bool>,
    /// The virtual ones among root's devices.
    pub virtual_devices: Option<Vec<Device>>,
    /// Whether root has a password (`AccountPasswordPresent`).
    pub password: Option<bool>,
    /// Whether root has access keys (`AccountAccessKeysPresent`).
    pub access_keys: Option<bool>,
    /// The credentials that look.
    pub credentials: Credentials,
    /// What is `null`, and why.
    pub not_readable: Vec<Unread>,
    /// What to do next, in words.
    pub next: Vec<String>,
}

impl RootStatus {
    /// Reads what there is to know.
    ///
    /// # Errors
    ///
    /// If AWS cannot be reached. What AWS refuses to tell is no error.
    pub async fn read(reader: &Reader, look: Look<'_>) -> Result<Self, AwsError> {
        let mut gaps = Vec::new();
        let is_root = look.caller.principal() == Principal::Root;
        let arn = look.caller.partition.iam_arn(&look.caller.account, "root");
        let devices = if is_root { known(devices::own(reader).await, "devices", &mut gaps)? } else { None };
        if !is_root {
            gaps.push(Unread::because("devices", "AWS tells the devices of root to root alone"));
        }
        let summary = reader.account_summary().await;
        let mut told = |key: &str, what| flag(&summary, key, what, &mut gaps);
        let mfa_enabled = told("AccountMFAEnabled", "mfa_enabled")?;
        let password = told("AccountPasswordPresent", "password")?;
        let access_keys = told("AccountAccessKeysPresent", "access_keys")?;
        let virtual_devices = known(owned_by(reader, &arn).await, "virtual_devices", &mut gaps)?;
        let credentials = Credentials::of(look.session);
        gaps.extend(credentials.unread());
        let count = devices.as_ref().map(Vec::len);
        let mut status = Self {
            schema: SCHEMA,
            taken_at: look.now,
            account: look.caller.account.clone(),
            subject: "root",
            arn,
            acting: if is_root { As::Oneself } else { As::Administrator },
            caller: look.caller.arn.clone(),
            device_count: count,
            device_limit: MOST_DEVICES,
            has_backup: count.map(|count| count > 1),
            devices,
            mfa_enabled,
            virtual_devices,
            password,
            access_keys,
            credentials,
            not_readable: gaps,
            next: Vec::new(),
        };
        status.next = status.steps(look.caller.partition.as_str());
        Ok(status)
    }

    /// Whether what it is all about could be read: whether root has a device.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.devices.is_some() || self.mfa_enabled.is_some()
    }

    /// Whether root has a device; `None` if that is not known.
    #[must_use]
    pub fn has_device(&self) -> Option<bool> {
        let of_list = self.device_count.map(|count| count > 0);
        let has_virtual = self.virtual_devices.as_ref().is_some_and(|devices| !devices.is_empty());
        of_list.or(self.mfa_enabled).or(has_virtual.then_some(true))
    }

    /// Whether root, of a member account, has nothing to sign in with: then there is nothing to protect (aws-facts
    /// 2.19).
    #[must_use]
    pub fn has_no_credentials(&self) -> bool {
        (self.password, self.access_keys, self.has_device()) == (Some(false), Some(false), Some(false))
    }

    /// Whether its only devices are known to be virtual ones; a passkey or a hardware token beside them shows in the
    /// list only.
    fn is_virtual_only(&self) -> bool {
        self.devices
            .as_ref()
            .is_some_and(|devices| !devices.is_empty() && devices.iter().all(|device| device.kind == MfaKind::Virtual))
    }

    fn steps(&self, partition: &str) -> Vec<String> {
        if partition == "aws-us-gov" {
            let text = "root of a GovCloud account cannot sign in to the console: see to its linked standard account";
            return vec![text.to_owned()];
        }
        if self.has_no_credentials() {
            return vec!["root has no credentials to protect: nothing is to be done".to_owned()];
        }
        let mut steps = Vec::new();
        match self.has_device() {
            Some(false) => steps.push("root has no device: assign one in the console".to_owned()),
            None => steps.push("whether root has a device could not be read: look in the console".to_owned()),
            Some(true) if self.device_count == Some(1) => {
                steps.push("one device, and no way in if it is lost: assign a second one in the console".to_owned());
            }
            Some(true) => {}
        }
        if self.is_virtual_only() {
            steps.push("only virtual devices: a passkey or hardware key withstands phishing".to_owned());
        }
        if self.access_keys == Some(true) {
            steps.push("root has access keys, which no MFA protects: delete them".to_owned());
        }
        if !steps.is_empty() {
            steps.extend(CONSOLE.map(str::to_owned));
        }
        steps
    }
}

/// Where the console has it: no call of AWS manages root's devices.
const CONSOLE: [&str; 2] = [
    "no call of AWS changes root's devices: sign in to the console as root, with the e-mail address of the account",
    "then account name (top right) > Security credentials > Multi-factor authentication (MFA) > Assign MFA device",
];

/// An entry of the account's summary.
fn flag(
    summary: &Result<BTreeMap<String, i64>, AwsError>,
    key: &str,
    what: &'static str,
    gaps: &mut Vec<Unread>,
) -> Result<Option<bool>, AwsError> {
    let value = known(summary.as_ref().map_err(Clone::clone), what, gaps)?.map(|summary| summary.get(key));
    if value == Some(None) {
        gaps.push(Unread::because(what, &format!("the account's summary has no {key}")));
    }
    Ok(value.flatten().map(|value| *value > 0))
}

/// The virtual devices of whoever has this ARN. A name tells nothing: root's may have any, and a user's may be called as
/// root's were (aws-facts 2.3).
async fn owned_by(reader: &Reader, arn: &str) -> Result<Vec<Device>, AwsError> {
    let all = reader.virtual_mfa_devices().await?.into_iter();
    let owned = all.filter(|device| device.owner_arn.as_deref() == Some(arn));
    Ok(owned
        .map(|device| {
            Device::from(MfaDevice { serial: device.serial, kind: MfaKind::Virtual, enabled_at: device.enabled_at })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(kind: MfaKind, serial: &str) -> Device {
        Device::from(MfaDevice { serial: serial.to_owned(), kind, enabled_at: None })
    }

    fn root() -> RootStatus {
        RootStatus {
            schema: SCHEMA,
            taken_at: Timestamp::UNIX_EPOCH,
            account: "111122223333".to_owned(),
            subject: "root",
            arn: "arn:aws:iam::111122223333:root".to_owned(),
            acting: As::Administrator,
            caller: String::new(),
            devices: None,
            device_count: None,
            device_limit: 8,
            has_backup: None,
            mfa_enabled: Some(false),
            virtual_devices: Some(Vec::new()),
            password: Some(true),
            access_keys: Some(false),
            credentials: Credentials::of(false),
            not_readable: Vec::new(),
            next: Vec::new(),
        }
    }

    #[test]
    fn root_without_a_device_is_sent_to_the_console() {
        let steps = root().steps("aws");
        assert_eq!(steps[0], "root has no device: assign one in the console");
        assert_eq!(steps[1..], CONSOLE);
        let unread = RootStatus { mfa_enabled: None, ..root() };
        assert!(unread.steps("aws")[0].starts_with("whether root has a device could not be read"));
        assert!(!unread.is_complete() && root().is_complete());
        assert_eq!(root().steps("aws-us-gov").len(), 1);
    }

    #[test]
    fn root_without_credentials_needs_no_device() {
        let bare = RootStatus { password: Some(false), ..root() };
        assert_eq!(bare.steps("aws"), ["root has no credentials to protect: nothing is to be done"]);
        for other in [
            RootStatus { password: None, ..bare.clone() },
            RootStatus { access_keys: None, ..bare.clone() },
            RootStatus { mfa_enabled: None, ..bare.clone() },
        ] {
            assert!(!other.has_no_credentials());
        }
    }

    #[test]
    fn what_is_known_of_the_devices_is_judged_and_no_more() {
        let enabled = RootStatus { mfa_enabled: Some(true), ..root() };
        assert_eq!(enabled.steps("aws"), [""; 0]);
        let virtual_one = vec![device(MfaKind::Virtual, "arn:aws:iam::111122223333:mfa/r")];
        let one = RootStatus {
            device_count: Some(1),
            devices: Some(virtual_one.clone()),
            virtual_devices: Some(virtual_one.clone()),
            ..enabled.clone()
        };
        let steps = one.steps("aws");
        assert!(steps[0].starts_with("one device") && steps[1].starts_with("only virtual devices"), "{steps:?}");
        let keys = RootStatus { access_keys: Some(true), ..enabled };
        assert!(keys.steps("aws")[0].starts_with("root has access keys"));
        let by_owner = RootStatus { mfa_enabled: None, virtual_devices: Some(virtual_one), ..root() };
        assert_eq!(by_owner.has_device(), Some(true));
    }
}
