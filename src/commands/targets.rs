//! Which accounts a scan reads, and which it leaves out for which reason.

use std::collections::HashSet;
use std::fs;

use crate::aws::{Hub, Listed, skip_reason};
use crate::cli::{Shard, SourceArgs};
use crate::model::evaluation::Notice;
use crate::model::{Account, AccountFacts, AccountStatus, arn};

use super::exit::Failure;

/// The accounts of a scan.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// Those to read.
    pub(super) accounts: Vec<Account>,
    /// Those left out, with the reason.
    pub(super) skipped: Vec<AccountFacts>,
    /// What has to be said of the choice.
    pub(super) notices: Vec<Notice>,
    /// Whether Organizations told the accounts.
    pub(super) is_organization: bool,
}

/// Finds the accounts that the command line means.
///
/// # Errors
///
/// If they cannot be listed, or there are none.
pub(super) async fn choose(args: &SourceArgs, named: Option<Vec<String>>, hub: &Hub) -> Result<Targets, Failure> {
    let mut targets = if args.org {
        organization(args, hub).await?
    } else if let Some(ids) = named {
        let account = |id: String| Account { id, partition: hub.caller().partition.clone(), ..Account::default() };
        Targets { accounts: ids.into_iter().map(account).collect(), ..Targets::default() }
    } else {
        Targets { accounts: vec![hub.own().account().clone()], ..Targets::default() }
    };
    targets.accounts.sort_by(|one, other| one.id.cmp(&other.id));
    if let Some(Shard { part, of }) = args.shard {
        let mine = |at: usize| u32::try_from(at).is_ok_and(|at| at % of == part);
        let mut at = 0..;
        targets.accounts.retain(|_| at.next().is_some_and(mine));
        if part > 0 {
            targets.skipped.clear();
        }
    }
    Ok(targets)
}

async fn organization(args: &SourceArgs, hub: &Hub) -> Result<Targets, Failure> {
    let found = hub.discover(&args.ou).await.map_err(|error| Failure::aws(&error))?;
    let notice = |message: String| Notice { account: None, message };
    let mut targets = Targets {
        notices: found.notices.into_iter().map(notice).collect(),
        is_organization: true,
        ..Targets::default()
    };
    let known: HashSet<String> = found.accounts.iter().map(|listed| listed.account.id.clone()).collect();
    if let Some(foreign) = args.include.iter().find(|id| !known.contains(*id)) {
        let message =
            format!("account {foreign} of --include is not among the organization's accounts that were asked for");
        return Err(Failure::Run { message, help: Some("aws organizations list-accounts shows them".to_owned()) });
    }
    for foreign in args.exclude.iter().filter(|id| !known.contains(*id)) {
        targets.notices.push(notice(format!("account {foreign} of --exclude is not in the organization")));
    }
    for Listed { account, state } in found.accounts {
        if !args.include.is_empty() && !args.include.contains(&account.id) {
            continue;
        }
        let excluded = args.exclude.contains(&account.id).then(|| "left out by --exclude".to_owned());
        match excluded.or_else(|| skip_reason(&state)) {
            Some(reason) => targets.skipped.push(AccountFacts::unread(account, AccountStatus::Skipped, &reason)),
            None => targets.accounts.push(account),
        }
    }
    Ok(targets)
}

/// The ids that `--accounts` names. Known before anybody signs in.
///
/// # Errors
///
/// If it names none.
pub(super) fn named(args: &SourceArgs) -> Result<Option<Vec<String>>, Failure> {
    args.accounts.as_deref().map(listed).transpose()
}

/// Ids with commas between, or the lines of a file.
fn listed(text: &str) -> Result<Vec<String>, Failure> {
    let direct: Vec<&str> = text.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    let ids = if !direct.is_empty() && direct.iter().all(|id| arn::is_account_id(id)) {
        direct.into_iter().map(str::to_owned).collect()
    } else {
        from_file(text)?
    };
    let mut seen = HashSet::new();
    Ok(ids.into_iter().filter(|id| seen.insert(id.clone())).collect())
}

fn from_file(path: &str) -> Result<Vec<String>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!(
            "--accounts `{path}` is neither a list of account ids (twelve digits) nor a readable file: {error}"
        ))
    })?;
    let mut ids = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        for id in line.split([',', ' ', '\t']).map(str::trim).filter(|id| !id.is_empty()) {
            if !arn::is_account_id(id) {
                let message = format!("{path}:{}: `{id}` is not an account id: expected twelve digits", at + 1);
                return Err(Failure::Usage(message));
            }
            ids.push(id.to_owned());
        }
    }
    if ids.is_empty() {
        return Err(Failure::Usage(format!("the file `{path}` of --accounts names no account")));
    }
    Ok(ids)
}
