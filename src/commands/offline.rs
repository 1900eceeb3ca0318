//! Judging a saved snapshot: no AWS, no credentials.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::evaluate::{self, AccountEvaluation};
use crate::model::AccountFacts;
use crate::model::evaluation::Notice;
use crate::model::snapshot::Header;
use crate::model::untrusted::Untrusted;
use crate::rules::RuleSet;
use crate::snapshot::{RawAccount, Reader, SnapshotError};

use super::exit::Failure;

/// How many accounts are held at a time.
const BATCH: usize = 64;

/// The judgements of all accounts of a snapshot.
pub(super) struct Judged {
    /// The snapshot's header.
    pub(super) header: Header,
    /// The moment against which ages were judged.
    pub(super) now: Timestamp,
    /// The accounts.
    pub(super) accounts: Vec<AccountEvaluation>,
}

/// Judges the snapshot at `path` against `now`, or against the moment it was taken.
///
/// # Errors
///
/// If the file is missing, foreign, damaged or cut off, or has an account twice; then nothing of it is reported.
pub(super) fn judge(path: &Path, set: &RuleSet, now: Option<Timestamp>) -> Result<Judged, Failure> {
    inspect(path, set, now, |_, _| {})
}

/// Like [`judge`]; `look` sees each account before its facts are dropped, several at a time.
///
/// # Errors
///
/// As [`judge`].
pub(super) fn inspect(
    path: &Path,
    set: &RuleSet,
    now: Option<Timestamp>,
    look: impl Fn(&AccountFacts, &AccountEvaluation) + Sync,
) -> Result<Judged, Failure> {
    let mut reader = Reader::open(path).map_err(|error| Failure::run(&error))?;
    let header = reader.header().clone();
    let now = now.unwrap_or(header.started_at);
    let mut accounts = Vec::with_capacity(header.accounts.min(10_000));
    let mut lines = HashMap::new();
    loop {
        let batch: Vec<RawAccount> =
            reader.by_ref().take(BATCH).collect::<Result<_, _>>().map_err(|error| Failure::run(&error))?;
        if batch.is_empty() {
            return Ok(Judged { header, now, accounts });
        }
        let judged: Vec<AccountEvaluation> = batch
            .par_iter()
            .map(|raw| {
                let facts = raw.parse()?;
                let evaluation = evaluate::account(set, &facts, now);
                look(&facts, &evaluation);
                Ok(evaluation)
            })
            .collect::<Result<_, SnapshotError>>()
            .map_err(|error| Failure::run(&error))?;
        for (raw, account) in batch.iter().zip(&judged) {
            once(&mut lines, raw, &account.result.id).map_err(|error| Failure::run(&error))?;
        }
        accounts.extend(judged);
    }
}

/// The moment at which the snapshot at `path` was taken.
///
/// # Errors
///
/// If the file is missing or foreign.
pub(super) fn taken_at(path: &Path) -> Result<Timestamp, Failure> {
    Reader::open(path).map(|reader| reader.header().started_at).map_err(|error| Failure::run(&error))
}

/// Notes that `raw` is the account `id`; an account that stands there twice would count twice.
fn once(lines: &mut HashMap<String, usize>, raw: &RawAccount, id: &str) -> Result<(), SnapshotError> {
    match lines.insert(id.to_owned(), raw.line()) {
        None => Ok(()),
        Some(first) => Err(raw.problem(format!("has the account {} again, which line {first} has", Untrusted(id)))),
    }
}

/// What has to be said of judging a snapshot that does not hold the whole vocabulary.
pub(super) fn notices(header: &Header, asked: &[String]) -> Vec<Notice> {
    let mut notices = header.notices.clone();
    if !header.facts.iter().any(|fact| fact == "*") {
        let missing: Vec<&str> = asked.iter().filter(|fact| !header.facts.contains(fact)).map(String::as_str).collect();
        if !missing.is_empty() {
            let message = format!("the snapshot was taken without these facts: {}", missing.join(", "));
            notices.push(Notice { account: None, message });
        }
    }
    notices
}

#[cfg(test)]
mod tests;
