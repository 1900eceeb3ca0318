//! Every write does what it says, as another client sees it; every read that goes with it sees it too.

use portcullis::aws::answers::{Decision, Simulation};
use portcullis::aws::{
    ErrorKind, Hub, MfaCode, NewPolicy, Outcome, Principal, Reader, ScpReader, Scps, WriteRole, Writer,
};
use portcullis::model::Tag;
use serde_json::{Value, json};

use super::{DOCUMENT, Stage, account, made};
use crate::support::boto::Credentials;
use crate::support::org::{Org, Size};
use crate::support::proxy::Proxy;
use crate::support::server::{Ministack, Moto};

fn both() -> [Stage; 2] {
    [Stage::moto(), Stage::ministack()]
}

fn policy(tags: &[Tag]) -> NewPolicy<'_> {
    NewPolicy { name: "guard", description: "Deny without MFA", document: DOCUMENT, tags }
}

fn names(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|member| member[name].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_guard_is_made_attached_and_detached() {
    for stage in both() {
        stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
        let (hub, guard) = (stage.hub(), stage.guard());
        let (reader, writer) = (hub.own(), hub.own_writer());
        let tags = [Tag { key: "made-by".to_owned(), value: "portcullis".to_owned() }];
        stage.wait(async {
            assert_eq!(reader.policy(&guard).await.unwrap(), None);
            assert_eq!(made(writer.create_policy(&policy(&tags)).await.unwrap()), guard);
            let read = reader.policy(&guard).await.unwrap().unwrap();
            assert_eq!((read.path.as_str(), read.default_version.as_str()), ("/portcullis/", "v1"));
            assert_eq!((read.attachments, read.tags.as_slice()), (Some(0), tags.as_slice()));
            assert_eq!(reader.policy_document(&guard, "v1").await.unwrap().as_deref(), Some(DOCUMENT));
            let again = writer.create_policy(&policy(&tags)).await.unwrap();
            assert!(matches!(again, Outcome::AlreadyThere(_)), "{again:?}");

            made(writer.attach_user_policy("alice", &guard).await.unwrap());
            made(writer.attach_user_policy("alice", &guard).await.unwrap());
            let attached = reader.attached_user_policies("alice").await.unwrap();
            assert_eq!(attached.iter().map(|policy| policy.arn.as_str()).collect::<Vec<_>>(), [guard.as_str()]);
        });
        let seen = stage.boto().call("iam", "list_attached_user_policies", &json!({"UserName": "alice"})).succeed();
        assert_eq!(names(&seen[0]["AttachedPolicies"], "PolicyArn"), [guard.as_str()]);
        stage.wait(async {
            made(writer.detach_user_policy("alice", &guard).await.unwrap());
            let gone = writer.detach_user_policy("alice", &guard).await.unwrap();
            assert!(matches!(&gone, Outcome::NotThere(error) if error.code() == Some("NoSuchEntity")), "{gone:?}");
            let nobody = writer.attach_user_policy("nobody", &guard).await.unwrap();
            assert!(matches!(&nobody, Outcome::NotThere(error) if error.to_string().contains("nobody")), "{nobody:?}");
        });
        let seen = stage.boto().call("iam", "list_attached_user_policies", &json!({"UserName": "alice"})).succeed();
        assert_eq!(names(&seen[0]["AttachedPolicies"], "PolicyArn"), [""; 0]);
    }
}

#[test]
fn versions_of_a_guard_are_made_chosen_and_deleted() {
    for (stage, can_set_default) in both().into_iter().zip([true, false]) {
        let (hub, guard) = (stage.hub(), stage.guard());
        let (reader, writer) = (hub.own(), hub.own_writer());
        stage.wait(async {
            made(writer.create_policy(&policy(&[])).await.unwrap());
            let other = DOCUMENT.replace("Guard", "Other");
            assert_eq!(made(writer.create_policy_version(&guard, &other).await.unwrap()), "v2");
            let versions = reader.policy_versions(&guard).await.unwrap();
            let default: Vec<_> = versions.iter().filter(|version| version.is_default).map(|v| v.id.as_str()).collect();
            assert_eq!((versions.len(), default), (2, vec!["v2"]));
            assert_eq!(reader.policy_document(&guard, "v2").await.unwrap(), Some(other));
            if can_set_default {
                made(writer.set_default_policy_version(&guard, "v1").await.unwrap());
                assert_eq!(reader.policy(&guard).await.unwrap().unwrap().default_version, "v1");
                made(writer.set_default_policy_version(&guard, "v2").await.unwrap());
            }
            made(writer.delete_policy_version(&guard, "v1").await.unwrap());
            let gone = writer.delete_policy_version(&guard, "v1").await.unwrap();
            assert!(matches!(gone, Outcome::NotThere(_)), "{gone:?}");
            let error = writer.delete_policy_version(&guard, "v2").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InUse, "{error}");
            let tag = Tag { key: "run".to_owned(), value: "7".to_owned() };
            made(writer.tag_policy(&guard, std::slice::from_ref(&tag)).await.unwrap());
            assert_eq!(reader.policy(&guard).await.unwrap().unwrap().tags, [tag]);
        });
    }
}

#[test]
fn a_sixth_version_is_a_quota() {
    for stage in both() {
        let (writer, guard) = (stage.writer(), stage.guard());
        stage.wait(async {
            made(writer.create_policy(&policy(&[])).await.unwrap());
            for _ in 0..4 {
                made(writer.create_policy_version(&guard, DOCUMENT).await.unwrap());
            }
            let error = writer.create_policy_version(&guard, DOCUMENT).await.unwrap_err();
            assert_eq!((error.kind(), error.may_be_done()), (ErrorKind::Limit, false), "{error}");
        });
        assert_eq!(stage.asked().iter().filter(|action| *action == "CreatePolicyVersion").count(), 5);
    }
}

#[test]
fn a_guard_group_takes_users_in_and_lets_them_go() {
    for stage in both() {
        stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
        let (hub, guard) = (stage.hub(), stage.guard());
        let (reader, writer) = (hub.own(), hub.own_writer());
        stage.wait(async {
            made(writer.create_policy(&policy(&[])).await.unwrap());
            assert_eq!(reader.group("guarded").await.unwrap(), None);
            let arn = made(writer.create_group("guarded").await.unwrap());
            assert!(arn.ends_with(":group/portcullis/guarded"), "{arn}");
            assert!(matches!(writer.create_group("guarded").await.unwrap(), Outcome::AlreadyThere(_)));
            made(writer.attach_group_policy("guarded", &guard).await.unwrap());
            assert_eq!(reader.attached_group_policies("guarded").await.unwrap()[0].arn, guard);
            assert_eq!(reader.group_policy_names("guarded").await.unwrap(), [""; 0]);
            for _ in 0..2 {
                made(writer.add_user_to_group("alice", "guarded").await.unwrap());
            }
            let group = reader.group("guarded").await.unwrap().unwrap();
            assert_eq!((group.group.arn.as_str(), group.members.len()), (arn.as_str(), 1));
            assert_eq!(group.members[0].name, "alice");
            assert_eq!(reader.groups_of("alice").await.unwrap()[0].name, "guarded");
            made(writer.remove_user_from_group("alice", "guarded").await.unwrap());
            assert_eq!(reader.groups_of("alice").await.unwrap(), []);
        });
    }
}

#[test]
fn a_device_is_made_given_taken_and_deleted() {
    for (stage, can_resync) in both().into_iter().zip([false, true]) {
        stage.boto().call("iam", "create_user", &json!({"UserName": "alice"})).succeed();
        let hub = stage.hub();
        stage.wait(device(&hub.own(), &hub.own_writer(), can_resync));
        let seen = stage.boto().call("iam", "list_virtual_mfa_devices", &json!({})).succeed();
        assert_eq!(seen[0]["VirtualMFADevices"], json!([]));
    }
}

async fn device(reader: &Reader, writer: &Writer, can_resync: bool) {
    let codes = ["123456", "654321"].map(|code| MfaCode::parse(code).unwrap());
    let codes = [&codes[0], &codes[1]];
    let device = made(writer.create_virtual_mfa_device("alice").await.unwrap());
    assert!(device.serial.ends_with(":mfa/alice"), "{}", device.serial);
    let seed = device.seed.expose();
    assert!(seed.len() >= 16 && seed.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{seed}");
    let again = writer.create_virtual_mfa_device("alice").await.unwrap();
    assert!(matches!(again, Outcome::AlreadyThere(_)), "{again:?}");
    made(writer.enable_mfa_device("alice", &device.serial, codes).await.unwrap());
    let devices = reader.mfa_devices("alice").await.unwrap();
    assert_eq!(devices.iter().map(|device| device.serial.as_str()).collect::<Vec<_>>(), [device.serial.as_str()]);
    let twice = writer.enable_mfa_device("alice", &device.serial, codes).await.unwrap();
    assert!(matches!(twice, Outcome::AlreadyThere(_)), "{twice:?}");
    if can_resync {
        made(writer.resync_mfa_device("alice", &device.serial, codes).await.unwrap());
    }
    made(writer.deactivate_mfa_device("alice", &device.serial).await.unwrap());
    assert_eq!(reader.mfa_devices("alice").await.unwrap(), []);
    let gone = writer.deactivate_mfa_device("alice", &device.serial).await.unwrap();
    assert!(matches!(gone, Outcome::NotThere(_)), "{gone:?}");
    made(writer.delete_virtual_mfa_device(&device.serial).await.unwrap());
    let gone = writer.delete_virtual_mfa_device(&device.serial).await.unwrap();
    assert!(matches!(gone, Outcome::NotThere(_)), "{gone:?}");
}

#[test]
fn a_member_account_is_entered_by_another_role_and_counted_apart() {
    let moto = Moto::start();
    let org = Org::seed(&moto, Size { accounts: 6, users: 30 });
    let proxy = Proxy::start(moto.port());
    let (hub, member) = (org.credentials(), org.accounts[1].id.as_str());
    proxy.learn(&hub.key, &org.management);
    let stage = Stage::before(moto.port(), moto.endpoint(), hub, Moto::ACCOUNT, (None, None));
    let hub = stage.hub();
    let role = WriteRole {
        name: "PortcullisEnforce".to_owned(),
        external_id: Some("x-7".to_owned()),
        session_name: portcullis::aws::session_name("enforce", "7"),
    };
    let user = &org.accounts[1].users[0].name;
    let arn = stage.wait(async {
        let (reader, writer) = hub.enter_to_write(&account(member), &role).await.unwrap();
        let arn = made(writer.create_policy(&policy(&[])).await.unwrap());
        made(writer.attach_user_policy(user, &arn).await.unwrap());
        assert!(reader.attached_user_policies(user).await.unwrap().iter().any(|policy| policy.arn == arn));
        assert_eq!(writer.meter().api_calls(), 3);
        arn
    });
    assert_eq!(arn, format!("arn:aws:iam::{member}:policy/portcullis/guard"));
    assert_eq!(stage.proxy.count(member), 3);
    let calls = stage.proxy.calls(Moto::ACCOUNT);
    let assume = calls.iter().find(|call| call.action == "AssumeRole").unwrap();
    assert_eq!(assume.param("RoleArn").unwrap(), format!("arn:aws:iam::{member}:role/PortcullisEnforce"));
    assert_eq!(
        (assume.param("RoleSessionName"), assume.param("ExternalId")),
        (Some("portcullis-enforce-7"), Some("x-7"))
    );

    let scps = stage.wait(ScpReader::new(hub).of_account(member)).unwrap();
    let Scps::Levels(levels) = scps else { panic!("{scps:?}") };
    let first = &levels[0];
    assert_eq!((first.target.as_str(), first.policies[0].name.as_str()), (org.root.as_str(), "FullAWSAccess"));
    assert!(first.policies[0].document.contains("Allow"), "{first:?}");
    assert_eq!(levels.last().unwrap().target, member);
    assert_eq!(levels[levels.len() - 2].target, org.accounts[1].ou);
}

#[test]
fn a_session_of_a_user_is_that_user() {
    for stage in both() {
        let answers = stage
            .boto()
            .call("iam", "create_user", &json!({"UserName": "alice", "Path": "/people/"}))
            .call("iam", "create_access_key", &json!({"UserName": "alice"}))
            .succeed();
        let key = Credentials::from_answer(&answers[1]);
        let hub = stage.hub_of(&key);
        let user = Principal::User { path: "/people/".to_owned(), name: "alice".to_owned() };
        assert_eq!(hub.caller().principal(), user);
        let code = MfaCode::parse("123456").unwrap();
        let serial = format!("arn:aws:iam::{}:mfa/alice", stage.account);
        let keys = stage.wait(hub.session_token(&serial, &code, None)).unwrap();
        let inside = stage.wait(Hub::connect(stage.settings(keys))).unwrap();
        assert_eq!(inside.caller().account, stage.account);
        // moto gives everybody the same key, which is nobody's.
        if stage.account == Ministack::ACCOUNT {
            assert_eq!(inside.caller().principal(), user);
        }
        let asked = stage.proxy.all().into_iter().find(|call| call.action == "GetSessionToken").unwrap();
        assert_eq!((asked.param("TokenCode"), asked.param("SerialNumber")), (Some("123456"), Some(serial.as_str())));
    }
}

#[test]
fn a_simulation_judges_by_policies() {
    let stage = Stage::ministack();
    let allow = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]});
    let grant = json!({"UserName": "alice", "PolicyName": "p", "PolicyDocument": allow.to_string()});
    stage
        .boto()
        .call("iam", "create_user", &json!({"UserName": "alice"}))
        .call("iam", "put_user_policy", &grant)
        .succeed();
    let simulation = Simulation {
        user_arn: format!("arn:aws:iam::{}:user/alice", stage.account),
        actions: ["iam:ListUsers", "iam:CreateUser"].map(str::to_owned).to_vec(),
        ..Simulation::default()
    };
    let answers = stage.wait(stage.hub().own().simulate(&simulation)).unwrap();
    let told: Vec<_> = answers.iter().map(|answer| (answer.action.as_str(), answer.decision)).collect();
    assert_eq!(told, [("iam:ListUsers", Decision::Allowed), ("iam:CreateUser", Decision::ImplicitDeny)]);
}

#[test]
fn other_credentials_of_a_user_are_seen() {
    let stage = Stage::moto();
    let key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 alice";
    let uploaded = stage
        .boto()
        .call("iam", "create_user", &json!({"UserName": "alice"}))
        .call("iam", "upload_ssh_public_key", &json!({"UserName": "alice", "SSHPublicKeyBody": key}))
        .succeed();
    let keys = stage.wait(stage.hub().own().ssh_keys("alice")).unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].id, uploaded[1]["SSHPublicKey"]["SSHPublicKeyId"].as_str().unwrap());
    assert!(keys[0].active && keys[0].created.is_some());
}
