//! A second look at users who were listed and then answered as gone: deleted, renamed, or not seen by the server that
//! was asked. A renamed user must not slip through between two names.

use std::collections::HashSet;

use crate::aws::{AwsError, Operation};
use crate::clock;
use crate::model::{AccountFacts, Fact, Gap, Origin};
use crate::rules::index::AccountIndex;
use crate::rules::subject::AccountView;

use super::bulk::Bulk;
use super::live::{self, Context, Settled};
use super::users::{self, Devices, Draft};

/// Users who could not be found although they were listed a moment before.
const NOT_FOUND: &str = "listed, but answered as not found";

/// The users of the account after another listing: those settled, and whoever is listed now and was not read yet. Who is
/// gone again, though listed again, stays as unknown.
pub(super) async fn look(
    context: Context<'_>,
    facts: &AccountFacts,
    settled: Settled,
    bulk: &Bulk,
    devices: &Devices,
) -> Vec<Draft> {
    let Settled { mut here, gone } = settled;
    if gone.is_empty() {
        return here;
    }
    let listed = match list(context, bulk, devices).await {
        Ok(listed) => listed,
        Err(error) => {
            context.failures.note(Operation::GetAccountAuthorizationDetails, &error);
            here.extend(gone.into_iter().map(|draft| unknown(context, draft)));
            return here;
        }
    };
    let known: HashSet<&str> = here.iter().map(|draft| draft.user.arn.as_str()).collect();
    let fresh: Vec<Draft> = listed.into_iter().filter(|draft| !known.contains(draft.user.arn.as_str())).collect();
    let settled = {
        let index = AccountIndex::of_users(facts, fresh.iter().map(|draft| &draft.user));
        let view = AccountView { facts, index: &index };
        Box::pin(live::settle(Context { view, ..context }, fresh)).await
    };
    here.extend(settled.here);
    here.extend(settled.gone.into_iter().map(|draft| unknown(context, draft)));
    here
}

async fn list(context: Context<'_>, bulk: &Bulk, devices: &Devices) -> Result<Vec<Draft>, AwsError> {
    if let Some(gap) = bulk.details.gap() {
        let users = context.reader.list_users().await?;
        return Ok(users::from_list(users, gap, bulk, devices));
    }
    let details = context.reader.authorization_details(true).await?;
    let origin = Origin::new(Operation::GetAccountAuthorizationDetails.name(), clock::now());
    Ok(users::from_details(details.users, &origin, bulk, devices))
}

fn unknown(context: Context<'_>, mut draft: Draft) -> Draft {
    let gap = |operation: Operation| {
        context.failures.note_reason(operation.name(), NOT_FOUND);
        Gap::failed(operation.name(), NOT_FOUND)
    };
    draft.user.console_access = Fact::Unknown(gap(Operation::GetLoginProfile));
    draft.user.mfa_devices = Fact::Unknown(gap(Operation::ListMfaDevices));
    draft
}
