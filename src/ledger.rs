//! The ledger: append-only evidence of what Portcullis saw, announced and changed. May use `model`; no AWS, no clock.
//!
//! A file of JSON Lines, each with the hash of the one before (`docs/ledger.md`). [`Ledger`] writes and holds a lock;
//! [`History`] reads, takes no lock and repairs nothing. Invariants: an entry is on the disk before [`Ledger::append`]
//! returns; a write that fails or is cut off leaves every earlier entry; a broken chain is never written to.

mod chain;
mod entry;
mod error;
mod file;
mod history;
mod schema;
mod store;

use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use entry::Body;

pub use chain::{Chain, Damage, DamageKind, Link, START, Tail, seal, walk};
pub use entry::{Entry, Kind, Outcome, Record};
pub use error::LedgerError;
pub use file::FileStore;
pub use history::{Effect, Guarded, Head, History, Observation, Subject};
pub use schema::schema;
pub use store::{MemoryStore, Store};

/// Who writes, and when it began: for the entry that tells of a repair, and for the note on the lock.
#[derive(Debug, Clone)]
pub struct Author {
    /// The run.
    pub run_id: String,
    /// ARN of the caller, if it is known by then.
    pub actor: Option<String>,
    /// This moment.
    pub at: Timestamp,
}

/// A ledger that is open for writing: nobody else writes it until this is dropped.
pub struct Ledger {
    store: Box<dyn Store>,
    existed: bool,
    history: History,
    /// Bytes of the whole chain.
    length: u64,
    /// A failed write could not be taken back: what is in the store is not known.
    is_unsure: bool,
}

impl Ledger {
    /// Opens the ledger at `path`, or begins it: locks it, verifies all of it, and repairs an end that a crash tore.
    ///
    /// What was torn off is kept as `PATH.torn-N`, and an entry tells of it.
    ///
    /// # Errors
    ///
    /// If another process writes it, its chain is broken (nothing is written then), or it cannot be read or written.
    pub fn open(path: &Path, author: &Author) -> Result<Self, LedgerError> {
        let holder = format!("process {}, run {}, since {}", std::process::id(), author.run_id, author.at);
        Self::over(Box::new(FileStore::open(path, &holder)?), author)
    }

    /// Opens the ledger that `store` holds; see [`Self::open`].
    ///
    /// # Errors
    ///
    /// If its chain is broken (nothing is written then), or it cannot be read or written.
    pub fn over(mut store: Box<dyn Store>, author: &Author) -> Result<Self, LedgerError> {
        let existed = store.existed();
        let bytes = store.read().map_err(|source| io_error(&*store, "cannot be read", source))?;
        let history = History::of_bytes(store.name(), &bytes)?;
        let (whole, torn) = bytes.split_at_checked(bytes.len() - history.torn().unwrap_or(0)).unwrap_or((&bytes, &[]));
        let mut ledger = Self { store, existed, history, length: whole.len() as u64, is_unsure: false };
        if !torn.is_empty() {
            ledger.set_aside(torn, author)?;
        } else if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            ledger.write(b"\n")?;
        }
        Ok(ledger)
    }

    /// Reads the ledger at `path` as it is: no lock, no repair.
    ///
    /// # Errors
    ///
    /// If there is none, it cannot be read, or its chain is broken.
    pub fn read(path: &Path) -> Result<History, LedgerError> {
        History::of_bytes(&path.display().to_string(), &Self::bytes(path)?)
    }

    /// The bytes of the ledger at `path`, to be told what is wrong with them by [`walk`].
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be read.
    pub fn bytes(path: &Path) -> Result<Vec<u8>, LedgerError> {
        file::bytes(path)
    }

    /// Whether it was there before it was opened.
    #[must_use]
    pub const fn existed(&self) -> bool {
        self.existed
    }

    /// What it tells, with what was appended since it was opened.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Its end: give this hash to somebody who keeps it elsewhere.
    #[must_use]
    pub fn head(&self) -> Head<'_> {
        self.history.head()
    }

    /// Writes a record down and gives its entry. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// If the record lacks what its kind must have or holds a secret, or the write fails: the ledger is then as it was.
    pub fn append(&mut self, record: &Record) -> Result<Entry, LedgerError> {
        let (line, entry) = self.line_of(record)?;
        self.write(format!("{line}\n").as_bytes())?;
        self.history.entries.push(entry.clone());
        Ok(entry)
    }

    /// The line that `record` becomes, and the entry that a reader will make of it.
    fn line_of(&self, record: &Record) -> Result<(String, Entry), LedgerError> {
        let refused = |reason: String| LedgerError::Refused { reason };
        if let Some(field) = record.lacks() {
            return Err(refused(format!("an entry of kind `{}` must have `{field}`", record.kind.as_str())));
        }
        if let Some(name) = record.secret() {
            return Err(refused(format!("`{name}` is a secret")));
        }
        let head = self.head();
        let body = Body { seq: head.count as u64 + 1, record, prev: head.hash };
        let body = serde_json::to_string(&body).map_err(|error| refused(error.to_string()))?;
        let (line, _) = seal(&body);
        // What cannot be read back, such as values nested too deep, must not get in.
        let entry = serde_json::from_str(&line).map_err(|error| refused(error.to_string()))?;
        Ok((line, entry))
    }

    /// Writes behind the whole chain, or leaves it as it was.
    fn write(&mut self, bytes: &[u8]) -> Result<(), LedgerError> {
        let found = self.store.length().map_err(|source| io_error(&*self.store, "cannot be read", source))?;
        if self.is_unsure || found != self.length {
            let what = "was not written to: it is no longer as it was when it was read; run this again";
            let reason =
                format!("it has {found} bytes where {} were expected: something else wrote to it", self.length);
            let reason = if self.is_unsure { "an earlier write failed and could not be taken back" } else { &reason };
            return Err(io_error(&*self.store, what, std::io::Error::other(reason)));
        }
        let Err(source) = self.store.append(bytes) else {
            self.length += bytes.len() as u64;
            return Ok(());
        };
        if self.store.truncate(self.length).is_err() {
            self.is_unsure = true;
            let what = "took only a part of an entry, which could not be taken back; the next run sets it aside";
            return Err(io_error(&*self.store, what, source));
        }
        let what = format!("took no new entry and is as it was (entries: {})", self.history.entries.len());
        Err(io_error(&*self.store, &what, source))
    }

    /// Takes the bytes of an entry that was never finished off the end, and tells of it.
    fn set_aside(&mut self, torn: &[u8], author: &Author) -> Result<(), LedgerError> {
        let what = "ends with an entry that was never finished, which cannot be set aside";
        let name = self.store.set_aside(torn).map_err(|source| io_error(&*self.store, what, source))?;
        self.store.truncate(self.length).map_err(|source| io_error(&*self.store, what, source))?;
        let bytes = torn.len();
        let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(torn));
        let mut record = Record::new(Kind::Recovered, author.at, &author.run_id);
        record.actor.clone_from(&author.actor);
        record.message =
            Some(format!("an entry was never finished; the {bytes} bytes of it were set aside to `{name}`"));
        record.after = Some(serde_json::json!({ "torn": name, "bytes": bytes, "sha256": sha256 }));
        self.append(&record).map(drop)
    }
}

fn io_error(store: &dyn Store, what: &str, source: std::io::Error) -> LedgerError {
    LedgerError::Io { ledger: store.name().to_owned(), what: what.to_owned(), source }
}

#[cfg(test)]
mod tests;
