//! Facts that are worked out of several answers.

use jiff::Timestamp;
use serde_json::json;

use crate::iam::Document;
use crate::model::{
    AccessKey, Account, AccountFacts, AccountStatus, Authorization, Fact, Origin, Password, RootCredentials, Target,
    User,
};
use crate::rules::index::AccountIndex;
use crate::rules::subject::{AccountView, Kind, Subject};
use crate::rules::value::{Items, Value};

use super::super::fact;

/// What `name` reads of `subject`, as evidence; `None` if it is not known.
fn read(subject: Subject<'_>, kind: Kind, name: &str) -> Option<serde_json::Value> {
    fact(kind, name).unwrap_or_else(|| panic!("no fact {name}")).of(subject).value.ok().map(Value::to_json)
}

fn known<T>(value: T) -> Fact<T> {
    Fact::known(value, Origin::new("iam:GetCredentialReport", Timestamp::UNIX_EPOCH))
}

fn at(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().expect("a date")
}

fn key(created: Option<&str>, last_used: Option<&str>) -> AccessKey {
    AccessKey {
        id: None,
        active: true,
        created: created.map(at),
        last_used: last_used.map(at),
        last_used_service: None,
        last_used_region: None,
    }
}

fn account() -> AccountFacts {
    AccountFacts::unread(Account::default(), AccountStatus::Scanned, "not asked")
}

#[test]
fn root_was_last_used_by_whichever_credential_was_used_last() {
    let used = |password: Option<&str>, keys: [Option<&str>; 2]| {
        let mut facts = account();
        facts.root.credentials = known(RootCredentials {
            password_last_used: password.map(at),
            access_keys: keys.map(|last| key(Some("2020-01-01"), last)).to_vec(),
            ..RootCredentials::default()
        });
        let index = AccountIndex::new(&facts);
        let view = AccountView { facts: &facts, index: &index };
        read(Subject::Root(view), Kind::Target(Target::Root), "last_used")
    };
    let (old, new) = (Some("2025-01-01"), Some("2025-12-31"));
    for (password, keys) in [(new, [old, old]), (old, [new, old]), (old, [old, new]), (None, [None, new])] {
        assert_eq!(used(password, keys), Some(json!("2025-12-31T00:00:00Z")), "{password:?} {keys:?}");
    }
    assert_eq!(used(None, [None, None]), Some(serde_json::Value::Null));
}

#[test]
fn what_was_never_used_lies_idle_since_it_was_made() {
    let idle = |key: &AccessKey| read(Subject::AccessKey(key), Kind::AccessKey, "unused_since");
    assert_eq!(idle(&key(Some("2024-02-01"), None)), Some(json!("2024-02-01T00:00:00Z")));
    assert_eq!(idle(&key(Some("2024-02-01"), Some("2024-03-01"))), Some(json!("2024-03-01T00:00:00Z")));
    assert_eq!(idle(&key(None, None)), None);
}

#[test]
fn a_password_that_was_never_used_lies_idle_since_it_was_set() {
    let facts = account();
    let index = AccountIndex::new(&facts);
    let view = AccountView { facts: &facts, index: &index };
    let idle = |last_used: Option<&str>, last_changed: Option<&str>| {
        let user = User {
            arn: "arn:aws:iam::111122223333:user/ann".to_owned(),
            name: "ann".to_owned(),
            path: "/".to_owned(),
            id: None,
            created: None,
            console_access: known(true),
            password: known(Password {
                last_used: last_used.map(at),
                last_changed: last_changed.map(at),
                ..Password::default()
            }),
            access_keys: known(Vec::new()),
            signing_certificates: known(0),
            mfa_devices: known(Vec::new()),
            authorization: known(Authorization::default()),
        };
        read(Subject::User(view, 0, &user), Kind::Target(Target::User), "password_unused_since")
    };
    assert_eq!(idle(None, Some("2024-02-01")), Some(json!("2024-02-01T00:00:00Z")));
    assert_eq!(idle(Some("2025-02-01"), Some("2024-02-01")), Some(json!("2025-02-01T00:00:00Z")));
    assert_eq!(idle(None, None), None);
}

#[test]
fn the_quota_of_users_needs_both_numbers() {
    let used = |entries: &[(&str, i64)]| {
        let mut facts = account();
        facts.summary = known(entries.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect());
        let index = AccountIndex::new(&facts);
        let view = AccountView { facts: &facts, index: &index };
        read(Subject::Account(view), Kind::Target(Target::Account), "users_quota_used_percent")
    };
    assert_eq!(used(&[("Users", 4499), ("UsersQuota", 5000)]), Some(json!(89)));
    assert_eq!(used(&[("Users", 5000), ("UsersQuota", 5000)]), Some(json!(100)));
    assert_eq!(used(&[("UsersQuota", 5000)]), None);
    assert_eq!(used(&[("Users", 3)]), None);
    assert_eq!(used(&[("Users", 3), ("UsersQuota", 0)]), None);
}

#[test]
fn statements_tell_whom_they_name_and_under_which_conditions() {
    let facts_of = |text: &str, names: &[&str]| -> Vec<serde_json::Value> {
        let document = Document::parse(&format!(r#"{{"Statement":{text}}}"#)).expect("a document");
        let subject = Subject::Statement(&document.statements[0]);
        names.iter().map(|name| read(subject, Kind::Statement, name).expect("known")).collect()
    };
    let who = ["any_principal", "principals_aws", "principals_services", "principals_federated"];
    let head = r#""Effect":"Allow","Action":"sts:AssumeRole""#;
    for (principal, expected) in [
        (r#""Principal":"*""#, json!([true, [], [], []])),
        (r#""Principal":{"AWS":["*","1"]}"#, json!([true, ["*", "1"], [], []])),
        (r#""NotPrincipal":{"AWS":"1"}"#, json!([true, [], [], []])),
        (r#""Principal":{"AWS":"1","Service":"ec2.amazonaws.com"}"#, json!([false, ["1"], ["ec2.amazonaws.com"], []])),
        (r#""Principal":{"Federated":"accounts.google.com"}"#, json!([false, [], [], ["accounts.google.com"]])),
        (r#""Resource":"*""#, json!([false, [], [], []])),
    ] {
        assert_eq!(json!(facts_of(&format!("{{{head},{principal}}}"), &who)), expected, "{principal}");
    }
    let text = r#"{"Effect":"Deny","Action":"*","NotResource":"a","Condition":{
        "Bool":{"aws:MultiFactorAuthPresent":true,"aws:SecureTransport":"true"},"StringLike":{"aws:PrincipalArn":["x","y"]}}}"#;
    let of = |operator, key, values| json!({ "operator": operator, "key": key, "values": values });
    let expected = json!([
        ["a"],
        [
            of("Bool", "aws:MultiFactorAuthPresent", json!(["true"])),
            of("Bool", "aws:SecureTransport", json!(["true"])),
            of("StringLike", "aws:PrincipalArn", json!(["x", "y"])),
        ]
    ]);
    assert_eq!(json!(facts_of(text, &["not_resources", "conditions"])), expected);
    let document = Document::parse(&format!(r#"{{"Statement":{text}}}"#)).expect("a document");
    let conditions = Items::Conditions(document.statements[0].conditions());
    assert_eq!(conditions.len(), 3);
    let third = conditions.subject(2).expect("the third");
    let keys = ["operator", "key", "values"].map(|name| read(third, Kind::Condition, name).expect("known"));
    assert_eq!(json!(keys), json!(["StringLike", "aws:PrincipalArn", ["x", "y"]]));
    assert!(conditions.subject(3).is_none());
}
