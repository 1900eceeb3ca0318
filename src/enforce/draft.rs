//! Surveys to a plan: every guardrail, and the caps over the whole organization. Pure.

mod case;
mod repair;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::iam::guard::Variant;
use crate::iam::wildcard::Wildcard;

use super::grace::Grace;
use super::guard::fingerprint;
use super::plan::{Action, HeldBack, Key, Kind, Limits, Settings};
use super::survey::{AccountSurvey, Candidate};

use case::Case;

pub use super::guard::GROUP;

/// A password that expires within this time holds its user back: the guard would deny to change it.
pub const PASSWORD_MARGIN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What is to be acted on, and within which bounds.
pub struct Bounds<'a> {
    /// The settings that the plan carries.
    pub settings: &'a Settings,
    /// ARN of the caller and, of a role session, of the user it came from if that is known.
    pub callers: &'a [String],
    /// The accounts that may be changed; all if there are none.
    pub allowed_accounts: &'a [String],
    /// Whether users held back only for their keys get the guard that leaves keys alone.
    pub console_only_for_keys: bool,
    /// At most so many users.
    pub max_users: u64,
    /// At most this share of the console users, in percent.
    pub max_percent: f64,
    /// The first so many, instead of refusing over a cap.
    pub take: Option<u64>,
    /// Whether the users who would be acted on are read next: what is not known of their keys then does not count yet.
    pub live_follows: bool,
    /// Whether guard policies that somebody edited are put back as we made them.
    pub repair: bool,
    /// Whether each failure may be acted on: account, user, rule.
    pub grace: &'a dyn Fn(&str, &str, &str) -> Grace,
    /// This moment.
    pub now: Timestamp,
}

/// What was read of a user right now, for what a scan does not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// Its access keys.
    pub keys: Vec<Key>,
    /// Active service-specific credentials: their services.
    pub service_credentials: Vec<String>,
    /// How many active SSH keys it has.
    pub ssh_keys: usize,
    /// Whether it has to set a new password at the next sign-in.
    pub password_reset: bool,
    /// What could not be read.
    pub gaps: Vec<String>,
}

/// The changes and those held back.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The changes.
    pub actions: Vec<Action>,
    /// Who is held back.
    pub held_back: Vec<HeldBack>,
    /// The caps.
    pub limits: Limits,
    /// Users who are under a guard already.
    pub guarded: u64,
}

/// A cap that the changes exceed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OverCap {
    /// Too many.
    #[error("{proposed} users would be acted on, and --max-users allows {allowed}")]
    Users {
        /// So many.
        proposed: u64,
        /// The cap.
        allowed: u64,
    },
    /// Too large a share.
    #[error("{proposed} of {console_users} console users would be acted on, and --max-percent allows {allowed} %")]
    Share {
        /// So many.
        proposed: u64,
        /// Of so many.
        console_users: u64,
        /// The cap.
        allowed: f64,
    },
}

impl Draft {
    /// Decides on every candidate; `live` has what was read of users right now, by ARN.
    #[must_use]
    pub fn new(surveys: &[AccountSurvey], live: &BTreeMap<String, Live>, bounds: &Bounds<'_>) -> Self {
        let mut draft =
            Self { actions: Vec::new(), held_back: Vec::new(), limits: limits(surveys, bounds), guarded: 0 };
        let mut ordered: Vec<&AccountSurvey> = surveys.iter().collect();
        ordered.sort_by(|one, other| one.account.id.cmp(&other.account.id));
        for survey in ordered {
            let mut candidates: Vec<&Candidate> = survey.candidates.iter().collect();
            candidates.sort_by(|one, other| (&one.name, &one.arn).cmp(&(&other.name, &other.arn)));
            for candidate in candidates {
                if candidate.guarded {
                    draft.guarded += 1;
                    continue;
                }
                match (Case { survey, candidate, live: live.get(&candidate.arn), bounds }).decide() {
                    Ok(action) => draft.actions.push(*action),
                    Err(held) => draft.held_back.push(*held),
                }
            }
            if bounds.repair {
                let (actions, held) = repair::repairs(survey, bounds);
                draft.actions.extend(actions);
                draft.held_back.extend(held);
            }
        }
        draft.limits.proposed = draft.users();
        if let Some(take) = bounds.take {
            let mut left = take;
            draft.actions.retain(|action| {
                let is_taken = action.action == Kind::RepairGuardPolicy || left > 0;
                left = left.saturating_sub(u64::from(action.action != Kind::RepairGuardPolicy));
                is_taken
            });
            draft.limits.taken = Some(draft.users());
        }
        draft
    }

    /// How many users are acted on: repairs of policies are not bounded by caps.
    fn users(&self) -> u64 {
        let users = self.actions.iter().filter(|action| action.action != Kind::RepairGuardPolicy);
        u64::try_from(users.count()).unwrap_or(u64::MAX)
    }

    /// The cap that the changes exceed, if they do and no number was asked for.
    #[must_use]
    pub fn over_cap(&self) -> Option<OverCap> {
        let Limits { max_users, max_percent, console_users, proposed, taken } = self.limits;
        if taken.is_some() {
            return None;
        }
        if proposed > max_users {
            return Some(OverCap::Users { proposed, allowed: max_users });
        }
        #[expect(clippy::cast_precision_loss, reason = "no organization has 2^52 users")]
        let over = proposed as f64 * 100.0 > max_percent * console_users as f64;
        (proposed > 0 && over).then_some(OverCap::Share { proposed, console_users, allowed: max_percent })
    }
}

fn limits(surveys: &[AccountSurvey], bounds: &Bounds<'_>) -> Limits {
    Limits {
        max_users: bounds.max_users,
        max_percent: bounds.max_percent,
        console_users: surveys.iter().map(|survey| survey.console_users).sum(),
        proposed: 0,
        taken: None,
    }
}

impl Bounds<'_> {
    pub(super) fn fingerprint(&self, variant: Variant, partition: &str) -> String {
        self.settings.guards().document(variant, partition).map(|document| fingerprint(&document)).unwrap_or_default()
    }
}

/// The pattern of a break-glass principal that is this one.
#[must_use]
pub fn break_glass<'p>(patterns: &'p [String], arn: &str) -> Option<&'p str> {
    patterns.iter().map(String::as_str).find(|pattern| Wildcard::new(pattern).matches(arn))
}
