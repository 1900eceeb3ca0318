//! Where a command tells what became of its changes.

use crate::cli::{Sink, View};
use crate::console;

use super::super::exit::Failure;

/// Where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tell {
    /// It is the data of the command.
    Stdout,
    /// Stdout has a document that somebody else goes on with, and must have nothing else.
    Stderr,
}

impl Tell {
    /// Beside a plan that is written to `sinks`.
    pub(super) fn beside(sinks: &[Sink<View>]) -> Self {
        let is_document = |sink: &Sink<View>| sink.path.is_none() && sink.format != View::Table;
        if sinks.iter().any(is_document) { Self::Stderr } else { Self::Stdout }
    }

    /// Tells it.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written.
    pub(super) fn results(self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Stdout => console::out(text).map_err(|error| Failure::run(&error)),
            Self::Stderr => {
                console::err(text);
                Ok(())
            }
        }
    }
}
