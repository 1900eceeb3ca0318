//! What a ledger tells: its entries, and the questions that enforcement asks of them. Pure.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::chain::{self, Tail};
use super::entry::{Entry, Kind, Outcome};
use super::error::LedgerError;

/// The entries of a whole chain, in order.
#[derive(Debug, Default)]
pub struct History {
    pub(super) entries: Vec<Entry>,
    torn: Option<usize>,
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'h> {
    /// Hash of the last entry; 64 zeros if there is none.
    pub hash: &'h str,
    /// How many entries there are.
    pub count: usize,
}

/// A failure that has been seen and not been resolved since.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation<'h> {
    /// When it was first seen.
    pub since: Timestamp,
    /// What was announced of it since then, in order.
    pub announced: Vec<&'h Entry>,
}

/// Account, resource and rule.
pub type Subject<'h> = (&'h str, &'h str, &'h str);

/// What an action does to a user's gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The user is guarded after it.
    Closes,
    /// The user is not guarded after it.
    Opens,
}

/// A user who is guarded, according to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarded<'h> {
    /// The account's id.
    pub account: &'h str,
    /// The user's ARN.
    pub resource: &'h str,
    /// The run that closed the gate.
    pub run_id: &'h str,
    /// Since when.
    pub since: Timestamp,
    /// The run found it closed and did not do it: there is nothing of this run to undo.
    pub was_already: bool,
}

impl History {
    /// Reads the bytes of the ledger `name`. An entry at the end that was never finished is left out; see [`Self::torn`].
    ///
    /// # Errors
    ///
    /// If the chain is broken, or an entry cannot be understood.
    pub fn of_bytes(name: &str, bytes: &[u8]) -> Result<Self, LedgerError> {
        let chain = chain::walk(bytes);
        if let Some(damage) = chain.damage {
            return Err(LedgerError::Broken { ledger: name.to_owned(), damage });
        }
        let entries = chain.links.iter().enumerate().map(|(index, link)| {
            serde_json::from_slice(link.line).map_err(|error| LedgerError::Unreadable {
                ledger: name.to_owned(),
                line: index + 1,
                reason: error.to_string(),
            })
        });
        let torn = if let Tail::Torn(bytes) = chain.tail { Some(bytes.len()) } else { None };
        Ok(Self { entries: entries.collect::<Result<_, _>>()?, torn })
    }

    /// All entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes of an entry at the end that was never finished: of a crash, or of a write that goes on at this moment.
    #[must_use]
    pub const fn torn(&self) -> Option<usize> {
        self.torn
    }

    /// The end of the chain.
    #[must_use]
    pub fn head(&self) -> Head<'_> {
        Head { hash: self.entries.last().map_or(chain::START, |entry| &entry.hash), count: self.entries.len() }
    }

    /// Everything that the run `run_id` wrote.
    pub fn of_run(&self, run_id: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.record.run_id == run_id)
    }

    /// The changes that were begun and of which no outcome is known, of the plan with this hash or of all, in order.
    ///
    /// An outcome belongs to the intent with the same plan and id, whichever run wrote it: the next `apply` of a plan
    /// ends what a killed one began. Outside a plan it belongs to the intent of the same run and id.
    #[must_use]
    pub fn open_intents(&self, plan: Option<&str>) -> Vec<&Entry> {
        let mut open: HashMap<(&str, &str), &Entry> = HashMap::new();
        for entry in &self.entries {
            match (&entry.record.kind, entry.record.key()) {
                (Kind::Intent, Some(key)) => drop(open.insert(key, entry)),
                (Kind::Outcome, Some(key)) => drop(open.remove(&key)),
                _ => {}
            }
        }
        let is_wanted = |entry: &&Entry| plan.is_none() || entry.record.plan.as_deref() == plan;
        let mut open: Vec<&Entry> = open.into_values().filter(is_wanted).collect();
        open.sort_by_key(|entry| entry.seq);
        open
    }

    /// The failures that have been seen and not been resolved since, and what was announced of each.
    #[must_use]
    pub fn observations(&self) -> HashMap<Subject<'_>, Observation<'_>> {
        let mut found: HashMap<Subject<'_>, Observation<'_>> = HashMap::new();
        for entry in &self.entries {
            let record = &entry.record;
            let (Some(account), Some(resource), Some(rule)) = (&record.account, &record.resource, &record.rule) else {
                continue;
            };
            let subject = (account.as_str(), resource.as_str(), rule.as_str());
            match record.kind {
                Kind::Observed | Kind::Announced => {
                    let seen = found.entry(subject).or_insert(Observation { since: record.at, announced: Vec::new() });
                    if record.kind == Kind::Announced {
                        seen.announced.push(entry);
                    }
                }
                Kind::Resolved => drop(found.remove(&subject)),
                _ => {}
            }
        }
        found
    }

    /// Who is guarded, by which run and since when, by account and ARN. `effect` says what the action of an outcome
    /// does to a gate, or that it does nothing.
    ///
    /// Who was guarded already stays guarded by the run that did it. An intent is written only where a change is needed:
    /// where `already` answers one, the change is of the intent's run, which was killed before it wrote its outcome or
    /// got no answer from AWS.
    #[must_use]
    pub fn guarded(&self, effect: impl Fn(&Entry) -> Option<Effect>) -> Vec<Guarded<'_>> {
        let mut gates: BTreeMap<(&str, &str), Guarded<'_>> = BTreeMap::new();
        let mut intents: HashMap<(&str, &str), &Entry> = HashMap::new();
        for entry in &self.entries {
            let record = &entry.record;
            let (Some(key), Some(account), Some(resource)) = (record.key(), &record.account, &record.resource) else {
                continue;
            };
            if record.kind == Kind::Intent {
                // The first: a later run of the same plan repeats an intent whose change may have been made.
                intents.entry(key).or_insert(entry);
            }
            if record.kind != Kind::Outcome {
                continue;
            }
            let intent = intents.remove(&key);
            let Some(was_already) = is_so(record.result.as_ref()) else { continue };
            let gate = (account.as_str(), resource.as_str());
            match effect(entry) {
                Some(Effect::Opens) => drop(gates.remove(&gate)),
                Some(Effect::Closes) => {
                    gates.entry(gate).or_insert_with(|| closed(gate, entry, intent, was_already));
                }
                None => {}
            }
        }
        gates.into_values().collect()
    }
}

/// Whether after an outcome the change holds: `Some(true)` where it held before.
const fn is_so(result: Option<&Outcome>) -> Option<bool> {
    match result {
        Some(Outcome::Done) => Some(false),
        Some(Outcome::Already) => Some(true),
        _ => None,
    }
}

/// The gate that `outcome` closed, or found closed because its intent's run had done it.
fn closed<'h>(
    (account, resource): (&'h str, &'h str),
    outcome: &'h Entry,
    intent: Option<&'h Entry>,
    was_already: bool,
) -> Guarded<'h> {
    let begun = intent.filter(|_| was_already);
    let by = begun.unwrap_or(outcome);
    let was_already = was_already && begun.is_none();
    Guarded { account, resource, run_id: &by.record.run_id, since: by.record.at, was_already }
}

#[cfg(test)]
mod tests;
