use crate::iam::Statement;
use crate::model::{
    Account, AccountFacts, AccountStatus, AttachedPolicy, Authorization, Fact, Gap, Group, InlinePolicy, ManagedPolicy,
    Origin, Role, User,
};

use super::{AccountIndex, Seen};

mod answers;

const ALL: &str = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const READ: &str = r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;

fn known<T>(value: T) -> Fact<T> {
    Fact::known(value, Origin::new("iam:GetAccountAuthorizationDetails", jiff::Timestamp::UNIX_EPOCH))
}

fn embedded(documents: &[&str]) -> Vec<InlinePolicy> {
    documents.iter().map(|text| InlinePolicy { name: "p".to_owned(), document: (*text).to_owned() }).collect()
}

fn user(name: &str, authorization: Fact<Authorization>) -> User {
    let gap = Gap::not_asked("iam:GetCredentialReport");
    User {
        arn: format!("arn:aws:iam::111122223333:user/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        id: None,
        created: None,
        console_access: Fact::Unknown(gap.clone()),
        password: Fact::Unknown(gap.clone()),
        access_keys: Fact::Unknown(gap.clone()),
        signing_certificates: Fact::Unknown(gap.clone()),
        mfa_devices: Fact::Unknown(gap),
        authorization,
    }
}

fn with(documents: &[&str]) -> Fact<Authorization> {
    known(Authorization { inline_policies: embedded(documents), ..Authorization::default() })
}

fn role(documents: &[&str], attached: &[&str], boundary: Option<&str>) -> Role {
    let attach = |arn: &&str| AttachedPolicy { name: String::new(), arn: (*arn).to_owned() };
    Role {
        arn: String::new(),
        name: "r".to_owned(),
        path: "/".to_owned(),
        created: None,
        trust_policy: None,
        last_used: None,
        attached_policies: attached.iter().map(attach).collect(),
        inline_policies: embedded(documents),
        permissions_boundary: boundary.map(str::to_owned),
        tags: Vec::new(),
    }
}

fn policy(arn: &str, attachments: u32, document: Option<&str>) -> ManagedPolicy {
    ManagedPolicy {
        arn: arn.to_owned(),
        name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        path: "/".to_owned(),
        default_version: "v1".to_owned(),
        versions: 1,
        attachments,
        boundaries: 0,
        created: None,
        updated: None,
        document: document.map(str::to_owned),
    }
}

fn account() -> AccountFacts {
    AccountFacts::unread(Account::default(), AccountStatus::Scanned, "not asked")
}

fn texts((known, rest): Seen<'_, String>) -> (serde_json::Value, bool) {
    (serde_json::json!(known), rest.is_none())
}

fn statements((known, rest): Seen<'_, Statement>) -> (usize, bool) {
    (known.len(), rest.is_none())
}

#[test]
fn administrators_are_a_lower_bound_where_something_is_unread() {
    let mut facts = account();
    let unread = Fact::Unknown(Gap::failed("iam:GetAccountAuthorizationDetails", "AccessDenied"));
    assert_eq!(texts(AccountIndex::new(&facts).administrators()), (serde_json::json!([]), false));

    facts.users = known(vec![user("ann", with(&[ALL])), user("bob", with(&[READ]))]);
    assert_eq!(texts(AccountIndex::new(&facts).administrators()), (serde_json::json!(["ann"]), true));

    for cut in [unread, with(&["{"])] {
        facts.users = known(vec![user("ann", with(&[ALL])), user("bob", cut)]);
        assert_eq!(texts(AccountIndex::new(&facts).administrators()), (serde_json::json!(["ann"]), false));
    }

    let (value, origin) = (vec![user("ann", with(&[ALL]))], Origin::new("x", jiff::Timestamp::UNIX_EPOCH));
    facts.users = Fact::AtLeast { value, origin, rest: Gap::failed("x", "cut off") };
    assert_eq!(texts(AccountIndex::new(&facts).administrators()), (serde_json::json!(["ann"]), false));
}

#[test]
fn members_of_groups_are_unknown_without_the_users() {
    let group = Group {
        arn: String::new(),
        name: "g".to_owned(),
        path: "/".to_owned(),
        created: None,
        attached_policies: Vec::new(),
        inline_policies: embedded(&[ALL]),
    };
    let mut facts = account();
    facts.groups = known(vec![group]);
    assert!(AccountIndex::new(&facts).group_members(0).is_err());
    facts.users = known(Vec::new());
    let index = AccountIndex::new(&facts);
    assert_eq!(index.group_members(0), Ok(0));
    assert_eq!(statements(index.group_inline_statements(0)).0, 1);
}

#[test]
fn aws_policies_count_where_they_are_attached() {
    let mut facts = account();
    assert!(!texts(AccountIndex::new(&facts).aws_policies()).1);
    facts.policies = known(vec![
        policy("arn:aws-cn:iam::aws:policy/AWSSupportAccess", 1, None),
        policy("arn:aws:iam::aws:policy/OnlyABoundary", 0, None),
        policy("arn:aws:iam::111122223333:policy/Ours", 3, None),
    ]);
    assert_eq!(texts(AccountIndex::new(&facts).aws_policies()), (serde_json::json!(["AWSSupportAccess"]), true));
}

#[test]
fn roles_and_policies_that_make_administrators() {
    let (all, read, lost) = ("arn:aws:iam::aws:policy/All", "arn:aws:iam::1:policy/Read", "arn:aws:iam::1:policy/Lost");
    let mut facts = account();
    facts.policies = known(vec![policy(all, 1, Some(ALL)), policy(read, 1, Some(READ)), policy(lost, 1, None)]);
    facts.roles = known(vec![
        role(&[], &[all], None),
        role(&[ALL], &[], Some(read)),
        role(&[READ], &[read], None),
        role(&[READ], &[lost], None),
        role(&[READ, "{"], &[], None),
    ]);
    let index = AccountIndex::new(&facts);
    let admin = |at| index.role_is_admin(at).ok();
    assert_eq!([0, 1, 2, 3, 4].map(admin), [Some(true), Some(false), Some(false), None, None]);
    let grants = |at| index.policy_grants_admin(at).ok();
    assert_eq!([0, 1, 2, 3].map(grants), [Some(true), Some(false), None, None]);
    assert_eq!(statements(index.role_inline_statements(4)), (1, false), "the malformed one leaves it open");
    assert!(statements(index.role_inline_statements(2)).1);
    assert!(!statements(index.role_inline_statements(9)).1, "nowhere is not empty");
}
