//! What can be done to a user: an action is one file here and one line in [`of`].

mod add_user_to_group;
mod attach_user_policy;
mod guard_policy;
mod repair_guard_policy;

use std::pin::Pin;
use std::time::Duration;

use crate::aws::{AwsError, Outcome};
use crate::iam::guard::Variant;
use crate::ledger::LedgerError;

use super::check::Facts;
use super::guard::fingerprint;
use super::plan::{Action, Kind};
use super::site::Site;
use crate::journal::Journal;

/// An asynchronous answer.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a change cannot be made.
#[derive(Debug)]
pub enum Trouble {
    /// A precondition does not hold; nothing was changed.
    Refused(String),
    /// A write failed.
    Failed(String),
    /// It could not be written down: nothing more may be changed.
    Ledger(LedgerError),
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// One change of a plan, in its account.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The account.
    pub site: &'a Site,
    /// The change.
    pub action: &'a Action,
    /// The guard.
    pub variant: Variant,
    /// The user's friendly name.
    pub user: &'a str,
    /// Where it is written down.
    pub journal: &'a Journal,
    /// How long to wait for what was written to be seen.
    pub patience: Duration,
}

/// A way to put a user under a guard, and to take it back.
pub trait Act: Sync {
    /// Whether it is done to a user, whose preconditions are to be read.
    fn is_about_user(&self) -> bool {
        true
    }

    /// Whether the user is under the guard in this way, as AWS tells it now.
    fn holds<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<bool, AwsError>>;

    /// Why there is no room for it, by what was just read.
    fn no_room(&self, site: &Site, facts: &Facts) -> Option<String>;

    /// Shows that the role may take it back, by taking it from a user who does not have it, and makes what all users of
    /// the account share.
    fn prepare<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<(), Trouble>>;

    /// Puts the user under the guard: one call.
    fn make<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>>;

    /// Takes it back: one call.
    fn undo<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>>;

    /// The call that makes it.
    fn call(&self) -> &'static str;

    /// What is taken back, in the words of the ledger, and the call.
    fn undoing(&self) -> (&'static str, &'static str);

    /// Of a policy: the version that counts now.
    fn version<'a>(&'a self, _: Task<'a>) -> Doing<'a, Option<String>> {
        Box::pin(std::future::ready(None))
    }
}

/// The action of a kind.
#[must_use]
pub fn of(kind: Kind) -> &'static dyn Act {
    match kind {
        Kind::AttachUserPolicy => &attach_user_policy::AttachUserPolicy,
        Kind::AddUserToGroup => &add_user_to_group::AddUserToGroup,
        Kind::RepairGuardPolicy => &repair_guard_policy::RepairGuardPolicy,
    }
}

/// Why the guard policy may not be put on one more user, if so.
pub async fn drift(task: Task<'_>) -> Option<String> {
    guard_policy::objection(task).await
}

/// Makes sure that the guard policy of an account is there with its document, outside a plan; whether it was made now.
///
/// # Errors
///
/// If the policy has another document or its name is taken, it cannot be read or made, or the ledger not be written.
pub async fn ensure_guard(
    site: &Site,
    variant: Variant,
    journal: &Journal,
    patience: Duration,
) -> Result<bool, Trouble> {
    let mut action = Action::bare(site.account(), &site.policy_arn(variant), Kind::AttachUserPolicy, variant);
    let document = site.guards.document(variant, site.account().partition.as_str());
    action.document_sha256 = document.as_deref().map(fingerprint).unwrap_or_default();
    let task = Task { site, action: &action, variant, user: "", journal, patience };
    Box::pin(guard_policy::ensure(task)).await
}

/// What the proof that a change can be taken back says of AWS's answer.
fn permission(answer: Result<Outcome, AwsError>, call: &str, resource: &str) -> Result<(), Trouble> {
    match answer {
        // AWS looks for permission before it looks for the policy.
        Ok(Outcome::NotThere(_) | Outcome::Written { .. } | Outcome::AlreadyThere(_)) => Ok(()),
        Err(error) if error.kind() == crate::aws::ErrorKind::Denied => Err(Trouble::Refused(format!(
            "the role may not take the guard off again, so it puts none on: it needs {{\"Effect\": \"Allow\", \
             \"Action\": \"{call}\", \"Resource\": \"{resource}\"}} ({error})"
        ))),
        Err(error) => Err(Trouble::Refused(format!("it could not be shown that the guard can be taken off: {error}"))),
    }
}
