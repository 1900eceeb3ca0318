//! AWS's answers to facts: one account at a time, bulk calls first, single users only where it matters.
//!
//! May use `aws`, `model`, and of `evaluate` and `rules` what tells which facts are needed. Judges nothing.

mod again;
mod bulk;
mod failures;
mod live;
mod report;
mod users;

use std::collections::HashMap;

use crate::aws::answers::AuthorizationDetails;
use crate::aws::{Operation, Reader};
use crate::clock;
use crate::evaluate::Demand;
use crate::model::untrusted::Untrusted;
use crate::model::{
    Account, AccountFacts, AccountStatus, CallGap, Fact, Gap, Organization, Origin, Root, RootCredentials, Target, User,
};
use crate::rules::index::AccountIndex;
use crate::rules::subject::AccountView;

use bulk::Bulk;
use failures::Failures;
use users::{Devices, Draft};

/// How much older than the scan a report may be and still count as made for it: clocks differ.
const REPORT_SLACK: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// Reads everything about one account that `demand` needs.
///
/// Never fails: what could not be read is unknown in the facts, and makes the account partial.
/// `api_calls` and `throttled` are left to the caller, who knows when the last call was made.
pub async fn account(reader: &Reader, account: Account, demand: Demand<'_>, ask_organization: bool) -> AccountFacts {
    let failures = Failures::default();
    let mut bulk = Box::pin(bulk::read(reader, &failures)).await;
    let root_arn = account.partition.iam_arn(&account.id, "root");
    let devices = Devices::new(&bulk.virtual_devices, &root_arn);
    let (drafts, listed) = drafts(reader, &mut bulk, &devices, demand, &failures).await;
    let mut facts = frame(account, &bulk, &devices);
    if let Fact::Known { value, origin } = &mut bulk.details {
        if let Some(other) = foreign(value, &drafts, &facts.account.id) {
            return AccountFacts::unread(facts.account, AccountStatus::Failed, &other);
        }
        facts.groups = Fact::known(std::mem::take(&mut value.groups), origin.clone());
        facts.roles = Fact::known(std::mem::take(&mut value.roles), origin.clone());
        facts.policies = Fact::known(std::mem::take(&mut value.policies), origin.clone());
    }
    if ask_organization && demand.reads(Target::Account, "root_access_features") {
        facts.organization = Some(organization(reader, &mut facts.notices).await);
    }
    let users = {
        let index = AccountIndex::of_users(&facts, drafts.iter().map(|draft| &draft.user));
        let view = AccountView { facts: &facts, index: &index };
        let report_is_cached = report_is_cached(&bulk);
        let context = live::Context { reader, failures: &failures, demand, view, report_is_cached };
        let settled = Box::pin(live::settle(context, drafts)).await;
        Box::pin(again::look(context, &facts, settled, &bulk, &devices)).await
    };
    facts.users = listed.fact(users);
    explain_report(&mut facts, bulk.report.as_ref().err(), demand, &failures);
    conclude(&mut facts, failures.into_gaps());
    facts
}

/// Whether the credential report may be older than this scan: AWS makes one at most every four hours.
fn report_is_cached(bulk: &Bulk) -> bool {
    let late = |generated_at| bulk.started.duration_since(generated_at) > REPORT_SLACK;
    bulk.report.as_ref().is_ok_and(|dated| !bulk.report_is_new || late(dated.generated_at))
}

/// Why the answers are not about account `id`, if they are not: credentials that lead elsewhere must not be believed.
fn foreign(details: &AuthorizationDetails, drafts: &[Draft], id: &str) -> Option<String> {
    let arns = details.roles.iter().map(|role| &role.arn).chain(details.groups.iter().map(|group| &group.arn));
    let arns = arns.chain(drafts.iter().map(|draft| &draft.user.arn));
    let other = arns.filter_map(|arn| arn.split(':').nth(4)).find(|account| *account != id)?;
    Some(format!("the credentials lead into account {}", Untrusted(other)))
}

/// How completely the users were listed.
enum Listed {
    All(Origin),
    Some(Origin, Gap),
    None(Gap),
}

impl Listed {
    fn fact(self, drafts: Vec<Draft>) -> Fact<Vec<User>> {
        let value = drafts.into_iter().map(|draft| draft.user).collect();
        match self {
            Self::All(origin) => Fact::known(value, origin),
            Self::Some(origin, rest) => Fact::AtLeast { value, origin, rest },
            Self::None(gap) => Fact::Unknown(gap),
        }
    }
}

/// Who the users are: from the authorization details, else from the plain list.
async fn drafts(
    reader: &Reader,
    bulk: &mut Bulk,
    devices: &Devices,
    demand: Demand<'_>,
    failures: &Failures,
) -> (Vec<Draft>, Listed) {
    if let Fact::Unknown(gap) = &bulk.details {
        let answer = reader.list_users().await;
        return match failures.fact(Operation::ListUsers, answer, clock::now()) {
            Fact::Known { value, origin } | Fact::AtLeast { value, origin, .. } => {
                let drafts = users::from_list(value, gap, bulk, devices);
                let rest = difference(counted(bulk), drafts.len(), Operation::ListUsers, failures);
                (drafts, rest.map_or_else(|| Listed::All(origin.clone()), |gap| Listed::Some(origin.clone(), gap)))
            }
            Fact::Unknown(gap) => (Vec::new(), Listed::None(gap)),
        };
    }
    let rest = recount(reader, bulk, failures).await;
    let Fact::Known { value, origin } = &mut bulk.details else { return (Vec::new(), Listed::None(unlisted())) };
    let (details, origin) = (std::mem::take(&mut value.users), origin.clone());
    let mut drafts = users::from_details(details, &origin, bulk, devices);
    let needs_sign_in = live::SIGN_IN.iter().any(|fact| demand.reads(Target::User, fact));
    if bulk.report.is_err() && needs_sign_in {
        sign_ins(reader, &mut drafts, failures).await;
    }
    let listed = match rest {
        None => Listed::All(origin),
        Some(gap) => Listed::Some(origin, gap),
    };
    (drafts, listed)
}

fn unlisted() -> Gap {
    Gap::not_asked(Operation::GetAccountAuthorizationDetails.name())
}

/// Holds the number of users against the account summary. Users come and go while a scan runs, so a difference is
/// looked at a second time; the gap that then remains makes the account partial.
async fn recount(reader: &Reader, bulk: &mut Bulk, failures: &Failures) -> Option<Gap> {
    let read = |bulk: &Bulk| bulk.details.value().map_or(0, |details| details.users.len());
    if let Some(details) = bulk.details.value_mut() {
        details.users = users::distinct(std::mem::take(&mut details.users), |user| &user.arn);
    }
    if counted(bulk).is_none_or(|counted| counted == read(bulk)) {
        return None;
    }
    let details = reader.authorization_details(true).await;
    let summary = reader.account_summary().await;
    if let (Ok(AuthorizationDetails { users, .. }), Some(known)) = (details, bulk.details.value_mut()) {
        known.users = users::distinct(users, |user| &user.arn);
    }
    if let Ok(summary) = summary {
        bulk.summary = Fact::known(summary, Origin::new(Operation::GetAccountSummary.name(), clock::now()));
    }
    difference(counted(bulk), read(bulk), Operation::GetAccountAuthorizationDetails, failures)
}

/// How many users the account summary counts, if it says so.
fn counted(bulk: &Bulk) -> Option<usize> {
    bulk.summary.value().and_then(|summary| summary.get("Users")).and_then(|count| usize::try_from(*count).ok())
}

/// Keeps a difference between the users counted and those read; it is a gap in the list if some were not read.
fn difference(counted: Option<usize>, read: usize, operation: Operation, failures: &Failures) -> Option<Gap> {
    let counted = counted.filter(|counted| *counted != read)?;
    let reason = format!("{read} users were listed, but iam:GetAccountSummary counts {counted}");
    failures.note_reason(operation.name(), &reason);
    Some(Gap::failed(operation.name(), &reason)).filter(|_| read < counted)
}

/// The last console sign-ins, in bulk, where there is no credential report to tell them.
async fn sign_ins(reader: &Reader, drafts: &mut [Draft], failures: &Failures) {
    let told: Result<HashMap<String, _>, Gap> = match reader.list_users().await {
        Ok(users) => Ok(users.into_iter().map(|user| (user.arn, user.password_last_used)).collect()),
        Err(error) => Err(failures.note(Operation::ListUsers, &error)),
    };
    for draft in drafts {
        match &told {
            Ok(told) => {
                if let Some(last) = told.get(&draft.user.arn) {
                    draft.last_sign_in = Ok(*last);
                }
            }
            Err(gap) => draft.last_sign_in = Err(gap.clone()),
        }
    }
}

/// The facts of the account but for its users, groups, roles and policies.
fn frame(account: Account, bulk: &Bulk, devices: &Devices) -> AccountFacts {
    let gap = bulk.details.gap().cloned().unwrap_or_else(unlisted);
    let credentials = root_credentials(bulk);
    let mut account = account;
    if let (true, Some(alias)) = (account.name.is_empty(), bulk.aliases.value().and_then(|aliases| aliases.first())) {
        account.name.clone_from(alias);
    }
    AccountFacts {
        account,
        status: AccountStatus::Scanned,
        reason: None,
        gaps: Vec::new(),
        notices: Vec::new(),
        api_calls: 0,
        throttled: 0,
        credential_report_as_of: bulk.report.as_ref().ok().map(|dated| dated.generated_at),
        aliases: bulk.aliases.clone(),
        summary: bulk.summary.clone(),
        password_policy: bulk.password_policy.clone(),
        root: Root { credentials, virtual_devices: devices.root.clone() },
        orphan_devices: devices.orphans.clone(),
        users: Fact::Unknown(gap.clone()),
        groups: Fact::Unknown(gap.clone()),
        roles: Fact::Unknown(gap.clone()),
        policies: Fact::Unknown(gap),
        organization: None,
    }
}

fn root_credentials(bulk: &Bulk) -> Fact<RootCredentials> {
    let source = Operation::GetCredentialReport.name();
    match &bulk.report {
        Ok(dated) => match dated.report.root.as_ref().map(report::Row::root) {
            Some(Ok(root)) => Fact::known(root, Origin::new(source, dated.generated_at)),
            Some(Err(reason)) => Fact::Unknown(Gap::not_in_answer(source, &reason)),
            None => Fact::Unknown(Gap::not_in_answer(source, "the credential report has no row of root")),
        },
        Err(reason) => Fact::Unknown(Gap::failed(source, reason)),
    }
}

async fn organization(reader: &Reader, notices: &mut Vec<String>) -> Organization {
    let operation = Operation::ListOrganizationsFeatures;
    match reader.organizations_features().await {
        Ok(answer) => Organization {
            id: answer.organization_id,
            root_access_features: Fact::known(answer.features, Origin::new(operation.name(), clock::now())),
        },
        Err(error) => {
            notices.push(format!(
                "whether root access is centralised is not known: {}: {}",
                operation.name(),
                error.reason()
            ));
            Organization {
                id: None,
                root_access_features: Fact::Unknown(Gap::failed(operation.name(), &error.reason())),
            }
        }
    }
}

/// Without the report, single calls tell the same of users; only root's last use, and when passwords expire, they
/// cannot tell. If rules ask for that, the account is partial.
fn explain_report(facts: &mut AccountFacts, failed: Option<&String>, demand: Demand<'_>, failures: &Failures) {
    let Some(reason) = failed else { return };
    let only_there = [
        (Target::Root, "password_last_used"),
        (Target::Root, "last_used"),
        (Target::Root, "access_keys"),
        (Target::User, "password_next_rotation"),
    ];
    if only_there.iter().any(|(target, fact)| demand.reads(*target, fact)) {
        failures.note_reason(Operation::GetCredentialReport.name(), reason);
    }
    facts.notices.push(format!(
        "the credential report could not be had ({reason}); passwords and keys were read user by user instead"
    ));
}

fn conclude(facts: &mut AccountFacts, gaps: Vec<CallGap>) {
    if !gaps.is_empty() {
        let named: Vec<String> = gaps.iter().map(|gap| format!("{}: {}", gap.operation, gap.reason)).collect();
        facts.status = AccountStatus::Partial;
        facts.reason = Some(named.join("; "));
    }
    facts.gaps = gaps;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, role};

    #[test]
    fn answers_of_another_account_are_not_believed() {
        let details = AuthorizationDetails { groups: vec![group("g", &[])], ..AuthorizationDetails::default() };
        let of = details.groups[0].arn.split(':').nth(4).unwrap().to_owned();
        assert_eq!(foreign(&details, &[], &of), None);
        let said = foreign(&details, &[], "999999999999");
        assert_eq!(said, Some(format!("the credentials lead into account {of}")));
        let details = AuthorizationDetails { roles: vec![role("r", None)], ..AuthorizationDetails::default() };
        assert!(foreign(&details, &[], "999999999999").is_some());
        let draft = Draft {
            user: crate::testing::user("u"),
            without_report: false,
            last_sign_in: Ok(None),
            profile_read: false,
            gone: false,
        };
        assert!(foreign(&AuthorizationDetails::default(), &[draft], "999999999999").is_some());
    }
}
