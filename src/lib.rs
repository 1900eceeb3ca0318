//! Portcullis proves that every IAM user and every root of an AWS organization signs in with a second factor.
//!
//! The flow has one direction: discover accounts, collect facts, and from there on everything is pure: a
//! [`model::AccountFacts`] an account is judged by rules into a [`model::Evaluation`], which reports render.
#![doc = ""]

#[cfg(feature = "aws")]
pub mod aws;
pub mod model;
