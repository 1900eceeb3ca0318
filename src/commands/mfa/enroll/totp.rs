//! Authenticator apps and tokens: a device is made or named, and enabled by two codes.

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{DeviceKind, EnrollArgs};
use crate::clock;
use crate::enroll::advice::MOST_DEVICES;
use crate::enroll::codes::Source;
use crate::enroll::enable::{Enabling, NotEnabled};
use crate::enroll::making::Fresh;
use crate::enroll::person::is_yes;
use crate::enroll::qr::{Picture, uri};
use crate::enroll::verify::{Codes, JUST_ENABLED, Wanted, verify};
use crate::enroll::{Acting, Pair, Person, Seed, Trouble};
use crate::model::untrusted::Untrusted;

use super::super::super::exit::{ExitStatus, Failure};
use super::super::super::live::interrupted;
use super::super::terminal::Terminal;
use super::made::{Made, make, maker, or_interrupted, sweep, take_back};
use super::picture;
use super::start::Start;

/// How long the session lasts in which another device is enrolled.
const SESSION: Duration = Duration::from_mins(15);

/// A device that is asked for.
#[derive(Default)]
struct New<'a> {
    /// The serial number of one that exists; `None`: it is made.
    serial: Option<&'a str>,
    /// Its name; `None`: one of this moment.
    name: Option<&'a str>,
    /// Where its QR code goes; `None`: it is shown.
    png: Option<PathBuf>,
}

/// A device that the user now has.
struct Enabled {
    serial: String,
    /// The step of the last code that is spent, where it is known.
    step: Option<u64>,
}

/// Enrolls a device, and another one if that is wished.
///
/// # Errors
///
/// If the device was not enabled.
pub(super) async fn enroll(
    start: &Start,
    args: &EnrollArgs,
    source: Source,
    person: &mut Terminal,
) -> Result<ExitStatus, Failure> {
    if start.devices > 0 && start.desk.whose.acting == Acting::Oneself && !start.session {
        person.tell(
            "You have a device already, and AWS takes another from you only when you are signed in with MFA: if it refuses, \
             use `portcullis mfa session` first.\n",
        );
    }
    let wanted = New { serial: args.serial.as_deref(), name: args.device_name.as_deref(), png: args.qr_png.clone() };
    let mut enabled = one(start, args, &source, wanted, person).await?;
    let may_ask = args.qr_png.is_none() && args.device == DeviceKind::Virtual && matches!(source, Source::Lines);
    let mut with_mfa = None;
    for devices in start.devices + 1..MOST_DEVICES {
        if !may_ask || !is_wished(person).await? {
            break;
        }
        let again = match with_mfa.take() {
            Some(again) => again,
            None => Box::pin(signed_in(start, &enabled, person)).await?,
        };
        let again = Start { devices, ..again };
        // What was asked for is the first.
        enabled = one(&again, args, &source, New::default(), person).await?;
        with_mfa = Some(again);
    }
    Ok(ExitStatus::Clean)
}

/// Whether another device is wished: whoever interrupts the question does not.
async fn is_wished(person: &mut Terminal) -> Result<bool, Failure> {
    let answer = tokio::select! {
        biased;
        () = interrupted() => return Ok(false),
        answer = person.ask("Enroll a backup device too? [y/N] ") => answer,
    };
    Ok(is_yes(answer.map_err(|error| Failure::run(&error))?.as_ref()))
}

/// The same start for another device. AWS takes it from a user who has one only when signed in with it.
async fn signed_in(start: &Start, enabled: &Enabled, person: &mut Terminal) -> Result<Start, Failure> {
    let (desk, session) = (start.desk.clone(), start.session);
    if desk.whose.acting == Acting::Administrator || session {
        return Ok(Start { desk, session, devices: 0 });
    }
    person.tell("AWS takes another device from you only when you are signed in with this one.\n");
    let wanted = Wanted { serial: &enabled.serial, lasting: Some(SESSION), spent: enabled.step, tries: JUST_ENABLED };
    Box::pin(or_interrupted(async {
        let opened = verify(&desk.hub, &wanted, Codes::Asked, person).await;
        let keys = opened.map_err(|error| Failure::Undone { help: error.help(), message: error.to_string() })?;
        let desk = desk.signed_by(keys).await?;
        Ok(Start { desk, session: true, devices: 0 })
    }))
    .await
}

/// Enrolls one device, and takes back what was made if that does not succeed.
async fn one(
    start: &Start,
    args: &EnrollArgs,
    source: &Source,
    new: New<'_>,
    person: &mut Terminal,
) -> Result<Enabled, Failure> {
    let mut made = Made::default();
    let done = match fresh(start, &new, &mut made, person).await {
        Ok(fresh) => or_interrupted(steps(start, args, source, (fresh, new), &mut made, person)).await,
        Err(failure) => Err(failure),
    };
    match done {
        Ok(enabled) => {
            tell_the_end(start, &enabled.serial, made.picture, person);
            Ok(enabled)
        }
        Err(failure) => Err(take_back(start, made, failure, person).await),
    }
}

/// The device that is made for the user; `None` if it is there already.
async fn fresh(start: &Start, new: &New<'_>, made: &mut Made, person: &mut Terminal) -> Result<Option<Fresh>, Failure> {
    if new.serial.is_some() {
        return Ok(None);
    }
    or_interrupted(async {
        sweep(start, person).await;
        Ok(())
    })
    .await?;
    make(start, new.name, made, person).await.map(Some)
}

/// From a device that nobody has to an enabled one.
async fn steps(
    start: &Start,
    args: &EnrollArgs,
    source: &Source,
    (fresh, new): (Option<Fresh>, New<'_>),
    made: &mut Made,
    person: &mut Terminal,
) -> Result<Enabled, Failure> {
    let serial = fresh.as_ref().map(|fresh| fresh.serial.as_str()).or(new.serial);
    let serial = serial.ok_or_else(|| Failure::Usage("there is no serial number".to_owned()))?;
    if let Some(fresh) = &fresh {
        hand_over(start, args, &fresh.seed, new.png, made, person).await?;
    }
    let seed = fresh.as_ref().map(|fresh| &fresh.seed);
    let pair = enable(start, source, serial, seed, person).await?;
    // From here on the user has it.
    made.device = None;
    match maker(start).is_listed(serial).await {
        Ok(true) => Ok(Enabled { serial: serial.to_owned(), step: pair.step }),
        Ok(false) => Err(Failure::Undone {
            message: format!("AWS enabled {serial}, but does not list it after 30 seconds"),
            help: Some("look again in a minute, with `portcullis mfa status`".to_owned()),
        }),
        Err(error) => Err(Failure::Undone {
            message: format!("AWS enabled {serial}, and then did not let us look: {error}"),
            help: Some("look with `portcullis mfa status`".to_owned()),
        }),
    }
}

/// Gives the secret to the authenticator app.
async fn hand_over(
    start: &Start,
    args: &EnrollArgs,
    seed: &Seed,
    png: Option<PathBuf>,
    made: &mut Made,
    person: &mut Terminal,
) -> Result<(), Failure> {
    let picture = Picture::of(&uri(&start.desk.whose.user, start.desk.account(), seed));
    match (picture, png) {
        (Err(error), _) => person.tell(&format!("{error}; use --show-secret.\n")),
        (Ok(picture), Some(path)) => {
            picture::write(&picture, &path)?;
            person.tell(&format!("Scan the QR code in {}.\n", Untrusted(&path.display().to_string())));
            made.picture = Some(path);
        }
        (Ok(picture), None) => {
            person.tell("Scan this with your authenticator app:\n");
            if !picture::show(&picture, args.theme, person).await? {
                return Err(Failure::Undone { message: "the QR code could not be shown".to_owned(), help: None });
            }
        }
    }
    if args.show_secret {
        person.show(&seed.line()).map_err(|error| picture::unshown(&error))?;
    }
    Ok(())
}

/// Spends two codes on it.
async fn enable(
    start: &Start,
    source: &Source,
    serial: &str,
    seed: Option<&Seed>,
    person: &mut Terminal,
) -> Result<Pair, Failure> {
    let desk = &start.desk;
    let enabling = Enabling {
        reader: &desk.reader,
        writer: &desk.writer,
        book: &desk.book,
        situation: start.situation(),
        serial,
        seed,
        now: clock::now,
    };
    if matches!(source, Source::Lines) {
        person.tell("Then give two codes that it shows one after the other.\n");
    }
    enabling.enable(source, person).await.map_err(|error| {
        let help = match &error {
            NotEnabled::Codes(error) | NotEnabled::Trouble(Trouble::Aws(error)) => start.situation().advice(error),
            NotEnabled::Trouble(Trouble::Ledger(error)) => error.help().map(str::to_owned),
            _ => None,
        };
        Failure::Undone { message: format!("the device was not enabled: {error}"), help }
    })
}

/// Says what is left to do.
fn tell_the_end(start: &Start, serial: &str, picture: Option<PathBuf>, person: &mut Terminal) {
    let user = &start.desk.whose.user;
    person.tell(&format!("Enabled: user {user} has the device {}.\n", Untrusted(serial)));
    if let Some(path) = picture {
        person.tell(&format!("Delete {}: it holds the secret.\n", Untrusted(&path.display().to_string())));
    }
    person.tell(match start.desk.whose.acting {
        Acting::Oneself => {
            "Sign out of the console and in again with a code. For the CLI use `portcullis mfa session`.\n"
        }
        Acting::Administrator => "The user has to sign out of the console and in again with a code.\n",
    });
}
