//! Rules: their language, its vocabulary of facts, its static checks, and the packs they come in.
//!
//! May use `iam`, `yaml` and `model`. Knows nothing of AWS calls, does no I/O and reads no clock.

pub mod builtin;
pub mod cases;
pub mod compile;
pub mod condition;
pub mod explain;
mod extension;
pub mod given;
mod header;
pub mod index;
pub mod load;
pub mod modes;
pub mod pack;
pub mod params;
pub mod rule;
pub mod schema;
pub mod subject;
mod syntax;
mod unknown;
pub mod value;
pub mod vocabulary;
pub mod waiver;

pub use load::{RuleSet, load};
pub use pack::Loader;
pub use rule::Rule;
