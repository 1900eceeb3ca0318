//! `portcullis mfa enroll`: a user gets a device.
//!
//! Whatever happens between the making of a device and its enabling (no codes, wrong ones, Ctrl-C), the device is taken
//! out of the world again, or it is said what remains.

mod made;
mod passkey;
mod picture;
mod start;
mod totp;

use crate::cli::{DeviceKind, EnrollArgs};
use crate::enroll::codes::Pair;
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::desk::{Desk, block_on, source};
use super::terminal::Terminal;
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

async fn enroll(args: &EnrollArgs, given: Option<Pair>) -> Result<ExitStatus, Failure> {
    let path = args.ledger.ledger.as_deref();
    let desk = Desk::open(&args.connect, args.whose.user.as_deref(), path).await?;
    let mut person = Terminal::default();
    let told = desk.whose.told(desk.hub.caller());
    person.tell(&format!("Enrolling a device {}.\n", Untrusted(&told)));
    let (start, before) = start::look(desk).await?;
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
