//! Numbers and moments that look random and are the same in every run.

use jiff::Timestamp;

/// When the example's scan began, 2026-11-20T06:00:00Z, in seconds since 1970.
const START: i64 = 1_795_154_400;
/// Seconds in a day.
const DAY: i64 = 86_400;

/// The moment `seconds` after the start of the scan; negative ones are before it.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).unwrap_or_default()
}

/// A source of numbers: `SplitMix64` (Steele, Lea and Flood, 2014), which needs no more than a seed.
pub(crate) struct Chance(u64);

impl Chance {
    /// The source that `seed` gives.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.next() % span).unwrap_or_default()
    }

    /// Whether something with `percent` chances in a hundred happens.
    pub(crate) fn happens(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of `texts`.
    pub(crate) fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let last = i64::try_from(texts.len()).unwrap_or(1) - 1;
        usize::try_from(self.between(0, last)).ok().and_then(|at| texts.get(at)).copied().unwrap_or_default()
    }

    /// A moment from `least` to `most` days before the scan, and before the credential report that it read.
    pub(crate) fn days_ago(&mut self, least: i64, most: i64) -> Timestamp {
        at(self.between(0, DAY - 4 * 3_600) - DAY * self.between(least.max(1), most.max(1)))
    }

    /// A moment up to a year before the first of `moments`; up to three years before the scan if there are none.
    pub(crate) fn before(&mut self, moments: impl Iterator<Item = Timestamp>) -> Timestamp {
        match moments.min() {
            Some(first) => at(first.as_second() - START - self.between(60, 365 * DAY)),
            None => self.days_ago(30, 1_000),
        }
    }

    /// `length` characters of `alphabet`.
    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<&str> = alphabet.split_inclusive(|_: char| true).collect();
        (0..length).map(|_| self.pick(&letters)).collect()
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
