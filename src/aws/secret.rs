//! Secrets that are shown to nobody and wiped from memory: seeds, codes, keys.
//!
//! What is wiped are our copies. The SDK and the TLS library hold others, for as long as a call takes.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text. Its `Debug` is `…`.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Takes over bytes that are text; `None` if they are none.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(Self::new(text)),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                None
            }
        }
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

/// The six digits that an MFA device shows. Its `Debug` is `…`.
///
/// AWS repeats a parameter that is malformed in the text of its error, so what is no code must not be sent.
#[derive(Debug, Clone)]
pub struct MfaCode(Secret);

impl MfaCode {
    /// The code that `text` is: six digits, around and between which spaces do not count. `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::with_capacity(text.len());
        digits.extend(text.chars().filter(|char| !char.is_whitespace()));
        let code = Secret::new(digits);
        let is_code = code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit());
        is_code.then_some(Self(code))
    }

    /// The digits, for the call that sends them.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let secret = Secret::new("JBSWY3DPEHPK3PXP".to_owned());
        assert_eq!(format!("{secret:?} {:?}", Some(secret.clone())), "… Some(…)");
        assert_eq!(secret.expose(), "JBSWY3DPEHPK3PXP");
        assert_eq!(Secret::of_bytes(b"abc".to_vec()).unwrap().expose(), "abc");
        assert!(Secret::of_bytes(vec![0xff]).is_none());
    }

    #[test]
    fn a_code_is_six_digits() {
        assert_eq!(MfaCode::parse(" 123 456\n").unwrap().expose(), "123456");
        assert_eq!(format!("{:?}", MfaCode::parse("123456")), "Some(MfaCode(…))");
        for wrong in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345"] {
            assert!(MfaCode::parse(wrong).is_none(), "{wrong}");
        }
    }
}
