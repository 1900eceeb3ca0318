//! Two codes are asked for, checked and spent: the device is the user's.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use thiserror::Error;

use super::advice::Situation;
use super::codes::{Pair, Source};
use super::person::Person;
use super::record::{Book, Trouble};
use super::seed::{STEP, Seed, step_at};
use crate::aws::{AwsError, ErrorKind, Outcome, Reader, Writer};
use crate::journal::Change;

/// How often codes are spent that AWS does not take, before a person is sent away.
const TRIES: usize = 5;

/// How long a device that was just made may be unknown to AWS.
const PROPAGATION: Duration = Duration::from_secs(15);

/// Why the device is not the user's.
#[derive(Debug, Error)]
pub enum NotEnabled {
    /// The input ended before there were two codes.
    #[error("no codes were given")]
    NoCodes,
    /// The input cannot be read.
    #[error("the input could not be read")]
    Input(#[from] io::Error),
    /// The line holds no secret.
    #[error("what was given is no secret: base 32 or an otpauth:// URI is expected")]
    NoSecret,
    /// The line holds another secret.
    #[error("the secret that was given is not the one that AWS made for this device")]
    AnotherSecret,
    /// Wrong codes, too often.
    #[error("the codes were not taken")]
    Codes(#[source] AwsError),
    /// AWS refused, or the ledger could not be written.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A device that is to be given to a user.
pub struct Enabling<'a> {
    /// Reads the account.
    pub reader: &'a Reader,
    /// Changes it.
    pub writer: &'a Writer,
    /// The ledger, if there is one.
    pub book: &'a Book,
    /// For advice.
    pub situation: Situation<'a>,
    /// The serial number of the device.
    pub serial: &'a str,
    /// Its secret, where it is known.
    pub seed: Option<&'a Seed>,
    /// What time it is here, as long as AWS has not said what time it is.
    pub now: fn() -> Timestamp,
}

impl Enabling<'_> {
    /// Gets codes and spends them until AWS takes them. The codes that it took.
    ///
    /// # Errors
    ///
    /// If there are no codes, or AWS does not take them.
    pub async fn enable(&self, source: &Source, person: &mut impl Person) -> Result<Pair, NotEnabled> {
        for left in (0..TRIES).rev() {
            let pair = self.pair(source, person).await?;
            if let Some(drift) = pair.drift {
                person.tell(&clock_is_off(drift));
            }
            let error = match self.spend(&pair).await? {
                Ok(()) => return Ok(pair),
                Err(error) => error,
            };
            if left == 0 || !matches!(source, Source::Lines) {
                return Err(NotEnabled::Codes(error));
            }
            let advice = self.situation.advice(&error).unwrap_or_default();
            person.tell(&format!("AWS did not take them: {advice}\n"));
        }
        Err(NotEnabled::NoCodes)
    }

    /// Two codes that may be right.
    async fn pair(&self, source: &Source, person: &mut impl Person) -> Result<Pair, NotEnabled> {
        match source {
            Source::Given(pair) => Ok(pair.clone()),
            Source::Secret => self.pair_of_secret(person).await,
            Source::Lines => loop {
                let first = self.ask("First code: ", person).await?;
                person.tell(&self.wait_for_the_next());
                let second = self.ask("Second code: ", person).await?;
                match Pair::of(first.expose(), second.expose(), self.seed, self.step()) {
                    Ok(pair) => return Ok(pair),
                    Err(wrong) => person.tell(&format!("{wrong}; nothing was sent to AWS\n")),
                }
            },
        }
    }

    /// A line that has the shape of a code.
    async fn ask(&self, prompt: &str, person: &mut impl Person) -> Result<crate::aws::MfaCode, NotEnabled> {
        loop {
            let line = person.ask(prompt).await?.ok_or(NotEnabled::NoCodes)?;
            match crate::aws::MfaCode::parse(line.expose()) {
                Some(code) => return Ok(code),
                None => person.tell("a code is six digits; nothing was sent to AWS\n"),
            }
        }
    }

    async fn pair_of_secret(&self, person: &mut impl Person) -> Result<Pair, NotEnabled> {
        let line = person.ask("").await?.ok_or(NotEnabled::NoSecret)?;
        let given = Seed::parse(line.expose()).ok_or(NotEnabled::NoSecret)?;
        if self.seed.is_some_and(|seed| !seed.is_same(&given)) {
            return Err(NotEnabled::AnotherSecret);
        }
        Pair::from_seed(&given, self.step()).ok_or(NotEnabled::NoSecret)
    }

    /// Spends two codes; the inner error says that AWS does not take them.
    async fn spend(&self, pair: &Pair) -> Result<Result<(), AwsError>, Trouble> {
        let user = &self.situation.whose.user;
        let change = Change::new(&self.writer.account().id, self.serial, "enable-mfa-device", &["iam:EnableMFADevice"]);
        let deadline = tokio::time::Instant::now() + PROPAGATION;
        loop {
            let call = Box::pin(self.writer.enable_mfa_device(user, self.serial, pair.codes()));
            let after = json!({ "user": user, "serial": self.serial });
            let error = match self.book.change(&change, Value::Null, after, call).await {
                Ok(Outcome::Written { .. }) => return Ok(Ok(())),
                // It was made a moment ago, and not every server of AWS knows it.
                Ok(Outcome::NotThere(_)) if self.seed.is_some() && tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
                Ok(Outcome::AlreadyThere(error) | Outcome::NotThere(error)) | Err(Trouble::Aws(error)) => error,
                Err(trouble) => return Err(trouble),
            };
            if error.kind() == ErrorKind::InvalidCode {
                return Ok(Err(error));
            }
            // An answer that was lost, or a call that was made twice: AWS knows.
            let is_open = error.may_be_done() || error.kind() == ErrorKind::AlreadyExists;
            return if is_open && self.is_enabled().await { Ok(Ok(())) } else { Err(error.into()) };
        }
    }

    async fn is_enabled(&self) -> bool {
        let devices = Box::pin(self.reader.mfa_devices(&self.situation.whose.user)).await;
        devices.is_ok_and(|devices| devices.iter().any(|device| device.serial == self.serial))
    }

    fn wait_for_the_next(&self) -> String {
        let second = u64::try_from(self.time().as_second()).unwrap_or(0) % STEP;
        format!("Wait for the next code ({} s).\n", STEP - second)
    }

    /// AWS's time, by which it takes codes: this computer's clock may be off, and must not be held against the device.
    fn time(&self) -> Timestamp {
        self.writer.meter().time().unwrap_or_else(self.now)
    }

    fn step(&self) -> u64 {
        step_at(self.time())
    }
}

/// What is said of a device whose clock is off.
fn clock_is_off(drift: i64) -> String {
    let minutes = drift.unsigned_abs().div_ceil(2);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let way = if drift > 0 { "fast" } else { "slow" };
    format!(
        "The clock of the device is about {minutes} {unit} {way}: AWS takes note of it now, but set the clock, or codes may \
         be refused later.\n"
    )
}
