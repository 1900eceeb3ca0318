//! From findings to changes: what is proposed, what is held back, what is done, and how it is undone.
//!
//! [`survey`] (pure) takes from an account's facts what a decision about its users needs. [`draft`] (pure) makes of all
//! surveys a [`Plan`], and holds back whom the guardrails protect. Applying reads every precondition again right before
//! each write, writes down what it is about to do and what came of it, and verifies.

#[cfg(feature = "aws")]
pub mod actions;
pub mod announce;
#[cfg(feature = "aws")]
pub mod apply;
#[cfg(feature = "aws")]
pub mod check;
pub mod draft;
pub mod expiry;
pub mod gate;
pub mod grace;
pub mod guard;
pub mod hold;
#[cfg(feature = "aws")]
pub mod live;
pub mod plan;
pub mod rearm;
pub mod refusal;
pub mod release;
pub mod revert;
pub mod seal;
pub mod show;
#[cfg(feature = "aws")]
pub mod site;
pub mod status;
pub mod step;
pub mod survey;
pub mod truth;
#[cfg(feature = "aws")]
pub mod undo;
#[cfg(feature = "aws")]
pub mod verify;
#[cfg(feature = "aws")]
pub mod wait;

use crate::iam::guard::Variant;

pub use grace::Grace;
pub use guard::Guards;
pub use hold::Reason;
pub use plan::{Action, HeldBack, Plan};

/// The guard of a change; `None` if this version has none of that name.
#[must_use]
pub fn variant_of(action: &Action) -> Option<Variant> {
    Variant::ALL.into_iter().find(|variant| variant.policy_name() == action.guard)
}

/// The friendly name of a user, from its ARN.
#[must_use]
pub fn user_name(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}
