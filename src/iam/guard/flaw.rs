//! What can be wrong with a guard.

use std::fmt;

use crate::iam::questions::Hole;

/// What is wrong with a guard, or worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Something can be done without MFA.
    Open(Hole),
    /// It denies what it takes to enroll a device, so that whoever it binds never gets in again.
    BlocksEnrollment {
        /// The actions.
        actions: Vec<&'static str>,
    },
    /// It denies callers who signed in with MFA, too.
    DeniesWithMfa {
        /// An action that it denies them.
        action: String,
    },
    /// It denies what services do for a user, even one who signed in with MFA (aws-facts 3.10).
    DeniesServices,
    /// It allows what no caller without MFA should be able to do to a device: whoever has the password could take the
    /// owner's device away.
    AllowsRemoval {
        /// The action.
        action: &'static str,
    },
    /// It does not allow what it takes to enroll a device, and relies on other policies for it.
    GrantsNoEnrollment {
        /// The actions.
        actions: Vec<&'static str>,
    },
    /// It lets users enroll a device, but not those with a path: `user/${aws:username}` is not their ARN (3.16).
    NotForPaths {
        /// The actions.
        actions: Vec<&'static str>,
    },
}

impl Flaw {
    /// Whether it makes the guard wrong; others are worth knowing only.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        match self {
            Self::Open(_) | Self::BlocksEnrollment { .. } | Self::DeniesWithMfa { .. } | Self::AllowsRemoval { .. } => {
                true
            }
            Self::DeniesServices | Self::GrantsNoEnrollment { .. } | Self::NotForPaths { .. } => false,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(hole) => write!(formatter, "left open without MFA: {hole}"),
            Self::BlocksEnrollment { actions } => {
                write!(formatter, "it denies what it takes to enroll a device: {}", actions.join(", "))
            }
            Self::DeniesWithMfa { action } => {
                write!(formatter, "it denies {action} also to who signed in with MFA")
            }
            Self::DeniesServices => formatter.write_str(
                "it denies what services do in the name of a user, even one who signed in with MFA; \
                 `aws:ViaAWSService` `false` in the same block exempts that",
            ),
            Self::AllowsRemoval { action } => {
                write!(formatter, "it allows {action} without MFA: whoever has the password can take the device away")
            }
            Self::GrantsNoEnrollment { actions } => {
                write!(formatter, "it does not allow {}; without another policy nobody can enroll", actions.join(", "))
            }
            Self::NotForPaths { actions } => write!(
                formatter,
                "users with a path cannot enroll: {} on `user/*/${{aws:username}}` is not allowed",
                actions.join(", ")
            ),
        }
    }
}
