//! Signing in: the caller's credentials, and from there into the accounts.
//!
//! Credentials come from wherever the AWS CLI takes them: environment, profiles (keys, roles, IAM Identity Center,
//! `credential_process`), web identity, containers, instance metadata. This file is where `crate::aws` reads the
//! environment itself; the rest of the standard variables the SDK reads.

mod enter;
mod keys;
mod signer;
mod token;

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_iam::config::retry::RetryPartition;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::caller::{Caller, identify};
use super::error::{AwsError, ErrorKind};
use super::http;
use super::meter::{Meter, Metered};
use super::profile;
use super::retry::{self, Patience};

pub use enter::{WriteRole, session_name};
pub use keys::Keys;
pub use signer::Signer;

/// How long credentials may take to come: a `credential_process` may wait for a person.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_mins(2);

/// Where a region is not configured: the region that signs IAM's requests in the `aws` partition.
const DEFAULT_REGION: &str = "us-east-1";

/// Variables that make the SDK log bodies: answers with credentials and seeds, requests with codes.
const TALKATIVE: [&str; 2] = ["LOG_SENSITIVE_BODIES", "LOG_SIGNABLE_BODY"];

/// How to sign in.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Credentials that count over all others, the profile's included; `None`: those that the AWS CLI would find.
    pub keys: Option<Keys>,
    /// The profile asked for by flag: then its credentials count, also over those in the environment, as in the AWS
    /// CLI. `None`: `AWS_PROFILE` or the default one, after the environment.
    pub profile: Option<String>,
    /// The region; `None`: the environment's or the profile's, else `us-east-1`.
    pub region: Option<String>,
    /// The endpoint of every service; `None`: `AWS_ENDPOINT_URL` and its kin, else AWS's.
    pub endpoint_url: Option<String>,
    /// The role to assume in each account, with its path if it has one: `audit/portcullis`.
    pub role_name: String,
    /// The external id for it.
    pub external_id: Option<String>,
    /// The name of the sessions, 2 to 64 characters of `[\w+=,.@-]`.
    pub session_name: String,
    /// At most so many requests per second and account.
    pub max_rate: Option<u32>,
}

/// The caller's own account, from which the others are entered.
#[derive(Debug, Clone)]
pub struct Hub {
    settings: Settings,
    config: SdkConfig,
    pool: SharedHttpClient,
    meter: Meter,
    retries: RetryPartition,
    sts: aws_sdk_sts::Client,
    organizations: aws_sdk_organizations::Client,
    caller: Caller,
}

impl Hub {
    /// Signs in and asks AWS who we are.
    ///
    /// # Errors
    ///
    /// If the settings are wrong, there are no credentials, or AWS does not answer or take them.
    pub async fn connect(settings: Settings) -> Result<Self, AwsError> {
        let Prepared { config, pool, meter, profile } = Prepared::by(&settings).await?;
        Self::sign_in(settings, config, pool, meter).await.map_err(|error| error.for_profile(profile.as_deref()))
    }

    /// Asks AWS who `config` is.
    pub(super) async fn sign_in(
        settings: Settings,
        config: SdkConfig,
        pool: SharedHttpClient,
        meter: Meter,
    ) -> Result<Self, AwsError> {
        let retries = retry::partition("hub");
        let sts = aws_sdk_sts::config::Builder::from(&config)
            .retry_partition(retries.clone())
            .retry_classifier(Patience)
            .build();
        let sts = aws_sdk_sts::Client::from_conf(sts);
        let organizations = aws_sdk_organizations::config::Builder::from(&config)
            .retry_partition(retries.clone())
            .retry_classifier(Patience)
            .build();
        let organizations = aws_sdk_organizations::Client::from_conf(organizations);
        let caller = identify(&sts).await?;
        Ok(Self { settings, config, pool, meter, retries, sts, organizations, caller })
    }

    /// The same with other credentials.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn signed_by(&self, keys: Keys) -> Result<Self, AwsError> {
        Self::connect(Settings { keys: Some(keys), ..self.settings.clone() }).await
    }

    /// Who we are.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the caller signs with the credentials of a session rather than with a long-term key of a user.
    ///
    /// # Errors
    ///
    /// If there are no credentials.
    pub async fn signs_with_session(&self) -> Result<bool, AwsError> {
        let missing = || AwsError::new(ErrorKind::NoCredentials, "there are no credentials");
        let provider = self.config.credentials_provider().ok_or_else(missing)?;
        let credentials = provider.provide_credentials().await.map_err(|_| missing())?;
        Ok(credentials.session_token().is_some_and(|token| !token.is_empty()))
    }

    /// Counts what was signed with the caller's own credentials, STS and Organizations included.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The client of AWS Organizations.
    pub(super) fn organizations(&self) -> &aws_sdk_organizations::Client {
        &self.organizations
    }

    /// The pool as the caller's own account uses it: one pace for both kinds of credentials.
    fn http(&self) -> SharedHttpClient {
        self.config.http_client().unwrap_or_else(|| self.metered(&self.meter))
    }

    fn metered(&self, meter: &Meter) -> SharedHttpClient {
        SharedHttpClient::new(Metered::new(self.pool.clone(), meter.clone(), self.settings.max_rate))
    }
}

/// What is known before AWS is asked anything.
struct Prepared {
    config: SdkConfig,
    pool: SharedHttpClient,
    meter: Meter,
    /// The profile that was named, by flag or variable.
    profile: Option<String>,
}

impl Prepared {
    async fn by(settings: &Settings) -> Result<Self, AwsError> {
        if let Some(name) = TALKATIVE.into_iter().find(|name| env::var_os(name).is_some()) {
            let message = format!("{name} is set: the AWS SDK would write secrets to the log");
            return Err(AwsError::new(ErrorKind::Settings, message).hint("unset it and run again"));
        }
        let ca_bundle = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
        let pool = http::pool(ca_bundle.as_deref())?;
        let meter = Meter::default();
        let profile = settings.profile.clone().or_else(|| env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()));
        let profile = profile.filter(|_| settings.keys.is_none());
        if let Some(profile) = &profile {
            profile::find(profile).await?;
        }
        let http = Metered::new(pool.clone(), meter.clone(), settings.max_rate);
        let config = load(settings, profile.as_deref(), http).await;
        if let Some(url) =
            config.endpoint_url().filter(|url| !url.starts_with("http://") && !url.starts_with("https://"))
        {
            let message = format!("the endpoint URL `{url}` begins neither with http:// nor with https://");
            return Err(AwsError::new(ErrorKind::Settings, message));
        }
        Ok(Self { config, pool, meter, profile })
    }
}

/// The SDK's configuration of `profile`, if one was named, with our pool, timeouts and retries.
async fn load(settings: &Settings, profile: Option<&str>, http: Metered) -> SdkConfig {
    let mut loader = base(http.clone());
    // As in the AWS CLI, these two variables count over the program's own choice.
    if env::var_os("AWS_MAX_ATTEMPTS").is_none() && env::var_os("AWS_RETRY_MODE").is_none() {
        loader = loader.retry_config(retry::attempts());
    }
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let region = region(settings, &http).await;
    loader = loader.region(region.clone());
    if let Some(keys) = &settings.keys {
        loader = loader.credentials_provider(keys.credentials());
    }
    if let Some(name) = profile {
        let context = ProviderConfig::default().with_http_client(http).with_region(Some(region));
        let by_flag = settings.profile.is_some();
        loader = loader.profile_name(name).credentials_provider(profile::credentials(name, by_flag, &context));
    }
    loader.load().await
}

/// What does not depend on the settings.
pub(super) fn base(http: Metered) -> ConfigLoader {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(retry::CONNECT_TIMEOUT).read_timeout(retry::READ_TIMEOUT).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .identity_cache(identity_cache())
}

/// The region asked for, or configured, or the default one. Not asked of instance metadata, which may not be there.
async fn region(settings: &Settings, http: &Metered) -> Region {
    use aws_config::environment::region::EnvironmentVariableRegionProvider;
    use aws_config::meta::region::RegionProviderChain;
    use aws_config::profile::ProfileFileRegionProvider;
    let mut profile =
        ProfileFileRegionProvider::builder().configure(&ProviderConfig::default().with_http_client(http.clone()));
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    RegionProviderChain::first_try(settings.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .region()
        .await
        .unwrap_or_else(|| Region::from_static(DEFAULT_REGION))
}

fn identity_cache() -> aws_sdk_iam::config::SharedIdentityCache {
    IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).buffer_time(Duration::from_mins(1)).build()
}
