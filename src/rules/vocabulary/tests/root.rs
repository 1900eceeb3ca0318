//! Root: its credentials are told in up to three places, none of them whole.

use super::*;
use crate::testing::summary;

/// Root has credentials as soon as one is known, and none only when all are known to be missing (aws-facts 2.19).
#[test]
fn root_credentials_in_all_combinations() {
    let keys = [
        "AccountMFAEnabled",
        "AccountPasswordPresent",
        "AccountAccessKeysPresent",
        "AccountSigningCertificatesPresent",
    ];
    // Each of the four entries is 0, 1 or missing, and the report may fill in for the password.
    for combination in 0..3_usize.pow(4) {
        let state = |at: usize| combination / 3_usize.pow(u32::try_from(at).unwrap()) % 3;
        for report in [Some(true), Some(false), None] {
            let mut facts = account();
            let map = facts.summary.value_mut().unwrap();
            for (at, key) in keys.iter().enumerate() {
                match state(at) {
                    2 => drop(map.remove(*key)),
                    value => drop(map.insert((*key).to_owned(), i64::try_from(value).unwrap())),
                }
            }
            facts.root.credentials.value_mut().unwrap().password_enabled = report;
            let filled = |at: usize| match (at, state(at), report) {
                (1, 2, Some(enabled)) => Some(enabled),
                (_, 2, _) => None,
                (_, value, _) => Some(value == 1),
            };
            let all = [0, 1, 2, 3].map(filled);
            let expected = if all.contains(&Some(true)) {
                told(true)
            } else if all.contains(&None) {
                UNKNOWN
            } else {
                told(false)
            };
            assert_eq!(of_root(&facts, "has_credentials"), expected, "{all:?}");
        }
    }
}

#[test]
fn devices_of_root_from_two_calls() {
    let device = || vec![device(MfaKind::Virtual)];
    let call = "iam:ListVirtualMFADevices";
    // The account has no other credentials; the summary counts devices of all kinds, if it is there.
    let cases = [
        ("neither", Some(false), known(Vec::new(), call), told(false)),
        ("a hardware device", Some(true), known(Vec::new(), call), told(true)),
        ("a virtual one, summary silent", None, known(device(), call), told(true)),
        ("one of perhaps more, summary silent", None, at_least(device(), call), told(true)),
        ("no virtual one, summary silent", None, known(Vec::new(), call), UNKNOWN),
        ("the summary says none, the list is denied", Some(false), denied(call), told(false)),
    ];
    for (what, mfa, virtual_devices, expected) in cases {
        let mut facts = account();
        let map = facts.summary.value_mut().unwrap();
        *map = summary([mfa == Some(true), false, false, false]);
        if mfa.is_none() {
            map.remove("AccountMFAEnabled");
        }
        facts.root.virtual_devices = virtual_devices;
        assert_eq!(of_root(&facts, "has_credentials"), expected, "{what}");
    }
}

#[test]
fn the_password_of_root_is_told_by_the_summary_else_by_the_report() {
    let cases = [
        // summary, report, password_present
        (Some(1), Some(false), told(true)),
        (Some(0), Some(true), told(false)),
        (None, Some(true), told(true)),
        (None, Some(false), told(false)),
        (None, None, UNKNOWN),
    ];
    for (entry, report, expected) in cases {
        let mut facts = account();
        facts.root.credentials.value_mut().unwrap().password_enabled = report;
        let map = facts.summary.value_mut().unwrap();
        map.remove("AccountPasswordPresent");
        map.extend(entry.map(|value| ("AccountPasswordPresent".to_owned(), value)));
        assert_eq!(of_root(&facts, "password_present"), expected, "{entry:?} {report:?}");
    }
    let mut facts = account();
    facts.summary = denied(SUMMARY);
    assert_eq!(of_root(&facts, "password_present"), told(true), "the report alone");
    facts.root.credentials = denied(REPORT);
    assert_eq!(of_root(&facts, "password_present"), FAILED);
}

/// Root was last used when its password or one of its keys was, whichever is latest (aws-facts 6.4).
#[test]
fn last_use_of_root_is_the_latest_of_three() {
    let cases = [
        (None, vec![], absent()),
        (Some(9), vec![], date(9)),
        (Some(9), vec![key(Some(99), None), key(Some(99), None)], date(9)),
        (Some(9), vec![key(Some(99), Some(5)), key(Some(99), Some(7))], date(5)),
        (Some(9), vec![key(Some(99), Some(50)), key(Some(99), Some(2))], date(2)),
        (None, vec![key(Some(99), None), key(Some(99), Some(7))], date(7)),
    ];
    for (password, keys, expected) in cases {
        let mut facts = account();
        let root = facts.root.credentials.value_mut().unwrap();
        (root.password_last_used, root.access_keys) = (password.and_then(days_ago), keys);
        assert_eq!(of_root(&facts, "last_used"), expected);
    }
}
