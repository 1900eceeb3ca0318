//! Managed policies one by one, as enforcement looks at its guard.

use super::{Reader, optional};
use crate::aws::answers::{PolicyAnswer, PolicyVersion};
use crate::aws::convert::{document, tags, time};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;

impl Reader {
    /// A managed policy without its document; `None` if there is none of that ARN (`iam:GetPolicy`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no policy or no default version.
    pub async fn policy(&self, arn: &str) -> Result<Option<PolicyAnswer>, AwsError> {
        let operation = Operation::GetPolicy;
        let sent = self.iam.get_policy().policy_arn(arn).send();
        let Some(answer) = optional(self.answer(operation, sent).await)? else { return Ok(None) };
        let policy = answer.policy.ok_or_else(|| self.incomplete(operation, "policy"))?;
        let default = policy.default_version_id.filter(|id| !id.is_empty());
        Ok(Some(PolicyAnswer {
            arn: policy.arn.unwrap_or_default(),
            name: policy.policy_name.unwrap_or_default(),
            path: policy.path.unwrap_or_default(),
            default_version: default.ok_or_else(|| self.incomplete(operation, "default version"))?,
            attachments: policy.attachment_count.and_then(|count| u32::try_from(count).ok()),
            description: policy.description.filter(|text| !text.is_empty()),
            tags: tags(policy.tags),
        }))
    }

    /// The document of a version, as it was written; `None` if there is none (`iam:GetPolicyVersion`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no document.
    pub async fn policy_document(&self, arn: &str, version: &str) -> Result<Option<String>, AwsError> {
        let operation = Operation::GetPolicyVersion;
        let sent = self.iam.get_policy_version().policy_arn(arn).version_id(version).send();
        let Some(answer) = optional(self.answer(operation, sent).await)? else { return Ok(None) };
        let encoded = answer.policy_version.and_then(|version| version.document);
        Ok(Some(document(&encoded.ok_or_else(|| self.incomplete(operation, "document"))?)))
    }

    /// The versions of a policy, at most five (`iam:ListPolicyVersions`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a version has no id.
    pub async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        let operation = Operation::ListPolicyVersions;
        let mut versions = Vec::new();
        let pages = self.iam.list_policy_versions().policy_arn(arn).into_paginator().send();
        self.pages(operation, pages, |page| {
            versions.extend(page.versions.unwrap_or_default().into_iter().map(|version| {
                Some(PolicyVersion {
                    id: version.version_id.filter(|id| !id.is_empty())?,
                    is_default: version.is_default_version,
                    created: version.create_date.as_ref().and_then(time),
                })
            }));
            page.is_truncated
        })
        .await?;
        let versions: Option<Vec<_>> = versions.into_iter().collect();
        versions.ok_or_else(|| self.incomplete(operation, "id of a version"))
    }
}
