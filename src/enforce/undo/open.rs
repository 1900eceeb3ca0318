//! A user is let out by one gate after the other.

use serde_json::{Value, json};

use crate::aws::{self, AwsError};
use crate::enforce::actions::{self, Act, Task};
use crate::enforce::check::sorted;
use crate::enforce::draft::GROUP;
use crate::enforce::gate::{Gate, group_arn};
use crate::enforce::plan::{Action, Kind};
use crate::enforce::site::Site;
use crate::enforce::user_name;
use crate::enforce::wait::Waits;
use crate::journal::Told;
use crate::ledger::{LedgerError, Outcome};

use super::{Done, Run, Step, change, other_user};

/// The words where no gate says more.
pub(super) const WORDS: (&str, &str, &str) = ("detach-user-policy", "iam:DetachUserPolicy", "");

/// What is done in the words of the ledger, its call, and the guard.
pub(super) fn words(gate: &Gate) -> (&'static str, &'static str, &'static str) {
    let Some(kind) = gate.kind() else { return WORDS };
    let (action, call) = actions::of(kind).undoing();
    (action, call, gate.variant().policy_name())
}

/// What a user has of one kind: the ARNs of attached policies, or the names of groups, sorted.
struct Has {
    field: &'static str,
    names: Vec<String>,
    /// The one that is taken away.
    ours: String,
    /// Whether it is among them.
    holds: bool,
    /// The guard: the name of its policy.
    guard: String,
}

impl Has {
    fn before(&self) -> Value {
        json!({ self.field: self.names, "guard": self.guard })
    }

    fn after(&self) -> Value {
        let rest: Vec<&String> = self.names.iter().filter(|name| **name != self.ours).collect();
        json!({ self.field: rest, "guard": self.guard })
    }
}

/// An action as [`Act`] takes it: what is taken back, of which user.
pub(super) fn action(step: &Step, gate: &Gate, kind: Kind) -> Action {
    Action::bare(&step.account, &step.resource, kind, gate.variant())
}

impl Run {
    /// Lets a user out.
    pub(super) async fn open(
        &self,
        site: &Site,
        step: &Step,
        gates: &[Gate],
        only_with_device: bool,
    ) -> Result<Vec<Done>, LedgerError> {
        if let Some(why) = self.may_not_open(site, step, only_with_device).await {
            return self.skip(step, why).await;
        }
        let mut results: Vec<Done> = Vec::new();
        let mut left_the_group = false;
        for gate in gates {
            let Some(kind) = gate.kind() else { continue };
            // Whatever is attached to the group: it is left once.
            if kind == Kind::AddUserToGroup && std::mem::replace(&mut left_the_group, true) {
                continue;
            }
            results.push(self.gate(site, step, gate, kind).await?);
        }
        Ok(results)
    }

    /// Why the user stays guarded, by what is read now.
    async fn may_not_open(&self, site: &Site, step: &Step, only_with_device: bool) -> Option<String> {
        let name = user_name(&step.resource);
        if step.identity.user_id.is_some() || step.identity.existed.is_some() {
            match site.reader.user(name).await {
                Ok(user) => {
                    if let Some(why) = other_user(step, user.as_ref()) {
                        return Some(why);
                    }
                }
                Err(error) => return Some(format!("it could not be read: {error}")),
            }
        }
        if !only_with_device {
            return None;
        }
        match site.reader.mfa_devices(name).await {
            Ok(devices) if devices.is_empty() => Some("it has no MFA device any more".to_owned()),
            Ok(_) => None,
            Err(error) => Some(format!("whether it still has an MFA device could not be read: {error}")),
        }
    }

    pub(super) async fn gate(&self, site: &Site, step: &Step, gate: &Gate, kind: Kind) -> Result<Done, LedgerError> {
        let (name, call, guard) = words(gate);
        let (change, words) = (change(step, name, call, guard), (name, guard));
        let action = action(step, gate, kind);
        let has = match has(site, &action).await {
            Ok(has) => has,
            Err(error) => {
                let told = Told::message(format!("what guards it could not be read: {error}"));
                return self.close_entry(&change, step, words, Outcome::Skipped, told).await;
            }
        };
        if !has.holds {
            let told = Told { after: Some(has.before()), ..Told::message("somebody took it away already") };
            return self.close_entry(&change, step, words, Outcome::Already, told).await;
        }
        self.context.journal.intent(&change, Some(has.before())).await?;
        let task = Task {
            site,
            action: &action,
            variant: gate.variant(),
            user: user_name(&step.resource),
            journal: &self.context.journal,
            patience: self.context.patience,
        };
        let (result, told) = self.take_away(actions::of(kind), task).await;
        let told = match result {
            Outcome::Done => Told { before: Some(has.before()), after: Some(has.after()), ..told },
            _ => Told { before: Some(has.before()), ..told },
        };
        self.close_entry(&change, step, words, result, told).await
    }

    /// Makes the call and looks whether it is so. An attempt whose answer was lost may have been carried out.
    async fn take_away(&self, act: &dyn Act, task: Task<'_>) -> (Outcome, Told) {
        let (request_id, said) = match act.undo(task).await {
            Ok(aws::Outcome::Written { request_id, .. }) => (request_id, None),
            Ok(aws::Outcome::NotThere(error) | aws::Outcome::AlreadyThere(error)) => (None, Some(error.to_string())),
            Err(error) if error.may_be_done() => (None, Some(format!("AWS said: {error}"))),
            Err(error) => return (Outcome::Failed, Told::message(error.to_string())),
        };
        let mut waits = Waits::new(self.context.patience);
        let why = loop {
            let why = match has(task.site, task.action).await {
                Ok(Has { holds: false, .. }) => {
                    return (Outcome::Done, Told { request_id, message: said, ..Told::default() });
                }
                Ok(_) => "it was taken away and is still seen".to_owned(),
                Err(error) => format!("it could not be read back: {error}"),
            };
            if !waits.again().await {
                break why;
            }
        };
        let message = said.into_iter().chain([why]).collect::<Vec<_>>().join("; ");
        (Outcome::Failed, Told { request_id, ..Told::message(message) })
    }
}

/// What the user has now. A user who is gone has nothing.
async fn has(site: &Site, action: &Action) -> Result<Has, AwsError> {
    let (name, guard) = (user_name(&action.resource), action.guard.clone());
    if action.action == Kind::AddUserToGroup {
        let ours = group_arn(site.account());
        let groups = site.reader.groups_of(name).await?;
        let holds = groups.iter().any(|group| group.arn == ours);
        let names = sorted(groups.into_iter().map(|group| group.name));
        return Ok(Has { field: "groups", names, ours: GROUP.to_owned(), holds, guard });
    }
    let attached = site.reader.attached_user_policies(name).await?;
    let names = sorted(attached.into_iter().map(|policy| policy.arn));
    let holds = names.contains(&action.policy_arn);
    Ok(Has { field: "attached_policies", names, ours: action.policy_arn.clone(), holds, guard })
}
