//! Signing in: the caller's credentials, and from there into the accounts.
//!
//! Credentials come from wherever the AWS CLI takes them: environment, profiles (keys, roles, IAM Identity Center,
//! `credential_process`), web identity, containers, instance metadata. This file is where `crate::aws` reads the
//! environment itself; the rest of the standard variables the SDK reads.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_iam::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::call::answer;
use super::error::{AwsError, ErrorKind};
use super::http;
use super::meter::{Meter, Metered};
use super::operation::Operation;
use super::reader::Reader;
use super::role::{AssumedRole, RoleRequest};
use crate::model::{Account, Partition};

/// How often a call is tried where AWS throttles or fails: the waits in between grow from about a second, in all to
/// about a quarter of a minute.
const ATTEMPTS: u32 = 6;

/// Tokens for retries of one account. Attempts already bound the retries; the SDK's bucket of 500 would run dry in an
/// account that throttles much, and turn throttling into gaps.
const RETRY_TOKENS: usize = 50_000;

/// How long a connection may take to be made: name, TCP and TLS. The SDK's own default.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);

/// How long the first byte of an answer may take; the largest pages of authorization details take seconds.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// How long credentials may take to come: a `credential_process` may wait for a person.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(120);

/// Where a region is not configured: the region that signs IAM's requests in the `aws` partition.
const DEFAULT_REGION: &str = "us-east-1";

/// How to sign in.
#[derive(Debug, Clone, Default)]
pub struct Settings {
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

/// Who we are (`sts:GetCallerIdentity`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account, twelve digits.
    pub account: String,
    /// The ARN of the user, role session or root.
    pub arn: String,
    /// The partition.
    pub partition: Partition,
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
        if env::var_os("LOG_SENSITIVE_BODIES").is_some() {
            let message = "LOG_SENSITIVE_BODIES is set: the AWS SDK would write secrets to the log";
            return Err(AwsError::new(ErrorKind::Settings, message).hint("unset it and run again"));
        }
        let ca_bundle = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
        let pool = http::pool(ca_bundle.as_deref())?;
        let meter = Meter::default();
        let profile = settings.profile.clone().or_else(|| env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()));
        if let Some(profile) = &profile {
            find_profile(profile).await?;
        }
        let config = load(&settings, Metered::new(pool.clone(), meter.clone(), settings.max_rate)).await;
        Self::sign_in(settings, config, pool, meter).await.map_err(|error| error.for_profile(profile.as_deref()))
    }

    /// Asks AWS who `config` is.
    pub(super) async fn sign_in(
        settings: Settings,
        config: SdkConfig,
        pool: SharedHttpClient,
        meter: Meter,
    ) -> Result<Self, AwsError> {
        let retries = retry_partition("hub");
        let sts = aws_sdk_sts::config::Builder::from(&config).retry_partition(retries.clone()).build();
        let sts = aws_sdk_sts::Client::from_conf(sts);
        let organizations =
            aws_sdk_organizations::config::Builder::from(&config).retry_partition(retries.clone()).build();
        let organizations = aws_sdk_organizations::Client::from_conf(organizations);
        let caller = caller(&sts).await?;
        Ok(Self { settings, config, pool, meter, retries, sts, organizations, caller })
    }

    /// Who we are.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
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

    /// A reader of the caller's own account, with the caller's own credentials.
    #[must_use]
    pub fn own(&self) -> Reader {
        let Caller { account, partition, .. } = &self.caller;
        self.read_as_caller(Account { id: account.clone(), partition: partition.clone(), ..Account::default() })
    }

    fn read_as_caller(&self, account: Account) -> Reader {
        let iam = aws_sdk_iam::config::Builder::from(&self.config).retry_partition(self.retries.clone()).build();
        Reader::new(account, aws_sdk_iam::Client::from_conf(iam), self.meter.clone(), true)
    }

    /// A reader of `account`, with the role of the settings assumed there: one `sts:AssumeRole`.
    ///
    /// In the caller's own account, where the role is often missing, the caller's own credentials do as well.
    ///
    /// # Errors
    ///
    /// If the role cannot be assumed.
    pub async fn enter(&self, account: &Account) -> Result<Reader, AwsError> {
        let own = account.id == self.caller.account;
        let role = format!("role/{}", self.settings.role_name.trim_start_matches('/'));
        let request = RoleRequest {
            account: account.id.clone(),
            arn: account.partition.iam_arn(&account.id, &role),
            session_name: self.settings.session_name.clone(),
            external_id: self.settings.external_id.clone(),
        };
        let role = match AssumedRole::enter(self.sts.clone(), request).await {
            Ok(role) => role,
            Err(error) if own && matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => {
                return Ok(self.read_as_caller(account.clone()));
            }
            Err(error) => return Err(error),
        };
        let meter = if own { self.meter.clone() } else { Meter::default() };
        let retries = if own { self.retries.clone() } else { retry_partition(&account.id) };
        let iam = aws_sdk_iam::config::Builder::from(&self.config)
            .http_client(if own { self.http() } else { self.metered(&meter) })
            .credentials_provider(role)
            .identity_cache(identity_cache())
            .retry_partition(retries)
            .build();
        Ok(Reader::new(account.clone(), aws_sdk_iam::Client::from_conf(iam), meter, false))
    }

    /// The pool as the caller's own account uses it: one pace for both kinds of credentials.
    fn http(&self) -> SharedHttpClient {
        self.config.http_client().unwrap_or_else(|| self.metered(&self.meter))
    }

    fn metered(&self, meter: &Meter) -> SharedHttpClient {
        SharedHttpClient::new(Metered::new(self.pool.clone(), meter.clone(), self.settings.max_rate))
    }
}

async fn caller(sts: &aws_sdk_sts::Client) -> Result<Caller, AwsError> {
    let operation = Operation::GetCallerIdentity;
    let identity = answer(operation, None, sts.get_caller_identity().send()).await?;
    let incomplete = || AwsError::new(ErrorKind::Other, "the answer names no account and ARN").at(operation, None);
    let account = identity.account.ok_or_else(incomplete)?;
    let arn = identity.arn.ok_or_else(incomplete)?;
    let partition = Partition::of_arn(&arn).unwrap_or_default();
    Ok(Caller { account, arn, partition })
}

/// The SDK's configuration, with our pool, timeouts and retries.
async fn load(settings: &Settings, http: Metered) -> SdkConfig {
    let mut loader = base(http.clone());
    // As in the AWS CLI, these two variables count over the program's own choice.
    if env::var_os("AWS_MAX_ATTEMPTS").is_none() && env::var_os("AWS_RETRY_MODE").is_none() {
        loader = loader.retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    }
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let region = region(settings, &http).await;
    loader = loader.region(region.clone());
    if let Some(profile) = &settings.profile {
        let context = ProviderConfig::default().with_http_client(http).with_region(Some(region));
        let credentials = ProfileFileCredentialsProvider::builder().configure(&context).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(credentials);
    }
    loader.load().await
}

/// What does not depend on the settings.
pub(super) fn base(http: Metered) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
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
    IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).buffer_time(Duration::from_secs(60)).build()
}

/// Retries of one account: the SDK would share one quota among all of them.
fn retry_partition(account: &str) -> RetryPartition {
    RetryPartition::custom(account.to_owned()).token_bucket(TokenBucket::new(RETRY_TOKENS)).build()
}

/// Makes sure that a profile that was named exists: the SDK would go on to other credentials without it.
async fn find_profile(name: &str) -> Result<(), AwsError> {
    use aws_types::os_shim_internal::{Env, Fs};
    let profiles = aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None)
        .await
        .map_err(|error| AwsError::new(ErrorKind::Settings, format!("the profiles of the AWS CLI: {error}")))?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut known: Vec<_> = profiles.profiles().collect();
    known.sort_unstable();
    let known = if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) };
    let message = format!("profile `{name}` is neither in ~/.aws/config nor in ~/.aws/credentials; {known}");
    Err(AwsError::new(ErrorKind::NoCredentials, message))
}
