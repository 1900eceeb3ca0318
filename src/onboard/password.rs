//! The first password of a user: random, right by the account's password policy, and fit to be copied.
//!
//! Each character is chosen alike from the alphabet, and a password that lacks a kind, or does not begin and end with a
//! letter or digit, is thrown away as a whole: so all that are right are equally likely. The buffers are wiped.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::aws::Secret;
use crate::model::PasswordPolicy;

/// How long a password is at least, whatever the policy asks for: over 140 bits.
pub const LENGTH: usize = 24;

/// The longest that IAM takes (`CreateLoginProfile`).
pub const LONGEST: usize = 128;

/// The kinds of characters: without those that look alike, and symbols that no shell, chat or Markdown eats. IAM counts
/// all of these symbols (`UpdateAccountPasswordPolicy`). Every kind is in every password, which is right by any policy.
pub const KINDS: [&str; 4] = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "-+=@%^!"];

/// How many passwords are thrown away before the source of chance is held to be broken: two of three are right.
const MOST_TRIES: u32 = 200;

/// Why there is no password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoPassword {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    NoChance(String),
    /// What it gives is not random.
    #[error("the random bytes of the system make no password: they are not random")]
    NotRandom,
    /// The policy asks for more than IAM takes.
    #[error("the account's password policy asks for {0} characters, and IAM takes {LONGEST}")]
    TooLong(i64),
}

/// How long a password has to be.
///
/// # Errors
///
/// If the policy asks for more than IAM takes.
pub fn length(policy: &PasswordPolicy) -> Result<usize, NoPassword> {
    let wanted = usize::try_from(policy.min_length).unwrap_or(0).max(LENGTH);
    if wanted > LONGEST { Err(NoPassword::TooLong(policy.min_length)) } else { Ok(wanted) }
}

/// A new password.
///
/// # Errors
///
/// If the policy cannot be met, or the system gives no random bytes.
pub fn generate(policy: &PasswordPolicy) -> Result<Secret, NoPassword> {
    generate_by(policy, |bytes| getrandom::fill(bytes).map_err(|error| NoPassword::NoChance(error.to_string())))
}

/// The same by another source of random bytes.
fn generate_by(
    policy: &PasswordPolicy,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), NoPassword>,
) -> Result<Secret, NoPassword> {
    let length = length(policy)?;
    let alphabet = KINDS.concat();
    for _ in 0..MOST_TRIES {
        let mut password = String::with_capacity(length);
        for _ in 0..length {
            password.push(char::from(choose(alphabet.as_bytes(), &mut fill)?));
        }
        let password = Secret::new(password);
        if is_right(password.expose()) {
            return Ok(password);
        }
    }
    Err(NoPassword::NotRandom)
}

/// One of the characters, each as likely as the others: bytes beyond the last whole multiple are thrown away.
fn choose(from: &[u8], fill: &mut impl FnMut(&mut [u8]) -> Result<(), NoPassword>) -> Result<u8, NoPassword> {
    let whole = 256 - 256 % from.len().max(1);
    let mut byte = Zeroizing::new([0_u8]);
    for _ in 0..MOST_TRIES {
        fill(byte.as_mut_slice())?;
        let [number] = byte.map(usize::from);
        if let Some(chosen) = from.get(number % from.len().max(1)).filter(|_| number < whole) {
            return Ok(*chosen);
        }
    }
    Err(NoPassword::NotRandom)
}

/// Whether every kind is in it, and no symbol at its ends, where programs that find links or words leave it out.
fn is_right(password: &str) -> bool {
    let is_plain = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let mut chars = password.chars();
    let has_ends = is_plain(chars.next()) && is_plain(chars.next_back());
    has_ends && KINDS.iter().all(|kind| password.chars().any(|char| kind.contains(char)))
}

#[cfg(test)]
mod tests;
