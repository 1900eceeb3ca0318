//! YAML that people write: parsed with the position of every value, and diagnostics that point at it.
//!
//! Rules, waivers and the config file are read through here, so that each problem names its file, line and column.
//! The only place that knows the YAML library. May use `model`.

mod decode;
mod diagnostic;
mod parse;
mod read;

pub use decode::{Decoder, Fields};
pub(crate) use decode::{did_you_mean, listing};
pub use diagnostic::{Code, Diagnostic, Severity, SourceFile, Span, render};
pub use parse::{Key, Node, Value, parse};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
