//! A session that is kept in a file until shortly before it ends, so that no code has to be given for each command.
//!
//! The file holds what a `credential_process` prints. Its name tells for which key, device and endpoint it is, and
//! nothing of them.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Session;
use crate::aws::{Keys, Secret};

/// How long before its end a session is no longer used: whoever takes it has to get something done with it.
const SPARE: SignedDuration = SignedDuration::from_mins(5);

/// No session is open for longer, with an hour for clocks that differ.
const MOST: SignedDuration = SignedDuration::from_hours(37);

/// Why a kept session is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unusable {
    /// It has ended, or will in a moment.
    #[error("it has ended")]
    Ended,
    /// It is not what was written.
    #[error("it is not what was written")]
    Malformed,
}

/// The name of the file for sessions that the key `access_key_id` opens with a device at an endpoint. Empty texts where
/// the caller named none.
#[must_use]
pub fn file_name(access_key_id: &str, serial: &str, endpoint: &str) -> String {
    let mut hash = Sha256::new();
    for part in [access_key_id, serial, endpoint] {
        // The length keeps apart what would read the same when put together.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    format!("{}.json", HEXLOWER.encode(&hash.finalize()))
}

/// The session in a file, if it can be used at `now`.
///
/// # Errors
///
/// Why it cannot.
pub fn read(bytes: &[u8], now: Timestamp) -> Result<Session, Unusable> {
    let kept: Kept<'_> = serde_json::from_slice(bytes).map_err(|_| Unusable::Malformed)?;
    if kept.version != 1 || kept.expiration > now + MOST {
        return Err(Unusable::Malformed);
    }
    let keys = Keys {
        access_key_id: kept.access_key_id.to_owned(),
        secret_access_key: Secret::new(kept.secret_access_key.to_owned()),
        session_token: Some(Secret::new(kept.session_token.to_owned())),
        expires: Some(kept.expiration),
    };
    let session = Session::of(keys).map_err(|_| Unusable::Malformed)?;
    if session.expires() > now + SPARE { Ok(session) } else { Err(Unusable::Ended) }
}

/// What stands in the file. Borrowed, so that no copies of it are left: keys have no characters that JSON escapes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Kept<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::super::tests::session;
    use super::*;

    fn at(now: &str) -> Timestamp {
        now.parse().unwrap()
    }

    #[test]
    fn what_is_kept_is_read_back_until_five_minutes_before_its_end() {
        let text = session("ASIAX", "s/e+c", "t0ken==").unwrap().credential_process();
        let back = read(text.expose().as_bytes(), at("2026-11-24T17:54:59Z")).unwrap();
        assert_eq!(back.parts(), ["ASIAX", "s/e+c", "t0ken=="]);
        assert_eq!(back.expires(), at("2026-11-24T18:00:00Z"));
        for late in ["2026-11-24T17:55:00Z", "2026-11-24T19:00:00Z"] {
            assert_eq!(read(text.expose().as_bytes(), at(late)).unwrap_err(), Unusable::Ended);
        }
        let early = at("2026-11-23T01:00:00Z");
        assert_eq!(read(text.expose().as_bytes(), early).unwrap_err(), Unusable::Malformed, "no session lasts so long");
    }

    #[test]
    fn what_is_not_what_was_written_is_not_trusted() {
        let text = session("ASIAX", "secret", "token").unwrap().credential_process();
        let text = text.expose();
        let now = at("2026-11-24T12:00:00Z");
        for odd in [
            String::new(),
            "null".to_owned(),
            text[..text.len() - 3].to_owned(),
            text.replace("\"Version\":1", "\"Version\":2"),
            text.replace("token", "to ken"),
            text.replace("\"SecretAccessKey\":\"secret\",", ""),
            text.replace("ASIAX", ""),
            text.replace("2026-11-24T18:00:00Z", "tomorrow"),
            text.replace("{\"V", "{\"x\":1,\"V"),
            format!("{text}{text}"),
        ] {
            assert_eq!(read(odd.as_bytes(), now).unwrap_err(), Unusable::Malformed, "{odd}");
        }
    }

    #[test]
    fn each_key_device_and_endpoint_has_a_file_of_its_own() {
        let names = [("a", "b", "c"), ("ab", "", "c"), ("a", "", "bc"), ("a", "", ""), ("", "a", "")]
            .map(|(key, serial, endpoint)| file_name(key, serial, endpoint));
        assert!((1..names.len()).all(|at| !names[..at].contains(&names[at])));
        assert_eq!(names[0], file_name("a", "b", "c"));
        assert!(names[0].len() == 69 && names.iter().all(|name| name.split('.').nth(1) == Some("json")));
    }
}
