//! Who may do what: `iam:GetAccountAuthorizationDetails`, all pages of it.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as Page;
use aws_sdk_iam::types;

use super::Reader;
use crate::aws::answers::{AuthorizationDetails, UserDetail};
use crate::aws::convert::{attached, boundary, document, tags, time};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::model::{Authorization, Group, InlinePolicy, ManagedPolicy, Role};

/// The most items that AWS puts in a page; it may send fewer although there are more.
const PAGE: i32 = 1000;

impl Reader {
    /// All users, and unless `users_only` also groups, roles and managed policies.
    ///
    /// Of AWS's own policies only those attached here, or used as a boundary, are in the answer.
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn authorization_details(&self, users_only: bool) -> Result<AuthorizationDetails, AwsError> {
        let mut details = AuthorizationDetails::default();
        let filter = users_only.then(|| vec![types::EntityType::User]);
        let pages =
            self.iam.get_account_authorization_details().max_items(PAGE).set_filter(filter).into_paginator().send();
        self.pages(Operation::GetAccountAuthorizationDetails, pages, |page| add(&mut details, page)).await?;
        Ok(details)
    }
}

/// Adds a page and says whether there are more.
fn add(details: &mut AuthorizationDetails, page: Page) -> bool {
    details.users.extend(page.user_detail_list.unwrap_or_default().into_iter().map(user));
    details.groups.extend(page.group_detail_list.unwrap_or_default().into_iter().map(group));
    details.roles.extend(page.role_detail_list.unwrap_or_default().into_iter().map(role));
    details.policies.extend(page.policies.unwrap_or_default().into_iter().map(managed_policy));
    page.is_truncated
}

fn user(user: types::UserDetail) -> UserDetail {
    UserDetail {
        name: user.user_name.unwrap_or_default(),
        path: user.path.unwrap_or_default(),
        id: user.user_id.unwrap_or_default(),
        arn: user.arn.unwrap_or_default(),
        created: user.create_date.as_ref().and_then(time),
        authorization: Authorization {
            groups: user.group_list.unwrap_or_default(),
            attached_policies: attached(user.attached_managed_policies),
            inline_policies: inline(user.user_policy_list),
            permissions_boundary: boundary(user.permissions_boundary),
            tags: tags(user.tags),
        },
    }
}

fn group(group: types::GroupDetail) -> Group {
    Group {
        arn: group.arn.unwrap_or_default(),
        name: group.group_name.unwrap_or_default(),
        path: group.path.unwrap_or_default(),
        created: group.create_date.as_ref().and_then(time),
        attached_policies: attached(group.attached_managed_policies),
        inline_policies: inline(group.group_policy_list),
    }
}

fn role(role: types::RoleDetail) -> Role {
    Role {
        arn: role.arn.unwrap_or_default(),
        name: role.role_name.unwrap_or_default(),
        path: role.path.unwrap_or_default(),
        created: role.create_date.as_ref().and_then(time),
        trust_policy: role.assume_role_policy_document.as_deref().map(document),
        last_used: role.role_last_used.and_then(|used| used.last_used_date).as_ref().and_then(time),
        attached_policies: attached(role.attached_managed_policies),
        inline_policies: inline(role.role_policy_list),
        permissions_boundary: boundary(role.permissions_boundary),
        tags: tags(role.tags),
    }
}

fn managed_policy(policy: types::ManagedPolicyDetail) -> ManagedPolicy {
    let versions = policy.policy_version_list.unwrap_or_default();
    let default = versions.iter().find(|version| version.is_default_version);
    let arn = policy.arn.unwrap_or_default();
    // The name is also the last part of the ARN, in case the answer lacks it.
    let name = policy.policy_name.filter(|name| !name.is_empty());
    ManagedPolicy {
        name: name.unwrap_or_else(|| arn.rsplit('/').next().unwrap_or_default().to_owned()),
        arn,
        path: policy.path.unwrap_or_default(),
        default_version: default
            .and_then(|version| version.version_id.clone())
            .or(policy.default_version_id)
            .unwrap_or_default(),
        versions: u32::try_from(versions.len()).unwrap_or(u32::MAX),
        attachments: count(policy.attachment_count),
        boundaries: count(policy.permissions_boundary_usage_count),
        created: policy.create_date.as_ref().and_then(time),
        updated: policy.update_date.as_ref().and_then(time),
        document: default.and_then(|version| version.document.as_deref()).map(document),
    }
}

fn count(count: Option<i32>) -> u32 {
    count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
}

fn inline(policies: Option<Vec<types::PolicyDetail>>) -> Vec<InlinePolicy> {
    let convert = |policy: types::PolicyDetail| InlinePolicy {
        name: policy.policy_name.unwrap_or_default(),
        document: policy.policy_document.as_deref().map(document).unwrap_or_default(),
    };
    policies.unwrap_or_default().into_iter().map(convert).collect()
}
