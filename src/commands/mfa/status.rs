//! `portcullis mfa status`: which devices a user has, and what to do next.

use crate::cli::MfaStatusArgs;

use super::super::exit::{ExitStatus, Failure};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run.
pub(super) fn run(_args: &MfaStatusArgs) -> Result<ExitStatus, Failure> {
    Err(Failure::Usage("not built yet".to_owned()))
}
