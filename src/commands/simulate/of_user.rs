//! The policies of a user of a snapshot.
//!
//! What could not be read is kept as a policy that may do anything: so a request that nothing denies stays unknown, and
//! is never allowed.

use std::path::Path;

use crate::iam::{Context, Document, Policy};
use crate::model::untrusted::Untrusted;
use crate::model::{Account, AccountFacts, AttachedPolicy, Authorization, Fact, Gap, InlinePolicy, User};
use crate::snapshot::Reader;
use crate::yaml::did_you_mean;

use super::super::exit::Failure;

/// A user, and the policies that apply.
#[derive(Debug)]
pub(super) struct OfUser {
    /// The account.
    pub(super) account: Account,
    /// The user's own policies and those of the user's groups.
    pub(super) identity: Vec<Policy>,
    /// The permissions boundary.
    pub(super) boundary: Option<Policy>,
    user: User,
}

/// Finds the user `arn` in the snapshot at `path`.
///
/// # Errors
///
/// If the snapshot cannot be read, or has no such user.
pub(super) fn find(path: &Path, arn: &str) -> Result<OfUser, Failure> {
    let reader = Reader::open(path).map_err(|error| Failure::run(&error))?;
    let mut names = Vec::new();
    let mut unread = None;
    for raw in reader {
        let facts = raw.and_then(|raw| raw.parse()).map_err(|error| Failure::run(&error))?;
        let users = facts.users.value().map_or(&[][..], Vec::as_slice);
        if let Some(user) = users.iter().find(|user| user.arn == arn) {
            return Ok(OfUser::new(&facts, user));
        }
        if let Some(gap) = facts.users.gap()
            && arn.split(':').nth(4) == Some(facts.account.id.as_str())
        {
            unread = Some(format!("the users of account {} were not all read: {}", facts.account.id, gap.reason));
        }
        names.extend(users.iter().map(|user| (user.arn.clone(), user.name.clone())));
    }
    let by_name = names.iter().find(|(_, name)| name.eq_ignore_ascii_case(arn));
    let meant = by_name.map(|(arn, _)| format!("did you mean `{arn}`?"));
    let meant = meant.or_else(|| did_you_mean(arn, names.iter().map(|(arn, _)| arn.as_str())));
    let help = unread.or(meant).map(|help| Untrusted(&help).to_string());
    Err(Failure::Run { message: format!("the snapshot has no user `{}`", Untrusted(arn)), help })
}

impl OfUser {
    fn new(facts: &AccountFacts, user: &User) -> Self {
        let own = format!("user/{}", user.name);
        let mut identity = Vec::new();
        let mut boundary = None;
        if let Some(authorization) = user.authorization.value() {
            let Authorization { attached_policies, inline_policies, groups, permissions_boundary, .. } = authorization;
            of_holder(facts, &own, "", attached_policies, inline_policies, &mut identity);
            for name in groups {
                of_group(facts, name, &mut identity);
            }
            boundary = permissions_boundary.as_deref().map(|arn| managed(facts, arn, String::new()));
        }
        if let Some(gap) = user.authorization.gap() {
            identity.push(Policy::unreadable(own, unread("policies", gap)));
        }
        Self { account: facts.account.clone(), identity, boundary, user: user.clone() }
    }

    /// The condition keys that the snapshot tells of the user: `aws:userid`, `aws:PrincipalTag/…`, and those of the
    /// organization. Where the tags are not known, the other keys that nothing is said of are open as well.
    pub(super) fn keys(&self) -> Context {
        let mut context = if self.user.authorization.gap().is_some() { Context::open() } else { Context::new() };
        if let Some(id) = &self.user.id {
            context = context.with("aws:userid", id);
        }
        for tag in self.user.authorization.value().into_iter().flat_map(|authorization| &authorization.tags) {
            context = context.with(&format!("aws:PrincipalTag/{}", tag.key), &tag.value);
        }
        if let Some(path) = &self.account.ou_path {
            let organization = path.split('/').next().unwrap_or_default();
            context = context.with("aws:PrincipalOrgID", organization);
            context = context.with_all("aws:PrincipalOrgPaths", vec![path.clone()]);
        }
        context
    }
}

fn of_group(facts: &AccountFacts, name: &str, policies: &mut Vec<Policy>) {
    let holder = format!("group/{name}");
    let known = facts.groups.value().and_then(|groups| groups.iter().find(|group| group.name == name));
    match known {
        Some(group) => {
            let before = format!("{holder} ");
            of_holder(facts, &holder, &before, &group.attached_policies, &group.inline_policies, policies);
        }
        None => policies.push(Policy::unreadable(holder, missing("group", &facts.groups))),
    }
}

/// The policies of a user or group; names of managed ones have `before` in front.
fn of_holder(
    facts: &AccountFacts,
    holder: &str,
    before: &str,
    attached: &[AttachedPolicy],
    inline: &[InlinePolicy],
    policies: &mut Vec<Policy>,
) {
    policies.extend(inline.iter().map(|policy| {
        let name = format!("{holder} inline:{}", policy.name);
        of_document(name, &policy.document)
    }));
    policies.extend(attached.iter().map(|policy| managed(facts, &policy.arn, before.to_owned())));
}

fn managed(facts: &AccountFacts, arn: &str, before: String) -> Policy {
    let name = before + arn;
    let known = facts.policies.value().and_then(|policies| policies.iter().find(|policy| policy.arn == arn));
    match known.map(|policy| policy.document.as_deref()) {
        Some(Some(document)) => of_document(name, document),
        Some(None) => Policy::unreadable(name, "AWS sent no document"),
        None => Policy::unreadable(name, missing("policy", &facts.policies)),
    }
}

fn of_document(name: String, text: &str) -> Policy {
    match Document::parse(text) {
        Ok(document) => Policy::new(name, &document),
        Err(error) => Policy::unreadable(name, format!("its document could not be read: {error}")),
    }
}

/// Why something that is named is not in its list.
fn missing<T>(what: &str, list: &Fact<T>) -> String {
    match list.gap() {
        Some(gap) => unread(what, gap),
        None => format!("the snapshot does not have this {what}"),
    }
}

fn unread(what: &str, gap: &Gap) -> String {
    format!("{what} not read by {}: {}", gap.source, gap.reason)
}

#[cfg(test)]
mod tests;
