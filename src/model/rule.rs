//! The words that rules and findings share: severity, target, mode.

use serde::{Deserialize, Serialize};

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// Hygiene.
    Low,
    /// Should be mended in the normal course of work.
    Medium,
    /// A single mistake away from a breach.
    High,
    /// Mend it today.
    Critical,
}

impl Severity {
    /// All of them, least first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in rules and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

/// What a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The account as a whole: password policy, organization, devices that belong to nobody.
    Account,
    /// The root user.
    Root,
    /// Each IAM user.
    User,
    /// Each group.
    Group,
    /// Each role.
    Role,
    /// Each managed policy that the account owns or uses.
    Policy,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Account, Self::Root, Self::User, Self::Group, Self::Role, Self::Policy];

    /// The name in rules and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Root => "root",
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
        }
    }

    /// The target called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == name)
    }
}

/// What a failure of a rule may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Reported, never counted for the exit status.
    Audit,
    /// Reported and counted.
    Warn,
    /// Reported, counted, and `enforce plan` may act on it.
    Enforce,
}

impl Mode {
    /// What results of an older version mean, which do not say it.
    pub(super) const fn warn() -> Self {
        Self::Warn
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Audit, Self::Warn, Self::Enforce];

    /// The name in rules and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }

    /// The mode called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}
