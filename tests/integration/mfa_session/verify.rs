//! What `mfa verify` says at its end: what the session may do that the key may not.

use super::Stage;
use crate::support::proxy::On;

const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

#[test]
fn a_guard_makes_the_difference_between_key_and_session() {
    let stage = Stage::new();
    stage.iam("PutUserPolicy", &[("UserName", "kim"), ("PolicyName", "all"), ("PolicyDocument", ALL)]);
    let output = stage.mfa("verify --code 123456", 0);
    assert!(output.stdout.contains("let the access key alone do more than enroll devices"), "{}", output.stdout);
    assert!(output.stdout.contains("In the console, sign out and in again with a code."), "{}", output.stdout);
    let guard = include_str!("../../../policies/guards/deny-without-mfa.json").replace("${Partition}", "aws");
    assert!(guard.contains("aws:MultiFactorAuthPresent"));
    let group = [("GroupName", "staff")];
    stage.iam("CreateGroup", &group);
    stage.iam("PutGroupPolicy", &[group[0], ("PolicyName", "guard"), ("PolicyDocument", &guard)]);
    stage.iam("AddUserToGroup", &[group[0], ("UserName", "kim")]);
    let output = stage.mfa("verify --code 123456", 0);
    assert!(output.stdout.contains("The access key alone may do nothing but see and enroll devices"), "{output:?}");
    let lasting: Vec<_> = stage.asked().iter().map(|call| call.param("DurationSeconds").map(str::to_owned)).collect();
    assert_eq!(lasting, [Some("900".to_owned()), Some("900".to_owned())]);
    // The policies are read with the session, which a guard lets.
    let read = stage.proxy.all().into_iter().filter(|call| call.action == "ListGroupsForUser");
    assert!(read.into_iter().all(|call| call.access_key.is_some_and(|key| key != stage.kim.key)));
}

#[test]
fn what_may_not_be_read_is_not_claimed() {
    let stage = Stage::new();
    stage.proxy.rule(On::action("iam", "ListAttachedUserPolicies").deny());
    let output = stage.mfa("verify --code 123456", 0);
    let told = "What the access key alone may do is not known (iam:ListAttachedUserPolicies: AccessDenied).";
    assert!(output.stdout.contains(told), "{}", output.stdout);
    assert_eq!(output.stderr, "");
}
