//! The only place that reads the wall clock.

use jiff::Timestamp;

/// This moment, to the second: finer than AWS's own dates, and short in reports.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
