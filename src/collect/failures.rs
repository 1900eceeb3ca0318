//! Calls that failed for good, counted by operation and reason: what makes an account partial.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::aws::{AwsError, Operation};
use crate::model::{CallGap, Fact, Gap, Origin};

/// The failures of one account's reading.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<Vec<CallGap>>);

impl Failures {
    /// Keeps `error` of `operation` and gives the gap it leaves.
    pub(super) fn note(&self, operation: Operation, error: &AwsError) -> Gap {
        self.note_reason(operation.name(), &error.reason());
        Gap::failed(operation.name(), &error.reason())
    }

    /// Keeps a failure of `operation` for `reason`.
    pub(super) fn note_reason(&self, operation: &str, reason: &str) {
        let mut gaps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match gaps.iter_mut().find(|gap| gap.operation == operation && gap.reason == reason) {
            Some(gap) => gap.count += 1,
            None => gaps.push(CallGap { operation: operation.to_owned(), reason: reason.to_owned(), count: 1 }),
        }
    }

    /// The fact that `answer` tells, as of `as_of`; a failure is kept.
    pub(super) fn fact<T>(&self, operation: Operation, answer: Result<T, AwsError>, as_of: Timestamp) -> Fact<T> {
        match answer {
            Ok(value) => Fact::known(value, Origin::new(operation.name(), as_of)),
            Err(error) => Fact::Unknown(self.note(operation, &error)),
        }
    }

    /// All of them, by operation.
    pub(super) fn into_gaps(self) -> Vec<CallGap> {
        let mut gaps = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        gaps.sort_by(|one, other| (&one.operation, &one.reason).cmp(&(&other.operation, &other.reason)));
        gaps
    }
}
