//! The plan is carried out: each change written down, made once, and read back. What fails takes back what was made.

mod calls;
mod progress;
mod undo;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::aws::Secret;
use crate::enforce::actions::{self, Trouble};
use crate::enforce::site::Site;
use crate::journal::{Journal, Told};
use crate::ledger::{LedgerError, Outcome as Became};

use super::found::{self, Found, GuardPolicy};
use super::plan::{Plan, Step};
use super::wish::Wish;

use calls::Answer;
use progress::Progress;

pub use undo::Left;

/// How the password gets to whoever runs this.
pub trait Delivery: Send {
    /// Before the password counts: writes it where it can be taken away again.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then it is not set.
    fn before(&mut self, password: &Secret) -> io::Result<()>;

    /// Now it counts.
    ///
    /// # Errors
    ///
    /// If nobody saw it; then it is taken back.
    fn after(&mut self, password: &Secret) -> io::Result<()>;

    /// It counts no more.
    fn withdraw(&mut self);
}

/// With what the plan is carried out.
pub struct Run<'a> {
    /// The account.
    pub site: &'a Site,
    /// What is wanted.
    pub wish: &'a Wish,
    /// What was found.
    pub found: &'a Found,
    /// Where it is written down.
    pub journal: &'a Journal,
    /// How long to wait for what was written to be seen.
    pub patience: Duration,
    /// Set by who wants it to end, and what was made to be taken back.
    pub interrupted: &'a AtomicBool,
    /// Tells people what was done.
    pub say: &'a (dyn Fn(&str) + Send + Sync),
}

/// How it ended.
#[derive(Debug)]
pub enum End {
    /// Everything is as planned.
    Done,
    /// It failed, and nothing of it is left.
    TakenBack(String),
    /// It failed, and this is left, in the order in which it has to be taken away.
    Left(String, Vec<Left>),
}

/// Why it does not go on.
#[derive(Debug)]
enum Halt {
    Interrupted,
    Failed(String),
    Ledger(LedgerError),
}

impl From<LedgerError> for Halt {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl Run<'_> {
    /// Carries out the plan.
    pub async fn carry_out(&self, plan: &Plan, password: Option<&Secret>, delivery: &mut dyn Delivery) -> End {
        let mut progress = Progress::default();
        if let Some(user) = &self.found.user {
            progress.user_id.clone_from(&user.user.user.id);
            progress.attached.clone_from(&user.attached);
            progress.groups.clone_from(&user.groups);
        }
        let title = format!("onboard {}", self.wish.user);
        let result = match self.journal.started(&title).await {
            Ok(()) => Box::pin(self.all(plan, password, delivery, &mut progress)).await,
            Err(error) => Err(error.into()),
        };
        let count = progress.made.len();
        let (why, left) = match result {
            Ok(()) => {
                let ended = self.finish(count, 0, "done").await;
                let Err(error) = ended else { return End::Done };
                return End::Left(format!("everything was done, and the ledger could not be written: {error}"), vec![]);
            }
            Err(halt) => {
                let why = why(&halt);
                (self.say)(&format!("stopped: {why}\n"));
                let can_write = !matches!(halt, Halt::Ledger(_));
                (why, Box::pin(self.take_back(progress.made, can_write, delivery)).await)
            }
        };
        // That it could not be finished adds nothing to what is told already.
        let _ = self.finish(count, left.len(), &why).await;
        if left.is_empty() { End::TakenBack(why) } else { End::Left(why, left) }
    }

    async fn finish(&self, made: usize, left: usize, message: &str) -> Result<(), LedgerError> {
        let counts = [("made", made), ("left", left)];
        let counts = counts.into_iter().map(|(name, number)| (name.to_owned(), json!(number))).collect();
        self.journal.finished(counts, message).await
    }

    async fn all(
        &self,
        plan: &Plan,
        password: Option<&Secret>,
        delivery: &mut dyn Delivery,
        progress: &mut Progress,
    ) -> Result<(), Halt> {
        let guard = self.found.guard_arn(self.wish.guard);
        if progress.attached.contains(&guard) {
            // Whatever put it on: from now on the ledger tells of it.
            let change = Step::AttachGuard.change(self.wish, self.found, false);
            let told = Told { after: Some(json!({ "attached_policies": progress.attached })), ..Told::default() };
            self.journal.outcome(&change, Became::Already, told).await?;
        }
        for step in &plan.steps {
            match step {
                Step::MakeGuard => self.make_guard(progress).await?,
                Step::SetPassword => {
                    let Some(password) = password else { return Err(Halt::Failed("there is no password".to_owned())) };
                    let failed = |error| Halt::Failed(format!("the password could not be written: {error}"));
                    delivery.before(password).map_err(failed)?;
                    self.make(step, Some(password), progress).await?;
                    // It is taken back, so that nobody need see it.
                    if self.is_stopped() {
                        return Err(Halt::Interrupted);
                    }
                    let failed = |error| Halt::Failed(format!("the password could not be shown: {error}"));
                    delivery.after(password).map_err(failed)?;
                }
                _ => self.make(step, None, progress).await?,
            }
            (self.say)(&format!("made    {}\n", step.told(self.wish, self.found)));
            if self.is_stopped() {
                return Err(Halt::Interrupted);
            }
        }
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// The guard policy is made as enforcement makes it.
    async fn make_guard(&self, progress: &mut Progress) -> Result<(), Halt> {
        match actions::ensure_guard(self.site, self.wish.guard, self.journal, self.patience).await {
            Ok(true) => progress.made.push(Step::MakeGuard),
            // Somebody else made it in between.
            Ok(false) => {}
            Err(Trouble::Refused(why)) => return Err(Halt::Failed(why)),
            Err(trouble) => {
                let there = found::look(&self.site.reader, &self.site.guards, self.wish.guard).await;
                if there.is_ok_and(|there| there == GuardPolicy::Intact) {
                    progress.made.push(Step::MakeGuard);
                }
                return Err(match trouble {
                    Trouble::Ledger(error) => Halt::Ledger(error),
                    Trouble::Refused(why) | Trouble::Failed(why) => Halt::Failed(why),
                });
            }
        }
        Ok(())
    }

    async fn make(&self, step: &Step, password: Option<&Secret>, progress: &mut Progress) -> Result<(), Halt> {
        let change = step.change(self.wish, self.found, false);
        let before = progress::before(step, self.wish, progress);
        self.journal.intent(&change, Some(before.clone())).await?;
        let failed = |why: &str| Told { before: Some(before.clone()), ..Told::message(why) };
        let action = step.words(self.found).action;
        let (request_id, message) = match self.call(step, password).await {
            Answer::Made { request_id, message } => (request_id, message),
            Answer::NotMade(why) => {
                self.journal.outcome(&change, Became::Failed, failed(&why)).await?;
                return Err(Halt::Failed(format!("{action} failed: {why}")));
            }
            Answer::Unknown(why) => {
                progress.made.push(step.clone());
                self.journal.outcome(&change, Became::Failed, failed(&why)).await?;
                return Err(Halt::Failed(format!("{action} failed, and may have been done: {why}")));
            }
        };
        progress.made.push(step.clone());
        match self.seen(step).await {
            Ok(detail) => progress.note(step, detail, self.found, self.wish),
            Err(why) => {
                self.journal.outcome(&change, Became::Failed, failed(&why)).await?;
                return Err(Halt::Failed(format!("{action}: {why}")));
            }
        }
        let after = Some(progress::after(step, self.wish, progress));
        let told = Told { before: Some(before.clone()), after, request_id, message };
        self.journal.outcome(&change, Became::Done, told).await?;
        Ok(())
    }
}

fn why(halt: &Halt) -> String {
    match halt {
        Halt::Interrupted => "interrupted".to_owned(),
        Halt::Failed(why) => why.clone(),
        Halt::Ledger(error) => format!("the ledger could not be written: {error}"),
    }
}
