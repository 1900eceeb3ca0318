//! Calls of any service, signed with Signature Version 4 by hand: for tests that make thousands, where boto3 would take
//! longer than the server.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::boto::Credentials;
use super::server::http;

/// The region of every call.
pub(crate) const REGION: &str = "us-east-1";

/// What a query string leaves as it is (RFC 3986).
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A call to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The name of the service in signatures.
    pub(crate) service: &'static str,
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// The path, encoded.
    pub(crate) path: String,
    /// The query string, encoded and sorted.
    pub(crate) query: String,
    /// `X-Amz-Target`, for services that speak JSON.
    pub(crate) target: Option<&'static str>,
    /// The body.
    pub(crate) body: String,
}

impl Call {
    /// A call of a service that speaks the query protocol, such as IAM.
    pub(crate) fn query(service: &'static str, version: &str, action: &str, params: &[(&str, &str)]) -> Self {
        let params = params.iter().map(|(name, value)| format!("&{name}={}", encode(value)));
        let body = format!("Action={action}&Version={version}{}", params.collect::<String>());
        Self { service, method: "POST", path: "/".to_owned(), query: String::new(), target: None, body }
    }

    /// A call of IAM.
    pub(crate) fn iam(action: &str, params: &[(&str, &str)]) -> Self {
        Self::query("iam", "2010-05-08", action, params)
    }

    /// A call of a service that speaks JSON.
    pub(crate) fn json(service: &'static str, target: &'static str, body: &serde_json::Value) -> Self {
        let body = body.to_string();
        Self { service, method: "POST", path: "/".to_owned(), query: String::new(), target: Some(target), body }
    }

    /// A call of S3, with parameters sorted by name.
    pub(crate) fn s3(method: &'static str, path: &str, params: &[(&str, &str)]) -> Self {
        let query: Vec<String> = params.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let (path, query) = (path.to_owned(), query.join("&"));
        Self { service: "s3", method, path, query, target: None, body: String::new() }
    }

    /// Make the call to the server on this port; the body of its answer, whatever its status.
    pub(crate) fn send(&self, port: u16, credentials: &Credentials) -> String {
        let path = if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        let headers = self.headers(port, credentials, &Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string());
        http(port, self.method, &path, &headers, &self.body).unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    fn headers(&self, port: u16, credentials: &Credentials, time: &str) -> String {
        let payload = hex(&Sha256::digest(&self.body));
        let mut signed = vec![("x-amz-content-sha256", payload.as_str()), ("x-amz-date", time)];
        signed.extend(credentials.token.as_deref().map(|token| ("x-amz-security-token", token)));
        signed.extend(self.target.map(|target| ("x-amz-target", target)));
        let sent = signed.iter().fold(String::new(), |sent, (name, value)| sent + name + ": " + value + "\r\n");
        let host = format!("127.0.0.1:{port}");
        signed.insert(0, ("host", &host));
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let canonical = signed.iter().fold(String::new(), |all, (name, value)| all + name + ":" + value + "\n");
        let names = names.join(";");
        let request = [self.method, &self.path, &self.query, &canonical, &names, &payload].join("\n");
        let scope = format!("{}/{REGION}/{}/aws4_request", &time[..8], self.service);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let key =
            scope.split('/').fold(format!("AWS4{}", credentials.secret).into_bytes(), |key, part| hmac(&key, part));
        let signature = hex(&hmac(&key, &text));
        let kind =
            if self.target.is_some() { "application/x-amz-json-1.0" } else { "application/x-www-form-urlencoded" };
        let credential = format!("{}/{scope}", credentials.key);
        format!(
            "{sent}Content-Type: {kind}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={credential}, \
             SignedHeaders={names}, Signature={signature}\r\n"
        )
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, &UNRESERVED).to_string()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// HMAC-SHA256 (RFC 2104); keys longer than a block do not occur.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[test]
fn signs_as_aws_does() {
    // AWS General Reference, "Examples of how to derive a signing key": the key of this secret, day, region and service.
    let secret = b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec();
    let scope = ["20120215", "us-east-1", "iam", "aws4_request"];
    let key = scope.iter().fold(secret, |key, part| hmac(&key, part));
    assert_eq!(hex(&key), "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}
