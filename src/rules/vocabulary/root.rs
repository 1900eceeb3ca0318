//! Facts of an account's root user.

use crate::model::{AccountFacts, Fact, RootCredentials};
use crate::rules::subject::{AccountView, Kind, Subject};
use crate::rules::value::{Items, Reading, Value};

use super::account::{entry, summary};
use super::table::FactType::{Bool, List, Text, Time};
use super::table::{FactDef, REPORT, SUMMARY, VIRTUAL_DEVICES, row};

/// The rows.
pub(super) const FACTS: &[FactDef] = &[
    row!("account", Text, "sts:GetCallerIdentity", "The account id, twelve digits.",
        Subject::Root(view) => Reading::plain(Value::Text(&view.facts.account.id))),
    row!("account_name", Text, "organizations:ListAccounts", "The account's name.",
        Subject::Root(view) => Reading::plain(Value::Text(&view.facts.account.name))),
    row!("is_management_account", Bool, "organizations:DescribeOrganization",
    "Whether it is the root of the organization's management account.",
    Subject::Root(view) => match view.facts.account.management {
        Some(value) => Reading::plain(Value::Bool(value)),
        None => Reading::not_in_answer("organizations:DescribeOrganization", "this scan did not ask Organizations"),
    }),
    row!("mfa_active", Bool, SUMMARY, "Whether root has an MFA device of any kind (AccountMFAEnabled).",
        Subject::Root(view) => summary(view.facts, entry!("AccountMFAEnabled"), flag)),
    row!("password_present", Bool, SUMMARY, "Whether root has a password (AccountPasswordPresent, else the credential report).",
        Subject::Root(view) => password_present(view)),
    row!("access_keys_present", Bool, SUMMARY, "Whether root has an access key (AccountAccessKeysPresent).",
        Subject::Root(view) => summary(view.facts, entry!("AccountAccessKeysPresent"), flag)),
    row!("signing_certificates_present", Bool, SUMMARY,
        "Whether root has an X.509 signing certificate (AccountSigningCertificatesPresent).",
        Subject::Root(view) => summary(view.facts, entry!("AccountSigningCertificatesPresent"), flag)),
    row!("has_credentials", Bool, SUMMARY,
        "Whether root has any credentials: a password, an access key, a signing certificate or an MFA device.",
        Subject::Root(view) => has_credentials(view)),
    row!("virtual_mfa_devices", List(Kind::MfaDevice), VIRTUAL_DEVICES,
        "Virtual MFA devices of root; other kinds cannot be listed by a normal role.",
        Subject::Root(view) =>
            Reading::of(&view.facts.root.virtual_devices, |devices| Value::list(Items::MfaDevices(devices)))),
    row!("password_last_used", Time, REPORT, "Last sign-in of root; absent if never.",
        Subject::Root(view) => credentials(view.facts, |root| Value::time(root.password_last_used))),
    row!("last_used", Time, REPORT, "Last use of root's password or access keys, whichever is latest; absent if never.",
        Subject::Root(view) => credentials(view.facts, |root| Value::time(last_used(root)))),
    row!("access_keys", List(Kind::AccessKey), REPORT, "Access keys of root, active or not.",
        Subject::Root(view) => credentials(view.facts, |root| Value::list(Items::AccessKeys(&root.access_keys)))),
];

const fn flag<'a>(number: i64) -> Value<'a> {
    Value::Bool(number != 0)
}

fn credentials(facts: &AccountFacts, read: impl FnOnce(&RootCredentials) -> Value<'_>) -> Reading<'_> {
    Reading::of(&facts.root.credentials, read)
}

fn last_used(root: &RootCredentials) -> Option<jiff::Timestamp> {
    root.access_keys.iter().map(|key| key.last_used).chain([root.password_last_used]).flatten().max()
}

/// The account summary tells it in newer accounts; the credential report in all but those of GovCloud.
fn password_present(view: AccountView<'_>) -> Reading<'_> {
    let told = summary(view.facts, entry!("AccountPasswordPresent"), flag);
    match (told.value, &view.facts.root.credentials) {
        (Err(_), Fact::Known { value: RootCredentials { password_enabled: Some(enabled), .. }, origin }) => {
            Reading { value: Ok(Value::Bool(*enabled)), origin: Some(origin) }
        }
        _ => told,
    }
}

/// True as soon as one credential is known; false only when all are known to be missing.
fn has_credentials(view: AccountView<'_>) -> Reading<'_> {
    let mut answer = any_device(view);
    let others = [
        password_present(view),
        summary(view.facts, entry!("AccountAccessKeysPresent"), flag),
        summary(view.facts, entry!("AccountSigningCertificatesPresent"), flag),
    ];
    for reading in others {
        let settled = matches!(answer.value, Ok(Value::Bool(true)));
        let decides = matches!(reading.value, Ok(Value::Bool(true)));
        let spoils = reading.value.is_err() && answer.value.is_ok();
        if !settled && (decides || spoils) {
            answer = reading;
        }
    }
    answer
}

/// The account summary counts devices of every kind; without it, a virtual one that was seen is one all the same.
fn any_device(view: AccountView<'_>) -> Reading<'_> {
    let virtual_devices = &view.facts.root.virtual_devices;
    match virtual_devices.value() {
        Some(seen) if !seen.is_empty() => Reading { value: Ok(Value::Bool(true)), origin: virtual_devices.origin() },
        _ => summary(view.facts, entry!("AccountMFAEnabled"), flag),
    }
}
