//! Time to enroll: how long a user is left alone after it was told.
//!
//! A rule with a grace period acts on a user only when the ledger shows that its failure was seen and announced at least
//! so long ago. A user who enrolls, is let out and removes the device again gets no new period within [`MEMORY`].

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::ledger::{History, Kind};

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

/// What the ledger tells of failures: account, user and rule.
#[derive(Debug, Default)]
pub struct Calendar<'h> {
    failures: HashMap<(&'h str, &'h str, &'h str), Failure>,
}

/// When a failure was seen, announced and gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// First seen.
    pub since: Timestamp,
    /// First announced after that.
    pub announced: Option<Timestamp>,
    /// Gone; it may come back.
    pub resolved: Option<Timestamp>,
}

impl<'h> Calendar<'h> {
    /// Reads the observations and announcements of a ledger.
    #[must_use]
    pub fn new(history: &'h History) -> Self {
        let mut calendar = Self::default();
        for entry in history.entries() {
            let record = &entry.record;
            if let (Some(account), Some(user), Some(rule)) = (&record.account, &record.resource, &record.rule) {
                calendar.note((account, user, rule), &record.kind, record.at);
            }
        }
        calendar
    }

    fn note(&mut self, subject: (&'h str, &'h str, &'h str), kind: &Kind, at: Timestamp) {
        let new = Failure { since: at, announced: None, resolved: None };
        match kind {
            Kind::Observed => {
                let failure = self.failures.entry(subject).or_insert(new);
                if failure.resolved.is_some_and(|resolved| at.duration_since(resolved) > MEMORY) {
                    *failure = new;
                }
                failure.resolved = None;
            }
            Kind::Announced => {
                let failure = self.failures.entry(subject).or_insert(new);
                failure.announced = failure.announced.or(Some(at));
            }
            Kind::Resolved => {
                if let Some(failure) = self.failures.get_mut(&subject) {
                    failure.resolved = Some(at);
                }
            }
            _ => {}
        }
    }

    /// What is known of a failure.
    #[must_use]
    pub fn failure(&self, account: &str, user: &str, rule: &str) -> Option<Failure> {
        self.failures.get(&(account, user, rule)).copied()
    }

    /// Failures that were seen and are not gone.
    pub fn open(&self) -> impl Iterator<Item = (&'h str, &'h str, &'h str)> {
        self.failures.iter().filter(|(_, failure)| failure.resolved.is_none()).map(|(subject, _)| *subject)
    }

    /// Whether a failure of a rule with this grace period may be acted on.
    #[must_use]
    pub fn grace(&self, account: &str, user: &str, rule: &str, period: Option<SignedDuration>) -> Grace {
        let Some(period) = period else { return Grace::None };
        let announced = self.failure(account, user, rule).and_then(|failure| failure.announced);
        announced.map_or(Grace::Unannounced, |announced| Grace::Until(announced + period))
    }
}

#[cfg(test)]
mod tests;
