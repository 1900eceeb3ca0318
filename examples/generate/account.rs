//! An account's facts, put together.

use std::collections::BTreeMap;

use portcullis::model::{
    AccessKey, Account, AccountFacts, AccountStatus, AttachedPolicy, CallGap, Fact, Gap, Group, ManagedPolicy,
    MfaDevice, MfaKind, Organization, Origin, Partition, PasswordPolicy, Role, Root, RootCredentials, User,
};

use crate::chance::{Chance, at};
use crate::documents;
use crate::plan::{Passwords, Plan, RootState, Trouble};
use crate::users::{aws, own};
use crate::{roles, users};

/// Why the account without a credential report has none.
const NO_REPORT: &str = "LimitExceeded: the maximum number of credential report requests was exceeded";

/// The facts of the account of `plan`.
pub(crate) fn facts(plan: &Plan, staff: &[String], chance: &mut Chance) -> AccountFacts {
    let account = Account {
        id: plan.id.to_owned(),
        name: plan.name.to_owned(),
        partition: Partition::default(),
        ou_path: Some(format!("o-acme000001/r-acm1/{}", plan.ou)),
        management: Some(plan.is_management()),
    };
    match plan.trouble {
        Trouble::Suspended => AccountFacts::unread(account, AccountStatus::Skipped, "account is SUSPENDED"),
        Trouble::NotEntered => AccountFacts::unread(
            account,
            AccountStatus::Failed,
            "sts:AssumeRole: AccessDenied: not authorized to perform sts:AssumeRole on \
             arn:aws:iam::111111111112:role/portcullis/portcullis-scan",
        ),
        Trouble::Nothing | Trouble::DevicesDenied | Trouble::NoReport => read(plan, account, staff, chance),
    }
}

fn read(plan: &Plan, account: Account, staff: &[String], chance: &mut Chance) -> AccountFacts {
    let users = users::all(plan, staff, chance);
    let groups = groups(plan, chance);
    let roles = roles::all(plan, chance);
    let policies = policies(plan, &users, &groups, &roles, chance);
    let details = || Origin::new("iam:GetAccountAuthorizationDetails", at(3));
    let virtual_devices = || Origin::new("iam:ListVirtualMFADevices", at(5));
    let report = report(&users);
    let orphans = orphans(plan, chance);
    let summary = summary(plan, &users, &groups, &roles, orphans.len());
    let (reason, gaps, notices) = trouble(plan, &users);
    AccountFacts {
        account,
        status: if gaps.is_empty() { AccountStatus::Scanned } else { AccountStatus::Partial },
        reason,
        gaps,
        notices,
        api_calls: api_calls(plan, users.len()),
        throttled: u64::try_from(chance.between(0, 3)).unwrap_or_default(),
        credential_report_as_of: report.as_ref().map(|origin| origin.as_of),
        aliases: Fact::known(vec![format!("acme-{}", plan.id)], Origin::new("iam:ListAccountAliases", at(2))),
        summary: Fact::known(summary, Origin::new("iam:GetAccountSummary", at(2))),
        password_policy: Fact::known(passwords(plan.passwords), Origin::new("iam:GetAccountPasswordPolicy", at(2))),
        root: root(plan, report, virtual_devices(), chance),
        orphan_devices: Fact::known(orphans, virtual_devices()),
        users: Fact::known(users, details()),
        groups: Fact::known(groups, details()),
        roles: Fact::known(roles, details()),
        policies: Fact::known(policies, details()),
        organization: plan.is_management().then(|| Organization {
            id: Some("o-acme000001".to_owned()),
            root_access_features: Fact::known(
                vec!["RootCredentialsManagement".to_owned()],
                Origin::new("iam:ListOrganizationsFeatures", at(2)),
            ),
        }),
    }
}

/// The provenance of the credential report, if there is one.
fn report(users: &[User]) -> Option<Origin> {
    let origin = users.iter().find_map(|user| user.console_access.origin())?;
    (&*origin.source == "iam:GetCredentialReport").then(|| origin.clone())
}

fn trouble(plan: &Plan, users: &[User]) -> (Option<String>, Vec<CallGap>, Vec<String>) {
    let gap = |operation: &str, reason: &str, count: usize| {
        let count = u64::try_from(count).unwrap_or_default();
        let gap = CallGap { operation: operation.to_owned(), reason: reason.to_owned(), count };
        (Some(format!("{operation}: {reason}")), vec![gap])
    };
    match plan.trouble {
        Trouble::DevicesDenied => {
            let denied = users.iter().filter(|user| user.mfa_devices.complete().is_none()).count();
            let reason = "AccessDenied: explicit deny in an identity-based policy";
            let (reason, gaps) = gap("iam:ListMFADevices", reason, denied);
            (reason, gaps, Vec::new())
        }
        Trouble::NoReport => {
            let (reason, gaps) = gap("iam:GetCredentialReport", NO_REPORT, 1);
            let notice = format!(
                "the credential report could not be had ({NO_REPORT}); \
                 passwords and keys were read user by user instead"
            );
            (reason, gaps, vec![notice])
        }
        _ => (None, Vec::new(), Vec::new()),
    }
}

/// Eight calls an account and one a user; without the report, four more a user.
fn api_calls(plan: &Plan, users: usize) -> u64 {
    let each = if plan.trouble == Trouble::NoReport { 5 } else { 1 };
    u64::try_from(8 + each * users).unwrap_or_default()
}

fn root(plan: &Plan, report: Option<Origin>, devices: Origin, chance: &mut Chance) -> Root {
    let key = AccessKey {
        id: None,
        active: true,
        created: Some(chance.days_ago(2_300, 2_400)),
        last_used: Some(chance.days_ago(400, 500)),
        last_used_service: Some("s3".to_owned()),
        last_used_region: None,
    };
    let credentials = RootCredentials {
        password_enabled: Some(plan.root != RootState::Nothing),
        password_last_used: (plan.root != RootState::Nothing).then(|| chance.days_ago(5, 700)),
        access_keys: if plan.root == RootState::AccessKey { vec![key] } else { Vec::new() },
        signing_certificates: 0,
    };
    let assigned = MfaDevice {
        serial: plan.arn(chance.pick(&["mfa/root-account-mfa-device", "mfa/root-phone", "mfa/shared-tablet"])),
        kind: MfaKind::Virtual,
        enabled_at: Some(chance.days_ago(100, 900)),
    };
    let is_virtual = matches!(plan.root, RootState::Virtual | RootState::AccessKey);
    Root {
        credentials: report.map_or_else(
            || Fact::Unknown(Gap::failed("iam:GetCredentialReport", NO_REPORT)),
            |origin| Fact::known(credentials, origin),
        ),
        virtual_devices: Fact::known(if is_virtual { vec![assigned] } else { Vec::new() }, devices),
    }
}

fn orphans(plan: &Plan, chance: &mut Chance) -> Vec<MfaDevice> {
    let count = if plan.people > 20 { chance.between(0, 3) } else { 0 };
    let device = |number| MfaDevice {
        serial: plan.arn(&format!("mfa/cancelled-enrolment-{number}")),
        kind: MfaKind::Virtual,
        enabled_at: None,
    };
    (1..=count).map(device).collect()
}

fn passwords(policy: Passwords) -> PasswordPolicy {
    let (exists, strict) = (policy != Passwords::Absent, policy == Passwords::Good);
    PasswordPolicy {
        exists,
        min_length: match policy {
            Passwords::Good => 14,
            Passwords::Expiring => 12,
            Passwords::Weak | Passwords::Absent => 8,
        },
        reuse_prevention: if strict { 24 } else { 0 },
        max_age_days: (policy == Passwords::Expiring).then_some(90),
        require_uppercase: strict,
        require_lowercase: strict,
        require_numbers: exists,
        require_symbols: strict,
        allow_users_to_change: exists,
        hard_expiry: false,
    }
}

fn groups(plan: &Plan, chance: &mut Chance) -> Vec<Group> {
    let mut group = |name: &str, attached_policies: Vec<AttachedPolicy>| Group {
        arn: plan.arn(&format!("group/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        created: Some(chance.days_ago(1_000, 2_800)),
        attached_policies,
        inline_policies: Vec::new(),
    };
    vec![
        group("Administrators", vec![aws("AdministratorAccess"), aws("IAMUserChangePassword")]),
        group("Auditors", vec![aws("SecurityAudit")]),
        group("Developers", vec![aws("PowerUserAccess"), aws("IAMUserChangePassword")]),
        group("Finance", vec![aws("Billing")]),
        group("OnCall", vec![own(plan, "/ci/", "DeployArtifacts")]),
        group("ReadOnly", vec![aws("ReadOnlyAccess"), aws("IAMUserChangePassword")]),
        group("Robots", vec![own(plan, "/ci/", "DeployArtifacts")]),
    ]
}

/// AWS's policies that are in use, and the account's own; some of those nobody uses.
fn policies(plan: &Plan, users: &[User], groups: &[Group], roles: &[Role], chance: &mut Chance) -> Vec<ManagedPolicy> {
    let rights = || users.iter().filter_map(|user| user.authorization.value());
    let attached = |arn: &str| {
        let lists =
            rights().map(|user| &user.attached_policies).chain(groups.iter().map(|group| &group.attached_policies));
        let lists = lists.chain(roles.iter().map(|role| &role.attached_policies));
        lists.flatten().filter(|policy| policy.arn == arn).count()
    };
    let mut policy = |owner: &str, (name, path, document): documents::Managed, versions: i64| {
        let arn = format!("arn:aws:iam::{owner}:policy{path}{name}");
        let boundaries = rights().filter(|user| user.permissions_boundary.as_deref() == Some(&*arn)).count();
        ManagedPolicy {
            name: name.to_owned(),
            path: path.to_owned(),
            default_version: format!("v{versions}"),
            versions: u32::try_from(versions).unwrap_or(1),
            attachments: u32::try_from(attached(&arn)).unwrap_or_default(),
            boundaries: u32::try_from(boundaries).unwrap_or_default(),
            created: Some(chance.days_ago(1_500, 3_000)),
            updated: Some(chance.days_ago(30, 1_400)),
            document: Some(document.to_owned()),
            arn,
        }
    };
    let of_aws: Vec<ManagedPolicy> = documents::AWS.into_iter().map(|managed| policy("aws", managed, 2)).collect();
    let of_account = documents::CUSTOMER.into_iter().map(|managed| policy(plan.id, managed, 3)).filter(|policy| {
        let rare = matches!(&*policy.name, "LegacyFullAccess" | "UnusedStarIam" | "DataLakeWriter");
        !rare || policy.attachments > 0 || (policy.name == "UnusedStarIam" && plan.is_hostile())
    });
    of_account.chain(of_aws.into_iter().filter(|policy| policy.attachments > 0)).collect()
}

/// The keys of `SummaryMap` with IAM's default quotas.
fn summary(plan: &Plan, users: &[User], groups: &[Group], roles: &[Role], orphans: usize) -> BTreeMap<String, i64> {
    let flag = |holds: bool| i64::from(holds);
    let number = |count: usize| i64::try_from(count).unwrap_or_default();
    let devices = users.iter().filter_map(|user| user.mfa_devices.value()).map(Vec::len).sum::<usize>();
    let entries = [
        ("AccountAccessKeysPresent", flag(plan.root == RootState::AccessKey)),
        ("AccountMFAEnabled", flag(!matches!(plan.root, RootState::Nothing | RootState::PasswordOnly))),
        ("AccountPasswordPresent", flag(plan.root != RootState::Nothing)),
        ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", 2_048),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("AttachedPoliciesPerRoleQuota", 20),
        ("AttachedPoliciesPerUserQuota", 10),
        ("GlobalEndpointTokenVersion", 1),
        ("GroupPolicySizeQuota", 5_120),
        ("Groups", number(groups.len())),
        ("GroupsPerUserQuota", 10),
        ("GroupsQuota", 300),
        ("MFADevices", number(devices + orphans)),
        ("MFADevicesInUse", number(devices)),
        ("PolicySizeQuota", 6_144),
        ("RolePolicySizeQuota", 10_240),
        ("Roles", number(roles.len())),
        ("RolesQuota", 1_000),
        ("UserPolicySizeQuota", 2_048),
        ("Users", number(users.len())),
        ("UsersQuota", 5_000),
        ("VersionsPerPolicyQuota", 5),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
