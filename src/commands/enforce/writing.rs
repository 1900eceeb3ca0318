//! As whom a run writes.

use crate::aws::{Caller, WriteRole, session_name};
use crate::cli::{AwsArgs, EnforceRoleArgs};

/// ARNs of the caller, and of the user behind it if that is known: nobody may shut itself out.
pub(super) fn of_caller(caller: &Caller) -> Vec<String> {
    // The session of a role does not tell who assumed it.
    vec![caller.arn.clone()]
}

/// The role to write with, if one is named. Its sessions tell the run, unless the command line names them.
pub(super) fn write_role(role: &EnforceRoleArgs, aws: &AwsArgs, run_id: &str) -> Option<WriteRole> {
    role.enforce_role_name.as_ref().map(|name| WriteRole {
        name: name.clone(),
        external_id: aws.external_id.clone(),
        session_name: aws.session_name.clone().unwrap_or_else(|| session_name("enforce", run_id)),
    })
}
