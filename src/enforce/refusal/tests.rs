use std::collections::HashMap;

use super::*;
use crate::enforce::plan::{Expectation, Kind, Limits, SCHEMA, Settings, Way};
use crate::iam::guard::Variant;

const OWN: &str = "111122223333";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn settings() -> Settings {
    Settings {
        attach: Way::User,
        via_services: true,
        guard_document: None,
        key_window_seconds: 0,
        include_active_keys: false,
        require_scps: false,
        break_glass: Vec::new(),
    }
}

fn action(account: &str) -> Action {
    let document = settings().guards().document(Variant::Strict, "aws").unwrap();
    Action {
        id: "a1".to_owned(),
        account: account.to_owned(),
        account_name: String::new(),
        resource: format!("arn:aws:iam::{account}:user/alice"),
        action: Kind::AttachUserPolicy,
        rule: "r".to_owned(),
        message: String::new(),
        guard: Variant::Strict.policy_name().to_owned(),
        policy_arn: Variant::Strict.arn("aws", account),
        document_sha256: fingerprint(&document),
        calls: Vec::new(),
        evidence: Vec::new(),
        truth_table: Vec::new(),
        keys: Vec::new(),
        deadline: None,
        expects: Expectation::default(),
        notes: Vec::new(),
    }
}

fn plan(actions: Vec<Action>) -> Plan {
    Plan {
        schema: SCHEMA.to_owned(),
        hash: "ab12".to_owned(),
        created_at: time("2026-07-01T12:00:00Z"),
        run_id: "run".to_owned(),
        tool_version: "0".to_owned(),
        caller: None,
        snapshot: None,
        facts_as_of: time("2026-07-01T12:00:00Z"),
        acting: Vec::new(),
        inputs: Vec::new(),
        settings: settings(),
        limits: Limits { max_users: 1, max_percent: 1.0, console_users: 1, proposed: 1, taken: None },
        notes: Vec::new(),
        actions,
        held_back: Vec::new(),
    }
}

fn held_against<'a>(plan: &Plan, change: impl FnOnce(&mut Terms<'a>)) -> Result<(), Refusal> {
    let mut with = Terms {
        expect_hash: None,
        max_age: SignedDuration::from_hours(24),
        now: time("2026-07-01T13:00:00Z"),
        allowed_accounts: &[],
        own_account: OWN,
        role_name: "PortcullisScan",
        enforce_role_name: None,
    };
    change(&mut with);
    terms(plan, &with)
}

#[test]
fn a_plan_is_applied_while_it_is_fresh() {
    let plan = plan(vec![action(OWN)]);
    let at = |now: &str| held_against(&plan, |terms| terms.now = time(now));
    assert_eq!(at("2026-07-01T13:00:00Z"), Ok(()));
    assert_eq!(at("2026-07-02T12:00:00Z"), Ok(()), "24 hours to the second");
    let old = at("2026-07-02T12:00:01Z").unwrap_err();
    assert_eq!(old.to_string(), "the plan was made at 2026-07-01T12:00:00Z, and --max-age (24h) has passed");
    assert_eq!(at("2026-07-01T11:55:00Z"), Ok(()), "clocks differ");
    assert!(matches!(at("2026-07-01T11:54:59Z"), Err(Refusal::FromTheFuture { .. })));
}

#[test]
fn the_hash_that_was_reviewed_is_the_one_that_is_applied() {
    let plan = plan(vec![action(OWN)]);
    assert_eq!(held_against(&plan, |terms| terms.expect_hash = Some("AB12")), Ok(()));
    let refusal = held_against(&plan, |terms| terms.expect_hash = Some("cd34")).unwrap_err();
    assert_eq!(refusal.to_string(), "the plan's hash is ab12, and --expect-hash says cd34");
}

#[test]
fn accounts_and_roles_are_those_that_may_write() {
    let foreign = plan(vec![action(OWN), action("444455556666")]);
    let none = held_against(&foreign, |_| ()).unwrap_err();
    assert_eq!(none, Refusal::NoRole { account: "444455556666".to_owned(), own: OWN.to_owned() });
    assert_eq!(held_against(&foreign, |terms| terms.enforce_role_name = Some("Enforce")), Ok(()));
    let same = held_against(&foreign, |terms| terms.enforce_role_name = Some("/PortcullisScan")).unwrap_err();
    assert_eq!(same, Refusal::SameRole("/PortcullisScan".to_owned()));
    let allowed = [OWN.to_owned()];
    let refused = held_against(&foreign, |terms| {
        terms.enforce_role_name = Some("Enforce");
        terms.allowed_accounts = &allowed;
    });
    assert_eq!(refused, Err(Refusal::AccountNotAllowed { account: "444455556666".to_owned() }));
    assert_eq!(held_against(&plan(vec![action(OWN)]), |terms| terms.allowed_accounts = &allowed), Ok(()));
}

#[test]
fn what_this_version_would_not_have_planned_is_not_applied() {
    let unfit = |change: fn(&mut Action)| {
        let mut action = action(OWN);
        change(&mut action);
        match held_against(&plan(vec![action]), |_| ()) {
            Err(Refusal::Unfit { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    };
    let elsewhere = unfit(|action| action.resource = "arn:aws:iam::444455556666:user/alice".to_owned());
    assert_eq!(elsewhere, "it is no user of account 111122223333");
    assert_eq!(unfit(|action| action.resource = format!("arn:aws:iam::{OWN}:role/x")), elsewhere);
    assert_eq!(unfit(|action| action.resource = format!("arn:aws:iam::{OWN}:root")), elsewhere);
    assert_eq!(unfit(|action| action.resource = format!("arn:aws:iam::{OWN}:user/")), "it has no name");
    assert_eq!(unfit(|action| action.guard = "other".to_owned()), "there is no guard `other`");
    let admin = unfit(|action| action.policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned());
    assert_eq!(admin, "arn:aws:iam::aws:policy/AdministratorAccess is not the ARN of our guard");
    assert!(unfit(|action| action.document_sha256 = "00".to_owned()).contains("another one in this version"));
}

#[test]
fn inputs_are_what_they_were() {
    let input = |path: &str, text: &str| Input { path: path.to_owned(), sha256: fingerprint(text) };
    let files = HashMap::from([("a.yaml", "a"), ("b.yaml", "changed")]);
    let read = |path: &str| files.get(path).map(|text| (*text).to_owned()).ok_or_else(|| "no such file".to_owned());
    assert_eq!(inputs(&[input("a.yaml", "a")], read), Ok(()));
    let changed = inputs(&[input("a.yaml", "a"), input("b.yaml", "b")], read).unwrap_err();
    assert_eq!(changed.to_string(), "the plan rests on `b.yaml`, which is not as it was when the plan was made");
    let gone = inputs(&[input("c.yaml", "c")], read).unwrap_err();
    assert_eq!(gone.to_string(), "the plan rests on `c.yaml`, which cannot be read: no such file");
}
