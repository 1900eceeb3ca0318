//! `portcullis onboard`: a new user, compliant from the first minute.

mod deliver;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::aws::{Caller, Hub, Principal, Secret, Settings, session_name};
use crate::cli::{Guard, HandOut as HandOutFormat, OnboardArgs};
use crate::clock;
use crate::console;
use crate::enforce::Guards;
use crate::enforce::site::Site;
use crate::enforce::wait::PATIENCE;
use crate::enroll::Whose;
use crate::iam::guard::Variant;
use crate::model::untrusted::Untrusted;
use crate::onboard::{Delivery, End, Format, Found, HandOut, Left, Plan, Run, Wish};
use crate::onboard::{found, password, plan, show, wish};
use crate::report::sink;

use super::enforce::guards_of;
use super::exit::{ExitStatus, Failure};
use super::live::interrupted;
use super::mfa::desk::{block_on, journal, settings};

use deliver::{Nothing, ToFile, ToStdout};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, or something is left of what it made before it failed.
pub(super) fn run(args: &OnboardArgs) -> Result<ExitStatus, Failure> {
    let wish = wanted(args)?;
    let guards = guards_of(args.via_services, args.guard_document.as_deref())?;
    check_files(args)?;
    block_on(onboard(args, &wish, guards))
}

/// What the command line asks for.
fn wanted(args: &OnboardArgs) -> Result<Wish, Failure> {
    Ok(Wish {
        user: args.user.clone(),
        path: args.path.clone(),
        tags: wish::tags(&args.tags, args.owner.as_deref()).map_err(|error| Failure::Usage(error.to_string()))?,
        boundary: args.boundary.clone(),
        groups: wish::once(&args.groups),
        policies: wish::once(&args.policies),
        guard: match args.guard {
            Guard::Strict => Variant::Strict,
            Guard::ConsoleOnly => Variant::ConsoleOnly,
        },
        console: args.console,
        reset: args.require_password_reset,
        break_glass: args.break_glass.clone(),
    })
}

/// Makes sure that what is to be written can be, before anything is done.
fn check_files(args: &OnboardArgs) -> Result<(), Failure> {
    if let Some(path) = &args.password_file {
        if args.hand_out.as_ref() == Some(path) {
            return Err(Failure::Usage("--password-file and --hand-out name the same file".to_owned()));
        }
    }
    args.hand_out.as_deref().map_or(Ok(()), sink::check).map_err(|error| Failure::run(&error))
}

async fn onboard(args: &OnboardArgs, wish: &Wish, guards: Guards) -> Result<ExitStatus, Failure> {
    let run_id = clock::run_id();
    let session_name = session_name("onboard", &run_id);
    let settings = Settings { session_name, ..settings(&args.connect, &run_id) };
    let look = async {
        let hub = Hub::connect(settings).await.map_err(|error| Failure::aws(&error))?;
        introduce(hub.caller(), wish)?;
        let read = Box::pin(found::read(&hub, wish, guards)).await;
        read.map_err(|error| Failure::Run { message: format!("{error}; nothing was done"), help: None })
    };
    let (found, site) = tokio::select! {
        biased;
        () = interrupted() => {
            return Err(Failure::Run { message: "interrupted; nothing was done".to_owned(), help: None });
        }
        looked = look => looked?,
    };
    let plan = plan::plan(wish, &found).map_err(|reasons| refused(wish, &reasons))?;
    console::err(&show::notes(&plan));
    // Without a password the file is not written: it may hold the one that an earlier run set.
    args.password_file.as_deref().filter(|_| plan.sets_password()).map_or(Ok(()), deliver::check)?;
    if args.dry_run {
        console::out(&show::text(&plan, wish, &found)).map_err(|error| Failure::run(&error))?;
        return Ok(ExitStatus::Clean);
    }
    let end = Box::pin(carry_out(args, wish, (&found, &site), &plan, &run_id)).await?;
    conclude(args, wish, (&found, &plan), end)
}

/// Says as whom it is done.
fn introduce(caller: &Caller, wish: &Wish) -> Result<(), Failure> {
    let whose = Whose::of(caller, Some(&wish.user)).map_err(|error| Failure::run(&error))?;
    console::err(&format!("onboarding {}\n", Untrusted(&whose.told(caller))));
    if caller.principal() == Principal::Root {
        console::err("warning: this runs as root; a role of an administrator is safer\n");
    }
    Ok(())
}

fn refused(wish: &Wish, reasons: &[String]) -> Failure {
    Failure::Run {
        message: format!("user {} cannot be onboarded so: {}; nothing was done", wish.user, reasons.join("; ")),
        help: None,
    }
}

async fn carry_out(
    args: &OnboardArgs,
    wish: &Wish,
    (found, site): (&Found, &Site),
    plan: &Plan,
    run_id: &str,
) -> Result<End, Failure> {
    let secret = first_password(plan, found)?;
    let ledger = args.ledger.ledger.as_path();
    let journal = journal(ledger, run_id, &found.caller)?;
    let mut delivery: Box<dyn Delivery> = match &args.password_file {
        _ if secret.is_none() => Box::new(Nothing),
        Some(path) => Box::new(ToFile::new(path)),
        None => Box::new(ToStdout { user: &wish.user }),
    };
    let stop = AtomicBool::new(false);
    let run = Run {
        site,
        wish,
        found,
        journal: &journal,
        patience: PATIENCE,
        interrupted: &stop,
        say: &|text| console::err(text),
    };
    let end = tokio::select! {
        biased;
        () = interrupted_twice(&stop) => return Err(given_up(wish, ledger)),
        end = Box::pin(run.carry_out(plan, secret.as_ref(), delivery.as_mut())) => end,
    };
    let (head, entries) = journal.head();
    let path = ledger.display().to_string();
    console::err(&format!("ledger {}: {entries} entries, head {head}\n", Untrusted(&path)));
    Ok(end)
}

/// Waits for two interruptions: the first sets `stop`, and the work ends by itself.
async fn interrupted_twice(stop: &AtomicBool) {
    interrupted().await;
    stop.store(true, Ordering::SeqCst);
    console::err("interrupted: what was made is taken back after the call under way (Ctrl-C again: it is left)\n");
    interrupted().await;
}

/// The failure where nobody waited for what was made to be taken back.
fn given_up(wish: &Wish, ledger: &Path) -> Failure {
    let ledger = ledger.display().to_string();
    Failure::Undone {
        message: format!("interrupted again; what was made for user {} may be left", wish.user),
        help: Some(format!("the ledger {} tells of it; the same command again goes on", Untrusted(&ledger))),
    }
}

/// The password, if one is to be set.
fn first_password(plan: &Plan, found: &Found) -> Result<Option<Secret>, Failure> {
    let generated = plan.sets_password().then(|| password::generate(&found.password_policy)).transpose();
    generated.map_err(|error| Failure::Run { message: format!("{error}; nothing was done"), help: None })
}

/// Writes the hand-out, or says what is left.
fn conclude(args: &OnboardArgs, wish: &Wish, (found, plan): (&Found, &Plan), end: End) -> Result<ExitStatus, Failure> {
    match end {
        End::Done => hand_out(args, wish, found, plan).map(|()| ExitStatus::Clean),
        End::TakenBack(why) => {
            Err(Failure::Run { message: format!("{why}; nothing of what was made is left"), help: None })
        }
        End::Left(message, left) if left.is_empty() => Err(Failure::Undone { message, help: None }),
        End::Left(why, left) => {
            let profile = args.connect.profile.as_deref();
            let lines = left.iter().map(|Left { step, why }| {
                let command = step.by_hand(wish, found, profile);
                format!("\n  {command}   # {}: {}", step.told(wish, found), Untrusted(why))
            });
            Err(Failure::Undone {
                message: format!("{why}; this was made and is left:{}", lines.collect::<String>()),
                help: Some("run these commands in this order, or onboard the user again to go on".to_owned()),
            })
        }
    }
}

/// Writes the steps for the user.
fn hand_out(args: &OnboardArgs, wish: &Wish, found: &Found, plan: &Plan) -> Result<(), Failure> {
    let has_password = found.user.as_ref().is_some_and(|user| user.login.is_some());
    let text = HandOut {
        user: &wish.user,
        account: &found.account.id,
        partition: &found.account.partition,
        alias: found.alias.as_deref(),
        console: has_password || plan.sets_password(),
        reset: wish.reset && plan.sets_password(),
        may_change: found.password_policy.allow_users_to_change,
        keys_too: wish.guard == Variant::Strict,
        owner: wish.owner(),
    }
    .write(match args.format {
        HandOutFormat::Markdown => Format::Markdown,
        HandOutFormat::Text => Format::Text,
    });
    let shows_password = plan.sets_password() && args.password_file.is_none();
    let written = match &args.hand_out {
        Some(path) => to_file(path, &text),
        None if shows_password => {
            console::err(&format!("\n{text}"));
            Ok(())
        }
        None => console::out(&text).map_err(|error| error.to_string()),
    };
    written.map_err(|why| Failure::Undone {
        message: format!("user {} is made and guarded, but the hand-out could not be written: {why}", wish.user),
        help: Some("run the same again: it changes nothing and writes the hand-out".to_owned()),
    })
}

fn to_file(path: &Path, text: &str) -> Result<(), String> {
    sink::replace_file(path, |out| out.write_all(text.as_bytes())).map_err(|error| format!("{error}: {}", error.source))
}
