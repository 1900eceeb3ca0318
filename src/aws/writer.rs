//! Changing one account's IAM: a method a call. Only enforcement, enrolment and onboarding are handed a
//! [`Writer`].
//!
//! A call is tried again where AWS throttles, fails, or is changing the same thing at this moment. Since an attempt that
//! failed may have been carried out, what exists already and what is not there are no errors but outcomes: the caller
//! knows which of them it wanted. What must not be done twice is tried again only where AWS says that it did nothing;
//! after another failure [`AwsError::may_be_done`] says whether to look first.
//!
//! Writes reach all of AWS after seconds (8 to 14 were seen): what was just made may not be there yet.

mod groups;
mod mfa;
mod policies;
mod users;

use std::error::Error;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::call;
use super::error::{AwsError, ErrorKind};
use super::meter::Meter;
use super::operation::Operation;
use super::retry::{OnlyIfRefused, WhileBusy};
use crate::model::Account;

pub use mfa::NewDevice;
pub use policies::NewPolicy;
pub use users::{MadeUser, NewUser};

/// The path of everything that Portcullis makes.
pub const PATH: &str = "/portcullis/";

/// What came of a write. Not to be ignored: two of the three did nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing may have been written"]
pub enum Outcome<T = ()> {
    /// AWS did it, or found it done by the same call before.
    Written {
        /// The id under which AWS's support, and `CloudTrail`, find the call.
        request_id: Option<String>,
        /// What AWS told of what it made.
        made: T,
    },
    /// Something of that name exists: from before, or by an attempt of this call whose answer was lost.
    AlreadyThere(AwsError),
    /// What it is about does not exist (any more, or not everywhere yet); the error says which.
    NotThere(AwsError),
}

/// Writes to one account. Clones share credentials, connections and counters.
///
/// Every method fails with an [`AwsError`] that names operation and account; quotas are [`ErrorKind::Limit`].
#[derive(Debug, Clone)]
pub struct Writer {
    account: Account,
    /// For what may be done twice.
    iam: Client,
    /// For what may not.
    once: Client,
    meter: Meter,
}

impl Writer {
    /// A writer of `account` through `iam`, whose requests `meter` counts.
    pub(super) fn new(account: Account, iam: Builder, meter: Meter) -> Self {
        let iam = iam.retry_classifier(WhileBusy);
        let once = iam.clone().retry_classifier(OnlyIfRefused);
        Self { account, iam: Client::from_conf(iam.build()), once: Client::from_conf(once.build()), meter }
    }

    /// The account it writes to.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Counts the requests signed with the credentials of this account, those of the reader from the same
    /// [`super::Hub::enter_to_write`] included.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Waits for the answer of a write; `made` takes from it what the caller must know.
    async fn write<A, E, T>(
        &self,
        operation: Operation,
        sent: impl Future<Output = Result<A, SdkError<E, HttpResponse>>>,
        made: impl FnOnce(A) -> Result<T, AwsError>,
    ) -> Result<Outcome<T>, AwsError>
    where
        A: RequestId,
        E: Error + ProvideErrorMetadata + 'static,
    {
        match call::answer(operation, Some(&self.account.id), sent).await {
            Ok(answer) => {
                let request_id = answer.request_id().map(str::to_owned);
                Ok(Outcome::Written { request_id, made: made(answer)? })
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Outcome::AlreadyThere(error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Outcome::NotThere(error)),
            Err(error) => Err(error),
        }
    }

    /// An answer without something that AWS always sends.
    fn incomplete(&self, operation: Operation, what: &str) -> AwsError {
        AwsError::new(ErrorKind::Other, format!("the answer has no {what}")).at(operation, Some(&self.account.id))
    }
}

/// For writes whose answer says nothing.
#[expect(clippy::unnecessary_wraps, reason = "it stands where others can fail")]
fn nothing<A>(_: A) -> Result<(), AwsError> {
    Ok(())
}
