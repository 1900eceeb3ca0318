//! Around every change an entry: `intent` right before the call, `outcome` after it.
//!
//! Accounts are changed beside each other and write one ledger. An append blocks on the disk, so it runs on a thread
//! that may block; when it returns, the entry is on the disk. What cannot be written down is not done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::clock;
use crate::ledger::{Kind, Ledger, LedgerError, Outcome, Record};

/// A ledger in which one run writes down what it does.
#[derive(Clone)]
pub struct Journal {
    ledger: Arc<Mutex<Ledger>>,
    run_id: String,
    actor: Option<String>,
    plan: Option<String>,
    past: Arc<HashMap<String, Past>>,
}

/// What earlier runs of the same plan wrote of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Past {
    /// An intent and no outcome: it may have been made.
    Begun,
    /// It was made, or was so already.
    Holds,
    /// It was not made; it may be tried again.
    NotMade,
}

/// A change, in the words of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The account's id.
    pub account: String,
    /// ARN of what is changed.
    pub resource: String,
    /// What is done to it, such as `attach-user-policy`.
    pub action: String,
    /// The rule that asks for it.
    pub rule: Option<String>,
    /// Its id: the same whenever the same is done to the same.
    pub id: String,
    /// The calls of AWS.
    pub calls: Vec<String>,
}

/// What became of a change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// What people should know of it.
    pub message: Option<String>,
}

impl Told {
    /// Only words.
    #[must_use]
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }
}

impl Change {
    /// A change that is not an action of a plan, such as making the guard policy.
    #[must_use]
    pub fn new(account: &str, resource: &str, action: &str, calls: &[&str]) -> Self {
        let digest = Sha256::digest(format!("{account}\0{resource}\0{action}").as_bytes());
        Self {
            account: account.to_owned(),
            resource: resource.to_owned(),
            action: action.to_owned(),
            rule: None,
            id: HEXLOWER.encode(digest.get(..8).unwrap_or_default()),
            calls: calls.iter().map(|call| (*call).to_owned()).collect(),
        }
    }
}

impl Journal {
    /// The journal of a run: `plan` is the hash of the plan that it applies, `actor` the ARN of who runs it.
    #[must_use]
    pub fn new(ledger: Ledger, run_id: &str, actor: Option<&str>, plan: Option<&str>) -> Self {
        let past = plan.map(|plan| past(&ledger, plan)).unwrap_or_default();
        Self {
            ledger: Arc::new(Mutex::new(ledger)),
            run_id: run_id.to_owned(),
            actor: actor.map(str::to_owned),
            plan: plan.map(str::to_owned),
            past: Arc::new(past),
        }
    }

    /// What earlier runs of the same plan wrote of the change with this id.
    #[must_use]
    pub fn past(&self, id: &str) -> Option<&Past> {
        self.past.get(id)
    }

    /// Writes that a change is about to be made.
    ///
    /// # Errors
    ///
    /// If it cannot be written: then the change must not be made.
    pub async fn intent(&self, change: &Change, before: Option<Value>) -> Result<(), LedgerError> {
        self.append(Record { before, ..self.record(Kind::Intent, change) }).await
    }

    /// Writes what became of a change.
    ///
    /// # Errors
    ///
    /// If it cannot be written: then nothing further must be changed.
    pub async fn outcome(&self, change: &Change, result: Outcome, told: Told) -> Result<(), LedgerError> {
        let Told { before, after, request_id, message } = told;
        let record = self.record(Kind::Outcome, change);
        self.append(Record { result: Some(result), before, after, request_id, message, ..record }).await
    }

    /// Writes that the run begins.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn started(&self, message: &str) -> Result<(), LedgerError> {
        self.append(Record { message: Some(message.to_owned()), ..self.blank(Kind::RunStarted) }).await
    }

    /// Writes that the run ended, with its numbers.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn finished(&self, counts: Map<String, Value>, message: &str) -> Result<(), LedgerError> {
        let record = self.blank(Kind::RunFinished);
        self.append(Record { after: Some(Value::Object(counts)), message: Some(message.to_owned()), ..record }).await
    }

    /// The hash of the last entry, and how many there are.
    #[must_use]
    pub fn head(&self) -> (String, usize) {
        let ledger = self.lock();
        let head = ledger.head();
        (head.hash.to_owned(), head.count)
    }

    /// Whether the ledger was there before this run.
    #[must_use]
    pub fn existed(&self) -> bool {
        self.lock().existed()
    }

    async fn append(&self, record: Record) -> Result<(), LedgerError> {
        let ledger = Arc::clone(&self.ledger);
        let written = tokio::task::spawn_blocking(move || {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            // The time of an entry is that of its writing, so that times grow along the chain.
            let record = Record { at: clock::now(), ..record };
            ledger.append(&record).map(drop)
        });
        written.await.unwrap_or_else(|error| Err(LedgerError::Refused { reason: error.to_string() }))
    }

    fn record(&self, kind: Kind, change: &Change) -> Record {
        Record {
            account: Some(change.account.clone()),
            resource: Some(change.resource.clone()),
            action: Some(change.action.clone()),
            rule: change.rule.clone(),
            id: Some(change.id.clone()),
            calls: change.calls.clone(),
            ..self.blank(kind)
        }
    }

    fn blank(&self, kind: Kind) -> Record {
        let record = Record::new(kind, clock::now(), &self.run_id);
        Record { actor: self.actor.clone(), plan: self.plan.clone(), ..record }
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the ledger tells of each change of a plan: the last word counts.
fn past(ledger: &Ledger, plan: &str) -> HashMap<String, Past> {
    let mut past = HashMap::new();
    for entry in ledger.history().entries() {
        let record = &entry.record;
        let (Some(id), true) = (&record.id, record.plan.as_deref() == Some(plan)) else { continue };
        let is = match (&record.kind, &record.result) {
            (Kind::Intent, _) => Past::Begun,
            (Kind::Outcome, Some(Outcome::Done | Outcome::Already)) => Past::Holds,
            (Kind::Outcome, _) => Past::NotMade,
            _ => continue,
        };
        past.insert(id.clone(), is);
    }
    past
}

#[cfg(test)]
mod tests;
