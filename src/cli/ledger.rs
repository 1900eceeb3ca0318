//! The command line of `portcullis ledger`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::{account_id, hash};

/// Subcommands of `ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Show entries
    Show(ShowArgs),
    /// Verify that no entry was edited, removed, reordered or cut off
    ///
    /// Prints how many entries there are and the hash of the last one, its head. Keep the head elsewhere and give it to
    /// a later run with --head: only so it is noticed when the end is missing, or all was written anew. Exits with 5 if
    /// the chain is broken.
    Verify(VerifyArgs),
}

/// Where the ledger is.
#[derive(Debug, Clone, Args)]
pub struct LedgerArgs {
    /// The ledger: a file that only grows
    #[arg(long, value_name = "PATH", default_value = "portcullis-ledger.jsonl", env = "PORTCULLIS_LEDGER")]
    pub ledger: PathBuf,
}

/// Arguments of `ledger show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Which ledger
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// Only entries about this account
    #[arg(long, value_name = "ACCOUNT", value_parser = account_id)]
    pub account: Option<String>,
    /// Only entries about this user: an ARN, or a name
    #[arg(long, value_name = "ARN|NAME")]
    pub user: Option<String>,
    /// Only entries of this run
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// How to show them
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Shape,
}

/// Arguments of `ledger verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Which ledger
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// The hash of an entry that must be there, such as the head that an earlier run printed
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub head: Option<String>,
    /// How to tell
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Shape,
}

/// What commands that render no evaluation print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shape {
    /// For people.
    Table,
    /// For machines.
    Json,
}

/// The name of the ledger's schema in `rules schema`.
pub const LEDGER_SCHEMA: &str = "ledger";

/// The schemas that `rules schema` prints.
#[must_use]
pub fn schema_names() -> Vec<&'static str> {
    let of_people = crate::rules::schema::names().into_iter().chain([LEDGER_SCHEMA]);
    of_people.chain(crate::report::documents::names()).collect()
}
