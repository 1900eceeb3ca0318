//! The guard policy: made, changed, attached to users and detached from them.

use aws_sdk_iam::types::Tag as SdkTag;

use super::{Outcome, PATH, Writer, nothing};
use crate::aws::error::{AwsError, ErrorKind};
use crate::aws::operation::Operation;
use crate::model::Tag;

/// A managed policy to be made, under [`PATH`].
#[derive(Debug, Clone, Copy)]
pub struct NewPolicy<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for; AWS never lets it be changed.
    pub description: &'a str,
    /// The document: JSON, at most 6,144 characters without white space.
    pub document: &'a str,
    /// Its tags.
    pub tags: &'a [Tag],
}

impl Writer {
    /// Makes a managed policy and tells its ARN (`iam:CreatePolicy`; tags also need `iam:TagPolicy`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`] for the document, [`ErrorKind::Limit`] for its length and the number of policies.
    pub async fn create_policy(&self, policy: &NewPolicy<'_>) -> Result<Outcome<String>, AwsError> {
        let operation = Operation::CreatePolicy;
        let sent = self
            .iam
            .create_policy()
            .policy_name(policy.name)
            .path(PATH)
            .description(policy.description)
            .policy_document(policy.document)
            .set_tags(self.tags(operation, policy.tags)?)
            .send();
        self.write(operation, sent, |answer| {
            let arn = answer.policy.and_then(|policy| policy.arn);
            arn.ok_or_else(|| self.incomplete(operation, "ARN of the policy"))
        })
        .await
    }

    /// Adds a version to a policy, makes it the default one and tells its id, `v2` or later
    /// (`iam:CreatePolicyVersion`). Not done twice.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Limit`] if the policy has five versions already.
    pub async fn create_policy_version(&self, arn: &str, document: &str) -> Result<Outcome<String>, AwsError> {
        let operation = Operation::CreatePolicyVersion;
        let call = self.once.create_policy_version().policy_arn(arn).policy_document(document).set_as_default(true);
        self.write(operation, call.send(), |answer| {
            let version = answer.policy_version.and_then(|version| version.version_id);
            version.ok_or_else(|| self.incomplete(operation, "id of the version"))
        })
        .await
    }

    /// Deletes a version that is not the default one (`iam:DeletePolicyVersion`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InUse`] for the default version.
    pub async fn delete_policy_version(&self, arn: &str, version: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.delete_policy_version().policy_arn(arn).version_id(version).send();
        self.write(Operation::DeletePolicyVersion, sent, nothing).await
    }

    /// Deletes a policy that has one version and nobody has attached (`iam:DeletePolicy`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InUse`] if somebody has it, or it has other versions.
    pub async fn delete_policy(&self, arn: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.delete_policy().policy_arn(arn).send();
        self.write(Operation::DeletePolicy, sent, nothing).await
    }

    /// Makes a version the default one, which counts wherever the policy is attached (`iam:SetDefaultPolicyVersion`).
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub async fn set_default_policy_version(&self, arn: &str, version: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.set_default_policy_version().policy_arn(arn).version_id(version).send();
        self.write(Operation::SetDefaultPolicyVersion, sent, nothing).await
    }

    /// Adds tags to a policy, or changes their values (`iam:TagPolicy`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Limit`] for more than 50 tags.
    pub async fn tag_policy(&self, arn: &str, tags: &[Tag]) -> Result<Outcome, AwsError> {
        let operation = Operation::TagPolicy;
        let sent = self.iam.tag_policy().policy_arn(arn).set_tags(self.tags(operation, tags)?).send();
        self.write(operation, sent, nothing).await
    }

    /// Attaches a policy to a user; one that is attached stays (`iam:AttachUserPolicy`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Limit`] if the user has as many as it may, [`ErrorKind::NotAttachable`] for AWS's policies of
    /// services.
    pub async fn attach_user_policy(&self, user: &str, arn: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.attach_user_policy().user_name(user).policy_arn(arn).send();
        self.write(Operation::AttachUserPolicy, sent, nothing).await
    }

    /// Detaches a policy from a user; [`Outcome::NotThere`] if it is not attached (`iam:DetachUserPolicy`).
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub async fn detach_user_policy(&self, user: &str, arn: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.detach_user_policy().user_name(user).policy_arn(arn).send();
        self.write(Operation::DetachUserPolicy, sent, nothing).await
    }

    pub(super) fn tags(&self, operation: Operation, tags: &[Tag]) -> Result<Option<Vec<SdkTag>>, AwsError> {
        let tag = |tag: &Tag| SdkTag::builder().key(&tag.key).value(&tag.value).build();
        let built: Result<Vec<_>, _> = tags.iter().map(tag).collect();
        let built = built.map_err(|error| {
            AwsError::new(ErrorKind::Settings, format!("tags: {error}")).at(operation, Some(&self.account.id))
        })?;
        Ok((!built.is_empty()).then_some(built))
    }
}
