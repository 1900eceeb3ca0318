//! `portcullis mfa resync`: a device is brought into step again.

use crate::cli::ResyncArgs;
use crate::clock;
use crate::console;
use crate::enroll::codes::Pair;
use crate::enroll::devices::{self, Device};
use crate::enroll::resync::{NotInStep, Resync};
use crate::enroll::{Person as _, Situation, Trouble};
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::super::live::interrupted;
use super::desk::{Desk, block_on, source};
use super::remove::{not_chosen, not_read};
use super::terminal::Terminal;

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, or the device is not in step.
pub(super) fn run(args: &ResyncArgs) -> Result<ExitStatus, Failure> {
    let given = args.codes.codes.as_deref().map(Pair::given).transpose();
    let given = given.map_err(|wrong| Failure::Usage(format!("--codes: {wrong}")))?;
    block_on(resync(args, given))
}

async fn resync(args: &ResyncArgs, given: Option<Pair>) -> Result<ExitStatus, Failure> {
    let path = args.ledger.ledger.as_deref();
    let desk = Desk::open(&args.connect, args.whose.user.as_deref(), path).await?;
    let mut person = Terminal::default();
    let session = desk.hub.signs_with_session().await.map_err(|error| Failure::aws(&error))?;
    let user = &desk.whose.user;
    let devices = devices::of_user(&desk.reader, user).await.map_err(|error| not_read(&desk, session, &error))?;
    let device = devices::choose_with_codes(&devices, user, args.serial.as_deref()).map_err(|not| not_chosen(&not))?;
    let told = desk.whose.told(desk.hub.caller());
    person.tell(&format!("Bringing {} into step, {}.\n", Untrusted(&device.name), Untrusted(&told)));
    let codes = source(&args.codes, given);
    desk.book.started(&format!("mfa resync {user}")).await.map_err(|error| Failure::ledger(&error))?;
    // IAM has just answered: this is no session that may call nothing.
    let situation = Situation { whose: &desk.whose, devices: devices.len(), session: false };
    let work = Resync { writer: &desk.writer, book: &desk.book, situation, device: &device, now: clock::now };
    // So that the ledger is told of the end.
    let result = tokio::select! {
        biased;
        () = interrupted() => None,
        result = work.run(&codes, &mut person) => Some(result),
    };
    let message = match &result {
        Some(Ok(())) => "the device is in step",
        Some(Err(_)) => "the device was not brought into step",
        None => "interrupted",
    };
    desk.book.finished(message).await.map_err(|error| Failure::ledger(&error))?;
    desk.end_of_ledger(path);
    result.ok_or_else(|| broken_off(&device))?.map_err(|why| failure(work.help(&why), why))?;
    done(user, &device)
}

fn broken_off(device: &Device) -> Failure {
    let serial = Untrusted(&device.serial);
    Failure::Undone {
        message: "interrupted; the device is not known to be in step".to_owned(),
        help: Some(format!(
            "if AWS was asked already, it may have done it: try a new code with `portcullis mfa verify --serial {serial}`, \
             or run this again with new codes"
        )),
    }
}

fn done(user: &str, device: &Device) -> Result<ExitStatus, Failure> {
    let (user, name) = (Untrusted(user), Untrusted(&device.name));
    console::out(&format!("{name} of user {user} is in step with AWS again\n"))
        .map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

/// Wrong codes, and no answer, leave the device as it is or may be; a refusal is no start at all.
fn failure(help: Option<String>, why: NotInStep) -> Failure {
    let message = match &why {
        NotInStep::Refused { error, .. } => format!("{why}: {error}"),
        NotInStep::Input(error) => format!("{why}: {error}"),
        _ => why.to_string(),
    };
    match why {
        NotInStep::Trouble(Trouble::Ledger(error)) => Failure::ledger(&error),
        NotInStep::Trouble(Trouble::Aws(error)) if !error.may_be_done() => Failure::Run { message, help },
        NotInStep::NoSecret | NotInStep::Input(_) => Failure::Run { message, help },
        _ => Failure::Undone { message, help },
    }
}
