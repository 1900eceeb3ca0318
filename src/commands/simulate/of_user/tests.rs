//! The policies of a user of a snapshot: all of them, and what is not known.

use super::*;
use crate::iam::{Policies, Presence, Request, Verdict};
use crate::model::{ManagedPolicy, Tag};
use crate::testing::{ADMINISTRATOR, attached, denied, group, inline, known, own_policy, policy, user, with_users};

const OWN: &str = "arn:aws:iam::111122223333:policy/own";
const READ: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

/// The user `kim`, authorized so, in an account changed so.
fn found(authorize: impl FnOnce(&mut Authorization), change: impl FnOnce(&mut AccountFacts)) -> OfUser {
    let mut facts = with_users(vec![user("kim").authorized(authorize)]);
    change(&mut facts);
    let kim = facts.users.value().unwrap()[0].clone();
    OfUser::new(&facts, &kim)
}

fn names(found: &OfUser) -> Vec<&str> {
    found.identity.iter().map(Policy::name).collect()
}

fn decided(found: &OfUser, action: &str) -> (Verdict, String) {
    let policies =
        Policies { identity: found.identity.iter().collect(), boundary: found.boundary.as_ref(), scps: Vec::new() };
    let decision = policies.decide(&Request::new(action, "*"));
    let reasons = decision.unknown.iter().flat_map(|doubt| &doubt.reasons).cloned().collect::<Vec<_>>();
    (decision.verdict, reasons.join("; "))
}

fn policies(facts: &mut AccountFacts) {
    facts.policies = known(vec![own_policy(READ), policy(ADMINISTRATOR, READ)], "iam:GetAccountAuthorizationDetails");
    let mut readers = group("readers", &[OWN]);
    readers.inline_policies.push(inline("more"));
    facts.groups = known(vec![readers, group("others", &[ADMINISTRATOR])], "iam:GetAccountAuthorizationDetails");
}

#[test]
fn all_policies_that_apply_are_named_by_where_they_come_from() {
    let found = found(
        |all| {
            all.inline_policies.push(inline("mine"));
            all.attached_policies.push(attached(ADMINISTRATOR));
            all.groups.push("readers".to_owned());
            all.permissions_boundary = Some(OWN.to_owned());
        },
        policies,
    );
    let own = format!("group/readers {OWN}");
    assert_eq!(names(&found), ["user/kim inline:mine", ADMINISTRATOR, "group/readers inline:more", &own]);
    assert_eq!(found.boundary.as_ref().map(Policy::name), Some(OWN));
    assert_eq!(decided(&found, "s3:GetObject"), (Verdict::Allowed, String::new()));
    assert_eq!(decided(&found, "iam:GetUser"), (Verdict::ImplicitDeny, String::new()));
}

#[test]
fn nothing_is_allowed_by_what_could_not_be_read() {
    let of = |authorize: fn(&mut Authorization), change: fn(&mut AccountFacts)| {
        let authorize = |all: &mut Authorization| {
            all.inline_policies.push(inline("everything"));
            authorize(all);
        };
        let (verdict, reason) = decided(&found(authorize, change), "s3:GetObject");
        assert_eq!(verdict, Verdict::Unknown);
        reason
    };
    let broken = |all: &mut Authorization| {
        all.inline_policies.push(InlinePolicy { name: "x".to_owned(), document: "{".to_owned() });
    };
    assert!(of(broken, policies).starts_with("its document could not be read: line 1, column 2: "));
    let unknown_policy = |all: &mut Authorization| all.attached_policies.push(attached("arn:aws:iam::aws:policy/Gone"));
    assert_eq!(of(unknown_policy, policies), "the snapshot does not have this policy");
    let unknown_boundary = |all: &mut Authorization| all.permissions_boundary = Some(OWN.to_owned());
    let unread = |facts: &mut AccountFacts| facts.policies = denied("iam:GetAccountAuthorizationDetails");
    assert_eq!(of(unknown_boundary, unread), "policy not read by iam:GetAccountAuthorizationDetails: AccessDenied");
    let without_document = |facts: &mut AccountFacts| {
        facts.policies = known(vec![ManagedPolicy { document: None, ..own_policy("") }], "iam:ListPolicies");
    };
    assert_eq!(of(unknown_boundary, without_document), "AWS sent no document");
    let in_group = |all: &mut Authorization| all.groups.push("gone".to_owned());
    assert_eq!(of(in_group, policies), "the snapshot does not have this group");
    let no_groups = |facts: &mut AccountFacts| facts.groups = denied("iam:ListGroups");
    assert_eq!(of(in_group, no_groups), "group not read by iam:ListGroups: AccessDenied");
}

#[test]
fn a_user_of_whom_nothing_is_known_is_unknown_unless_something_denies() {
    let mut facts = with_users(vec![user("kim")]);
    facts.users.value_mut().unwrap()[0].authorization = denied("iam:GetAccountAuthorizationDetails");
    let kim = facts.users.value().unwrap()[0].clone();
    let found = OfUser::new(&facts, &kim);
    let expected = "policies not read by iam:GetAccountAuthorizationDetails: AccessDenied";
    assert_eq!(decided(&found, "s3:GetObject"), (Verdict::Unknown, expected.to_owned()));
    assert_eq!(found.keys().get("aws:PrincipalTag/team"), Presence::Open, "the tags are not known either");
    let deny = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let scp = Policy::new("scp", &Document::parse(deny).unwrap());
    let policies = Policies { identity: found.identity.iter().collect(), boundary: None, scps: vec![vec![&scp]] };
    assert_eq!(policies.verdict(&Request::new("s3:GetObject", "*")), Verdict::ExplicitDeny);
}

#[test]
fn what_is_known_of_the_user_is_in_the_context() {
    let tag = Tag { key: "Team".to_owned(), value: "red".to_owned() };
    let found = found(|all| all.tags.push(tag), |facts| facts.account.ou_path = Some("o-1/r-2/ou-3/".to_owned()));
    let expected = Context::new()
        .with("aws:userid", "AIDAKIM")
        .with("aws:PrincipalTag/Team", "red")
        .with("aws:PrincipalOrgID", "o-1")
        .with_all("aws:PrincipalOrgPaths", vec!["o-1/r-2/ou-3/".to_owned()]);
    assert_eq!(found.keys(), expected);
}
