//! Who is guarded, by what was read and by what the ledger tells, side by side. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::iam::guard::Variant;
use crate::ledger::{History, Kind, Outcome};

use super::gate::{self, Gate, Shown};
use super::guard::{Guards, fingerprint};
use super::plan::Way;
use super::survey::{AccountSurvey, Guarded, PolicyState};

/// The schema name of a status, version included.
pub const SCHEMA: &str = "portcullis/status/v1";

/// Who is guarded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Guarded users, and those who are according to the ledger only, by account and ARN.
    pub users: Vec<Row>,
    /// Our guard policies, by account.
    pub policies: Vec<PolicyRow>,
    /// Accounts of which not everything is known, and why.
    pub incomplete: Vec<(String, String)>,
    /// Users who are guarded according to the ledger, in accounts that were not looked at.
    pub elsewhere: usize,
    /// The numbers.
    pub summary: Summary,
}

/// Where a user is guarded: in AWS, according to the ledger, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In AWS, and the ledger tells of it.
    Guarded,
    /// In AWS, and the ledger does not tell of it.
    Unrecorded,
    /// According to the ledger; in AWS somebody took the guard away.
    Removed,
    /// According to the ledger; its account could not be read.
    Unread,
}

/// One user.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The account's id.
    pub account: String,
    /// The account's name, or nothing.
    pub account_name: String,
    /// The user's ARN.
    pub user: String,
    /// Where it is guarded.
    pub state: State,
    /// Every way in which it is guarded in AWS.
    pub guards: Vec<Shown>,
    /// Since when, according to the ledger.
    pub since: Option<Timestamp>,
    /// By which run.
    pub run: Option<String>,
    /// Whether the policy that guards it is another one than we made, or no longer guards it.
    pub drifted: bool,
    /// How many MFA devices it has; `None` if that is not known.
    pub devices: Option<usize>,
    /// Whether it has a device and is guarded still.
    pub enrolled_not_released: bool,
}

/// One of our guard policies in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyRow {
    /// The account's id.
    pub account: String,
    /// The name of the policy.
    pub guard: &'static str,
    /// `intact`, `drifted`, or `name-taken`.
    pub state: &'static str,
}

/// The numbers of a status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Guarded in AWS.
    pub guarded: usize,
    /// Of them, with a device.
    pub enrolled_not_released: usize,
    /// Of them, by a policy that is not as we made it.
    pub drifted: usize,
    /// Of them, not in the ledger.
    pub unrecorded: usize,
    /// In the ledger, and not guarded in AWS.
    pub removed: usize,
    /// Guarded in AWS, and whether they have a device is not known.
    pub devices_unknown: usize,
}

impl Status {
    /// Whether every account was read, and the devices of everybody who is guarded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty() && self.summary.devices_unknown == 0
    }
}

impl Row {
    /// Whether it is guarded in AWS and its devices are not known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.is_in_aws() && self.devices.is_none()
    }

    const fn is_in_aws(&self) -> bool {
        matches!(self.state, State::Guarded | State::Unrecorded)
    }
}

/// What the ledger tells of a gate: since when and by which run.
type Told = BTreeMap<(String, String), BTreeMap<u8, (Timestamp, String)>>;

/// Puts what was read beside what the ledger tells.
#[must_use]
pub fn status(surveys: &[AccountSurvey], history: &History) -> Status {
    let told = told(history);
    let made = made(history);
    let mut status = Status {
        schema: SCHEMA,
        users: Vec::new(),
        policies: Vec::new(),
        incomplete: Vec::new(),
        elsewhere: 0,
        summary: Summary::default(),
    };
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for survey in surveys {
        let drifted: BTreeSet<&str> = drifted(survey, &made).collect();
        for (guard, state) in &survey.policies {
            let state = match state {
                PolicyState::Absent => continue,
                PolicyState::NameTaken => "name-taken",
                _ if drifted.contains(guard) => "drifted",
                _ => "intact",
            };
            status.policies.push(PolicyRow { account: survey.account.id.clone(), guard, state });
        }
        for user in &survey.guarded {
            let key = (survey.account.id.clone(), user.arn.clone());
            status.users.push(row(survey, user, told.get(&key), &drifted));
            seen.insert(key);
        }
        status.incomplete.extend(survey.unread().map(|why| (survey.account.id.clone(), why.to_owned())));
    }
    for (key, gates) in told.iter().filter(|(key, _)| !seen.contains(*key)) {
        match surveys.iter().find(|survey| survey.account.id == key.0) {
            Some(survey) => status.users.push(gone(survey, &key.1, gates)),
            None => status.elsewhere += 1,
        }
    }
    status.users.sort_by(|one, other| (&one.account, &one.user).cmp(&(&other.account, &other.user)));
    status.summary = summary(&status.users);
    status
}

const WAYS: [Way; 2] = [Way::User, Way::Group];

fn told(history: &History) -> Told {
    let mut told = Told::new();
    for (place, way) in (0..).zip(WAYS) {
        for guarded in history.guarded(|entry| gate::effect(entry, way)) {
            let gates = told.entry((guarded.account.to_owned(), guarded.resource.to_owned())).or_default();
            gates.insert(place, (guarded.since, guarded.run_id.to_owned()));
        }
    }
    told
}

/// The hashes of the documents that we gave to policies, by their ARNs.
fn made(history: &History) -> BTreeSet<(&str, &str)> {
    let entries = history.entries().iter().map(|entry| &entry.record);
    let done = entries.filter(|record| record.kind == Kind::Outcome && record.result == Some(Outcome::Done));
    done.filter_map(|record| {
        Some((record.resource.as_deref()?, record.after.as_ref()?.get("document_sha256")?.as_str()?))
    })
    .collect()
}

/// The guards of an account whose documents are none of ours: neither one that comes with the program, nor one that we
/// gave them according to the ledger.
fn drifted<'a>(survey: &'a AccountSurvey, made: &'a BTreeSet<(&str, &str)>) -> impl Iterator<Item = &'static str> + 'a {
    let partition = survey.account.partition.as_str();
    let is_ours = move |variant: Variant| {
        let Some(is) = survey.documents.get(variant.policy_name()) else { return false };
        let arn = variant.arn(partition, &survey.account.id);
        let of_program =
            |via| Guards::ours(via).document(variant, partition).is_ok_and(|text| fingerprint(&text) == *is);
        made.contains(&(arn.as_str(), is.as_str())) || [true, false].into_iter().any(of_program)
    };
    let there = |variant: &Variant| {
        let state = survey.policies.get(variant.policy_name());
        matches!(state, Some(PolicyState::Intact | PolicyState::Drifted))
    };
    let found = Variant::ALL.into_iter().filter(there).filter(move |variant| !is_ours(*variant));
    found.map(Variant::policy_name)
}

fn row(
    survey: &AccountSurvey,
    user: &Guarded,
    told: Option<&BTreeMap<u8, (Timestamp, String)>>,
    drifted: &BTreeSet<&str>,
) -> Row {
    let first = told.and_then(|gates| gates.values().min());
    let has_device = user.devices.is_some_and(|devices| devices > 0);
    Row {
        account: survey.account.id.clone(),
        account_name: survey.account.name.clone(),
        user: user.arn.clone(),
        state: if first.is_some() { State::Guarded } else { State::Unrecorded },
        guards: user.gates.iter().map(Gate::shown).collect(),
        since: first.map(|(since, _)| *since),
        run: first.map(|(_, run)| run.clone()),
        drifted: user.gates.iter().any(|gate| drifted.contains(gate.variant().policy_name())),
        devices: user.devices,
        enrolled_not_released: has_device,
    }
}

/// A user whom only the ledger has as guarded.
fn gone(survey: &AccountSurvey, user: &str, told: &BTreeMap<u8, (Timestamp, String)>) -> Row {
    let first = told.values().min();
    let is_read = survey.incomplete.is_none();
    Row {
        account: survey.account.id.clone(),
        account_name: survey.account.name.clone(),
        user: user.to_owned(),
        state: if is_read { State::Removed } else { State::Unread },
        guards: Vec::new(),
        since: first.map(|(since, _)| *since),
        run: first.map(|(_, run)| run.clone()),
        drifted: is_read,
        devices: None,
        enrolled_not_released: false,
    }
}

fn summary(users: &[Row]) -> Summary {
    let count = |is: &dyn Fn(&Row) -> bool| users.iter().filter(|row| is(row)).count();
    Summary {
        guarded: count(&Row::is_in_aws),
        enrolled_not_released: count(&|row| row.enrolled_not_released),
        drifted: count(&|row| row.is_in_aws() && row.drifted),
        unrecorded: count(&|row| row.state == State::Unrecorded),
        removed: count(&|row| row.state == State::Removed),
        devices_unknown: count(&Row::is_unknown),
    }
}

#[cfg(test)]
mod tests;
