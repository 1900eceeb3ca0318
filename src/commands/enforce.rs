//! `portcullis enforce`: plan, apply, run, release, revert, status and announce.

mod announce;
#[cfg(feature = "aws")]
mod apply;
mod book;
#[cfg(feature = "aws")]
mod consent;
mod plan;
#[cfg(feature = "aws")]
mod release;
#[cfg(feature = "aws")]
mod revert;
#[cfg(feature = "aws")]
mod run;
mod status;
mod surveys;
#[cfg(feature = "aws")]
mod tell;
#[cfg(feature = "aws")]
mod undoing;
#[cfg(feature = "aws")]
mod users;
#[cfg(feature = "aws")]
mod writing;

use crate::cli::{AwsArgs, EnforceCommand, EnforceRoleArgs};
use crate::yaml::SourceFile;

use super::exit::{ExitStatus, Failure};

#[cfg(feature = "aws")]
pub(super) use plan::guards_of;

/// Runs a subcommand of `enforce`.
///
/// # Errors
///
/// If the command line makes no sense, or it could not be run to its end.
pub(super) fn run(command: &EnforceCommand, config: Option<&SourceFile>) -> Result<ExitStatus, Failure> {
    if let Some((role, aws)) = roles(command) {
        role.check(aws).map_err(Failure::Usage)?;
    }
    match command {
        EnforceCommand::Plan(args) => plan::run(args, config),
        EnforceCommand::Status(args) => status::run(args),
        EnforceCommand::Announce(args) => announce::run(args, config),
        #[cfg(feature = "aws")]
        EnforceCommand::Apply(args) => apply::run(args),
        #[cfg(feature = "aws")]
        EnforceCommand::Release(args) => release::run(args, config),
        #[cfg(feature = "aws")]
        EnforceCommand::Revert(args) => revert::run(args),
        #[cfg(feature = "aws")]
        EnforceCommand::Run(args) => run::run(args, config),
        #[cfg(not(feature = "aws"))]
        _ => Err(without_aws()),
    }
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

#[cfg(not(feature = "aws"))]
fn without_aws() -> Failure {
    Failure::Run {
        message: "this build of portcullis was made without AWS".to_owned(),
        help: Some("plan from a saved snapshot with --snapshot PATH, or build with the `aws` feature".to_owned()),
    }
}
