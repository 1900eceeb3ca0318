//! The guard policy of an account: there with our document, made, or a reason to change nothing there.

use serde_json::json;

use crate::aws::{AwsError, NewPolicy, Outcome};
use crate::enforce::guard::{fingerprint, same};
use crate::enforce::wait::Waits;
use crate::journal::{Change, Past, Told};
use crate::ledger;
use crate::model::Tag;

use super::{Task, Trouble};

/// What our ARN stands for.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Absent,
    /// Our document.
    Intact,
    /// Another document.
    Drifted,
}

/// Makes sure that the guard policy is there with its document; whether it was made now.
///
/// # Errors
///
/// If the policy has another document or its name is taken, or it cannot be read or made.
pub(super) async fn ensure(task: Task<'_>) -> Result<bool, Trouble> {
    let change = creation(task);
    match look(task).await.map_err(|error| Trouble::Refused(format!("the guard policy: {error}")))? {
        Found::Intact => settle(task, &change).await.map(|()| false),
        Found::Drifted => Err(Trouble::Refused(drifted(task))),
        Found::Absent => {
            let name = task.variant.policy_name();
            let taken = task.site.managed.iter().find(|policy| {
                !policy.is_aws_managed() && policy.name.eq_ignore_ascii_case(name) && policy.arn != change.resource
            });
            if let Some(taken) = taken {
                return Err(name_taken(name, &taken.arn));
            }
            create(task, &change).await.map(|()| true)
        }
    }
}

fn drifted(task: Task<'_>) -> String {
    format!("{} has another document than ours; `enforce plan --repair` proposes to mend it", task.action.policy_arn)
}

/// Why the guard policy may not be attached although it was right when the account was prepared, if so: somebody may
/// have edited it since.
pub(super) async fn objection(task: Task<'_>) -> Option<String> {
    let mut waits = Waits::new(task.patience);
    loop {
        match look(task).await {
            Ok(Found::Intact) => return None,
            Ok(Found::Drifted) => return Some(drifted(task)),
            Err(error) => return Some(format!("the guard policy: {error}")),
            // It may have been made seconds ago.
            Ok(Found::Absent) if waits.again().await => {}
            Ok(Found::Absent) => return Some(format!("{} is not there any more", task.action.policy_arn)),
        }
    }
}

fn name_taken(name: &str, by: &str) -> Trouble {
    Trouble::Refused(format!("another policy is called {name} already, under another path: {by}"))
}

fn creation(task: Task<'_>) -> Change {
    let arn = &task.action.policy_arn;
    Change::new(&task.site.account().id, arn, "create-policy", &["iam:CreatePolicy"])
}

async fn look(task: Task<'_>) -> Result<Found, AwsError> {
    let arn = &task.action.policy_arn;
    let Some(policy) = task.site.reader.policy(arn).await? else { return Ok(Found::Absent) };
    let Some(document) = task.site.reader.policy_document(arn, &policy.default_version).await? else {
        return Ok(Found::Absent);
    };
    let is_ours = ours(task).is_some_and(|expected| same(&document, &expected));
    Ok(if is_ours { Found::Intact } else { Found::Drifted })
}

fn ours(task: Task<'_>) -> Option<String> {
    task.site.guards.document(task.variant, task.site.account().partition.as_str()).ok()
}

/// Ends what a killed run began and, as was seen, had made.
async fn settle(task: Task<'_>, change: &Change) -> Result<(), Trouble> {
    if task.journal.past(&change.id) == Some(&Past::Begun) {
        let told = Told { message: Some("found made after an interruption".to_owned()), ..made(task) };
        task.journal.outcome(change, ledger::Outcome::Done, told).await?;
    }
    Ok(())
}

fn made(task: Task<'_>) -> Told {
    let after = json!({ "policy": task.action.policy_arn, "document_sha256": task.action.document_sha256 });
    Told { after: Some(after), ..Told::default() }
}

async fn create(task: Task<'_>, change: &Change) -> Result<(), Trouble> {
    let Some(document) = ours(task) else {
        return Err(Trouble::Refused("the guard's document cannot be read".to_owned()));
    };
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let tags = [
        tag("portcullis:document-sha256", &fingerprint(&document)),
        tag("portcullis:version", env!("CARGO_PKG_VERSION")),
    ];
    let policy = NewPolicy {
        name: task.variant.policy_name(),
        description: "Denies everything but enrolling an MFA device to whoever signed in without MFA. Made by Portcullis.",
        document: &document,
        tags: &tags,
    };
    task.journal.intent(change, None).await?;
    let done = |request_id, message| (ledger::Outcome::Done, Told { request_id, message, ..made(task) });
    let failed = |message: String| (ledger::Outcome::Failed, Told::message(message));
    let mut refused = None;
    let (result, told) = match task.site.writer.create_policy(&policy).await {
        Ok(Outcome::Written { request_id, .. }) if seen(task).await => done(request_id, None),
        Ok(Outcome::Written { .. }) => failed(format!("{} was made and is not seen", change.resource)),
        // Made by an attempt of this call whose answer was lost, or somebody else's under another path.
        Ok(Outcome::AlreadyThere(_)) if seen(task).await => done(None, None),
        Ok(Outcome::AlreadyThere(error)) => {
            refused = Some(name_taken(policy.name, &error.reason()));
            failed(error.to_string())
        }
        Err(error) if error.may_be_done() && matches!(look(task).await, Ok(Found::Intact)) => {
            done(None, Some(format!("made, although AWS said: {error}")))
        }
        Ok(Outcome::NotThere(error)) | Err(error) => failed(error.to_string()),
    };
    let message = (result == ledger::Outcome::Failed).then(|| told.message.clone().unwrap_or_default());
    task.journal.outcome(change, result, told).await?;
    match (refused, message) {
        (Some(refused), _) => Err(refused),
        (None, Some(message)) => Err(Trouble::Failed(format!("create-policy failed: {message}"))),
        (None, None) => Ok(()),
    }
}

/// Whether the policy is seen with our document, sooner or later.
async fn seen(task: Task<'_>) -> bool {
    let mut waits = Waits::new(task.patience);
    loop {
        match look(task).await {
            Ok(Found::Intact) => return true,
            Ok(Found::Drifted) => return false,
            Ok(Found::Absent) | Err(_) => {}
        }
        if !waits.again().await {
            return false;
        }
    }
}
