//! Whom to let out: guarded users who have a second factor by now, or, in an emergency, everybody. Pure.

use crate::model::Account;

use super::draft::break_glass;
use super::gate::Gate;
use super::survey::Guarded;

/// What decides on a release beside what was read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms<'a> {
    /// Whether everybody is let out, whatever they fail or have.
    pub all: bool,
    /// Whether the guard stays on users who have enrolled.
    pub keep: bool,
    /// Principals that are never touched. An emergency release frees them too.
    pub break_glass: &'a [String],
    /// The accounts that may be changed; all if there are none.
    pub allowed_accounts: &'a [String],
}

/// Why a guarded user stays guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its account is not of those that may be changed.
    AccountNotAllowed,
    /// Only a group of somebody else's has the guard attached.
    NotOurs,
    /// It is a break-glass principal.
    BreakGlass,
    /// It has no device.
    NoDevice,
    /// Whether it has a device could not be read.
    DevicesUnknown,
    /// It fails another rule that acts, or that could not be told.
    StillFails,
    /// It has enrolled, and the settings say to keep the guard.
    Kept,
}

impl Why {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountNotAllowed => "account-not-allowed",
            Self::NotOurs => "not-ours",
            Self::BreakGlass => "break-glass",
            Self::NoDevice => "no-device",
            Self::DevicesUnknown => "devices-unknown",
            Self::StillFails => "still-fails",
            Self::Kept => "enrolled-and-kept",
        }
    }
}

/// A user to be let out.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The account.
    pub account: Account,
    /// The user's ARN.
    pub resource: String,
    /// Its unique id.
    pub user_id: Option<String>,
    /// The gates that are ours.
    pub gates: Vec<Gate>,
    /// Groups of somebody else's that guard it too, and go on doing so.
    pub foreign: Vec<String>,
}

/// A user who stays guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stays {
    /// The account's id.
    pub account: String,
    /// The user's ARN.
    pub resource: String,
    /// Why.
    pub why: Why,
    /// The same for people.
    pub detail: String,
}

/// Who is let out and who is not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// Who is, by account and user.
    pub out: Vec<Candidate>,
    /// Who is not, by account and user.
    pub stays: Vec<Stays>,
}

/// Decides on every guarded user.
#[must_use]
pub fn select<'a>(guarded: impl IntoIterator<Item = (&'a Account, &'a Guarded)>, terms: &Terms<'_>) -> Selection {
    let mut selection = Selection::default();
    let mut ordered: Vec<(&Account, &Guarded)> = guarded.into_iter().collect();
    ordered.sort_by(|(one, first), (other, second)| (&one.id, &first.arn).cmp(&(&other.id, &second.arn)));
    for (account, user) in ordered {
        match objection(account, user, terms) {
            Some((why, detail)) => {
                let (account, resource) = (account.id.clone(), user.arn.clone());
                selection.stays.push(Stays { account, resource, why, detail });
            }
            None => selection.out.push(Candidate {
                account: account.clone(),
                resource: user.arn.clone(),
                user_id: user.user_id.clone(),
                gates: user.gates.iter().filter(|gate| gate.is_ours()).cloned().collect(),
                foreign: foreign(user),
            }),
        }
    }
    selection
}

fn foreign(user: &Guarded) -> Vec<String> {
    let groups =
        user.gates.iter().filter_map(|gate| if let Gate::Foreign(_, group) = gate { Some(group) } else { None });
    let mut groups: Vec<String> = groups.cloned().collect();
    groups.dedup();
    groups
}

/// Why a user stays guarded; nothing if it is let out.
fn objection(account: &Account, user: &Guarded, terms: &Terms<'_>) -> Option<(Why, String)> {
    if !terms.allowed_accounts.is_empty() && !terms.allowed_accounts.contains(&account.id) {
        return Some((Why::AccountNotAllowed, format!("{} is not among the allowed accounts", account.id)));
    }
    if !user.gates.iter().any(Gate::is_ours) {
        let groups = foreign(user).join(", ");
        return Some((
            Why::NotOurs,
            format!("the guard is attached to the group {groups}, which is not ours to change"),
        ));
    }
    if terms.all {
        return None;
    }
    if let Some(pattern) = break_glass(terms.break_glass, &user.arn) {
        let detail = format!("`{pattern}` is a break-glass principal; `enforce release --all` frees it");
        return Some((Why::BreakGlass, detail));
    }
    match user.devices {
        None => return Some((Why::DevicesUnknown, "whether it has an MFA device could not be read".to_owned())),
        Some(0) => return Some((Why::NoDevice, "it has no MFA device yet".to_owned())),
        Some(_) => {}
    }
    if !user.failing.is_empty() {
        let detail = format!("it fails, or could not be told to pass, {}", user.failing.join(", "));
        return Some((Why::StillFails, detail));
    }
    terms.keep.then(|| (Why::Kept, "it has enrolled; `after_enrolment: keep` leaves the guard on it".to_owned()))
}

#[cfg(test)]
mod tests;
