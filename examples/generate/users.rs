//! Users: people, programs, and those whose names try to harm whoever shows them.

use portcullis::model::{
    AccessKey, AttachedPolicy, Authorization, Fact, Gap, InlinePolicy, MfaDevice, MfaKind, Origin, Password, Tag, User,
};

use crate::chance::{Chance, at};
use crate::credentials::{KeyState, devices, key, password};
use crate::documents;
use crate::people::{ROBOTS, TEAMS};
use crate::plan::{CORE, Plan, Trouble};

/// The alphabet of base 32, of which ids are made.
pub(crate) const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A user before anybody read it.
#[derive(Default)]
struct Draft {
    name: String,
    path: String,
    password: Option<Password>,
    keys: Vec<AccessKey>,
    certificates: u32,
    devices: Vec<MfaDevice>,
    authorization: Authorization,
}

/// The users of an account, by name, as the scan read them.
pub(crate) fn all(plan: &Plan, staff: &[String], chance: &mut Chance) -> Vec<User> {
    let first = chance.between(0, 40);
    let of_account = staff.iter().cycle().skip(usize::try_from(first).unwrap_or_default()).take(plan.people);
    let mut drafts: Vec<Draft> = of_account.map(|name| person(plan, name, chance)).collect();
    let skip = usize::try_from(chance.between(0, 6)).unwrap_or_default();
    let robots = ROBOTS.iter().cycle().skip(skip).take(plan.robots);
    drafts.extend(robots.map(|name| robot(plan, name, chance)).collect::<Vec<_>>());
    if plan.is_hostile() {
        disguise(plan, &mut drafts, chance);
    }
    drafts.sort_by_key(|draft| draft.name.to_lowercase());
    let report_age = chance.between(4, 230) * 60;
    drafts.into_iter().map(|draft| read(plan, draft, report_age, chance)).collect()
}

fn person(plan: &Plan, name: &str, chance: &mut Chance) -> Draft {
    let contractor = chance.happens(9);
    let path = match chance.between(1, 100) {
        _ if contractor => "/contractors/",
        ..=50 => "/engineering/",
        51..=70 => "/platform/",
        _ => "/",
    };
    let mut draft = Draft {
        path: path.to_owned(),
        name: if contractor { format!("{name}+ext@contractor.example") } else { name.to_owned() },
        ..Draft::default()
    };
    if chance.happens(93) {
        draft.password = Some(password(plan, chance));
    }
    draft.devices = devices(plan, &draft.name, chance);
    let keys = if draft.password.is_none() || chance.happens(6) { 2 } else { i64::from(chance.happens(33)) };
    draft.keys = (0..keys).map(|_| key(plan, KeyState::any(chance), chance)).collect();
    draft.authorization = rights(plan, contractor, chance);
    draft.authorization.tags = vec![tag("team", chance.pick(&TEAMS))];
    if chance.happens(60) {
        draft.authorization.tags.push(tag("owner", &format!("{name}@acme.example")));
    }
    draft
}

fn rights(plan: &Plan, contractor: bool, chance: &mut Chance) -> Authorization {
    let mut rights = Authorization::default();
    let roll = chance.between(1, 100);
    let central = plan.is_management() || plan.ou == CORE;
    rights.groups = match roll {
        ..=6 => vec!["Administrators"],
        7..=30 if central => vec!["Administrators"],
        31..=70 if central => vec!["Auditors"],
        7..=62 => vec!["Developers"],
        63..=90 => vec!["ReadOnly"],
        91..=95 => vec!["Developers", "OnCall"],
        _ => Vec::new(),
    }
    .into_iter()
    .map(str::to_owned)
    .collect();
    if contractor {
        rights.permissions_boundary = Some(plan.arn("policy/ContractorBoundary"));
    }
    match chance.between(1, 100) {
        ..=4 => rights.attached_policies.push(aws("AdministratorAccess")),
        5..=7 => rights.inline_policies.push(inline("break-glass", documents::EVERYTHING_WITH_MFA)),
        8..=10 => rights.attached_policies.push(aws("AmazonS3ReadOnlyAccess")),
        11 => rights.attached_policies.push(aws("IAMFullAccess")),
        12..=13 => rights.attached_policies.push(own(plan, "/", "DenyWithoutMFA")),
        _ => {}
    }
    rights
}

fn robot(plan: &Plan, name: &str, chance: &mut Chance) -> Draft {
    let states: &[KeyState] = match chance.between(1, 100) {
        ..=24 => &[KeyState::Fresh],
        25..=48 => &[KeyState::Old],
        49..=62 => &[KeyState::Unused],
        63..=71 => &[KeyState::NeverUsed],
        72..=86 => &[KeyState::Old, KeyState::Fresh],
        87..=95 => &[KeyState::Inactive, KeyState::Old],
        _ => &[KeyState::Inactive],
    };
    let mut authorization = Authorization { groups: vec!["Robots".to_owned()], ..Authorization::default() };
    match name {
        "terraform" => authorization.attached_policies.push(aws("AdministratorAccess")),
        "jenkins+prod" => authorization.attached_policies.push(own(plan, "/", "LegacyFullAccess")),
        "etl-nightly" => authorization.attached_policies.push(own(plan, "/data/", "DataLakeWriter")),
        "ses-smtp-mailer" => authorization.inline_policies.push(inline("send-mail", documents::SEND_MAIL)),
        _ => {}
    }
    authorization.tags = vec![tag("purpose", "automation"), tag("team", chance.pick(&TEAMS))];
    Draft {
        name: name.to_owned(),
        path: if chance.happens(50) { "/robots/" } else { "/" }.to_owned(),
        keys: states.iter().map(|state| key(plan, *state, chance)).collect(),
        certificates: u32::from(name == "old-website-upload"),
        authorization,
        ..Draft::default()
    }
}

/// Gives some users names, paths and tags that a careless report would run, sort wrongly or show as something else.
///
/// IAM takes `[\w+=,.@-]` in names and U+0021 to U+007E in paths. Some of the tag values it would refuse; but a
/// snapshot is a file, and anybody may have written into it.
fn disguise(plan: &Plan, drafts: &mut [Draft], chance: &mut Chance) {
    let names = ["=cmd@x", "+1-1", "-2+3", "@here", "a,b", "__proto__", "constructor", "null"];
    let paths = ["/<b>team</b>/", "/\"><img/src=x/onerror=alert(1)>/", "/../../", "/{{7*7}}/", "/%0aadmin/", "/a'b/"];
    let values = [
        "=cmd|'/C calc'!A0",
        "Robert'); DROP TABLE users;--",
        "she said \"<i>hello</i>\" & left",
        "invoice\u{202e}fdp.exe",
        "two\u{2028}lines",
        "\u{1b}[31mred\u{1b}[0m",
        "Zoë Ångström 安全",
    ];
    for (draft, name) in drafts.iter_mut().zip(names) {
        let old = format!("/{}", draft.name);
        for device in &mut draft.devices {
            device.serial = device.serial.replace(&old, &format!("/{name}"));
        }
        draft.name = name.to_owned();
    }
    for (draft, path) in drafts.iter_mut().skip(2).zip(paths) {
        path.clone_into(&mut draft.path);
    }
    for (draft, value) in drafts.iter_mut().zip(values) {
        draft.authorization.tags.push(tag("note", value));
    }
    for draft in drafts.iter_mut().take(3) {
        draft.password = Some(password(plan, chance));
        draft.devices.clear();
    }
    if let Some(first) = drafts.first_mut() {
        first.authorization.attached_policies.push(own(plan, "/", "LegacyFullAccess"));
    }
}

/// The user as the scan read it.
fn read(plan: &Plan, draft: Draft, report_age: i64, chance: &mut Chance) -> User {
    let no_report = plan.trouble == Trouble::NoReport;
    let from = |single: &str| {
        if no_report { Origin::new(single, at(9)) } else { Origin::new("iam:GetCredentialReport", at(-report_age)) }
    };
    let password = draft.password.clone().unwrap_or_default();
    let moments = draft.keys.iter().filter_map(|key| key.created);
    let moments = moments.chain(draft.devices.iter().filter_map(|device| device.enabled_at));
    let created = chance.before(moments.chain(password.last_changed).chain(password.last_used));
    User {
        arn: plan.arn(&format!("user{}{}", draft.path, draft.name)),
        id: Some(format!("AIDAACMEEXAMPLE{}", chance.text(BASE32, 6))),
        created: Some(created),
        console_access: Fact::known(draft.password.is_some(), from("iam:GetLoginProfile")),
        password: Fact::known(password, from("iam:GetLoginProfile")),
        access_keys: Fact::known(draft.keys, from("iam:ListAccessKeys")),
        signing_certificates: Fact::known(draft.certificates, from("iam:ListSigningCertificates")),
        mfa_devices: read_devices(plan, draft.devices),
        authorization: Fact::known(draft.authorization, Origin::new("iam:GetAccountAuthorizationDetails", at(3))),
        name: draft.name,
        path: draft.path,
    }
}

/// Where the call is denied, virtual devices are known all the same, from the list of the whole account.
fn read_devices(plan: &Plan, mut devices: Vec<MfaDevice>) -> Fact<Vec<MfaDevice>> {
    if plan.trouble != Trouble::DevicesDenied {
        return Fact::known(devices, Origin::new("iam:ListMFADevices", at(12)));
    }
    let denied = Gap::failed("iam:ListMFADevices", "AccessDenied: explicit deny in an identity-based policy");
    devices.retain(|device| device.kind == MfaKind::Virtual);
    if devices.is_empty() {
        return Fact::Unknown(denied);
    }
    Fact::AtLeast { value: devices, origin: Origin::new("iam:ListVirtualMFADevices", at(5)), rest: denied }
}

/// A policy of AWS, attached.
pub(crate) fn aws(name: &str) -> AttachedPolicy {
    let path = documents::AWS.iter().find(|policy| policy.0 == name).map_or("/", |policy| policy.1);
    AttachedPolicy { name: name.to_owned(), arn: format!("arn:aws:iam::aws:policy{path}{name}") }
}

/// A policy of the account, attached.
pub(crate) fn own(plan: &Plan, path: &str, name: &str) -> AttachedPolicy {
    AttachedPolicy { name: name.to_owned(), arn: plan.arn(&format!("policy{path}{name}")) }
}

fn inline(name: &str, document: &str) -> InlinePolicy {
    InlinePolicy { name: name.to_owned(), document: document.to_owned() }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}
