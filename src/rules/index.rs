//! What is worked out once for an account before its rules are judged: parsed policies, members of groups, who is an
//! administrator.

use std::collections::HashMap;

use crate::iam::{Document, Grants, Statement, Verdict};
use crate::model::{
    AccountFacts, AttachedPolicy, Authorization, GapKind, Group, InlinePolicy, ManagedPolicy, Role, User,
};

use super::unknown::Unknown;

const AUTHORIZATION: &str = "iam:GetAccountAuthorizationDetails";

/// The worked-out parts of one account; places are those of the account's lists.
#[derive(Debug, Default)]
pub struct AccountIndex {
    administrators: Vec<Result<bool, Missing>>,
    members: Vec<i64>,
    members_missing: bool,
    trust: Vec<Result<Vec<Statement>, Missing>>,
    policies: Vec<Result<Vec<Statement>, Missing>>,
}

/// Why something could not be worked out.
#[derive(Debug, Clone)]
struct Missing {
    kind: GapKind,
    reason: String,
}

impl Missing {
    fn unknown(&self) -> Unknown<'_> {
        Unknown { kind: self.kind, source: AUTHORIZATION, reason: &self.reason }
    }

    fn because(reason: impl Into<String>) -> Self {
        Self { kind: GapKind::NotInAnswer, reason: reason.into() }
    }
}

impl AccountIndex {
    /// Works out the parts of `facts`.
    #[must_use]
    pub fn new(facts: &AccountFacts) -> Self {
        let mut index = Self::of_users(facts, facts.users.value().into_iter().flatten());
        index.members_missing |= facts.users.complete().is_none();
        index
    }

    /// Works out the parts of `facts`, with `users` in the place of the account's own list.
    pub fn of_users<'u>(facts: &AccountFacts, users: impl Iterator<Item = &'u User>) -> Self {
        let managed = facts.policies.value().map_or(&[] as &[ManagedPolicy], Vec::as_slice);
        let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice);
        let roles = facts.roles.value().map_or(&[] as &[Role], Vec::as_slice);
        let parsed: Vec<Result<Document, Missing>> =
            managed.iter().map(|policy| document(policy.document.as_deref())).collect();
        let grants = Grantors::new(managed, &parsed, groups);
        let mut place: HashMap<&str, i64> = groups.iter().map(|group| (group.name.as_str(), 0)).collect();
        let mut administrators = Vec::new();
        let mut members_missing = false;
        for user in users {
            administrators.push(grants.is_admin(user));
            match user.authorization.value() {
                Some(authorization) => count(&mut place, authorization),
                None => members_missing = true,
            }
        }
        Self {
            administrators,
            members: groups.iter().map(|group| place.get(group.name.as_str()).copied().unwrap_or(0)).collect(),
            members_missing,
            trust: roles.iter().map(|role| statements(document(role.trust_policy.as_deref()))).collect(),
            policies: parsed.into_iter().map(statements).collect(),
        }
    }

    /// Whether the user at `at` is an administrator.
    ///
    /// # Errors
    ///
    /// If that depends on something that could not be read.
    pub fn user_is_admin(&self, at: usize) -> Result<bool, Unknown<'_>> {
        match self.administrators.get(at) {
            Some(Ok(value)) => Ok(*value),
            Some(Err(missing)) => Err(missing.unknown()),
            None => Err(nowhere()),
        }
    }

    /// How many users are in the group at `at`.
    ///
    /// # Errors
    ///
    /// If not all users could be read.
    pub fn group_members(&self, at: usize) -> Result<i64, Unknown<'_>> {
        let reason = "not all users of the account could be read";
        let missing = Unknown { kind: GapKind::Failed, source: AUTHORIZATION, reason };
        if self.members_missing { Err(missing) } else { self.members.get(at).copied().ok_or_else(nowhere) }
    }

    /// The statements of the trust policy of the role at `at`.
    ///
    /// # Errors
    ///
    /// If the document is missing or malformed.
    pub fn trust_statements(&self, at: usize) -> Result<&[Statement], Unknown<'_>> {
        look(&self.trust, at)
    }

    /// The statements of the default version of the managed policy at `at`.
    ///
    /// # Errors
    ///
    /// If the document is missing or malformed.
    pub fn policy_statements(&self, at: usize) -> Result<&[Statement], Unknown<'_>> {
        look(&self.policies, at)
    }
}

fn look(all: &[Result<Vec<Statement>, Missing>], at: usize) -> Result<&[Statement], Unknown<'_>> {
    match all.get(at) {
        Some(Ok(statements)) => Ok(statements),
        Some(Err(missing)) => Err(missing.unknown()),
        None => Err(nowhere()),
    }
}

const fn nowhere<'a>() -> Unknown<'a> {
    Unknown { kind: GapKind::NotInAnswer, source: AUTHORIZATION, reason: "not among what was read" }
}

fn document(text: Option<&str>) -> Result<Document, Missing> {
    let text = text.ok_or_else(|| Missing::because("AWS sent no policy document"))?;
    Document::parse(text).map_err(|error| Missing::because(format!("the policy document is malformed: {error}")))
}

fn statements(document: Result<Document, Missing>) -> Result<Vec<Statement>, Missing> {
    document.map(|document| document.statements)
}

fn count(members: &mut HashMap<&str, i64>, authorization: &Authorization) {
    for group in &authorization.groups {
        if let Some(count) = members.get_mut(group.as_str()) {
            *count += 1;
        }
    }
}

/// What each managed policy and each group of an account grants: worked out once, joined for each user.
struct Grantors<'a> {
    managed: HashMap<&'a str, Grants>,
    groups: HashMap<&'a str, Grants>,
}

impl<'a> Grantors<'a> {
    fn new(managed: &'a [ManagedPolicy], parsed: &[Result<Document, Missing>], groups: &'a [Group]) -> Self {
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

    fn is_admin(&self, user: &User) -> Result<bool, Missing> {
        let authorization = match user.authorization.gap() {
            Some(gap) => return Err(Missing { kind: gap.kind, reason: gap.reason.to_string() }),
            None => user.authorization.value().ok_or_else(|| Missing::because("no authorization details"))?,
        };
        let own = self.of_policies(&authorization.attached_policies, &authorization.inline_policies);
        let groups =
            authorization.groups.iter().map(|name| self.groups.get(name.as_str()).copied().unwrap_or(Grants::UNREAD));
        let boundary = authorization.permissions_boundary.as_deref().map(|arn| self.of_managed(arn));
        match groups.fold(own, Grants::combine).verdict(boundary) {
            Verdict::Yes => Ok(true),
            Verdict::No => Ok(false),
            Verdict::Unknown(reason) => Err(Missing::because(reason)),
        }
    }
}
