//! Users and their console passwords: made, and taken back.

use super::{Outcome, Writer, nothing};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::aws::secret::Secret;
use crate::model::Tag;

/// A user to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// The friendly name.
    pub name: &'a str,
    /// The path, `/` for none.
    pub path: &'a str,
    /// ARN of the permissions boundary, if there is to be one.
    pub boundary: Option<&'a str>,
    /// The tags, at most 50.
    pub tags: &'a [Tag],
}

/// A user that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeUser {
    /// The ARN.
    pub arn: String,
    /// The unique id, `AIDA…`.
    pub id: String,
}

impl Writer {
    /// Makes a user (`iam:CreateUser`; tags also need `iam:TagUser`). Not done twice: of one that exists already it must
    /// be known who made it.
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::Limit`] if the account has as many users as it may.
    pub async fn create_user(&self, user: &NewUser<'_>) -> Result<Outcome<MadeUser>, AwsError> {
        let operation = Operation::CreateUser;
        let sent = self
            .once
            .create_user()
            .user_name(user.name)
            .path(user.path)
            .set_permissions_boundary(user.boundary.map(str::to_owned))
            .set_tags(self.tags(operation, user.tags)?)
            .send();
        self.write(operation, sent, |answer| {
            let made = answer.user.map(|user| MadeUser { arn: user.arn, id: user.user_id });
            let is_whole = |made: &MadeUser| !made.arn.is_empty() && !made.id.is_empty();
            made.filter(is_whole).ok_or_else(|| self.incomplete(operation, "ARN and id of the user"))
        })
        .await
    }

    /// Deletes a user who has nothing any more (`iam:DeleteUser`).
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::InUse`] if something still belongs to it: policies, groups, a password, keys, devices.
    pub async fn delete_user(&self, user: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.delete_user().user_name(user).send();
        self.write(Operation::DeleteUser, sent, nothing).await
    }

    /// Gives a user a console password (`iam:CreateLoginProfile`). Not done twice: whose password it is must be known.
    ///
    /// [`Outcome::AlreadyThere`] if it has one, which stays.
    ///
    /// # Errors
    ///
    /// If the password does not suit the account's password policy, or the call fails.
    pub async fn create_login_profile(&self, user: &str, password: &Secret, reset: bool) -> Result<Outcome, AwsError> {
        let call = self.once.create_login_profile().user_name(user).password(password.expose());
        let sent = call.password_reset_required(reset).send();
        self.write(Operation::CreateLoginProfile, sent, nothing).await
    }

    /// Takes the console password from a user (`iam:DeleteLoginProfile`).
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub async fn delete_login_profile(&self, user: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.delete_login_profile().user_name(user).send();
        self.write(Operation::DeleteLoginProfile, sent, nothing).await
    }
}
