//! A device whose codes are no longer taken is brought into step again: AWS takes note of how far off its clock is.

use std::io;

use jiff::Timestamp;
use serde_json::json;
use thiserror::Error;

use super::advice::Situation;
use super::codes::{Pair, Source, Wrong};
use super::devices::{Device, word};
use super::person::Person;
use super::record::{Book, Trouble};
use super::seed::{STEP, Seed, step_at};
use crate::aws::{AwsError, ErrorKind, MfaCode, Outcome, Secret, Writer};
use crate::journal::Change;

/// How often a person may give two codes: AWS locks a device after too many wrong ones.
pub const TRIES: usize = 3;

/// Why the device is not in step.
#[derive(Debug, Error)]
pub enum NotInStep {
    /// The input ended before there were two codes.
    #[error("the input ended before there were two codes; nothing was changed")]
    NoCodes,
    /// The input cannot be read.
    #[error("the input could not be read")]
    Input(#[from] io::Error),
    /// The line holds no secret.
    #[error("the line holds no secret: base 32 or an otpauth:// URI is expected; nothing was changed")]
    NoSecret,
    /// The codes cannot be right, as often as they were given.
    #[error("{0}; nothing was sent to AWS")]
    Wrong(Wrong),
    /// AWS did not take the codes.
    #[error("AWS did not take the codes")]
    Refused {
        /// What AWS said.
        #[source]
        error: AwsError,
        /// Whether they were worked out from a secret.
        of_secret: bool,
    },
    /// AWS refused something else or gave no answer, or the ledger could not be written.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A device that is to be brought into step.
pub struct Resync<'a> {
    /// Changes the account.
    pub writer: &'a Writer,
    /// The ledger, if there is one.
    pub book: &'a Book,
    /// Whose device, and for advice.
    pub situation: Situation<'a>,
    /// The device.
    pub device: &'a Device,
    /// What time it is here, as long as AWS has not said what time it is.
    pub now: fn() -> Timestamp,
}

impl Resync<'_> {
    /// Gets codes and spends them until AWS takes them.
    ///
    /// # Errors
    ///
    /// If there are no codes, they are wrong, or AWS refuses.
    pub async fn run(&self, codes: &Source, person: &mut impl Person) -> Result<(), NotInStep> {
        for left in (0..TRIES).rev() {
            let why = match self.pair(codes, person).await? {
                Err(wrong) => NotInStep::Wrong(wrong),
                Ok(pair) => match self.spend(&pair).await? {
                    None => return Ok(()),
                    Some(error) => NotInStep::Refused { error, of_secret: matches!(codes, Source::Secret) },
                },
            };
            if left == 0 || !matches!(codes, Source::Lines) {
                return Err(why);
            }
            let advice = self.help(&why).map_or_else(String::new, |advice| format!(": {advice}"));
            let tries = if left == 1 { "one more try".to_owned() } else { format!("{left} more tries") };
            person.tell(&format!("{why}{advice} ({tries})\n"));
        }
        Err(NotInStep::NoCodes)
    }

    /// What to do next about a failure.
    #[must_use]
    pub fn help(&self, why: &NotInStep) -> Option<String> {
        match why {
            NotInStep::Refused { of_secret: true, .. } => Some(
                "see that the secret is this device's and that the clock of this computer is right, and wait half a minute: \
                 a code is good only once"
                    .to_owned(),
            ),
            NotInStep::Trouble(Trouble::Aws(error)) if error.may_be_done() => Some(format!(
                "AWS may have done it: try a new code with `portcullis mfa verify --serial {}`, or run this again with new \
                 codes",
                word(&self.device.serial)
            )),
            NotInStep::Refused { error, .. } | NotInStep::Trouble(Trouble::Aws(error)) => self.situation.advice(error),
            _ => None,
        }
    }

    /// Two codes that may be right; the inner error says why they cannot be.
    async fn pair(&self, codes: &Source, person: &mut impl Person) -> Result<Result<Pair, Wrong>, NotInStep> {
        match codes {
            Source::Given(pair) => Ok(Ok(pair.clone())),
            Source::Secret => {
                let line = person.ask("Secret of the device: ").await?.ok_or(NotInStep::NoSecret)?;
                let seed = Seed::parse(line.expose()).ok_or(NotInStep::NoSecret)?;
                Ok(Ok(Pair::from_seed(&seed, self.step()).ok_or(NotInStep::NoSecret)?))
            }
            Source::Lines => {
                let first = ask("First code: ", person).await?;
                if MfaCode::parse(first.expose()).is_none() {
                    return Ok(Err(Wrong::Shape("first")));
                }
                let left = STEP - u64::try_from(self.time().as_second()).unwrap_or(0) % STEP;
                person.tell(&format!("Wait for the next code (about {left} s by this computer's clock).\n"));
                let second = ask("Next code: ", person).await?;
                Ok(Pair::of(first.expose(), second.expose(), None, self.step()))
            }
        }
    }

    /// Spends two codes; the inner error says that AWS does not take them.
    async fn spend(&self, pair: &Pair) -> Result<Option<AwsError>, Trouble> {
        let (user, serial) = (&self.situation.whose.user, &self.device.serial);
        let change = Change::new(&self.writer.account().id, serial, "resync-mfa-device", &["iam:ResyncMFADevice"]);
        let call = Box::pin(self.writer.resync_mfa_device(user, serial, pair.codes()));
        let is = json!({ "user": user, "serial": serial });
        match self.book.change(&change, is.clone(), is, call).await {
            Ok(Outcome::Written { .. }) => Ok(None),
            Ok(Outcome::AlreadyThere(error) | Outcome::NotThere(error)) => Err(error.into()),
            Err(Trouble::Aws(error)) if error.kind() == ErrorKind::InvalidCode => Ok(Some(error)),
            Err(trouble) => Err(trouble),
        }
    }

    /// AWS's time, by which it takes codes: this computer's clock may be off, and must not be held against the device.
    fn time(&self) -> Timestamp {
        self.writer.meter().time().unwrap_or_else(self.now)
    }

    fn step(&self) -> u64 {
        step_at(self.time())
    }
}

/// A line of the input. At its end the prompt stands alone: what follows begins a line of its own.
async fn ask(prompt: &str, person: &mut impl Person) -> Result<Secret, NotInStep> {
    let line = person.ask(prompt).await?;
    line.ok_or_else(|| {
        person.tell("\n");
        NotInStep::NoCodes
    })
}
