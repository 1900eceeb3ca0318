//! `portcullis mfa remove`: a device is taken away.

use crate::cli::RemoveArgs;

use super::super::exit::{ExitStatus, Failure};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run.
pub(super) fn run(_args: &RemoveArgs) -> Result<ExitStatus, Failure> {
    Err(Failure::Usage("not built yet".to_owned()))
}
