//! Two codes that are to be spent: whether they can be right is found out before AWS is asked.
//!
//! AWS answers `InvalidAuthenticationCode` to wrong codes, to the same code twice and to two in the wrong order alike
//! (aws-facts 2.7). With the seed at hand each of these has a message of its own.

use thiserror::Error;

use super::seed::Seed;
use crate::aws::MfaCode;

/// How many steps off a device's clock may be when it is enabled or resynchronised; AWS takes about 1,000 (aws-facts
/// 2.13).
const DRIFT: u64 = 990;

/// From how many steps off people should be told to set their clock: STS takes two at a sign-in (aws-facts 2.13).
const TELL: u64 = 2;

/// Two codes that may be right.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The earlier code.
    pub first: MfaCode,
    /// The later one.
    pub second: MfaCode,
    /// The step of the later one by the device's clock, where the seed is known: it and those before are spent.
    pub step: Option<u64>,
    /// By how many half minutes the device's clock is ahead (behind, if negative), where that is worth telling.
    pub drift: Option<i64>,
}

/// Where two codes come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// They were given: nothing is asked and nothing is tried again.
    Given(Pair),
    /// A person, or a program, gives them line by line.
    Lines,
    /// They are worked out from the secret that stands in a line of the input; nothing is tried again.
    Secret,
}

/// Why two codes cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Wrong {
    /// It is not six digits.
    #[error("the {0} code is not six digits")]
    Shape(&'static str),
    /// Both are the same.
    #[error("both codes are the same: wait until the device shows a new one")]
    Same,
    /// The later one came first.
    #[error("the codes are the wrong way round: give the one that was shown first as the first")]
    Reversed,
    /// Both are of the device, with others between them.
    #[error("the codes do not follow each other: give two that are shown one right after the other")]
    Apart,
    /// The first is none of the device.
    #[error(
        "the first code is not of this device: scan the QR code shown here, and see that the device's clock is right"
    )]
    First,
    /// The second is none of the device.
    #[error("the second code is not of this device: type it as it is shown, right after the first")]
    Second,
}

impl Pair {
    /// Two codes, as given. `now` is the present step.
    ///
    /// # Errors
    ///
    /// What is wrong with them, as far as can be told: without the seed, only their shape and that they differ.
    pub fn of(first: &str, second: &str, seed: Option<&Seed>, now: u64) -> Result<Self, Wrong> {
        let first = MfaCode::parse(first).ok_or(Wrong::Shape("first"))?;
        let second = MfaCode::parse(second).ok_or(Wrong::Shape("second"))?;
        if first.expose() == second.expose() {
            return Err(Wrong::Same);
        }
        let Some(seed) = seed.filter(|seed| seed.has_codes()) else {
            return Ok(Self { first, second, step: None, drift: None });
        };
        let follows = |first: &MfaCode, second: &MfaCode| {
            steps(now).find(|step| seed.shows(first, *step) && seed.shows(second, step.saturating_add(1)))
        };
        let Some(step) = follows(&first, &second) else {
            return Err(why(&first, &second, seed, now, follows(&second, &first).is_some()));
        };
        let step = step.saturating_add(1);
        Ok(Self { first, second, step: Some(step), drift: worth_telling(step, now) })
    }

    /// Two codes that stand on a command line, with a comma between.
    ///
    /// # Errors
    ///
    /// If they are not two different ones of six digits. More cannot be told: AWS is the judge.
    pub fn given(text: &str) -> Result<Self, Wrong> {
        let (first, second) = text.split_once(',').ok_or(Wrong::Shape("second"))?;
        Self::of(first, second, None, 0)
    }

    /// The two last codes of a seed that can be spent now: that of the step before, and the present one.
    #[must_use]
    pub fn from_seed(seed: &Seed, now: u64) -> Option<Self> {
        let (first, second) = (seed.code(now.checked_sub(1)?)?, seed.code(now)?);
        Some(Self { first, second, step: Some(now), drift: None })
    }

    /// Both, as calls take them.
    #[must_use]
    pub const fn codes(&self) -> [&MfaCode; 2] {
        [&self.first, &self.second]
    }
}

/// What is wrong with two codes of which the second does not follow the first.
fn why(first: &MfaCode, second: &MfaCode, seed: &Seed, now: u64, reversed: bool) -> Wrong {
    let is_shown = |code: &MfaCode| steps(now).take(100).any(|step| seed.shows(code, step));
    match (reversed, is_shown(first), is_shown(second)) {
        (true, ..) => Wrong::Reversed,
        (false, true, true) => Wrong::Apart,
        (false, false, _) => Wrong::First,
        (false, true, false) => Wrong::Second,
    }
}

/// The steps in which a device's clock may be, the likely ones first.
fn steps(now: u64) -> impl Iterator<Item = u64> {
    (0..=DRIFT).flat_map(move |off| [now.checked_sub(off), now.checked_add(off).filter(|_| off > 0)]).flatten()
}

fn worth_telling(step: u64, now: u64) -> Option<i64> {
    let drift = i64::try_from(step).ok()? - i64::try_from(now).ok()?;
    (drift.unsigned_abs() > TELL).then_some(drift)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 58_000_000;

    fn seed() -> Seed {
        Seed::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap()
    }

    fn shown(step: u64) -> String {
        seed().code(step).unwrap().expose().to_owned()
    }

    fn of(first: u64, second: u64) -> Result<Pair, Wrong> {
        Pair::of(&shown(first), &shown(second), Some(&seed()), NOW)
    }

    #[test]
    fn codes_that_follow_each_other_are_taken_with_a_clock_that_is_off() {
        let pair = of(NOW - 1, NOW).unwrap();
        assert_eq!((pair.step, pair.drift), (Some(NOW), None));
        assert_eq!(pair.codes().map(|code| code.expose().to_owned()), [shown(NOW - 1), shown(NOW)]);
        let late = of(NOW - 41, NOW - 40).unwrap();
        assert_eq!((late.step, late.drift), (Some(NOW - 40), Some(-40)));
        assert_eq!(of(NOW + 900, NOW + 901).unwrap().drift, Some(901));
    }

    #[test]
    fn each_mistake_has_its_name() {
        assert_eq!(of(NOW, NOW - 1).unwrap_err(), Wrong::Reversed);
        assert_eq!(of(NOW, NOW).unwrap_err(), Wrong::Same);
        assert_eq!(of(NOW - 2, NOW).unwrap_err(), Wrong::Apart);
        let pair = |first: &str, second: &str| Pair::of(first, second, Some(&seed()), NOW).unwrap_err();
        assert_eq!(pair("12345", "123456"), Wrong::Shape("first"));
        assert_eq!(pair("123456", "12345x"), Wrong::Shape("second"));
        assert_eq!(pair("000000", &shown(NOW)), Wrong::First);
        assert_eq!(pair(&shown(NOW), "000000"), Wrong::Second);
        assert!(matches!(of(NOW - 2000, NOW - 1999), Err(Wrong::First)), "a clock that AWS does not take either");
    }

    #[test]
    fn without_a_seed_only_their_shape_is_known() {
        assert!(Pair::of("123 456", "654321", None, NOW).unwrap().step.is_none());
        assert_eq!(Pair::of("123456", "123456", None, NOW).unwrap_err(), Wrong::Same);
        let unknown = Seed::of_aws(crate::aws::Secret::new("abc01".to_owned()));
        assert!(Pair::of("123456", "654321", Some(&unknown), NOW).is_ok());
    }

    #[test]
    fn a_seed_gives_two_codes_at_once() {
        let pair = Pair::from_seed(&seed(), NOW).unwrap();
        assert_eq!((pair.first.expose(), pair.second.expose()), (shown(NOW - 1).as_str(), shown(NOW).as_str()));
        assert_eq!(pair.step, Some(NOW));
    }
}
