//! Why a plan is not applied: its hash, its age, its inputs, its accounts, or what it asks for. Pure.

use jiff::{SignedDuration, Timestamp};

use super::guard::fingerprint;
use super::plan::{Action, Input, Kind, Plan};
use super::{user_name, variant_of};
use crate::model::Partition;
use crate::model::arn::is_account_id;

/// A plan may be so much younger than the clock says: clocks differ.
pub const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Why a plan is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not the plan that was meant.
    #[error("the plan's hash is {found}, and --expect-hash says {expected}")]
    OtherHash {
        /// The hash that it has.
        found: String,
        /// The hash that was asked for.
        expected: String,
    },
    /// It is too old.
    #[error("the plan was made at {created}, and --max-age ({max_age:#}) has passed")]
    TooOld {
        /// When it was made.
        created: Timestamp,
        /// How old it may be.
        max_age: SignedDuration,
    },
    /// It is from the future.
    #[error("the plan says that it was made at {created}, and it is {now} now")]
    FromTheFuture {
        /// When it says it was made.
        created: Timestamp,
        /// This moment.
        now: Timestamp,
    },
    /// A file that it rests on is not what it was.
    #[error("the plan rests on `{path}`, which {what}")]
    OtherInput {
        /// Its path.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// An account may not be changed.
    #[error("the plan changes account {account}, which is not among the allowed accounts")]
    AccountNotAllowed {
        /// The account.
        account: String,
    },
    /// Other accounts are changed and no role is named.
    #[error(
        "the plan changes account {account}, which is not the caller's ({own}), and no --enforce-role-name is given"
    )]
    NoRole {
        /// The account.
        account: String,
        /// The caller's account.
        own: String,
    },
    /// The role that reads would write.
    #[error("--enforce-role-name and --role-name are both `{0}`: the role that scans must not be able to write")]
    SameRole(String),
    /// A change does not fit together, or this version would make another one.
    #[error("the change of {resource}: {what}")]
    Unfit {
        /// The user's ARN.
        resource: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Refusal {
    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::OtherHash { .. } => "review the plan that is to be applied, and give its own hash",
            Self::NoRole { .. } => "name the role that may write in the accounts, or plan the own account alone",
            Self::SameRole(_) => "name a role of its own for writing",
            Self::FromTheFuture { .. } => "set the clock, or make a new plan",
            Self::AccountNotAllowed { .. } => "make a new plan, or allow the account in the config",
            Self::TooOld { .. } | Self::OtherInput { .. } | Self::Unfit { .. } => {
                "make a new plan with `portcullis enforce plan`"
            }
        }
    }
}

/// What a plan is held against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The hash that it must have, if one was given.
    pub expect_hash: Option<&'a str>,
    /// How old it may be.
    pub max_age: SignedDuration,
    /// This moment.
    pub now: Timestamp,
    /// The accounts that may be changed; all if there are none.
    pub allowed_accounts: &'a [String],
    /// The caller's account.
    pub own_account: &'a str,
    /// The role that scans.
    pub role_name: &'a str,
    /// The role that writes, if one was named.
    pub enforce_role_name: Option<&'a str>,
}

/// Holds a plan against hash and age, which need no AWS.
///
/// # Errors
///
/// The first reason not to apply it.
pub fn age_and_hash(
    plan: &Plan,
    expect_hash: Option<&str>,
    max_age: SignedDuration,
    now: Timestamp,
) -> Result<(), Refusal> {
    if let Some(expected) = expect_hash.filter(|expected| !expected.eq_ignore_ascii_case(&plan.hash)) {
        return Err(Refusal::OtherHash { found: plan.hash.clone(), expected: expected.to_owned() });
    }
    let created = plan.created_at;
    if created > now + SKEW {
        return Err(Refusal::FromTheFuture { created, now });
    }
    if now.duration_since(created) > max_age {
        return Err(Refusal::TooOld { created, max_age });
    }
    Ok(())
}

/// Holds the inputs of a plan against what `read` gives for their paths now.
///
/// # Errors
///
/// The first that is not what it was.
pub fn inputs(inputs: &[Input], read: impl Fn(&str) -> Result<String, String>) -> Result<(), Refusal> {
    for Input { path, sha256 } in inputs {
        let other = |what: String| Refusal::OtherInput { path: path.clone(), what };
        let text = read(path).map_err(|reason| other(format!("cannot be read: {reason}")))?;
        if fingerprint(&text) != *sha256 {
            return Err(other("is not as it was when the plan was made".to_owned()));
        }
    }
    Ok(())
}

/// Holds a plan against everything but its inputs.
///
/// # Errors
///
/// The first reason not to apply it.
pub fn terms(plan: &Plan, terms: &Terms<'_>) -> Result<(), Refusal> {
    age_and_hash(plan, terms.expect_hash, terms.max_age, terms.now)?;
    let bare = |name: &str| name.trim_matches('/').to_owned();
    if let Some(role) = terms.enforce_role_name.filter(|role| bare(role) == bare(terms.role_name)) {
        return Err(Refusal::SameRole(role.to_owned()));
    }
    for action in &plan.actions {
        let account = action.account.clone();
        if !terms.allowed_accounts.is_empty() && !terms.allowed_accounts.contains(&account) {
            return Err(Refusal::AccountNotAllowed { account });
        }
        if account != terms.own_account && terms.enforce_role_name.is_none() {
            return Err(Refusal::NoRole { account, own: terms.own_account.to_owned() });
        }
        if let Some(what) = misfit(plan, action) {
            return Err(Refusal::Unfit { resource: action.resource.clone(), what });
        }
    }
    Ok(())
}

/// What of a change does not fit together. A plan's hash says that nobody edited it, not that it was well made.
fn misfit(plan: &Plan, action: &Action) -> Option<String> {
    let partition = Partition::of_arn(&action.resource).filter(|_| is_account_id(&action.account));
    let is_repair = action.action == Kind::RepairGuardPolicy;
    let (kind, what) = if is_repair { ("policy/", "policy") } else { ("user/", "user") };
    let start = |partition: &Partition| partition.iam_arn(&action.account, kind);
    let Some(partition) = partition.filter(|partition| action.resource.starts_with(&start(partition))) else {
        return Some(format!("it is no {what} of account {}", action.account));
    };
    if is_repair && action.resource != action.policy_arn {
        return Some("it is not the policy that is repaired".to_owned());
    }
    if user_name(&action.resource).is_empty() {
        return Some("it has no name".to_owned());
    }
    let Some(variant) = variant_of(action) else { return Some(format!("there is no guard `{}`", action.guard)) };
    if action.policy_arn != variant.arn(partition.as_str(), &action.account) {
        return Some(format!("{} is not the ARN of our guard", action.policy_arn));
    }
    let document = plan.settings.guards().document(variant, partition.as_str());
    let ours = document.map(|document| fingerprint(&document)).ok();
    (ours.as_deref() != Some(action.document_sha256.as_str()))
        .then(|| "the guard's document is another one in this version of portcullis".to_owned())
}

#[cfg(test)]
mod tests;
