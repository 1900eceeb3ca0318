//! Scanning AWS: accounts beside each other, each judged as soon as it is read, its facts dropped or written away.

use std::path::Path;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::{Hub, Meter, ScpReader, Scps, Settings};
use crate::cli::{AwsArgs, SourceArgs};
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
    inspector: Option<Arc<dyn Inspector>>,
    scps: Option<ScpReader>,
    set: Arc<RuleSet>,
    now: Timestamp,
    whole_vocabulary: bool,
    assume_roles: bool,
    is_organization: bool,
    limit: Semaphore,
    progress: ProgressBar,
}

/// What a scan is asked to do.
pub(super) struct Order<'a> {
    /// Which accounts.
    pub(super) source: &'a SourceArgs,
    /// How to reach AWS.
    pub(super) aws: &'a AwsArgs,
    /// The name of the role sessions, unless the command line names them.
    pub(super) session: &'static str,
    /// The snapshot to write, if one is.
    pub(super) save: Option<&'a Path>,
    /// Whether progress is shown on a terminal.
    pub(super) progress: bool,
    /// By which rules.
    pub(super) set: Arc<RuleSet>,
    /// The id of the run.
    pub(super) run_id: &'a str,
    /// When it began.
    pub(super) started: Timestamp,
    /// The moment against which ages are judged.
    pub(super) now: Timestamp,
    /// Who else wants to see each account.
    pub(super) inspector: Option<Arc<dyn Inspector>>,
}

/// Sees the facts of each account before they are dropped.
pub(super) trait Inspector: Send + Sync {
    /// Looks at an account and its judgement; `scps` are its service control policies, as far as they can be read.
    fn look(&self, facts: &AccountFacts, evaluation: &AccountEvaluation, scps: Option<&Scps>);
}

/// What a scan read.
pub(super) struct Scanned {
    /// The caller's account, for what is to be done next.
    pub(super) hub: Hub,
    /// The judgements.
    pub(super) accounts: Vec<AccountEvaluation>,
    /// What has to be said of the choice of accounts.
    pub(super) notices: Vec<Notice>,
}

/// Runs `work` on threads of its own, until it ends or the user interrupts it.
///
/// # Errors
///
/// Those of `work`, or that it was interrupted: `lost` says what that means.
pub(super) fn block_on<T>(lost: &str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::run(&error))?;
    let work = async {
        tokio::select! {
            biased;
            () = interrupted() => Err(Failure::Run { message: format!("interrupted; {lost}"), help: None }),
            result = work => result,
        }
    };
    let result = runtime.block_on(work);
    // Calls that are still under way are given up.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

/// Waits for the user, or whoever runs the job, to call the scan off.
pub(super) async fn interrupted() {
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

/// Scans AWS.
///
/// # Errors
///
/// If the caller has no credentials, the accounts cannot be listed, or the snapshot cannot be written.
pub(super) async fn scan(order: Order<'_>) -> Result<Scanned, Failure> {
    let named = named(order.source)?;
    let hub = Hub::connect(settings(order.aws, order.session)).await.map_err(|error| Failure::aws(&error))?;
    let targets = choose(order.source, named, &hub).await?;
    let header = Header {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: order.run_id.to_owned(),
        started_at: order.started,
        accounts: targets.accounts.len() + targets.skipped.len(),
        facts: Demand::new(&order.set, order.save.is_some(), order.now).facts(),
        notices: targets.notices.clone(),
    };
    let deadline = order.aws.timeout.and_then(|timeout| Duration::try_from(timeout).ok());
    let scan = Arc::new(Scan {
        scps: order.inspector.as_ref().map(|_| ScpReader::new(hub.clone())),
        inspector: order.inspector,
        hub: hub.clone(),
        set: order.set,
        now: order.now,
        whole_vocabulary: order.save.is_some(),
        assume_roles: order.source.org || order.source.accounts.is_some(),
        is_organization: targets.is_organization,
        limit: Semaphore::new(usize::from(order.aws.concurrency)),
        progress: progress(order.progress, targets.accounts.len()),
    });
    let writer = order.save.map(|path| SnapshotWriter::start(path, header));
    let sender = writer.as_ref().and_then(SnapshotWriter::sender);
    let notices = targets.notices.clone();
    let accounts = read_all(&scan, targets, deadline, sender).await;
    scan.progress.finish_and_clear();
    if let Some(writer) = writer {
        // If the snapshot could not be written, its writer knows why.
        writer.finish().await?;
    }
    Ok(Scanned { hub, accounts: accounts?, notices })
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
    let scps = match &scan.scps {
        // Boxed: of most scans nothing is asked.
        Some(reader) => Some(Box::pin(scps_of(reader, &facts)).await),
        None => None,
    };
    let task = tokio::task::spawn_blocking(move || {
        let evaluation = evaluate::account(&scan.set, &facts, scan.now);
        if let Some(inspector) = &scan.inspector {
            inspector.look(&facts, &evaluation, scps.as_ref());
        }
        if snapshot.is_some_and(|snapshot| snapshot.send(facts).is_err()) {
            // Its writer gave up: so does the scan, at once and not after hours.
            return Err(Failure::Run { message: "the snapshot could not be written".to_owned(), help: None });
        }
        Ok(evaluation)
    });
    task.await.map_err(|error| Failure::run(&error))?
}

/// The service control policies of an account. What cannot be read is said where it matters.
async fn scps_of(reader: &ScpReader, facts: &AccountFacts) -> Scps {
    reader.of_account(&facts.account.id).await.unwrap_or_else(Scps::NotReadable)
}

/// The name of role sessions that scan.
pub(super) const SCANNING: &str = "portcullis-scan";

/// The name of role sessions of enforcement; see [`crate::aws::session_name`] for those that write.
pub(super) const ENFORCING: &str = "portcullis-enforce";

/// How the command line wants AWS to be reached; `session` is the name of the role sessions if it names none.
pub(super) fn settings(args: &AwsArgs, session: &str) -> Settings {
    Settings {
        keys: None,
        profile: args.connect.profile.clone(),
        region: args.connect.region.clone(),
        endpoint_url: args.connect.endpoint_url.clone(),
        role_name: args.role_name.clone(),
        external_id: args.external_id.clone(),
        session_name: args.session_name.clone().unwrap_or_else(|| session.to_owned()),
        max_rate: args.max_rate,
    }
}

fn progress(wanted: bool, accounts: usize) -> ProgressBar {
    let shown = wanted && console::stderr_is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let length = u64::try_from(accounts).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} accounts, {elapsed} elapsed, {eta} to go");
    let bar = ProgressBar::with_draw_target(Some(length), target);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}
