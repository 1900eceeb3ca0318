//! A session with MFA, as the AWS CLI and SDKs take it: as JSON of `credential_process`, as exports of a shell, in a
//! profile of the credentials file ([`profile`]), or kept until shortly before it ends ([`kept`]). Texts only: what is
//! read and written where is for `commands`.

pub mod kept;
pub mod profile;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use thiserror::Error;

use crate::aws::{Keys, Secret};

/// The shortest and the longest session that AWS opens for a user (STS API reference, `GetSessionToken`).
const SHORTEST: SignedDuration = SignedDuration::from_mins(15);
const LONGEST: SignedDuration = SignedDuration::from_hours(36);

/// A session whose keys can be handed on: each is of printable ASCII without spaces, so that none can end a line or
/// begin a section. Its `Debug` shows the id only.
#[derive(Debug, Clone)]
pub struct Session {
    keys: Keys,
    token: Secret,
    expires: Timestamp,
}

/// Why keys are no session that can be handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("AWS answered with credentials that are none: they lack a part, or have characters in them that no key has")]
pub struct Unfit;

impl Session {
    /// The session that `keys` are.
    ///
    /// # Errors
    ///
    /// If they are none, or have characters in them that no key has.
    pub fn of(keys: Keys) -> Result<Self, Unfit> {
        let (token, expires) = keys.session_token.clone().zip(keys.expires).ok_or(Unfit)?;
        let parts = [keys.access_key_id.as_str(), keys.secret_access_key.expose(), token.expose()];
        let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
        if parts.into_iter().all(is_plain) { Ok(Self { keys, token, expires }) } else { Err(Unfit) }
    }

    /// When it ends.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The same as keys, to sign in with.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Access key id, secret and token.
    fn parts(&self) -> [&str; 3] {
        [&self.keys.access_key_id, self.keys.secret_access_key.expose(), self.token.expose()]
    }

    /// Room for the three parts, each character escaped, and for what stands between them.
    fn room(&self) -> usize {
        self.parts().into_iter().map(str::len).sum::<usize>() * 4 + 512
    }

    /// What a `credential_process` prints: a line of JSON.
    #[must_use]
    pub fn credential_process(&self) -> Secret {
        let [access_key_id, secret_access_key, session_token] = self.parts();
        let expiration = self.expires.to_string();
        let answer = Answer { version: 1, access_key_id, secret_access_key, session_token, expiration: &expiration };
        let mut bytes = Vec::with_capacity(self.room());
        // Neither a failing writer nor a map with odd keys: there is nothing that can fail.
        let written = serde_json::to_writer(&mut bytes, &answer);
        debug_assert!(written.is_ok(), "text is written to memory");
        bytes.push(b'\n');
        Secret::new(String::from_utf8(bytes).unwrap_or_default())
    }

    /// Lines that set the variables of the AWS CLI in a shell.
    #[must_use]
    pub fn exports(&self) -> Secret {
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"];
        let expires = self.expires.to_string();
        let mut lines = String::with_capacity(self.room());
        for (name, value) in names.into_iter().zip(self.parts().into_iter().chain([expires.as_str()])) {
            lines.extend(["export ", name, "="]);
            quote(value, &mut lines);
            lines.push('\n');
        }
        Secret::new(lines)
    }
}

/// The answer of a `credential_process`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: &'a str,
}

/// Writes `value` as one word of a POSIX shell that means nothing but itself.
fn quote(value: &str, line: &mut String) {
    line.push('\'');
    for (at, part) in value.split('\'').enumerate() {
        if at > 0 {
            line.push_str("'\\''");
        }
        line.push_str(part);
    }
    line.push('\'');
}

/// How long a session may be asked to last.
///
/// # Errors
///
/// What is wrong with it.
pub fn lasting(asked: SignedDuration) -> Result<Duration, String> {
    if (SHORTEST..=LONGEST).contains(&asked) {
        Duration::try_from(asked).map_err(|error| error.to_string())
    } else {
        Err("a session lasts 15 minutes (15m) to 36 hours (36h)".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session as AWS opens it.
    pub(super) fn session(id: &str, secret: &str, token: &str) -> Result<Session, Unfit> {
        Session::of(Keys {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(secret.to_owned()),
            session_token: Some(Secret::new(token.to_owned())),
            expires: Some("2026-11-24T18:00:00Z".parse().unwrap()),
        })
    }

    #[test]
    fn a_credential_process_answers_json_on_one_line() {
        let text = session("ASIAX", "a/b+c", "to\"ken\\==").unwrap().credential_process();
        let expected = r#"{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"a/b+c","SessionToken":"to\"ken\\==","Expiration":"2026-11-24T18:00:00Z"}"#;
        assert_eq!(text.expose(), format!("{expected}\n"));
    }

    #[test]
    fn a_shell_reads_exports_as_they_are_meant() {
        let (id, secret, token) = ("ASIAX", "it's$(date)`x`\\", "'a'\"b\"''&;|");
        let lines = session(id, secret, token).unwrap().exports();
        assert!(lines.expose().starts_with("export AWS_ACCESS_KEY_ID='ASIAX'\n"));
        let print = "printf '%s\\n' \"$AWS_ACCESS_KEY_ID\" \"$AWS_SECRET_ACCESS_KEY\" \"$AWS_SESSION_TOKEN\" \
                     \"$AWS_CREDENTIAL_EXPIRATION\"";
        let script = format!("{}{print}\n", lines.expose());
        let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let expected = [id, secret, token, "2026-11-24T18:00:00Z"].map(|line| format!("{line}\n")).concat();
        assert_eq!(String::from_utf8(ran.stdout).unwrap(), expected);
    }

    #[test]
    fn what_could_begin_a_line_or_a_section_is_no_key() {
        for odd in ["", "a b", "a\nb", "a\r", "\u{e9}", "\0"] {
            assert_eq!(session("ASIAX", odd, "t").unwrap_err(), Unfit, "{odd:?}");
            assert_eq!(session(odd, "s", "t").unwrap_err(), Unfit, "{odd:?}");
            assert_eq!(session("ASIAX", "s", odd).unwrap_err(), Unfit, "{odd:?}");
        }
        let mut keys = session("ASIAX", "s", "t").unwrap().keys().clone();
        keys.session_token = None;
        assert_eq!(Session::of(keys).unwrap_err(), Unfit);
    }

    #[test]
    fn nothing_is_moved_while_a_text_grows_and_nothing_is_shown() {
        let all = session("A", &"'".repeat(900), &"\"".repeat(900)).unwrap();
        for text in [all.credential_process(), all.exports()] {
            assert!(text.expose().len() <= all.room());
        }
        assert!(!format!("{:?}", session("ASIAX", "s3cr3t", "t0k3n").unwrap()).contains('3'));
    }

    #[test]
    fn a_session_lasts_a_quarter_of_an_hour_to_a_day_and_a_half() {
        let of = |minutes| lasting(SignedDuration::from_mins(minutes)).ok().map(|lasting| lasting.as_secs());
        assert_eq!([14, 15, 2160, 2161, -20].map(of), [None, Some(900), Some(129_600), None, None]);
    }
}
