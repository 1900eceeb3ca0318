//! The proof that a device works: a session that one of its codes opens (`sts:GetSessionToken`).
//!
//! A device that was enabled seconds ago is not known everywhere yet: for 8 to 14 s AWS answers `AccessDenied`, as it
//! does to wrong codes. A code is good for one call, so each try takes a new one (aws-facts 2.13). Only the user itself
//! can do this: a session is the caller's own.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use super::advice::unused_code;
use super::person::Person;
use super::seed::{STEP, Seed, step_at};
use crate::aws::{AwsError, ErrorKind, Hub, Keys, Meter, MfaCode};
use crate::clock;

/// How many codes are worth trying on a device that was enabled just now: with a code every half minute, AWS knows it
/// by the second.
pub const JUST_ENABLED: usize = 4;

/// How many codes are worth trying on a device that AWS knows: one may be spent, one mistyped.
pub const KNOWN: usize = 3;

/// At most so many tries in [`WINDOW`]: AWS takes 9 and then refuses even what is right; one is left to spare.
const MOST: usize = 8;
const WINDOW: Duration = Duration::from_mins(3);

/// Where codes come from.
#[derive(Debug, Clone, Copy)]
pub enum Codes<'a> {
    /// This one: it is tried once.
    Given(&'a MfaCode),
    /// A seed, and by how many steps the device's clock was ahead (behind, if negative) when AWS took its codes: that
    /// is then how AWS reads them. A seed that is not base 32 gives no codes: see [`Seed::has_codes`].
    Seed(&'a Seed, i64),
    /// Whoever sits in front of it.
    Asked,
}

/// The session that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The serial number of a TOTP device of the caller.
    pub serial: &'a str,
    /// How long it lasts, 15 minutes to 36 hours; `None`: 12 hours.
    pub lasting: Option<Duration>,
    /// The last step, by the device's clock, whose code is spent; `None` if none is known to be.
    pub spent: Option<u64>,
    /// How many codes are tried at most: [`JUST_ENABLED`] or [`KNOWN`]. One that is given is tried once.
    pub tries: usize,
}

/// Why there is no session.
#[derive(Debug, Error)]
pub enum Unproved {
    /// AWS took none of the codes.
    #[error("AWS {}: {error}", if *tries == 1 { "did not take the code".to_owned() } else { format!("took none of {tries} codes") })]
    Refused {
        /// How many were tried.
        tries: usize,
        /// What AWS said to the last.
        error: AwsError,
    },
    /// The input ended before a code was taken; what AWS said to the last, if there was one.
    #[error("no code was given{}", if .0.is_some() { " that AWS took" } else { "" })]
    NoCode(Option<AwsError>),
    /// The seed gives no codes.
    #[error("no codes can be worked out from the secret: it is not base 32")]
    NoSeed,
    /// The input cannot be read.
    #[error("the code could not be read: {0}")]
    Input(io::Error),
    /// The call failed otherwise: the code may be spent nevertheless.
    #[error(transparent)]
    Aws(AwsError),
}

impl Unproved {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Refused { .. } | Self::NoCode(Some(_)) => Some(unused_code()),
            Self::NoCode(None) => {
                Some("give it as a line, with --code, or the secret with --totp-from-stdin".to_owned())
            }
            Self::NoSeed => Some("give a code that the device shows".to_owned()),
            Self::Input(_) => None,
            Self::Aws(error) => error.may_be_done().then(|| "the code may be used up: take the next one".to_owned()),
        }
    }

    /// Whether it is about the codes, and not about the way to AWS.
    #[must_use]
    pub const fn is_of_codes(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::NoCode(_) | Self::NoSeed)
    }
}

/// Opens a session of the caller with a code of its device, and so proves that the device works.
///
/// `hub` signs with the user's long-term key: AWS lets no session do this. Nothing is left behind by dropping the
/// future while it waits.
///
/// # Errors
///
/// If AWS takes no code, none comes, or the call fails otherwise; see [`Unproved`].
pub async fn verify<P: Person>(
    hub: &Hub,
    wanted: &Wanted<'_>,
    codes: Codes<'_>,
    person: &mut P,
) -> Result<Keys, Unproved> {
    let open = async |code: &MfaCode| hub.session_token(wanted.serial, code, wanted.lasting).await;
    Attempts { time: &RealTime(hub.meter().clone()), person, spent: wanted.spent, made: Vec::new(), used: Vec::new() }
        .run(wanted, codes, open)
        .await
}

/// Time as it passes; in tests as they say.
trait Time {
    /// This moment.
    fn now(&self) -> Timestamp;
    /// Waits.
    fn pass(&self, span: Duration) -> impl Future<Output = ()>;
}

/// Time as it passes at AWS.
struct RealTime(Meter);

impl Time for RealTime {
    fn now(&self) -> Timestamp {
        self.0.time().unwrap_or_else(clock::now)
    }

    async fn pass(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// The tries so far.
struct Attempts<'a, T, P> {
    time: &'a T,
    person: &'a mut P,
    /// The last step whose code is spent.
    spent: Option<u64>,
    /// When each try was made.
    made: Vec<Timestamp>,
    /// The codes that were asked for and tried.
    used: Vec<MfaCode>,
}

impl<T: Time, P: Person> Attempts<'_, T, P> {
    async fn run(
        mut self,
        wanted: &Wanted<'_>,
        codes: Codes<'_>,
        mut open: impl AsyncFnMut(&MfaCode) -> Result<Keys, AwsError>,
    ) -> Result<Keys, Unproved> {
        let most = if matches!(codes, Codes::Given(_)) { 1 } else { wanted.tries.max(1) };
        let mut last = None;
        loop {
            let code = match codes {
                Codes::Given(code) => code.clone(),
                Codes::Seed(seed, drift) => self.of_seed(seed, drift).await?,
                Codes::Asked => self.asked(wanted.serial, &mut last).await?,
            };
            self.slow_down().await;
            self.made.push(self.time.now());
            let error = match open(&code).await {
                Ok(keys) => return Ok(keys),
                Err(error) if error.kind() == ErrorKind::Denied => error,
                Err(error) => return Err(Unproved::Aws(error)),
            };
            let tries = self.made.len();
            if tries >= most {
                return Err(Unproved::Refused { tries, error });
            }
            self.person.tell("AWS did not take the code: it was used already, is wrong, or the device is too new\n");
            last = Some(error);
        }
    }

    /// The code that the seed shows now, or the next one if that is spent.
    async fn of_seed(&mut self, seed: &Seed, drift: i64) -> Result<MfaCode, Unproved> {
        let now = self.time.now();
        let shown = step_at(now).saturating_add_signed(drift);
        let next = self.spent.map_or(shown, |spent| shown.max(spent.saturating_add(1)));
        if next > shown {
            let begins = next.saturating_add_signed(drift.saturating_neg()).saturating_mul(STEP);
            let wait = begins.saturating_sub(u64::try_from(now.as_second()).unwrap_or(0));
            self.wait(Duration::from_secs(wait), "the next code").await;
        }
        self.spent = Some(next);
        seed.code(next).ok_or(Unproved::NoSeed)
    }

    /// A code that somebody gives and that was not tried yet.
    async fn asked(&mut self, serial: &str, last: &mut Option<AwsError>) -> Result<MfaCode, Unproved> {
        let which = if self.used.is_empty() && self.spent.is_none() { "a code" } else { "the next code" };
        let device = serial.rsplit('/').next().unwrap_or(serial);
        let device = crate::model::untrusted::Untrusted(device);
        loop {
            let line = self.person.ask(&format!("{which} of {device}: ")).await.map_err(Unproved::Input)?;
            let Some(line) = line else { return Err(Unproved::NoCode(last.take())) };
            match MfaCode::parse(line.expose()) {
                None => self.person.tell("a code is six digits\n"),
                Some(code) if self.used.iter().any(|used| used.expose() == code.expose()) => {
                    self.person.tell("that code was used already: wait until the device shows a new one\n");
                }
                Some(code) => {
                    self.used.push(code.clone());
                    return Ok(code);
                }
            }
        }
    }

    /// Waits where one try more would be too many for AWS.
    async fn slow_down(&mut self) {
        let Some(first) = self.made.len().checked_sub(MOST).and_then(|at| self.made.get(at)) else { return };
        let passed = Duration::try_from(self.time.now().duration_since(*first)).unwrap_or_default();
        self.wait(WINDOW.saturating_sub(passed), "AWS, which takes nine codes in three minutes").await;
    }

    async fn wait(&mut self, span: Duration, what: &str) {
        if !span.is_zero() {
            self.person.tell(&format!("waiting for {what}, {} s\n", span.as_secs()));
            self.time.pass(span).await;
        }
    }
}

#[cfg(test)]
mod tests;
