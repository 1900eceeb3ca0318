//! Accounts and everything that one scan learns about one of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arn::Partition;
use super::fact::Fact;
use super::policy::{Group, ManagedPolicy, Role};
use super::user::{AccessKey, MfaDevice, User};

/// An AWS account as Organizations, or the caller, names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The name in Organizations, else the account alias, else empty.
    pub name: String,
    /// Its partition.
    #[serde(default)]
    pub partition: Partition,
    /// Where it sits: `o-…/r-…/ou-…/…/`, AWS's own form (`aws:PrincipalOrgPaths`); `None` if not known.
    #[serde(default)]
    pub ou_path: Option<String>,
    /// Whether it is the organization's management account; `None` if not known.
    #[serde(default)]
    pub management: Option<bool>,
}

/// How far the reading of an account got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// Every call that was needed succeeded.
    Scanned,
    /// It was entered, but a call failed for good.
    Partial,
    /// It could not be entered.
    Failed,
    /// It was left out on purpose: suspended, closing, or excluded.
    Skipped,
}

impl AccountStatus {
    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scanned => "scanned",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A call that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallGap {
    /// The operation, such as `iam:ListMFADevices`.
    pub operation: String,
    /// AWS's error code, or what kept the call from being answered.
    pub reason: String,
    /// How many calls of this operation failed in this way.
    pub count: u64,
}

/// The account's password policy (`iam:GetAccountPasswordPolicy`).
#[expect(clippy::struct_excessive_bools, reason = "AWS's own answer is these flags")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Whether the account has one of its own; without one IAM's defaults apply.
    pub exists: bool,
    /// Least number of characters; IAM's default is 8.
    pub min_length: i64,
    /// How many earlier passwords may not be used again; 0 if any may.
    pub reuse_prevention: i64,
    /// After how many days a password expires; `None` if never.
    pub max_age_days: Option<i64>,
    /// Whether an upper-case letter is required.
    pub require_uppercase: bool,
    /// Whether a lower-case letter is required.
    pub require_lowercase: bool,
    /// Whether a digit is required.
    pub require_numbers: bool,
    /// Whether another character is required.
    pub require_symbols: bool,
    /// Whether users may change their own password.
    pub allow_users_to_change: bool,
    /// Whether an expired password locks its user out.
    pub hard_expiry: bool,
}

/// The root user's row of the credential report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootCredentials {
    /// Whether root has a password; `None` where the report says `not_supported`.
    pub password_enabled: Option<bool>,
    /// Last sign-in with the password.
    pub password_last_used: Option<Timestamp>,
    /// Access keys, active or not.
    pub access_keys: Vec<AccessKey>,
    /// How many active X.509 signing certificates root has.
    pub signing_certificates: u32,
}

/// What is known of the root user beside the account summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Root's row of the credential report.
    pub credentials: Fact<RootCredentials>,
    /// Virtual devices assigned to root; hardware and passkeys cannot be listed by a normal role.
    pub virtual_devices: Fact<Vec<MfaDevice>>,
}

/// What only the organization's management account (or IAM's delegated administrator) can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The organization's id, `o-…`.
    pub id: Option<String>,
    /// Features of centralised root access that are on: `RootCredentialsManagement`, `RootSessions`.
    pub root_access_features: Fact<Vec<String>>,
}

/// Everything that one scan learned about one account: one line of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Which account.
    pub account: Account,
    /// How far the reading got.
    pub status: AccountStatus,
    /// Why it is not `scanned`, for people.
    pub reason: Option<String>,
    /// Calls that failed for good.
    pub gaps: Vec<CallGap>,
    /// Remarks that are no gap: the credential report was replaced by single calls, and the like.
    pub notices: Vec<String>,
    /// HTTP attempts signed with credentials of this account, retries included.
    pub api_calls: u64,
    /// How many of them AWS throttled.
    pub throttled: u64,
    /// When AWS generated the credential report that was read; up to four hours before the scan.
    pub credential_report_as_of: Option<Timestamp>,
    /// Account aliases (AWS allows one).
    pub aliases: Fact<Vec<String>>,
    /// The `SummaryMap` of `iam:GetAccountSummary`, to the letter.
    pub summary: Fact<BTreeMap<String, i64>>,
    /// The password policy.
    pub password_policy: Fact<PasswordPolicy>,
    /// The root user.
    pub root: Root,
    /// Virtual MFA devices that belong to nobody.
    pub orphan_devices: Fact<Vec<MfaDevice>>,
    /// All users.
    pub users: Fact<Vec<User>>,
    /// All groups.
    pub groups: Fact<Vec<Group>>,
    /// All roles.
    pub roles: Fact<Vec<Role>>,
    /// The account's own managed policies, and AWS's that are in use.
    pub policies: Fact<Vec<ManagedPolicy>>,
    /// The organization, in the account that can tell.
    #[serde(default)]
    pub organization: Option<Organization>,
}

impl AccountFacts {
    /// The ARN of the account's root user.
    #[must_use]
    pub fn root_arn(&self) -> String {
        self.account.partition.iam_arn(&self.account.id, "root")
    }

    /// An account about which nothing was read, for `reason`.
    #[must_use]
    pub fn unread(account: Account, status: AccountStatus, reason: &str) -> Self {
        use super::fact::Gap;
        let gap = Gap::failed("sts:AssumeRole", reason);
        Self {
            account,
            status,
            reason: Some(reason.to_owned()),
            gaps: Vec::new(),
            notices: Vec::new(),
            api_calls: 0,
            throttled: 0,
            credential_report_as_of: None,
            aliases: Fact::Unknown(gap.clone()),
            summary: Fact::Unknown(gap.clone()),
            password_policy: Fact::Unknown(gap.clone()),
            root: Root { credentials: Fact::Unknown(gap.clone()), virtual_devices: Fact::Unknown(gap.clone()) },
            orphan_devices: Fact::Unknown(gap.clone()),
            users: Fact::Unknown(gap.clone()),
            groups: Fact::Unknown(gap.clone()),
            roles: Fact::Unknown(gap.clone()),
            policies: Fact::Unknown(gap),
            organization: None,
        }
    }
}
