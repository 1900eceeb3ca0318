//! Applies a plan: canaries first, then accounts beside each other, the users of an account one after the other.
//!
//! Each change is checked, written down, made, verified and written down (`apply/one.rs`). A killed run is ended by the
//! next one of the same plan: what the ledger says was done is not done again, and of what was begun is looked first.

mod one;
mod repair;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::{AwsError, Hub, Reader, ScpReader, WriteRole, Writer};
use crate::clock;
use crate::iam::Policy;
use crate::ledger::{LedgerError, Outcome};
use crate::model::{Account, Partition};

use super::plan::{Action, Kind, Plan};
use super::site::{self, Site};
use crate::journal::Journal;

/// The waiver in force for a user of an account at a moment, for people.
pub type Waived = Arc<dyn Fn(&str, &str, Timestamp) -> Option<String> + Send + Sync>;

/// With what a plan is applied.
pub struct Context {
    /// The caller's account.
    pub hub: Hub,
    /// The role to write with; without one only the caller's own account can be changed.
    pub role: Option<WriteRole>,
    /// What reads service control policies; without it they are taken to allow everything.
    pub scps: Option<ScpReader>,
    /// Where everything is written down.
    pub journal: Journal,
    /// Break-glass principals of the config as it is now, beside those of the plan.
    pub break_glass: Vec<String>,
    /// ARN of the caller and, of a session, of the user it came from if that is known.
    pub callers: Vec<String>,
    /// Waivers as they are now.
    pub waived: Waived,
    /// Set by who wants the run to end after the change under way.
    pub interrupted: Arc<AtomicBool>,
    /// How.
    pub options: Options,
}

/// How a plan is applied.
#[derive(Debug, Clone)]
pub struct Options {
    /// So many users are changed and verified before all others; none without.
    pub canary: usize,
    /// After more failures than these nothing further is changed.
    pub max_failures: usize,
    /// So many accounts are changed beside each other.
    pub concurrency: usize,
    /// How long to wait for what was written to be seen.
    pub patience: Duration,
}

/// What became of a plan.
#[derive(Debug)]
pub struct Applied {
    /// What became of each change that was looked at, in the order of the plan.
    pub results: Vec<Done>,
    /// How many were not looked at, since the run stopped before.
    pub left: usize,
    /// Why it stopped, if it did.
    pub stopped: Option<String>,
    /// What kept the ledger from being written, if something did.
    pub ledger: Option<LedgerError>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The account's id.
    pub account: String,
    /// The user's ARN.
    pub resource: String,
    /// What was to be done.
    pub action: Kind,
    /// The guard: the name of its policy.
    pub guard: String,
    /// `done`, `already`, `skipped` or `failed`.
    pub result: Outcome,
    /// Why, or what is to be known of it.
    pub message: Option<String>,
    /// Who confirmed that it does what it should.
    pub verified_by: Option<&'static str>,
}

impl Applied {
    /// How many changes ended with this result.
    #[must_use]
    pub fn count(&self, result: &Outcome) -> usize {
        self.results.iter().filter(|done| done.result == *result).count()
    }

    /// Whether every user of the plan is guarded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let holds = |done: &Done| matches!(done.result, Outcome::Done | Outcome::Already);
        self.left == 0 && self.ledger.is_none() && self.results.iter().all(holds)
    }

    fn counts(&self) -> Map<String, Value> {
        let mut counts: Map<String, Value> =
            Outcome::ALL.iter().map(|result| (result.as_str().to_owned(), self.count(result).into())).collect();
        counts.insert("left".to_owned(), self.left.into());
        counts
    }
}

/// Applies a plan, which was opened and found fit to be applied.
pub async fn apply(plan: Plan, context: Context) -> Applied {
    let total = plan.actions.len();
    let permits = Semaphore::new(context.options.concurrency.max(1));
    let run = Arc::new(Run { plan, context, permits, failures: AtomicUsize::new(0), state: Mutex::default() });
    let started = run.context.journal.started(&format!("apply {total} changes")).await;
    match started {
        Ok(()) => run.all().await,
        Err(error) => run.break_off(error),
    }
    run.end().await
}

/// A run.
struct Run {
    plan: Plan,
    context: Context,
    permits: Semaphore,
    failures: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    results: Vec<(usize, Done)>,
    stopped: Option<String>,
    ledger: Option<LedgerError>,
}

/// The accounts that were entered, or why they could not be.
type Sites = HashMap<String, Result<Site, String>>;

impl Run {
    async fn all(self: &Arc<Self>) {
        let mut sites = Sites::new();
        let first = self.canaries(&mut sites).await;
        let mut accounts: Vec<(String, Vec<usize>)> = Vec::new();
        for (at, action) in self.plan.actions.iter().enumerate().skip(first) {
            match accounts.last_mut().filter(|(account, _)| *account == action.account) {
                Some((_, actions)) => actions.push(at),
                None => accounts.push((action.account.clone(), vec![at])),
            }
        }
        let mut tasks = JoinSet::new();
        for (account, actions) in accounts {
            let (run, site) = (Arc::clone(self), sites.remove(&account));
            tasks.spawn(async move {
                // The semaphore is never closed; if it were, writing without its limit would still be right.
                let _permit = run.permits.acquire().await.ok();
                Box::pin(run.account(site, &actions)).await;
            });
        }
        while let Some(joined) = tasks.join_next().await {
            if let Err(error) = joined {
                self.stop(format!("an account could not be ended: {error}"));
            }
        }
    }

    /// Changes users in the order of the plan until so many are guarded as were asked for, and gives the place of the
    /// first that was not looked at. Who is skipped proves nothing and does not count.
    async fn canaries(&self, sites: &mut Sites) -> usize {
        let mut guarded = 0;
        for (at, action) in self.plan.actions.iter().enumerate() {
            if guarded >= self.context.options.canary {
                return at;
            }
            if self.is_stopped() {
                return at;
            }
            if !sites.contains_key(&action.account) {
                sites.insert(action.account.clone(), self.enter(action).await);
            }
            let Some(site) = sites.get_mut(&action.account) else { continue };
            match self.one(site, at, action).await {
                Some(Outcome::Done | Outcome::Already) => guarded += 1,
                Some(Outcome::Failed) => {
                    self.stop("a canary failed; nothing else was changed".to_owned());
                    return at + 1;
                }
                _ => {}
            }
        }
        self.plan.actions.len()
    }

    /// Changes users of one account.
    async fn account(&self, site: Option<Result<Site, String>>, actions: &[usize]) {
        let mut site = site;
        for at in actions {
            let Some(action) = self.plan.actions.get(*at) else { continue };
            if self.is_stopped() {
                return;
            }
            let mut entered = match site.take() {
                Some(site) => site,
                None => self.enter(action).await,
            };
            self.one(&mut entered, *at, action).await;
            site = Some(entered);
        }
    }

    /// Changes one user and remembers what became of it; nothing if the run stopped before.
    async fn one(&self, site: &mut Result<Site, String>, at: usize, action: &Action) -> Option<Outcome> {
        let done = match self.change(site, action).await {
            Ok(done) => done?,
            Err(error) => {
                self.break_off(error);
                return None;
            }
        };
        let result = done.result.clone();
        tracing::info!(account = done.account, user = done.resource, result = result.as_str(), "looked at");
        self.state().results.push((at, done));
        if result == Outcome::Failed {
            let failures = self.failures.fetch_add(1, Ordering::SeqCst) + 1;
            if failures > self.context.options.max_failures {
                self.stop(format!(
                    "{failures} failed, and --max-failures allows {}",
                    self.context.options.max_failures
                ));
            }
        }
        Some(result)
    }

    async fn enter(&self, action: &Action) -> Result<Site, String> {
        let (reader, writer) = self.clients(action).await.map_err(|error| error.to_string())?;
        let (scps, unread) = self.scps(&action.account).await?;
        let mut site = Site::open(reader, writer, self.plan.settings.guards(), scps).await?;
        site.scps_unread = unread;
        Ok(site)
    }

    async fn clients(&self, action: &Action) -> Result<(Reader, Writer), AwsError> {
        let hub = &self.context.hub;
        let account = Account {
            id: action.account.clone(),
            name: action.account_name.clone(),
            partition: Partition::of_arn(&action.resource).unwrap_or_default(),
            ..Account::default()
        };
        match &self.context.role {
            Some(role) => hub.enter_to_write(&account, role).await,
            None => Ok((hub.own(), hub.own_writer())),
        }
    }

    /// As [`site::scps`]; that nobody reads them is a reason too.
    async fn scps(&self, account: &str) -> Result<(Vec<Vec<Policy>>, Option<String>), String> {
        match &self.context.scps {
            Some(reader) => site::scps(reader, account).await,
            None => Ok((Vec::new(), Some("nobody reads them".to_owned()))),
        }
    }

    fn is_stopped(&self) -> bool {
        if self.context.interrupted.load(Ordering::SeqCst) {
            self.stop("interrupted".to_owned());
        }
        self.state().stopped.is_some()
    }

    /// Ends the run before the next change; the first reason counts.
    fn stop(&self, why: String) {
        self.state().stopped.get_or_insert(why);
    }

    fn break_off(&self, error: LedgerError) {
        let mut state = self.state();
        state.stopped.get_or_insert_with(|| "the ledger could not be written".to_owned());
        state.ledger.get_or_insert(error);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn end(&self) -> Applied {
        let State { mut results, stopped, ledger } = std::mem::take(&mut *self.state());
        results.sort_by_key(|(at, _)| *at);
        let results: Vec<Done> = results.into_iter().map(|(_, done)| done).collect();
        let left = self.plan.actions.len().saturating_sub(results.len());
        let mut applied = Applied { results, left, stopped, ledger };
        if applied.ledger.is_none() {
            let message = applied.stopped.clone().unwrap_or_else(|| "ended".to_owned());
            applied.ledger = self.context.journal.finished(applied.counts(), &message).await.err();
        }
        applied
    }

    fn now() -> Timestamp {
        clock::now()
    }
}
