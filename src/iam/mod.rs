//! The IAM policy language: parse documents, match patterns, and say what a document grants.
//!
//! Stands alone: it uses nothing else of the crate, does no I/O and knows no AWS client. Sources are the IAM User
//! Guide's pages on the grammar of policies (`reference_policies_grammar`, `reference_policies_elements_*`) and on how
//! they are evaluated (`reference_policies_evaluation-logic`).

mod condition;
pub mod context;
pub mod decide;
pub mod document;
mod explain;
pub mod guard;
pub mod limits;
pub mod lint;
pub mod mfa;
mod notes;
mod operand;
mod operator;
mod parse;
pub mod policy;
pub mod questions;
pub mod request;
mod template;
pub mod tree;
pub mod trust;
mod truth;
pub mod wildcard;

pub use context::{Context, Presence};
pub use decide::{Decision, Doubt, Layer, Policies, StatementRef, Verdict};
pub use document::{
    Condition, ConditionBlock, ConditionKey, Document, Effect, Elements, Principal, Principals, Statement,
    UnknownElement,
};
pub use limits::{first_outside, size};
pub use mfa::MfaContext;
pub use parse::{DocumentError, Strictness};
pub use policy::Policy;
pub use request::Request;
pub use trust::{CallerIdentity, TrustKinds, TrustPolicy};
pub use wildcard::Wildcard;
