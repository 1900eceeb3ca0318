//! Why a user is not acted on.

use serde::{Deserialize, Serialize};

/// Why a user is held back, in the words of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is who runs this.
    Caller,
    /// It is a break-glass principal.
    BreakGlass,
    /// A waiver is in force for a rule with an action.
    Waived,
    /// A fact that the decision needs could not be read.
    UnknownFact,
    /// Its account was not read completely.
    AccountIncomplete,
    /// Its account is not of those that may be changed.
    AccountNotAllowed,
    /// Its time to enroll has not run out.
    Grace,
    /// An active access key was used within the window.
    KeyInUse,
    /// It has an active service-specific credential, whose last use AWS does not tell.
    ServiceCredential,
    /// It has an active SSH key, whose last use AWS does not tell.
    SshKey,
    /// It must set a new password at the next sign-in, which the guard would deny.
    PasswordReset,
    /// Its password has expired or soon does; the guard would deny to change it.
    PasswordExpiry,
    /// Its boundary, or a deny, keeps it from enrolling a device.
    CannotEnroll,
    /// It could not be shown that the guard denies and allows what it should.
    NotProven,
    /// Another policy already denies it everything without MFA.
    DeniedAlready,
    /// Neither it nor the guard group has room for another policy, or it is in too many groups.
    Quota,
    /// The policy at our ARN has another document.
    Drift,
}

impl Reason {
    /// The word in plans.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::BreakGlass => "break-glass",
            Self::Waived => "waived",
            Self::UnknownFact => "unknown-fact",
            Self::AccountIncomplete => "account-incomplete",
            Self::AccountNotAllowed => "account-not-allowed",
            Self::Grace => "grace",
            Self::KeyInUse => "key-in-use",
            Self::ServiceCredential => "service-credential",
            Self::SshKey => "ssh-key",
            Self::PasswordReset => "password-reset",
            Self::PasswordExpiry => "password-expiry",
            Self::CannotEnroll => "cannot-enroll",
            Self::NotProven => "not-proven",
            Self::DeniedAlready => "denied-already",
            Self::Quota => "quota",
            Self::Drift => "drift",
        }
    }
}
