//! How patient the calls of one account are.
//!
//! Throttling deserves many attempts. A server that fails without saying why, in AWS's words, is often no AWS at all,
//! and an endpoint without a connection will hardly get one: there, fewer attempts tell the user sooner.

use std::time::Duration;

use aws_config::retry::{ErrorKind, RetryConfig};
use aws_sdk_iam::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

use super::error::{BUSY, THROTTLED};
use super::wire::{bare, error_code};

/// How often a call is tried where AWS throttles or fails: the waits in between grow from about a second, in all to
/// about a quarter of a minute.
const ATTEMPTS: u32 = 6;

/// How often a call is tried where the server fails without an error code.
const ATTEMPTS_WITHOUT_CODE: u32 = 4;

/// How often a call is tried where no connection or no answer comes: in all a few seconds.
pub(super) const ATTEMPTS_WITHOUT_ANSWER: u32 = 3;

/// How long a connection may take to be made: name, TCP and TLS. The SDK's own default.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);

/// How long the first byte of an answer may take; the largest pages of authorization details take seconds.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Tokens for retries of one account. Attempts already bound the retries; the SDK's bucket of 500 would run dry in an
/// account that throttles much, and turn throttling into gaps.
const TOKENS: usize = 50_000;

/// The attempts of a call.
pub(super) fn attempts() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

/// Retries of one account: the SDK would share one quota among all of them.
pub(super) fn partition(account: &str) -> RetryPartition {
    RetryPartition::custom(account.to_owned()).token_bucket(TokenBucket::new(TOKENS)).build()
}

/// Which attempt of a call it is, from 1. Goes with the response, since the request is gone by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt(pub(super) u32);

impl Attempt {
    /// The attempt that `request` is: the SDK numbers them in `amz-sdk-request: attempt=2; max=6`.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let header = request.headers().get("amz-sdk-request").unwrap_or_default();
        Self(header.split([';', ' ']).find_map(|field| field.strip_prefix("attempt=")?.parse().ok()).unwrap_or(1))
    }
}

/// Ends the attempts early where a server fails without an error code.
#[derive(Debug)]
pub(super) struct Patience;

impl ClassifyRetry for Patience {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let last = response.extension::<Attempt>().is_some_and(|attempt| attempt.0 >= ATTEMPTS_WITHOUT_CODE);
        if response.status().as_u16() >= 500 && code(response).is_none() && last {
            return RetryAction::RetryForbidden;
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "Patience"
    }
}

/// Tries again what AWS refuses because it is changing the same thing at this moment.
#[derive(Debug)]
pub(super) struct WhileBusy;

impl ClassifyRetry for WhileBusy {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if context.response().is_some_and(|response| is_one_of(response, BUSY)) {
            return RetryAction::retryable_error(ErrorKind::ServerError);
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "WhileBusy"
    }
}

/// Tries again only what AWS says it has not done: for writes that must not be made twice.
#[derive(Debug)]
pub(super) struct OnlyIfRefused;

impl ClassifyRetry for OnlyIfRefused {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if matches!(context.output_or_error(), Some(Ok(_))) {
            return RetryAction::NoActionIndicated;
        }
        if context.response().is_some_and(|response| is_one_of(response, THROTTLED) || is_one_of(response, BUSY)) {
            return RetryAction::NoActionIndicated;
        }
        RetryAction::RetryForbidden
    }

    fn name(&self) -> &'static str {
        "OnlyIfRefused"
    }
}

/// The error code of an answer, in its header or its body.
fn code(response: &HttpResponse) -> Option<String> {
    let header = response.headers().get("x-amzn-errortype").map(str::to_owned);
    header.or_else(|| error_code(&response.body().bytes().map(String::from_utf8_lossy).unwrap_or_default()))
}

fn is_one_of(response: &HttpResponse, codes: &[&str]) -> bool {
    response.status().as_u16() >= 400 && code(response).is_some_and(|code| codes.contains(&bare(&code)))
}
