//! Scanning AWS: accounts beside each other, each judged as soon as it is read, its facts dropped or written away.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::{Hub, Meter, Settings};
use crate::cli::{AwsArgs, ScanArgs};
use crate::collect;
use crate::console;
use crate::evaluate::{self, AccountEvaluation, Demand};
use crate::model::evaluation::Notice;
use crate::model::snapshot::{Header, SCHEMA};
use crate::model::{Account, AccountFacts, AccountStatus};
use crate::rules::RuleSet;

use super::exit::Failure;
use super::keep::SnapshotWriter;
use super::targets::{Targets, choose, named};

/// What all accounts of a scan share.
struct Scan {
    hub: Hub,
    set: Arc<RuleSet>,
    now: Timestamp,
    whole_vocabulary: bool,
    assume_roles: bool,
    is_organization: bool,
    limit: Semaphore,
    progress: ProgressBar,
}

/// Scans AWS.
///
/// # Errors
///
/// If the caller has no credentials, the accounts cannot be listed, the snapshot cannot be written, or the user
/// interrupts.
pub(super) fn scan(
    args: &ScanArgs,
    set: &Arc<RuleSet>,
    run_id: &str,
    started: Timestamp,
    now: Timestamp,
) -> Result<(Vec<AccountEvaluation>, Vec<Notice>), Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::run(&error))?;
    let work = async {
        tokio::select! {
            biased;
            () = interrupted() => Err(Failure::Run {
                message: "interrupted; no report and no snapshot was written".to_owned(),
                help: None,
            }),
            result = run(args, Arc::clone(set), run_id, started, now) => result,
        }
    };
    let result = runtime.block_on(work);
    // Calls that are still under way are given up.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

/// Waits for the user, or whoever runs the job, to call the scan off.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn run(
    args: &ScanArgs,
    set: Arc<RuleSet>,
    run_id: &str,
    started: Timestamp,
    now: Timestamp,
) -> Result<(Vec<AccountEvaluation>, Vec<Notice>), Failure> {
    let named = named(&args.source)?;
    let hub = Hub::connect(settings(&args.aws)).await.map_err(|error| Failure::aws(&error))?;
    let targets = choose(&args.source, named, &hub).await?;
    let save = args.output.save_snapshot.as_deref();
    let header = Header {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: run_id.to_owned(),
        started_at: started,
        accounts: targets.accounts.len() + targets.skipped.len(),
        facts: Demand::new(&set, save.is_some(), now).facts(),
        notices: targets.notices.clone(),
    };
    let deadline = args.aws.timeout.and_then(|timeout| Duration::try_from(timeout).ok());
    let scan = Arc::new(Scan {
        hub,
        set,
        now,
        whole_vocabulary: save.is_some(),
        assume_roles: args.source.org || args.source.accounts.is_some(),
        is_organization: targets.is_organization,
        limit: Semaphore::new(usize::from(args.aws.concurrency)),
        progress: progress(args, targets.accounts.len()),
    });
    let writer = save.map(|path| SnapshotWriter::start(path, header));
    let sender = writer.as_ref().and_then(SnapshotWriter::sender);
    let notices = targets.notices.clone();
    let accounts = read_all(&scan, targets, deadline, sender).await;
    scan.progress.finish_and_clear();
    if let Some(writer) = writer {
        // If the snapshot could not be written, its writer knows why.
        writer.finish().await?;
    }
    Ok((accounts?, notices))
}

/// An account at the end of its reading.
enum Done {
    /// Judged; its facts are gone.
    Judged(Box<AccountEvaluation>),
    /// The caller's own: it is judged last, for until then calls are signed in its name.
    Own(Box<AccountFacts>),
}

/// Reads and judges all accounts.
async fn read_all(
    scan: &Arc<Scan>,
    targets: Targets,
    timeout: Option<Duration>,
    snapshot: Option<SyncSender<AccountFacts>>,
) -> Result<Vec<AccountEvaluation>, Failure> {
    let deadline = timeout.map(|timeout| tokio::time::Instant::now() + timeout);
    let (mut done, mut own) = (Vec::new(), None);
    for facts in targets.skipped {
        done.push(judge(scan, facts, snapshot.as_ref()).await?);
    }
    let mut tasks = JoinSet::new();
    for account in targets.accounts {
        tasks.spawn(one(Arc::clone(scan), account, deadline, snapshot.clone()));
    }
    while let Some(joined) = tasks.join_next().await {
        scan.progress.inc(1);
        match joined.map_err(|error| Failure::run(&error))?? {
            Done::Judged(evaluation) => done.push(*evaluation),
            Done::Own(facts) => own = Some(facts),
        }
    }
    if let Some(mut facts) = own {
        facts.api_calls = scan.hub.meter().api_calls();
        facts.throttled = scan.hub.meter().throttled();
        done.push(judge(scan, *facts, snapshot.as_ref()).await?);
    }
    Ok(done)
}

/// Reads and judges one account. The permit is held to the end, so that no more accounts' facts are in memory than
/// accounts may be read at a time.
async fn one(
    scan: Arc<Scan>,
    account: Account,
    deadline: Option<tokio::time::Instant>,
    snapshot: Option<SyncSender<AccountFacts>>,
) -> Result<Done, Failure> {
    // The semaphore is never closed; if it were, reading without its limit would still be right.
    let _permit = scan.limit.acquire().await.ok();
    let entered = OnceLock::new();
    // Boxed, so that accounts that wait for their turn take no room.
    let read = Box::pin(read(&scan, account.clone(), &entered));
    let mut facts = match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, read).await.unwrap_or_else(|_| {
            AccountFacts::unread(account, AccountStatus::Failed, "not finished within the time of --timeout")
        }),
        None => read.await,
    };
    // What was given up was asked all the same.
    if let Some(meter) = entered.get() {
        facts.api_calls = meter.api_calls();
        facts.throttled = meter.throttled();
    }
    if facts.account.id == scan.hub.caller().account {
        return Ok(Done::Own(Box::new(facts)));
    }
    judge(&scan, facts, snapshot.as_ref()).await.map(|evaluation| Done::Judged(Box::new(evaluation)))
}

/// Reads an account. `meter` is set as soon as it is entered, for whoever gives up waiting.
async fn read(scan: &Scan, account: Account, meter: &OnceLock<Meter>) -> AccountFacts {
    tracing::info!(account = account.id, "reading");
    let entered = if scan.assume_roles { scan.hub.enter(&account).await } else { Ok(scan.hub.own()) };
    let reader = match entered {
        Ok(reader) => reader,
        Err(error) => return AccountFacts::unread(account, AccountStatus::Failed, &error.to_string()),
    };
    let _ = meter.set(reader.meter().clone());
    let demand = Demand::new(&scan.set, scan.whole_vocabulary, scan.now);
    let ask_organization = scan.is_organization && account.id == scan.hub.caller().account;
    let mut facts = Box::pin(collect::account(&reader, account, demand, ask_organization)).await;
    if scan.assume_roles && reader.used_own_credentials() {
        facts.notices.push("the role may not be assumed here; read with the caller's own credentials".to_owned());
    }
    facts
}

/// Judges an account off the I/O threads and hands its facts to the snapshot, if there is one.
async fn judge(
    scan: &Arc<Scan>,
    facts: AccountFacts,
    snapshot: Option<&SyncSender<AccountFacts>>,
) -> Result<AccountEvaluation, Failure> {
    let scan = Arc::clone(scan);
    let snapshot = snapshot.cloned();
    let task = tokio::task::spawn_blocking(move || {
        let evaluation = evaluate::account(&scan.set, &facts, scan.now);
        if snapshot.is_some_and(|snapshot| snapshot.send(facts).is_err()) {
            // Its writer gave up: so does the scan, at once and not after hours.
            return Err(Failure::Run { message: "the snapshot could not be written".to_owned(), help: None });
        }
        Ok(evaluation)
    });
    task.await.map_err(|error| Failure::run(&error))?
}

fn settings(args: &AwsArgs) -> Settings {
    Settings {
        keys: None,
        profile: args.profile.clone(),
        region: args.region.clone(),
        endpoint_url: args.endpoint_url.clone(),
        role_name: args.role_name.clone(),
        external_id: args.external_id.clone(),
        session_name: args.session_name.clone(),
        max_rate: args.max_rate,
    }
}

fn progress(args: &ScanArgs, accounts: usize) -> ProgressBar {
    let shown = !args.output.progress.no_progress && !args.output.progress.quiet && console::stderr_is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let length = u64::try_from(accounts).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} accounts, {elapsed} elapsed, {eta} to go");
    let bar = ProgressBar::with_draw_target(Some(length), target);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}
