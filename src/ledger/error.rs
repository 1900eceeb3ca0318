//! Why a ledger cannot be read or written, and what to do next.

use std::io;

use super::chain::Damage;

/// Why a ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is none, and nothing may be made.
    #[error("there is no ledger `{ledger}`")]
    Missing {
        /// Its name: the path as given.
        ledger: String,
    },
    /// Another process writes it.
    #[error("the ledger `{ledger}` is being written by {holder}")]
    Locked {
        /// Its name.
        ledger: String,
        /// Who holds it, as far as it can be told.
        holder: String,
    },
    /// Its chain is broken.
    #[error("the ledger `{ledger}` is broken: {damage}")]
    Broken {
        /// Its name.
        ledger: String,
        /// Where and how.
        damage: Damage,
    },
    /// An entry is whole but cannot be understood.
    #[error("line {line} of the ledger `{ledger}` is whole but cannot be understood: {reason}")]
    Unreadable {
        /// Its name.
        ledger: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be read, locked or written.
    #[error("the ledger `{ledger}` {what}")]
    Io {
        /// Its name.
        ledger: String,
        /// What could not be done, and what holds now.
        what: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A record may not be written: it lacks a field, or holds a secret.
    #[error("this may not be written to the ledger: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}

impl LedgerError {
    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some("name it with --ledger PATH; a command that changes AWS makes it"),
            Self::Locked { .. } => Some("wait until it ends, or stop it; two writers would break the chain"),
            Self::Broken { .. } => Some(
                "nothing was written to it; find out who changed it, restore a copy whose head hash you know, or keep \
                 it as evidence and name a new one with --ledger PATH",
            ),
            Self::Unreadable { .. } => Some("a newer version of portcullis may have written it; use that one"),
            Self::Io { .. } | Self::Refused { .. } => None,
        }
    }
}
