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
