//! Rules: their language, its vocabulary of facts, its static checks, and the packs they come in.
//!
//! May use `iam`, `yaml` and `model`. Knows nothing of AWS calls, does no I/O and reads no clock.

pub mod builtin;
pub mod compile;
pub mod condition;
pub mod index;
pub mod pack;
pub mod rule;
pub mod subject;
mod unknown;
pub mod value;
pub mod vocabulary;

pub use pack::{RuleSet, load};
pub use rule::Rule;
