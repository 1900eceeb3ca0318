//! `portcullis mfa`: help for one user on the way to a second factor.

pub(in crate::commands) mod desk;
mod enroll;
mod remove;
mod resync;
mod session;
mod status;
mod terminal;
mod token;
mod verify;

use crate::cli::{CodesArgs, MfaCommand};
use crate::enroll::codes::{Pair, Source};

use super::exit::{ExitStatus, Failure};

use desk::{Desk, block_on};
use terminal::Terminal;

/// Runs a subcommand.
///
/// # Errors
///
/// If it could not be run, or left something undone.
pub(super) fn run(command: &MfaCommand) -> Result<ExitStatus, Failure> {
    match command {
        MfaCommand::Status(args) => status::run(args),
        MfaCommand::Enroll(args) => enroll::run(args),
        MfaCommand::Resync(args) => resync::run(args),
        MfaCommand::Verify(args) => verify::run(args),
        MfaCommand::Session(args) => session::run(args),
        MfaCommand::Remove(args) => remove::run(args),
    }
}

/// Where two codes come from; `given` are those of the command line.
fn source(args: &CodesArgs, given: Option<Pair>) -> Source {
    match given {
        Some(pair) => Source::Given(pair),
        None if args.totp_from_stdin => Source::Secret,
        None => Source::Lines,
    }
}
