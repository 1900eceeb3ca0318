//! What a person reads when AWS, or the way to it, fails.
//!
//! Decisions rest on AWS's error codes, never on its texts. Texts and codes are shown through
//! [`Untrusted`], since whoever answers on the endpoint chose them.

mod cause;
mod kind;

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::operation::Operation;
use crate::model::untrusted::Untrusted;

pub use kind::ErrorKind;
use kind::kind_of_code;
pub(super) use kind::{BUSY, THROTTLED};

/// The request id in the text of an answer in XML, where no header tells it.
fn request_id_of_body<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let body = std::str::from_utf8(error.raw_response()?.body().bytes()?).ok()?;
    let id = body.split_once("<RequestId>")?.1.split_once("</RequestId>")?.0;
    Some(id.trim().to_owned())
}

/// A failed call, or what kept it from being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    operation: Option<Operation>,
    account: Option<String>,
    kind: ErrorKind,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    hint: Option<String>,
}

impl AwsError {
    /// A failure of `kind` that no call is to blame for.
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            operation: None,
            account: None,
            kind,
            code: None,
            message: message.into(),
            request_id: None,
            hint: None,
        }))
    }

    /// The failure that an error code means, for the tests of other modules.
    #[cfg(test)]
    pub(crate) fn of_test(code: &str) -> Self {
        Self::of_code(code, Some("as the test says"))
    }

    /// The same, for a call of `operation`.
    #[cfg(test)]
    pub(crate) fn of_operation(self, operation: Operation) -> Self {
        self.at(operation, None)
    }

    /// The same, for a call of `operation` in `account`.
    pub(super) fn at(mut self, operation: Operation, account: Option<&str>) -> Self {
        self.0.operation = Some(operation);
        self.0.account = account.map(str::to_owned);
        self
    }

    /// The same, with what to do about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same, with the profile named where the hint tells the user to sign in.
    pub(super) fn for_profile(mut self, profile: Option<&str>) -> Self {
        if let (Some(profile), Some(hint)) = (profile, &self.0.hint) {
            self.0.hint = Some(hint.replace("`aws sso login`", &format!("`aws sso login --profile {profile}`")));
        }
        self
    }

    /// The failure of a call.
    pub(super) fn of_call<E>(operation: Operation, account: Option<&str>, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let mut failure = match error.code() {
            Some(code) => Self::of_code(code, error.message()),
            None => Self::without_code(error),
        };
        failure.0.request_id = error.request_id().map(str::to_owned).or_else(|| request_id_of_body(error));
        failure.at(operation, account)
    }

    fn of_code(code: &str, message: Option<&str>) -> Self {
        let kind = kind_of_code(code);
        let mut failure = Self::new(kind, message.unwrap_or_default().trim());
        failure.0.code = Some(code.to_owned());
        match (kind, code) {
            (_, "ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
                failure.hint("the session has expired: sign in again, for example with `aws sso login`")
            }
            (ErrorKind::NoCredentials, _) => {
                failure.hint("AWS does not know these credentials: check the access key, or sign in again")
            }
            _ => failure,
        }
    }

    fn without_code<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        if let Some(failure) = cause::of_credentials(error) {
            return failure;
        }
        let cause = cause::root(error);
        match error {
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => Self::new(ErrorKind::Unreachable, cause),
            SdkError::ConstructionFailure(_) => Self::new(ErrorKind::Settings, cause),
            _ => match error.raw_response().map(|response| response.status().as_u16()) {
                Some(429) => Self::new(ErrorKind::Throttled, "HTTP status 429"),
                Some(status) if status >= 400 => {
                    Self::new(ErrorKind::Other, format!("HTTP status {status} without an error code of AWS"))
                        .hint("is it AWS, or a proxy in between, that answers at this endpoint?")
                }
                _ => Self::new(ErrorKind::Other, format!("the answer could not be read: {cause}")),
            },
        }
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// AWS's error code on the wire, such as `NoSuchEntity` or `ReportInProgress`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The operation that failed, if it was one.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The account it was called in.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.0.account.as_deref()
    }

    /// What AWS, or the way to it, said: untrusted text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The id under which AWS's support finds the call.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Whether AWS may have done what was asked nevertheless: nothing came back, or nothing that says it was refused.
    ///
    /// After such a failure of a write, look before writing again. Throttling counts, since an attempt before the last
    /// may have failed otherwise.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(self.kind(), ErrorKind::Unreachable | ErrorKind::Throttled | ErrorKind::Other)
    }

    /// A short reason for tables and for grouping: the error code, else the message, made safe to show.
    #[must_use]
    pub fn reason(&self) -> String {
        Untrusted(self.code().unwrap_or_else(|| self.message())).to_string()
    }
}

impl Error for AwsError {}

impl fmt::Display for AwsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { operation, account, code, message, request_id, hint, .. } = &*self.0;
        if let Some(operation) = operation {
            formatter.write_str(operation.name())?;
            if let Some(account) = account {
                write!(formatter, " in account {}", Untrusted(account))?;
            }
            formatter.write_str(": ")?;
        }
        match (code, message.is_empty()) {
            (Some(code), false) => write!(formatter, "{}: {}", Untrusted(code), Untrusted(message))?,
            (Some(code), true) => write!(formatter, "{}", Untrusted(code))?,
            (None, _) => write!(formatter, "{}", Untrusted(message))?,
        }
        if let Some(id) = request_id {
            write!(formatter, " (request id {})", Untrusted(id))?;
        }
        if let Some(hint) = hint {
            write!(formatter, "; {}", Untrusted(hint))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_operation_account_code_and_request() {
        let mut error =
            AwsError::of_code("AccessDenied", Some("no\u{1b}[31m")).at(Operation::ListMfaDevices, Some("1"));
        error.0.request_id = Some("r-1".to_owned());
        let text = "iam:ListMFADevices in account 1: AccessDenied: no\\u{1b}[31m (request id r-1)";
        assert_eq!(error.to_string(), text);
        assert_eq!(error.kind(), ErrorKind::Denied);
    }
}
