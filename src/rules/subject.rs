//! What a condition is asked of: a resource of an account, or a thing inside one.

use crate::iam::{ConditionKey, Statement};
use crate::model::{
    AccessKey, AccountFacts, AttachedPolicy, Group, InlinePolicy, ManagedPolicy, MfaDevice, Origin, Role, Tag, Target,
    User, arn,
};

use super::given::Given;
use super::index::{AccountIndex, Guard};

/// An account with what was worked out of its policies.
#[derive(Debug, Clone, Copy)]
pub struct AccountView<'a> {
    /// What was read.
    pub facts: &'a AccountFacts,
    /// What was worked out.
    pub index: &'a AccountIndex,
}

/// A resource, or a thing in a list of one.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// An account.
    Account(AccountView<'a>),
    /// Its root user.
    Root(AccountView<'a>),
    /// A user; the number is its place in the account's list.
    User(AccountView<'a>, usize, &'a User),
    /// A group; the number is its place in the account's list.
    Group(AccountView<'a>, usize, &'a Group),
    /// A role; the number is its place in the account's list.
    Role(AccountView<'a>, usize, &'a Role),
    /// A managed policy; the number is its place in the account's list.
    Policy(AccountView<'a>, usize, &'a ManagedPolicy),
    /// An access key.
    AccessKey(&'a AccessKey),
    /// An MFA device.
    MfaDevice(&'a MfaDevice),
    /// An attached managed policy.
    AttachedPolicy(&'a AttachedPolicy),
    /// An embedded policy.
    InlinePolicy(&'a InlinePolicy),
    /// A tag.
    Tag(&'a Tag),
    /// A statement.
    Statement(&'a Statement),
    /// A key in the condition of a statement, under its operator.
    Condition(&'a str, &'a ConditionKey),
    /// A policy that denies what has no MFA.
    Guard(&'a Guard),
    /// Something that was written down as facts.
    Given(&'a Given),
}

/// What a vocabulary of facts is about: the targets of rules, and the things in lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A target of rules.
    Target(Target),
    /// An access key.
    AccessKey,
    /// An MFA device.
    MfaDevice,
    /// An attached managed policy.
    AttachedPolicy,
    /// An embedded policy.
    InlinePolicy,
    /// A tag.
    Tag,
    /// A statement.
    Statement,
    /// A key in the condition of a statement, under its operator.
    Condition,
    /// A policy that denies what has no MFA.
    Guard,
}

impl Kind {
    /// Its name in messages and docs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Target(target) => target.as_str(),
            Self::AccessKey => "access key",
            Self::MfaDevice => "MFA device",
            Self::AttachedPolicy => "attached policy",
            Self::InlinePolicy => "inline policy",
            Self::Tag => "tag",
            Self::Statement => "statement",
            Self::Condition => "condition",
            Self::Guard => "guard",
        }
    }
}

impl<'a> Subject<'a> {
    /// Where the resource itself was listed.
    #[must_use]
    pub const fn origin(&self) -> Option<&'a Origin> {
        match self {
            Self::User(view, ..) => view.facts.users.origin(),
            Self::Group(view, ..) => view.facts.groups.origin(),
            Self::Role(view, ..) => view.facts.roles.origin(),
            Self::Policy(view, ..) => view.facts.policies.origin(),
            _ => None,
        }
    }

    /// The ARN of a resource, or the way the contract names what has none; empty for things in lists.
    #[must_use]
    pub fn resource(&self) -> String {
        match self {
            Self::Account(view) => arn::account_resource(&view.facts.account.id),
            Self::Root(view) => view.facts.root_arn(),
            Self::User(_, _, user) => user.arn.clone(),
            Self::Group(_, _, group) => group.arn.clone(),
            Self::Role(_, _, role) => role.arn.clone(),
            Self::Policy(_, _, policy) => policy.arn.clone(),
            _ => String::new(),
        }
    }
}
