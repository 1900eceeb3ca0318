//! `portcullis enforce`: plan, apply, run, release, revert, status and announce.

use crate::cli::{AwsArgs, EnforceCommand, EnforceRoleArgs};

use super::exit::{ExitStatus, Failure};

/// Runs a subcommand of `enforce`.
///
/// # Errors
///
/// If the command line makes no sense, or it could not be run to its end.
pub(super) fn run(command: &EnforceCommand) -> Result<ExitStatus, Failure> {
    if let Some((role, aws)) = roles(command) {
        role.check(aws).map_err(Failure::Usage)?;
    }
    let name = match command {
        EnforceCommand::Plan(_) => "plan",
        EnforceCommand::Apply(_) => "apply",
        EnforceCommand::Run(_) => "run",
        EnforceCommand::Release(_) => "release",
        EnforceCommand::Revert(_) => "revert",
        EnforceCommand::Status(_) => "status",
        EnforceCommand::Announce(_) => "announce",
    };
    Err(Failure::Run { message: format!("enforce {name} is being built"), help: None })
}

/// The role that writes, and the one that reads, of subcommands that write.
const fn roles(command: &EnforceCommand) -> Option<(&EnforceRoleArgs, &AwsArgs)> {
    match command {
        EnforceCommand::Apply(args) => Some((&args.role, &args.aws)),
        EnforceCommand::Run(args) => Some((&args.role, &args.aws)),
        EnforceCommand::Release(args) => Some((&args.role, &args.aws)),
        EnforceCommand::Revert(args) => Some((&args.role, &args.aws)),
        EnforceCommand::Plan(_) | EnforceCommand::Status(_) | EnforceCommand::Announce(_) => None,
    }
}
