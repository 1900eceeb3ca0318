//! The three-valued logic: its tables, and what must hold of every condition.

mod laws;

use super::Truth::{self, False, True, Unknown};
use crate::model::{AccountFacts, MfaKind, Status, User};
use crate::rules::index::AccountIndex;
use crate::rules::subject::{AccountView, Subject};
use crate::testing::{account, at_least, days_ago, denied, inactive, key, known, now, rules, user, with_users};

/// The outcome of a condition on the first user.
fn of_user(condition: &str, user: &User) -> Truth {
    let facts = with_users(vec![user.clone()]);
    let index = AccountIndex::new(&facts);
    let set = rules(&[&format!("target: user, require: {condition}")]);
    set.rules[0].require.eval(Subject::User(AccountView { facts: &facts, index: &index }, 0, user), now())
}

fn of_account(condition: &str, facts: &AccountFacts) -> Truth {
    let index = AccountIndex::new(facts);
    let set = rules(&[&format!("target: account, require: {condition}")]);
    set.rules[0].require.eval(Subject::Account(AccountView { facts, index: &index }), now())
}

fn table(user: &User, cases: &[(&str, Truth)]) {
    for (condition, expected) in cases {
        assert_eq!(of_user(condition, user), *expected, "{condition}");
    }
}

#[test]
fn kleenes_tables() {
    let values = [True, Unknown, False];
    let and = [[True, Unknown, False], [Unknown, Unknown, False], [False, False, False]];
    let or = [[True, True, True], [True, Unknown, Unknown], [True, Unknown, False]];
    for (row, one) in values.into_iter().enumerate() {
        for (column, other) in values.into_iter().enumerate() {
            assert_eq!(one.and(other), and[row][column], "{one:?} and {other:?}");
            assert_eq!(one.or(other), or[row][column], "{one:?} or {other:?}");
        }
    }
    assert_eq!(values.map(Truth::negated), [False, Unknown, True]);
}

#[test]
fn combinators_decide_as_soon_as_they_can() {
    let user = user("a").with(|user| user.console_access = denied("iam:GetCredentialReport"));
    table(
        &user,
        &[
            ("{ console_access: true }", Unknown),
            ("{ not: { console_access: true } }", Unknown),
            ("{ console_access: true, name: b }", False),
            ("{ console_access: true, name: a }", Unknown),
            ("{ any: [{ console_access: true }, { name: a }] }", True),
            ("{ any: [{ console_access: true }, { name: b }] }", Unknown),
            ("{ all: [{ name: a }, { path: / }] }", True),
            ("{ any: [{ name: b }, { path: /x/ }] }", False),
        ],
    );
}

#[test]
fn text_matchers() {
    let user = user("Alice.Ops").with(|user| user.path = "/team/ops/".to_owned());
    table(
        &user,
        &[
            ("{ name: Alice.Ops }", True),
            ("{ name: alice.ops }", False),
            ("{ name: { eq: Alice.Ops } }", True),
            ("{ name: { ne: Alice.Ops } }", False),
            ("{ name: { ne: bob } }", True),
            ("{ name: { in: [bob, Alice.Ops] } }", True),
            ("{ name: { not_in: [bob, Alice.Ops] } }", False),
            ("{ name: { contains: '.' } }", True),
            ("{ name: { contains: ops } }", False),
            // A regular expression is looked for anywhere; a glob has to fit the whole.
            ("{ name: { regex: '[A-Z]ps$' } }", True),
            ("{ name: { regex: '^ops' } }", False),
            ("{ name: { matches: Alice } }", False),
            // Globs are IAM's: `*` also spans `/`, `?` is one character, nothing else is special, case counts.
            ("{ name: { matches: 'Alice*' } }", True),
            ("{ name: { matches: 'alice*' } }", False),
            ("{ name: { matches: 'Alice?Ops' } }", True),
            ("{ name: { matches: 'Alice??Ops' } }", False),
            ("{ name: { matches: '[A]lice*' } }", False),
            ("{ path: { matches: '/team/*' } }", True),
            ("{ path: { matches: '/*/' } }", True),
            ("{ path: { matches: '*' } }", True),
            // All operators of one mapping have to fit.
            ("{ name: { matches: 'A*', contains: Ops } }", True),
            ("{ name: { matches: 'A*', contains: ops } }", False),
        ],
    );
}

#[test]
fn what_is_absent_fits_nothing_but_exists_false_and_the_negative_operators() {
    // No boundary, a password never used, a policy without expiry: known to be none, so never unknown.
    let user = user("a").signs_in(None, Some(10));
    table(
        &user,
        &[
            ("{ permissions_boundary: { exists: false } }", True),
            ("{ permissions_boundary: { exists: true } }", False),
            ("{ permissions_boundary: x }", False),
            ("{ permissions_boundary: { ne: x } }", True),
            ("{ permissions_boundary: { not_in: [x] } }", True),
            ("{ permissions_boundary: { matches: '*' } }", False),
            ("{ permissions_boundary: { contains: x } }", False),
            ("{ permissions_boundary: { regex: '.' } }", False),
            ("{ password_last_used: { exists: false } }", True),
            ("{ password_last_used: { older_than: 1d } }", False),
            ("{ password_last_used: { newer_than: 1d } }", False),
            ("{ not: { password_last_used: { newer_than: 1d } } }", True),
        ],
    );
    let facts = account();
    assert_eq!(of_account("{ password_max_age_days: { lte: 90 } }", &facts), False);
    assert_eq!(of_account("{ password_max_age_days: { gt: 0 } }", &facts), False);
    assert_eq!(of_account("{ password_max_age_days: { exists: false } }", &facts), True);
}

#[test]
fn numbers_compare_at_their_bounds() {
    let user = user("a").keys(vec![key(Some(1), None), key(Some(2), None), inactive(key(Some(3), None))]);
    let cases = [
        ("2", True),
        ("3", False),
        ("{ eq: 2 }", True),
        ("{ ne: 2 }", False),
        ("{ gt: 1 }", True),
        ("{ gt: 2 }", False),
        ("{ gte: 2 }", True),
        ("{ gte: 3 }", False),
        ("{ lt: 3 }", True),
        ("{ lt: 2 }", False),
        ("{ lte: 2 }", True),
        ("{ lte: 1 }", False),
        ("{ in: [1, 2] }", True),
        ("{ not_in: [1, 2] }", False),
        ("{ gte: 1, lte: 1 }", False),
        ("{ gte: 1, lte: 2 }", True),
        ("{ exists: true }", True),
    ];
    for (test, expected) in cases {
        table(&user, &[(&format!("{{ active_access_keys: {test} }}"), expected)]);
        // The list has one entry more than are active: the same numbers, from its count of active ones.
        table(
            &user.clone().with(|user| user.access_keys.value_mut().unwrap().truncate(2)),
            &[(&format!("{{ access_keys: {{ count: {test} }} }}"), expected)],
        );
    }
}

/// `older_than` and `newer_than` both exclude their bound: who is exactly 90 days old is neither.
#[test]
fn ages_at_their_bounds() {
    let cases = [(89, False, True), (90, False, False), (91, True, False), (-1, False, True)];
    for (days, older, newer) in cases {
        let user = user("a").with(|user| user.created = days_ago(days));
        table(&user, &[("{ age: { older_than: 90d } }", older), ("{ created: { newer_than: 90d } }", newer)]);
    }
    let second = jiff::SignedDuration::from_secs(1);
    let just_older = user("a").with(|user| user.created = days_ago(90).map(|time| time - second));
    table(&just_older, &[("{ age: { older_than: 90d } }", True)]);
    let unknown = user("a").with(|user| user.created = None);
    table(&unknown, &[("{ age: { older_than: 90d } }", Unknown), ("{ not: { age: { newer_than: 90d } } }", Unknown)]);
}

/// What a count can say of a list with one known entry, whole or not.
#[test]
fn a_list_known_in_part_is_a_lower_bound_of_its_count() {
    let whole = user("a").devices(&[MfaKind::Virtual]);
    let part = user("a").some_devices(&[MfaKind::Virtual]);
    let cases = [
        ("{ gte: 0 }", True, True),
        ("{ gte: 1 }", True, True),
        ("{ gte: 2 }", False, Unknown),
        ("{ gt: 0 }", True, True),
        ("{ gt: 1 }", False, Unknown),
        ("{ lte: 0 }", False, False),
        ("{ lte: 1 }", True, Unknown),
        ("{ lt: 1 }", False, False),
        ("{ lt: 2 }", True, Unknown),
        ("0", False, False),
        ("1", True, Unknown),
        ("2", False, Unknown),
        ("{ ne: 0 }", True, True),
        ("{ ne: 1 }", False, Unknown),
        ("{ in: [0] }", False, False),
        ("{ in: [0, 1] }", True, Unknown),
        ("{ not_in: [0] }", True, True),
        ("{ not_in: [0, 3] }", True, Unknown),
        ("{ gte: 1, lte: 8 }", True, Unknown),
        ("{ gte: 3, lt: 1 }", False, False),
        ("{ exists: true }", True, True),
        ("{ exists: false }", False, False),
    ];
    for (test, when_whole, when_part) in cases {
        let condition = format!("{{ mfa_devices: {{ count: {test} }} }}");
        table(&whole, &[(&condition, when_whole)]);
        table(&part, &[(&condition, when_part)]);
        table(&user("a").with(|user| user.mfa_devices = denied("x")), &[(&condition, Unknown)]);
    }
}

#[test]
fn quantifiers_on_lists_empty_whole_in_part_and_unknown() {
    let (empty, one) = (user("a"), user("a").devices(&[MfaKind::Virtual]));
    let two = user("a").devices(&[MfaKind::Virtual, MfaKind::Passkey]);
    let none_seen = user("a").some_devices(&[]);
    let one_seen = user("a").some_devices(&[MfaKind::Virtual]);
    let unread = user("a").with(|user| user.mfa_devices = denied("iam:ListMFADevices"));
    let users = [&empty, &one, &two, &none_seen, &one_seen, &unread];
    let cases = [
        // quantifier, kind           empty  one    two    0 seen   1 seen   unread
        ("some: { kind: virtual }", [False, True, True, Unknown, True, Unknown]),
        ("some: { kind: passkey }", [False, False, True, Unknown, Unknown, Unknown]),
        ("every: { kind: virtual }", [True, True, False, Unknown, Unknown, Unknown]),
        ("every: { kind: passkey }", [True, False, False, Unknown, False, Unknown]),
        ("none: { kind: virtual }", [True, False, False, Unknown, False, Unknown]),
        ("none: { kind: passkey }", [True, True, False, Unknown, Unknown, Unknown]),
        ("some: { kind: virtual }, none: { kind: passkey }", [False, True, False, Unknown, Unknown, Unknown]),
    ];
    for (test, expected) in cases {
        let found = users.map(|user| of_user(&format!("{{ mfa_devices: {{ {test} }} }}"), user));
        assert_eq!(found, expected, "{test}");
    }
}

#[test]
fn an_unknown_inside_an_entry_counts_only_where_it_decides() {
    let undated = user("a").keys(vec![key(None, None), inactive(key(Some(500), None))]);
    table(
        &undated,
        &[
            ("{ access_keys: { none: { active: true, age: { older_than: 90d } } } }", Unknown),
            ("{ access_keys: { some: { age: { older_than: 90d } } } }", True),
            ("{ access_keys: { every: { age: { older_than: 90d } } } }", Unknown),
            ("{ access_keys: { every: { age: { newer_than: 90d } } } }", False),
            ("{ access_keys: { some: { id: AKIA } } }", Unknown),
        ],
    );
}

#[test]
fn lists_of_texts() {
    let member = user("a").authorized(|all| all.groups = vec!["ops".to_owned(), "dev".to_owned()]);
    table(
        &member,
        &[
            ("{ groups: { contains: ops } }", True),
            ("{ groups: { contains: op } }", False),
            ("{ groups: { some: { matches: 'd*' } } }", True),
            ("{ groups: { some: dev } }", True),
            ("{ groups: { every: { in: [ops, dev] } } }", True),
            ("{ groups: { none: { matches: 'admin*' } } }", True),
            ("{ groups: { count: 2 } }", True),
        ],
    );
    let mut facts = account();
    facts.aliases = at_least(vec!["shop".to_owned()], "iam:ListAccountAliases");
    assert_eq!(of_account("{ aliases: { contains: shop } }", &facts), True);
    assert_eq!(of_account("{ aliases: { contains: other } }", &facts), Unknown);
    assert_eq!(of_account("{ aliases: { every: { matches: 's*' } } }", &facts), Unknown);
    assert_eq!(of_account("{ aliases: { none: { matches: 's*' } } }", &facts), False);
}

/// `when`, `require` → status. An unknown never becomes a pass or a failure unless the rest decides.
#[test]
fn a_rule_joins_when_and_require() {
    let cases = [
        ("true", "a", Status::Pass),
        ("true", "b", Status::Fail),
        ("false", "a", Status::NotApplicable),
        ("false", "b", Status::NotApplicable),
        ("unknown", "a", Status::Pass),
        ("unknown", "b", Status::Unknown),
        ("true", "unknown", Status::Unknown),
        ("false", "unknown", Status::NotApplicable),
        ("unknown", "unknown", Status::Unknown),
    ];
    for (when, require, expected) in cases {
        let subject = user("a").with(|user| {
            user.console_access = match when {
                "unknown" => denied("x"),
                value => known(value == "true", "x"),
            };
            user.password = denied("x");
        });
        let require = if require == "unknown" {
            "{ password_last_used: { exists: true } }"
        } else {
            &format!("{{ name: {require} }}")
        };
        let facts = with_users(vec![subject]);
        let index = AccountIndex::new(&facts);
        let set = rules(&[&format!("target: user, when: {{ console_access: true }}, require: {require}")]);
        let view = AccountView { facts: &facts, index: &index };
        let user = &facts.users.value().unwrap()[0];
        assert_eq!(set.rules[0].judge(Subject::User(view, 0, user), now()), expected, "{when}, {require}");
    }
}
