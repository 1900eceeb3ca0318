//! `portcullis mfa enroll`: a user gets a device.
//!
//! Whatever happens between the making of a device and its enabling (no codes, wrong ones, Ctrl-C), the device is taken
//! out of the world again, or it is said what remains.

mod made;
mod passkey;
mod picture;
mod totp;

use std::collections::BTreeSet;

use crate::aws::ErrorKind;
use crate::cli::{DeviceKind, EnrollArgs};
use crate::enroll::Situation;
use crate::enroll::advice::MOST_DEVICES;
use crate::enroll::codes::Pair;
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::{Desk, Terminal, block_on, source};
use crate::enroll::Person as _;

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, or the device was not enabled.
pub(super) fn run(args: &EnrollArgs) -> Result<ExitStatus, Failure> {
    let given = args.codes.codes.as_deref().map(Pair::given).transpose();
    let given = given.map_err(|wrong| Failure::Usage(format!("--codes: {wrong}")))?;
    if args.device == DeviceKind::Passkey && (given.is_some() || args.codes.totp_from_stdin || args.serial.is_some()) {
        return Err(Failure::Usage("a passkey shows no codes and is enrolled in the console".to_owned()));
    }
    // A device that is made for nothing could not be deleted again by a guarded user.
    args.qr_png.as_deref().map_or(Ok(()), picture::check)?;
    block_on(enroll(args, given))
}

/// What a run knows when it begins.
struct Start {
    desk: Desk,
    /// How many devices the user has.
    devices: usize,
    /// Whether the caller's credentials are those of a session.
    session: bool,
}

impl Start {
    fn situation(&self) -> Situation<'_> {
        Situation { whose: &self.desk.whose, devices: self.devices, session: self.session }
    }
}

async fn enroll(args: &EnrollArgs, given: Option<Pair>) -> Result<ExitStatus, Failure> {
    let path = args.ledger.ledger.as_deref();
    let desk = Desk::open(&args.connect, args.whose.user.as_deref(), path).await?;
    let mut person = Terminal::default();
    let told = desk.whose.told(desk.hub.caller());
    person.tell(&format!("Enrolling a device {}.\n", Untrusted(&told)));
    let (start, before) = look(desk).await?;
    let (book, user) = (start.desk.book.clone(), start.desk.whose.user.clone());
    book.started(&format!("mfa enroll {user}")).await.map_err(|error| Failure::ledger(&error))?;
    let result = match args.device {
        DeviceKind::Passkey => passkey::enroll(&start, &before, &mut person).await,
        DeviceKind::Virtual | DeviceKind::Hardware => {
            Box::pin(totp::enroll(&start, args, source(&args.codes, given), &mut person)).await
        }
    };
    // Of a device that was enabled before that the ledger tells.
    let message = if result.is_ok() { "a device was enabled" } else { "it did not come to its end" };
    book.finished(message).await.map_err(|error| Failure::ledger(&error))?;
    start.desk.end_of_ledger(path);
    result
}

/// Looks at what is there before anything is made: the serial numbers of the devices that the user has.
async fn look(desk: Desk) -> Result<(Start, BTreeSet<String>), Failure> {
    let session = desk.hub.signs_with_session().await.map_err(|error| Failure::aws(&error))?;
    let user = desk.whose.user.clone();
    let devices = match Box::pin(desk.reader.mfa_devices(&user)).await {
        Ok(devices) => devices,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!("there is no user {} in account {}", Untrusted(&user), desk.account());
            let help = "names are case-sensitive here; a new user is made with `portcullis onboard`".to_owned();
            return Err(Failure::Run { message, help: Some(help) });
        }
        Err(error) => {
            let help = Situation { whose: &desk.whose, devices: 0, session }.advice(&error);
            return Err(Failure::Run { message: error.to_string(), help });
        }
    };
    if devices.len() >= MOST_DEVICES {
        return Err(Failure::Undone {
            message: format!("user {} has {} devices, and AWS allows {MOST_DEVICES}", Untrusted(&user), devices.len()),
            help: Some(format!("take one away first: `portcullis mfa status {user}` shows them")),
        });
    }
    let start = Start { desk, devices: devices.len(), session };
    Ok((start, devices.into_iter().map(|device| device.serial).collect()))
}
