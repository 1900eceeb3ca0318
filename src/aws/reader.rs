//! Reading one account's IAM: a method a call, none of which changes anything.

mod authorization;
mod credentials;
mod policies;
mod report;
mod rights;
mod simulate;
mod whole;

use std::error::Error;

use aws_sdk_iam::Client;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::call;
use super::error::{AwsError, ErrorKind};
use super::meter::Meter;
use super::operation::Operation;
use crate::model::Account;

/// Reads one account. Clones share credentials, connections and counters.
///
/// Every method fails with an [`AwsError`] that names operation and account. What is gone meanwhile is
/// [`ErrorKind::NotFound`]; a list of which one page fails fails as a whole.
#[derive(Debug, Clone)]
pub struct Reader {
    account: Account,
    iam: Client,
    meter: Meter,
    used_own_credentials: bool,
}

impl Reader {
    /// A reader of `account` through `iam`, whose requests `meter` counts.
    pub(super) fn new(account: Account, iam: Client, meter: Meter, used_own_credentials: bool) -> Self {
        Self { account, iam, meter, used_own_credentials }
    }

    /// The account it reads.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Counts the requests signed with credentials of this account.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Whether it reads with the caller's own credentials instead of the role's.
    #[must_use]
    pub fn used_own_credentials(&self) -> bool {
        self.used_own_credentials
    }

    async fn answer<T, E>(
        &self,
        operation: Operation,
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, AwsError>
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        call::answer(operation, Some(&self.account.id), sent).await
    }

    async fn pages<P, E>(
        &self,
        operation: Operation,
        stream: PaginationStream<Result<P, SdkError<E, HttpResponse>>>,
        take: impl FnMut(P) -> bool,
    ) -> Result<(), AwsError>
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        call::pages(operation, Some(&self.account.id), stream, take).await
    }

    /// An answer without something that AWS always sends.
    fn incomplete(&self, operation: Operation, what: &str) -> AwsError {
        AwsError::new(ErrorKind::Other, format!("the answer has no {what}")).at(operation, Some(&self.account.id))
    }
}

/// `None` for what does not exist.
fn optional<T>(answer: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
