use serde_json::{Value, json};

use super::{Reversal, Settled, invert};
use crate::enforce::gate::Gate;
use crate::enforce::step::{Step, What};
use crate::iam::guard::Variant;
use crate::ledger::{Author, History, Kind, Ledger, MemoryStore, Outcome, Record};

const ACCOUNT: &str = "111122223333";
const STRICT: &str = "arn:aws:iam::111122223333:policy/portcullis/deny-without-mfa";
const CONSOLE: &str = "arn:aws:iam::111122223333:policy/portcullis/deny-without-mfa-console-only";
const OTHER: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn user(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// A ledger of these records, a second apart.
fn book(records: Vec<Record>) -> History {
    let author = Author { run_id: "test".to_owned(), actor: None, at: at(0) };
    let store = MemoryStore::default();
    let mut ledger = Ledger::over(Box::new(store.clone()), &author).unwrap();
    for (second, record) in (1..).zip(records) {
        ledger.append(&Record { at: at(second), ..record }).unwrap();
    }
    History::of_bytes("test", &store.bytes()).unwrap()
}

fn entry(kind: Kind, run: &str, resource: &str, action: &str) -> Record {
    let text = |text: &str| Some(text.to_owned());
    Record {
        account: text(ACCOUNT),
        resource: text(resource),
        action: text(action),
        id: Some(format!("{resource} {action}")),
        ..Record::new(kind, at(0), run)
    }
}

fn intent(run: &str, resource: &str, action: &str, before: Value) -> Record {
    Record { before: Some(before), ..entry(Kind::Intent, run, resource, action) }
}

fn outcome(run: &str, resource: &str, action: &str, result: Outcome, change: [Value; 2]) -> Record {
    let [before, after] = change;
    Record {
        result: Some(result),
        before: Some(before),
        after: Some(after),
        ..entry(Kind::Outcome, run, resource, action)
    }
}

fn policies(arns: &[&str]) -> Value {
    json!({ "attached_policies": arns })
}

/// The run attaches a guard to a user.
fn attaches(run: &str, name: &str, guard: &str) -> [Record; 2] {
    let (user, change) = (user(name), [policies(&[OTHER]), policies(&[OTHER, guard])]);
    [
        intent(run, &user, "attach-user-policy", policies(&[OTHER])),
        outcome(run, &user, "attach-user-policy", Outcome::Done, change),
    ]
}

/// The run detaches it.
fn detaches(run: &str, name: &str, guard: &str) -> [Record; 2] {
    let (user, change) = (user(name), [policies(&[OTHER, guard]), policies(&[OTHER])]);
    [
        intent(run, &user, "detach-user-policy", policies(&[OTHER, guard])),
        outcome(run, &user, "detach-user-policy", Outcome::Done, change),
    ]
}

fn of(records: impl IntoIterator<Item = Record>, run: &str) -> Reversal {
    invert(&book(records.into_iter().collect()), run).expect("a run of the ledger")
}

/// Each step: the user's name or the policy's ARN, and what is done.
fn steps(reversal: &Reversal) -> Vec<(&str, What)> {
    let name = |step: &'_ Step| step.resource.len() - step.resource.rsplit('/').next().unwrap().len();
    reversal.steps.iter().map(|step| (&step.resource[name(step)..], step.what.clone())).collect()
}

fn opens(gate: Gate) -> What {
    What::Open { gates: vec![gate], only_with_device: false }
}

fn settled(reversal: &Reversal) -> Vec<(&str, Outcome, &str)> {
    let line = |settled: &'_ Settled| settled.resource.len() - settled.resource.rsplit('/').next().unwrap().len();
    reversal
        .settled
        .iter()
        .map(|settled| (&settled.resource[line(settled)..], settled.result.clone(), settled.why.as_str()))
        .collect()
}

#[test]
fn a_run_that_the_ledger_does_not_know_is_not_reverted() {
    let told = book(attaches("one", "ann", STRICT).to_vec());
    assert_eq!(invert(&told, "two"), None);
    assert!(invert(&told, "one").is_some());
}

#[test]
fn the_last_change_is_taken_back_first_and_of_each_guard_its_own() {
    let made = outcome("one", STRICT, "create-policy", Outcome::Done, [Value::Null, json!({ "policy": STRICT })]);
    let joined = [json!({ "groups": ["a"] }), json!({ "groups": ["a", "portcullis-guard"] })];
    let joined = outcome("one", &user("cid"), "add-user-to-group", Outcome::Done, joined);
    let records =
        [vec![made], attaches("one", "ann", STRICT).into(), attaches("one", "bob", CONSOLE).into(), vec![joined]];
    let reversal = of(records.concat(), "one");
    assert_eq!(
        steps(&reversal),
        [
            ("cid", opens(Gate::Member(Variant::Strict))),
            ("bob", opens(Gate::Attached(Variant::ConsoleOnly))),
            ("ann", opens(Gate::Attached(Variant::Strict))),
        ]
    );
    assert_eq!(reversal.stays, [format!("{STRICT} (create-policy)")]);
    assert_eq!(reversal.settled, []);
    let ann = &reversal.steps[2];
    assert_eq!((ann.account.id.as_str(), ann.identity.existed), (ACCOUNT, Some(at(3))));
    assert_eq!(ann.note, "reverts the run one");
}

#[test]
fn only_that_run_is_inverted() {
    let records = [attaches("one", "ann", STRICT), attaches("two", "bob", STRICT)].concat();
    assert_eq!(steps(&of(records.clone(), "one")), [("ann", opens(Gate::Attached(Variant::Strict)))]);
    assert_eq!(steps(&of(records, "two")), [("bob", opens(Gate::Attached(Variant::Strict)))]);
}

#[test]
fn who_was_let_out_is_guarded_again() {
    let reversal = of(detaches("out", "ann", CONSOLE), "out");
    let close = What::Close { gate: Gate::Attached(Variant::ConsoleOnly), since: at(2) };
    assert_eq!(steps(&reversal), [("ann", close)]);
    let left = [json!({ "groups": ["portcullis-guard"] }), json!({ "groups": [] })];
    let reversal = of([outcome("out", &user("bob"), "remove-user-from-group", Outcome::Done, left)], "out");
    let close = What::Close { gate: Gate::Member(Variant::Strict), since: at(1) };
    assert_eq!(steps(&reversal), [("bob", close)]);
}

#[test]
fn what_a_later_run_did_is_respected() {
    let one = attaches("one", "ann", STRICT);
    let undone = [one.clone(), detaches("two", "ann", STRICT)].concat();
    let reversal = of(undone.clone(), "one");
    assert_eq!(reversal.steps, []);
    assert_eq!(settled(&reversal), [("ann", Outcome::Already, "the run two took it back")]);
    let again = [undone, attaches("three", "ann", STRICT).into()].concat();
    let reversal = of(again.clone(), "one");
    assert_eq!(reversal.steps, []);
    assert_eq!(settled(&reversal), [("ann", Outcome::Skipped, "the run three did the same since")]);
    // The release between them: guarded again by a later run.
    assert_eq!(settled(&of(again.clone(), "two")), [("ann", Outcome::Already, "the run three took it back")]);
    assert_eq!(steps(&of(again, "three")), [("ann", opens(Gate::Attached(Variant::Strict)))]);
    // Another guard on the same user is another matter.
    let beside = [one, detaches("two", "ann", CONSOLE)].concat();
    assert_eq!(steps(&of(beside, "one")), [("ann", opens(Gate::Attached(Variant::Strict)))]);
}

#[test]
fn what_a_run_did_and_took_back_itself_is_no_change() {
    let [attach, _] = attaches("one", "ann", STRICT);
    let failed = [policies(&[OTHER]), Value::Null];
    let failed = outcome("one", &user("ann"), "attach-user-policy", Outcome::Failed, failed);
    let reversal = of([vec![attach.clone(), failed.clone()], detaches("one", "ann", STRICT).into()].concat(), "one");
    assert_eq!(reversal, Reversal::default());
    // A failure alone may have been carried out: what is read decides.
    assert_eq!(steps(&of([attach, failed], "one")), [("ann", opens(Gate::Attached(Variant::Strict)))]);
}

#[test]
fn a_killed_run_is_inverted_too() {
    let begun = json!({ "attached_policies": [OTHER], "guard": "deny-without-mfa-console-only", "user_id": "AIDA1" });
    let [attach] = [intent("one", &user("ann"), "attach-user-policy", begun)];
    let reversal = of([attach.clone()], "one");
    assert_eq!(steps(&reversal), [("ann", opens(Gate::Attached(Variant::ConsoleOnly)))]);
    assert_eq!(reversal.steps[0].identity.user_id.as_deref(), Some("AIDA1"));
    // Found made by the next run of the same plan, which had nothing to do: it is of the first.
    let plan = |record: Record| Record { plan: Some("p".to_owned()), ..record };
    let found = [Value::Null, policies(&[CONSOLE, OTHER])];
    let found = outcome("two", &user("ann"), "attach-user-policy", Outcome::Already, found);
    let records = [plan(attach), plan(found)];
    assert_eq!(steps(&of(records.clone(), "one")), [("ann", opens(Gate::Attached(Variant::ConsoleOnly)))]);
    assert_eq!(of(records, "two"), Reversal::default());
}

#[test]
fn what_was_so_already_or_skipped_is_nobodys_change() {
    let [_, done] = attaches("one", "ann", STRICT);
    for result in [Outcome::Already, Outcome::Skipped] {
        assert_eq!(of([Record { result: Some(result), ..done.clone() }], "one"), Reversal::default());
    }
}

#[test]
fn a_repair_gives_way_to_the_version_before_and_what_was_deleted_is_told() {
    let change = [json!({ "default_version": "v5" }), json!({ "default_version": "v6", "document_sha256": "0" })];
    let pruned =
        outcome("one", STRICT, "delete-policy-version", Outcome::Done, [json!({ "version": "v1" }), Value::Null]);
    let repaired = outcome("one", STRICT, "repair-guard-policy", Outcome::Done, change);
    let reversal = of([pruned.clone(), repaired.clone()], "one");
    let back = What::Version { from: "v6".to_owned(), to: "v5".to_owned() };
    assert_eq!(steps(&reversal), [("deny-without-mfa", back)]);
    let lost = ("deny-without-mfa", Outcome::Skipped, "`delete-policy-version` cannot be taken back");
    assert_eq!(settled(&reversal), [lost]);
    let later = [json!({ "default_version": "v6" }), json!({ "default_version": "v5" })];
    let later = outcome("two", STRICT, "set-default-policy-version", Outcome::Done, later);
    let reversal = of([repaired, later], "one");
    assert_eq!(reversal.steps, []);
    assert_eq!(settled(&reversal), [("deny-without-mfa", Outcome::Skipped, "the run two changed it since")]);
}
