//! The devices of a user as they are at this moment, and which of them is meant.

use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;

use crate::aws::{AwsError, Reader};
use crate::model::untrusted::Untrusted;
use crate::model::{MfaDevice, MfaKind};

/// A device that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What `mfa` commands take as `--serial`: an ARN, or the serial printed on a hardware token.
    pub serial: String,
    /// Its kind.
    pub kind: MfaKind,
    /// What people call it: the last part of its ARN, or its serial.
    pub name: String,
    /// When it was enabled, where AWS says.
    pub enabled_at: Option<Timestamp>,
}

impl Device {
    /// Whether it shows codes of six digits: then it can be resynchronised, and open sessions for access keys.
    #[must_use]
    pub const fn shows_codes(&self) -> bool {
        matches!(self.kind, MfaKind::Virtual | MfaKind::HardwareTotp)
    }

    /// Name and serial for a message; not made safe to show.
    fn told(&self) -> String {
        if self.name == self.serial { self.name.clone() } else { format!("{} ({})", self.name, self.serial) }
    }
}

impl From<MfaDevice> for Device {
    fn from(device: MfaDevice) -> Self {
        let MfaDevice { serial, kind, enabled_at } = device;
        Self { name: name(&serial).to_owned(), serial, kind, enabled_at }
    }
}

/// A virtual device that nobody has: of a try to enroll that was not finished, or deactivated and not deleted
/// (aws-facts 2.8, 3.14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOver {
    /// Its serial number, an ARN.
    pub serial: String,
    /// Its name.
    pub name: String,
    /// The command by which somebody who may can delete it.
    pub delete_command: String,
}

/// Why it is not known which device is meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotChosen {
    /// The user has none.
    #[error("user {0} has no MFA device")]
    None(String),
    /// The user has some, and none of them shows codes.
    #[error(
        "user {0} has no device that shows codes; passkeys and security keys have none, and never fall out of step"
    )]
    NoCodes(String),
    /// The user has several.
    #[error("user {user} has {}: {}", several(devices), listed(devices))]
    Several {
        /// The user.
        user: String,
        /// Those that can be meant.
        devices: Vec<Device>,
    },
    /// The user has no such device.
    #[error("user {user} has no device with the serial number {serial}")]
    Unknown {
        /// The user.
        user: String,
        /// What was asked for.
        serial: String,
    },
    /// The device that was named shows no codes.
    #[error("the device {0} is a passkey or security key: it shows no codes, and never falls out of step")]
    Codeless(String),
}

impl NotChosen {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::None(user) | Self::NoCodes(user) => {
                format!("`portcullis mfa enroll --user {}` gives the user one", word(user))
            }
            Self::Several { .. } => "say which with --serial".to_owned(),
            Self::Unknown { user, .. } => {
                format!("`portcullis mfa status {}` shows the serial numbers", word(user))
            }
            Self::Codeless(_) => {
                "if it is not taken at sign-in, remove it and enroll it again in the console".to_owned()
            }
        }
    }
}

/// The devices of a user, the oldest first (`iam:ListMFADevices`).
///
/// # Errors
///
/// If they cannot be read, or there is no such user.
pub async fn of_user(reader: &Reader, user: &str) -> Result<Vec<Device>, AwsError> {
    Ok(by_age(reader.mfa_devices(user).await?))
}

/// The devices of whoever signs, the oldest first: for root the only way.
///
/// # Errors
///
/// If they cannot be read.
pub async fn own(reader: &Reader) -> Result<Vec<Device>, AwsError> {
    Ok(by_age(reader.own_mfa_devices().await?))
}

/// The virtual devices that nobody has and that are called as if they were the user's (`iam:ListVirtualMFADevices`).
///
/// # Errors
///
/// If they cannot be read.
pub async fn left_over(reader: &Reader, user: &str) -> Result<Vec<LeftOver>, AwsError> {
    let all = reader.virtual_mfa_devices().await?.into_iter();
    let mut found: Vec<LeftOver> = all
        .filter(|device| !device.is_assigned() && is_called_after(name(&device.serial), user))
        .map(|device| LeftOver {
            name: name(&device.serial).to_owned(),
            delete_command: removal(user, &device.serial),
            serial: device.serial,
        })
        .collect();
    found.sort_by(|one, other| one.serial.cmp(&other.serial));
    Ok(found)
}

/// The device that is meant: the one with the serial number, or the only one.
///
/// # Errors
///
/// If there is none, or more than one.
pub fn choose<'d>(devices: &'d [Device], user: &str, serial: Option<&str>) -> Result<&'d Device, NotChosen> {
    let user = user.to_owned();
    match (serial, devices) {
        (Some(serial), _) => devices
            .iter()
            .find(|device| device.serial == serial)
            .ok_or_else(|| NotChosen::Unknown { user, serial: serial.to_owned() }),
        (None, []) => Err(NotChosen::None(user)),
        (None, [device]) => Ok(device),
        (None, devices) => Err(NotChosen::Several { user, devices: devices.to_vec() }),
    }
}

/// The device that is meant, of those that show codes.
///
/// # Errors
///
/// If there is none, or more than one, or the one that was named shows none.
pub fn choose_with_codes(devices: &[Device], user: &str, serial: Option<&str>) -> Result<Device, NotChosen> {
    if serial.is_some() {
        let device = choose(devices, user, serial)?;
        let is_codeless = matches!(device.kind, MfaKind::Passkey);
        return if is_codeless { Err(NotChosen::Codeless(device.name.clone())) } else { Ok(device.clone()) };
    }
    let with_codes: Vec<Device> = devices.iter().filter(|device| device.shows_codes()).cloned().collect();
    if with_codes.is_empty() && !devices.is_empty() {
        return Err(NotChosen::NoCodes(user.to_owned()));
    }
    choose(&with_codes, user, None).cloned()
}

/// The name of a device: the last part of its ARN, or its serial.
#[must_use]
pub fn name(serial: &str) -> &str {
    if !serial.starts_with("arn:") {
        return serial;
    }
    let name = serial.rsplit('/').next().unwrap_or(serial);
    if name.is_empty() { serial } else { name }
}

/// Whether a device is called as a user's are: by the user's name, as in AWS's old policies, or with it before a hyphen,
/// as `mfa enroll` and many people do.
fn is_called_after(name: &str, user: &str) -> bool {
    name.strip_prefix(user).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The command that takes a device away, or deletes one that nobody has.
#[must_use]
pub fn removal(user: &str, serial: &str) -> String {
    format!("portcullis mfa remove --user {} --serial {}", word(user), word(serial))
}

/// `text` as one word of a shell, safe to show: in quotes where it holds what IAM's names and ARNs cannot.
#[must_use]
pub fn word(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_+=,.@:/-".contains(char);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", Untrusted(&text.replace('\'', r"'\''")))
}

fn by_age(devices: Vec<MfaDevice>) -> Vec<Device> {
    let mut devices: Vec<Device> = devices.into_iter().map(Device::from).collect();
    devices.sort_by(|one, other| (one.enabled_at, &one.serial).cmp(&(other.enabled_at, &other.serial)));
    devices
}

fn several(devices: &[Device]) -> String {
    let kind = if devices.iter().all(Device::shows_codes) { "devices that show codes" } else { "devices" };
    format!("{} {kind}", devices.len())
}

fn listed(devices: &[Device]) -> String {
    devices.iter().map(Device::told).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(serial: &str) -> Device {
        Device::from(MfaDevice { serial: serial.to_owned(), kind: MfaKind::of_serial(serial), enabled_at: None })
    }

    const APP: &str = "arn:aws:iam::111122223333:mfa/phones/kim-20261124-0930";
    const KEY: &str = "arn:aws:iam::111122223333:u2f/user/kim/yubi-ABCDEF";
    const TOKEN: &str = "GAHT12345678";

    #[test]
    fn names_are_the_ends_of_serial_numbers() {
        let names: Vec<String> = [APP, KEY, TOKEN, "arn:"].map(|serial| device(serial).name).into();
        assert_eq!(names, ["kim-20261124-0930", "yubi-ABCDEF", TOKEN, "arn:"]);
        assert_eq!(name("arn:aws:iam::1:mfa/"), "arn:aws:iam::1:mfa/");
    }

    #[test]
    fn the_only_device_is_meant_and_of_several_the_one_with_the_serial_number() {
        let (app, key, token) = (device(APP), device(KEY), device(TOKEN));
        assert_eq!(choose(&[], "kim", None), Err(NotChosen::None("kim".to_owned())));
        assert_eq!(choose(std::slice::from_ref(&key), "kim", None), Ok(&key));
        let all = [app.clone(), key.clone(), token.clone()];
        assert_eq!(choose(&all, "kim", Some(TOKEN)), Ok(&token));
        let several = choose(&all, "kim", None).unwrap_err();
        assert_eq!(
            several.to_string(),
            format!("user kim has 3 devices: kim-20261124-0930 ({APP}), yubi-ABCDEF ({KEY}), {TOKEN}")
        );
        assert_eq!(
            choose(&all, "kim", Some("x")).unwrap_err().help(),
            "`portcullis mfa status kim` shows the serial numbers"
        );
    }

    #[test]
    fn passkeys_have_no_codes() {
        let (app, key, token) = (device(APP), device(KEY), device(TOKEN));
        let with_codes = |devices: &[Device], serial| choose_with_codes(devices, "kim", serial);
        assert_eq!(with_codes(&[key.clone(), app.clone()], None), Ok(app.clone()));
        assert_eq!(with_codes(std::slice::from_ref(&key), None), Err(NotChosen::NoCodes("kim".to_owned())));
        assert_eq!(with_codes(&[], None), Err(NotChosen::None("kim".to_owned())));
        assert_eq!(with_codes(&[key.clone(), app.clone()], Some(KEY)), Err(NotChosen::Codeless(key.name.clone())));
        let several = with_codes(&[key, app, token], None).unwrap_err().to_string();
        assert!(several.starts_with("user kim has 2 devices that show codes: ") && !several.contains(KEY), "{several}");
    }

    #[test]
    fn leftovers_are_called_after_the_user() {
        for (name, is) in [("kim", true), ("kim-20261124-0930", true), ("kim-phone", true), ("kimberly", false)] {
            assert_eq!(is_called_after(name, "kim"), is, "{name}");
        }
    }

    #[test]
    fn commands_can_be_pasted() {
        assert_eq!(removal("k.im@x", APP), format!("portcullis mfa remove --user k.im@x --serial {APP}"));
        assert_eq!([word("a'b"), word(""), word("-x"), word("a;b\u{1b}")], [r"'a'\''b'", "''", "'-x'", r"'a;b\u{1b}'"]);
    }
}
