//! `portcullis enforce apply`: a plan, and nothing but that plan.

mod shown;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::aws::{Caller, Hub, Principal, ScpReader};
use crate::cli::ApplyArgs;
use crate::clock;
use crate::console;
use crate::enforce::apply::{self, Applied, Context, Options, Waived};
use crate::enforce::plan::Plan;
use crate::enforce::refusal::{self, Refusal, Terms};
use crate::enforce::wait::PATIENCE;
use crate::enforce::{seal, user_name};
use crate::journal::Journal;
use crate::ledger::Outcome;
use crate::rules::{builtin, waiver};
use crate::yaml::SourceFile;

use super::super::exit::{ExitStatus, Failure};
use super::super::live;
use super::book;
use super::consent;
use super::tell::Tell;
use super::writing::{of_caller, write_role};

/// What a built-in pack is called among the inputs of a plan.
const BUILTIN: &str = "builtin:";

/// No waiver of an input is too long: it was checked when the plan was made.
const ANY_LENGTH: i64 = 36_500;

/// Runs the command.
///
/// # Errors
///
/// If the plan is refused; if the ledger could not be written.
pub(super) fn run(args: &ApplyArgs) -> Result<ExitStatus, Failure> {
    carry_out(open(&args.plan)?, args, &clock::run_id(), Tell::Stdout)
}

/// Applies a plan, as the run `run_id`.
///
/// # Errors
///
/// As [`run`].
pub(super) fn carry_out(plan: Plan, args: &ApplyArgs, run_id: &str, tell: Tell) -> Result<ExitStatus, Failure> {
    let now = clock::now();
    let limits = &args.limits;
    refusal::age_and_hash(&plan, limits.expect_hash.as_deref(), limits.max_age, now).map_err(|why| refused(&why))?;
    refusal::inputs(&plan.inputs, |path| source(path).map(|file| file.text.to_string()))
        .map_err(|why| refused(&why))?;
    let waived = waived(&plan, now)?;
    if plan.actions.is_empty() {
        tell.results("the plan has no changes: nothing to apply\n")?;
        return Ok(ExitStatus::Clean);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::run(&error))?;
    let hub = runtime
        .block_on(Hub::connect(live::settings(&args.aws, live::ENFORCING)))
        .map_err(|error| Failure::aws(&error))?;
    let terms = Terms {
        expect_hash: limits.expect_hash.as_deref(),
        max_age: limits.max_age,
        now,
        allowed_accounts: &args.allow.allowed_accounts,
        own_account: &hub.caller().account,
        role_name: &args.aws.role_name,
        enforce_role_name: args.role.enforce_role_name.as_deref(),
    };
    refusal::terms(&plan, &terms).map_err(|why| refused(&why))?;
    warn_root(hub.caller(), args);
    if !confirmed(&plan, args)? {
        return Ok(ExitStatus::Undone);
    }
    let ledger = book::open(&args.ledger, run_id, Some(&hub.caller().arn))?;
    let journal = Journal::new(ledger, run_id, Some(&hub.caller().arn), Some(&plan.hash));
    let context = context(args, hub, run_id, journal.clone(), waived);
    let applied = runtime.block_on(async {
        tokio::spawn(end_after_the_change(Arc::clone(&context.interrupted)));
        Box::pin(apply::apply(plan, context)).await
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    report(args, &applied, (&journal, run_id), tell)
}

/// Reads a plan and holds it against its hash.
fn open(path: &Path) -> Result<Plan, Failure> {
    let failed = |reason: &str| Failure::Run { message: format!("`{}`: {reason}", path.display()), help: None };
    let found = fs::metadata(path).map_err(|error| failed(&error.to_string()))?;
    // A pipe could be waited for for ever, and be another plan than the one that was looked at.
    if !found.is_file() {
        let help = "write the plan to a file first: `portcullis enforce plan --out PLAN`";
        let message = format!("`{}` is no regular file, and a plan is; nothing was done", path.display());
        return Err(Failure::Run { message, help: Some(help.to_owned()) });
    }
    let text = fs::read_to_string(path).map_err(|error| failed(&error.to_string()))?;
    seal::open(&text).map_err(|error| Failure::Run {
        message: format!("the plan is refused: `{}`: {error}", path.display()),
        help: Some("make a new plan with `portcullis enforce plan --out PLAN`".to_owned()),
    })
}

fn refused(why: &Refusal) -> Failure {
    Failure::Run { message: format!("the plan is refused: {why}; nothing was done"), help: Some(why.help().to_owned()) }
}

/// An input of a plan as it is now.
fn source(path: &str) -> Result<SourceFile, String> {
    match path.strip_prefix(BUILTIN) {
        Some(name) => builtin::pack(name).ok_or_else(|| builtin::unknown(name)),
        None => SourceFile::read(path).map_err(|problem| problem.message),
    }
}

/// The waivers among the inputs of a plan, for any of the rules that it acts on.
fn waived(plan: &Plan, now: Timestamp) -> Result<Waived, Failure> {
    let files = plan.inputs.iter().filter_map(|input| source(&input.path).ok());
    let files: Vec<SourceFile> = files.filter(|file| file.text.contains("WaiverSet")).collect();
    let waivers = waiver::load(&files, now, ANY_LENGTH).map_err(Failure::Diagnostics)?;
    let of_users = plan.actions.iter().map(|action| action.rule.clone()).filter(|rule| !rule.is_empty());
    let mut rules: Vec<String> = of_users.chain(plan.acting.iter().cloned()).collect();
    rules.sort_unstable();
    rules.dedup();
    Ok(Arc::new(move |account, user, now| {
        let (rule, found) = rules.iter().find_map(|rule| Some((rule, waivers.find(rule, account, user)?.1)))?;
        (now < found.ends).then(|| format!("waived for {rule} until {} ({})", found.by.expires, found.place))
    }))
}

fn warn_root(caller: &Caller, args: &ApplyArgs) {
    if caller.principal() == Principal::Root && !args.progress.quiet {
        console::err(
            "warning: this runs as root; a role that may only do this is safer (portcullis deploy prints it)\n",
        );
    }
}

/// Whether the plan is to be applied: by flag, or by a word on the terminal.
///
/// # Errors
///
/// If nobody can be asked, or the user interrupts.
fn confirmed(plan: &Plan, args: &ApplyArgs) -> Result<bool, Failure> {
    if !args.progress.quiet {
        console::err(&shown::summary(plan));
    }
    if args.limits.yes {
        return Ok(true);
    }
    if !console::can_ask() {
        return Err(Failure::Usage(
            "nobody can be asked here: stdin or stderr is no terminal; apply without being asked with --yes".to_owned(),
        ));
    }
    let users = match plan.actions.as_slice() {
        [only] => format!("user {}", user_name(&only.resource)),
        several => format!("{} users", several.len()),
    };
    consent::given(false, &format!("Apply to {users}?"))
}

fn context(args: &ApplyArgs, hub: Hub, run_id: &str, journal: Journal, waived: Waived) -> Context {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Context {
        role: write_role(&args.role, &args.aws, run_id),
        scps: Some(ScpReader::new(hub.clone())),
        journal,
        break_glass: args.never.named().unwrap_or_default().to_vec(),
        callers: of_caller(hub.caller()),
        waived,
        interrupted: Arc::new(AtomicBool::new(false)),
        options: Options {
            canary: args.limits.canary.map_or(0, size),
            max_failures: size(args.limits.max_failures),
            concurrency: usize::from(args.aws.concurrency),
            patience: PATIENCE,
        },
        hub,
    }
}

/// Waits for the user, or whoever runs the job, to call it off.
pub(super) async fn end_after_the_change(interrupted: Arc<AtomicBool>) {
    live::interrupted().await;
    interrupted.store(true, Ordering::SeqCst);
    console::err("interrupted: the change under way is ended and written down\n");
}

/// Tells what became of it, and the run, which `enforce revert` asks for.
fn report(
    args: &ApplyArgs,
    applied: &Applied,
    (journal, run_id): (&Journal, &str),
    tell: Tell,
) -> Result<ExitStatus, Failure> {
    let (hash, entries) = journal.head();
    let end = book::end(&args.ledger, entries, &hash);
    tell.results(&format!("{}{end}", shown::results(applied, run_id)))?;
    if let Some(error) = &applied.ledger {
        return Err(Failure::ledger(error));
    }
    if let Some(why) = &applied.stopped {
        console::err(&format!("stopped: {why}; apply the same plan again to go on\n"));
    }
    let failed = applied.count(&Outcome::Failed) > 0;
    Ok(if applied.is_complete() && !failed { ExitStatus::Clean } else { ExitStatus::Undone })
}
