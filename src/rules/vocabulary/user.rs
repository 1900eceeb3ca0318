//! Facts of an IAM user.

use crate::model::{AccessKey, MfaKind, Password, User};
use crate::rules::index::Seen;
use crate::rules::subject::{Kind, Subject};
use crate::rules::value::{Items, Reading, Unknown, Value};

use super::table::FactType::{Bool, List, Number, Text, Texts, Time};
use super::table::{AUTHORIZATION, FactDef, REPORT, dated, row};

const DEVICES: &str = "iam:ListMFADevices";

/// The rows.
pub(super) const FACTS: &[FactDef] = &[
    row!("name", Text, AUTHORIZATION, "The friendly name, without the path.",
        Subject::User(_, _, user) => Reading::plain(Value::Text(&user.name))),
    row!("arn", Text, AUTHORIZATION, "The ARN.",
        Subject::User(_, _, user) => Reading::plain(Value::Text(&user.arn))),
    row!("path", Text, AUTHORIZATION, "The path, `/` if none was chosen.",
        Subject::User(_, _, user) => Reading::plain(Value::Text(&user.path))),
    row!("created", Time, AUTHORIZATION, "When the user was created.",
        Subject::User(_, _, user) => dated(user.created, AUTHORIZATION)),
    row!("age", Time, AUTHORIZATION, "Time since the user was created.",
        Subject::User(_, _, user) => dated(user.created, AUTHORIZATION)),
    row!("console_access", Bool, REPORT,
        "Whether the user can sign in to the console with a password; read live (iam:GetLoginProfile) where it decides a failure.",
        Subject::User(_, _, user) => Reading::of(&user.console_access, |value| Value::Bool(*value))),
    row!("mfa_devices", List(Kind::MfaDevice), DEVICES,
        "MFA devices enabled for the user: virtual ones from iam:ListVirtualMFADevices, all kinds from iam:ListMFADevices.",
        Subject::User(_, _, user) => Reading::of(&user.mfa_devices, |devices| Value::list(Items::MfaDevices(devices)))),
    row!("has_passkey", Bool, DEVICES, "Whether the user has a security key or passkey.",
        Subject::User(_, _, user) => has_passkey(user)),
    row!("password_last_used", Time, REPORT, "Last console sign-in; absent if never since October 2014.",
        Subject::User(_, _, user) => password(user, |password| password.last_used)),
    row!("password_last_changed", Time, REPORT, "When the password was set; absent without one.",
        Subject::User(_, _, user) => set_at(user, |password| password.last_changed)),
    row!("password_next_rotation", Time, REPORT, "When the password expires; absent without an expiry policy.",
        Subject::User(_, _, user) => password(user, |password| password.next_rotation)),
    row!("password_unused_since", Time, REPORT,
        "Since when the password has not been used: its last use, else when it was set.",
        Subject::User(_, _, user) => set_at(user, |password| password.last_used.or(password.last_changed))),
    row!("access_keys", List(Kind::AccessKey), REPORT, "Access keys, active or not.",
        Subject::User(_, _, user) => Reading::of(&user.access_keys, |keys| Value::list(Items::AccessKeys(keys)))),
    row!("active_access_keys", Number, REPORT, "How many access keys are active.",
        Subject::User(_, _, user) => Reading::of(&user.access_keys, |keys| Value::Number(active(keys)))),
    row!("active_signing_certificates", Number, REPORT, "How many X.509 signing certificates are active.",
        Subject::User(_, _, user) => Reading::of(&user.signing_certificates, |count| Value::Number(i64::from(*count)))),
    row!("groups", Texts, AUTHORIZATION, "Names of the groups the user is in.",
        Subject::User(_, _, user) => Reading::of(&user.authorization, |a| Value::list(Items::Texts(&a.groups)))),
    row!("attached_policies", List(Kind::AttachedPolicy), AUTHORIZATION, "Managed policies attached to the user itself.",
        Subject::User(_, _, user) =>
            Reading::of(&user.authorization, |a| Value::list(Items::AttachedPolicies(&a.attached_policies)))),
    row!("inline_policies", List(Kind::InlinePolicy), AUTHORIZATION, "Policies embedded in the user.",
        Subject::User(_, _, user) =>
            Reading::of(&user.authorization, |a| Value::list(Items::InlinePolicies(&a.inline_policies)))),
    row!("inline_statements", List(Kind::Statement), AUTHORIZATION, "Statements of all policies embedded in the user.",
    Subject::User(view, at, user) =>
        Reading { value: Ok(Value::seen(view.index.user_inline_statements(at), Items::Statements)), origin: user.authorization.origin() }),
    row!("permissions_boundary", Text, AUTHORIZATION, "ARN of the permissions boundary; absent if there is none.",
        Subject::User(_, _, user) =>
            Reading::of(&user.authorization, |a| Value::text(a.permissions_boundary.as_deref()))),
    row!("tags", List(Kind::Tag), AUTHORIZATION, "The user's tags.",
        Subject::User(_, _, user) => Reading::of(&user.authorization, |a| Value::list(Items::Tags(&a.tags)))),
    row!("is_admin", Bool, AUTHORIZATION,
    "Whether the user is an administrator in effect: own policies and those of groups, with `NotAction` and conditions, allow everything or what gives it, within the boundary.",
    Subject::User(view, at, user) => answer(user, view.index.user_is_admin(at))),
    row!("mfa_enforced", Bool, AUTHORIZATION,
    "Whether the policies leave nothing open to the user without MFA, by access key or in the console, but to enroll a device.",
    Subject::User(view, at, user) => answer(user, view.index.mfa_enforced(at, user))),
    row!("mfa_holes", Texts, AUTHORIZATION,
    "What the user can do without MFA, with the reason why no policy denies it: an example for each reason; empty if MFA is enforced.",
    Subject::User(view, at, user) => answers(user, view.index.mfa_holes(at, user), Items::Texts)),
    row!("can_self_enroll", Bool, AUTHORIZATION,
    "Whether the user can enroll an MFA device without having one; unknown where it depends on conditions.",
    Subject::User(view, at, user) => answer(user, view.index.can_self_enroll(at, user))),
    row!("privilege_escalation", Texts, AUTHORIZATION,
    "Ways by which the user, who is no administrator, can become one with MFA; empty for administrators, who need none.",
    Subject::User(view, at, user) => answers(user, view.index.privilege_escalation(view.facts, at, user), Items::Texts)),
    row!("guards", List(Kind::Guard), AUTHORIZATION,
    "Policies that deny what has no MFA and apply to the user: its own, those of its groups, and its boundary.",
    Subject::User(view, at, user) => answers(user, view.index.user_guards(view.facts, at, user), Items::Guards)),
];

/// What the evaluator says of a user: it rests on the user's authorization details.
fn answer<'a>(user: &'a User, answer: Result<bool, Unknown<'a>>) -> Reading<'a> {
    match answer {
        Ok(value) => Reading { value: Ok(Value::Bool(value)), origin: user.authorization.origin() },
        Err(unknown) => Reading::unknown(unknown),
    }
}

fn answers<'a, T>(user: &'a User, seen: Seen<'a, T>, items: impl FnOnce(&'a [T]) -> Items<'a>) -> Reading<'a> {
    Reading { value: Ok(Value::seen(seen, items)), origin: user.authorization.origin() }
}

fn password(user: &User, read: impl FnOnce(&Password) -> Option<jiff::Timestamp>) -> Reading<'_> {
    Reading::of(&user.password, |password| Value::time(read(password)))
}

/// A date that every password has: only where there is none for certain is the date absent.
fn set_at(user: &User, read: impl FnOnce(&Password) -> Option<jiff::Timestamp>) -> Reading<'_> {
    let reading = password(user, read);
    match reading.value {
        Ok(Value::Absent) if user.console_access.value() != Some(&false) => {
            Reading::not_in_answer(REPORT, "it is not told when the password was set")
        }
        _ => reading,
    }
}

fn active(keys: &[AccessKey]) -> i64 {
    i64::try_from(keys.iter().filter(|key| key.active).count()).unwrap_or(i64::MAX)
}

/// True as soon as one is known; false only when the whole list is.
fn has_passkey(user: &User) -> Reading<'_> {
    let found =
        user.mfa_devices.value().is_some_and(|devices| devices.iter().any(|device| device.kind == MfaKind::Passkey));
    if found {
        return Reading { value: Ok(Value::Bool(true)), origin: user.mfa_devices.origin() };
    }
    Reading::of(&user.mfa_devices, |_| Value::Bool(false))
}
