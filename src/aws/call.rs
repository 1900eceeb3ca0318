//! The one way to call AWS: every answer, page and failure passes here with its operation and account.

use std::error::Error;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::error::{AwsError, ErrorKind};
use super::operation::Operation;

/// Waits for one answer.
pub(super) async fn answer<T, E>(
    operation: Operation,
    account: Option<&str>,
    sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, AwsError>
where
    E: Error + ProvideErrorMetadata + 'static,
{
    sent.await.map_err(|error| AwsError::of_call(operation, account, &error))
}

/// Hands every page to `take`, which says whether AWS has more pages after it.
///
/// A page that fails fails the whole list. The SDK stops without an error when AWS repeats a page token or leaves it
/// out of an answer that says it is cut off; then the list would look whole, so that is an error here.
pub(super) async fn pages<P, E>(
    operation: Operation,
    account: Option<&str>,
    mut stream: PaginationStream<Result<P, SdkError<E, HttpResponse>>>,
    mut take: impl FnMut(P) -> bool,
) -> Result<(), AwsError>
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let mut more = false;
    while let Some(page) = stream.next().await {
        more = take(page.map_err(|error| AwsError::of_call(operation, account, &error))?);
    }
    if more {
        let message = "AWS said that there is more but named no new page; the answer is incomplete";
        return Err(AwsError::new(ErrorKind::Other, message).at(operation, account));
    }
    Ok(())
}
