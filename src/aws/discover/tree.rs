//! Where accounts sit, for an Organizations API that does not say it with the account: one walk over the OUs.

use std::collections::{HashMap, VecDeque};

use super::Listed;
use crate::aws::call::pages;
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::aws::session::Hub;

impl Hub {
    /// Fills in the paths that `accounts` lack; no call if they lack none.
    pub(super) async fn find_paths(&self, organization: Option<&str>, accounts: &mut [Listed]) -> Result<(), AwsError> {
        let mut missing = accounts.iter().filter(|listed| listed.account.ou_path.is_none()).count();
        if missing == 0 {
            return Ok(());
        }
        let mut found = HashMap::new();
        let mut parents: VecDeque<_> = self.roots(organization).await?.into();
        while let Some((parent, path)) = parents.pop_front() {
            for id in self.accounts_in(&parent).await? {
                found.insert(id, path.clone());
            }
            missing = accounts.iter().filter(|listed| is_missing(listed, &found)).count();
            if missing == 0 {
                break;
            }
            for ou in self.ous_in(&parent).await? {
                let path = format!("{path}{ou}/");
                parents.push_back((ou, path));
            }
        }
        for Listed { account, .. } in accounts {
            if account.ou_path.is_none() {
                account.ou_path = found.get(&account.id).cloned();
            }
        }
        Ok(())
    }

    /// Ids and paths of the roots; AWS allows one.
    async fn roots(&self, organization: Option<&str>) -> Result<Vec<(String, String)>, AwsError> {
        let stream = self.organizations().list_roots().into_paginator().send();
        let mut roots = Vec::new();
        pages(Operation::ListRoots, Some(&self.caller().account), stream, |page| {
            for root in page.roots.unwrap_or_default() {
                // `arn:P:organizations::ACCOUNT:root/o-…/r-…` names the organization where nothing else may.
                let of_arn = root.arn.as_deref().and_then(|arn| arn.split('/').nth(1)).map(str::to_owned);
                if let (Some(id), Some(organization)) = (root.id, organization.map(str::to_owned).or(of_arn)) {
                    let path = format!("{organization}/{id}/");
                    roots.push((id, path));
                }
            }
            page.next_token.is_some_and(|token| !token.is_empty())
        })
        .await?;
        Ok(roots)
    }

    /// Ids of the OUs right below `parent`.
    async fn ous_in(&self, parent: &str) -> Result<Vec<String>, AwsError> {
        let call = self.organizations().list_organizational_units_for_parent().parent_id(parent);
        let stream = call.into_paginator().send();
        let mut ous = Vec::new();
        pages(Operation::ListOrganizationalUnitsForParent, Some(&self.caller().account), stream, |page| {
            ous.extend(page.organizational_units.unwrap_or_default().into_iter().filter_map(|unit| unit.id));
            page.next_token.is_some_and(|token| !token.is_empty())
        })
        .await?;
        Ok(ous)
    }

    /// Ids of the accounts right below `parent`.
    async fn accounts_in(&self, parent: &str) -> Result<Vec<String>, AwsError> {
        let stream = self.organizations().list_accounts_for_parent().parent_id(parent).into_paginator().send();
        let mut accounts = Vec::new();
        pages(Operation::ListAccountsForParent, Some(&self.caller().account), stream, |page| {
            accounts.extend(page.accounts.unwrap_or_default().into_iter().filter_map(|account| account.id));
            page.next_token.is_some_and(|token| !token.is_empty())
        })
        .await?;
        Ok(accounts)
    }
}

fn is_missing(listed: &Listed, found: &HashMap<String, String>) -> bool {
    listed.account.ou_path.is_none() && !found.contains_key(&listed.account.id)
}
