//! The accounts of an organization, and where they sit in it.
//!
//! Callable from the management account and from a delegated administrator. Nothing is asked per account: AWS throttles
//! such calls of Organizations soon.

mod tree;

use aws_sdk_organizations::types;

use super::call::{answer, pages};
use super::error::{AwsError, ErrorKind};
use super::operation::Operation;
use super::session::Hub;
use crate::model::{Account, Partition};

/// The most accounts that AWS puts in a page of `organizations:ListAccounts`.
const PAGE: i32 = 20;

/// An organization (`organizations:DescribeOrganization`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationId {
    /// `o-…`.
    pub id: Option<String>,
    /// The management account, twelve digits.
    pub management_account: Option<String>,
}

/// An account of the organization with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The account.
    pub account: Account,
    /// AWS's word for its state, such as `ACTIVE`; empty if AWS sent none.
    pub state: String,
}

/// What discovery found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovered {
    /// `o-…`, if AWS may tell.
    pub organization_id: Option<String>,
    /// The management account, if AWS may tell.
    pub management_account: Option<String>,
    /// All accounts, or those below the OUs asked for, whatever their state; by account id.
    pub accounts: Vec<Listed>,
    /// What could not be learned, for people.
    pub notices: Vec<String>,
}

/// Why an account in `state` is not to be scanned; `None` if it is to be.
#[must_use]
pub fn skip_reason(state: &str) -> Option<String> {
    match state {
        "ACTIVE" => None,
        "PENDING_ACTIVATION" => Some("the account is not activated yet (PENDING_ACTIVATION)".to_owned()),
        "SUSPENDED" => Some("the account is suspended (SUSPENDED)".to_owned()),
        "PENDING_CLOSURE" => Some("the account is being closed (PENDING_CLOSURE)".to_owned()),
        "CLOSED" => Some("the account is closed (CLOSED)".to_owned()),
        "" => Some("AWS names no state of the account".to_owned()),
        other => Some(format!("the account is in a state unknown to this version: `{other}`")),
    }
}

impl Hub {
    /// The organization that the caller's account is in.
    ///
    /// # Errors
    ///
    /// If the account is in none, or the caller may not ask.
    pub async fn organization(&self) -> Result<OrganizationId, AwsError> {
        let sent = self.organizations().describe_organization().send();
        let operation = Operation::DescribeOrganization;
        let answer = answer(operation, Some(&self.caller().account), sent).await.map_err(explain)?;
        let organization = answer.organization;
        Ok(OrganizationId {
            id: organization.as_ref().and_then(|organization| organization.id.clone()),
            management_account: organization.and_then(|organization| organization.master_account_id),
        })
    }

    /// All accounts of the organization, whatever their state.
    ///
    /// # Errors
    ///
    /// If any page fails; refused outside the management account and delegated administrators.
    pub async fn list_accounts(&self) -> Result<Vec<Listed>, AwsError> {
        let stream = self.organizations().list_accounts().max_results(PAGE).into_paginator().send();
        let mut accounts = Vec::new();
        pages(Operation::ListAccounts, Some(&self.caller().account), stream, |page| {
            let found = page.accounts.unwrap_or_default();
            accounts.extend(found.into_iter().filter_map(|account| listed(account, &self.caller().partition)));
            page.next_token.is_some_and(|token| !token.is_empty())
        })
        .await
        .map_err(explain)?;
        Ok(accounts)
    }

    /// The organization, its accounts, and where they sit; with `ous`, only the accounts below these OUs or roots.
    ///
    /// # Errors
    ///
    /// If the accounts cannot be listed; if `ous` are given and one holds no account, or where accounts sit cannot be
    /// known.
    pub async fn discover(&self, ous: &[String]) -> Result<Discovered, AwsError> {
        let mut discovered = Discovered::default();
        match self.organization().await {
            Ok(organization) => {
                discovered.organization_id = organization.id;
                discovered.management_account = organization.management_account;
            }
            Err(error) if error.kind() == ErrorKind::Denied => {
                discovered.notices.push(format!("the management account is not known: {error}"));
            }
            Err(error) => return Err(error),
        }
        discovered.accounts = self.list_accounts().await?;
        for Listed { account, .. } in &mut discovered.accounts {
            account.management = discovered.management_account.as_ref().map(|id| *id == account.id);
        }
        let walked = self.find_paths(discovered.organization_id.as_deref(), &mut discovered.accounts).await;
        if let Err(error) = walked {
            if !ous.is_empty() {
                return Err(error.hint("without the OUs of the accounts, accounts cannot be selected by OU"));
            }
            discovered.notices.push(format!("the OUs of the accounts are not known: {error}"));
        }
        if !ous.is_empty() {
            discovered.accounts = below(discovered.accounts, ous)?;
        }
        discovered.accounts.sort_by(|one, other| one.account.id.cmp(&other.account.id));
        Ok(discovered)
    }
}

/// What to do about failures that have to do with where the caller is.
fn explain(error: AwsError) -> AwsError {
    match (error.code(), error.operation()) {
        (Some("AWSOrganizationsNotInUseException"), _) => error
            .hint("this account is in no organization: scan it alone without --org, or name accounts with --accounts"),
        (Some("AccessDenied" | "AccessDeniedException"), Some(Operation::ListAccounts)) => error.hint(
            "listing accounts needs organizations:ListAccounts in the management account or a delegated administrator",
        ),
        _ => error,
    }
}

/// An account as AWS lists it; without an id it cannot be anything.
fn listed(account: types::Account, partition: &Partition) -> Option<Listed> {
    // `Status` is what AWS sent before it had `State`; it retires it.
    let state = account.state.as_ref().map(types::AccountState::as_str);
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method's path is longer than the closure")]
    let state = state.or(account.status.as_ref().map(|status| status.as_str())).unwrap_or_default().to_owned();
    Some(Listed {
        state,
        account: Account {
            partition: account.arn.as_deref().and_then(Partition::of_arn).unwrap_or_else(|| partition.clone()),
            ou_path: account.paths.unwrap_or_default().first().and_then(|path| ou_path(path)),
            name: account.name.unwrap_or_default(),
            id: account.id?,
            management: None,
        },
    })
}

/// `o-…/r-…/ou-…/` from a path of Organizations, which may end in the account's id.
fn ou_path(path: &str) -> Option<String> {
    let kept: Vec<_> =
        path.split('/').filter(|part| ["o-", "r-", "ou-"].iter().any(|prefix| part.starts_with(prefix))).collect();
    (!kept.is_empty()).then(|| kept.join("/") + "/")
}

/// The accounts below any of `ous`.
fn below(accounts: Vec<Listed>, ous: &[String]) -> Result<Vec<Listed>, AwsError> {
    let is_below = |listed: &Listed, ou: &str| {
        listed.account.ou_path.as_deref().is_some_and(|path| path.split('/').any(|part| part == ou))
    };
    if let Some(lost) = accounts.iter().find(|listed| listed.account.ou_path.is_none() && listed.state == "ACTIVE") {
        let message =
            format!("the OU of account {} is not known, so accounts cannot be selected by OU", lost.account.id);
        return Err(AwsError::new(ErrorKind::Settings, message));
    }
    if let Some(ou) = ous.iter().find(|ou| !accounts.iter().any(|listed| is_below(listed, ou))) {
        let message = format!("no account of the organization is below `{ou}`");
        return Err(AwsError::new(ErrorKind::Settings, message).hint("OUs are named by id: ou-… or r-…"));
    }
    Ok(accounts.into_iter().filter(|listed| ous.iter().any(|ou| is_below(listed, ou))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(id: &str, path: Option<&str>, state: &str) -> Listed {
        let ou_path = path.map(str::to_owned);
        Listed { account: Account { id: id.to_owned(), ou_path, ..Account::default() }, state: state.to_owned() }
    }

    #[test]
    fn only_active_accounts_are_scanned() {
        assert_eq!(skip_reason("ACTIVE"), None);
        for state in ["SUSPENDED", "PENDING_CLOSURE", "PENDING_ACTIVATION", "CLOSED", "FROZEN", ""] {
            assert!(skip_reason(state).is_some_and(|reason| reason.contains(state)), "{state}");
        }
    }

    #[test]
    fn paths_lose_the_account_and_keep_the_slash() {
        assert_eq!(ou_path("o-a/r-b/ou-b-c/111122223333/").as_deref(), Some("o-a/r-b/ou-b-c/"));
        assert_eq!(ou_path("o-a/r-b/").as_deref(), Some("o-a/r-b/"));
        assert_eq!(ou_path(""), None);
    }

    #[test]
    fn ous_select_what_is_below_them() {
        let accounts = vec![
            at("1", Some("o-a/r-b/"), "ACTIVE"),
            at("2", Some("o-a/r-b/ou-b-x/"), "ACTIVE"),
            at("3", Some("o-a/r-b/ou-b-x/ou-b-y/"), "ACTIVE"),
            at("4", None, "CLOSED"),
        ];
        let ids = |ou: &str| -> Result<String, AwsError> {
            let kept = below(accounts.clone(), &[ou.to_owned()])?;
            Ok(kept.iter().map(|listed| listed.account.id.as_str()).collect())
        };
        assert_eq!(ids("ou-b-x").unwrap(), "23");
        assert_eq!(ids("ou-b-y").unwrap(), "3");
        assert_eq!(ids("r-b").unwrap(), "123");
        assert!(ids("ou-b-z").unwrap_err().to_string().contains("no account of the organization is below `ou-b-z`"));
        assert!(below(vec![at("5", None, "ACTIVE")], &["r-b".to_owned()]).is_err());
    }
}
