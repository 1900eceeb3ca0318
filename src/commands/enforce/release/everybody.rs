//! Everybody who is guarded, for the emergency exit: needs no rules, no waivers, and one call an account.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::{Hub, Reader, WriteRole};
use crate::cli::ReleaseArgs;
use crate::enforce::gate::gates;
use crate::enforce::release::{Selection, Terms, select};
use crate::enforce::survey::Guarded;
use crate::model::Account;

use super::super::super::exit::Failure;
use super::super::super::{live, targets};
use super::super::undoing::Hands;

/// The guarded users of an account, or why it could not be read.
type Found = (Account, Result<Vec<Guarded>, String>);

/// Everybody who is guarded, and the accounts that could not be read.
///
/// # Errors
///
/// If the caller has no credentials or the accounts cannot be listed.
pub(super) fn of(args: &ReleaseArgs, hands: &Hands<'_>) -> Result<(Selection, Vec<(String, String)>), Failure> {
    let found = live::block_on("nobody was released", read(args, hands))?;
    let terms = Terms { all: true, allowed_accounts: &args.guard.allow.allowed_accounts, ..Terms::default() };
    let guarded = found.iter().flat_map(|(account, users)| users.iter().flatten().map(move |user| (account, user)));
    let selection = select(guarded, &terms);
    let unread = found.iter().filter_map(|(account, users)| Some((account.id.clone(), users.as_ref().err()?.clone())));
    Ok((selection, unread.collect()))
}

async fn read(args: &ReleaseArgs, hands: &Hands<'_>) -> Result<Vec<Found>, Failure> {
    let named = targets::named(&args.source)?;
    let hub = Hub::connect(live::settings(&args.aws, live::ENFORCING)).await.map_err(|error| Failure::aws(&error))?;
    let targets = targets::choose(&args.source, named, &hub).await?;
    let limit = Arc::new(Semaphore::new(usize::from(args.aws.concurrency)));
    let assume_roles = args.source.org || args.source.accounts.is_some();
    let mut tasks = JoinSet::new();
    for account in targets.accounts {
        let (hub, limit, role) = (hub.clone(), Arc::clone(&limit), hands.write_role());
        tasks.spawn(async move {
            // The semaphore is never closed; if it were, reading without its limit would still be right.
            let _permit = limit.acquire_owned().await.ok();
            let users = Box::pin(of_account(&hub, &account, role, assume_roles)).await;
            (account, users)
        });
    }
    let mut found = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        found.push(joined.map_err(|error| Failure::run(&error))?);
    }
    found.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
    Ok(found)
}

async fn of_account(
    hub: &Hub,
    account: &Account,
    role: Option<WriteRole>,
    assume_roles: bool,
) -> Result<Vec<Guarded>, String> {
    let entered = match role {
        Some(role) => hub.enter_to_write(account, &role).await.map(|(reader, _)| reader),
        None if assume_roles => hub.enter(account).await,
        None => Ok(hub.own()),
    };
    let reader: Reader = entered.map_err(|error| error.to_string())?;
    let details = reader.authorization_details(false).await.map_err(|error| error.to_string())?;
    let guarded = details.users.into_iter().map(|user| Guarded {
        gates: gates(account, &user.authorization, &details.groups),
        arn: user.arn,
        user_id: Some(user.id),
        devices: None,
        failing: Vec::new(),
        waived: None,
    });
    Ok(guarded.filter(|user| !user.gates.is_empty()).collect())
}
