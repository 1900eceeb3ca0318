//! Changes that are taken back: users let out, and runs reverted. Accounts beside each other, the changes of an account
//! one after the other in the order given; each looked at right before it, written down, made, and read back.

mod close;
mod open;
mod version;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::answers::UserAnswer;
use crate::aws::{Hub, Reader, WriteRole, Writer};
use crate::ledger::{LedgerError, Outcome};
use crate::model::Account;

use super::guard::Guards;
use super::site::Site;
use super::step::{Step, What};
use crate::journal::{Change, Journal, Told};

/// With what changes are taken back.
#[derive(Clone)]
pub struct Context {
    /// The caller's account.
    pub hub: Hub,
    /// The role to write with; without one only the caller's own account can be changed.
    pub role: Option<WriteRole>,
    /// Where everything is written down.
    pub journal: Journal,
    /// ARN of the caller and, of a session, of the user it came from if that is known.
    pub callers: Vec<String>,
    /// Break-glass principals, which are not guarded again.
    pub break_glass: Vec<String>,
    /// Set by who wants the run to end after the change under way.
    pub interrupted: Arc<AtomicBool>,
    /// So many accounts are changed beside each other.
    pub concurrency: usize,
    /// How long to wait for what was written to be seen.
    pub patience: Duration,
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The account's id.
    pub account: String,
    /// ARN of the user, or of the policy.
    pub resource: String,
    /// What was to be done, in the words of the ledger.
    pub action: &'static str,
    /// The guard: the name of its policy; empty where there are several or none.
    pub guard: &'static str,
    /// `done`, `already`, `skipped` or `failed`.
    pub result: Outcome,
    /// Why, or what is to be known of it.
    pub message: Option<String>,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub struct Undone {
    /// What became of each that was looked at, by account and in the order given.
    pub results: Vec<Done>,
    /// How many were not looked at, since the run stopped before.
    pub left: usize,
    /// Why it stopped, if it did.
    pub stopped: Option<String>,
    /// What kept the ledger from being written, if something did.
    pub ledger: Option<LedgerError>,
}

impl Undone {
    /// How many ended with this result.
    #[must_use]
    pub fn count(&self, result: &Outcome) -> usize {
        self.results.iter().filter(|done| done.result == *result).count()
    }

    /// Whether everything is as it was to be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let holds = |done: &Done| matches!(done.result, Outcome::Done | Outcome::Already);
        self.left == 0 && self.ledger.is_none() && self.results.iter().all(holds)
    }
}

/// Takes everything back; `title` begins the run in the ledger.
pub async fn carry_out(steps: Vec<Step>, context: Context, title: &str) -> Undone {
    let total = steps.len();
    let permits = Semaphore::new(context.concurrency.max(1));
    let run = Arc::new(Run { context, permits, state: Mutex::default() });
    match run.context.journal.started(title).await {
        Ok(()) => run.all(steps).await,
        Err(error) => run.break_off(error),
    }
    run.end(total).await
}

struct Run {
    context: Context,
    permits: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    results: Vec<(usize, Done)>,
    looked_at: usize,
    stopped: Option<String>,
    ledger: Option<LedgerError>,
}

impl Run {
    async fn all(self: &Arc<Self>, steps: Vec<Step>) {
        let mut accounts: Vec<(Account, Vec<(usize, Step)>)> = Vec::new();
        for (at, step) in steps.into_iter().enumerate() {
            match accounts.iter_mut().find(|(account, _)| account.id == step.account.id) {
                Some((_, steps)) => steps.push((at, step)),
                None => accounts.push((step.account.clone(), vec![(at, step)])),
            }
        }
        let mut tasks = JoinSet::new();
        for (account, steps) in accounts {
            let run = Arc::clone(self);
            tasks.spawn(async move {
                // The semaphore is never closed; if it were, writing without its limit would still be right.
                let _permit = run.permits.acquire().await.ok();
                Box::pin(run.account(&account, steps)).await;
            });
        }
        while let Some(joined) = tasks.join_next().await {
            if let Err(error) = joined {
                self.stop(&format!("an account could not be ended: {error}"));
            }
        }
    }

    async fn account(&self, account: &Account, steps: Vec<(usize, Step)>) {
        let entered = self.enter(account).await.map(|(reader, writer)| Site::bare(reader, writer, Guards::ours(true)));
        for (at, step) in steps {
            if self.is_stopped() {
                return;
            }
            let done = match &entered {
                Ok(site) => Box::pin(self.one(site, &step)).await,
                Err(why) => self.skip(&step, format!("the account could not be entered: {why}")).await,
            };
            match done {
                Ok(done) => {
                    let mut state = self.state();
                    state.looked_at += 1;
                    state.results.extend(done.into_iter().map(|done| (at, done)));
                }
                Err(error) => return self.break_off(error),
            }
        }
    }

    async fn one(&self, site: &Site, step: &Step) -> Result<Vec<Done>, LedgerError> {
        match &step.what {
            What::Open { gates, only_with_device } => self.open(site, step, gates, *only_with_device).await,
            What::Close { gate, since } => Box::pin(self.close(site, step, gate, *since)).await,
            What::Version { from, to } => self.version(site, step, from, to).await,
        }
    }

    async fn enter(&self, account: &Account) -> Result<(Reader, Writer), String> {
        let hub = &self.context.hub;
        match &self.context.role {
            Some(role) => hub.enter_to_write(account, role).await.map_err(|error| error.to_string()),
            None if hub.caller().account == account.id => Ok((hub.own(), hub.own_writer())),
            None => Err("it is not the caller's own: --enforce-role-name says which role writes there".to_owned()),
        }
    }

    /// Writes down that a step was not tried.
    async fn skip(&self, step: &Step, why: String) -> Result<Vec<Done>, LedgerError> {
        let (action, call, guard) = words(&step.what);
        let change = change(step, action, call, guard);
        self.close_entry(&change, step, (action, guard), Outcome::Skipped, Told::message(why))
            .await
            .map(|done| vec![done])
    }

    /// Writes down what became of a change, with the step's note.
    async fn close_entry(
        &self,
        change: &Change,
        step: &Step,
        (action, guard): (&'static str, &'static str),
        result: Outcome,
        told: Told,
    ) -> Result<Done, LedgerError> {
        let message = told.message.clone();
        let noted = message.iter().map(String::as_str).chain([step.note.as_str()]).collect::<Vec<_>>().join("; ");
        let told = Told { message: Some(noted), ..told };
        self.context.journal.outcome(change, result.clone(), told).await?;
        tracing::info!(account = step.account.id, resource = step.resource, result = result.as_str(), "looked at");
        Ok(Done { account: step.account.id.clone(), resource: step.resource.clone(), action, guard, result, message })
    }

    fn is_stopped(&self) -> bool {
        if self.context.interrupted.load(Ordering::SeqCst) {
            self.stop("interrupted");
        }
        self.state().stopped.is_some()
    }

    fn stop(&self, why: &str) {
        self.state().stopped.get_or_insert_with(|| why.to_owned());
    }

    fn break_off(&self, error: LedgerError) {
        let mut state = self.state();
        state.stopped.get_or_insert_with(|| "the ledger could not be written".to_owned());
        state.ledger.get_or_insert(error);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn end(&self, total: usize) -> Undone {
        let State { mut results, looked_at, stopped, ledger } = std::mem::take(&mut *self.state());
        results.sort_by_key(|(at, _)| *at);
        let results: Vec<Done> = results.into_iter().map(|(_, done)| done).collect();
        let mut undone = Undone { results, left: total.saturating_sub(looked_at), stopped, ledger };
        if undone.ledger.is_none() {
            let count = |result: &Outcome| (result.as_str().to_owned(), Value::from(undone.count(result)));
            let mut counts: Map<String, Value> = Outcome::ALL.iter().map(count).collect();
            counts.insert("left".to_owned(), undone.left.into());
            let message = undone.stopped.clone().unwrap_or_else(|| "ended".to_owned());
            undone.ledger = self.context.journal.finished(counts, &message).await.err();
        }
        undone
    }
}

/// What a step does in the words of the ledger, its call, and the guard.
fn words(what: &What) -> (&'static str, &'static str, &'static str) {
    match what {
        What::Open { gates, .. } => gates.first().map_or(open::WORDS, open::words),
        What::Close { gate, .. } => close::words(gate),
        What::Version { .. } => (version::ACTION, version::CALL, ""),
    }
}

/// A change of a step, in the words of the ledger.
fn change(step: &Step, action: &str, call: &str, guard: &str) -> Change {
    let change = Change::new(&step.account.id, &step.resource, action, &[call]);
    // Of two guards on the same user each has its own id.
    let id = Change::new(&step.account.id, &step.resource, &format!("{action} {guard}"), &[]).id;
    Change { id, ..change }
}

/// Why the user that was found is not the one that is meant, if so.
fn other_user(step: &Step, user: Option<&UserAnswer>) -> Option<String> {
    let Some(UserAnswer { user, .. }) = user else { return Some("it does not exist any more".to_owned()) };
    if user.arn != step.resource {
        return Some(format!("its ARN is {} now", user.arn));
    }
    let is_other = step.identity.is_other(&user.id, user.created);
    is_other.then(|| "it was deleted and made again since: it is another user".to_owned())
}
