//! `portcullis mfa enroll`: a user gets a device.

use crate::cli::EnrollArgs;

use super::super::exit::{ExitStatus, Failure};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run.
pub(super) fn run(_args: &EnrollArgs) -> Result<ExitStatus, Failure> {
    Err(Failure::Usage("not built yet".to_owned()))
}
