//! The questions that enforcement asks of a ledger.

use super::super::{Author, Ledger, MemoryStore, Record};
use super::*;

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/staff/alice";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A ledger of records, a second apart from the first second on.
fn history(records: Vec<Record>) -> History {
    let author = Author { run_id: "x".to_owned(), actor: None, at: at(0) };
    let mut ledger = Ledger::over(Box::new(MemoryStore::default()), &author).unwrap();
    for (second, record) in (1..).zip(records) {
        ledger.append(&Record { at: at(second), ..record }).unwrap();
    }
    ledger.history
}

fn about(kind: Kind, run: &str, user: &str) -> Record {
    let text = |text: &str| Some(text.to_owned());
    Record { account: text(ACCOUNT), resource: text(user), rule: text("mfa"), ..Record::new(kind, at(0), run) }
}

fn announced(user: &str) -> Record {
    Record { deadline: Some(at(99)), ..about(Kind::Announced, "r", user) }
}

fn action(kind: Kind, run: &str, plan: Option<&str>, id: &str, user: &str, action: &str) -> Record {
    let plan = plan.map(str::to_owned);
    Record { plan, id: Some(id.to_owned()), action: Some(action.to_owned()), ..about(kind, run, user) }
}

fn intent(run: &str, plan: Option<&str>, id: &str) -> Record {
    action(Kind::Intent, run, plan, id, ALICE, "attach")
}

fn outcome(run: &str, plan: Option<&str>, id: &str, result: Outcome) -> Record {
    Record { result: Some(result), ..action(Kind::Outcome, run, plan, id, ALICE, "attach") }
}

fn seqs(entries: &[&Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

#[test]
fn an_intent_is_open_until_its_outcome_whichever_run_of_the_plan_writes_it() {
    let plan = Some("p");
    let told = history(vec![
        intent("r1", plan, "a"),
        intent("r1", plan, "b"),
        intent("r1", plan, "c"),
        outcome("r1", plan, "c", Outcome::Failed),
        intent("r1", Some("q"), "a"),
        outcome("r2", plan, "a", Outcome::Already),
        intent("r3", None, "a"),
        intent("r4", None, "a"),
        outcome("r4", None, "a", Outcome::Done),
        outcome("r9", None, "z", Outcome::Skipped),
    ]);
    assert_eq!(seqs(&told.open_intents(None)), [2, 5, 7]);
    assert_eq!(seqs(&told.open_intents(plan)), [2]);
    assert_eq!(seqs(&told.open_intents(Some("q"))), [5]);
    assert!(told.open_intents(Some("other")).is_empty());
    assert_eq!(told.of_run("r1").map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(told.of_run("nobody").count(), 0);
}

#[test]
fn an_intent_that_is_repeated_after_a_failure_is_open_again() {
    let told = history(vec![
        intent("r1", Some("p"), "a"),
        outcome("r1", Some("p"), "a", Outcome::Failed),
        intent("r2", Some("p"), "a"),
    ]);
    assert_eq!(seqs(&told.open_intents(Some("p"))), [3]);
}

#[test]
fn a_failure_counts_from_when_it_was_first_seen_since_it_was_last_resolved() {
    let told = history(vec![
        about(Kind::Observed, "r", ALICE),
        announced(ALICE),
        about(Kind::Resolved, "r", ALICE),
        about(Kind::Observed, "r", ALICE),
        about(Kind::Observed, "r", BOB),
        about(Kind::Observed, "r", ALICE),
        announced(ALICE),
        announced(ALICE),
        about(Kind::Resolved, "r", BOB),
        Record { rule: Some("other".to_owned()), ..announced(ALICE) },
    ]);
    let seen = told.observations();
    assert_eq!(seen.len(), 2);
    let alice = &seen[&(ACCOUNT, ALICE, "mfa")];
    assert_eq!((alice.since, seqs(&alice.announced)), (at(4), vec![7, 8]));
    assert_eq!(alice.announced[0].record.deadline, Some(at(99)));
    let other = &seen[&(ACCOUNT, ALICE, "other")];
    assert_eq!((other.since, seqs(&other.announced)), (at(10), vec![10]), "announced, so it was seen");
}

fn effect(entry: &Entry) -> Option<Effect> {
    match entry.record.action.as_deref()? {
        "attach" => Some(Effect::Closes),
        "detach" => Some(Effect::Opens),
        _ => None,
    }
}

fn done(run: &str, id: &str, user: &str, what: &str, result: Outcome) -> Record {
    Record { result: Some(result), ..action(Kind::Outcome, run, None, id, user, what) }
}

#[test]
fn who_is_guarded_is_told_by_the_outcomes() {
    let told = history(vec![
        done("r1", "a", ALICE, "attach", Outcome::Done),
        done("r1", "b", BOB, "attach", Outcome::Failed),
        done("r2", "a", ALICE, "attach", Outcome::Already),
        done("r2", "b", BOB, "attach", Outcome::Already),
        done("r2", "c", BOB, "tag", Outcome::Done),
    ]);
    let alice = Guarded { account: ACCOUNT, resource: ALICE, run_id: "r1", since: at(1), was_already: false };
    let bob = Guarded { account: ACCOUNT, resource: BOB, run_id: "r2", since: at(4), was_already: true };
    assert_eq!(told.guarded(effect), [bob, alice]);
    let mut records: Vec<Record> = told.entries().iter().map(|entry| entry.record.clone()).collect();
    records.push(done("r3", "a", ALICE, "detach", Outcome::Failed));
    assert_eq!(history(records.clone()).guarded(effect).len(), 2, "a release that failed opens nothing");
    records.push(done("r3", "a", ALICE, "detach", Outcome::Done));
    records.push(done("r3", "b", BOB, "detach", Outcome::Already));
    assert_eq!(history(records.clone()).guarded(effect), []);
    records.push(done("r4", "a", ALICE, "attach", Outcome::Done));
    let again = history(records);
    assert_eq!(again.guarded(effect), [Guarded { run_id: "r4", since: at(9), ..alice }]);
}

#[test]
fn a_change_of_a_killed_run_is_its_own_though_another_found_it_made() {
    let plan = Some("p");
    let told = history(vec![
        intent("killed", plan, "a"),
        intent("next", plan, "a"),
        outcome("next", plan, "a", Outcome::Already),
    ]);
    let alice = Guarded { account: ACCOUNT, resource: ALICE, run_id: "killed", since: at(1), was_already: false };
    assert_eq!(told.guarded(effect), [alice]);
    let told = history(vec![
        intent("killed", plan, "a"),
        intent("next", plan, "a"),
        outcome("next", plan, "a", Outcome::Done),
    ]);
    assert_eq!(told.guarded(effect), [Guarded { run_id: "next", since: at(3), ..alice }]);
    let told = history(vec![intent("one", plan, "a"), outcome("one", plan, "a", Outcome::Already)]);
    let own = Guarded { run_id: "one", since: at(1), ..alice };
    assert_eq!(told.guarded(effect), [own], "AWS gave no answer, and the change was found made");
    let told = history(vec![
        intent("one", plan, "a"),
        outcome("one", plan, "a", Outcome::Failed),
        outcome("two", plan, "a", Outcome::Already),
    ]);
    let found = Guarded { run_id: "two", since: at(3), was_already: true, ..alice };
    assert_eq!(told.guarded(effect), [found], "the intent was answered before");
}

#[test]
fn users_are_meant_by_arn_or_by_name() {
    let told = history(vec![about(Kind::Observed, "r", ALICE)]);
    let is_about = |wanted| told.entries()[0].is_about_user(wanted);
    assert!(is_about(ALICE) && is_about("alice"));
    assert!(!is_about("staff/alice") && !is_about("lice") && !is_about("staff") && !is_about(""));
    let told = history(vec![about(Kind::Observed, "r", BOB), Record::new(Kind::RunStarted, at(0), "r")]);
    assert_eq!(told.entries().iter().map(|entry| entry.is_about_user("bob")).collect::<Vec<_>>(), [true, false]);
}
