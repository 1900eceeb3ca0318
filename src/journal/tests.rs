use std::io;

use super::*;
use crate::ledger::{Author, History, MemoryStore, Store};

const PLAN: &str = "9c2f";

fn author() -> Author {
    Author { run_id: "run-0".to_owned(), actor: None, at: clock::now() }
}

fn journal(store: &MemoryStore, run: &str) -> Journal {
    journal_on(Box::new(store.clone()), run)
}

fn journal_on(store: Box<dyn Store>, run: &str) -> Journal {
    Journal::new(Ledger::over(store, &author()).unwrap(), run, Some("arn:caller"), Some(PLAN))
}

fn change(resource: &str) -> Change {
    Change { rule: Some("r".to_owned()), ..Change::new("111122223333", resource, "attach-user-policy", &["iam:X"]) }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn an_intent_and_its_outcome_share_plan_and_id() {
    let store = MemoryStore::default();
    let journal = journal(&store, "run-1");
    let told = Told { request_id: Some("r-1".to_owned()), after: Some("x".into()), ..Told::message("said") };
    wait(async {
        journal.started("apply 1 changes").await.unwrap();
        journal.intent(&change("alice"), Some("before".into())).await.unwrap();
        journal.outcome(&change("alice"), Outcome::Done, told).await.unwrap();
        journal.finished(Map::new(), "ended").await.unwrap();
    });
    let history = History::of_bytes("memory", &store.bytes()).unwrap();
    let kinds: Vec<&str> = history.entries().iter().map(|entry| entry.record.kind.as_str()).collect();
    assert_eq!(kinds, ["run-started", "intent", "outcome", "run-finished"]);
    assert!(history.entries().iter().all(|entry| {
        let record = &entry.record;
        (record.run_id.as_str(), record.plan.as_deref(), record.actor.as_deref())
            == ("run-1", Some(PLAN), Some("arn:caller"))
    }));
    let outcome = &history.entries()[2].record;
    assert_eq!((outcome.request_id.as_deref(), outcome.message.as_deref()), (Some("r-1"), Some("said")));
    assert_eq!(outcome.id.as_deref(), Some(change("alice").id.as_str()));
    assert_eq!(history.open_intents(Some(PLAN)), Vec::<&crate::ledger::Entry>::new());
    assert_eq!(journal.head(), (history.head().hash.to_owned(), 4));
    assert!(!journal.existed());
}

#[test]
fn the_next_run_of_the_plan_knows_what_came_of_each_change() {
    let store = MemoryStore::default();
    let first = journal(&store, "run-1");
    wait(async {
        for (user, result) in [("done", Outcome::Done), ("already", Outcome::Already), ("failed", Outcome::Failed)] {
            first.intent(&change(user), None).await.unwrap();
            first.outcome(&change(user), result, Told::default()).await.unwrap();
        }
        first.outcome(&change("skipped"), Outcome::Skipped, Told::default()).await.unwrap();
        first.intent(&change("begun"), None).await.unwrap();
    });
    assert_eq!(first.past(&change("done").id), None, "of this run itself nothing is past");
    let second = journal(&store, "run-2");
    let past = |user: &str| second.past(&change(user).id).cloned();
    assert_eq!(["done", "already"].map(past), [Some(Past::Holds), Some(Past::Holds)]);
    assert_eq!(["failed", "skipped"].map(past), [Some(Past::NotMade), Some(Past::NotMade)]);
    assert_eq!((past("begun"), past("other")), (Some(Past::Begun), None));
    let other = Journal::new(Ledger::over(Box::new(store), &author()).unwrap(), "run-3", None, Some("other plan"));
    assert_eq!(other.past(&change("done").id), None);
}

/// A disk that becomes full.
struct Full(MemoryStore);

impl Store for Full {
    fn name(&self) -> &'static str {
        "full"
    }

    fn existed(&self) -> bool {
        self.0.existed()
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.0.read()
    }

    fn length(&mut self) -> io::Result<u64> {
        self.0.length()
    }

    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.truncate(length)
    }

    fn set_aside(&mut self, bytes: &[u8]) -> io::Result<String> {
        self.0.set_aside(bytes)
    }
}

#[test]
fn what_cannot_be_written_down_is_an_error_before_the_change() {
    let store = MemoryStore::default();
    let journal = journal_on(Box::new(Full(store.clone())), "run-1");
    let error = wait(journal.intent(&change("alice"), None)).unwrap_err();
    assert!(error.to_string().contains("took no new entry"), "{error}");
    assert!(store.bytes().is_empty());
}

#[test]
fn entries_of_accounts_beside_each_other_make_one_chain() {
    let store = MemoryStore::default();
    let journal = journal(&store, "run-1");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for user in 0..20 {
            let journal = journal.clone();
            tasks.spawn(async move {
                let change = change(&user.to_string());
                journal.intent(&change, None).await.unwrap();
                journal.outcome(&change, Outcome::Done, Told::default()).await.unwrap();
            });
        }
        tasks.join_all().await;
    });
    let history = History::of_bytes("memory", &store.bytes()).unwrap();
    assert_eq!((history.entries().len(), history.open_intents(None).len()), (40, 0));
}
