//! `portcullis scan`: judge accounts by rules and report.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::cli::ScanArgs;
use crate::clock;
use crate::evaluate::{self, Demand, Run};
use crate::model::Evaluation;
use crate::model::evaluation::Notice;
use crate::rules::{RuleSet, modes};

use super::exit::{ExitStatus, Failure};
use super::{offline, output, sources, suggest};

/// Runs the command.
///
/// # Errors
///
/// Why it could not be run to its end; then no report was written.
pub(super) fn run(args: &ScanArgs) -> Result<ExitStatus, Failure> {
    let sinks = output::sinks(&args.output)?;
    output::check_distinct(&sinks, &args.output, args.source.snapshot.as_deref())?;
    let started = clock::now();
    let mut set = sources::rules_with(&args.rules.rules, &args.rules.params)?;
    set.modes.clone_from(&args.rules.modes);
    check_modes(&set)?;
    // A waiver may not end too far ahead of the run itself, also where an old snapshot is judged.
    let today = args.rules.now.unwrap_or(started);
    set.waivers = sources::waivers(&args.rules.waivers, today, args.rules.max_waiver_days)?;
    output::check_paths(&sinks, args.output.save_snapshot.as_deref())?;
    let evaluation = match &args.source.snapshot {
        Some(path) => {
            let judged = offline::judge(path, &set, args.rules.now)?;
            let asked = Demand::new(&set, false, judged.now).facts();
            let notices = offline::notices(&judged.header, &asked);
            let id = match args.rules.now {
                Some(fixed) => reproducible_id(&judged.header.run_id, fixed),
                None => clock::run_id(),
            };
            let run = run_of(args, started, judged.now, id, notices);
            evaluate::assemble(&set, run, judged.accounts)
        }
        None => live(args, set, started)?,
    };
    output::write(&evaluation, &sinks)?;
    if let Some(path) = &args.output.suggest_waivers {
        suggest::write(&evaluation, path)?;
    }
    Ok(output::status(&evaluation, args.output.fail_on))
}

/// A mode of a rule that nobody knows is a slip. One of another built-in pack is not: the config file serves many runs.
fn check_modes(set: &RuleSet) -> Result<(), Failure> {
    let loaded: Vec<&str> = set.rules.iter().map(|rule| rule.id.as_str()).collect();
    if modes::misses(&set.modes, &loaded).is_none() {
        return Ok(());
    }
    let built_in = sources::rules(&sources::all_builtin())?;
    let known: Vec<&str> = loaded.into_iter().chain(built_in.rules.iter().map(|rule| rule.id.as_str())).collect();
    modes::misses(&set.modes, &known).map_or(Ok(()), |problem| Err(Failure::Usage(problem)))
}

#[cfg(feature = "aws")]
fn live(args: &ScanArgs, set: RuleSet, started: Timestamp) -> Result<Evaluation, Failure> {
    let set = std::sync::Arc::new(set);
    let now = args.rules.now.unwrap_or(started);
    let run_id = clock::run_id();
    let order = super::live::Order {
        source: &args.source,
        aws: &args.aws,
        session: super::live::SCANNING,
        save: args.output.save_snapshot.as_deref(),
        progress: !args.output.progress.no_progress && !args.output.progress.quiet,
        set: std::sync::Arc::clone(&set),
        run_id: &run_id,
        started,
        now,
        inspector: None,
    };
    let lost = "no report and no snapshot was written";
    let scanned = super::live::block_on(lost, super::live::scan(order))?;
    // The snapshot, if one was saved, carries the same id.
    let run = run_of(args, started, now, run_id, scanned.notices);
    Ok(evaluate::assemble(&set, run, scanned.accounts))
}

#[cfg(not(feature = "aws"))]
fn live(_: &ScanArgs, _: RuleSet, _: Timestamp) -> Result<Evaluation, Failure> {
    Err(Failure::Run {
        message: "this build of portcullis was made without AWS".to_owned(),
        help: Some("judge a saved snapshot with --snapshot PATH, or build with the `aws` feature".to_owned()),
    })
}

/// With `--now` a run says the same each time it is repeated, its times included.
fn run_of(args: &ScanArgs, started: Timestamp, now: Timestamp, id: String, notices: Vec<Notice>) -> Run {
    match args.rules.now {
        Some(fixed) => Run { id, started_at: fixed, finished_at: fixed, evaluated_at: fixed, notices },
        None => Run { id, started_at: started, finished_at: clock::now(), evaluated_at: now, notices },
    }
}

/// The id of judging the snapshot of run `source` at `now`: the same each time.
fn reproducible_id(source: &str, now: Timestamp) -> String {
    let digest = Sha256::digest(format!("{source}\0{now}").as_bytes());
    let bytes: [u8; 16] = digest.first_chunk().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}
