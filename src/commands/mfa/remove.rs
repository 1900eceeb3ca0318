//! `portcullis mfa remove`: a device is taken away.

use std::cell::Cell;

use crate::aws::{AwsError, ErrorKind};
use crate::cli::RemoveArgs;
use crate::console;
use crate::enroll::devices::{self, Device, NotChosen};
use crate::enroll::guarded::Guarded;
use crate::enroll::remove::{Last, NotRemoved, Removal, Stage, Target, aftermath, has_password, refusal};
use crate::enroll::{Person as _, Situation, Trouble};
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::super::live::interrupted;
use super::desk::{Desk, block_on};
use super::terminal::Terminal;

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, was refused, or the device is not gone.
pub(super) fn run(args: &RemoveArgs) -> Result<ExitStatus, Failure> {
    block_on(remove(args))
}

async fn remove(args: &RemoveArgs) -> Result<ExitStatus, Failure> {
    let path = args.ledger.ledger.as_deref();
    let desk = Desk::open(&args.connect, args.whose.user.as_deref(), path).await?;
    let mut person = Terminal::default();
    let session = desk.hub.signs_with_session().await.map_err(|error| Failure::aws(&error))?;
    let user = &desk.whose.user;
    let all = devices::of_user(&desk.reader, user).await.map_err(|error| not_read(&desk, session, &error))?;
    let target = Target::find(&desk.reader, &all, user, args.serial.as_deref()).await;
    let target = target.map_err(|not| not_chosen(&not))?;
    let left: Vec<&Device> = all.iter().filter(|device| device.serial != target.device.serial).collect();
    let is_last = target.is_owned && left.is_empty();
    let guarded = if is_last { may_go(&desk, args.allow_last).await? } else { false };
    let told = desk.whose.told(desk.hub.caller());
    person.tell(&format!("Removing {}, {}.\n", Untrusted(&target.device.serial), Untrusted(&told)));
    desk.book.started(&format!("mfa remove {user}")).await.map_err(|error| Failure::ledger(&error))?;
    let result = work(&desk, &target, all.len(), session).await;
    let message = if result.is_ok() { "the device is gone" } else { "the device is not gone" };
    desk.book.finished(message).await.map_err(|error| Failure::ledger(&error))?;
    desk.end_of_ledger(path);
    result?;
    let (serial, owner) = (Untrusted(&target.device.serial), Untrusted(user));
    let text =
        if target.is_owned { format!("removed {serial} from user {owner}\n") } else { format!("deleted {serial}\n") };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    if let Some(after) = aftermath(user, &left, guarded).filter(|_| target.is_owned) {
        person.tell(&format!("{}\n", Untrusted(&after)));
    }
    Ok(ExitStatus::Clean)
}

/// Whether the user whose last device is to go is guarded, or may be.
///
/// # Errors
///
/// If the device stays.
async fn may_go(desk: &Desk, allowed: bool) -> Result<bool, Failure> {
    let user = &desk.whose.user;
    let guarded = Guarded::of(&desk.reader, user).await.is();
    let password = has_password(&desk.reader, user).await;
    match refusal(user, Last { acting: desk.whose.acting, guarded, password, allowed }) {
        Some(refusal) => {
            Err(Failure::Run { message: Untrusted(&refusal.to_string()).to_string(), help: Some(refusal.help()) })
        }
        None => Ok(guarded != Some(false)),
    }
}

/// Removes it, or says how far that came when it is interrupted.
async fn work(desk: &Desk, target: &Target, devices: usize, session: bool) -> Result<(), Failure> {
    let stage = Cell::new(Stage::Untouched);
    // IAM has just answered: a session of the user is none without MFA, so that it is for its policies if AWS refuses.
    let devices = if session { 0 } else { devices };
    let removal = Removal {
        reader: &desk.reader,
        writer: &desk.writer,
        book: &desk.book,
        situation: Situation { whose: &desk.whose, devices, session: false },
        target,
        stage: &stage,
    };
    tokio::select! {
        biased;
        () = interrupted() => Err(broken_off(&removal)),
        result = removal.run() => result.map_err(|not| failure(&removal, not)),
    }
}

fn broken_off(removal: &Removal<'_>) -> Failure {
    let serial = Untrusted(&removal.target.device.serial);
    let (message, help) = match removal.stage.get() {
        Stage::Untouched if removal.target.is_owned => ("interrupted; nothing was changed".to_owned(), None),
        Stage::Untouched | Stage::Deactivating => {
            (format!("interrupted; whether {serial} was taken away is not known"), Some(removal.look()))
        }
        Stage::Deactivated => {
            let user = Untrusted(&removal.situation.whose.user);
            let message = format!(
                "interrupted; {serial} is no longer a device of user {user}, and whether it was deleted is not known"
            );
            (message, Some(removal.finish()))
        }
    };
    Failure::Undone { message, help }
}

fn failure(removal: &Removal<'_>, not: NotRemoved) -> Failure {
    let help = removal.help(&not);
    let serial = Untrusted(&removal.target.device.serial);
    match not {
        NotRemoved::Kept(Trouble::Ledger(error)) => Failure::ledger(&error),
        NotRemoved::Kept(trouble) => Failure::Run { message: format!("{}; nothing was changed", told(&trouble)), help },
        NotRemoved::Unsure(trouble) => {
            let message = format!("{}; whether {serial} was taken away is not known", told(&trouble));
            Failure::Undone { message, help }
        }
        NotRemoved::Left(trouble) => Failure::Undone { message: left(removal, &told(&trouble)), help },
    }
}

/// What happened, with its cause.
fn told(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Aws(error) => error.to_string(),
        Trouble::Ledger(error) => format!("{trouble}: {}", Untrusted(&error.to_string())),
    }
}

/// What is said of a virtual device that nobody has any more.
fn left(removal: &Removal<'_>, why: &str) -> String {
    let (serial, user) = (Untrusted(&removal.target.device.serial), Untrusted(&removal.situation.whose.user));
    format!("{serial} is no longer a device of user {user}, but it was not deleted and is nobody's now: {why}")
}

/// The failure where the devices of the user could not be read.
pub(super) fn not_read(desk: &Desk, session: bool, error: &AwsError) -> Failure {
    let user = Untrusted(&desk.whose.user);
    if error.kind() == ErrorKind::NotFound {
        let message = format!("there is no user {user} in account {}", Untrusted(desk.account()));
        return Failure::Run { message, help: Some("the name is that of IAM, without a path".to_owned()) };
    }
    let help = Situation { whose: &desk.whose, devices: 0, session }.advice(error);
    Failure::Run { message: error.to_string(), help }
}

/// The failure where it is not known which device is meant.
pub(super) fn not_chosen(not: &NotChosen) -> Failure {
    Failure::Run { message: Untrusted(&not.to_string()).to_string(), help: Some(not.help()) }
}
