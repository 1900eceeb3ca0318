//! Portcullis proves that every IAM user and every root of an AWS organization signs in with a second factor.
//!
//! The flow has one direction: discover accounts, collect facts, and from there on everything is pure: a
//! [`model::AccountFacts`] an account is judged by rules into a [`model::Evaluation`], which reports render.
//!
//! ```text
//! aws ──► collect ──► AccountFacts ──► evaluate ──► Evaluation ──► report
//!                          │   ▲           ▲
//!                          └─ snapshot   rules ──► iam
//! ```

#[cfg(feature = "aws")]
pub mod aws;
pub mod cli;
pub mod clock;
#[cfg(feature = "aws")]
pub mod collect;
pub mod commands;
pub mod config;
pub mod console;
pub mod enforce;
#[cfg(feature = "aws")]
pub mod enroll;
pub mod evaluate;
pub mod iam;
#[cfg(feature = "aws")]
pub mod journal;
pub mod ledger;
pub mod logging;
pub mod model;
#[cfg(feature = "aws")]
pub mod onboard;
pub mod principals;
pub mod report;
pub mod rules;
pub mod snapshot;
#[cfg(test)]
mod testing;
pub mod yaml;
