//! Passkeys: the console's steps are told, and the device waited for.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::enroll::Person as _;
use crate::enroll::passkey::{steps, wait};
use crate::model::untrusted::Untrusted;

use super::super::super::exit::{ExitStatus, Failure};
use super::super::super::live::interrupted;
use super::super::terminal::Terminal;
use super::start::Start;

/// How long somebody may take in the console.
const PATIENCE: Duration = Duration::from_mins(15);

/// Tells the steps and waits for the device.
///
/// # Errors
///
/// If none appears in time, or the devices can no longer be read.
pub(super) async fn enroll(
    start: &Start,
    before: &BTreeSet<String>,
    person: &mut Terminal,
) -> Result<ExitStatus, Failure> {
    let (desk, user) = (&start.desk, start.desk.whose.user.as_str());
    person.tell(&steps(user, desk.account(), &desk.hub.caller().partition));
    person.tell("Waiting for the device to appear (Ctrl-C ends this and changes nothing) …\n");
    let found = tokio::select! {
        biased;
        () = interrupted() => {
            let help = Some("what you do in the console stays; `portcullis mfa status` shows it".to_owned());
            return Err(Failure::Undone { message: "interrupted before the device appeared".to_owned(), help });
        }
        found = wait(&desk.reader, user, before, PATIENCE) => found,
    };
    let found = found
        .map_err(|error| Failure::Undone { help: start.situation().advice(&error), message: error.to_string() })?;
    match found {
        Some(serial) => {
            person.tell(&format!("{} is there. Sign out of the console and in again with it.\n", Untrusted(&serial)));
            Ok(ExitStatus::Clean)
        }
        None => Err(Failure::Undone {
            message: format!("no passkey appeared within {} minutes", PATIENCE.as_secs() / 60),
            help: Some("run this again to go on waiting".to_owned()),
        }),
    }
}
