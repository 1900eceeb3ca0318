//! What a run made is taken back, the last change first: nothing else, and the guard only once there is no password.

use serde_json::json;

use crate::aws::{AwsError, ErrorKind, Outcome};
use crate::enforce::wait::Waits;
use crate::journal::Told;
use crate::ledger::{LedgerError, Outcome as Became};

use super::super::plan::Step;
use super::{Delivery, Run};

/// What a run made and could not take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What was made.
    pub step: Step,
    /// Why it is still there.
    pub why: String,
}

/// What came of taking one thing back.
enum Undone {
    Gone(Became, Told),
    /// It stays, rightly.
    Stays(String),
    Left(String),
}

impl Run<'_> {
    /// Takes back what was made; what is left, in the order in which it has to be taken away.
    pub(super) async fn take_back(
        &self,
        made: Vec<Step>,
        mut can_write: bool,
        delivery: &mut dyn Delivery,
    ) -> Vec<Left> {
        let mut left: Vec<Left> = Vec::new();
        for step in made.into_iter().rev() {
            let why = match self.obstacle(&step, &left, can_write).await {
                Some(why) => Some(why),
                None => match Box::pin(self.undo(&step)).await {
                    Ok(why) => why,
                    Err(error) => {
                        can_write = false;
                        Some(format!("the ledger could not be written: {error}"))
                    }
                },
            };
            match why {
                None => (self.say)(&format!("undone  {}\n", step.told(self.wish, self.found))),
                Some(why) => left.push(Left { step, why }),
            }
        }
        if !left.iter().any(|left| left.step == Step::SetPassword) {
            delivery.withdraw();
        }
        left
    }

    /// Why a step is not even tried to be taken back.
    async fn obstacle(&self, step: &Step, left: &[Left], can_write: bool) -> Option<String> {
        if !can_write {
            return Some("it was not tried, since it could not be written down".to_owned());
        }
        match step {
            Step::AttachGuard => self.needs_guard().await,
            Step::MakeUser if !left.is_empty() => Some("something of it is left".to_owned()),
            Step::MakeGuard if left.iter().any(|left| left.step == Step::AttachGuard) => {
                Some("it is still attached to the user".to_owned())
            }
            _ => None,
        }
    }

    /// Why the guard has to stay on the user: there may be a password that was not there before.
    async fn needs_guard(&self) -> Option<String> {
        if self.found.user.as_ref().is_some_and(|user| user.login.is_some()) {
            return None;
        }
        match self.site.reader.login_profile(&self.wish.user).await {
            Ok(None) => None,
            Ok(Some(_)) => Some("the user has a console password, so the guard stays on it".to_owned()),
            Err(error) => Some(format!("whether the user has a console password could not be read: {error}")),
        }
    }

    /// Takes one thing back; why it is still there, if it is.
    async fn undo(&self, step: &Step) -> Result<Option<String>, LedgerError> {
        let change = step.change(self.wish, self.found, true);
        let guard = (*step == Step::AttachGuard).then(|| json!({ "guard": self.wish.guard.policy_name() }));
        self.journal.intent(&change, guard.clone()).await?;
        let (result, told, why) = match self.try_undo(step).await {
            Undone::Gone(result, told) => (result, told, None),
            Undone::Stays(why) => (Became::Skipped, Told::message(why), None),
            Undone::Left(why) => (Became::Failed, Told::message(why.as_str()), Some(why)),
        };
        self.journal.outcome(&change, result, Told { before: guard, ..told }).await?;
        Ok(why)
    }

    async fn try_undo(&self, step: &Step) -> Undone {
        let mut waits = Waits::new(self.patience);
        loop {
            match self.send_undo(step).await {
                Ok(Outcome::Written { request_id, .. }) => {
                    return Undone::Gone(Became::Done, Told { request_id, ..Told::default() });
                }
                // What was made seconds ago may not be everywhere yet.
                Ok(Outcome::NotThere(error) | Outcome::AlreadyThere(error)) => {
                    if !waits.again().await {
                        return Undone::Gone(Became::Already, Told::message(error.to_string()));
                    }
                }
                // What was taken from it seconds ago may still be seen.
                Err(error) if error.kind() == ErrorKind::InUse => {
                    if !waits.again().await {
                        return if *step == Step::MakeGuard {
                            Undone::Stays(format!("somebody else has it attached by now: {error}"))
                        } else {
                            Undone::Left(error.to_string())
                        };
                    }
                }
                Err(error) if error.may_be_done() && matches!(self.holds(step).await, Ok(None)) => {
                    return Undone::Gone(Became::Done, Told::message(format!("done, although AWS said: {error}")));
                }
                Err(error) => return Undone::Left(error.to_string()),
            }
        }
    }

    async fn send_undo(&self, step: &Step) -> Result<Outcome, AwsError> {
        let (writer, user) = (&self.site.writer, self.wish.user.as_str());
        let guard = self.found.guard_arn(self.wish.guard);
        match step {
            Step::MakeGuard => writer.delete_policy(&guard).await,
            Step::MakeUser => writer.delete_user(user).await,
            Step::AttachGuard => writer.detach_user_policy(user, &guard).await,
            Step::JoinGroup(group) => writer.remove_user_from_group(user, &group.name).await,
            Step::AttachPolicy(arn) => writer.detach_user_policy(user, arn).await,
            Step::SetPassword => writer.delete_login_profile(user).await,
        }
    }
}
