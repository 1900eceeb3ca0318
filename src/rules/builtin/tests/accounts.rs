//! Cases of the rules about root and about the account.

use super::Case;
use crate::model::MfaKind::Virtual;
use crate::model::Status::{Fail, NotApplicable, Pass, Unknown};
use crate::model::{AccountFacts, PasswordPolicy, Status};
use crate::testing::{account, at_least, denied, device, known, password_policy, summary};

const VIRTUAL_DEVICES: &str = "iam:ListVirtualMFADevices";

fn of(rule: &'static str, cases: Vec<(&'static str, Status, AccountFacts)>) -> Vec<Case> {
    cases.into_iter().map(|(case, expected, facts)| (rule, case, expected, facts)).collect()
}

/// The account with `change` made.
fn with(change: impl FnOnce(&mut AccountFacts)) -> AccountFacts {
    let mut facts = account();
    change(&mut facts);
    facts
}

/// An account whose summary says of root: a device, a password, access keys, signing certificates.
fn root_with(entries: [bool; 4]) -> AccountFacts {
    with(|facts| facts.summary = known(summary(entries), "iam:GetAccountSummary"))
}

fn no_summary() -> AccountFacts {
    with(|facts| facts.summary = denied("iam:GetAccountSummary"))
}

pub(super) fn root() -> Vec<Case> {
    let virtual_device = || known(vec![device(Virtual)], VIRTUAL_DEVICES);
    [
        of(
            "root-mfa",
            vec![
                ("a password and no device", Fail, root_with([false, true, false, false])),
                ("an access key and no device", Fail, root_with([false, false, true, false])),
                ("a signing certificate and no device", Fail, root_with([false, false, false, true])),
                ("a device", Pass, root_with([true, true, false, false])),
                ("a member account without root credentials", NotApplicable, root_with([false; 4])),
                ("summary denied", Unknown, no_summary()),
                (
                    "no device, the rest not told",
                    Unknown,
                    with(|facts| {
                        let map = facts.summary.value_mut().unwrap();
                        map.retain(|key, _| key == "AccountMFAEnabled");
                        map.insert("AccountMFAEnabled".to_owned(), 0);
                        facts.root.credentials = denied("iam:GetCredentialReport");
                    }),
                ),
            ],
        ),
        of(
            "root-hardware-mfa",
            vec![
                ("a virtual device", Fail, with(|facts| facts.root.virtual_devices = virtual_device())),
                ("a device and none virtual", Pass, account()),
                ("a password and no device at all", Fail, root_with([false, true, false, false])),
                ("a member account without root credentials", NotApplicable, root_with([false; 4])),
                ("virtual devices denied", Unknown, with(|facts| facts.root.virtual_devices = denied(VIRTUAL_DEVICES))),
                (
                    "one virtual of perhaps more",
                    Fail,
                    with(|facts| {
                        facts.root.virtual_devices = at_least(vec![device(Virtual)], VIRTUAL_DEVICES);
                    }),
                ),
                ("summary denied, none virtual", Unknown, no_summary()),
            ],
        ),
        of(
            "root-no-access-keys",
            vec![
                ("a key", Fail, root_with([true, true, true, false])),
                ("none", Pass, root_with([true, true, false, false])),
                ("summary denied", Unknown, no_summary()),
                (
                    "entry missing",
                    Unknown,
                    with(|facts| {
                        facts.summary.value_mut().unwrap().remove("AccountAccessKeysPresent");
                    }),
                ),
            ],
        ),
    ]
    .concat()
}

fn by_policy(rule: &'static str, cases: &[(&'static str, Status, PasswordPolicy)]) -> Vec<Case> {
    let call = "iam:GetAccountPasswordPolicy";
    let mut all: Vec<Case> = cases
        .iter()
        .map(|(case, expected, policy)| {
            (rule, *case, *expected, with(|facts| facts.password_policy = known(policy.clone(), call)))
        })
        .collect();
    all.push((rule, "password policy denied", Unknown, with(|facts| facts.password_policy = denied(call))));
    all
}

/// What IAM applies where the account has no policy: 8 characters, no memory.
fn default_policy() -> PasswordPolicy {
    PasswordPolicy { exists: false, ..password_policy(8, 0) }
}

pub(super) fn whole() -> Vec<Case> {
    let orphan = || vec![device(Virtual)];
    [
        by_policy(
            "password-policy-exists",
            &[
                ("none of its own", Fail, default_policy()),
                ("one of its own, however weak", Pass, password_policy(6, 0)),
            ],
        ),
        by_policy(
            "password-min-length-14",
            &[
                ("13", Fail, password_policy(13, 24)),
                ("14", Pass, password_policy(14, 24)),
                ("IAM's default", Fail, default_policy()),
            ],
        ),
        by_policy(
            "password-reuse-24",
            &[
                ("23", Fail, password_policy(14, 23)),
                ("24", Pass, password_policy(14, 24)),
                ("none remembered", Fail, password_policy(14, 0)),
                ("IAM's default", Fail, default_policy()),
            ],
        ),
        of(
            "orphan-virtual-mfa",
            vec![
                ("one", Fail, with(|facts| facts.orphan_devices = known(orphan(), VIRTUAL_DEVICES))),
                ("none", Pass, with(|_| ())),
                ("one of perhaps more", Fail, with(|facts| facts.orphan_devices = at_least(orphan(), VIRTUAL_DEVICES))),
                ("denied", Unknown, with(|facts| facts.orphan_devices = denied(VIRTUAL_DEVICES))),
            ],
        ),
    ]
    .concat()
}
