//! The guard is attached to the user.

use crate::aws::{AwsError, Outcome};
use crate::enforce::check::Facts;
use crate::enforce::site::Site;
use crate::journal::{Change, Told};
use crate::ledger;

use super::{Act, Doing, Task, Trouble, guard_policy, permission};

pub(super) struct AttachUserPolicy;

impl Act for AttachUserPolicy {
    fn holds<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let attached = task.site.reader.attached_user_policies(task.user).await?;
            Ok(attached.iter().any(|policy| policy.arn == task.action.policy_arn))
        })
    }

    fn no_room(&self, site: &Site, facts: &Facts) -> Option<String> {
        let used = i64::try_from(facts.attached.len()).unwrap_or(i64::MAX);
        let quota = site.attached_quota;
        (used >= quota).then(|| format!("{used} policies are attached to it, and {quota} may be"))
    }

    fn prepare<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let (name, call) = self.undoing();
            let answer = self.undo(task).await;
            if let Ok(Outcome::Written { request_id, .. }) = &answer {
                // Attached seconds ago, by a run that was killed say, and not seen; it is attached again.
                let change = Change::new(&task.action.account, &task.action.resource, name, &[call]);
                let message = "it was attached although that was not seen; taken off to show that it can be";
                let told = Told { request_id: request_id.clone(), ..Told::message(message) };
                task.journal.outcome(&change, ledger::Outcome::Done, told).await?;
            }
            permission(answer, call, &task.action.resource)?;
            Box::pin(guard_policy::ensure(task)).await.map(drop)
        })
    }

    fn make<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>> {
        Box::pin(task.site.writer.attach_user_policy(task.user, &task.action.policy_arn))
    }

    fn undo<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>> {
        Box::pin(task.site.writer.detach_user_policy(task.user, &task.action.policy_arn))
    }

    fn call(&self) -> &'static str {
        "iam:AttachUserPolicy"
    }

    fn undoing(&self) -> (&'static str, &'static str) {
        ("detach-user-policy", "iam:DetachUserPolicy")
    }
}
