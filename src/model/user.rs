//! IAM users and what they sign in with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fact::Fact;
use super::policy::{AttachedPolicy, InlinePolicy, Tag};

/// The kind of an MFA device, told by its serial number (IAM has no field for it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MfaKind {
    /// A serial number of a form that AWS does not document.
    Unknown,
    /// Text messages: no longer offered by AWS.
    Sms,
    /// An authenticator app.
    Virtual,
    /// A hardware token that shows six digits.
    HardwareTotp,
    /// A FIDO2 security key or passkey: the only kind that resists phishing.
    Passkey,
}

impl MfaKind {
    /// The kind that a serial number of `iam:ListMFADevices` or `iam:ListVirtualMFADevices` tells.
    ///
    /// Virtual devices are `arn:P:iam::ID:mfa/NAME`, passkeys `arn:P:iam::ID:u2f/user/USER/NAME-ID`, text messages
    /// `…:sms-mfa/…`, and hardware tokens plain serials such as `GAHT12345678` (IAM User Guide, `MFADevice`).
    #[must_use]
    pub fn of_serial(serial: &str) -> Self {
        let Some(rest) = serial.strip_prefix("arn:") else {
            return if serial.is_empty() || serial.contains([':', '/']) { Self::Unknown } else { Self::HardwareTotp };
        };
        match rest.splitn(5, ':').nth(4) {
            Some(resource) if resource.starts_with("mfa/") => Self::Virtual,
            Some(resource) if resource.starts_with("u2f/") => Self::Passkey,
            Some(resource) if resource.starts_with("sms-mfa/") => Self::Sms,
            _ => Self::Unknown,
        }
    }

    /// The name in rules and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Sms => "sms",
            Self::Virtual => "virtual",
            Self::HardwareTotp => "hardware-totp",
            Self::Passkey => "passkey",
        }
    }
}

/// An MFA device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Its serial number: an ARN, or the serial printed on a hardware token.
    pub serial: String,
    /// Its kind.
    pub kind: MfaKind,
    /// When it was enabled for its user, where AWS says.
    pub enabled_at: Option<Timestamp>,
}

/// A console password (never the password itself).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Last sign-in; `None` if never since AWS began to record it (2014-10-20).
    pub last_used: Option<Timestamp>,
    /// When it was set.
    pub last_changed: Option<Timestamp>,
    /// When it expires, under a password policy with expiry.
    pub next_rotation: Option<Timestamp>,
}

/// A long-term access key (never its secret).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id; `None` from the credential report, which does not tell it.
    pub id: Option<String>,
    /// Whether it can sign requests.
    pub active: bool,
    /// When it was created; the credential report calls it `last_rotated`.
    pub created: Option<Timestamp>,
    /// Last use; `None` if never since AWS began to record it (2015-04-22).
    pub last_used: Option<Timestamp>,
    /// The service of the last use.
    pub last_used_service: Option<String>,
    /// The region of the last use; `None` also for services without regions.
    pub last_used_region: Option<String>,
}

/// What a user may do, as `iam:GetAccountAuthorizationDetails` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// Names of the groups the user is in.
    pub groups: Vec<String>,
    /// Managed policies attached to the user.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Policies embedded in the user.
    pub inline_policies: Vec<InlinePolicy>,
    /// ARN of the user's permissions boundary.
    pub permissions_boundary: Option<String>,
    /// The user's tags.
    pub tags: Vec<Tag>,
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The ARN, which has the path in it.
    pub arn: String,
    /// The friendly name, in AWS's own spelling.
    pub name: String,
    /// The path, `/` if none was chosen.
    pub path: String,
    /// The unique id, `AIDA…`.
    pub id: Option<String>,
    /// When the user was created.
    pub created: Option<Timestamp>,
    /// Whether the user can sign in to the console with a password.
    pub console_access: Fact<bool>,
    /// Use and age of the password; meaningless without one.
    pub password: Fact<Password>,
    /// Access keys, active or not.
    pub access_keys: Fact<Vec<AccessKey>>,
    /// How many active X.509 signing certificates the user has.
    pub signing_certificates: Fact<u32>,
    /// MFA devices enabled for the user.
    pub mfa_devices: Fact<Vec<MfaDevice>>,
    /// Groups, policies, boundary and tags.
    pub authorization: Fact<Authorization>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_tell_the_kind() {
        let cases = [
            ("arn:aws:iam::111122223333:mfa/alice", MfaKind::Virtual),
            ("arn:aws-cn:iam::111122223333:mfa/team/alice", MfaKind::Virtual),
            ("arn:aws:iam::111122223333:u2f/user/alice/yubi-ABC", MfaKind::Passkey),
            ("arn:aws:iam::111122223333:u2f/root/key-1", MfaKind::Passkey),
            ("arn:aws:iam::111122223333:sms-mfa/alice", MfaKind::Sms),
            ("GAHT12345678", MfaKind::HardwareTotp),
            ("arn:aws:iam::111122223333:other/x", MfaKind::Unknown),
            ("", MfaKind::Unknown),
        ];
        for (serial, kind) in cases {
            assert_eq!(MfaKind::of_serial(serial), kind, "{serial}");
        }
    }
}
