//! Waiting for what was just written to be seen everywhere: AWS needs seconds (8 to 14 were observed).

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long to wait for it by default.
pub const PATIENCE: Duration = Duration::from_secs(20);

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(4);

/// Waits that grow, until patience runs out.
#[derive(Debug)]
pub struct Waits {
    until: Instant,
    next: Duration,
}

impl Waits {
    /// Waits for `patience` in all.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, next: FIRST }
    }

    /// Waits, and says whether it is worth to look again.
    pub async fn again(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(self.next.min(left)).await;
        self.next = (self.next * 2).min(LONGEST);
        true
    }
}
