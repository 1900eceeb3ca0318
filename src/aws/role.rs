//! Credentials of a role in an account, taken with `sts:AssumeRole` and renewed before they expire.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_sts::Client;

use super::call::answer;
use super::error::{AwsError, ErrorKind};
use super::operation::Operation;

/// Which role, and how it is assumed.
#[derive(Debug, Clone)]
pub(super) struct RoleRequest {
    /// The account the role is in.
    pub(super) account: String,
    /// The role's ARN.
    pub(super) arn: String,
    /// The name of the session, which `CloudTrail` shows.
    pub(super) session_name: String,
    /// The external id that the role's trust policy may ask for.
    pub(super) external_id: Option<String>,
}

/// Provides the credentials of one role. The SDK's identity cache asks again shortly before they expire.
pub(super) struct AssumedRole {
    sts: Client,
    request: RoleRequest,
    first: Mutex<Option<Credentials>>,
}

impl AssumedRole {
    /// Assumes the role now, so that a role that cannot be assumed is known at once; the credentials are used first.
    ///
    /// # Errors
    ///
    /// If AWS refuses: it says `AccessDenied` alike for a missing role, a wrong external id and a trust policy.
    pub(super) async fn enter(sts: Client, request: RoleRequest) -> Result<Self, AwsError> {
        let first = assume(&sts, &request).await?;
        Ok(Self { sts, request, first: Mutex::new(Some(first)) })
    }

    async fn next(&self) -> provider::Result {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(credentials) => Ok(credentials),
            None => assume(&self.sts, &self.request).await.map_err(CredentialsError::provider_error),
        }
    }
}

impl fmt::Debug for AssumedRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AssumedRole").field("arn", &self.request.arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.next())
    }
}

/// One `sts:AssumeRole`, for as long as AWS gives by default (an hour, also the most for a chained role).
async fn assume(sts: &Client, request: &RoleRequest) -> Result<Credentials, AwsError> {
    let account = Some(request.account.as_str());
    let sent = sts
        .assume_role()
        .role_arn(&request.arn)
        .role_session_name(&request.session_name)
        .set_external_id(request.external_id.clone())
        .send();
    let incomplete =
        || AwsError::new(ErrorKind::Other, "the answer has no credentials").at(Operation::AssumeRole, account);
    let given = answer(Operation::AssumeRole, account, sent).await?.credentials.ok_or_else(incomplete)?;
    if given.access_key_id.is_empty() || given.secret_access_key.is_empty() {
        return Err(incomplete());
    }
    let expiry = SystemTime::try_from(given.expiration).map_err(|_| incomplete())?;
    Ok(Credentials::builder()
        .access_key_id(given.access_key_id)
        .secret_access_key(given.secret_access_key)
        .session_token(given.session_token)
        .expiry(expiry)
        .account_id(request.account.as_str())
        .provider_name("AssumeRole")
        .build())
}
