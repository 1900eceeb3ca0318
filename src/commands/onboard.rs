//! `portcullis onboard`: a new user, compliant from the first minute.

use crate::cli::OnboardArgs;

use super::exit::{ExitStatus, Failure};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run.
pub(super) fn run(args: &OnboardArgs) -> Result<ExitStatus, Failure> {
    Err(Failure::Usage(format!("onboarding {} is not built yet", args.user)))
}
