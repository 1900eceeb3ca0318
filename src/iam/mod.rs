//! The IAM policy language: parse documents, match patterns, and say what a document grants.
//!
//! Stands alone: it uses nothing else of the crate, does no I/O and knows no AWS client. Sources are the IAM User
//! Guide's pages on the grammar of policies (`reference_policies_grammar`, `reference_policies_elements_*`) and on how
//! they are evaluated (`reference_policies_evaluation-logic`).

pub mod admin;
pub mod document;
pub mod limits;
mod parse;
pub mod tree;
pub mod trust;
pub mod wildcard;

pub use admin::{Grants, Verdict};
pub use document::{
    Condition, ConditionBlock, ConditionKey, Document, Effect, Elements, Principal, Principals, Statement,
    UnknownElement,
};
pub use limits::{first_outside, size};
pub use parse::{DocumentError, Strictness};
pub use trust::TrustKinds;
pub use wildcard::Wildcard;
