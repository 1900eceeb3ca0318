//! The preconditions of a change, read again right before it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::aws::answers::UserAnswer;
use crate::aws::{AwsError, Reader};

use super::draft::{PASSWORD_MARGIN, break_glass};
use super::expiry;
use super::live::{Present, read_user};
use super::plan::{Action, Key, Settings};

/// What was read of a user right before its change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The user itself; `None` if there is none of that name.
    pub user: Option<UserAnswer>,
    /// ARNs of the managed policies attached to it, sorted.
    pub attached: Vec<String>,
    /// Names of the policies embedded in it, sorted.
    pub inline: Vec<String>,
    /// Names of its groups, sorted.
    pub groups: Vec<String>,
    /// Its credentials.
    pub present: Present,
    /// What could not be read beside its credentials.
    pub gaps: Vec<String>,
}

/// What a change is held against beside what AWS tells.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The settings of the plan.
    pub settings: &'a Settings,
    /// Break-glass principals of the config as it is now, beside those of the plan.
    pub break_glass: &'a [String],
    /// ARN of the caller and, of a session, of the user it came from if that is known.
    pub callers: &'a [String],
    /// The waiver in force, if there is one, for people.
    pub waived: Option<&'a str>,
    /// This moment.
    pub now: Timestamp,
}

impl Facts {
    /// Reads the user called `name`. Never fails: what could not be read is a gap.
    pub async fn read(reader: &Reader, name: &str) -> Self {
        let (present, rest) = tokio::join!(read_user(reader, name), Self::rights(reader, name));
        Self { present, ..rest }
    }

    async fn rights(reader: &Reader, name: &str) -> Self {
        let mut facts = Self::default();
        let mut gap = |error: AwsError| facts.gaps.push(error.to_string());
        let user = reader.user(name).await.unwrap_or_else(|error| {
            gap(error);
            None
        });
        let attached = reader.attached_user_policies(name).await.unwrap_or_else(|error| {
            gap(error);
            Vec::new()
        });
        let inline = reader.user_policy_names(name).await.unwrap_or_else(|error| {
            gap(error);
            Vec::new()
        });
        let groups = reader.groups_of(name).await.unwrap_or_else(|error| {
            gap(error);
            Vec::new()
        });
        facts.user = user;
        facts.attached = sorted(attached.into_iter().map(|policy| policy.arn));
        facts.inline = sorted(inline);
        facts.groups = sorted(groups.into_iter().map(|group| group.name));
        facts
    }
}

/// Names in the order in which plans have them.
pub(super) fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_unstable();
    names
}

/// Why a user may not be touched whatever AWS tells of it; nothing if it may.
#[must_use]
pub fn untouchable(action: &Action, rules: &Rules<'_>) -> Option<String> {
    if rules.callers.contains(&action.resource) {
        return Some("it is who runs this; being guarded, it could not undo it".to_owned());
    }
    let patterns = break_glass(&rules.settings.break_glass, &action.resource)
        .or_else(|| break_glass(rules.break_glass, &action.resource));
    if let Some(pattern) = patterns {
        return Some(format!("`{pattern}` is a break-glass principal"));
    }
    if let Some(waived) = rules.waived {
        return Some(waived.to_owned());
    }
    // A plan may have been made for another moment than that of its making, with `--now`.
    let deadline = action.deadline.filter(|deadline| *deadline > rules.now)?;
    Some(format!("it has time to enroll a device until {deadline}"))
}

/// Why a user may not be changed as it is now; nothing if everything is as the plan says.
#[must_use]
pub fn objection(action: &Action, facts: &Facts, rules: &Rules<'_>) -> Option<String> {
    untouchable(action, rules)
        .or_else(|| changed(action, facts))
        .or_else(|| sign_in(action, facts, rules))
        .or_else(|| in_use(action, facts, rules))
}

/// What is not known, or not as it was when the plan was made.
fn changed(action: &Action, facts: &Facts) -> Option<String> {
    if let Some(gap) = facts.gaps.iter().chain(&facts.present.live.gaps).next() {
        return Some(format!("it could not be read completely: {gap}"));
    }
    let Some(user) = &facts.user else { return Some("it does not exist any more".to_owned()) };
    if user.user.arn != action.resource {
        return Some(format!("its ARN is {} now", user.user.arn));
    }
    match &action.expects.user_id {
        Some(id) if *id == user.user.id => {}
        Some(_) => return Some("it was deleted and made again since the plan: it is another user".to_owned()),
        None => return Some("the plan does not say which unique id it has".to_owned()),
    }
    let expects = &action.expects;
    let boundary = |arn: &Option<String>| arn.iter().cloned().collect::<Vec<_>>();
    let pairs = [
        ("attached policies", expects.attached_policies.clone(), facts.attached.clone()),
        ("inline policies", expects.inline_policies.clone(), facts.inline.clone()),
        ("groups", expects.groups.clone(), facts.groups.clone()),
        ("permissions boundary", boundary(&expects.permissions_boundary), boundary(&user.permissions_boundary)),
    ];
    pairs.into_iter().find_map(|(what, was, is)| difference(what, &was, &is))
}

fn difference(what: &str, was: &[String], is: &[String]) -> Option<String> {
    let (was, is): (BTreeSet<&String>, BTreeSet<&String>) = (was.iter().collect(), is.iter().collect());
    if was == is {
        return None;
    }
    let list = |sign: &str, names: Vec<&&String>| names.iter().map(|name| format!("{sign}{name}")).collect::<Vec<_>>();
    let mut changes = list("+", is.difference(&was).collect());
    changes.extend(list("-", was.difference(&is).collect()));
    Some(format!("its {what} changed since the plan: {}", changes.join(", ")))
}

/// How it signs in.
fn sign_in(action: &Action, facts: &Facts, rules: &Rules<'_>) -> Option<String> {
    match &facts.present.devices {
        Some(devices) if devices.is_empty() => {}
        Some(devices) => return Some(format!("it complies now: it has {} MFA device(s)", devices.len())),
        None => return Some("whether it has an MFA device could not be read".to_owned()),
    }
    if facts.present.has_password != Some(true) {
        return Some("it has no console password any more".to_owned());
    }
    if facts.present.live.password_reset {
        return Some("it must set a new password at the next sign-in, which the guard would deny".to_owned());
    }
    let expires = expiry::told(&action.evidence).filter(|expires| *expires <= rules.now + PASSWORD_MARGIN)?;
    Some(format!("its password expires at {expires}; the guard would deny to change it"))
}

/// What may run with its credentials and would be denied by the guard.
fn in_use(action: &Action, facts: &Facts, rules: &Rules<'_>) -> Option<String> {
    let leaves_keys_alone = super::variant_of(action) == Some(crate::iam::guard::Variant::ConsoleOnly);
    if leaves_keys_alone || rules.settings.include_active_keys {
        return None;
    }
    let live = &facts.present.live;
    let since = rules.now - SignedDuration::from_secs(rules.settings.key_window_seconds);
    let used = |key: &&Key| key.active && key.last_used.is_some_and(|used| used >= since);
    if let Some(key) = live.keys.iter().find(used) {
        let id = key.id.as_deref().unwrap_or("an access key");
        let service = key.service.as_deref().unwrap_or("an unknown service");
        let at = key.last_used.map(|used| used.to_string()).unwrap_or_default();
        return Some(format!("{id} was used for {service} at {at}"));
    }
    if !live.service_credentials.is_empty() {
        return Some(format!("active service-specific credentials: {}", live.service_credentials.join(", ")));
    }
    (live.ssh_keys > 0).then(|| format!("active SSH keys: {}", live.ssh_keys))
}

#[cfg(test)]
mod tests;
