//! Facts of groups, roles and managed policies.

use crate::iam::guard::Variant;
use crate::rules::index::Worth;
use crate::rules::subject::{AccountView, Kind, Subject};
use crate::rules::value::{Items, Reading, Unknown, Value};

use super::table::FactType::{Bool, List, Number, Text, Texts, Time};
use super::table::{AUTHORIZATION, FactDef, dated, row};

/// Rows of a group.
pub(super) const GROUP: &[FactDef] = &[
    row!("name", Text, AUTHORIZATION, "The name, without the path.",
        Subject::Group(_, _, group) => Reading::plain(Value::Text(&group.name))),
    row!("arn", Text, AUTHORIZATION, "The ARN.",
        Subject::Group(_, _, group) => Reading::plain(Value::Text(&group.arn))),
    row!("path", Text, AUTHORIZATION, "The path.",
        Subject::Group(_, _, group) => Reading::plain(Value::Text(&group.path))),
    row!("created", Time, AUTHORIZATION, "When it was created.",
        Subject::Group(_, _, group) => dated(group.created, AUTHORIZATION)),
    row!("members", Number, AUTHORIZATION, "How many users are in it.",
    Subject::Group(view, at, _) => match view.index.group_members(at) {
        Ok(members) => Reading::plain(Value::Number(members)),
        Err(unknown) => Reading::unknown(unknown),
    }),
    row!("attached_policies", List(Kind::AttachedPolicy), AUTHORIZATION, "Managed policies attached to it.",
        Subject::Group(_, _, group) => Reading::plain(Value::list(Items::AttachedPolicies(&group.attached_policies)))),
    row!("inline_policies", List(Kind::InlinePolicy), AUTHORIZATION, "Policies embedded in it.",
        Subject::Group(_, _, group) => Reading::plain(Value::list(Items::InlinePolicies(&group.inline_policies)))),
    row!("inline_statements", List(Kind::Statement), AUTHORIZATION, "Statements of all policies embedded in it.",
        Subject::Group(view, at, _) => Reading::plain(Value::seen(view.index.group_inline_statements(at), Items::Statements))),
];

/// Rows of a role.
pub(super) const ROLE: &[FactDef] = &[
    row!("name", Text, AUTHORIZATION, "The name, without the path.",
        Subject::Role(_, _, role) => Reading::plain(Value::Text(&role.name))),
    row!("arn", Text, AUTHORIZATION, "The ARN.",
        Subject::Role(_, _, role) => Reading::plain(Value::Text(&role.arn))),
    row!("path", Text, AUTHORIZATION, "The path.",
        Subject::Role(_, _, role) => Reading::plain(Value::Text(&role.path))),
    row!("created", Time, AUTHORIZATION, "When it was created.",
        Subject::Role(_, _, role) => dated(role.created, AUTHORIZATION)),
    row!("last_used", Time, AUTHORIZATION, "Last use; absent if not in the trailing 400 days.",
        Subject::Role(_, _, role) => Reading::plain(Value::time(role.last_used))),
    row!("unused_since", Time, AUTHORIZATION, "Since when it has not been used: its last use, else its creation.",
        Subject::Role(_, _, role) => dated(role.last_used.or(role.created), AUTHORIZATION)),
    row!("is_service_linked", Bool, AUTHORIZATION, "Whether a service owns it.",
        Subject::Role(_, _, role) => Reading::plain(Value::Bool(role.is_service_linked()))),
    row!("is_identity_center", Bool, AUTHORIZATION, "Whether Identity Center owns it.",
        Subject::Role(_, _, role) => Reading::plain(Value::Bool(role.is_identity_center()))),
    row!("trust_statements", List(Kind::Statement), AUTHORIZATION, "Statements of its trust policy.",
    Subject::Role(view, at, _) => match view.index.trust_statements(at) {
        Ok(statements) => Reading::plain(Value::list(Items::Statements(statements))),
        Err(unknown) => Reading::unknown(unknown),
    }),
    row!("users_may_assume", Bool, AUTHORIZATION,
    "Whether its trust policy lets IAM users of any account assume it, without an external id; what their own policies say is not looked at.",
    Subject::Role(view, at, role) => admin(view.index.users_may_assume(at, role, false))),
    row!("users_may_assume_without_mfa", Bool, AUTHORIZATION,
    "Whether its trust policy lets IAM users of any account assume it without MFA and without an external id, perhaps under other conditions.",
    Subject::Role(view, at, role) => admin(view.index.users_may_assume(at, role, true))),
    row!("attached_policies", List(Kind::AttachedPolicy), AUTHORIZATION, "Managed policies attached to it.",
        Subject::Role(_, _, role) => Reading::plain(Value::list(Items::AttachedPolicies(&role.attached_policies)))),
    row!("inline_policies", List(Kind::InlinePolicy), AUTHORIZATION, "Policies embedded in it.",
        Subject::Role(_, _, role) => Reading::plain(Value::list(Items::InlinePolicies(&role.inline_policies)))),
    row!("inline_statements", List(Kind::Statement), AUTHORIZATION, "Statements of all policies embedded in it.",
        Subject::Role(view, at, _) => Reading::plain(Value::seen(view.index.role_inline_statements(at), Items::Statements))),
    row!("permissions_boundary", Text, AUTHORIZATION, "ARN of its permissions boundary; absent if there is none.",
        Subject::Role(_, _, role) => Reading::plain(Value::text(role.permissions_boundary.as_deref()))),
    row!("tags", List(Kind::Tag), AUTHORIZATION, "Its tags.",
        Subject::Role(_, _, role) => Reading::plain(Value::list(Items::Tags(&role.tags)))),
    row!("is_admin", Bool, AUTHORIZATION,
    "Whether it makes an administrator in effect: its policies, with `NotAction` and conditions, allow everything or what gives it, within its boundary.",
    Subject::Role(view, at, _) => admin(view.index.role_is_admin(at))),
];

/// Rows of a managed policy.
pub(super) const POLICY: &[FactDef] = &[
    row!("name", Text, AUTHORIZATION, "The name, without the path.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Text(&policy.name))),
    row!("arn", Text, AUTHORIZATION, "The ARN.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Text(&policy.arn))),
    row!("path", Text, AUTHORIZATION, "The path.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Text(&policy.path))),
    row!("is_aws_managed", Bool, AUTHORIZATION, "Whether AWS owns it.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Bool(policy.is_aws_managed()))),
    row!("attachments", Number, AUTHORIZATION, "To how many users, groups and roles it is attached.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Number(i64::from(policy.attachments)))),
    row!("boundary_uses", Number, AUTHORIZATION, "For how many users and roles it is the permissions boundary.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Number(i64::from(policy.boundaries)))),
    row!("versions", Number, AUTHORIZATION, "How many versions exist.",
        Subject::Policy(_, _, policy) => Reading::plain(Value::Number(i64::from(policy.versions)))),
    row!("created", Time, AUTHORIZATION, "When it was created.",
        Subject::Policy(_, _, policy) => dated(policy.created, AUTHORIZATION)),
    row!("updated", Time, AUTHORIZATION, "When its default version last changed.",
        Subject::Policy(_, _, policy) => dated(policy.updated, AUTHORIZATION)),
    row!("statements", List(Kind::Statement), AUTHORIZATION, "Statements of its default version.",
    Subject::Policy(view, at, _) => match view.index.policy_statements(at) {
        Ok(statements) => Reading::plain(Value::list(Items::Statements(statements))),
        Err(unknown) => Reading::unknown(unknown),
    }),
    row!("grants_admin", Bool, AUTHORIZATION,
    "Whether it alone makes an administrator of whoever holds it: with `NotAction` and conditions, it allows everything or what gives it.",
    Subject::Policy(view, at, _) => admin(view.index.policy_grants_admin(at))),
    row!("is_guard", Bool, AUTHORIZATION, "Whether it denies what has no MFA, or has the ARN of a guard of Portcullis.",
    Subject::Policy(view, at, _) => match guard(view, at) {
        Ok(worth) => Reading::plain(Value::Bool(worth.is_some())),
        Err(unknown) => Reading::unknown(unknown),
    }),
    row!("guard_ours", Bool, AUTHORIZATION, "Whether it is a guard of Portcullis, by its ARN.",
    Subject::Policy(view, _, policy) => Reading::plain(Value::Bool(Variant::of_account(&policy.arn, view.facts.account.partition.as_str(), &view.facts.account.id).is_some()))),
    row!("guard_drifted", Bool, AUTHORIZATION, "Whether it is a guard of Portcullis and its document was changed.",
    Subject::Policy(view, at, _) => admin(guard(view, at).and_then(|worth| worth.map_or(Ok(false), Worth::drifted)))),
    row!("guard_flaws", Texts, AUTHORIZATION, "What is wrong with it as a guard, or worth knowing; empty if it is none.",
    Subject::Policy(view, at, _) => match guard(view, at) {
        Ok(worth) => Reading::plain(Value::seen(worth.map_or((&[], None), Worth::flaws), Items::Texts)),
        Err(unknown) => Reading::unknown(unknown),
    }),
];

fn guard(view: AccountView<'_>, at: usize) -> Result<Option<&Worth>, Unknown<'_>> {
    view.index.policy_guard(view.facts, at)
}

fn admin(answer: Result<bool, Unknown<'_>>) -> Reading<'_> {
    match answer {
        Ok(value) => Reading::plain(Value::Bool(value)),
        Err(unknown) => Reading::unknown(unknown),
    }
}
