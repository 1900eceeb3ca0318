//! A user whom a run let out is put under the guard again: only if it is the same user, still without a device, and
//! everything that apply asks for holds.

use jiff::Timestamp;
use serde_json::json;

use crate::aws;
use crate::enforce::actions::{self, Task};
use crate::enforce::check::Facts;
use crate::enforce::draft::{GROUP, break_glass};
use crate::enforce::gate::{Gate, group_arn};
use crate::enforce::guard::{Guards, same};
use crate::enforce::plan::{Action, Kind};
use crate::enforce::site::Site;
use crate::enforce::user_name;
use crate::enforce::verify::{Verdict, verify};
use crate::iam::guard::Variant;
use crate::journal::{Change, Told};
use crate::ledger::{LedgerError, Outcome};

use super::open::{self, WORDS};
use super::{Done, Run, Step, other_user};

/// What is done in the words of the ledger, its call, and the guard.
pub(super) fn words(gate: &Gate) -> (&'static str, &'static str, &'static str) {
    let Some(kind) = gate.kind() else { return WORDS };
    (kind.as_str(), actions::of(kind).call(), gate.variant().policy_name())
}

impl Run {
    /// Guards a user again.
    pub(super) async fn close(
        &self,
        site: &Site,
        step: &Step,
        gate: &Gate,
        since: Timestamp,
    ) -> Result<Vec<Done>, LedgerError> {
        let Some(kind) = gate.kind() else { return self.skip(step, "it is not ours to change".to_owned()).await };
        let action = open::action(step, gate, kind);
        let guards = match guards(site, &action, gate.variant()).await {
            Ok(guards) => guards,
            Err(why) => return self.skip(step, why).await,
        };
        let opened = Site::open(site.reader.clone(), site.writer.clone(), guards, Vec::new()).await;
        let whole = match opened {
            Ok(whole) => whole,
            Err(why) => return self.skip(step, format!("the account could not be read: {why}")).await,
        };
        let task = Task {
            site: &whole,
            action: &action,
            variant: gate.variant(),
            user: user_name(&step.resource),
            journal: &self.context.journal,
            patience: self.context.patience,
        };
        let act = actions::of(kind);
        let (name, call, guard) = words(gate);
        let (change, words) = (super::change(step, name, call, guard), (name, guard));
        match act.holds(task).await {
            Ok(true) => {
                let told = Told::message("it is guarded so already");
                return self.close_entry(&change, step, words, Outcome::Already, told).await.map(|done| vec![done]);
            }
            Ok(false) => {}
            Err(error) => return self.skip(step, format!("what guards it could not be read: {error}")).await,
        }
        let facts = Box::pin(Facts::read(&whole.reader, task.user)).await;
        let room = || act.no_room(&whole, &facts);
        let shown = || whole.objection(&step.resource, &facts, gate.variant());
        if let Some(why) = self.objection(step, &facts, gate, since).or_else(room).or_else(shown) {
            return self.skip(step, why).await;
        }
        let (result, told) = self.guard(step, &change, task, &facts).await?;
        self.close_entry(&change, step, words, result, told).await.map(|done| vec![done])
    }

    /// Why the user must not be guarded as it is now.
    fn objection(&self, step: &Step, facts: &Facts, gate: &Gate, since: Timestamp) -> Option<String> {
        if self.context.callers.contains(&step.resource) {
            return Some("it is who runs this; being guarded, it could not undo it".to_owned());
        }
        if let Some(pattern) = break_glass(&self.context.break_glass, &step.resource) {
            return Some(format!("`{pattern}` is a break-glass principal"));
        }
        if let Some(gap) = facts.gaps.iter().chain(&facts.present.live.gaps).next() {
            return Some(format!("it could not be read completely: {gap}"));
        }
        if let Some(why) = other_user(step, facts.user.as_ref()) {
            return Some(why);
        }
        match &facts.present.devices {
            Some(devices) if devices.is_empty() => {}
            Some(devices) => return Some(format!("it has {} MFA device(s): it was let out rightly", devices.len())),
            None => return Some("whether it has an MFA device could not be read".to_owned()),
        }
        let live = &facts.present.live;
        if facts.present.has_password != Some(true) {
            return Some("it has no console password any more".to_owned());
        }
        if live.password_reset {
            return Some("it must set a new password at the next sign-in, which the guard would deny".to_owned());
        }
        if gate.variant() == Variant::ConsoleOnly {
            return None;
        }
        let used = live.keys.iter().find(|key| key.active && key.last_used.is_some_and(|used| used >= since));
        if let Some(key) = used {
            let id = key.id.as_deref().unwrap_or("an access key");
            return Some(format!("{id} was used since it was let out; the guard would break what uses it"));
        }
        let others = live.service_credentials.len() + live.ssh_keys;
        (others > 0).then(|| "it has active service-specific credentials or SSH keys".to_owned())
    }

    /// Makes the call, verifies, and takes it back if it does not do what it should.
    async fn guard(
        &self,
        step: &Step,
        change: &Change,
        task: Task<'_>,
        facts: &Facts,
    ) -> Result<(Outcome, Told), LedgerError> {
        let act = actions::of(task.action.action);
        let (field, names, ours) = match task.action.action {
            Kind::AddUserToGroup => ("groups", &facts.groups, GROUP),
            _ => ("attached_policies", &facts.attached, task.action.policy_arn.as_str()),
        };
        let before = json!({ field: names, "guard": task.action.guard });
        let mut with = names.clone();
        with.push(ours.to_owned());
        with.sort_unstable();
        self.context.journal.intent(change, Some(before.clone())).await?;
        let failed = |why: String| Ok((Outcome::Failed, Told { before: Some(before.clone()), ..Told::message(why) }));
        let (request_id, said) = match act.make(task).await {
            Ok(aws::Outcome::Written { request_id, .. }) => (request_id, None),
            Ok(aws::Outcome::AlreadyThere(error)) => (None, Some(error.to_string())),
            Err(error) if error.may_be_done() => (None, Some(format!("AWS said: {error}"))),
            Ok(aws::Outcome::NotThere(error)) | Err(error) => return failed(error.to_string()),
        };
        match verify(act, task).await.0 {
            Verdict::Right(by) => {
                let after = Some(json!({ field: with, "verified_by": by }));
                Ok((Outcome::Done, Told { before: Some(before), after, request_id, message: said }))
            }
            Verdict::NotSeen(why) => failed(why),
            Verdict::Wrong(why) => {
                let Some(gate) = of_kind(task.action.action, task.variant) else { return failed(why) };
                let undone = self.gate(task.site, step, &gate, task.action.action).await?;
                failed(format!("it does not do what it should: {why}; taken back: {}", undone.result.as_str()))
            }
        }
    }
}

const fn of_kind(kind: Kind, variant: Variant) -> Option<Gate> {
    match kind {
        Kind::AttachUserPolicy => Some(Gate::Attached(variant)),
        Kind::AddUserToGroup => Some(Gate::Member(variant)),
        Kind::RepairGuardPolicy => None,
    }
}

/// The guards of which the account's policy is one; for the group way also the group has to be as we make it.
async fn guards(site: &Site, action: &Action, variant: Variant) -> Result<Guards, String> {
    let arn = &action.policy_arn;
    let unread = |error: aws::AwsError| format!("{arn} could not be read: {error}");
    let Some(policy) = site.reader.policy(arn).await.map_err(unread)? else {
        return Err(format!("{arn} does not exist any more"));
    };
    let document = site.reader.policy_document(arn, &policy.default_version).await.map_err(unread)?;
    let partition = site.account().partition.as_str();
    let is = |guards: &Guards| {
        let expected = guards.document(variant, partition).ok();
        document.as_deref().zip(expected).is_some_and(|(is, expected)| same(is, &expected))
    };
    let Some(guards) = [true, false].map(Guards::ours).into_iter().find(is) else {
        return Err(format!("{arn} has another document than ours; `enforce plan` says what can be done"));
    };
    if action.action == Kind::AddUserToGroup {
        let unread = |error: aws::AwsError| format!("the group {GROUP} could not be read: {error}");
        let group = site.reader.group(GROUP).await.map_err(unread)?;
        if group.is_none_or(|group| group.group.arn != group_arn(site.account())) {
            return Err(format!("our group {GROUP} does not exist any more"));
        }
        let attached = site.reader.attached_group_policies(GROUP).await.map_err(unread)?;
        let inline = site.reader.group_policy_names(GROUP).await.map_err(unread)?;
        if !inline.is_empty() || attached.iter().map(|policy| &policy.arn).ne([arn]) {
            return Err(format!("somebody changed what is attached to the group {GROUP} since"));
        }
    }
    Ok(guards)
}
