//! The one pool of connections for all accounts: TLS, proxies and the trust store.
//!
//! The proxy is the environment's (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`); the trust store the system's,
//! or the file named by `AWS_CA_BUNDLE` in its stead, as in the AWS CLI. Plain HTTP endpoints work too.

use std::error::Error;
use std::fmt;
use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::error::{AwsError, ErrorKind};

/// The pool of connections.
///
/// # Errors
///
/// If `ca_bundle` cannot be read or holds no usable certificate.
pub(super) fn pool(ca_bundle: Option<&Path>) -> Result<SharedHttpClient, AwsError> {
    let mut tls = TlsContext::builder();
    if let Some(path) = ca_bundle {
        tls = tls.with_trust_store(TrustStore::empty().with_pem_certificate(certificates(path)?));
    }
    let tls = tls.build().map_err(|error| AwsError::new(ErrorKind::Settings, format!("TLS: {error}")))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, _components| {
        Connector::builder()
            .connector_settings(settings.cloned().unwrap_or_default())
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls.clone())
            .build()
    }))
}

/// The bytes of a PEM file of certificates, each of which can be trusted: the SDK panics on one that cannot.
fn certificates(path: &Path) -> Result<Vec<u8>, AwsError> {
    let refused = |why: String| {
        AwsError::new(ErrorKind::Settings, format!("certificates of AWS_CA_BUNDLE, `{}`: {why}", path.display()))
    };
    let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let found = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused(format!("not PEM: {error}")))?;
    if found.is_empty() {
        return Err(refused("the file has no PEM certificate".to_owned()));
    }
    let mut store = rustls::RootCertStore::empty();
    for (index, certificate) in found.into_iter().enumerate() {
        store.add(certificate).map_err(|error| refused(format!("certificate {}: {error}", index + 1)))?;
    }
    Ok(bytes)
}

/// A connection error with the endpoint it happened at.
#[derive(Debug)]
pub(super) struct AtEndpoint {
    /// Scheme, host and port.
    pub(super) endpoint: String,
    /// What happened.
    pub(super) source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for AtEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no connection to {}", self.endpoint)
    }
}

impl Error for AtEndpoint {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_ca_bundle_is_an_error_that_names_it() {
        let missing = pool(Some(Path::new("/nonexistent/ca.pem"))).unwrap_err();
        assert!(missing.to_string().contains("AWS_CA_BUNDLE, `/nonexistent/ca.pem`: No such file"), "{missing}");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        for (text, why) in [
            ("hello", "no PEM certificate"),
            ("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", "certificate 1: "),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = pool(Some(&file)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings);
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
