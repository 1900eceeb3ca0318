//! What single calls answer, where the model has no noun of its own for it.
//!
//! Plain data without SDK types. Times are UTC. Uses `crate::model`.

mod simulation;

use jiff::Timestamp;

use crate::model::{Authorization, Group, ManagedPolicy, Role, Tag};

pub use simulation::{ContextType, ContextValue, Decision, MatchedStatement, Simulated, Simulation};

/// How far `iam:GenerateCredentialReport` says the report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportState {
    /// AWS began to make one.
    Started,
    /// AWS is making one.
    InProgress,
    /// One is there; it may be up to four hours old.
    Complete,
}

/// The answer of `iam:GetCredentialReport`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialReportAnswer {
    /// The report: CSV, as AWS sent it.
    pub content: Vec<u8>,
    /// When AWS made it.
    pub generated_at: Timestamp,
}

/// A user in `iam:GetAccountAuthorizationDetails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDetail {
    /// The friendly name.
    pub name: String,
    /// The path, `/` if none was chosen.
    pub path: String,
    /// The unique id, `AIDA…`.
    pub id: String,
    /// The ARN.
    pub arn: String,
    /// When the user was created.
    pub created: Option<Timestamp>,
    /// Groups, policies, boundary and tags.
    pub authorization: Authorization,
}

/// All pages of `iam:GetAccountAuthorizationDetails`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationDetails {
    /// All users.
    pub users: Vec<UserDetail>,
    /// All groups; empty if only users were asked for.
    pub groups: Vec<Group>,
    /// All roles; empty if only users were asked for.
    pub roles: Vec<Role>,
    /// The account's managed policies and those of AWS in use; empty if only users were asked for.
    pub policies: Vec<ManagedPolicy>,
}

/// A virtual MFA device of the account, whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualDevice {
    /// Its serial number, an ARN.
    pub serial: String,
    /// ARN of the user who has it, `arn:P:iam::ID:root` for root; `None` if nobody or AWS does not say.
    pub owner_arn: Option<String>,
    /// Name of that user; `None` also for root.
    pub owner_name: Option<String>,
    /// When it was enabled; `None` if it is not.
    pub enabled_at: Option<Timestamp>,
}

impl VirtualDevice {
    /// Whether somebody has it. AWS sends an empty user for devices that nobody has.
    #[must_use]
    pub fn is_assigned(&self) -> bool {
        self.owner_arn.is_some() || self.enabled_at.is_some()
    }

    /// Whether the root user has it.
    #[must_use]
    pub fn is_of_root(&self) -> bool {
        self.owner_arn.as_deref().is_some_and(|arn| arn.ends_with(":root"))
    }
}

/// A user in `iam:ListUsers` or `iam:GetUser`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    /// The friendly name; empty for root.
    pub name: String,
    /// The path, `/` if none was chosen.
    pub path: String,
    /// The unique id, `AIDA…`.
    pub id: String,
    /// The ARN.
    pub arn: String,
    /// When the user was created.
    pub created: Option<Timestamp>,
    /// Last sign-in with the password; `None` if never, or without a password.
    pub password_last_used: Option<Timestamp>,
}

/// A console password (`iam:GetLoginProfile`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginProfile {
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Whether the user must set a new one at the next sign-in.
    pub reset_required: bool,
}

/// An access key in `iam:ListAccessKeys`, or an SSH key in `iam:ListSSHPublicKeys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeyMetadata {
    /// Its id, `AKIA…`, of SSH keys `APKA…`.
    pub id: String,
    /// Whether it can sign requests.
    pub active: bool,
    /// When it was created.
    pub created: Option<Timestamp>,
}

/// The last use of an access key (`iam:GetAccessKeyLastUsed`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyUse {
    /// When; `None` if never since 2015-04-22.
    pub last_used: Option<Timestamp>,
    /// Of which service.
    pub service: Option<String>,
    /// In which region; `None` also for services without regions.
    pub region: Option<String>,
}

/// Centralised root access (`iam:ListOrganizationsFeatures`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationsFeatures {
    /// The organization's id, `o-…`.
    pub organization_id: Option<String>,
    /// The features that are on: `RootCredentialsManagement`, `RootSessions`.
    pub features: Vec<String>,
}

/// A credential for one service (`iam:ListServiceSpecificCredentials`). AWS does not tell when it was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCredential {
    /// Its id, `ACCA…`.
    pub id: String,
    /// The service, such as `codecommit.amazonaws.com`.
    pub service: String,
    /// Whether it can be used.
    pub active: bool,
    /// When it was created.
    pub created: Option<Timestamp>,
}

/// A user with what `iam:GetUser` says and `iam:ListUsers` does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAnswer {
    /// The user.
    pub user: ListedUser,
    /// ARN of its permissions boundary.
    pub permissions_boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A group without its policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGroup {
    /// The friendly name.
    pub name: String,
    /// The path, `/` if none was chosen.
    pub path: String,
    /// The ARN.
    pub arn: String,
}

/// A group and who is in it (`iam:GetGroup`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupAnswer {
    /// The group.
    pub group: ListedGroup,
    /// Its members.
    pub members: Vec<ListedUser>,
}

/// A managed policy without its document (`iam:GetPolicy`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// The ARN.
    pub arn: String,
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// The id of the version that counts, such as `v3`.
    pub default_version: String,
    /// How many users, groups and roles have it; `None` if the answer does not say.
    pub attachments: Option<u32>,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A version of a managed policy (`iam:ListPolicyVersions`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Its id, `v1` the first.
    pub id: String,
    /// Whether it is the one that counts.
    pub is_default: bool,
    /// When it was created.
    pub created: Option<Timestamp>,
}
