//! Credentials that the program itself was given, instead of those that it finds.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use jiff::Timestamp;

use crate::aws::secret::Secret;

/// An access key: of a user, or of a session. Its `Debug` shows the id only.
#[derive(Clone)]
pub struct Keys {
    /// The id: `AKIA…` of a user, `ASIA…` of a session.
    pub access_key_id: String,
    /// The secret of the key.
    pub secret_access_key: Secret,
    /// The token that goes with the key of a session.
    pub session_token: Option<Secret>,
    /// When a session ends.
    pub expires: Option<Timestamp>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Keys {
    /// The same for the SDK.
    pub(super) fn credentials(&self) -> Credentials {
        let mut credentials = Credentials::builder()
            .access_key_id(&self.access_key_id)
            .secret_access_key(self.secret_access_key.expose())
            .provider_name("given");
        if let Some(token) = &self.session_token {
            credentials = credentials.session_token(token.expose());
        }
        // Nobody's session ends before 1970.
        let seconds = self.expires.and_then(|time| u64::try_from(time.as_second()).ok());
        credentials.set_expiry(seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)));
        credentials.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_reach_the_sdk_whole_and_the_log_without_secrets() {
        let keys = Keys {
            access_key_id: "ASIAX".to_owned(),
            secret_access_key: Secret::new("very-secret".to_owned()),
            session_token: Some(Secret::new("very-long".to_owned())),
            expires: Some("2199-01-01T00:00:00Z".parse().unwrap()),
        };
        let credentials = keys.credentials();
        assert_eq!((credentials.access_key_id(), credentials.secret_access_key()), ("ASIAX", "very-secret"));
        assert_eq!(credentials.session_token(), Some("very-long"));
        let ends = credentials.expiry().unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(Timestamp::from_second(ends.as_secs().try_into().unwrap()).unwrap(), keys.expires.unwrap());
        assert_eq!(format!("{keys:?}"), "Keys { access_key_id: \"ASIAX\", .. }");
    }
}
