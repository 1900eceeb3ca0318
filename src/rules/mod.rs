//! Rules: their language, its vocabulary of facts, its static checks, and the packs they come in.
//!
//! May use `iam`, `yaml` and `model`. Knows nothing of AWS calls, does no I/O and reads no clock.

pub mod builtin;
pub mod cases;
pub mod compile;
pub mod condition;
pub mod explain;
mod extends;
pub mod given;
pub mod index;
pub mod modes;
pub mod pack;
pub mod params;
pub mod rule;
pub mod schema;
pub mod subject;
mod syntax;
pub mod value;
pub mod vocabulary;
pub mod waiver;

pub use pack::{Loader, RuleSet, load};
pub use rule::Rule;
