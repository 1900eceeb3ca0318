//! Whose credentials they are, as far as can be told without asking AWS.

use std::env;

use aws_credential_types::provider::ProvideCredentials;

use super::{Prepared, Settings};
use crate::aws::error::{AwsError, ErrorKind};
use crate::aws::profile;

/// Who would sign, as far as can be told without asking AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The profile that the credentials are of; `None` if they stand in the environment.
    pub profile: Option<String>,
    /// The id of the access key; `None` if there are no credentials, which signing in tells best.
    pub access_key_id: Option<String>,
    /// Whether they are those of a session.
    pub is_session: bool,
    /// The endpoint of every service, if one is set.
    pub endpoint: Option<String>,
}

impl Signer {
    /// The signer that `settings` lead to.
    ///
    /// # Errors
    ///
    /// If the settings are wrong, or the profile runs `mfa session` to get its credentials: it would run itself.
    pub async fn of(settings: &Settings) -> Result<Self, AwsError> {
        let profile = profile(settings);
        if let Some(profile) = &profile {
            refuse_itself(profile).await?;
        }
        let config = Prepared::by(settings).await?.config;
        let credentials = match config.credentials_provider() {
            Some(provider) => provider.provide_credentials().await.ok(),
            None => None,
        };
        let token = credentials.as_ref().and_then(|credentials| credentials.session_token());
        Ok(Self {
            profile,
            is_session: token.is_some_and(|token| !token.is_empty()),
            access_key_id: credentials.map(|credentials| credentials.access_key_id().to_owned()),
            endpoint: config.endpoint_url().map(str::to_owned),
        })
    }
}

/// The profile that counts: that of the flag, else none if the environment has keys, else the environment's.
fn profile(settings: &Settings) -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if settings.keys.is_some() {
        return None;
    }
    settings.profile.clone().or_else(|| match variable("AWS_ACCESS_KEY_ID") {
        Some(_) => None,
        None => Some(variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned())),
    })
}

/// Refuses a profile whose `credential_process` is what asks: each would start the next.
async fn refuse_itself(name: &str) -> Result<(), AwsError> {
    let process = profile::property(name, "credential_process").await?;
    if process.is_none_or(|command| !command.contains("mfa session")) {
        return Ok(());
    }
    let message = format!("profile `{name}` gets its credentials from `mfa session` itself, which would run for ever");
    Err(AwsError::new(ErrorKind::Settings, message)
        .hint("name the profile that holds the long-term access key with --profile, in the credential_process too"))
}
