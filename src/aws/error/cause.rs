//! The cause at the bottom of an SDK error, in words.
//!
//! The SDK wraps causes many times ("dispatch failure", "io error", "client error (Connect)"); only the innermost says
//! what happened.

use std::error::Error;
use std::io;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;

use super::{AwsError, ErrorKind};
use crate::aws::http::AtEndpoint;

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        // `io::Error::source` skips the error that it was made of.
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// What happened, from the innermost error, and at which endpoint if that is known.
pub(super) fn root(error: &(dyn Error + 'static)) -> String {
    let mut cause = String::new();
    for link in chain(error) {
        let text = link.downcast_ref::<io::Error>().map_or_else(|| link.to_string(), in_words);
        // The SDK's marker for timeouts follows the text that says which timeout and how long.
        if !(text.is_empty() || text == "timed out" && !cause.is_empty()) {
            cause = text;
        }
    }
    match chain(error).find_map(|link| link.downcast_ref::<AtEndpoint>()) {
        Some(at) => format!("cannot reach {}: {cause}", at.endpoint),
        None => cause,
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        io::ErrorKind::HostUnreachable => "host unreachable".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        _ => error.to_string(),
    }
}

/// The failure, if it is that no credentials could be had.
pub(super) fn of_credentials(error: &(dyn Error + 'static)) -> Option<AwsError> {
    let failure = chain(error).find_map(|link| link.downcast_ref::<CredentialsError>())?;
    if let Some(tried) = chain(failure).find_map(|link| link.downcast_ref::<ProviderChainError<CredentialsError>>()) {
        let tried: Vec<_> = tried.attempts().iter().map(|attempt| provider(attempt.name())).collect();
        let message = format!("no AWS credentials found; tried {}", tried.join(", "));
        return Some(AwsError::new(ErrorKind::NoCredentials, message).hint(
            "name a profile with --profile or AWS_PROFILE, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
             or run `aws sso login`",
        ));
    }
    let whole: Vec<_> = chain(failure).map(ToString::to_string).collect();
    let mentions = |word: &str| whole.iter().any(|text| text.contains(word));
    let message = root(failure);
    // These are texts of the SDK that this program is built with, not of AWS: it has no codes for them.
    let answer = if mentions("credentials-login") {
        AwsError::new(ErrorKind::NoCredentials, "the profile signs in with `aws login`, which is not supported")
            .hint("use an IAM Identity Center profile with `aws sso login`, or set keys in the environment")
    } else if mentions("SSO") || mentions("sso/cache") {
        let message = format!("the IAM Identity Center session cannot be used: {message}");
        AwsError::new(ErrorKind::NoCredentials, message).hint("run `aws sso login`")
    } else {
        AwsError::new(ErrorKind::NoCredentials, format!("no AWS credentials: {message}"))
    };
    Some(answer)
}

/// A credential source in words; the names are those of the SDK's default chain.
fn provider(name: &str) -> &str {
    match name {
        "Environment" => "environment variables",
        "Profile" => "the profile in ~/.aws",
        "WebIdentityToken" => "a web identity token",
        "EcsContainer" => "container credentials",
        "Ec2InstanceMetadata" => "the instance's metadata",
        other => other,
    }
}
