//! The traps of the facts: what AWS leaves out, spells oddly or tells in two places.

mod derived;
mod rights;
mod root;

use super::table::{AUTHORIZATION, SUMMARY};
use super::*;
use crate::model::{AccountFacts, Fact, Gap, GapKind, MfaKind, User};
use crate::rules::index::AccountIndex;
use crate::rules::subject::{AccountView, Subject};
use crate::rules::value::{Reading, Value};
use crate::testing::{
    ADMINISTRATOR, DEVICES, REPORT, account, at_least, days_ago, denied, device, group, inline, key, known,
    rich_account, role, user, with_users,
};

/// A reading for tables: the value as JSON, or why it is unknown.
type Read = Result<serde_json::Value, GapKind>;

const UNKNOWN: Read = Err(GapKind::NotInAnswer);
const FAILED: Read = Err(GapKind::Failed);

#[expect(clippy::unnecessary_wraps, reason = "a cell of a table")]
fn told(value: impl Into<serde_json::Value>) -> Read {
    Ok(value.into())
}

#[expect(clippy::unnecessary_wraps, reason = "a cell of a table")]
fn absent() -> Read {
    Ok(serde_json::Value::Null)
}

fn read(kind: Kind, name: &str, subject: Subject<'_>) -> Read {
    let fact = fact(kind, name).unwrap_or_else(|| panic!("no fact {name}"));
    (fact.read)(subject).value.map(Value::to_json).map_err(|unknown| unknown.kind)
}

fn in_account<R>(facts: &AccountFacts, ask: impl FnOnce(AccountView<'_>) -> R) -> R {
    let index = AccountIndex::new(facts);
    ask(AccountView { facts, index: &index })
}

fn of_root(facts: &AccountFacts, name: &str) -> Read {
    in_account(facts, |view| read(Kind::Target(Target::Root), name, Subject::Root(view)))
}

fn of_account(facts: &AccountFacts, name: &str) -> Read {
    in_account(facts, |view| read(Kind::Target(Target::Account), name, Subject::Account(view)))
}

/// A fact of the first user of an account.
fn of_user_in(facts: &AccountFacts, name: &str) -> Read {
    let user = &facts.users.value().unwrap()[0];
    in_account(facts, |view| read(Kind::Target(Target::User), name, Subject::User(view, 0, user)))
}

fn of_user(user: User, name: &str) -> Read {
    of_user_in(&with_users(vec![user]), name)
}

fn date(days: i64) -> Read {
    told(days_ago(days).unwrap().to_string())
}

#[test]
fn names_are_unique_and_documented() {
    for kind in KINDS {
        let facts = facts(kind);
        for (at, fact) in facts.iter().enumerate() {
            assert!(!facts.iter().take(at).any(|other| other.name == fact.name), "{} twice", fact.name);
            assert!(fact.doc.ends_with('.') && fact.doc.contains(' '), "{}", fact.name);
            assert!(fact.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", fact.name);
        }
    }
}

/// Every value has the type that its row says: the static checks rest on it.
#[test]
fn values_have_the_type_of_their_row() {
    let facts = rich_account();
    in_account(&facts, |view| {
        let mut asked = vec![Subject::Account(view), Subject::Root(view)];
        asked.extend(facts.users.value().unwrap().iter().enumerate().map(|(at, user)| Subject::User(view, at, user)));
        asked.extend(facts.groups.value().unwrap().iter().map(|group| Subject::Group(view, 0, group)));
        asked.extend(facts.roles.value().unwrap().iter().enumerate().map(|(at, role)| Subject::Role(view, at, role)));
        asked.extend(facts.policies.value().unwrap().iter().map(|policy| Subject::Policy(view, 0, policy)));
        let mut seen = 0;
        for subject in asked {
            for kind in KINDS {
                for fact in super::facts(kind) {
                    let reading = (fact.read)(subject);
                    seen += usize::from(reading.value.is_ok());
                    check(fact, reading);
                }
            }
        }
        assert!(seen > 100, "{seen}");
    });
}

fn check(fact: &FactDef, reading: Reading<'_>) {
    let fits = match (fact.kind, reading.value) {
        (_, Err(_) | Ok(Value::Absent))
        | (FactType::Bool, Ok(Value::Bool(_)))
        | (FactType::Number, Ok(Value::Number(_)))
        | (FactType::Text, Ok(Value::Text(_)))
        | (FactType::Time, Ok(Value::Time(_))) => true,
        (FactType::Choice(values), Ok(Value::Text(text))) => values.contains(&text),
        (FactType::Texts, Ok(Value::List(list))) => matches!(list.items, crate::rules::value::Items::Texts(_)),
        (FactType::List(kind), Ok(Value::List(list))) => {
            let Some(first) = list.items.subject(0) else { return };
            for inner in facts(kind) {
                check(inner, (inner.read)(first));
            }
            facts(kind).iter().any(|inner| (inner.read)(first).value.is_ok())
        }
        _ => false,
    };
    assert!(fits, "{}: {:?}", fact.name, reading.value);
}

#[test]
fn a_fact_of_another_kind_of_resource_is_unknown() {
    assert_eq!(in_account(&account(), |view| read(Kind::Target(Target::User), "name", Subject::Root(view))), UNKNOWN);
}

/// Keys: a key that was never used lies idle since its creation.
#[test]
fn access_keys() {
    let cases = [
        // created, used              age        last_used  unused_since
        (key(Some(100), Some(5)), [date(100), date(5), date(5)]),
        (key(Some(100), None), [date(100), absent(), date(100)]),
        (key(None, Some(5)), [UNKNOWN, date(5), date(5)]),
        (key(None, None), [UNKNOWN, absent(), UNKNOWN]),
    ];
    for (key, expected) in cases {
        let found =
            ["age", "last_used", "unused_since"].map(|name| read(Kind::AccessKey, name, Subject::AccessKey(&key)));
        assert_eq!(found, expected, "{key:?}");
    }
    assert_eq!(read(Kind::AccessKey, "id", Subject::AccessKey(&key(None, None))), UNKNOWN);
}

/// `no_information`, `N/A` and a missing date, with a password and without one.
#[test]
fn passwords() {
    let names = ["password_last_used", "password_last_changed", "password_unused_since"];
    let password = |used, changed| user("a").signs_in(used, changed);
    let unread = |console: Fact<bool>| user("a").with(|user| user.console_access = console);
    let cases = [
        ("in use", password(Some(3), Some(100)), [date(3), date(100), date(3)]),
        ("never used: idle since it was set", password(None, Some(100)), [absent(), date(100), date(100)]),
        ("never used, date missing", password(None, None), [absent(), UNKNOWN, UNKNOWN]),
        ("used, date missing", password(Some(3), None), [date(3), UNKNOWN, date(3)]),
        ("no password", user("a"), [absent(), absent(), absent()]),
        ("perhaps no password", unread(denied(REPORT)), [absent(), UNKNOWN, UNKNOWN]),
        ("unread", user("a").with(|user| user.password = denied(REPORT)), [FAILED, FAILED, FAILED]),
    ];
    for (what, user, expected) in cases {
        assert_eq!(names.map(|name| of_user(user.clone(), name)), expected, "{what}");
    }
}

/// Everything has a date of creation: where the answer lacks it, it is unknown, not "never".
#[test]
fn missing_dates_are_unknown() {
    let undated = user("a").with(|user| user.created = None);
    assert_eq!(["created", "age"].map(|name| of_user(undated.clone(), name)), [UNKNOWN, UNKNOWN]);
    let mut device = device(MfaKind::Virtual);
    device.enabled_at = None;
    assert_eq!(read(Kind::MfaDevice, "age", Subject::MfaDevice(&device)), UNKNOWN);
    let mut facts = account();
    facts.groups = known(vec![group("g", &[])], AUTHORIZATION);
    facts.groups.value_mut().unwrap()[0].created = None;
    facts.roles = known(vec![role("r", None)], AUTHORIZATION);
    let role = &mut facts.roles.value_mut().unwrap()[0];
    (role.created, role.last_used) = (None, None);
    let policy = &mut facts.policies.value_mut().unwrap()[0];
    (policy.created, policy.updated) = (None, None);
    in_account(&facts, |view| {
        let group = Subject::Group(view, 0, &facts.groups.value().unwrap()[0]);
        let role = Subject::Role(view, 0, &facts.roles.value().unwrap()[0]);
        let policy = Subject::Policy(view, 0, &facts.policies.value().unwrap()[0]);
        assert_eq!(read(Kind::Target(Target::Group), "created", group), UNKNOWN);
        assert_eq!(read(Kind::Target(Target::Role), "created", role), UNKNOWN);
        assert_eq!(read(Kind::Target(Target::Role), "last_used", role), absent(), "not used in 400 days");
        assert_eq!(read(Kind::Target(Target::Policy), "created", policy), UNKNOWN);
        assert_eq!(read(Kind::Target(Target::Policy), "updated", policy), UNKNOWN);
    });
}

#[test]
fn a_passkey_that_was_seen_is_enough_but_one_not_seen_needs_the_whole_list() {
    use MfaKind::{Passkey, Virtual};
    let cases = [
        (user("a"), told(false)),
        (user("a").devices(&[Virtual]), told(false)),
        (user("a").devices(&[Virtual, Passkey]), told(true)),
        (user("a").some_devices(&[Virtual, Passkey]), told(true)),
        (user("a").some_devices(&[Virtual]), Err(GapKind::NotAsked)),
        (user("a").with(|user| user.mfa_devices = denied(DEVICES)), FAILED),
    ];
    for (user, expected) in cases {
        assert_eq!(of_user(user.clone(), "has_passkey"), expected, "{:?}", user.mfa_devices);
    }
}

/// A bare yes or no from a list known in part would be a guess.
#[test]
fn numbers_from_a_partial_list_are_unknown() {
    let partial = user("a").with(|user| user.access_keys = at_least(vec![key(None, None)], "iam:ListAccessKeys"));
    assert_eq!(of_user(partial, "active_access_keys"), Err(GapKind::NotAsked));
}

#[test]
fn only_the_account_that_can_tell_tells_of_the_organization() {
    assert_eq!(of_account(&account(), "root_access_features"), UNKNOWN);
    assert_eq!(of_account(&account(), "is_management_account"), UNKNOWN);
    assert_eq!(of_root(&account(), "is_management_account"), UNKNOWN);
    assert_eq!(of_account(&rich_account(), "root_access_features"), told(vec!["RootSessions"]));
    assert_eq!(of_root(&rich_account(), "is_management_account"), told(true));
    assert_eq!(of_account(&account(), "users_quota"), UNKNOWN, "the summary lacks it");
}

/// Documents of embedded policies may hold anything: evidence names them and no more.
#[test]
fn evidence_has_the_value_but_not_whole_documents() {
    let user = user("a").authorized(|all| all.inline_policies.push(inline("extra")));
    assert_eq!(of_user(user, "inline_policies"), told(vec!["extra"]));
    let policy = crate::testing::policy(
        ADMINISTRATOR,
        r#"{"Statement":{"Sid":"S","Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"Bool":{"aws:x":"1"}}}}"#,
    );
    let facts = AccountFacts { policies: known(vec![policy], AUTHORIZATION), ..account() };
    let policy = &facts.policies.value().unwrap()[0];
    let statements =
        in_account(&facts, |view| read(Kind::Target(Target::Policy), "statements", Subject::Policy(view, 0, policy)));
    let statement = &statements.expect("read")[0];
    let condition = serde_json::json!([{ "operator": "Bool", "key": "aws:x", "values": ["1"] }]);
    assert_eq!((&statement["not_actions"][0], &statement["conditions"]), (&"iam:*".into(), &condition));
    assert_eq!(
        (&statement["sid"], &statement["effect"], &statement["actions"]),
        (&"S".into(), &"Deny".into(), &serde_json::json!([]))
    );
}

#[test]
fn a_gap_keeps_its_call_and_its_reason() {
    let facts = with_users(vec![user("a").with(|user| user.mfa_devices = Fact::Unknown(Gap::not_asked(DEVICES)))]);
    let user = &facts.users.value().unwrap()[0];
    in_account(&facts, |view| {
        let reading = (fact(Kind::Target(Target::User), "mfa_devices").unwrap().read)(Subject::User(view, 0, user));
        let unknown = reading.value.unwrap_err();
        assert_eq!((unknown.kind, unknown.source), (GapKind::NotAsked, DEVICES));
        assert!(unknown.reason.contains("not asked for"), "{}", unknown.reason);
        assert!(reading.origin.is_none());
    });
}
