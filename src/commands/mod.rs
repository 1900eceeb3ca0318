//! The subcommands, one file each, and how a run ends.
//!
//! A command gathers its inputs, calls the modules that do the work, and says how it ended; it judges nothing itself.

#[cfg(feature = "aws")]
mod deploy;
mod enforce;
mod exit;
#[cfg(feature = "aws")]
mod keep;
mod ledger;
mod lint;
#[cfg(feature = "aws")]
mod live;
#[cfg(feature = "aws")]
mod mfa;
mod offline;
#[cfg(feature = "aws")]
mod onboard;
mod output;
pub mod policy_files;
mod rules;
mod rules_explain;
mod rules_test;
mod scan;
mod simulate;
mod sources;
mod suggest;
#[cfg(feature = "aws")]
mod targets;

use crate::cli::{Cli, Command};

pub use exit::{ExitStatus, Failure};

/// Runs what the command line asks for.
///
/// # Errors
///
/// Why it could not be run to its end.
pub fn run(cli: &Cli) -> Result<ExitStatus, Failure> {
    match &cli.command {
        Command::Scan(args) => scan::run(args),
        Command::Rules(command) => rules::run(command),
        Command::Enforce(command) => enforce::run(command, cli.config_file.as_ref()),
        Command::Ledger(command) => ledger::run(command),
        Command::Simulate(args) if !args.lint.is_empty() => lint::run(args, cli.error_format == "json"),
        Command::Simulate(args) => simulate::run(args),
        #[cfg(feature = "aws")]
        Command::Mfa(command) => mfa::run(command),
        #[cfg(feature = "aws")]
        Command::Onboard(args) => onboard::run(args),
        #[cfg(feature = "aws")]
        Command::Deploy(args) => deploy::run(args),
        #[cfg(not(feature = "aws"))]
        Command::Mfa(_) | Command::Onboard(_) | Command::Deploy(_) => Err(Failure::Run {
            message: "this build of portcullis was made without AWS, and does not know its calls".to_owned(),
            help: Some("build with the `aws` feature".to_owned()),
        }),
    }
}
