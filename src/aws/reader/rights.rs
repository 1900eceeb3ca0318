//! What gives rights to one user: its own policies, its groups and theirs.

use aws_sdk_iam::types;

use super::whole::listed_user;
use super::{Reader, optional};
use crate::aws::answers::{GroupAnswer, ListedGroup, UserAnswer};
use crate::aws::convert::{attached, boundary, document, tags};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::model::AttachedPolicy;

impl Reader {
    /// A user with its tags and permissions boundary; `None` if there is none of that name (`iam:GetUser`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no user.
    pub async fn user(&self, user_name: &str) -> Result<Option<UserAnswer>, AwsError> {
        let operation = Operation::GetUser;
        let sent = self.iam.get_user().user_name(user_name).send();
        let Some(answer) = optional(self.answer(operation, sent).await)? else { return Ok(None) };
        let user = answer.user.ok_or_else(|| self.incomplete(operation, "user"))?;
        Ok(Some(UserAnswer {
            user: listed_user(&user),
            permissions_boundary: boundary(user.permissions_boundary),
            tags: tags(user.tags),
        }))
    }

    /// The managed policies attached to a user itself (`iam:ListAttachedUserPolicies`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a policy has no ARN.
    pub async fn attached_user_policies(&self, user_name: &str) -> Result<Vec<AttachedPolicy>, AwsError> {
        let operation = Operation::ListAttachedUserPolicies;
        let mut policies = Vec::new();
        let pages = self.iam.list_attached_user_policies().user_name(user_name).into_paginator().send();
        self.pages(operation, pages, |page| {
            policies.extend(attached(page.attached_policies));
            page.is_truncated
        })
        .await?;
        self.all_named(operation, policies)
    }

    /// The managed policies attached to a group (`iam:ListAttachedGroupPolicies`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a policy has no ARN.
    pub async fn attached_group_policies(&self, group: &str) -> Result<Vec<AttachedPolicy>, AwsError> {
        let operation = Operation::ListAttachedGroupPolicies;
        let mut policies = Vec::new();
        let pages = self.iam.list_attached_group_policies().group_name(group).into_paginator().send();
        self.pages(operation, pages, |page| {
            policies.extend(attached(page.attached_policies));
            page.is_truncated
        })
        .await?;
        self.all_named(operation, policies)
    }

    /// The names of a user's inline policies (`iam:ListUserPolicies`).
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn user_policy_names(&self, user_name: &str) -> Result<Vec<String>, AwsError> {
        let mut names = Vec::new();
        let pages = self.iam.list_user_policies().user_name(user_name).into_paginator().send();
        self.pages(Operation::ListUserPolicies, pages, |page| {
            names.extend(page.policy_names);
            page.is_truncated
        })
        .await?;
        Ok(names)
    }

    /// The names of a group's inline policies (`iam:ListGroupPolicies`).
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn group_policy_names(&self, group: &str) -> Result<Vec<String>, AwsError> {
        let mut names = Vec::new();
        let pages = self.iam.list_group_policies().group_name(group).into_paginator().send();
        self.pages(Operation::ListGroupPolicies, pages, |page| {
            names.extend(page.policy_names);
            page.is_truncated
        })
        .await?;
        Ok(names)
    }

    /// The document of a user's inline policy, as it was written; `None` if there is none (`iam:GetUserPolicy`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no document.
    pub async fn user_policy(&self, user_name: &str, policy: &str) -> Result<Option<String>, AwsError> {
        let operation = Operation::GetUserPolicy;
        let sent = self.iam.get_user_policy().user_name(user_name).policy_name(policy).send();
        let answer = optional(self.answer(operation, sent).await)?;
        answer.map(|answer| self.decoded(operation, &answer.policy_document)).transpose()
    }

    /// The document of a group's inline policy, as it was written; `None` if there is none (`iam:GetGroupPolicy`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no document.
    pub async fn group_policy(&self, group: &str, policy: &str) -> Result<Option<String>, AwsError> {
        let operation = Operation::GetGroupPolicy;
        let sent = self.iam.get_group_policy().group_name(group).policy_name(policy).send();
        let answer = optional(self.answer(operation, sent).await)?;
        answer.map(|answer| self.decoded(operation, &answer.policy_document)).transpose()
    }

    /// The groups that a user is in (`iam:ListGroupsForUser`).
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn groups_of(&self, user_name: &str) -> Result<Vec<ListedGroup>, AwsError> {
        let mut groups = Vec::new();
        let pages = self.iam.list_groups_for_user().user_name(user_name).into_paginator().send();
        self.pages(Operation::ListGroupsForUser, pages, |page| {
            groups.extend(page.groups.into_iter().map(listed_group));
            page.is_truncated
        })
        .await?;
        Ok(groups)
    }

    /// A group and who is in it; `None` if there is none of that name (`iam:GetGroup`).
    ///
    /// # Errors
    ///
    /// If any page fails, or none names the group.
    pub async fn group(&self, name: &str) -> Result<Option<GroupAnswer>, AwsError> {
        let operation = Operation::GetGroup;
        let (mut group, mut members) = (None, Vec::new());
        let pages = self.iam.get_group().group_name(name).into_paginator().send();
        let read = self.pages(operation, pages, |page| {
            group = group.take().or(page.group);
            members.extend(page.users.iter().map(listed_user));
            page.is_truncated
        });
        if optional(read.await)?.is_none() {
            return Ok(None);
        }
        let group = group.ok_or_else(|| self.incomplete(operation, "group"))?;
        Ok(Some(GroupAnswer { group: listed_group(group), members }))
    }

    fn all_named(&self, operation: Operation, policies: Vec<AttachedPolicy>) -> Result<Vec<AttachedPolicy>, AwsError> {
        if policies.iter().any(|policy| policy.arn.is_empty()) {
            return Err(self.incomplete(operation, "ARN of a policy"));
        }
        Ok(policies)
    }

    fn decoded(&self, operation: Operation, encoded: &str) -> Result<String, AwsError> {
        if encoded.is_empty() {
            return Err(self.incomplete(operation, "document"));
        }
        Ok(document(encoded))
    }
}

fn listed_group(group: types::Group) -> ListedGroup {
    ListedGroup { name: group.group_name, path: group.path, arn: group.arn }
}
