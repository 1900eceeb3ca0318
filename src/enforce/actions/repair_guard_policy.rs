//! A guard policy that somebody edited gets our document again: as a new version, which becomes the one that counts.

use crate::aws::{AwsError, Outcome};
use crate::enforce::check::Facts;
use crate::enforce::guard::same;
use crate::enforce::site::Site;
use crate::journal::{Change, Told};
use crate::ledger;

use super::{Act, Doing, Task, Trouble};

/// How many versions a policy may have.
const VERSIONS: usize = 5;

pub(super) struct RepairGuardPolicy;

impl Act for RepairGuardPolicy {
    fn is_about_user(&self) -> bool {
        false
    }

    fn holds<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let arn = &task.action.policy_arn;
            let Some(policy) = task.site.reader.policy(arn).await? else { return Ok(false) };
            let document = task.site.reader.policy_document(arn, &policy.default_version).await?;
            Ok(document.zip(ours(task)).is_some_and(|(is, expected)| same(&is, &expected)))
        })
    }

    fn no_room(&self, _: &Site, _: &Facts) -> Option<String> {
        None
    }

    fn prepare<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let arn = &task.action.policy_arn;
            let unread = |error: AwsError| Trouble::Refused(format!("{arn} could not be read: {error}"));
            let refused = |why: String| Err(Trouble::Refused(why));
            let Some(policy) = task.site.reader.policy(arn).await.map_err(unread)? else {
                return refused(format!("{arn} does not exist any more"));
            };
            let expected = task.action.expects.default_version.as_deref();
            if expected != Some(policy.default_version.as_str()) {
                let was = expected.unwrap_or("an unknown version");
                return refused(format!("{} counts now, where it was {was} in the plan", policy.default_version));
            }
            let versions = task.site.reader.policy_versions(arn).await.map_err(unread)?;
            if versions.len() < VERSIONS {
                return Ok(());
            }
            let others =
                versions.into_iter().filter(|version| !version.is_default && version.id != policy.default_version);
            match others.min_by_key(|version| number(&version.id)) {
                Some(oldest) => prune(task, &oldest.id).await,
                None => refused(format!("{arn} has no room for another version")),
            }
        })
    }

    fn make<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>> {
        Box::pin(async move {
            let document = ours(task).unwrap_or_default();
            let made = task.site.writer.create_policy_version(&task.action.policy_arn, &document).await?;
            Ok(match made {
                Outcome::Written { request_id, .. } => Outcome::Written { request_id, made: () },
                Outcome::AlreadyThere(error) => Outcome::AlreadyThere(error),
                Outcome::NotThere(error) => Outcome::NotThere(error),
            })
        })
    }

    fn undo<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>> {
        let before = task.action.expects.default_version.as_deref().unwrap_or_default();
        Box::pin(task.site.writer.set_default_policy_version(&task.action.policy_arn, before))
    }

    fn call(&self) -> &'static str {
        "iam:CreatePolicyVersion"
    }

    fn undoing(&self) -> (&'static str, &'static str) {
        ("set-default-policy-version", "iam:SetDefaultPolicyVersion")
    }

    fn version<'a>(&'a self, task: Task<'a>) -> Doing<'a, Option<String>> {
        Box::pin(async move {
            let policy = task.site.reader.policy(&task.action.policy_arn).await.ok()??;
            Some(policy.default_version)
        })
    }
}

fn ours(task: Task<'_>) -> Option<String> {
    task.site.guards.document(task.variant, task.site.account().partition.as_str()).ok()
}

/// The number of a version: `v10` is younger than `v9`.
fn number(version: &str) -> u64 {
    version.trim_start_matches('v').parse().unwrap_or(u64::MAX)
}

/// Makes room for a version.
async fn prune(task: Task<'_>, version: &str) -> Result<(), Trouble> {
    let arn = &task.action.policy_arn;
    let mut change = Change::new(&task.site.account().id, arn, "delete-policy-version", &["iam:DeletePolicyVersion"]);
    change.id = Change::new(&task.site.account().id, arn, &format!("delete-policy-version {version}"), &[]).id;
    task.journal.intent(&change, Some(serde_json::json!({ "version": version }))).await?;
    let (result, told) = match task.site.writer.delete_policy_version(arn, version).await {
        Ok(Outcome::Written { request_id, .. }) => (ledger::Outcome::Done, Told { request_id, ..Told::default() }),
        Ok(Outcome::NotThere(_) | Outcome::AlreadyThere(_)) => (ledger::Outcome::Already, Told::default()),
        Err(error) => (ledger::Outcome::Failed, Told::message(error.to_string())),
    };
    let failed = (result == ledger::Outcome::Failed).then(|| told.message.clone().unwrap_or_default());
    task.journal.outcome(&change, result, told).await?;
    failed.map_or(Ok(()), |why| Err(Trouble::Failed(format!("delete-policy-version {version} failed: {why}"))))
}
