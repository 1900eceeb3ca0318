//! `portcullis mfa status`: which devices a user has, and what to do next.

mod table;

use serde::Serialize;

use crate::aws::{Hub, Reader};
use crate::cli::{MfaStatusArgs, Shape};
use crate::clock;
use crate::console;
use crate::enroll::Whose;
use crate::enroll::status::{Look, NoStatus, RootStatus, Status};
use crate::enroll::whose::Nobody;
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::desk::{about_nobody, block_on, settings};

/// The name under which root is asked for, where no user has it.
const ROOT: &str = "root";

/// Runs the command.
///
/// # Errors
///
/// If AWS cannot be reached, or there is no such user.
pub(super) fn run(args: &MfaStatusArgs) -> Result<ExitStatus, Failure> {
    block_on(show(args))
}

async fn show(args: &MfaStatusArgs) -> Result<ExitStatus, Failure> {
    let hub = Hub::connect(settings(&args.connect, &clock::run_id())).await.map_err(|error| Failure::aws(&error))?;
    let session = hub.signs_with_session().await.map_err(|error| Failure::aws(&error))?;
    let look = Look { caller: hub.caller(), session, now: clock::now() };
    let reader = hub.own();
    let wanted = args.name.as_deref().or(args.user.as_deref());
    let whose = match Whose::of(hub.caller(), wanted) {
        Ok(whose) => whose,
        Err(Nobody::Root) => return root(args, &reader, look).await,
        Err(nobody) => return Err(about_nobody(&nobody)),
    };
    match Status::read(&reader, &whose, look).await {
        Ok(status) => {
            let text = || table::of_user(&status, &whose.told(hub.caller()));
            print(args.format, &status, text, status.is_complete())
        }
        Err(NoStatus::NoUser(name)) if name == ROOT => root(args, &reader, look).await,
        Err(NoStatus::NoUser(name)) => Err(Failure::Run {
            message: format!("there is no user {} in account {}", Untrusted(&name), Untrusted(&look.caller.account)),
            help: Some("the name is that of IAM, without a path; root is asked for as `root`".to_owned()),
        }),
        Err(NoStatus::Aws(error)) => Err(Failure::aws(&error)),
    }
}

async fn root(args: &MfaStatusArgs, reader: &Reader, look: Look<'_>) -> Result<ExitStatus, Failure> {
    let status = RootStatus::read(reader, look).await.map_err(|error| Failure::aws(&error))?;
    print(args.format, &status, || table::of_root(&status), status.is_complete())
}

/// Prints a status, for machines or for people.
fn print(
    format: Shape,
    status: &impl Serialize,
    table: impl FnOnce() -> String,
    is_complete: bool,
) -> Result<ExitStatus, Failure> {
    let text = match format {
        Shape::Table => table(),
        Shape::Json => serde_json::to_string_pretty(status).map_err(|error| Failure::run(&error))? + "\n",
    };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    Ok(if is_complete { ExitStatus::Clean } else { ExitStatus::Incomplete })
}
