//! Facts of an account as a whole.

use crate::model::{AccountFacts, PasswordPolicy};
use crate::rules::subject::{Kind, Subject};
use crate::rules::value::{Items, Reading, Value};

use super::table::FactType::{Bool, List, Number, Text, Texts, Time};
use super::table::{AUTHORIZATION, FactDef, PASSWORD_POLICY, REPORT, SUMMARY, VIRTUAL_DEVICES, row};

const ORGANIZATIONS: &str = "organizations:ListAccounts";
const FEATURES: &str = "iam:ListOrganizationsFeatures";

/// An entry of the account summary: its key, and what to say where the answer lacks it.
pub(super) type Entry = (&'static str, &'static str);

/// The entry called `$key`.
macro_rules! entry {
    ($key:literal) => {
        ($key, concat!("the answer has no ", $key))
    };
}
pub(super) use entry;

/// The rows.
pub(super) const FACTS: &[FactDef] = &[
    row!("id", Text, "sts:GetCallerIdentity", "The account id, twelve digits.",
        Subject::Account(view) => Reading::plain(Value::Text(&view.facts.account.id))),
    row!("name", Text, ORGANIZATIONS, "The name in Organizations, else the account's alias.",
        Subject::Account(view) => Reading::plain(Value::Text(&view.facts.account.name))),
    row!("ou_path", Text, ORGANIZATIONS, "Its place: `o-…/r-…/ou-…/`; absent if it is not known.",
        Subject::Account(view) => Reading::plain(Value::text(view.facts.account.ou_path.as_deref()))),
    row!("is_management_account", Bool, "organizations:DescribeOrganization", "Whether it is the organization's management account.",
    Subject::Account(view) => match view.facts.account.management {
        Some(value) => Reading::plain(Value::Bool(value)),
        None => Reading::not_in_answer("organizations:DescribeOrganization", "this scan did not ask Organizations"),
    }),
    row!("aliases", Texts, "iam:ListAccountAliases", "Account aliases.",
        Subject::Account(view) => Reading::of(&view.facts.aliases, |aliases| Value::list(Items::Texts(aliases)))),
    row!("password_policy_exists", Bool, PASSWORD_POLICY, "Whether the account has a password policy of its own.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.exists))),
    row!("password_min_length", Number, PASSWORD_POLICY, "Least number of characters; IAM's default is 8.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Number(policy.min_length))),
    row!("password_reuse_prevention", Number, PASSWORD_POLICY, "How many earlier passwords may not be used again; 0 if any may.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Number(policy.reuse_prevention))),
    row!("password_max_age_days", Number, PASSWORD_POLICY, "After how many days passwords expire; absent if never.",
        Subject::Account(view) => policy(view.facts, |policy| policy.max_age_days.map_or(Value::Absent, Value::Number))),
    row!("password_requires_uppercase", Bool, PASSWORD_POLICY, "Whether passwords need an upper-case letter.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.require_uppercase))),
    row!("password_requires_lowercase", Bool, PASSWORD_POLICY, "Whether passwords need a lower-case letter.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.require_lowercase))),
    row!("password_requires_numbers", Bool, PASSWORD_POLICY, "Whether passwords need a digit.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.require_numbers))),
    row!("password_requires_symbols", Bool, PASSWORD_POLICY, "Whether passwords need a character that is no letter or digit.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.require_symbols))),
    row!("users_may_change_password", Bool, PASSWORD_POLICY, "Whether users may change their own password.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.allow_users_to_change))),
    row!("password_hard_expiry", Bool, PASSWORD_POLICY, "Whether an expired password locks its user out.",
        Subject::Account(view) => policy(view.facts, |policy| Value::Bool(policy.hard_expiry))),
    row!("orphan_mfa_devices", List(Kind::MfaDevice), VIRTUAL_DEVICES, "Virtual MFA devices that belong to nobody.",
        Subject::Account(view) => Reading::of(&view.facts.orphan_devices, |devices| Value::list(Items::MfaDevices(devices)))),
    row!("users_quota", Number, SUMMARY, "How many users the account may have.",
        Subject::Account(view) => summary(view.facts, entry!("UsersQuota"), Value::Number)),
    row!("user_count", Number, SUMMARY, "How many users the account has.",
        Subject::Account(view) => summary(view.facts, entry!("Users"), Value::Number)),
    row!("users_quota_used_percent", Number, SUMMARY, "How much of the quota of users is used up, rounded down.",
        Subject::Account(view) => quota_used(view.facts)),
    row!("administrators", Texts, AUTHORIZATION, "Names of the users who are administrators, as the fact `is_admin` of users has it.",
        Subject::Account(view) =>
            Reading { value: Ok(Value::seen(view.index.administrators(), Items::Texts)), origin: view.facts.users.origin() }),
    row!("attached_aws_policies", Texts, AUTHORIZATION,
        "Names of AWS's own managed policies that are attached to a user, group or role.",
        Subject::Account(view) => Reading { value: Ok(Value::seen(view.index.aws_policies(), Items::Texts)), origin: view.facts.policies.origin() }),
    row!("credential_report_created", Time, REPORT, "When AWS made the credential report that was read.",
    Subject::Account(view) => match view.facts.credential_report_as_of {
        Some(time) => Reading::plain(Value::Time(time)),
        None => Reading::not_in_answer(REPORT, "no credential report was read"),
    }),
    row!("root_access_features", Texts, FEATURES,
    "Features of centralised root access that are on: `RootCredentialsManagement`, `RootSessions`.",
    Subject::Account(view) => match &view.facts.organization {
        Some(organization) => Reading::of(&organization.root_access_features, |all| Value::list(Items::Texts(all))),
        None => Reading::not_in_answer(FEATURES, "only the management account can tell"),
    }),
];

fn policy(facts: &AccountFacts, read: impl FnOnce(&PasswordPolicy) -> Value<'_>) -> Reading<'_> {
    Reading::of(&facts.password_policy, read)
}

/// Unknown without both numbers; a quota of zero is none.
fn quota_used(facts: &AccountFacts) -> Reading<'_> {
    let quota = summary(facts, entry!("UsersQuota"), Value::Number);
    let users = summary(facts, entry!("Users"), Value::Number);
    match (users.value, quota.value) {
        (Ok(Value::Number(used)), Ok(Value::Number(quota))) if quota > 0 => {
            Reading { value: Ok(Value::Number(used.saturating_mul(100) / quota)), origin: users.origin }
        }
        (Ok(_), Ok(_)) => Reading::not_in_answer(SUMMARY, "the quota of users is zero"),
        (Err(_), _) => users,
        (Ok(_), Err(_)) => quota,
    }
}

/// The entry `entry` of the account summary.
pub(super) fn summary<'a>(facts: &'a AccountFacts, entry: Entry, read: impl FnOnce(i64) -> Value<'a>) -> Reading<'a> {
    let (key, missing) = entry;
    match facts.summary.value() {
        Some(map) => match map.get(key) {
            Some(number) => Reading { value: Ok(read(*number)), origin: facts.summary.origin() },
            None => Reading::not_in_answer(SUMMARY, missing),
        },
        None => Reading::of(&facts.summary, |_| Value::Absent),
    }
}
