//! What the evaluator tells of users: effective administrators, enforcement, enrollment, escalation, guards.

use crate::iam::guard::Variant;
use crate::model::Tag;

use super::*;

const ARN: &str = "arn:aws:iam::111122223333";
const NOT_ACTION: &str = r#"{"Statement":[{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}]}"#;
const OWN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*",
    "Resource":"arn:aws:iam::*:user/${aws:username}"}]}"#;
const ANN_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
    "Condition":{"StringEquals":{"aws:username":"ann"}}}]}"#;
const OPS_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
    "Condition":{"StringEquals":{"aws:PrincipalTag/team":"ops"}}}]}"#;
const ATTACH: &str = r#"{"Statement":[{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*"}]}"#;

fn account_of(users: Vec<User>, policies: Vec<ManagedPolicy>, groups: Vec<Group>) -> AccountFacts {
    let mut facts = account();
    facts.account.id = "111122223333".to_owned();
    facts.users = known(users);
    facts.policies = known(policies);
    facts.groups = known(groups);
    facts.roles = known(Vec::new());
    facts
}

fn group(name: &str, arns: &[&str]) -> Group {
    let attach = |arn: &&str| AttachedPolicy { name: String::new(), arn: (*arn).to_owned() };
    Group {
        arn: format!("{ARN}:group/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        created: None,
        attached_policies: arns.iter().map(attach).collect(),
        inline_policies: Vec::new(),
    }
}

fn member(name: &str, group: &str, boundary: Option<&str>) -> User {
    user(
        name,
        known(Authorization {
            groups: vec![group.to_owned()],
            permissions_boundary: boundary.map(str::to_owned),
            ..Authorization::default()
        }),
    )
}

fn own(name: &str) -> String {
    format!("{ARN}:policy/{name}")
}

fn names(facts: &AccountFacts) -> Vec<String> {
    AccountIndex::new(facts).administrators().0.to_vec()
}

#[test]
fn administrators_are_those_in_effect() {
    let policies = || vec![policy(&own("most"), 1, Some(NOT_ACTION)), policy(&own("read"), 1, Some(READ))];
    let (most, read) = (own("most"), own("read"));
    let users = vec![member("ann", "most", None), member("bob", "most", Some(&read)), member("cid", "none", None)];
    let facts = account_of(users, policies(), vec![group("most", &[&most]), group("none", &[])]);
    assert_eq!(names(&facts), ["ann"], "through a group and `NotAction`; the boundary takes it away from bob");

    let facts = account_of(vec![user("ann", with(&[OWN]))], Vec::new(), Vec::new());
    assert_eq!(names(&facts), [""; 0], "its own resources make nobody an administrator");

    let own_policy = own("conditional");
    let users = || vec![member("ann", "all", None), member("bob", "all", None)];
    let shared = |text| vec![policy(&own_policy, 1, Some(text))];
    let facts = account_of(users(), shared(ANN_ONLY), vec![group("all", &[&own_policy])]);
    assert_eq!(names(&facts), ["ann"]);

    let mut facts = account_of(users(), shared(OPS_ONLY), vec![group("all", &[&own_policy])]);
    for (user, team) in facts.users.value_mut().unwrap().iter_mut().zip(["web", "ops"]) {
        let tag = Tag { key: "team".to_owned(), value: team.to_owned() };
        user.authorization.value_mut().unwrap().tags.push(tag);
    }
    assert_eq!(names(&facts), ["bob"]);
}

/// Users with the same policies share an answer, each under its own name.
#[test]
fn what_is_open_without_mfa_is_told_of_each_user() {
    let (guard, own) = (Variant::Strict.arn("aws", "111122223333"), own("own"));
    let policies = vec![policy(&own, 1, Some(OWN)), policy(&guard, 1, Some(&Variant::Strict.text("aws", true)))];
    let groups = vec![group("open", &[&own]), group("guarded", &[&own, &guard])];
    let users = vec![
        member("ann", "open", None),
        member("bob", "open", None),
        member("cid", "guarded", None),
        member("dan", "lost", None),
        user("eve", Fact::Unknown(Gap::failed("x", "AccessDenied"))),
    ];
    let facts = account_of(users, policies, groups);
    let index = AccountIndex::new(&facts);
    let users = facts.users.value().unwrap();
    let enforced: Vec<Option<bool>> =
        users.iter().enumerate().map(|(at, user)| index.mfa_enforced(at, user).ok()).collect();
    assert_eq!(enforced, [Some(false), Some(false), Some(true), None, None]);
    let holes = |at: usize| texts(index.mfa_holes(at, &users[at]));
    for (at, name) in [(0, "ann"), (1, "bob")] {
        let hole = |way| format!("{way}: iam:* on arn:aws:iam::*:user/{name} (no policy denies anything without MFA)");
        assert_eq!(holes(at), (serde_json::json!([hole("access key"), hole("console without MFA")]), true));
    }
    assert_eq!((holes(2), holes(3)), ((serde_json::json!([]), true), (serde_json::json!([]), false)));
    let unknown = index.mfa_enforced(3, &users[3]).unwrap_err();
    assert_eq!(unknown.reason, "it depends on a policy that could not be read: group lost");
    let enroll: Vec<Option<bool>> =
        users.iter().enumerate().map(|(at, user)| index.can_self_enroll(at, user).ok()).collect();
    assert_eq!(
        enroll,
        [Some(false), Some(false), Some(true), None, None],
        "`iam:*` on the user only creates no device"
    );
}

#[test]
fn a_user_who_is_named_by_a_policy_has_an_answer_of_its_own() {
    let named = own("named");
    let deny = r#"{"Statement":[{"Effect":"Allow","Action":"iam:DeactivateMFADevice","Resource":"*"},
        {"Effect":"Deny","Action":"*","NotResource":"arn:aws:iam::111122223333:user/ann"}]}"#;
    let facts = account_of(
        vec![member("ann", "g", None), member("bob", "g", None)],
        vec![policy(&named, 1, Some(deny))],
        vec![group("g", &[&named])],
    );
    let index = AccountIndex::new(&facts);
    for (at, user) in facts.users.value().unwrap().iter().enumerate() {
        let (holes, _) = index.mfa_holes(at, user);
        assert!(holes[0].starts_with("access key: iam:DeactivateMFADevice on arn:aws:iam::111122223333:user/ann"));
    }
}

#[test]
fn ways_to_become_an_administrator() {
    let (attach, own) = (own("attach"), own("own"));
    let policies = vec![policy(&attach, 1, Some(ATTACH)), policy(&own, 1, Some(OWN))];
    let groups = vec![group("attach", &[&attach]), group("own", &[&own])];
    let users = vec![
        member("ann", "attach", None),
        member("bob", "own", None),
        user("cid", with(&[ALL])),
        user("dan", with(&[READ])),
        user("eve", with(&["{"])),
    ];
    let facts = account_of(users, policies, groups);
    let index = AccountIndex::new(&facts);
    let users = facts.users.value().unwrap();
    let ways = |at: usize| texts(index.privilege_escalation(&facts, at, &users[at])).0;
    assert_eq!(ways(0), serde_json::json!(["iam:AttachUserPolicy on arn:aws:iam::111122223333:user/*"]));
    let of_bob = |action| format!("iam:{action} on arn:aws:iam::111122223333:user/bob");
    assert_eq!(ways(1), serde_json::json!([of_bob("AttachUserPolicy"), of_bob("PutUserPolicy")]));
    assert_eq!((ways(2), ways(3)), (serde_json::json!([]), serde_json::json!([])));
    assert!(!texts(index.privilege_escalation(&facts, 4, &users[4])).1);
    assert!(!texts(index.privilege_escalation(&facts, 3, &users[3])).1, "eve may be an administrator");
}

#[test]
fn guards_of_users_and_of_policies() {
    let ours = Variant::Strict.arn("aws", "111122223333");
    let (text, foreign) = (Variant::Strict.text("aws", true), Variant::Strict.arn("aws", "444455556666"));
    let edited = text.replace("\"iam:GetUser\",\n        \"iam:ListMFADevices\"", "\"iam:*\"");
    assert_ne!(text, edited);
    for (document, drifted) in [(Some(&text), Some(false)), (Some(&edited), Some(true)), (None, None)] {
        let policies = vec![
            policy(&ours, 1, document.map(String::as_str)),
            policy(&foreign, 1, Some(&text)),
            policy(&own("read"), 1, Some(READ)),
        ];
        let mut ann = member("ann", "g", Some(&foreign));
        let authorization = ann.authorization.value_mut().unwrap();
        authorization.inline_policies = embedded(&[&text, READ]);
        let facts = account_of(vec![ann], policies, vec![group("g", &[&ours, &own("read")])]);
        let index = AccountIndex::new(&facts);
        let (guards, rest) = index.user_guards(&facts, 0, &facts.users.value().unwrap()[0]);
        let told: Vec<(&str, &str, bool)> =
            guards.iter().map(|guard| (&*guard.policy, &*guard.holder, guard.worth.ours)).collect();
        assert_eq!(told, [("p", "user", false), (&ours, "group g", true), (&foreign, "boundary", false)]);
        assert!(rest.is_none());
        assert_eq!(guards[1].worth.drifted().ok(), drifted);
        assert_eq!(guards[1].worth.intact().ok(), drifted.map(|drifted| !drifted));
        assert_eq!(guards[0].worth.variant(), Ok(Some("portcullis, strict")));
        assert_eq!(guards[0].worth.closes().0, ["access key", "console without MFA", "session token without MFA"]);
        let of_policy = |at| index.policy_guard(&facts, at).unwrap().and_then(|worth| worth.drifted().ok());
        assert_eq!([of_policy(0), of_policy(1), of_policy(2)], [drifted, Some(false), None]);
        assert_eq!(guards[1].worth.flaws().0.is_empty(), drifted != Some(true));
    }
}
