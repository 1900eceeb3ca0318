//! The only place that reads the wall clock.

use jiff::Timestamp;

/// This moment, to the second: finer than AWS's own dates, and short in reports.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// An id that no other run has; ids sort by the moment at which they were made.
#[must_use]
pub fn run_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
