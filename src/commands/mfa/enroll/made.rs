//! What a run makes before the device is the user's, and how it is taken back.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock;
use crate::enroll::making::{Fresh, Maker, NotMade, Remains, Swept};
use crate::enroll::{Person, Trouble};
use crate::model::untrusted::Untrusted;

use super::super::super::exit::Failure;
use super::super::super::live::interrupted;
use super::super::terminal::Terminal;
use super::start::Start;

/// How long AWS is waited for before it is said that one need not wait.
const SOON: Duration = Duration::from_secs(3);

/// What this run has made so far, to be taken back if it does not get to its end.
#[derive(Default)]
pub(super) struct Made {
    /// The device that nobody has yet.
    pub(super) device: Option<String>,
    /// Whether AWS may not have made it.
    is_unsure: bool,
    /// The picture of its secret.
    pub(super) picture: Option<PathBuf>,
}

/// Runs `work`, unless it is interrupted.
pub(super) async fn or_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = interrupted() => Err(broken_off()),
        done = work => done,
    }
}

fn broken_off() -> Failure {
    Failure::Undone { message: "interrupted".to_owned(), help: None }
}

/// Makes and unmakes devices for the user.
pub(super) fn maker(start: &Start) -> Maker<'_> {
    let desk = &start.desk;
    Maker { reader: &desk.reader, writer: &desk.writer, book: &desk.book, whose: &desk.whose }
}

/// Deletes what earlier tries left over, or names it.
pub(super) async fn sweep(start: &Start, person: &mut Terminal) {
    for Swept { serial, why_not } in maker(start).sweep(clock::now()).await {
        match why_not {
            None => person.tell(&format!("Deleted {}, which an earlier try left over.\n", Untrusted(&serial))),
            Some(trouble) => person.tell(&remains(&serial, &trouble)),
        }
    }
}

/// Makes the device. An interruption waits for AWS's answer, since only that tells what is to be taken back; another one
/// does not.
///
/// # Errors
///
/// If it was not made, or that was interrupted.
pub(super) async fn make(
    start: &Start,
    name: Option<&str>,
    made: &mut Made,
    person: &mut Terminal,
) -> Result<Fresh, Failure> {
    let maker = maker(start);
    let mut making = Box::pin(maker.make(name, clock::now()));
    let answer = tokio::select! {
        biased;
        () = interrupted() => None,
        answer = &mut making => Some(answer),
    };
    let is_stopped = answer.is_none();
    let answer = if let Some(answer) = answer {
        answer
    } else {
        person.tell("\nInterrupted while AWS makes a device: its answer is waited for (Ctrl-C again: do not wait) …\n");
        tokio::select! {
            biased;
            () = interrupted() => return Err(given_up()),
            answer = making => answer,
        }
    };
    match answer {
        Ok(fresh) => {
            made.device = Some(fresh.serial.clone());
            if is_stopped {
                return Err(broken_off());
            }
            person.tell(&format!("Created {}.\n", Untrusted(&fresh.serial)));
            Ok(fresh)
        }
        Err(error) => {
            if let NotMade::Unsure { serial, .. } = &error {
                (made.device, made.is_unsure) = (Some(serial.clone()), true);
            }
            Err(not_made(start, &error))
        }
    }
}

/// The failure where AWS's answer was not waited for.
fn given_up() -> Failure {
    Failure::Undone {
        message: "interrupted while AWS was making a device: whether it did is not known".to_owned(),
        help: Some(
            "`aws iam list-virtual-mfa-devices --assignment-status Unassigned` shows it; it does no harm, and an \
             administrator can delete it"
                .to_owned(),
        ),
    }
}

fn not_made(start: &Start, error: &NotMade) -> Failure {
    let help = match error {
        NotMade::Trouble(Trouble::Aws(error)) => start.situation().advice(error),
        NotMade::Trouble(Trouble::Ledger(error)) => error.help().map(str::to_owned),
        NotMade::Unsure { .. } => None,
        NotMade::NoName(_) => Some("wait a minute, or choose a name with --device-name".to_owned()),
        NotMade::Taken { .. } => Some("choose another name with --device-name".to_owned()),
        NotMade::InTheWay { serial, .. } => Some(format!(
            "choose another name, or ask an administrator to run: aws iam delete-virtual-mfa-device --serial-number {serial}"
        )),
    };
    Failure::Undone { message: error.to_string(), help }
}

/// Takes back what was made; the failure, with what remains.
pub(super) async fn take_back(start: &Start, made: Made, failure: Failure, person: &mut Terminal) -> Failure {
    if let Some(path) = &made.picture
        && let Err(error) = std::fs::remove_file(path)
    {
        let path = path.display().to_string();
        person.tell(&format!("\n{} could not be deleted, and holds the secret: {error}\n", Untrusted(&path)));
    }
    let Some(serial) = made.device else { return failure };
    person.tell("\n");
    let told = match discarded(start, &serial, person).await {
        Some(Remains::Deleted) => format!("{serial} was deleted again; nothing is left behind.\n"),
        Some(Remains::Nothing) => format!("There is no {serial}; nothing is left behind.\n"),
        Some(Remains::Enabled) => format!("{serial} was enabled all the same: the user has it.\n"),
        Some(Remains::Device(_)) if made.is_unsure => maybe(&serial, "it could not be deleted"),
        Some(Remains::Device(trouble)) => remains(&serial, &trouble),
        None => maybe(&serial, "AWS was not waited for"),
    };
    person.tell(&told);
    failure
}

/// What remains of the device; `None` if that was not waited for.
async fn discarded(start: &Start, serial: &str, person: &mut Terminal) -> Option<Remains> {
    let maker = maker(start);
    let work = async {
        let mut discarding = Box::pin(maker.discard(serial));
        if let Ok(remains) = tokio::time::timeout(SOON, &mut discarding).await {
            return remains;
        }
        person.tell(&format!("{serial} is being deleted, and AWS does not answer yet (Ctrl-C again: do not wait) …\n"));
        discarding.await
    };
    tokio::select! {
        biased;
        () = interrupted() => None,
        remains = work => Some(remains),
    }
}

/// What is said of a device that could not be deleted.
fn remains(serial: &str, trouble: &Trouble) -> String {
    format!(
        "{} remains, and nobody has it ({}). It does no harm; an administrator can delete it:\n{}",
        Untrusted(serial),
        reason(trouble),
        by_hand(serial)
    )
}

/// What is said of a device that may be there.
fn maybe(serial: &str, why: &str) -> String {
    format!(
        "{} may be there, and nobody has it: {why}. It does no harm; an administrator can delete it:\n{}",
        Untrusted(serial),
        by_hand(serial)
    )
}

/// The command that deletes a device.
fn by_hand(serial: &str) -> String {
    format!("  aws iam delete-virtual-mfa-device --serial-number {}\n", Untrusted(serial))
}

fn reason(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Aws(error) => error.reason(),
        Trouble::Ledger(error) => error.to_string(),
    }
}
