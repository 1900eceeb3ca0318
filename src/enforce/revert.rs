//! A run, inverted: what its entries in the ledger say that it changed, the last change first. Pure.
//!
//! What counts is what a run changed in all: a guard that it put on and took off again is no change. A change whose
//! outcome is not known is inverted too; what is read right before decides whether there is anything to take back.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::Value;

use crate::iam::guard::Variant;
use crate::ledger::{Entry, History, Kind, Outcome};
use crate::model::{Account, Partition};

use super::gate::Gate;
use super::step::{Identity, Step, What};

/// What takes a run back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reversal {
    /// What is to be done, in order.
    pub steps: Vec<Step>,
    /// What is not done, and why.
    pub settled: Vec<Settled>,
    /// What the run made and stays.
    pub stays: Vec<String>,
}

/// A change that is not inverted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The account's id.
    pub account: String,
    /// What was changed.
    pub resource: String,
    /// What the run did.
    pub action: String,
    /// `already` if it is so, `skipped` if it stays as the run, or a later one, left it.
    pub result: Outcome,
    /// Why.
    pub why: String,
}

/// What is changed: a gate of a user, or which version of a policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Policy(Variant),
    Group,
    Version,
    /// Made, and never taken away by a reversal.
    Made,
    /// Cannot be taken back.
    Lost,
}

/// A change that was made, or may have been.
struct Event<'h> {
    run: &'h str,
    at: Timestamp,
    /// Place in the ledger.
    seq: u64,
    account: &'h str,
    resource: &'h str,
    action: &'h str,
    thing: Thing,
    /// Whether it closes a gate, or makes something.
    closes: bool,
    is_certain: bool,
    before: Option<&'h Value>,
    after: Option<&'h Value>,
}

type Target<'h> = (&'h str, &'h str, Thing);

/// What makes something that guards nobody by itself: what all users of an account share, and new users.
const MAKES: [&str; 7] = [
    "create-policy",
    "create-group",
    "attach-group-policy",
    "create-user",
    "join-group",
    "grant-policy",
    "create-login-profile",
];

/// What takes it away again.
const UNMAKES: [&str; 5] = ["delete-policy", "delete-user", "leave-group", "withdraw-policy", "delete-login-profile"];

/// Inverts the run; `None` if the ledger does not know it.
#[must_use]
pub fn invert(history: &History, run: &str) -> Option<Reversal> {
    history.of_run(run).next()?;
    let events = events(history);
    let mut own: BTreeMap<Target<'_>, Vec<&Event<'_>>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.run == run) {
        own.entry((event.account, event.resource, event.thing)).or_default().push(event);
    }
    let mut reversal = Reversal::default();
    let mut steps: Vec<(u64, Step)> = Vec::new();
    for (target, changes) in &own {
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else { continue };
        let later = events.iter().rev().find(|event| {
            let is_same = (event.account, event.resource, event.thing) == *target;
            is_same && event.run != run && event.seq > last.seq && event.is_certain
        });
        match inverse(first, last, later) {
            Inverse::Step(what) => steps.push((last.seq, step(last, what, run))),
            Inverse::Settled(result, why) => reversal.settled.push(settled(last, result, why)),
            Inverse::Stays(what) => reversal.stays.push(what),
            Inverse::Nothing => {}
        }
    }
    steps.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    reversal.steps = steps.into_iter().map(|(_, step)| step).collect();
    Some(reversal)
}

enum Inverse {
    Step(What),
    Settled(Outcome, String),
    Stays(String),
    Nothing,
}

/// What takes back all that a run did to one thing, from its first change to its last.
fn inverse(first: &Event<'_>, last: &Event<'_>, later: Option<&Event<'_>>) -> Inverse {
    match last.thing {
        // Onboarding takes back what it made, where it fails.
        Thing::Made if last.is_certain && !last.closes => Inverse::Nothing,
        Thing::Made if first.is_certain => Inverse::Stays(format!("{} ({})", last.resource, last.action)),
        Thing::Lost if last.is_certain => {
            let why = format!("`{}` cannot be taken back", last.action);
            Inverse::Settled(Outcome::Skipped, why)
        }
        Thing::Made | Thing::Lost => Inverse::Nothing,
        Thing::Version => version(first, last, later),
        Thing::Policy(_) | Thing::Group => gate(first, last, later),
    }
}

fn gate(first: &Event<'_>, last: &Event<'_>, later: Option<&Event<'_>>) -> Inverse {
    let was_closed = !first.closes;
    if last.is_certain && last.closes == was_closed {
        return Inverse::Nothing;
    }
    if let Some(later) = later {
        return if later.closes == was_closed {
            Inverse::Settled(Outcome::Already, format!("the run {} took it back", later.run))
        } else {
            Inverse::Settled(Outcome::Skipped, format!("the run {} did the same since", later.run))
        };
    }
    let gate = match last.thing {
        Thing::Policy(variant) => Gate::Attached(variant),
        // What is attached to the group is the same for all its members.
        _ => Gate::Member(Variant::Strict),
    };
    if was_closed {
        Inverse::Step(What::Close { gate, since: first.at })
    } else {
        Inverse::Step(What::Open { gates: vec![gate], only_with_device: false })
    }
}

fn version(first: &Event<'_>, last: &Event<'_>, later: Option<&Event<'_>>) -> Inverse {
    if let Some(later) = later {
        return Inverse::Settled(Outcome::Skipped, format!("the run {} changed it since", later.run));
    }
    let told = |value: Option<&Value>| Some(value?.get("default_version")?.as_str()?.to_owned());
    match (told(last.after), told(first.before)) {
        (Some(from), Some(to)) => Inverse::Step(What::Version { from, to }),
        _ if last.is_certain => {
            Inverse::Settled(Outcome::Skipped, "the ledger does not tell which version counted before".to_owned())
        }
        _ => Inverse::Settled(Outcome::Skipped, "whether it was made is not known".to_owned()),
    }
}

fn step(event: &Event<'_>, what: What, run: &str) -> Step {
    let partition = Partition::of_arn(event.resource).unwrap_or_default();
    let user_id = event.before.and_then(|before| before.get("user_id")?.as_str()).map(str::to_owned);
    Step {
        account: Account { id: event.account.to_owned(), partition, ..Account::default() },
        resource: event.resource.to_owned(),
        identity: Identity { user_id, existed: Some(event.at) },
        what,
        note: format!("reverts the run {run}"),
    }
}

fn settled(event: &Event<'_>, result: Outcome, why: String) -> Settled {
    Settled {
        account: event.account.to_owned(),
        resource: event.resource.to_owned(),
        action: event.action.to_owned(),
        result,
        why,
    }
}

/// Every change that was made or may have been, by the run that made it.
fn events(history: &History) -> Vec<Event<'_>> {
    let mut intents: HashMap<(&str, &str), &Entry> = HashMap::new();
    let mut events = Vec::new();
    for entry in history.entries() {
        let record = &entry.record;
        let Some(id) = record.id.as_deref() else { continue };
        let key = (record.plan.as_deref().unwrap_or(&record.run_id), id);
        match (&record.kind, &record.result) {
            // The first: a later run of the same plan repeats an intent whose change may have been made.
            (Kind::Intent, _) => drop(intents.entry(key).or_insert(entry)),
            (Kind::Outcome, Some(result)) => {
                let intent = intents.remove(&key);
                events.extend(match (result, intent) {
                    (Outcome::Done, intent) => event(entry, intent, entry, true),
                    // Found made: an intent is written only where a change is needed, so it is of the intent's run.
                    (Outcome::Already, Some(intent)) => event(intent, Some(intent), entry, true),
                    (Outcome::Failed, Some(intent)) => event(entry, Some(intent), entry, false),
                    _ => None,
                });
            }
            _ => {}
        }
    }
    events.extend(intents.into_values().filter_map(|intent| event(intent, Some(intent), intent, false)));
    events.sort_by_key(|event| event.seq);
    events
}

fn event<'h>(by: &'h Entry, intent: Option<&'h Entry>, outcome: &'h Entry, is_certain: bool) -> Option<Event<'h>> {
    let record = &by.record;
    let (account, resource) = (record.account.as_deref()?, record.resource.as_deref()?);
    let action = record.action.as_deref()?;
    let before = outcome.record.before.as_ref().or_else(|| intent?.record.before.as_ref());
    let after = outcome.record.after.as_ref();
    let guard = || guard(before, after).unwrap_or(Variant::Strict);
    let (thing, closes) = match action {
        "attach-user-policy" => (Thing::Policy(guard()), true),
        "detach-user-policy" => (Thing::Policy(guard()), false),
        "add-user-to-group" => (Thing::Group, true),
        "remove-user-from-group" => (Thing::Group, false),
        "repair-guard-policy" | "set-default-policy-version" => (Thing::Version, false),
        action if MAKES.contains(&action) => (Thing::Made, true),
        action if UNMAKES.contains(&action) => (Thing::Made, false),
        _ => (Thing::Lost, false),
    };
    let (run, at, seq) = (record.run_id.as_str(), record.at, outcome.seq);
    Some(Event { run, at, seq, account, resource, action, thing, closes, is_certain, before, after })
}

/// Which guard was put on or taken off: the one that is named, or else is attached only before or only after.
fn guard(before: Option<&Value>, after: Option<&Value>) -> Option<Variant> {
    let told = before.and_then(|before| before.get("guard")?.as_str());
    if let Some(variant) = Variant::ALL.into_iter().find(|variant| Some(variant.policy_name()) == told) {
        return Some(variant);
    }
    let names = |value: Option<&Value>| -> Vec<Variant> {
        let list = value.and_then(|value| value.get("attached_policies")?.as_array());
        list.into_iter().flatten().filter_map(|arn| Variant::of_arn(arn.as_str()?)).collect()
    };
    let (before, after) = (names(before), names(after));
    let differs = Variant::ALL.into_iter().find(|variant| before.contains(variant) != after.contains(variant));
    differs.or_else(|| after.first().or(before.first()).copied())
}

#[cfg(test)]
mod tests;
