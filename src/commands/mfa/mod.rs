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

use crate::cli::MfaCommand;

use super::exit::{ExitStatus, Failure};

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
