//! Counting and pacing the requests of one account, around the shared pool of connections.
//!
//! Every HTTP attempt passes here, retries included. What carries no AWS signature (the sign-in calls of IAM Identity
//! Center, instance metadata) is neither counted nor paced.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http_body_util::Full;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::{Instant, sleep_until};

use super::error::THROTTLED;
use super::http::AtEndpoint;
use super::retry::{ATTEMPTS_WITHOUT_ANSWER, Attempt};
use super::wire::{bare, error_code, is_closed};

/// How long the text of an error may take to arrive.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Counts the HTTP attempts signed with credentials of one account. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    api_calls: AtomicU64,
    throttled: AtomicU64,
    told: Mutex<Option<(Timestamp, Instant)>>,
}

impl Meter {
    /// Attempts so far, retries included.
    #[must_use]
    pub fn api_calls(&self) -> u64 {
        self.0.api_calls.load(Ordering::Relaxed)
    }

    /// How many of them AWS answered by throttling.
    #[must_use]
    pub fn throttled(&self) -> u64 {
        self.0.throttled.load(Ordering::Relaxed)
    }

    /// What time it is for AWS, to the second, by the date of its last answer; `None` before the first. The clock of this
    /// computer has no part in it.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        let told = *self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (date, at) = told?;
        date.checked_add(at.elapsed()).ok()
    }

    /// Notes the date of an answer (RFC 9110, 6.6.1).
    fn note(&self, response: &HttpResponse) {
        let date = response.headers().get("date").and_then(|date| rfc2822::parse(date).ok());
        if let Some(date) = date {
            *self.0.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((date.timestamp(), Instant::now()));
        }
    }
}

/// Spaces requests evenly, so that no second sees more of them than allowed.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most `rate` requests per second; 0 counts as 1.
    pub(super) fn new(rate: u32) -> Self {
        Self { interval: Duration::from_secs(1) / rate.max(1), next: Mutex::new(None) }
    }

    /// When the next request may be sent, if it is asked for at `now`.
    fn reserve(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + self.interval);
        slot
    }
}

/// The shared pool of connections as one account uses it.
#[derive(Debug, Clone)]
pub(super) struct Metered {
    pool: SharedHttpClient,
    meter: Meter,
    pace: Option<Arc<Pace>>,
}

impl Metered {
    /// `pool` for one account, counted by `meter` and limited to `max_rate` requests per second.
    pub(super) fn new(pool: SharedHttpClient, meter: Meter, max_rate: Option<u32>) -> Self {
        Self { pool, meter, pace: max_rate.map(|rate| Arc::new(Pace::new(rate))) }
    }
}

impl HttpClient for Metered {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(MeteredConnector {
            connector: self.pool.http_connector(settings, components),
            meter: self.meter.clone(),
            pace: self.pace.clone(),
        })
    }
}

#[derive(Debug)]
struct MeteredConnector {
    connector: SharedHttpConnector,
    meter: Meter,
    pace: Option<Arc<Pace>>,
}

impl HttpConnector for MeteredConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (connector, meter, pace) = (self.connector.clone(), self.meter.clone(), self.pace.clone());
        HttpConnectorFuture::new(async move {
            let signed = request.headers().get("authorization").is_some_and(|value| value.starts_with("AWS4-"));
            if signed {
                if let Some(pace) = pace {
                    sleep_until(pace.reserve(Instant::now())).await;
                }
                meter.0.api_calls.fetch_add(1, Ordering::Relaxed);
            }
            let target = Target::of(&request);
            let attempt = target.attempt;
            let mut response = connector.call(request).await.map_err(|error| target.name(error))?;
            response.add_extension(attempt);
            meter.note(&response);
            if signed && response.status().as_u16() >= 400 && is_throttling(&mut response).await {
                meter.0.throttled.fetch_add(1, Ordering::Relaxed);
            }
            if signed && response.status().is_success() && is_xml(&response) {
                whole(&mut response).await?;
            }
            Ok(response)
        })
    }
}

/// Where a request goes, to be told in its error.
struct Target {
    endpoint: String,
    attempt: Attempt,
    connection: Option<CaptureSmithyConnection>,
}

impl Target {
    fn of(request: &HttpRequest) -> Self {
        let origin = |uri: &str| {
            let (scheme, rest) = uri.split_once("://")?;
            Some(format!("{scheme}://{}", rest.split(['/', '?']).next()?))
        };
        Self {
            endpoint: origin(request.uri()).unwrap_or_default(),
            attempt: Attempt::of(request),
            connection: request.extension::<CaptureSmithyConnection>().cloned(),
        }
    }

    /// The error with its endpoint, and of a kind that the SDK does not retry once there were enough attempts.
    fn name(self, error: ConnectorError) -> ConnectorError {
        let connected = self.connection.is_some_and(|connection| connection.get().is_some());
        let hopeless = self.attempt.0 >= ATTEMPTS_WITHOUT_ANSWER && (!connected || error.is_timeout());
        let (io, timeout, user, kind) = (error.is_io(), error.is_timeout(), error.is_user(), error.as_other());
        let source = Box::new(AtEndpoint { endpoint: self.endpoint, source: error.into_source() });
        match () {
            () if hopeless => ConnectorError::other(source, None),
            () if io => ConnectorError::io(source),
            () if timeout => ConnectorError::timeout(source),
            () if user => ConnectorError::user(source),
            () => ConnectorError::other(source, kind),
        }
    }
}

fn is_xml(response: &HttpResponse) -> bool {
    response.headers().get("content-type").is_some_and(|kind| kind.contains("xml"))
}

/// Reads the XML of an answer to its end and puts it back. The SDK takes XML that is cut off for a short answer: a list
/// without its second half, and nobody would know.
async fn whole(response: &mut HttpResponse) -> Result<(), ConnectorError> {
    let body = ByteStream::new(response.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let is_cut = !is_closed(&String::from_utf8_lossy(&body));
    // As a stream: the SDK logs a body that it finds in memory, and credentials are in it.
    *response.body_mut() = SdkBody::from_body_1_x(Full::new(body));
    if is_cut {
        return Err(ConnectorError::io("the answer is cut off: its last element is not closed".into()));
    }
    Ok(())
}

/// Whether AWS answered by throttling. Reads the text of the error and puts it back.
async fn is_throttling(response: &mut HttpResponse) -> bool {
    if response.status().as_u16() == 429 {
        return true;
    }
    let header = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let body = ByteStream::new(response.take_body()).collect();
    let Ok(Ok(body)) = tokio::time::timeout(ERROR_BODY_TIMEOUT, body).await else { return false };
    let body = body.into_bytes();
    let code = header.or_else(|| error_code(&String::from_utf8_lossy(&body)));
    *response.body_mut() = SdkBody::from(body);
    code.is_some_and(|code| THROTTLED.contains(&bare(&code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_spaces_requests_and_saves_nothing_up() {
        let pace = Pace::new(4);
        let start = Instant::now();
        let quarter = Duration::from_millis(250);
        assert_eq!(pace.reserve(start), start);
        assert_eq!(pace.reserve(start), start + quarter);
        assert_eq!(pace.reserve(start), start + 2 * quarter);
        let later = start + Duration::from_mins(1);
        assert_eq!(pace.reserve(later), later);
        assert_eq!(pace.reserve(later), later + quarter);
    }

    #[test]
    fn the_time_is_that_of_the_last_answer_with_a_date() {
        let answer = |date: Option<&'static str>| {
            let mut answer = HttpResponse::new(200_u16.try_into().unwrap(), SdkBody::empty());
            if let Some(date) = date {
                answer.headers_mut().insert("date", date);
            }
            answer
        };
        let meter = Meter::default();
        assert_eq!(meter.time(), None);
        meter.note(&answer(Some("Sun, 06 Nov 1994 08:49:37 GMT")));
        let dates = [None, Some("yesterday"), Some("Sun, 99 Nov 1994 08:49:37 GMT")];
        for date in dates {
            meter.note(&answer(date));
        }
        let passed = meter.time().unwrap().duration_since("1994-11-06T08:49:37Z".parse().unwrap());
        assert!(passed.as_secs() < 60 && !passed.is_negative(), "{passed:?}");
    }

    #[test]
    fn codes_are_found_in_both_protocols() {
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>";
        assert_eq!(error_code(xml).as_deref(), Some("Throttling"));
        let json = r#"{"__type":"com.amazonaws#TooManyRequestsException","Message":"x"}"#;
        assert_eq!(error_code(json).as_deref().map(bare), Some("TooManyRequestsException"));
        assert_eq!(error_code("<html>"), None);
        assert_eq!(bare("ThrottlingException:http://internal/"), "ThrottlingException");
    }
}
