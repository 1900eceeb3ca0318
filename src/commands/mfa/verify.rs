//! `portcullis mfa verify`: the proof that a device works.

use crate::cli::VerifyMfaArgs;

use super::super::exit::{ExitStatus, Failure};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run.
pub(super) fn run(_args: &VerifyMfaArgs) -> Result<ExitStatus, Failure> {
    Err(Failure::Usage("not built yet".to_owned()))
}
