//! Who is an administrator, who is in a group, and documents that cannot be read.

use super::*;
use crate::testing::{attached, own_policy, policy};

#[test]
fn administrators() {
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let in_group = |name: &str| user("a").authorized(|all| all.groups = vec![name.to_owned()]);
    let bounded = |arn: &str| user("a").admin().authorized(|all| all.permissions_boundary = Some(arn.to_owned()));
    let attached_to = |arn: &str| user("a").authorized(|all| all.attached_policies.push(attached(arn)));
    let own = own_policy("{}").arn;
    let cases = [
        ("no rights", user("a"), told(false)),
        ("attached", user("a").admin(), told(true)),
        ("embedded", user("a").authorized(|all| all.inline_policies.push(inline("all"))), told(true)),
        ("through a group", in_group("admins"), told(true)),
        ("in a harmless group", in_group("readers"), told(false)),
        ("in a group that was not read", in_group("ghosts"), UNKNOWN),
        ("within a boundary that allows all", bounded(ADMINISTRATOR), told(true)),
        ("within a boundary that allows little", bounded(read_only), told(false)),
        ("within a boundary that was not read", bounded("arn:aws:iam::1:policy/gone"), UNKNOWN),
        ("a document that is malformed", attached_to(&own), UNKNOWN),
        ("a document that was not read", attached_to("arn:aws:iam::1:policy/gone"), UNKNOWN),
        (
            "all, whatever the unread rest",
            user("a").admin().authorized(|all| all.groups = vec!["ghosts".to_owned()]),
            told(true),
        ),
        ("authorization unread", user("a").with(|user| user.authorization = denied(AUTHORIZATION)), FAILED),
    ];
    for (what, user, expected) in cases {
        let mut facts = with_users(vec![user]);
        let reading = r#"{"Statement":{"Effect":"Allow","Action":["s3:Get*","iam:List*"],"Resource":"*"}}"#;
        facts.policies.value_mut().unwrap().extend([policy(read_only, reading), own_policy(r#"{"Statement":"#)]);
        facts.groups = known(vec![group("admins", &[ADMINISTRATOR]), group("readers", &[read_only])], AUTHORIZATION);
        assert_eq!(of_user_in(&facts, "is_admin"), expected, "{what}");
    }
}

#[test]
fn members_of_groups_are_counted_only_when_all_users_are_known() {
    let members = |facts: &AccountFacts| {
        let group = &facts.groups.value().unwrap()[0];
        in_account(facts, |view| read(Kind::Target(Target::Group), "members", Subject::Group(view, 0, group)))
    };
    let in_ops = |name: &str| user(name).authorized(|all| all.groups = vec!["ops".to_owned(), "other".to_owned()]);
    let mut facts = with_users(vec![in_ops("a"), user("b"), in_ops("c")]);
    facts.groups = known(vec![group("ops", &[])], AUTHORIZATION);
    assert_eq!(members(&facts), told(2));
    let users = facts.users.value().unwrap().clone();
    facts.users = at_least(users, AUTHORIZATION);
    assert_eq!(members(&facts), FAILED);
    facts.users = denied(AUTHORIZATION);
    assert_eq!(members(&facts), FAILED);
    facts.users = known(vec![user("d").with(|user| user.authorization = denied(AUTHORIZATION))], AUTHORIZATION);
    assert_eq!(members(&facts), FAILED);
    facts.users = known(Vec::new(), AUTHORIZATION);
    assert_eq!(members(&facts), told(0));
}

#[test]
fn documents_that_cannot_be_read_are_unknown_not_empty() {
    let mut facts = account();
    facts.roles = known(vec![role("r", None)], AUTHORIZATION);
    for document in [None, Some("{"), Some("")] {
        facts.roles.value_mut().unwrap()[0].trust_policy = document.map(str::to_owned);
        facts.policies.value_mut().unwrap()[0].document = document.map(str::to_owned);
        in_account(&facts, |view| {
            let role = Subject::Role(view, 0, &facts.roles.value().unwrap()[0]);
            let policy = Subject::Policy(view, 0, &facts.policies.value().unwrap()[0]);
            for fact in ["trust_statements", "users_may_assume", "users_may_assume_without_mfa"] {
                assert_eq!(read(Kind::Target(Target::Role), fact, role), UNKNOWN, "{fact} {document:?}");
            }
            assert_eq!(read(Kind::Target(Target::Policy), "statements", policy), UNKNOWN, "{document:?}");
        });
    }
}
