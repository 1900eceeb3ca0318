//! Sessions of the caller that carry MFA: `sts:GetSessionToken`.

use std::time::Duration;

use super::{Hub, Keys};
use crate::aws::call::answer;
use crate::aws::convert::time;
use crate::aws::error::{AwsError, ErrorKind};
use crate::aws::operation::Operation;
use crate::aws::retry::{OnlyIfRefused, Patience};
use crate::aws::secret::{MfaCode, Secret};

impl Hub {
    /// A session of the calling user that carries MFA (`sts:GetSessionToken`).
    ///
    /// `serial` is that of a TOTP device of the user; passkeys cannot do this. `lasting` is 15 minutes to 36 hours;
    /// `None`: 12 hours. A code is good for one call, so this call is not repeated unless AWS throttles it.
    ///
    /// # Errors
    ///
    /// `AccessDenied` for a wrong, used or late code, for a device that was enabled seconds ago, and for callers that
    /// are no users; else if the call fails or its answer has no credentials.
    pub async fn session_token(
        &self,
        serial: &str,
        code: &MfaCode,
        lasting: Option<Duration>,
    ) -> Result<Keys, AwsError> {
        let operation = Operation::GetSessionToken;
        let account = Some(self.caller.account.as_str());
        let sts = aws_sdk_sts::config::Builder::from(&self.config)
            .retry_partition(self.retries.clone())
            .retry_classifier(Patience)
            .retry_classifier(OnlyIfRefused)
            .build();
        let seconds = lasting.map(|lasting| i32::try_from(lasting.as_secs()).unwrap_or(i32::MAX));
        let sent = aws_sdk_sts::Client::from_conf(sts)
            .get_session_token()
            .serial_number(serial)
            .token_code(code.expose())
            .set_duration_seconds(seconds)
            .send();
        let incomplete = || AwsError::new(ErrorKind::Other, "the answer has no credentials").at(operation, account);
        let given = answer(operation, account, sent).await?.credentials.ok_or_else(incomplete)?;
        let keys = Keys {
            access_key_id: given.access_key_id,
            secret_access_key: Secret::new(given.secret_access_key),
            session_token: Some(Secret::new(given.session_token)).filter(|token| !token.expose().is_empty()),
            expires: time(&given.expiration),
        };
        let is_whole = !keys.access_key_id.is_empty()
            && !keys.secret_access_key.expose().is_empty()
            && keys.session_token.is_some()
            && keys.expires.is_some();
        if is_whole { Ok(keys) } else { Err(incomplete()) }
    }
}
