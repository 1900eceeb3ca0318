//! What to do when AWS refuses something about a device (aws-facts 2.5 to 2.10, 2.13, 3.14).

use super::whose::{Acting, Whose};
use crate::aws::{AwsError, ErrorKind, Operation};

/// The most devices that a user may have (IAM User Guide, quotas).
pub const MOST_DEVICES: usize = 8;

/// What matters for advice, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// For whom, as whom.
    pub whose: &'a Whose,
    /// How many devices the user has.
    pub devices: usize,
    /// Whether the caller's credentials are those of a session.
    pub session: bool,
}

impl Situation<'_> {
    /// What to do about the failure of a call; `None` where the error says it itself.
    #[must_use]
    pub fn advice(&self, error: &AwsError) -> Option<String> {
        use Operation::{
            CreateVirtualMfaDevice, DeactivateMfaDevice, EnableMfaDevice, GetSessionToken, ResyncMfaDevice,
        };
        let (user, operation) = (&self.whose.user, error.operation()?);
        let advice = match (operation, error.kind()) {
            (_, ErrorKind::Denied | ErrorKind::NoCredentials) if self.is_barred_session() => {
                "these are the credentials of a session, and a session opened without MFA may call nothing of IAM: use the \
                 user's long-term access key, or assign the device in the console under \"Security credentials\""
                    .to_owned()
            }
            (GetSessionToken, ErrorKind::Denied) => unused_code(),
            (EnableMfaDevice | DeactivateMfaDevice, ErrorKind::Denied) if self.needs_mfa() => format!(
                "a user who has a device may add or remove own devices only when signed in with MFA: run `portcullis mfa \
                 session` and use what it opens, do it in the console, or ask an administrator to run this with --user {user}"
            ),
            (_, ErrorKind::Denied) if self.whose.acting == Acting::Oneself => {
                let action = operation.name();
                format!("your policies do not let you call {action}; ask an administrator to run this with --user {user}")
            }
            (_, ErrorKind::Denied) => {
                format!("you need {} on user {user} and on the device", operation.name())
            }
            (CreateVirtualMfaDevice, ErrorKind::Limit) => {
                "the account has as many virtual devices as it may: an administrator can delete those that nobody has, or ask \
                 AWS for a higher quota"
                    .to_owned()
            }
            (EnableMfaDevice, ErrorKind::Limit) => format!(
                "a user may have {MOST_DEVICES} devices: see `portcullis mfa status {user}`, and take one away with \
                 `portcullis mfa remove --user {user} --serial SERIAL`"
            ),
            (EnableMfaDevice | ResyncMfaDevice, ErrorKind::InvalidCode) => {
                "the codes were wrong, already used, or too old: wait for a new code, give it and the one after it in that \
                 order, and see that the clock of the device is right"
                    .to_owned()
            }
            (EnableMfaDevice, ErrorKind::AlreadyExists) => {
                format!("somebody has this device already: see `portcullis mfa status {user}`, or enroll another")
            }
            (EnableMfaDevice, ErrorKind::NotFound) => {
                format!("see that user {user} is spelled rightly, and that the serial number is that of the device")
            }
            (ResyncMfaDevice | DeactivateMfaDevice, ErrorKind::NotFound) => {
                format!("user {user} has no such device: `portcullis mfa status {user}` shows the serial numbers")
            }
            (_, ErrorKind::Busy) => "AWS is changing this user at the moment: run this again in a minute".to_owned(),
            _ => return None,
        };
        Some(advice)
    }

    /// Whether it may be a session without MFA, of the user itself.
    fn is_barred_session(&self) -> bool {
        self.session && self.whose.acting == Acting::Oneself
    }

    /// Whether AWS itself asks for MFA: of users who have a device and change their own.
    fn needs_mfa(&self) -> bool {
        self.whose.acting == Acting::Oneself && self.devices > 0
    }
}

/// What to do when STS takes no code.
#[must_use]
pub fn unused_code() -> String {
    "a code is good for one sign-in, and STS takes it only within a minute: wait for the next code; if several are refused, \
     the clock of the device is off: run `portcullis mfa resync`"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(acting: Acting, devices: usize, session: bool, operation: Operation, code: &str) -> Option<String> {
        let whose = Whose { user: "kim".to_owned(), acting };
        let error = AwsError::of_test(code).of_operation(operation);
        Situation { whose: &whose, devices, session }.advice(&error)
    }

    #[test]
    fn who_is_refused_is_told_what_lets_them_on() {
        use Acting::{Administrator, Oneself};
        use Operation::{
            CreateVirtualMfaDevice, DeactivateMfaDevice, EnableMfaDevice, GetSessionToken, ListMfaDevices,
        };
        let denied = |acting, devices, session, operation| {
            advice(acting, devices, session, operation, "AccessDenied").expect("some")
        };
        assert!(denied(Oneself, 1, false, EnableMfaDevice).contains("only when signed in with MFA"));
        assert!(denied(Oneself, 1, false, DeactivateMfaDevice).contains("`portcullis mfa session`"));
        assert!(denied(Oneself, 0, false, EnableMfaDevice).contains("administrator to run this with --user kim"));
        assert!(denied(Oneself, 1, false, CreateVirtualMfaDevice).contains("iam:CreateVirtualMFADevice"));
        assert!(denied(Oneself, 0, true, ListMfaDevices).contains("long-term access key"));
        assert!(denied(Administrator, 1, true, EnableMfaDevice).contains("you need iam:EnableMFADevice on user kim"));
        assert!(denied(Oneself, 1, false, GetSessionToken).contains("wait for the next code"));
        let unknown = advice(Oneself, 0, true, ListMfaDevices, "InvalidClientTokenId").expect("some");
        assert!(unknown.contains("may call nothing of IAM"));
        assert_eq!(advice(Oneself, 0, false, ListMfaDevices, "InvalidClientTokenId"), None);
    }

    #[test]
    fn each_error_of_a_device_has_its_own_advice() {
        use Operation::{CreateVirtualMfaDevice, EnableMfaDevice, ListMfaDevices, ResyncMfaDevice};
        let advice = |operation, code| advice(Acting::Oneself, 0, false, operation, code).expect("some");
        for (operation, code, part) in [
            (EnableMfaDevice, "InvalidAuthenticationCode", "already used"),
            (ResyncMfaDevice, "InvalidAuthenticationCode", "clock of the device"),
            (EnableMfaDevice, "LimitExceeded", "8 devices"),
            (CreateVirtualMfaDevice, "LimitExceeded", "higher quota"),
            (EnableMfaDevice, "EntityAlreadyExists", "somebody has this device"),
            (EnableMfaDevice, "NoSuchEntity", "spelled rightly"),
            (ResyncMfaDevice, "NoSuchEntity", "user kim has no such device"),
            (EnableMfaDevice, "EntityTemporarilyUnmodifiable", "in a minute"),
            (EnableMfaDevice, "ConcurrentModification", "in a minute"),
        ] {
            assert!(advice(operation, code).contains(part), "{operation:?} {code}");
        }
        assert_eq!(super::tests::advice(Acting::Oneself, 0, false, ListMfaDevices, "Throttling"), None);
    }
}
