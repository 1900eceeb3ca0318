//! The guard group: the other way to a guard on users who have no room for another policy.

use super::{Outcome, PATH, Writer, nothing};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;

impl Writer {
    /// Makes a group under [`PATH`] and tells its ARN (`iam:CreateGroup`).
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::Limit`] if the account has as many groups as it may.
    pub async fn create_group(&self, name: &str) -> Result<Outcome<String>, AwsError> {
        let operation = Operation::CreateGroup;
        let sent = self.iam.create_group().group_name(name).path(PATH).send();
        self.write(operation, sent, |answer| {
            let arn = answer.group.map(|group| group.arn).filter(|arn| !arn.is_empty());
            arn.ok_or_else(|| self.incomplete(operation, "ARN of the group"))
        })
        .await
    }

    /// Attaches a policy to a group; one that is attached stays (`iam:AttachGroupPolicy`).
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::Limit`] if the group has as many as it may.
    pub async fn attach_group_policy(&self, group: &str, arn: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.attach_group_policy().group_name(group).policy_arn(arn).send();
        self.write(Operation::AttachGroupPolicy, sent, nothing).await
    }

    /// Puts a user into a group; one who is in it stays (`iam:AddUserToGroup`).
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::Limit`] if the user is in ten groups.
    pub async fn add_user_to_group(&self, user: &str, group: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.add_user_to_group().user_name(user).group_name(group).send();
        self.write(Operation::AddUserToGroup, sent, nothing).await
    }

    /// Takes a user out of a group (`iam:RemoveUserFromGroup`).
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub async fn remove_user_from_group(&self, user: &str, group: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.remove_user_from_group().user_name(user).group_name(group).send();
        self.write(Operation::RemoveUserFromGroup, sent, nothing).await
    }
}
