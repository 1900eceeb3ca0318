//! The secret that a TOTP device and AWS share, and the codes that follow from it (RFC 6238: SHA-1, six digits, 30
//! seconds).

use jiff::Timestamp;
use totp_rs::{Builder, Secret as TotpSecret, Totp};
use zeroize::Zeroizing;

use crate::aws::{MfaCode, Secret};

/// How long a code is shown, in seconds.
pub const STEP: u64 = 30;

/// The secret of a device. Its `Debug` shows nothing of it; it is wiped from memory when it is dropped.
pub struct Seed {
    text: Secret,
    totp: Option<Totp>,
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seed(…)")
    }
}

impl Seed {
    /// The seed as AWS hands it out. One that is not base 32 can be shown, and no codes can be worked out from it.
    #[must_use]
    pub fn of_aws(text: Secret) -> Self {
        let totp = totp(text.expose());
        Self { text, totp }
    }

    /// The seed in a line that somebody gives: base 32 with or without spaces, hyphens and `=`, or an `otpauth://` URI.
    /// `None` if there is none in it.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let base32 = match line.strip_prefix("otpauth://totp/") {
            Some(uri) => uri.split_once('?')?.1.split('&').find_map(|pair| pair.strip_prefix("secret="))?,
            None => line,
        };
        let text = plain(base32);
        let totp = totp(&text)?;
        Some(Self { text: Secret::new(text.to_string()), totp: Some(totp) })
    }

    /// The seed itself, in base 32.
    #[must_use]
    pub const fn text(&self) -> &Secret {
        &self.text
    }

    /// The seed as a line in groups of four with a space between, as people type it.
    #[must_use]
    pub fn line(&self) -> Secret {
        let text = self.text.expose();
        let mut grouped = String::with_capacity(text.len() + text.len() / 4 + 1);
        for (at, char) in text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(char);
        }
        grouped.push('\n');
        Secret::new(grouped)
    }

    /// Whether both are the same secret, however they are written.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        *plain(self.text.expose()) == *plain(other.text.expose())
    }

    /// The code that the device shows in a step; `None` if the seed is not base 32.
    #[must_use]
    pub fn code(&self, step: u64) -> Option<MfaCode> {
        let token = self.totp.as_ref()?.generate(step.saturating_mul(STEP));
        MfaCode::parse(&Zeroizing::new(token.to_string()))
    }

    /// Whether the device shows `code` in `step`.
    #[must_use]
    pub fn shows(&self, code: &MfaCode, step: u64) -> bool {
        self.code(step).is_some_and(|shown| shown.expose() == code.expose())
    }

    /// Whether codes can be worked out from it.
    #[must_use]
    pub const fn has_codes(&self) -> bool {
        self.totp.is_some()
    }
}

/// The step of a moment: how many half minutes have passed since 1970.
#[must_use]
pub fn step_at(moment: Timestamp) -> u64 {
    u64::try_from(moment.as_second()).unwrap_or(0) / STEP
}

/// Base 32 as it is worked with: without what people put between, in capitals.
fn plain(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(
        text.chars()
            .filter(|char| !char.is_whitespace() && !"-=".contains(*char))
            .map(|char| char.to_ascii_uppercase()),
    );
    plain
}

/// What works out the codes of a seed in base 32.
fn totp(text: &str) -> Option<Totp> {
    let text = plain(text);
    let secret = TotpSecret::try_from_base32(text.as_str()).ok().filter(|secret| !secret.as_ref().is_empty())?;
    Some(Builder::new().with_secret(secret).with_step_duration(STEP).build_noncompliant())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B: `12345678901234567890`.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard() {
        let seed = Seed::of_aws(Secret::new(RFC.to_owned()));
        // The last six digits of the appendix's eight.
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let step = step_at(Timestamp::from_second(second).unwrap());
            assert_eq!(seed.code(step).unwrap().expose(), code);
        }
        assert!(seed.has_codes() && seed.shows(&MfaCode::parse("287082").unwrap(), 1));
    }

    #[test]
    fn a_seed_is_read_as_password_managers_give_it() {
        let seed = Seed::of_aws(Secret::new(RFC.to_owned()));
        for line in [
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ\n",
            "gezdgnbv-gy3tqojq-gezdgnbv-gy3tqojq====",
            "otpauth://totp/Amazon:kim?issuer=Amazon&secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq&digits=6",
        ] {
            assert!(Seed::parse(line).unwrap().is_same(&seed), "{line}");
        }
        for line in ["", "   ", "not base 32!", "1890", "otpauth://totp/x", "otpauth://totp/x?issuer=y"] {
            assert!(Seed::parse(line).is_none(), "{line}");
        }
        assert_eq!(seed.line().expose(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ\n");
        assert_eq!(format!("{seed:?}"), "Seed(…)");
    }

    #[test]
    fn what_is_not_base_32_is_shown_and_has_no_codes() {
        let seed = Seed::of_aws(Secret::new("abc01".to_owned()));
        assert!(seed.code(1).is_none() && !seed.has_codes());
        assert_eq!(seed.line().expose(), "abc0 1\n");
    }
}
