//! The user is put into the guard group, to which the guard is attached.

use crate::aws::{AwsError, Outcome, PATH};
use crate::enforce::check::Facts;
use crate::enforce::draft::GROUP;
use crate::enforce::site::Site;
use crate::enforce::wait::Waits;
use crate::journal::{Change, Past, Told};
use crate::ledger;

use super::{Act, Doing, Task, Trouble, guard_policy, permission};

pub(super) struct AddUserToGroup;

impl Act for AddUserToGroup {
    fn holds<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let groups = task.site.reader.groups_of(task.user).await?;
            if !groups.iter().any(|group| group.name == GROUP) {
                return Ok(false);
            }
            let attached = task.site.reader.attached_group_policies(GROUP).await?;
            Ok(attached.iter().any(|policy| policy.arn == task.action.policy_arn))
        })
    }

    fn no_room(&self, site: &Site, facts: &Facts) -> Option<String> {
        let used = i64::try_from(facts.groups.len()).unwrap_or(i64::MAX);
        let quota = site.groups_quota;
        (used >= quota).then(|| format!("it is in {used} groups, and may be in {quota}"))
    }

    fn prepare<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let arn = group_arn(task);
            permission(self.undo(task).await, self.undoing().1, &arn)?;
            // Looked at first: in an account where the group is somebody else's nothing is made.
            let found = look(task).await?;
            Box::pin(guard_policy::ensure(task)).await?;
            if found == Found::Absent {
                create(task, &arn).await?;
            } else {
                settle(task, &creation(task, &arn)).await?;
            }
            if found == Found::Guarding {
                settle(task, &attachment(task, &arn)).await
            } else {
                attach(task, &arn).await
            }
        })
    }

    fn make<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>> {
        Box::pin(task.site.writer.add_user_to_group(task.user, GROUP))
    }

    fn undo<'a>(&'a self, task: Task<'a>) -> Doing<'a, Result<Outcome, AwsError>> {
        Box::pin(task.site.writer.remove_user_from_group(task.user, GROUP))
    }

    fn call(&self) -> &'static str {
        "iam:AddUserToGroup"
    }

    fn undoing(&self) -> (&'static str, &'static str) {
        ("remove-user-from-group", "iam:RemoveUserFromGroup")
    }
}

/// The guard group as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Absent,
    /// Ours, but nothing is attached to it and nobody is in it.
    Empty,
    /// The guard, and nothing else, is attached to it.
    Guarding,
}

fn group_arn(task: Task<'_>) -> String {
    let account = task.site.account();
    account.partition.iam_arn(&account.id, &format!("group{PATH}{GROUP}"))
}

/// Looks whether the group is there and only what it should be: it gives its members no rights, and by attaching the
/// guard to it nobody is guarded whom the plan does not name.
async fn look(task: Task<'_>) -> Result<Found, Trouble> {
    let unread = |error: AwsError| Trouble::Refused(format!("the group {GROUP} could not be read: {error}"));
    let reader = &task.site.reader;
    let Some(group) = reader.group(GROUP).await.map_err(unread)? else { return Ok(Found::Absent) };
    let refused =
        |why: String| Err(Trouble::Refused(format!("the group {GROUP} is not as Portcullis makes it: {why}")));
    if group.group.arn != group_arn(task) {
        return refused(format!("it is {}", group.group.arn));
    }
    if let Some(name) = reader.group_policy_names(GROUP).await.map_err(unread)?.first() {
        return refused(format!("it has the inline policy {name}"));
    }
    let attached = reader.attached_group_policies(GROUP).await.map_err(unread)?;
    if let Some(other) = attached.iter().find(|policy| policy.arn != task.action.policy_arn) {
        return refused(format!("{} is attached to it", other.arn));
    }
    match (attached.is_empty(), group.members.len()) {
        (false, _) => Ok(Found::Guarding),
        (true, 0) => Ok(Found::Empty),
        (true, members) => refused(format!("the guard is not attached to it, and {members} users are in it")),
    }
}

fn creation(task: Task<'_>, arn: &str) -> Change {
    Change::new(&task.site.account().id, arn, "create-group", &["iam:CreateGroup"])
}

fn attachment(task: Task<'_>, arn: &str) -> Change {
    Change::new(&task.site.account().id, arn, "attach-group-policy", &["iam:AttachGroupPolicy"])
}

/// Ends what a killed run began and, as was seen, had made.
async fn settle(task: Task<'_>, change: &Change) -> Result<(), Trouble> {
    if task.journal.past(&change.id) == Some(&Past::Begun) {
        let told = Told { message: Some("found made after an interruption".to_owned()), ..made(task, change) };
        task.journal.outcome(change, ledger::Outcome::Done, told).await?;
    }
    Ok(())
}

fn made(task: Task<'_>, change: &Change) -> Told {
    let after = match change.action.as_str() {
        "create-group" => serde_json::json!({ "group": change.resource }),
        _ => serde_json::json!({ "attached_policies": [task.action.policy_arn] }),
    };
    Told { after: Some(after), ..Told::default() }
}

async fn create(task: Task<'_>, arn: &str) -> Result<(), Trouble> {
    let change = creation(task, arn);
    task.journal.intent(&change, None).await?;
    let (result, told) = match task.site.writer.create_group(GROUP).await {
        Ok(Outcome::Written { request_id, .. }) => (ledger::Outcome::Done, Told { request_id, ..made(task, &change) }),
        Ok(Outcome::AlreadyThere(error) | Outcome::NotThere(error)) => unless_seen(task, &change, &error, true).await,
        Err(error) => unless_seen(task, &change, &error, error.may_be_done()).await,
    };
    finish(task, &change, result, told).await
}

/// What a failure of making the group means: an attempt whose answer was lost may have made it.
async fn unless_seen(task: Task<'_>, change: &Change, error: &AwsError, may_be_done: bool) -> (ledger::Outcome, Told) {
    if may_be_done && seen(task).await == Some(Found::Empty) {
        let message = Some(format!("made, although AWS said: {error}"));
        return (ledger::Outcome::Done, Told { message, ..made(task, change) });
    }
    (ledger::Outcome::Failed, Told::message(error.to_string()))
}

/// The group, once it is seen.
async fn seen(task: Task<'_>) -> Option<Found> {
    let mut waits = Waits::new(task.patience);
    loop {
        match look(task).await {
            Ok(Found::Absent) | Err(_) => {}
            Ok(found) => return Some(found),
        }
        if !waits.again().await {
            return None;
        }
    }
}

async fn attach(task: Task<'_>, arn: &str) -> Result<(), Trouble> {
    let change = attachment(task, arn);
    task.journal.intent(&change, None).await?;
    let mut waits = Waits::new(task.patience);
    let answer = loop {
        let answer = task.site.writer.attach_group_policy(GROUP, &task.action.policy_arn).await;
        // Group and policy may have been made seconds ago.
        if !matches!(answer, Ok(Outcome::NotThere(_))) || !waits.again().await {
            break answer;
        }
    };
    let (result, told) = match answer {
        Ok(Outcome::Written { request_id, .. }) => (ledger::Outcome::Done, Told { request_id, ..made(task, &change) }),
        Ok(Outcome::AlreadyThere(error) | Outcome::NotThere(error)) => {
            (ledger::Outcome::Failed, Told::message(error.to_string()))
        }
        Err(error) if error.may_be_done() && matches!(look(task).await, Ok(Found::Guarding)) => {
            let message = Some(format!("made, although AWS said: {error}"));
            (ledger::Outcome::Done, Told { message, ..made(task, &change) })
        }
        Err(error) => (ledger::Outcome::Failed, Told::message(error.to_string())),
    };
    finish(task, &change, result, told).await
}

async fn finish(task: Task<'_>, change: &Change, result: ledger::Outcome, told: Told) -> Result<(), Trouble> {
    let failed = (result == ledger::Outcome::Failed).then(|| told.message.clone().unwrap_or_default());
    task.journal.outcome(change, result, told).await?;
    failed.map_or(Ok(()), |message| Err(Trouble::Failed(format!("{} failed: {message}", change.action))))
}
