//! Who is an administrator, told by all documents that apply.

use std::collections::HashMap;

use crate::iam::admin::Verdict;
use crate::iam::{Document, Grants};
use crate::model::{AttachedPolicy, Group, InlinePolicy, ManagedPolicy, Role, User};

use super::Missing;

/// What each managed policy and each group of an account grants: worked out once, joined for each user.
pub(super) struct Grantors<'a> {
    managed: HashMap<&'a str, Grants>,
    groups: HashMap<&'a str, Grants>,
}

impl<'a> Grantors<'a> {
    pub(super) fn new(managed: &'a [ManagedPolicy], parsed: &[Result<Document, Missing>], groups: &'a [Group]) -> Self {
        let of = |document: &Result<Document, Missing>| document.as_ref().map_or(Grants::UNREAD, Grants::of);
        let managed =
            managed.iter().zip(parsed).map(|(policy, document)| (policy.arn.as_str(), of(document))).collect();
        let mut grantors = Self { managed, groups: HashMap::new() };
        grantors.groups = groups
            .iter()
            .map(|group| (group.name.as_str(), grantors.of_policies(&group.attached_policies, &group.inline_policies)))
            .collect();
        grantors
    }

    fn of_policies(&self, attached: &[AttachedPolicy], inline: &[InlinePolicy]) -> Grants {
        let attached = attached.iter().map(|policy| self.of_managed(&policy.arn));
        let inline = inline.iter().map(|policy| Grants::read(Some(&policy.document)));
        attached.chain(inline).fold(Grants::default(), Grants::combine)
    }

    fn of_managed(&self, arn: &str) -> Grants {
        self.managed.get(arn).copied().unwrap_or(Grants::UNREAD)
    }

    pub(super) fn user_is_admin(&self, user: &User) -> Result<bool, Missing> {
        let authorization = match user.authorization.gap() {
            Some(gap) => return Err(gap.into()),
            None => user.authorization.value().ok_or_else(|| Missing::because("no authorization details"))?,
        };
        let own = self.of_policies(&authorization.attached_policies, &authorization.inline_policies);
        let groups =
            authorization.groups.iter().map(|name| self.groups.get(name.as_str()).copied().unwrap_or(Grants::UNREAD));
        let boundary = authorization.permissions_boundary.as_deref().map(|arn| self.of_managed(arn));
        told(groups.fold(own, Grants::combine).verdict(boundary))
    }

    pub(super) fn role_is_admin(&self, role: &Role) -> Result<bool, Missing> {
        let own = self.of_policies(&role.attached_policies, &role.inline_policies);
        told(own.verdict(role.permissions_boundary.as_deref().map(|arn| self.of_managed(arn))))
    }

    /// Whether the policy alone makes an administrator of whoever holds it.
    pub(super) fn policy_grants_admin(&self, policy: &ManagedPolicy) -> Result<bool, Missing> {
        told(self.of_managed(&policy.arn).verdict(None))
    }
}

fn told(verdict: Verdict) -> Result<bool, Missing> {
    match verdict {
        Verdict::Yes => Ok(true),
        Verdict::No => Ok(false),
        Verdict::Unknown(reason) => Err(Missing::because(reason)),
    }
}
