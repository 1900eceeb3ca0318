//! Builders for tests: accounts and users as one line each, everything known and in order unless the test says otherwise.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    AccessKey, Account, AccountFacts, AccountStatus, AttachedPolicy, Authorization, Fact, Gap, Group, InlinePolicy,
    ManagedPolicy, MfaDevice, MfaKind, Organization, Origin, Partition, Password, PasswordPolicy, Role, Root,
    RootCredentials, Tag, User,
};
use crate::rules::{RuleSet, load};
use crate::yaml::{SourceFile, render};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const DEVICES: &str = "iam:ListMFADevices";
pub(crate) const REPORT: &str = "iam:GetCredentialReport";
pub(crate) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const DETAILS: &str = "iam:GetAccountAuthorizationDetails";
const EVERYTHING: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// The moment of every test.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// This many days before [`now`].
pub(crate) fn days_ago(days: i64) -> Option<Timestamp> {
    now().checked_sub(SignedDuration::from_hours(24 * days)).ok()
}

pub(crate) fn known<T>(value: T, source: &str) -> Fact<T> {
    Fact::known(value, Origin::new(source, now()))
}

/// A list of which only a part is known, because `rest` was not asked for.
pub(crate) fn at_least<T>(value: T, source: &str) -> Fact<T> {
    Fact::AtLeast { value, origin: Origin::new("iam:ListVirtualMFADevices", now()), rest: Gap::not_asked(source) }
}

pub(crate) fn denied<T>(source: &str) -> Fact<T> {
    Fact::Unknown(Gap::failed(source, "AccessDenied"))
}

/// An account without users, with a root that has a password and a passkey, and with a strict password policy.
pub(crate) fn account() -> AccountFacts {
    let unread = AccountFacts::unread(
        Account { id: ACCOUNT.to_owned(), name: "shop".to_owned(), ..Account::default() },
        AccountStatus::Scanned,
        "",
    );
    AccountFacts {
        reason: None,
        aliases: known(vec!["shop".to_owned()], "iam:ListAccountAliases"),
        summary: known(summary([true, true, false, false]), "iam:GetAccountSummary"),
        password_policy: known(password_policy(14, 24), "iam:GetAccountPasswordPolicy"),
        root: Root {
            credentials: known(RootCredentials { password_enabled: Some(true), ..RootCredentials::default() }, REPORT),
            virtual_devices: known(Vec::new(), "iam:ListVirtualMFADevices"),
        },
        orphan_devices: known(Vec::new(), "iam:ListVirtualMFADevices"),
        users: known(Vec::new(), DETAILS),
        groups: known(Vec::new(), DETAILS),
        roles: known(Vec::new(), DETAILS),
        policies: known(vec![policy(ADMINISTRATOR, EVERYTHING)], DETAILS),
        ..unread
    }
}

/// The account with these users.
pub(crate) fn with_users(users: Vec<User>) -> AccountFacts {
    AccountFacts { users: known(users, DETAILS), ..account() }
}

/// The entries of the account summary about root.
pub(crate) fn summary([mfa, password, keys, certificates]: [bool; 4]) -> BTreeMap<String, i64> {
    let entries = [
        ("AccountMFAEnabled", mfa),
        ("AccountPasswordPresent", password),
        ("AccountAccessKeysPresent", keys),
        ("AccountSigningCertificatesPresent", certificates),
    ];
    entries.map(|(key, present)| (key.to_owned(), i64::from(present))).into()
}

pub(crate) fn password_policy(min_length: i64, reuse_prevention: i64) -> PasswordPolicy {
    PasswordPolicy { exists: true, min_length, reuse_prevention, ..PasswordPolicy::default() }
}

/// A user without any way to sign in and without rights.
pub(crate) fn user(name: &str) -> User {
    User {
        arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        id: Some(format!("AIDA{}", name.to_uppercase())),
        created: days_ago(400),
        console_access: known(false, REPORT),
        password: known(Password::default(), REPORT),
        access_keys: known(Vec::new(), REPORT),
        signing_certificates: known(0, REPORT),
        mfa_devices: known(Vec::new(), DEVICES),
        authorization: known(Authorization::default(), DETAILS),
    }
}

impl User {
    /// The user with a password last used and changed so many days ago.
    pub(crate) fn signs_in(mut self, used: Option<i64>, changed: Option<i64>) -> Self {
        let (last_used, last_changed) = (used.and_then(days_ago), changed.and_then(days_ago));
        self.console_access = known(true, REPORT);
        self.password = known(Password { last_used, last_changed, next_rotation: None }, REPORT);
        self
    }

    /// The user with devices of these kinds and no others.
    pub(crate) fn devices(mut self, kinds: &[MfaKind]) -> Self {
        self.mfa_devices = known(kinds.iter().map(|kind| device(*kind)).collect(), DEVICES);
        self
    }

    /// The user with at least devices of these kinds.
    pub(crate) fn some_devices(mut self, kinds: &[MfaKind]) -> Self {
        self.mfa_devices = at_least(kinds.iter().map(|kind| device(*kind)).collect(), DEVICES);
        self
    }

    pub(crate) fn keys(mut self, keys: Vec<AccessKey>) -> Self {
        self.access_keys = known(keys, REPORT);
        self
    }

    pub(crate) fn authorized(mut self, change: impl FnOnce(&mut Authorization)) -> Self {
        change(self.authorization.value_mut().unwrap());
        self
    }

    pub(crate) fn admin(self) -> Self {
        self.authorized(|all| all.attached_policies.push(attached(ADMINISTRATOR)))
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub(crate) fn device(kind: MfaKind) -> MfaDevice {
    MfaDevice { serial: format!("serial-{}", kind.as_str()), kind, enabled_at: days_ago(10) }
}

/// An active key created and last used so many days ago.
pub(crate) fn key(created: Option<i64>, used: Option<i64>) -> AccessKey {
    AccessKey {
        id: None,
        active: true,
        created: created.and_then(days_ago),
        last_used: used.and_then(days_ago),
        last_used_service: used.map(|_| "s3".to_owned()),
        last_used_region: None,
    }
}

pub(crate) fn inactive(key: AccessKey) -> AccessKey {
    AccessKey { active: false, ..key }
}

pub(crate) fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy { name: last(arn), arn: arn.to_owned() }
}

pub(crate) fn inline(name: &str) -> InlinePolicy {
    InlinePolicy { name: name.to_owned(), document: EVERYTHING.to_owned() }
}

/// A managed policy with this document.
pub(crate) fn policy(arn: &str, document: &str) -> ManagedPolicy {
    ManagedPolicy {
        arn: arn.to_owned(),
        name: last(arn),
        path: "/".to_owned(),
        default_version: "v1".to_owned(),
        versions: 1,
        attachments: 1,
        boundaries: 0,
        created: days_ago(400),
        updated: days_ago(400),
        document: Some(document.to_owned()),
    }
}

/// A managed policy of the account itself.
pub(crate) fn own_policy(document: &str) -> ManagedPolicy {
    policy(&format!("arn:aws:iam::{ACCOUNT}:policy/own"), document)
}

pub(crate) fn group(name: &str, policies: &[&str]) -> Group {
    Group {
        arn: format!("arn:aws:iam::{ACCOUNT}:group/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        created: days_ago(400),
        attached_policies: policies.iter().map(|arn| attached(arn)).collect(),
        inline_policies: Vec::new(),
    }
}

/// A role that this federated provider, or else a service, may assume.
pub(crate) fn role(name: &str, provider: Option<&str>) -> Role {
    let principal = provider.map_or(r#"{"Service":"ec2.amazonaws.com"}"#.to_owned(), |provider| {
        format!(r#"{{"Federated":"arn:aws:iam::{ACCOUNT}:{provider}"}}"#)
    });
    Role {
        arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        created: days_ago(400),
        trust_policy: Some(format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}}}"#
        )),
        last_used: days_ago(3),
        attached_policies: Vec::new(),
        inline_policies: Vec::new(),
        permissions_boundary: None,
        tags: Vec::new(),
    }
}

fn last(arn: &str) -> String {
    arn.rsplit('/').next().unwrap().to_owned()
}

/// An account that has something of everything: every field filled, and facts known, known in part and unknown.
pub(crate) fn rich_account() -> AccountFacts {
    let carol = user("carol").signs_in(None, Some(100)).some_devices(&[MfaKind::Virtual, MfaKind::Sms]);
    let dave = user("dave").with(|user| {
        (user.id, user.created) = (None, None);
        user.console_access = denied(REPORT);
        user.password = denied(REPORT);
        user.access_keys = at_least(vec![key(Some(1), None)], "iam:ListAccessKeys");
        user.signing_certificates = Fact::Unknown(Gap::not_in_answer(REPORT, "no column `cert_1_active`"));
        user.mfa_devices = Fact::Unknown(Gap::not_asked(DEVICES));
        user.authorization = denied(DETAILS);
    });
    let zoe = user("zoë").admin().signs_in(Some(1), Some(30)).devices(&[MfaKind::Passkey, MfaKind::HardwareTotp]);
    let zoe = zoe.keys(vec![key(Some(200), Some(2)), inactive(key(Some(300), None))]).authorized(|all| {
        all.groups = vec!["ops".to_owned()];
        all.inline_policies = vec![inline("extra")];
        all.permissions_boundary = Some(ADMINISTRATOR.to_owned());
        all.tags = vec![Tag { key: "team\u{1b}[31m".to_owned(), value: "\"quoted\"\n".to_owned() }];
    });
    let mut facts = with_users(vec![carol, dave, zoe]);
    facts.account.partition = Partition::new("aws-cn");
    facts.account.ou_path = Some("o-1/r-1/ou-1/".to_owned());
    facts.account.management = Some(true);
    (facts.status, facts.reason) = (AccountStatus::Partial, Some("a call failed".to_owned()));
    facts.gaps.push(crate::model::CallGap { operation: DEVICES.to_owned(), reason: "Throttling".to_owned(), count: 2 });
    facts.notices.push("the credential report is old".to_owned());
    (facts.api_calls, facts.throttled, facts.credential_report_as_of) = (42, 3, days_ago(0));
    facts.root.virtual_devices = at_least(vec![device(MfaKind::Virtual)], "iam:ListVirtualMFADevices");
    facts.orphan_devices = denied("iam:ListVirtualMFADevices");
    facts.groups = known(vec![group("ops", &[ADMINISTRATOR])], DETAILS);
    facts.roles = known(vec![role("saml", Some("saml-provider/idp")), role("ec2", None)], DETAILS);
    let root_access_features = known(vec!["RootSessions".to_owned()], "iam:ListOrganizationsFeatures");
    facts.organization = Some(Organization { id: Some("o-1".to_owned()), root_access_features });
    facts
}

/// The rules of a pack, given as the flow mappings that they are but for what every rule needs.
pub(crate) fn rules(bodies: &[&str]) -> RuleSet {
    let mut text = "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: { id: test }\nrules:\n".to_owned();
    for (at, body) in bodies.iter().enumerate() {
        let severity = if body.contains("severity:") { "" } else { "severity: high, " };
        let id = if body.starts_with("id:") { String::new() } else { format!("id: rule-{at}, ") };
        writeln!(text, "  - {{ {id}title: Rule {at}, {severity}{body} }}").unwrap();
    }
    load(&[SourceFile::new("test.yaml", &text)]).unwrap_or_else(|wrong| panic!("{}", render(&wrong, false)))
}

/// The built-in pack.
pub(crate) fn baseline() -> RuleSet {
    let source = crate::rules::builtin::pack("baseline").unwrap();
    load(&[source]).unwrap_or_else(|wrong| panic!("{}", render(&wrong, false)))
}
