//! By what a user is guarded: each way, and whether it is ours to undo.
//!
//! Ours is the exact ARN of our policy, attached to the user or to our guard group. A group of somebody else's to which
//! our policy is attached is theirs: it is shown and not touched.

use serde::Serialize;

use crate::iam::guard::{PATH, Variant};
use crate::ledger::{Effect, Entry};
use crate::model::{Account, AttachedPolicy, Authorization, Group};

use super::guard::GROUP;
use super::plan::{Kind, Way};

/// One way in which a user is guarded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// The guard is attached to the user.
    Attached(Variant),
    /// The user is in our guard group, and the guard is attached to the group.
    Member(Variant),
    /// The user is in a group of somebody else's to which the guard is attached.
    Foreign(Variant, String),
}

/// A gate as reports show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The guard: the name of its policy.
    pub guard: &'static str,
    /// `user` or `group`.
    pub way: Way,
    /// The group, if it is by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Whether it is ours to undo.
    pub ours: bool,
}

impl Gate {
    /// The guard.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        match self {
            Self::Attached(variant) | Self::Member(variant) | Self::Foreign(variant, _) => *variant,
        }
    }

    /// The kind of change that made it; `None` if it is not ours.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Attached(_) => Some(Kind::AttachUserPolicy),
            Self::Member(_) => Some(Kind::AddUserToGroup),
            Self::Foreign(..) => None,
        }
    }

    /// Whether it is ours to undo.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        self.kind().is_some()
    }

    /// It as reports show it.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let (way, group) = match self {
            Self::Attached(_) => (Way::User, None),
            Self::Member(_) => (Way::Group, Some(GROUP.to_owned())),
            Self::Foreign(_, group) => (Way::Group, Some(group.clone())),
        };
        Shown { guard: self.variant().policy_name(), way, group, ours: self.is_ours() }
    }
}

/// Which of our guards a policy of an account is: by its exact ARN there.
#[must_use]
pub fn ours(arn: &str, account: &Account) -> Option<Variant> {
    Variant::of_arn(arn).filter(|variant| variant.arn(account.partition.as_str(), &account.id) == arn)
}

/// The ARN of our guard group in an account.
#[must_use]
pub fn group_arn(account: &Account) -> String {
    account.partition.iam_arn(&account.id, &format!("group{PATH}{GROUP}"))
}

/// The guards among policies attached to a user.
pub fn attached<'a>(policies: &'a [AttachedPolicy], account: &'a Account) -> impl Iterator<Item = Gate> + 'a {
    policies.iter().filter_map(|policy| ours(&policy.arn, account)).map(Gate::Attached)
}

/// The guards among policies attached to a group of a user's, which has this ARN and name.
pub fn of_group<'a>(
    (arn, name): (&str, &'a str),
    policies: &'a [AttachedPolicy],
    account: &'a Account,
) -> impl Iterator<Item = Gate> + 'a {
    let is_ours = arn == group_arn(account);
    policies
        .iter()
        .filter_map(|policy| ours(&policy.arn, account))
        .map(move |variant| if is_ours { Gate::Member(variant) } else { Gate::Foreign(variant, name.to_owned()) })
}

/// All ways in which a user is guarded, in order: `groups` are those of the account.
#[must_use]
pub fn gates(account: &Account, authorization: &Authorization, groups: &[Group]) -> Vec<Gate> {
    let mut found: Vec<Gate> = attached(&authorization.attached_policies, account).collect();
    for group in groups.iter().filter(|group| authorization.groups.contains(&group.name)) {
        found.extend(of_group((&group.arn, &group.name), &group.attached_policies, account));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What the action of an entry does to a user's gate of one way.
#[must_use]
pub fn effect(entry: &Entry, way: Way) -> Option<Effect> {
    match (entry.record.action.as_deref()?, way) {
        ("attach-user-policy", Way::User) | ("add-user-to-group", Way::Group) => Some(Effect::Closes),
        ("detach-user-policy", Way::User) | ("remove-user-from-group", Way::Group) => Some(Effect::Opens),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, gates, group_arn};
    use crate::enforce::guard::GROUP;
    use crate::iam::guard::Variant;
    use crate::model::{AttachedPolicy, Authorization, Group};
    use crate::testing::account;

    fn policy(arn: &str) -> AttachedPolicy {
        AttachedPolicy { name: arn.rsplit('/').next().unwrap_or_default().to_owned(), arn: arn.to_owned() }
    }

    fn group(arn: &str, name: &str, policies: &[&str]) -> Group {
        Group {
            arn: arn.to_owned(),
            name: name.to_owned(),
            path: "/".to_owned(),
            created: None,
            attached_policies: policies.iter().map(|arn| policy(arn)).collect(),
            inline_policies: Vec::new(),
        }
    }

    #[test]
    fn only_the_exact_arn_is_ours_and_every_way_is_told() {
        let account = account().account;
        let id = account.id.as_str();
        let strict = Variant::Strict.arn("aws", id);
        let console = Variant::ConsoleOnly.arn("aws", id);
        let look_alikes = [
            format!("arn:aws:iam::{id}:policy/deny-without-mfa"),
            format!("arn:aws:iam::{id}:policy/other/portcullis/deny-without-mfa"),
            format!("arn:aws:iam::{id}:policy/portcullis/deny-without-mfa-2"),
            "arn:aws:iam::999999999999:policy/portcullis/deny-without-mfa".to_owned(),
            format!("arn:aws-cn:iam::{id}:policy/portcullis/deny-without-mfa"),
        ];
        let foreign = format!("arn:aws:iam::{id}:group/{GROUP}");
        let groups = [
            group(&group_arn(&account), GROUP, &[&strict]),
            group(&format!("arn:aws:iam::{id}:group/theirs"), "theirs", &[&console, &look_alikes[1]]),
            group(&format!("arn:aws:iam::{id}:group/not-in-it"), "not-in-it", &[&strict]),
        ];
        let mut authorization = Authorization {
            attached_policies: look_alikes.iter().map(|arn| policy(arn)).collect(),
            ..Authorization::default()
        };
        assert_eq!(gates(&account, &authorization, &groups), []);
        authorization.attached_policies.extend([policy(&console), policy(&strict)]);
        authorization.groups = vec!["theirs".to_owned(), GROUP.to_owned(), "gone".to_owned()];
        assert_eq!(
            gates(&account, &authorization, &groups),
            [
                Gate::Attached(Variant::Strict),
                Gate::Attached(Variant::ConsoleOnly),
                Gate::Member(Variant::Strict),
                Gate::Foreign(Variant::ConsoleOnly, "theirs".to_owned()),
            ]
        );
        // A group of that name under another path is somebody else's.
        let groups = [group(&foreign, GROUP, &[&strict])];
        authorization.attached_policies.clear();
        assert_eq!(gates(&account, &authorization, &groups), [Gate::Foreign(Variant::Strict, GROUP.to_owned())]);
    }
}
