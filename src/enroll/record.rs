//! Each change goes to the ledger, where one is kept: the intent before the call, the outcome after it.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::aws::{AwsError, Outcome};
use crate::journal::{Change, Journal, Told};
use crate::ledger::{LedgerError, Outcome as Became};

/// Why a change was not made, or what came of it could not be written down.
#[derive(Debug, Error)]
pub enum Trouble {
    /// AWS refused, or gave no answer.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The ledger could not be written. Before a call: then it was not made.
    #[error("the ledger could not be written")]
    Ledger(#[from] LedgerError),
}

/// A ledger, or none.
#[derive(Clone, Default)]
pub struct Book(Option<Journal>);

impl Book {
    /// Writes to a journal.
    #[must_use]
    pub const fn kept(journal: Journal) -> Self {
        Self(Some(journal))
    }

    /// The journal, if one is kept.
    #[must_use]
    pub const fn journal(&self) -> Option<&Journal> {
        self.0.as_ref()
    }

    /// Writes that the run begins.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn started(&self, message: &str) -> Result<(), LedgerError> {
        match &self.0 {
            Some(journal) => journal.started(message).await,
            None => Ok(()),
        }
    }

    /// Writes that the run ended.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn finished(&self, message: &str) -> Result<(), LedgerError> {
        match &self.0 {
            Some(journal) => journal.finished(Map::new(), message).await,
            None => Ok(()),
        }
    }

    /// Makes a change: writes that it is about to be made, makes it by `call`, and writes what came of it. `before` is
    /// what was there, `after` what is there once it is made; neither may hold a secret.
    ///
    /// # Errors
    ///
    /// If AWS refuses, or the ledger cannot be written.
    pub async fn change<T>(
        &self,
        change: &Change,
        before: Value,
        after: Value,
        call: impl Future<Output = Result<Outcome<T>, AwsError>>,
    ) -> Result<Outcome<T>, Trouble> {
        let Some(journal) = &self.0 else { return Ok(call.await?) };
        journal.intent(change, Some(before.clone())).await?;
        let answer = call.await;
        let (became, told) = told(&answer, before, after);
        journal.outcome(change, became, told).await?;
        Ok(answer?)
    }
}

/// What the ledger says of an answer.
fn told<T>(answer: &Result<Outcome<T>, AwsError>, before: Value, after: Value) -> (Became, Told) {
    match answer {
        Ok(Outcome::Written { request_id, .. }) => {
            let request_id = request_id.clone();
            (Became::Done, Told { before: Some(before), after: Some(after), request_id, message: None })
        }
        Ok(Outcome::AlreadyThere(error) | Outcome::NotThere(error)) => {
            (Became::Skipped, Told::message(error.to_string()))
        }
        Err(error) => (Became::Failed, Told::message(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock;
    use crate::ledger::{Author, History, Kind, Ledger, MemoryStore, Store as _};

    fn book(store: &MemoryStore) -> Book {
        let author = Author { run_id: "run-0".to_owned(), actor: None, at: clock::now() };
        let ledger = Ledger::over(Box::new(store.clone()), &author).unwrap();
        Book::kept(Journal::new(ledger, "run-1", Some("arn:caller"), None))
    }

    async fn written(
        answer: Result<Outcome<()>, AwsError>,
    ) -> (Result<Outcome<()>, Trouble>, Vec<(Kind, Option<Became>)>) {
        let store = MemoryStore::default();
        let book = book(&store);
        let change = Change::new("111122223333", "arn:device", "enable-mfa-device", &["iam:EnableMFADevice"]);
        let done = book.change(&change, Value::Null, json!({ "user": "kim" }), async { answer }).await;
        let history = History::of_bytes("memory", &store.bytes()).unwrap();
        let told = history.entries().iter().map(|entry| (entry.record.kind.clone(), entry.record.result.clone()));
        (done, told.collect())
    }

    #[tokio::test]
    async fn what_is_done_is_written_before_and_after() {
        let done = Outcome::Written { request_id: Some("id".to_owned()), made: () };
        let (answer, told) = written(Ok(done.clone())).await;
        assert_eq!(answer.unwrap(), done);
        assert_eq!(told, [(Kind::Intent, None), (Kind::Outcome, Some(Became::Done))]);
        let (answer, told) = written(Err(AwsError::of_test("AccessDenied"))).await;
        assert!(matches!(answer, Err(Trouble::Aws(_))));
        assert_eq!(told.last(), Some(&(Kind::Outcome, Some(Became::Failed))));
        let (_, told) = written(Ok(Outcome::NotThere(AwsError::of_test("NoSuchEntity")))).await;
        assert_eq!(told.last(), Some(&(Kind::Outcome, Some(Became::Skipped))));
    }

    #[tokio::test]
    async fn what_cannot_be_written_down_is_not_done() {
        let (store, reached) = (MemoryStore::default(), std::cell::Cell::new(false));
        let book = book(&store);
        // Somebody else writes to it.
        store.clone().append(b"x").unwrap();
        let change = Change::new("111122223333", "arn:device", "enable-mfa-device", &[]);
        let call = async {
            reached.set(true);
            Ok(Outcome::Written { request_id: None, made: () })
        };
        assert!(matches!(book.change(&change, Value::Null, Value::Null, call).await, Err(Trouble::Ledger(_))));
        assert!(!reached.get());
        let call = async { Ok(Outcome::Written { request_id: None, made: () }) };
        assert!(Book::default().change(&change, Value::Null, Value::Null, call).await.is_ok(), "none is kept");
    }
}
