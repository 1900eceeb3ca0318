//! Time to enroll: how long a user is left alone after it was told.
//!
//! A rule with a grace period acts on a user only when the ledger shows that its failure was seen and announced at least
//! so long ago. A user who enrolls, is let out and removes the device again gets no new period within [`MEMORY`], and
//! neither does one who gets another name. A user who has the name of an earlier one is another user.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ledger::{History, Kind, Record};

/// So long after a failure was gone, one that comes back is the same.
pub const MEMORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Whether a failure may be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grace {
    /// At once: its rule has no grace period.
    None,
    /// Not yet: nobody was told.
    Unannounced,
    /// From this moment.
    Until(Timestamp),
}

/// Account, user and rule.
type Subject<'h> = (&'h str, &'h str, &'h str);

/// What the ledger tells of failures: account, user and rule.
#[derive(Debug, Default)]
pub struct Calendar<'h> {
    failures: HashMap<Subject<'h>, Failure>,
    /// The unique ids of the users, where the ledger tells them.
    ids: HashMap<Subject<'h>, &'h str>,
    /// The other way round: account, unique id and rule, and the last ARN.
    names: HashMap<Subject<'h>, &'h str>,
}

/// When a failure was seen, announced and gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// First seen.
    pub since: Timestamp,
    /// First announced after that.
    pub announced: Option<Timestamp>,
    /// Until when it was to be mended, as that announcement said.
    pub deadline: Option<Timestamp>,
    /// Gone; it may come back.
    pub resolved: Option<Timestamp>,
}

impl<'h> Calendar<'h> {
    /// Reads the observations and announcements of a ledger; `now` is this moment.
    ///
    /// An entry was not written before those that stand before it, whatever it says: a clock that was behind when people
    /// were told takes nobody its time. Entries from the future, of a clock that was ahead, say nothing of others.
    #[must_use]
    pub fn new(history: &'h History, now: Timestamp) -> Self {
        let mut calendar = Self::default();
        let mut latest = Timestamp::MIN;
        for entry in history.entries() {
            let record = &entry.record;
            if record.at <= now {
                latest = latest.max(record.at);
            }
            if let (Some(account), Some(user), Some(rule)) = (&record.account, &record.resource, &record.rule) {
                calendar.note((account, user, rule), record, record.at.max(latest));
            }
        }
        calendar
    }

    fn note(&mut self, subject: Subject<'h>, record: &'h Record, at: Timestamp) {
        let new = Failure { since: at, announced: None, deadline: None, resolved: None };
        match record.kind {
            Kind::Observed => {
                let before = self.before(subject, told_id(record));
                let lasts =
                    |failure: &Failure| failure.resolved.is_none_or(|resolved| at.duration_since(resolved) <= MEMORY);
                let failure = before.filter(lasts).unwrap_or(new);
                self.failures.insert(subject, Failure { resolved: None, ..failure });
                if let Some(id) = told_id(record) {
                    self.ids.insert(subject, id);
                    self.names.insert((subject.0, id, subject.2), subject.1);
                }
            }
            Kind::Announced => {
                let failure = self.failures.entry(subject).or_insert(new);
                if failure.announced.is_none() {
                    (failure.announced, failure.deadline) = (Some(at), record.deadline);
                }
            }
            Kind::Resolved => {
                if let Some(failure) = self.failures.get_mut(&subject) {
                    failure.resolved = Some(at);
                }
            }
            _ => {}
        }
    }

    /// What was known of a failure of a user with this unique id, under whatever name it had.
    fn before(&self, subject: Subject<'h>, id: Option<&'h str>) -> Option<Failure> {
        let (account, user, rule) = subject;
        let known = self.ids.get(&subject);
        let is_same = known.is_none() || id.is_none() || known == id.as_ref();
        let name = id.and_then(|id| self.names.get(&(account, id, rule)).copied());
        let name = name.or_else(|| is_same.then_some(user))?;
        self.failures.get(&(account, name, rule)).copied()
    }

    /// Whether it was seen that this user fails a rule, and not that the failure is gone: the user with this unique id,
    /// if both that and the ledger tell one.
    #[must_use]
    pub fn is_open(&self, account: &str, user: &str, rule: &str, id: Option<&str>) -> bool {
        let known = self.ids.get(&(account, user, rule)).copied();
        let is_same = known.is_none() || id.is_none() || known == id;
        is_same && self.failure(account, user, rule).is_some_and(|failure| failure.resolved.is_none())
    }

    /// What is known of a failure.
    #[must_use]
    pub fn failure(&self, account: &str, user: &str, rule: &str) -> Option<Failure> {
        self.failures.get(&(account, user, rule)).copied()
    }

    /// Failures that were seen and are not gone.
    pub fn open(&self) -> impl Iterator<Item = Subject<'h>> {
        self.failures.iter().filter(|(_, failure)| failure.resolved.is_none()).map(|(subject, _)| *subject)
    }

    /// Whether a failure of a rule with this grace period may be acted on.
    #[must_use]
    pub fn grace(&self, account: &str, user: &str, rule: &str, period: Option<SignedDuration>) -> Grace {
        let Some(period) = period else { return Grace::None };
        let Some(failure) = self.failure(account, user, rule) else { return Grace::Unannounced };
        let Some(announced) = failure.announced else { return Grace::Unannounced };
        Grace::Until(until(announced, period, failure.deadline))
    }
}

/// Until when a failure is to be mended that was announced with a deadline: what was told holds, although the period is
/// shorter by now.
#[must_use]
pub fn until(announced: Timestamp, period: SignedDuration, told: Option<Timestamp>) -> Timestamp {
    let until = announced.checked_add(period).unwrap_or(Timestamp::MAX);
    told.map_or(until, |told| told.max(until))
}

/// The unique id of the user that an observation is of, as a member of what is there.
#[must_use]
pub fn with_id(id: Option<&str>) -> Option<Value> {
    id.map(|id| json!({ "user_id": id }))
}

fn told_id(record: &Record) -> Option<&str> {
    record.after.as_ref()?.get("user_id")?.as_str()
}

#[cfg(test)]
mod tests;
