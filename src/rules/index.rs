//! What is worked out once for an account before its rules are judged: parsed policies, members of groups, who is an
//! administrator.

mod answers;
mod guards;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::iam::questions::Administrator;
use crate::iam::{Document, Statement, TrustPolicy};
use crate::model::{AccountFacts, Authorization, Fact, Gap, GapKind, Group, InlinePolicy, ManagedPolicy, Role, User};

use crate::principals::{self, AccountPolicies};

use super::unknown::Unknown;
use answers::Answers;

pub use guards::{Guard, Worth};

const AUTHORIZATION: &str = "iam:GetAccountAuthorizationDetails";

/// The worked-out parts of one account; places are those of the account's lists.
#[derive(Debug, Default)]
pub struct AccountIndex {
    user_admins: Vec<Result<bool, Missing>>,
    role_admins: Vec<Result<bool, Missing>>,
    policy_admins: Vec<Result<bool, Missing>>,
    administrators: Part<String>,
    admin_users: Vec<String>,
    aws_policies: Part<String>,
    members: Vec<i64>,
    members_missing: bool,
    trust: Vec<Result<Document, Missing>>,
    policies: Vec<Result<Document, Missing>>,
    user_inline: Vec<Part<Statement>>,
    group_inline: Vec<Part<Statement>>,
    role_inline: Vec<Part<Statement>>,
    compiled: AccountPolicies,
    answers: Answers,
}

/// The entries of a list that are known, and why there may be more.
pub type Seen<'a, T> = (&'a [T], Option<Unknown<'a>>);

/// A list, and why there may be more than is in it.
#[derive(Debug)]
struct Part<T> {
    known: Vec<T>,
    rest: Option<Missing>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { known: Vec::new(), rest: None }
    }
}

impl<T> Part<T> {
    fn seen(&self) -> Seen<'_, T> {
        (&self.known, self.rest.as_ref().map(Missing::unknown))
    }
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

impl From<&Gap> for Missing {
    fn from(gap: &Gap) -> Self {
        Self { kind: gap.kind, reason: gap.reason.to_string() }
    }
}

impl AccountIndex {
    /// Works out the parts of `facts`.
    #[must_use]
    pub fn new(facts: &AccountFacts) -> Self {
        Self::of_users(facts, facts.users.value().into_iter().flatten())
    }

    /// Works out the parts of `facts`, with `users` in the place of the account's own list.
    pub fn of_users<'u>(facts: &AccountFacts, users: impl Iterator<Item = &'u User>) -> Self {
        let managed = facts.policies.value().map_or(&[] as &[ManagedPolicy], Vec::as_slice);
        let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice);
        let roles = facts.roles.value().map_or(&[] as &[Role], Vec::as_slice);
        let parsed: Vec<Result<Document, String>> =
            managed.iter().map(|policy| principals::parse(policy.document.as_deref())).collect();
        let compiled = AccountPolicies::new(facts, &parsed);
        let mut place: HashMap<&str, i64> = groups.iter().map(|group| (group.name.as_str(), 0)).collect();
        let mut index = Self {
            administrators: Part { known: Vec::new(), rest: rest_of(&facts.users) },
            members_missing: facts.users.complete().is_none(),
            aws_policies: aws_policies(&facts.policies),
            ..Self::default()
        };
        for user in users {
            index.add_user(user, user_is_admin(&compiled, user));
            match user.authorization.value() {
                Some(authorization) => count(&mut place, authorization),
                None => index.members_missing = true,
            }
        }
        index.members = groups.iter().map(|group| place.get(group.name.as_str()).copied().unwrap_or(0)).collect();
        index.group_inline = groups.iter().map(|group| inline(&group.inline_policies)).collect();
        index.role_admins =
            roles.iter().map(|role| told(compiled.of_role(role).administrator(&role.arn, []))).collect();
        index.role_inline = roles.iter().map(|role| inline(&role.inline_policies)).collect();
        index.policy_admins = managed.iter().map(|policy| told(compiled.grants_admin(&policy.arn))).collect();
        let trust = |role: &Role| document(role.trust_policy.as_deref());
        index.trust = roles.iter().map(trust).collect();
        index.policies = parsed.into_iter().map(|parsed| parsed.map_err(Missing::because)).collect();
        index.compiled = compiled;
        index
    }

    fn add_user(&mut self, user: &User, is_admin: Result<bool, Missing>) {
        match &is_admin {
            Ok(true) => {
                self.administrators.known.push(user.name.clone());
                self.admin_users.push(user.arn.clone());
            }
            Ok(false) => {}
            Err(missing) => self.administrators.rest = Some(missing.clone()),
        }
        self.user_admins.push(is_admin);
        self.user_inline.push(match &user.authorization {
            Fact::Known { value, .. } | Fact::AtLeast { value, .. } => inline(&value.inline_policies),
            Fact::Unknown(gap) => Part { known: Vec::new(), rest: Some(gap.into()) },
        });
    }

    /// Whether the user at `at` is an administrator.
    ///
    /// # Errors
    ///
    /// If that depends on something that could not be read.
    pub fn user_is_admin(&self, at: usize) -> Result<bool, Unknown<'_>> {
        flag(&self.user_admins, at)
    }

    /// Whether the role at `at` makes an administrator of whoever assumes it.
    ///
    /// # Errors
    ///
    /// If that depends on something that could not be read.
    pub fn role_is_admin(&self, at: usize) -> Result<bool, Unknown<'_>> {
        flag(&self.role_admins, at)
    }

    /// Whether the managed policy at `at` alone makes an administrator of whoever holds it.
    ///
    /// # Errors
    ///
    /// If its document could not be read.
    pub fn policy_grants_admin(&self, at: usize) -> Result<bool, Unknown<'_>> {
        flag(&self.policy_admins, at)
    }

    /// The names of the users who are administrators.
    #[must_use]
    pub fn administrators(&self) -> Seen<'_, String> {
        self.administrators.seen()
    }

    /// The names of AWS's own policies that are attached to anything.
    #[must_use]
    pub fn aws_policies(&self) -> Seen<'_, String> {
        self.aws_policies.seen()
    }

    /// The statements of all policies embedded in the user at `at`.
    #[must_use]
    pub fn user_inline_statements(&self, at: usize) -> Seen<'_, Statement> {
        part(&self.user_inline, at)
    }

    /// The statements of all policies embedded in the group at `at`.
    #[must_use]
    pub fn group_inline_statements(&self, at: usize) -> Seen<'_, Statement> {
        part(&self.group_inline, at)
    }

    /// The statements of all policies embedded in the role at `at`.
    #[must_use]
    pub fn role_inline_statements(&self, at: usize) -> Seen<'_, Statement> {
        part(&self.role_inline, at)
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
        self.trust(at).map(|document| document.statements.as_slice())
    }

    /// Whether the trust policy of the role at `at`, which is `role`, lets IAM users assume it without an external id: also
    /// without MFA, or at all.
    ///
    /// # Errors
    ///
    /// If the document is missing or malformed, or that depends on what cannot be evaluated.
    pub fn users_may_assume(&self, at: usize, role: &Role, without_mfa: bool) -> Result<bool, Unknown<'_>> {
        let policy = TrustPolicy::new("trust policy", self.trust(at)?);
        let answer = if without_mfa {
            policy.users_may_assume_without_mfa(&role.arn)
        } else {
            policy.users_may_assume(&role.arn)
        };
        let reason = "it depends on a statement of the trust policy that cannot be evaluated";
        answer.ok_or(Unknown { kind: GapKind::NotInAnswer, source: AUTHORIZATION, reason })
    }

    fn trust(&self, at: usize) -> Result<&Document, Unknown<'_>> {
        match self.trust.get(at) {
            Some(Ok(document)) => Ok(document),
            Some(Err(missing)) => Err(missing.unknown()),
            None => Err(nowhere()),
        }
    }

    /// The statements of the default version of the managed policy at `at`.
    ///
    /// # Errors
    ///
    /// If the document is missing or malformed.
    pub fn policy_statements(&self, at: usize) -> Result<&[Statement], Unknown<'_>> {
        match self.policies.get(at) {
            Some(Ok(document)) => Ok(&document.statements),
            Some(Err(missing)) => Err(missing.unknown()),
            None => Err(nowhere()),
        }
    }
}

fn flag(all: &[Result<bool, Missing>], at: usize) -> Result<bool, Unknown<'_>> {
    match all.get(at) {
        Some(Ok(value)) => Ok(*value),
        Some(Err(missing)) => Err(missing.unknown()),
        None => Err(nowhere()),
    }
}

fn part(all: &[Part<Statement>], at: usize) -> Seen<'_, Statement> {
    all.get(at).map_or((&[], Some(nowhere())), Part::seen)
}

const fn nowhere<'a>() -> Unknown<'a> {
    Unknown { kind: GapKind::NotInAnswer, source: AUTHORIZATION, reason: "not among what was read" }
}

fn document(text: Option<&str>) -> Result<Document, Missing> {
    principals::parse(text).map_err(Missing::because)
}

fn user_is_admin(compiled: &AccountPolicies, user: &User) -> Result<bool, Missing> {
    let authorization = answers::authorization(user)?;
    let tags = authorization.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
    told(compiled.of_user(authorization).administrator(&user.arn, tags))
}

fn told(administrator: Administrator) -> Result<bool, Missing> {
    match administrator {
        Administrator::Yes => Ok(true),
        Administrator::No => Ok(false),
        Administrator::Unknown(reason) => Err(Missing::because(reason)),
    }
}

fn count(members: &mut HashMap<&str, i64>, authorization: &Authorization) {
    for group in &authorization.groups {
        if let Some(count) = members.get_mut(group.as_str()) {
            *count += 1;
        }
    }
}

/// Why a list that was read may have more entries.
fn rest_of<T>(fact: &Fact<T>) -> Option<Missing> {
    fact.gap().map(Missing::from)
}

/// The statements of embedded policies; a malformed one leaves the list open.
fn inline(policies: &[InlinePolicy]) -> Part<Statement> {
    let mut part = Part::default();
    for policy in policies {
        match document(Some(&policy.document)) {
            Ok(document) => part.known.extend(document.statements),
            Err(missing) => part.rest = Some(missing),
        }
    }
    part
}

fn aws_policies(policies: &Fact<Vec<ManagedPolicy>>) -> Part<String> {
    let attached = |policy: &&ManagedPolicy| policy.is_aws_managed() && policy.attachments > 0;
    let known = policies.value().into_iter().flatten().filter(attached).map(|policy| policy.name.clone());
    Part { known: known.collect(), rest: rest_of(policies) }
}
