//! The table's actions are enough for each purpose, and no purpose can do another's writes.

use portcullis::aws::{ErrorKind, MfaCode, NewPolicy, Purpose, Site, WriteRole, actions};
use serde_json::json;

use super::{DOCUMENT, Stage, account, made};
use crate::support::boto::Credentials;

/// A user of ministack with exactly the actions of a purpose.
fn user(stage: &Stage, name: &str, purpose: Purpose) -> Credentials {
    let policy = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions(purpose, Site::Account), "Resource": "*"}]});
    let grant = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy.to_string()});
    let answers = stage
        .boto()
        .call("iam", "create_user", &json!({"UserName": name}))
        .call("iam", "put_user_policy", &grant)
        .call("iam", "create_access_key", &json!({"UserName": name}))
        .succeed();
    Credentials::from_answer(&answers[2])
}

#[test]
fn enforcement_can_guard_and_nothing_else() {
    let stage = Stage::ministack();
    let hub = stage.hub_of(&user(&stage, "enforcer", Purpose::Enforce));
    stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
    let (reader, writer, guard) = (hub.own(), hub.own_writer(), stage.guard());
    let policy = NewPolicy { name: "guard", description: "d", document: DOCUMENT, tags: &[] };
    stage.wait(async {
        made(writer.create_policy(&policy).await.unwrap());
        made(writer.create_policy_version(&guard, DOCUMENT).await.unwrap());
        made(writer.delete_policy_version(&guard, "v1").await.unwrap());
        made(writer.tag_policy(&guard, &[]).await.unwrap());
        made(writer.attach_user_policy("alice", &guard).await.unwrap());
        made(writer.create_group("guarded").await.unwrap());
        made(writer.attach_group_policy("guarded", &guard).await.unwrap());
        made(writer.add_user_to_group("alice", "guarded").await.unwrap());
        reader.policy(&guard).await.unwrap().unwrap();
        reader.policy_document(&guard, "v2").await.unwrap().unwrap();
        reader.policy_versions(&guard).await.unwrap();
        reader.user("alice").await.unwrap().unwrap();
        reader.attached_user_policies("alice").await.unwrap();
        reader.user_policy_names("alice").await.unwrap();
        assert!(reader.user_policy("enforcer", "p").await.unwrap().unwrap().contains("iam:AttachUserPolicy"));
        reader.groups_of("alice").await.unwrap();
        reader.group("guarded").await.unwrap().unwrap();
        reader.attached_group_policies("guarded").await.unwrap();
        reader.group_policy_names("guarded").await.unwrap();
        assert_eq!(reader.group_policy("guarded", "none").await.unwrap(), None);
        reader.login_profile("alice").await.unwrap();
        reader.access_keys("alice").await.unwrap();
        reader.mfa_devices("alice").await.unwrap();
        reader.account_summary().await.unwrap();
        reader.authorization_details(false).await.unwrap();
        made(writer.remove_user_from_group("alice", "guarded").await.unwrap());
        made(writer.detach_user_policy("alice", &guard).await.unwrap());
        let error = writer.create_virtual_mfa_device("alice").await.unwrap_err();
        assert_eq!((error.kind(), error.may_be_done()), (ErrorKind::Denied, false), "{error}");
    });
}

#[test]
fn enrolment_can_give_a_device_and_only_removal_takes_one() {
    let stage = Stage::ministack();
    let enroller = stage.hub_of(&user(&stage, "enroller", Purpose::Enroll)).own_writer();
    let remover = stage.hub_of(&user(&stage, "remover", Purpose::Remove)).own_writer();
    stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
    let code = MfaCode::parse("123456").unwrap();
    stage.wait(async {
        let device = made(enroller.create_virtual_mfa_device("alice").await.unwrap());
        made(enroller.enable_mfa_device("alice", &device.serial, [&code, &code]).await.unwrap());
        made(enroller.resync_mfa_device("alice", &device.serial, [&code, &code]).await.unwrap());
        let error = enroller.deactivate_mfa_device("alice", &device.serial).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        let error = enroller.attach_user_policy("alice", &stage.guard()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        made(remover.deactivate_mfa_device("alice", &device.serial).await.unwrap());
        made(remover.delete_virtual_mfa_device(&device.serial).await.unwrap());
    });
}

#[test]
fn scanning_cannot_write() {
    let stage = Stage::ministack();
    let hub = stage.hub_of(&user(&stage, "scanner", Purpose::Scan));
    let role = WriteRole { name: "Enforce".to_owned(), external_id: None, session_name: "portcullis-x".to_owned() };
    stage.wait(async {
        hub.own().list_users().await.unwrap();
        let error = hub.own_writer().attach_user_policy("scanner", &stage.guard()).await.unwrap_err();
        assert_eq!((error.kind(), error.may_be_done()), (ErrorKind::Denied, false), "{error}");
        let error = hub.enter_to_write(&account(stage.account), &role).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound), "{error}");
    });
}
