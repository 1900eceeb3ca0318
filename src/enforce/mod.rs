//! From findings to changes: what is proposed, what is held back, what is done, and how it is undone.
//!
//! [`survey`] (pure) takes from an account's facts what a decision about its users needs. [`draft`] (pure) makes of all
//! surveys a [`Plan`], and holds back whom the guardrails protect. Applying reads every precondition again right before
//! each write, writes down what it is about to do and what came of it, and verifies.

pub mod draft;
pub mod grace;
pub mod guard;
pub mod hold;
#[cfg(feature = "aws")]
pub mod live;
pub mod plan;
pub mod seal;
pub mod show;
pub mod survey;
pub mod truth;

pub use grace::Grace;
pub use guard::Guards;
pub use hold::Reason;
pub use plan::{Action, HeldBack, Plan};
