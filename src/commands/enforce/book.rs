//! The ledger as enforcement commands use it: read without a lock to plan, opened to write down.

use std::collections::HashSet;

use crate::cli::LedgerArgs;
use crate::clock;
use crate::console;
use crate::enforce::grace::{Calendar, with_id};
use crate::enforce::refusal::SKEW;
use crate::enforce::survey::Candidate;
use crate::ledger::{Author, History, Kind, Ledger, LedgerError, Record};
use crate::model::Status;
use crate::model::untrusted::Untrusted;

use super::super::exit::Failure;
use super::surveys::{Rules, Seen};

/// What the ledger tells, or nothing where there is none yet.
pub(super) struct Book(History);

impl Book {
    /// Reads the ledger as it is.
    ///
    /// # Errors
    ///
    /// If it is there and cannot be read, or its chain is broken.
    pub(super) fn read(args: &LedgerArgs) -> Result<Self, Failure> {
        match Ledger::read(&args.ledger) {
            Ok(history) => Ok(Self(history)),
            Err(LedgerError::Missing { .. }) => Ok(Self(History::default())),
            Err(error) => Err(Failure::ledger(&error)),
        }
    }

    pub(super) const fn history(&self) -> &History {
        &self.0
    }
}

/// Opens the ledger to write, and warns where one that is expected in CI is missing.
///
/// # Errors
///
/// If another process writes it, its chain is broken, or it cannot be written.
pub(super) fn open(args: &LedgerArgs, run_id: &str, actor: Option<&str>) -> Result<Ledger, Failure> {
    let author = Author { run_id: run_id.to_owned(), actor: actor.map(str::to_owned), at: clock::now() };
    let ledger = Ledger::open(&args.ledger, &author).map_err(|error| Failure::ledger(&error))?;
    if let Some(last) =
        ledger.history().entries().last().map(|entry| entry.record.at).filter(|last| *last > author.at + SKEW)
    {
        console::err(&format!(
            "warning: the last entry of {} was written at {last}, and it is {} here: this clock, or that of the run before, is \
             wrong; deadlines that were announced hold\n",
            Untrusted(&args.ledger.display().to_string()),
            author.at
        ));
    }
    if !ledger.existed() && std::env::var_os("CI").is_some() {
        console::err(&format!(
            "warning: there was no ledger at {} and a new one was begun; keep it between the runs of this job, or what was \
             announced and done is forgotten\n",
            args.ledger.display()
        ));
    }
    Ok(ledger)
}

/// The end of the ledger in one line.
pub(super) fn end(ledger: &LedgerArgs, entries: usize, head: &str) -> String {
    let path = ledger.ledger.display().to_string();
    let entries = if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
    format!("ledger {}: {entries}, head {head}\n", Untrusted(&path))
}

/// Writes down which failures of rules with a grace period are new, and which are gone.
///
/// # Errors
///
/// If the ledger cannot be written.
pub(super) fn observe(
    args: &LedgerArgs,
    rules: &Rules,
    seen: &Seen,
    actor: Option<&str>,
    run_id: &str,
) -> Result<(), Failure> {
    let timed: HashSet<&str> =
        rules.set.rules.iter().filter(|rule| rule.grace.is_some()).map(|rule| rule.id.as_str()).collect();
    let mut ledger = open(args, run_id, actor)?;
    let records = changes(ledger.history(), &timed, seen, actor, run_id);
    for record in &records {
        ledger.append(record).map_err(|error| Failure::ledger(&error))?;
    }
    Ok(())
}

/// What was seen and the ledger does not tell yet.
fn changes(history: &History, timed: &HashSet<&str>, seen: &Seen, actor: Option<&str>, run_id: &str) -> Vec<Record> {
    let at = clock::now();
    let calendar = Calendar::new(history, at);
    let record = |kind: Kind, (account, user, rule): (&str, &str, &str)| Record {
        actor: actor.map(str::to_owned),
        account: Some(account.to_owned()),
        resource: Some(user.to_owned()),
        rule: Some(rule.to_owned()),
        ..Record::new(kind, at, run_id)
    };
    let mut failing = HashSet::new();
    let mut records = Vec::new();
    for survey in &seen.surveys {
        for candidate in &survey.candidates {
            for rule in failed(candidate, timed) {
                let subject = (survey.account.id.as_str(), candidate.arn.as_str(), rule);
                failing.insert(subject);
                let id = candidate.seen.user_id.as_deref();
                if !calendar.is_open(subject.0, subject.1, rule, id) {
                    records.push(Record { after: with_id(id), ..record(Kind::Observed, subject) });
                }
            }
        }
    }
    // Only of accounts that were read: of others nothing is known.
    let read: HashSet<&str> = seen
        .surveys
        .iter()
        .filter(|survey| survey.incomplete.is_none())
        .map(|survey| survey.account.id.as_str())
        .collect();
    let unknown = |account: &str, user: &str| {
        let surveys = seen.surveys.iter().filter(|survey| survey.account.id == account);
        surveys
            .flat_map(|survey| &survey.candidates)
            .any(|candidate| candidate.arn == user && !candidate.gaps.is_empty())
    };
    let mut gone: Vec<(&str, &str, &str)> = calendar
        .open()
        // And only of the rules that were asked: a run with other rules says nothing of these.
        .filter(|(account, user, rule)| timed.contains(rule) && read.contains(account) && !unknown(account, user))
        .filter(|subject| !failing.contains(subject))
        .collect();
    gone.sort_unstable();
    records.extend(gone.into_iter().map(|subject| record(Kind::Resolved, subject)));
    records
}

/// The rules with a grace period that a user fails for certain.
fn failed<'a>(candidate: &'a Candidate, timed: &'a HashSet<&str>) -> impl Iterator<Item = &'a str> {
    let failing = candidate.findings.iter().filter(|finding| finding.status == Status::Fail);
    failing.map(|finding| finding.rule.as_str()).filter(|rule| timed.contains(rule))
}
