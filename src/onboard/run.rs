//! The plan is carried out: each change written down, made once, and read back. What fails takes back what was made.

mod undo;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::aws::{AwsError, NewUser, Outcome, Secret};
use crate::enforce::actions::{self, Trouble};
use crate::enforce::site::Site;
use crate::enforce::wait::Waits;
use crate::journal::{Journal, Told};
use crate::ledger::{LedgerError, Outcome as Became};

use super::found::{self, Found, GuardPolicy};
use super::plan::{Plan, Step};
use super::wish::Wish;

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

/// What came of a call.
enum Answer {
    Made {
        request_id: Option<String>,
        message: Option<String>,
    },
    NotMade(String),
    /// It may have been made.
    Unknown(String),
}

/// What the user is by now.
#[derive(Default)]
struct Progress {
    made: Vec<Step>,
    user_id: String,
    attached: Vec<String>,
    groups: Vec<String>,
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
            if self.is_stopped() {
                return Err(Halt::Interrupted);
            }
            match step {
                Step::MakeGuard => self.make_guard(progress).await?,
                Step::SetPassword => {
                    let Some(password) = password else { return Err(Halt::Failed("there is no password".to_owned())) };
                    let failed = |error| Halt::Failed(format!("the password could not be written: {error}"));
                    delivery.before(password).map_err(failed)?;
                    self.make(step, Some(password), progress).await?;
                    let failed = |error| Halt::Failed(format!("the password could not be shown: {error}"));
                    delivery.after(password).map_err(failed)?;
                }
                _ => self.make(step, None, progress).await?,
            }
            (self.say)(&format!("made    {}\n", step.told(self.wish, self.found)));
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
            Err(Trouble::Failed(why)) => {
                let there = found::look(&self.site.reader, &self.site.guards, self.wish.guard).await;
                if there.is_ok_and(|there| there == GuardPolicy::Intact) {
                    progress.made.push(Step::MakeGuard);
                }
                return Err(Halt::Failed(why));
            }
            Err(Trouble::Ledger(error)) => return Err(error.into()),
        }
        Ok(())
    }

    async fn make(&self, step: &Step, password: Option<&Secret>, progress: &mut Progress) -> Result<(), Halt> {
        let change = step.change(self.wish, self.found, false);
        let before = before(step, self.wish, progress);
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
        let after = Some(after(step, self.wish, progress));
        let told = Told { before: Some(before.clone()), after, request_id, message };
        self.journal.outcome(&change, Became::Done, told).await?;
        Ok(())
    }

    /// Makes the call, once; what was just made may not be everywhere yet, so it waits for that.
    async fn call(&self, step: &Step, password: Option<&Secret>) -> Answer {
        let mut waits = Waits::new(self.patience);
        loop {
            match self.send(step, password).await {
                Ok(Outcome::Written { request_id, .. }) => return Answer::Made { request_id, message: None },
                Ok(Outcome::AlreadyThere(error)) => {
                    return Answer::NotMade(format!("somebody else made it at this moment: {error}"));
                }
                Ok(Outcome::NotThere(error)) => {
                    if self.is_stopped() || !waits.again().await {
                        return Answer::NotMade(error.to_string());
                    }
                }
                Err(error) if error.may_be_done() => {
                    return match self.seen(step).await {
                        Ok(_) => {
                            let message = Some(format!("made, although AWS said: {error}"));
                            Answer::Made { request_id: None, message }
                        }
                        Err(_) => Answer::Unknown(error.to_string()),
                    };
                }
                Err(error) => return Answer::NotMade(error.to_string()),
            }
        }
    }

    async fn send(&self, step: &Step, password: Option<&Secret>) -> Result<Outcome, AwsError> {
        let (writer, wish) = (&self.site.writer, self.wish);
        let user = wish.user.as_str();
        match step {
            Step::MakeUser => {
                let boundary = wish.boundary.as_deref();
                let new = NewUser { name: user, path: &wish.path, boundary, tags: &wish.tags };
                Ok(match writer.create_user(&new).await? {
                    Outcome::Written { request_id, .. } => Outcome::Written { request_id, made: () },
                    Outcome::AlreadyThere(error) => Outcome::AlreadyThere(error),
                    Outcome::NotThere(error) => Outcome::NotThere(error),
                })
            }
            Step::MakeGuard | Step::AttachGuard => {
                writer.attach_user_policy(user, &self.found.guard_arn(wish.guard)).await
            }
            Step::JoinGroup(group) => writer.add_user_to_group(user, &group.name).await,
            Step::AttachPolicy(arn) => writer.attach_user_policy(user, arn).await,
            Step::SetPassword => {
                let none = Secret::new(String::new());
                writer.create_login_profile(user, password.unwrap_or(&none), wish.reset).await
            }
        }
    }

    /// Waits for what was made to be seen; of a user its unique id.
    async fn seen(&self, step: &Step) -> Result<String, String> {
        let mut waits = Waits::new(self.patience);
        loop {
            let why = match self.holds(step).await {
                Ok(Some(detail)) => return Ok(detail),
                Ok(None) => "it was done and is not seen".to_owned(),
                Err(error) => format!("it could not be read back: {error}"),
            };
            if self.is_stopped() || !waits.again().await {
                return Err(why);
            }
        }
    }

    /// Whether it is so, as AWS tells it now; of a user its unique id.
    async fn holds(&self, step: &Step) -> Result<Option<String>, AwsError> {
        let (reader, user) = (&self.site.reader, self.wish.user.as_str());
        let is_attached = async |arn: &str| {
            Ok::<_, AwsError>(reader.attached_user_policies(user).await?.iter().any(|policy| policy.arn == arn))
        };
        let is_so = match step {
            Step::MakeUser => {
                let found = reader.user(user).await?;
                let ours = found.filter(|found| found.user.arn == self.found.user_arn(self.wish));
                return Ok(ours.map(|found| found.user.id));
            }
            Step::MakeGuard => {
                let there = found::look(reader, &self.site.guards, self.wish.guard).await?;
                there != GuardPolicy::Absent
            }
            Step::AttachGuard => is_attached(&self.found.guard_arn(self.wish.guard)).await?,
            Step::AttachPolicy(arn) => is_attached(arn).await?,
            Step::JoinGroup(group) => reader.groups_of(user).await?.iter().any(|found| found.arn == group.arn),
            Step::SetPassword => reader.login_profile(user).await?.is_some(),
        };
        Ok(is_so.then(String::new))
    }
}

impl Progress {
    /// Keeps in mind what was made.
    fn note(&mut self, step: &Step, detail: String, found: &Found, wish: &Wish) {
        match step {
            Step::MakeUser => self.user_id = detail,
            Step::AttachGuard => self.attached.push(found.guard_arn(wish.guard)),
            Step::AttachPolicy(arn) => self.attached.push(arn.clone()),
            Step::JoinGroup(group) => self.groups.push(group.name.clone()),
            Step::MakeGuard | Step::SetPassword => {}
        }
        self.attached.sort_unstable();
        self.groups.sort_unstable();
    }
}

/// What was there before a step, for the ledger. Of the guard as enforcement writes it.
fn before(step: &Step, wish: &Wish, progress: &Progress) -> Value {
    let (id, guard) = (&progress.user_id, wish.guard.policy_name());
    match step {
        Step::MakeGuard | Step::MakeUser | Step::SetPassword => Value::Null,
        Step::AttachGuard => json!({ "attached_policies": progress.attached, "guard": guard, "user_id": id }),
        Step::AttachPolicy(_) => json!({ "attached_policies": progress.attached, "user_id": id }),
        Step::JoinGroup(_) => json!({ "groups": progress.groups, "user_id": id }),
    }
}

/// The same after it.
fn after(step: &Step, wish: &Wish, progress: &Progress) -> Value {
    let id = &progress.user_id;
    match step {
        Step::MakeGuard => Value::Null,
        Step::MakeUser => {
            let tags: Map<String, Value> =
                wish.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone().into())).collect();
            json!({ "user_id": id, "path": wish.path, "permissions_boundary": wish.boundary, "tags": tags })
        }
        Step::AttachGuard => {
            json!({ "attached_policies": progress.attached, "verified_by": "iam:ListAttachedUserPolicies" })
        }
        Step::AttachPolicy(_) => json!({ "attached_policies": progress.attached }),
        Step::JoinGroup(_) => json!({ "groups": progress.groups }),
        Step::SetPassword => json!({ "reset_required": wish.reset }),
    }
}

fn why(halt: &Halt) -> String {
    match halt {
        Halt::Interrupted => "interrupted".to_owned(),
        Halt::Failed(why) => why.clone(),
        Halt::Ledger(error) => format!("the ledger could not be written: {error}"),
    }
}
