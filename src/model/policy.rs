//! Groups, roles and policies as `iam:GetAccountAuthorizationDetails` tells them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key, as written.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A managed policy attached to a user, group or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPolicy {
    /// Its name without path.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// A policy embedded in a user, group or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// Its name.
    pub name: String,
    /// Its document, decoded, to the letter.
    pub document: String,
}

/// A managed policy: the account's own, or one of AWS's that is in use there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its name without path.
    pub name: String,
    /// Its path, such as `/portcullis/`.
    pub path: String,
    /// The id of the default version, such as `v3`.
    pub default_version: String,
    /// How many versions exist (the quota is `VersionsPerPolicyQuota` of the account summary).
    pub versions: u32,
    /// To how many users, groups and roles it is attached.
    pub attachments: u32,
    /// For how many users and roles it is the permissions boundary.
    pub boundaries: u32,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When its default version last changed.
    pub updated: Option<Timestamp>,
    /// The document of the default version, decoded, to the letter; `None` if AWS sent none.
    pub document: Option<String>,
}

impl ManagedPolicy {
    /// Whether AWS owns and maintains it (the account field of its ARN is `aws`).
    #[must_use]
    pub fn is_aws_managed(&self) -> bool {
        self.arn.split(':').nth(4) == Some("aws")
    }
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// Its name without path.
    pub name: String,
    /// Its path.
    pub path: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Managed policies attached to it.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Policies embedded in it.
    pub inline_policies: Vec<InlinePolicy>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Its name without path.
    pub name: String,
    /// Its path; `/aws-service-role/…` for service-linked roles, `/aws-reserved/sso.amazonaws.com/…` for Identity Center.
    pub path: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Who may assume it: the trust policy, decoded, to the letter.
    pub trust_policy: Option<String>,
    /// When it was last used, of the trailing 400 days; `None` if not in that time.
    pub last_used: Option<Timestamp>,
    /// Managed policies attached to it.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Policies embedded in it.
    pub inline_policies: Vec<InlinePolicy>,
    /// ARN of its permissions boundary.
    pub permissions_boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Role {
    /// Whether a service owns it: it cannot be changed by the account.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }

    /// Whether Identity Center owns it: people who sign in there are outside IAM's users.
    #[must_use]
    pub fn is_identity_center(&self) -> bool {
        self.name.starts_with("AWSReservedSSO_")
    }
}
