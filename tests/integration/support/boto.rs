//! AWS calls made with boto3, to prepare what a test needs and to check by other means what the program did.
//!
//! Starting Python takes a third of a second, so calls are gathered and made in one go.

use std::io::Write;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use super::python::{Venv, script};

/// An access key, long-term or of a session.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// `AKIA…` or `ASIA…`.
    pub(crate) key: String,
    /// The secret of the key.
    pub(crate) secret: String,
    /// The session token, for `ASIA…`.
    pub(crate) token: Option<String>,
}

impl Credentials {
    /// A long-term key.
    pub(crate) fn new(key: &str, secret: &str) -> Self {
        Self { key: key.into(), secret: secret.into(), token: None }
    }

    /// The credentials in the answer of `assume_role` or `create_access_key`.
    pub(crate) fn from_answer(answer: &Value) -> Self {
        let found = answer.get("Credentials").or_else(|| answer.get("AccessKey")).expect("an answer with credentials");
        let text = |name: &str| found.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            key: text("AccessKeyId").expect("an access key id"),
            secret: text("SecretAccessKey").expect("a secret"),
            token: text("SessionToken"),
        }
    }
}

/// An error that AWS answered.
#[derive(Debug, Deserialize)]
pub(crate) struct AwsError {
    /// The code, such as `AccessDenied`; for a broken connection the name of botocore's exception.
    pub(crate) code: String,
    /// The text.
    pub(crate) message: String,
    /// The HTTP status, 0 without an answer.
    pub(crate) status: u16,
}

/// Calls to be made in order, each by its own or the same credentials.
#[derive(Debug)]
pub(crate) struct Boto {
    endpoint: String,
    credentials: Credentials,
    calls: Vec<Value>,
}

impl Boto {
    /// Calls to `endpoint` signed by `credentials`.
    pub(crate) fn new(endpoint: &str, credentials: &Credentials) -> Self {
        Self { endpoint: endpoint.into(), credentials: credentials.clone(), calls: Vec::new() }
    }

    /// Sign the calls that follow with other credentials.
    pub(crate) fn signed_by(mut self, credentials: &Credentials) -> Self {
        self.credentials = credentials.clone();
        self
    }

    /// Add one call: boto3's names of service and operation (`create_user`), AWS's names of parameters.
    pub(crate) fn call(self, service: &str, operation: &str, params: &Value) -> Self {
        self.add(service, operation, params, false)
    }

    /// Add one list, read to its end by boto3's paginator.
    pub(crate) fn pages(self, service: &str, operation: &str, params: &Value) -> Self {
        self.add(service, operation, params, true)
    }

    fn add(mut self, service: &str, operation: &str, params: &Value, pages: bool) -> Self {
        let Credentials { key, secret, token } = &self.credentials;
        self.calls.push(json!({
            "service": service, "operation": operation, "params": params, "pages": pages,
            "key": key, "secret": secret, "token": token,
        }));
        self
    }

    /// Make the calls; one outcome each.
    pub(crate) fn run(self) -> Vec<Result<Value, AwsError>> {
        let mut child = Command::new(Venv::moto().python())
            .arg(script("aws.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("start aws.py");
        let request = json!({"endpoint": self.endpoint, "calls": self.calls}).to_string();
        child.stdin.take().expect("its input").write_all(request.as_bytes()).expect("send the calls");
        let output = child.wait_with_output().expect("wait for aws.py");
        assert!(output.status.success(), "aws.py failed");
        let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("aws.py answers JSON");
        answers.into_iter().map(outcome).collect()
    }

    /// Make the calls, all of which must succeed.
    pub(crate) fn succeed(self) -> Vec<Value> {
        self.run().into_iter().map(|outcome| outcome.expect("AWS accepts the call")).collect()
    }
}

fn outcome(mut answer: Value) -> Result<Value, AwsError> {
    match answer.get_mut("error") {
        Some(error) => Err(serde_json::from_value(error.take()).expect("an error of aws.py")),
        None => Ok(answer["ok"].take()),
    }
}
