//! Profiles of the AWS CLI, taken as strictly as it takes them.
//!
//! The SDK's own chain lets the environment's keys win over a profile asked for by flag, and goes on to the instance's
//! credentials where a named profile does not exist or points to one that does not: a scan of the wrong account.

use std::error::Error;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

use super::error::{AwsError, ErrorKind};

/// Makes sure that a profile that was named exists.
///
/// # Errors
///
/// If it does not, or the files cannot be read.
pub(super) async fn find(name: &str) -> Result<(), AwsError> {
    let profiles = load().await?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut known: Vec<_> = profiles.profiles().collect();
    known.sort_unstable();
    let known = if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) };
    let message = format!("profile `{name}` is neither in ~/.aws/config nor in ~/.aws/credentials; {known}");
    Err(AwsError::new(ErrorKind::NoCredentials, message))
}

/// What a profile says under `key`, if it exists and says something.
///
/// # Errors
///
/// If the files cannot be read.
pub(super) async fn property(name: &str, key: &str) -> Result<Option<String>, AwsError> {
    Ok(load().await?.get_profile(name).and_then(|profile| profile.get(key)).map(str::to_owned))
}

#[expect(clippy::default_trait_access, reason = "the type is of a crate that is no dependency of ours")]
async fn load() -> Result<ProfileSet, AwsError> {
    use aws_types::os_shim_internal::{Env, Fs};
    aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None)
        .await
        .map_err(|error| AwsError::new(ErrorKind::Settings, format!("the profiles of the AWS CLI: {error}")))
}

/// Credentials where the profile `name` was asked for: by flag, it counts over the environment's keys.
///
/// As in the AWS CLI, a profile that says nothing of credentials leaves them to web identity, container or instance.
pub(super) fn credentials(name: &str, by_flag: bool, context: &ProviderConfig) -> CredentialsProviderChain {
    let profile = Named(ProfileFileCredentialsProvider::builder().configure(context).profile_name(name).build());
    let chain = if by_flag {
        CredentialsProviderChain::first_try("Profile", profile)
    } else {
        CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
            .or_else("Profile", profile)
    };
    chain
        .or_else("WebIdentityToken", WebIdentityTokenCredentialsProvider::builder().configure(context).build())
        .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(context).build())
        .or_else("Ec2InstanceMetadata", ImdsCredentialsProvider::builder().configure(context).build())
}

/// A profile that was named: what is wrong with it is an error, not a reason to look elsewhere.
#[derive(Debug)]
struct Named(ProfileFileCredentialsProvider);

impl ProvideCredentials for Named {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move { self.0.provide_credentials().await.map_err(strict) })
    }
}

/// A profile without credentials is "not loaded" without a source; with one, the source says what is wrong.
fn strict(error: CredentialsError) -> CredentialsError {
    match (&error, error.source()) {
        (CredentialsError::CredentialsNotLoaded(_), Some(why)) => {
            CredentialsError::invalid_configuration(why.to_string())
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_profile_without_credentials_leads_elsewhere() {
        assert!(matches!(strict(CredentialsError::not_loaded_no_source()), CredentialsError::CredentialsNotLoaded(_)));
        let broken = strict(CredentialsError::not_loaded("profile `x` was not defined"));
        assert!(matches!(broken, CredentialsError::InvalidConfiguration(_)));
    }

    #[tokio::test]
    async fn a_missing_profile_is_named() {
        let error = find("portcullis-no-such-profile").await.unwrap_err();
        assert!(error.to_string().starts_with("profile `portcullis-no-such-profile` is neither in"), "{error}");
    }
}
