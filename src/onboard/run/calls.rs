//! The calls of the steps, each made once, and what AWS tells of them afterwards.

use crate::aws::{AwsError, NewUser, Outcome, Secret};
use crate::enforce::wait::Waits;

use super::super::found::{self, GuardPolicy};
use super::super::plan::Step;
use super::Run;

/// What came of a call.
pub(super) enum Answer {
    Made {
        request_id: Option<String>,
        message: Option<String>,
    },
    NotMade(String),
    /// It may have been made.
    Unknown(String),
}

impl Run<'_> {
    /// Makes the call, once; what was just made may not be everywhere yet, so it waits for that.
    pub(super) async fn call(&self, step: &Step, password: Option<&Secret>) -> Answer {
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
    pub(super) async fn seen(&self, step: &Step) -> Result<String, String> {
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
    pub(super) async fn holds(&self, step: &Step) -> Result<Option<String>, AwsError> {
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
