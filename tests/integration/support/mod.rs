//! The harness of the integration tests.
//!
//! A test usually reads: start [`server::Moto`], seed an [`org::Org`], put a [`proxy::Proxy`] in front, run the
//! program with [`portcullis::Portcullis`] against the proxy, compare its results with the truth and the calls.
//! [`terminal::Terminal`] has the program on a terminal, to be asked and answered. [`boto::Boto`] asks the same
//! questions with boto3. Nothing outlives the value that started it.

pub(crate) mod boto;
pub(crate) mod org;
pub(crate) mod portcullis;
pub(crate) mod proxy;
pub(crate) mod python;
pub(crate) mod server;
pub(crate) mod signed;
pub(crate) mod terminal;
