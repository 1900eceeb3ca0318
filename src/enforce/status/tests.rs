use super::{State, Status, Summary, status};
use crate::enforce::gate::Gate;
use crate::enforce::guard::{Guards, fingerprint};
use crate::enforce::survey::{AccountSurvey, Guarded, PolicyState};
use crate::iam::guard::Variant;
use crate::ledger::{Author, History, Kind, Ledger, MemoryStore, Outcome, Record};
use crate::model::Account;

const ACCOUNT: &str = "111122223333";

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn user(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

fn arn() -> String {
    Variant::Strict.arn("aws", ACCOUNT)
}

/// A ledger of outcomes `(run, resource, action, document)`, a second apart.
fn book(outcomes: &[(&str, &str, &str, Option<&str>)]) -> History {
    let author = Author { run_id: "test".to_owned(), actor: None, at: at(0) };
    let store = MemoryStore::default();
    let mut ledger = Ledger::over(Box::new(store.clone()), &author).unwrap();
    for (second, (run, resource, action, document)) in (1..).zip(outcomes) {
        let text = |text: &str| Some(text.to_owned());
        let record = Record {
            account: text(resource.split(':').nth(4).unwrap()),
            resource: text(resource),
            action: text(action),
            id: Some(format!("{resource} {action}")),
            result: Some(Outcome::Done),
            after: document.map(|sha256| serde_json::json!({ "document_sha256": sha256 })),
            ..Record::new(Kind::Outcome, at(second), run)
        };
        ledger.append(&record).unwrap();
    }
    History::of_bytes("test", &store.bytes()).unwrap()
}

fn guarded(name: &str, devices: Option<usize>, gates: Vec<Gate>) -> Guarded {
    Guarded { arn: user(name), user_id: None, gates, devices, failing: Vec::new(), waived: None }
}

fn survey(state: PolicyState, document: &str, users: Vec<Guarded>) -> AccountSurvey {
    let name = Variant::Strict.policy_name();
    AccountSurvey {
        account: Account { id: ACCOUNT.to_owned(), name: "prod".to_owned(), ..Account::default() },
        console_users: 0,
        incomplete: None,
        skipped: false,
        scps_known: false,
        as_of: at(0),
        attached_quota: 10,
        groups_quota: 10,
        policies: [(name, state)].into(),
        documents: [(name, fingerprint(document))].into(),
        versions: [(name, "v1".to_owned())].into(),
        candidates: Vec::new(),
        guarded: users,
        guarded_roles: Vec::new(),
    }
}

fn ours() -> String {
    Guards::ours(true).document(Variant::Strict, "aws").unwrap()
}

type Line<'s> = (&'s str, State, bool, bool, Option<&'s str>);

fn lines(status: &Status) -> Vec<Line<'_>> {
    let line = |row: &'_ super::Row| row.user.len() - row.user.rsplit('/').next().unwrap().len();
    status
        .users
        .iter()
        .map(|row| (&row.user[line(row)..], row.state, row.drifted, row.enrolled_not_released, row.run.as_deref()))
        .collect()
}

#[test]
fn aws_and_the_ledger_are_shown_side_by_side() {
    let strict = || vec![Gate::Attached(Variant::Strict)];
    let elsewhere = "arn:aws:iam::999999999999:user/far";
    let (ann, bob, cid, dan) = (user("ann"), user("bob"), user("cid"), user("dan"));
    let told = book(&[
        ("one", &ann, "attach-user-policy", None),
        ("one", &bob, "add-user-to-group", None),
        ("one", &dan, "attach-user-policy", None),
        ("one", elsewhere, "attach-user-policy", None),
        ("two", &dan, "detach-user-policy", None),
        ("two", &cid, "attach-user-policy", None),
    ]);
    let users = vec![
        guarded("ann", Some(0), strict()),
        guarded("bob", Some(1), vec![Gate::Member(Variant::Strict)]),
        guarded("eve", None, vec![Gate::Foreign(Variant::Strict, "theirs".to_owned())]),
    ];
    let status = status(&[survey(PolicyState::Intact, &ours(), users)], &told);
    assert_eq!(
        lines(&status),
        [
            ("ann", State::Guarded, false, false, Some("one")),
            ("bob", State::Guarded, false, true, Some("one")),
            ("cid", State::Removed, true, false, Some("two")),
            ("eve", State::Unrecorded, false, false, None),
        ]
    );
    assert_eq!(status.users[0].since, Some(at(1)));
    let theirs = &status.users[3].guards[0];
    assert_eq!((theirs.group.as_deref(), theirs.ours), (Some("theirs"), false));
    assert_eq!(status.elsewhere, 1);
    let numbers =
        Summary { guarded: 3, enrolled_not_released: 1, drifted: 0, unrecorded: 1, removed: 1, devices_unknown: 1 };
    assert_eq!(status.summary, numbers);
    assert!(!status.is_complete(), "of eve it is not known");
    let whole = vec![guarded("ann", Some(0), strict())];
    assert!(super::status(&[survey(PolicyState::Intact, &ours(), whole)], &told).is_complete());
}

#[test]
fn a_guard_with_another_document_than_we_gave_it_is_drift() {
    let users = || vec![guarded("ann", Some(0), vec![Gate::Attached(Variant::Strict)])];
    let drifted = |document: &str, state: PolicyState, told: &History| {
        let status = status(&[survey(state, document, users())], told);
        (status.users[0].drifted, status.policies[0].state, status.summary.drifted)
    };
    let nothing = History::default();
    let without = Guards::ours(false).document(Variant::Strict, "aws").unwrap();
    assert_eq!(drifted(&ours(), PolicyState::Intact, &nothing), (false, "intact", 0));
    assert_eq!(drifted(&without, PolicyState::Drifted, &nothing), (false, "intact", 0), "the other one of ours");
    let own = "{\"Statement\":[]}";
    assert_eq!(drifted(own, PolicyState::Drifted, &nothing), (true, "drifted", 1));
    let made = book(&[("one", &arn(), "create-policy", Some(&fingerprint(own)))]);
    assert_eq!(drifted(own, PolicyState::Drifted, &made), (false, "intact", 0), "the user's own, given by us");
}

#[test]
fn of_an_account_that_could_not_be_read_nothing_is_claimed() {
    let ann = user("ann");
    let told = book(&[("one", &ann, "attach-user-policy", None)]);
    let mut unread = survey(PolicyState::Absent, "", Vec::new());
    unread.incomplete = Some("iam:ListUsers: denied".to_owned());
    let skipped = AccountSurvey { skipped: true, ..unread.clone() };
    let left_out = super::status(&[skipped], &told);
    assert_eq!(lines(&left_out), [("ann", State::Unread, false, false, Some("one"))]);
    assert!(left_out.is_complete(), "a suspended account is no gap");
    let status = status(&[unread], &told);
    assert_eq!(lines(&status), [("ann", State::Unread, false, false, Some("one"))]);
    assert_eq!(status.incomplete, [(ACCOUNT.to_owned(), "iam:ListUsers: denied".to_owned())]);
    assert_eq!(status.summary, Summary::default());
    assert!(!status.is_complete());
}
