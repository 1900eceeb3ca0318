//! What a plan reads of single users, right now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::{AwsError, Hub, Reader};
use crate::enforce::draft::{Draft, Live};
use crate::enforce::live;
use crate::enforce::survey::AccountSurvey;
use crate::enforce::user_name;
use crate::model::Account;

use super::surveys::Order;

/// The users of whom something has to be read: those who would be acted on, and those whom only their keys hold back,
/// for the plan shows these keys.
pub(super) fn wanted(draft: &Draft) -> BTreeSet<String> {
    let acted_on = draft.actions.iter().map(|action| action.resource.clone());
    let by_keys = draft.held_back.iter().filter(|held| held.offer.is_some()).map(|held| held.resource.clone());
    acted_on.chain(by_keys).collect()
}

/// Reads them, several accounts at the same time. What cannot be read is a gap of the user.
pub(super) async fn read(
    hub: &Hub,
    order: &Order<'_>,
    surveys: &[AccountSurvey],
    wanted: &BTreeSet<String>,
) -> BTreeMap<String, Live> {
    let limit = Arc::new(Semaphore::new(usize::from(order.aws.concurrency)));
    let assume_roles = order.source.org || order.source.accounts.is_some();
    let mut tasks = JoinSet::new();
    for survey in surveys {
        let users: Vec<(String, String)> = survey
            .candidates
            .iter()
            .filter(|candidate| wanted.contains(&candidate.arn))
            .map(|candidate| (candidate.arn.clone(), candidate.name.clone()))
            .collect();
        if !users.is_empty() {
            let (hub, limit, account) = (hub.clone(), Arc::clone(&limit), survey.account.clone());
            tasks.spawn(async move {
                // The semaphore is never closed; if it were, reading without its limit would still be right.
                let _permit = limit.acquire_owned().await.ok();
                of_account(&hub, &account, assume_roles, users).await
            });
        }
    }
    let mut all = BTreeMap::new();
    while let Some(joined) = tasks.join_next().await {
        // A task that fails leaves its users unread, and they are held back: nobody is acted on unread.
        all.extend(joined.unwrap_or_default());
    }
    for arn in wanted {
        all.entry(arn.clone()).or_insert_with(|| unread("the reading of its account broke off"));
    }
    all
}

/// Asks for the devices of guarded users of whom they are not known, several accounts at the same time: whom no rule needed
/// them of, such as users whose password was taken away. What cannot be read stays unknown.
pub(super) async fn devices(hub: &Hub, order: &Order<'_>, surveys: &mut [AccountSurvey]) {
    let limit = Arc::new(Semaphore::new(usize::from(order.aws.concurrency)));
    let assume_roles = order.source.org || order.source.accounts.is_some();
    let mut tasks = JoinSet::new();
    for survey in surveys.iter() {
        let unread = survey.guarded.iter().filter(|user| user.devices.is_none());
        let users: Vec<String> = unread.map(|user| user.arn.clone()).collect();
        if !users.is_empty() {
            let (hub, limit, account) = (hub.clone(), Arc::clone(&limit), survey.account.clone());
            tasks.spawn(async move {
                // The semaphore is never closed; if it were, reading without its limit would still be right.
                let _permit = limit.acquire_owned().await.ok();
                devices_in(&hub, &account, assume_roles, users).await
            });
        }
    }
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(joined) = tasks.join_next().await {
        known.extend(joined.unwrap_or_default());
    }
    for user in surveys.iter_mut().flat_map(|survey| &mut survey.guarded) {
        user.devices = user.devices.or_else(|| known.get(&user.arn).copied());
    }
}

async fn devices_in(hub: &Hub, account: &Account, assume_roles: bool, users: Vec<String>) -> Vec<(String, usize)> {
    let Ok(reader) = enter(hub, account, assume_roles).await else { return Vec::new() };
    let mut read = Vec::with_capacity(users.len());
    for arn in users {
        match reader.mfa_devices(user_name(&arn)).await {
            Ok(devices) => read.push((arn, devices.len())),
            Err(error) => tracing::warn!(user = arn, %error, "its MFA devices could not be read"),
        }
    }
    read
}

async fn enter(hub: &Hub, account: &Account, assume_roles: bool) -> Result<Reader, AwsError> {
    if assume_roles { hub.enter(account).await } else { Ok(hub.own()) }
}

async fn of_account(
    hub: &Hub,
    account: &Account,
    assume_roles: bool,
    users: Vec<(String, String)>,
) -> Vec<(String, Live)> {
    let reader = match enter(hub, account, assume_roles).await {
        Ok(reader) => reader,
        Err(error) => return users.into_iter().map(|(arn, _)| (arn, unread(&error.to_string()))).collect(),
    };
    let mut read = Vec::with_capacity(users.len());
    for (arn, name) in users {
        let present = Box::pin(live::read_user(&reader, &name)).await;
        read.push((arn, present.live));
    }
    read
}

fn unread(reason: &str) -> Live {
    Live { gaps: vec![reason.to_owned()], ..Live::default() }
}
