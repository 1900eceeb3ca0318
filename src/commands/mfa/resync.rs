//! `portcullis mfa resync`: a device is brought into step again.

use crate::cli::ResyncArgs;

use super::super::exit::{ExitStatus, Failure};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run.
pub(super) fn run(_args: &ResyncArgs) -> Result<ExitStatus, Failure> {
    Err(Failure::Usage("not built yet".to_owned()))
}
