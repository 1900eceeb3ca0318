//! What a request asks for: the calls that the proxy records.

use std::collections::BTreeMap;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::http::Message;

/// One HTTP request that reached the proxy. Every attempt is one, retries too.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The account whose credentials signed it; `None` if unsigned or signed with a key that the proxy does not know.
    pub(crate) account: Option<String>,
    /// The access key id that signed it; `None` if unsigned.
    pub(crate) access_key: Option<String>,
    /// Signing name: `iam`, `sts`, `organizations`.
    pub(crate) service: String,
    /// `ListUsers`, `AssumeRole`, …
    pub(crate) action: String,
    /// Parameters as sent; of JSON those at the top, whatever is not text as JSON.
    pub(crate) params: BTreeMap<String, String>,
    /// The status answered; `None` while unanswered, and for ever if the connection was dropped.
    pub(crate) status: Option<u16>,
    /// The error code answered.
    pub(crate) code: Option<String>,
    /// When it arrived, since the start of the proxy.
    pub(crate) at: Duration,
}

impl Call {
    /// Understand a request.
    pub(crate) fn of(request: &Message, at: Duration) -> Self {
        let target = request.header("x-amz-target").map(str::to_owned);
        let params = if target.is_some() { json_params(&request.text()) } else { form_params(&request.text()) };
        let scope = request.header("authorization").and_then(scope).unwrap_or_default();
        let action = target.as_deref().and_then(|target| target.rsplit('.').next()).map(str::to_owned);
        let service = match scope.get(3) {
            Some(service) => service.clone(),
            None => service_of_version(params.get("Version")).to_owned(),
        };
        Self {
            account: None,
            access_key: scope.first().cloned(),
            service,
            action: action.or_else(|| params.get("Action").cloned()).unwrap_or_default(),
            params,
            status: None,
            code: None,
            at,
        }
    }

    /// A parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// Organizations speaks JSON, the others XML.
    pub(crate) fn is_json(&self) -> bool {
        self.service == "organizations"
    }

    /// Note what was answered.
    pub(crate) fn answered(&mut self, response: &Message) {
        self.status = Some(response.status());
        if response.status() >= 400 {
            let text = response.text();
            let json: Value = serde_json::from_str(&text).unwrap_or_default();
            let code = json.get("__type").and_then(Value::as_str).or_else(|| between(&text, "<Code>", "</Code>"));
            self.code = code.map(str::to_owned);
        }
    }
}

/// `AKID, date, region, service, aws4_request` of a signature.
fn scope(authorization: &str) -> Option<Vec<String>> {
    let (_, rest) = authorization.split_once("Credential=")?;
    let scope = rest.split([',', ' ']).next()?;
    Some(scope.split('/').map(str::to_owned).collect())
}

/// The service of an unsigned request of the query protocol.
fn service_of_version(version: Option<&String>) -> &'static str {
    match version.map(String::as_str) {
        Some("2011-06-15") => "sts",
        Some("2010-05-08") => "iam",
        _ => "",
    }
}

/// The pairs of a form.
pub(crate) fn form_params(body: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn json_params(body: &str) -> BTreeMap<String, String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(body) else { return BTreeMap::new() };
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// The text between the first `open` and the next `close`.
pub(crate) fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}
