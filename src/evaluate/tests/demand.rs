//! Which users are worth a call of their own.

use super::*;
use crate::model::MfaKind::{Passkey, Virtual};
use crate::testing::{DEVICES, key};

fn wanted(set: &RuleSet, whole_vocabulary: bool, user: User) -> Wanted {
    let facts = with_users(vec![user]);
    let index = AccountIndex::new(&facts);
    let demand = Demand::new(set, whole_vocabulary, now());
    demand.about(AccountView { facts: &facts, index: &index }, 0, &facts.users.value().unwrap()[0])
}

/// A user as the bulk calls tell it: virtual devices seen, other kinds not asked for.
fn bulk(user: User, seen: &[crate::model::MfaKind]) -> User {
    user.some_devices(seen)
}

fn console() -> User {
    user("alice").signs_in(Some(1), Some(2))
}

#[test]
fn devices_are_asked_for_where_a_rule_turns_on_them() {
    let denied_devices = console().with(|user| user.mfa_devices = denied(DEVICES));
    let cases = [
        ("console user, none seen", bulk(console(), &[]), true),
        ("console user, an app seen", bulk(console(), &[Virtual]), false),
        ("console user, list whole", console().devices(&[]), false),
        ("console user, the call failed before", denied_devices, false),
        ("no password", bulk(user("robot"), &[]), false),
        ("a key, no administrator", bulk(user("robot").keys(vec![key(Some(1), None)]), &[]), false),
        ("a key, administrator, none seen", bulk(user("robot").keys(vec![key(Some(1), None)]).admin(), &[]), true),
        ("administrator, one app seen: is there a second?", bulk(console().admin(), &[Virtual]), true),
        ("administrator, two apps seen", bulk(console().admin(), &[Virtual, Virtual]), false),
        ("administrator without a way in", bulk(user("old").admin(), &[]), false),
    ];
    for (what, user, expected) in cases {
        assert_eq!(wanted(&baseline(), false, user).mfa_devices, expected, "{what}");
    }
}

/// The credential report is up to four hours old: a failure by its password alone is looked at again.
#[test]
fn the_password_is_read_live_where_it_decides_a_failure() {
    let live = console().with(|user| user.console_access = known(true, "iam:GetLoginProfile"));
    let idle = user("alice").signs_in(Some(91), Some(400)).devices(&[Passkey]);
    let cases = [
        ("fails by the report's password", console().devices(&[]), true),
        ("passes", console().devices(&[Virtual]), false),
        ("already read live", live.devices(&[]), false),
        ("fails by an idle password", idle, true),
        ("fails by a key alone", user("robot").keys(vec![key(Some(400), Some(1))]), false),
        ("no password", user("robot").devices(&[]), false),
    ];
    for (what, user, expected) in cases {
        assert_eq!(wanted(&baseline(), false, user).login_profile, expected, "{what}");
    }
}

#[test]
fn rules_that_do_not_turn_on_devices_ask_for_none() {
    let set =
        rules(&["target: user, require: { age: { newer_than: 1d } }", "target: root, require: { mfa_active: true }"]);
    assert_eq!(wanted(&set, false, bulk(console(), &[])), Wanted::default());
    let kinds = rules(&["target: user, require: { has_passkey: true }"]);
    assert!(wanted(&kinds, false, bulk(console(), &[Virtual])).mfa_devices);
    assert!(!wanted(&kinds, false, bulk(console(), &[Passkey])).mfa_devices);
}

/// A snapshot may be judged by any rules: the lists of devices are wanted whole.
#[test]
fn the_whole_vocabulary_asks_for_every_list_that_is_not_whole() {
    let set = rules(&["target: root, require: { mfa_active: true }"]);
    assert!(wanted(&set, true, bulk(user("robot"), &[Virtual])).mfa_devices);
    assert!(!wanted(&set, true, user("robot").devices(&[Virtual])).mfa_devices);
    assert!(!wanted(&set, true, user("robot").with(|user| user.mfa_devices = denied(DEVICES))).mfa_devices);
}

#[test]
fn facts_are_named_by_their_target() {
    let set = rules(&[
        "target: user, when: { console_access: true }, require: { mfa_devices: { count: 1 } }",
        "target: user, require: { mfa_devices: { count: 1 }, age: { newer_than: 1d } }",
        "target: root, require: { mfa_active: true }",
    ]);
    let demand = Demand::new(&set, false, now());
    assert_eq!(demand.facts(), ["root.mfa_active", "user.age", "user.console_access", "user.mfa_devices"]);
    assert!(demand.reads(Target::User, "mfa_devices") && demand.reads(Target::Root, "mfa_active"));
    assert!(!demand.reads(Target::Root, "mfa_devices") && !demand.reads(Target::User, "mfa_active"));
    let whole = Demand::new(&set, true, now());
    assert_eq!(whole.facts(), ["*"]);
    assert!(whole.reads(Target::Account, "users_quota"));
}
