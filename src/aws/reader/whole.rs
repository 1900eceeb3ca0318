//! What concerns an account as a whole: summary, password policy, devices, aliases, users, organization features.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{AssignmentStatusType, User, VirtualMfaDevice};

use super::{Reader, optional};
use crate::aws::answers::{ListedUser, OrganizationsFeatures, VirtualDevice};
use crate::aws::convert::{filled, time};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::model::PasswordPolicy;

/// IAM's least password length where the account has no policy (IAM User Guide, "Setting an account password policy").
const DEFAULT_PASSWORD_LENGTH: i64 = 8;

impl Reader {
    /// Counts and quotas of the account, by AWS's keys, unknown ones included (`iam:GetAccountSummary`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no summary.
    pub async fn account_summary(&self) -> Result<BTreeMap<String, i64>, AwsError> {
        let operation = Operation::GetAccountSummary;
        let answer = self.answer(operation, self.iam.get_account_summary().send()).await?;
        let summary = answer.summary_map.ok_or_else(|| self.incomplete(operation, "summary"))?;
        Ok(summary.into_iter().map(|(key, value)| (key.as_str().to_owned(), i64::from(value))).collect())
    }

    /// The password policy (`iam:GetAccountPasswordPolicy`); IAM's defaults, marked so, where the account has none.
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no policy.
    pub async fn password_policy(&self) -> Result<PasswordPolicy, AwsError> {
        let operation = Operation::GetAccountPasswordPolicy;
        let sent = self.iam.get_account_password_policy().send();
        let Some(answer) = optional(self.answer(operation, sent).await)? else {
            return Ok(PasswordPolicy { min_length: DEFAULT_PASSWORD_LENGTH, ..PasswordPolicy::default() });
        };
        let policy = answer.password_policy.ok_or_else(|| self.incomplete(operation, "policy"))?;
        Ok(PasswordPolicy {
            exists: true,
            min_length: policy.minimum_password_length.map_or(DEFAULT_PASSWORD_LENGTH, i64::from),
            reuse_prevention: policy.password_reuse_prevention.map_or(0, i64::from),
            max_age_days: policy.max_password_age.map(i64::from).filter(|days| *days > 0),
            require_uppercase: policy.require_uppercase_characters,
            require_lowercase: policy.require_lowercase_characters,
            require_numbers: policy.require_numbers,
            require_symbols: policy.require_symbols,
            allow_users_to_change: policy.allow_users_to_change_password,
            hard_expiry: policy.hard_expiry.unwrap_or_default(),
        })
    }

    /// All virtual MFA devices, root's and nobody's included (`iam:ListVirtualMFADevices`).
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn virtual_mfa_devices(&self) -> Result<Vec<VirtualDevice>, AwsError> {
        let pages =
            self.iam.list_virtual_mfa_devices().assignment_status(AssignmentStatusType::Any).into_paginator().send();
        let mut devices = Vec::new();
        self.pages(Operation::ListVirtualMfaDevices, pages, |page| {
            devices.extend(page.virtual_mfa_devices.iter().map(virtual_device));
            page.is_truncated
        })
        .await?;
        Ok(devices)
    }

    /// The account's aliases; AWS allows one (`iam:ListAccountAliases`).
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn account_aliases(&self) -> Result<Vec<String>, AwsError> {
        let mut aliases = Vec::new();
        let pages = self.iam.list_account_aliases().into_paginator().send();
        self.pages(Operation::ListAccountAliases, pages, |page| {
            aliases.extend(page.account_aliases);
            page.is_truncated
        })
        .await?;
        Ok(aliases)
    }

    /// All users (`iam:ListUsers`); tags and boundaries are not in this answer.
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn list_users(&self) -> Result<Vec<ListedUser>, AwsError> {
        let mut users = Vec::new();
        let pages = self.iam.list_users().max_items(1000).into_paginator().send();
        self.pages(Operation::ListUsers, pages, |page| {
            users.extend(page.users.iter().map(listed_user));
            page.is_truncated
        })
        .await?;
        Ok(users)
    }

    /// Which features of centralised root access are on (`iam:ListOrganizationsFeatures`).
    ///
    /// # Errors
    ///
    /// Refused outside the management account and IAM's delegated administrator, with code
    /// `AccountNotManagementOrDelegatedAdministratorException`, and where IAM has no trusted access to the organization
    /// (`ServiceAccessNotEnabledException`).
    pub async fn organizations_features(&self) -> Result<OrganizationsFeatures, AwsError> {
        let sent = self.iam.list_organizations_features().send();
        let answer = self.answer(Operation::ListOrganizationsFeatures, sent).await?;
        let features = answer.enabled_features.unwrap_or_default();
        Ok(OrganizationsFeatures {
            organization_id: answer.organization_id,
            features: features.iter().map(|feature| feature.as_str().to_owned()).collect(),
        })
    }
}

fn virtual_device(device: &VirtualMfaDevice) -> VirtualDevice {
    let user = device.user.as_ref();
    VirtualDevice {
        serial: device.serial_number.clone(),
        owner_arn: user.and_then(|user| filled(&user.arn)),
        owner_name: user.and_then(|user| filled(&user.user_name)),
        enabled_at: device.enable_date.as_ref().and_then(time),
    }
}

/// A user of `iam:ListUsers` or `iam:GetUser`.
pub(super) fn listed_user(user: &User) -> ListedUser {
    ListedUser {
        name: user.user_name.clone(),
        path: user.path.clone(),
        id: user.user_id.clone(),
        arn: user.arn.clone(),
        created: time(&user.create_date),
        password_last_used: user.password_last_used.as_ref().and_then(time),
    }
}
