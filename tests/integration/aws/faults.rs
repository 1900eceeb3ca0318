//! What goes wrong on the way: tried again where that is safe, told apart where it is not.

use portcullis::aws::{ErrorKind, NewPolicy, Outcome};
use serde_json::json;

use super::{DOCUMENT, Stage, made};
use crate::support::proxy::On;

fn policy() -> NewPolicy<'static> {
    NewPolicy { name: "guard", description: "Deny without MFA", document: DOCUMENT, tags: &[] }
}

/// How often an action was asked for.
fn count(stage: &Stage, action: &str) -> usize {
    stage.asked().iter().filter(|asked| *asked == action).count()
}

#[test]
fn throttling_is_waited_out_and_counted() {
    let stage = Stage::moto();
    stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
    let rule = stage.proxy.rule(On::action("iam", "AttachUserPolicy").first(2).throttle());
    let (writer, guard) = (stage.writer(), stage.guard());
    stage.wait(async {
        made(writer.create_policy(&policy()).await.unwrap());
        made(writer.attach_user_policy("alice", &guard).await.unwrap());
    });
    assert_eq!((stage.proxy.hits(rule), count(&stage, "AttachUserPolicy"), writer.meter().throttled()), (2, 3, 2));
    assert_eq!(usize::try_from(writer.meter().api_calls()).unwrap(), stage.proxy.count(stage.account));
    let seen = stage.boto().call("iam", "list_attached_user_policies", &json!({"UserName": "alice"})).succeed();
    assert_eq!(seen[0]["AttachedPolicies"][0]["PolicyArn"], guard.as_str());
}

#[test]
fn a_policy_that_was_made_by_an_attempt_that_failed_is_already_there() {
    let stage = Stage::moto();
    stage.proxy.rule(On::action("iam", "CreatePolicy").first(1).error_after(500, "ServiceFailure", "no"));
    let (hub, guard) = (stage.hub(), stage.guard());
    let outcome = stage.wait(hub.own_writer().create_policy(&policy())).unwrap();
    let Outcome::AlreadyThere(error) = outcome else { panic!("{outcome:?}") };
    assert_eq!((error.code(), count(&stage, "CreatePolicy")), (Some("EntityAlreadyExists"), 2));
    let document = stage.wait(hub.own().policy_document(&guard, "v1")).unwrap();
    assert_eq!(document.as_deref(), Some(DOCUMENT), "what is there is what was to be made: the caller compares");
}

#[test]
fn a_detach_whose_answer_was_lost_is_not_there() {
    let stage = Stage::moto();
    stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
    stage.proxy.rule(On::action("iam", "DetachUserPolicy").first(1).drop_answer());
    stage.proxy.rule(On::action("iam", "AttachUserPolicy").first(1).drop_answer());
    let (hub, guard) = (stage.hub(), stage.guard());
    let writer = hub.own_writer();
    stage.wait(async {
        made(writer.create_policy(&policy()).await.unwrap());
        made(writer.attach_user_policy("alice", &guard).await.unwrap());
        let outcome = writer.detach_user_policy("alice", &guard).await.unwrap();
        assert!(matches!(outcome, Outcome::NotThere(_)), "{outcome:?}");
        assert_eq!(hub.own().attached_user_policies("alice").await.unwrap(), []);
    });
    assert_eq!((count(&stage, "AttachUserPolicy"), count(&stage, "DetachUserPolicy")), (2, 2));
}

#[test]
fn a_change_by_somebody_else_is_waited_out() {
    let stage = Stage::moto();
    let busy = |action: &str, code: &str| {
        stage.proxy.rule(On::action("iam", action).first(1).error(409, code, "wait"));
    };
    busy("CreatePolicy", "ConcurrentModification");
    busy("CreatePolicyVersion", "ConcurrentModification");
    busy("CreateVirtualMFADevice", "EntityTemporarilyUnmodifiable");
    let (writer, guard) = (stage.writer(), stage.guard());
    stage.wait(async {
        made(writer.create_policy(&policy()).await.unwrap());
        assert_eq!(made(writer.create_policy_version(&guard, DOCUMENT).await.unwrap()), "v2");
        made(writer.create_virtual_mfa_device("alice").await.unwrap());
    });
    for action in ["CreatePolicy", "CreatePolicyVersion", "CreateVirtualMFADevice"] {
        assert_eq!(count(&stage, action), 2, "{action}");
    }
}

#[test]
fn a_quota_is_asked_for_once() {
    let stage = Stage::moto();
    let message = "Cannot exceed quota for PoliciesPerUser: 10";
    stage.proxy.rule(On::action("iam", "AttachUserPolicy").error(409, "LimitExceeded", message));
    let error = stage.wait(stage.writer().attach_user_policy("alice", &stage.guard())).unwrap_err();
    assert_eq!((error.kind(), error.may_be_done()), (ErrorKind::Limit, false));
    let text = format!("iam:AttachUserPolicy in account {}: LimitExceeded: {message} (request id ", stage.account);
    assert!(error.to_string().starts_with(&text), "{error}");
    assert_eq!(count(&stage, "AttachUserPolicy"), 1);
}

#[test]
fn a_version_is_never_made_twice() {
    let stage = Stage::moto();
    let (hub, guard) = (stage.hub(), stage.guard());
    let writer = hub.own_writer();
    stage.proxy.rule(On::action("iam", "CreatePolicyVersion").occurrences(1..=1).drop_answer());
    stage.proxy.rule(On::action("iam", "CreatePolicyVersion").occurrences(2..=2).error_after(500, "Failure", "no"));
    stage.wait(async {
        made(writer.create_policy(&policy()).await.unwrap());
        for versions in [2, 3] {
            let error = writer.create_policy_version(&guard, DOCUMENT).await.unwrap_err();
            assert!(error.may_be_done(), "{error}");
            assert_eq!(hub.own().policy_versions(&guard).await.unwrap().len(), versions);
        }
    });
    assert_eq!(count(&stage, "CreatePolicyVersion"), 2);
}
