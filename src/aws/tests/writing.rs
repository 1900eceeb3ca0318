//! Writers: what is tried again, what is not, and what comes of it.

use super::{OWN, account, connect, fault, sts, xml};
use crate::aws::test_server::Server;
use crate::aws::{ErrorKind, Hub, MfaCode, NewPolicy, Outcome, WriteRole, Writer};

const GUARD: &str = "arn:aws:iam::444455556666:policy/portcullis/guard";

fn role(name: &str) -> WriteRole {
    WriteRole { name: name.to_owned(), external_id: None, session_name: "portcullis-enforce-7".to_owned() }
}

async fn hub(server: &Server) -> Hub {
    connect(&server.url, None).await.unwrap()
}

async fn writer(server: &Server) -> Writer {
    hub(server).await.enter_to_write(&account("444455556666"), &role("PortcullisEnforce")).await.unwrap().1
}

fn new_policy() -> NewPolicy<'static> {
    NewPolicy { name: "guard", description: "d", document: "{}", tags: &[] }
}

fn is_written<T>(outcome: &Outcome<T>) -> bool {
    matches!(outcome, Outcome::Written { .. })
}

#[tokio::test]
async fn a_role_of_its_own_writes_and_one_meter_counts_both() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "ListAccountAliases" | "AttachUserPolicy" => xml(&request.action, ""),
        _ => sts(request),
    });
    let hub = hub(&server).await;
    let (reader, writer) = hub.enter_to_write(&account("444455556666"), &role("x/Enforce")).await.unwrap();
    reader.account_aliases().await.unwrap();
    assert!(is_written(&writer.attach_user_policy("alice", GUARD).await.unwrap()));
    assert_eq!((reader.meter().api_calls(), writer.meter().api_calls()), (2, 2));
    assert_eq!((writer.account().id.as_str(), reader.used_own_credentials()), ("444455556666", false));
    let seen = server.seen();
    let assume = seen.iter().find(|request| request.action == "AssumeRole").unwrap();
    assert!(assume.body.contains("role%2Fx%2FEnforce&") && assume.body.contains("portcullis-enforce-7"), "{assume:?}");
    assert!(!assume.body.contains("ExternalId"), "the scan's external id is not the enforce role's");
    let attach = seen.iter().find(|request| request.action == "AttachUserPolicy").unwrap();
    assert_eq!((attach.key.as_str(), server.count("AssumeRole")), ("ASIAROLE", 1));
}

#[tokio::test]
async fn own_credentials_write_only_where_that_is_said() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "DetachUserPolicy" => xml("DetachUserPolicy", ""),
        _ => sts(request),
    });
    let hub = hub(&server).await;
    let error = hub.enter_to_write(&account(OWN), &role("Enforce")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "no fallback to the caller's own credentials");
    let own = hub.own_writer();
    assert!(is_written(&own.detach_user_policy("alice", GUARD).await.unwrap()));
    assert_eq!((own.account().id.as_str(), server.seen().pop().unwrap().key.as_str()), (OWN, "AKIAHUB"));
    assert_eq!(own.meter().api_calls(), hub.meter().api_calls());
}

#[tokio::test]
async fn throttling_failures_and_other_changes_are_waited_out() {
    let server = Server::start(|request, before| match (request.action.as_str(), before) {
        ("AttachUserPolicy", 0) => fault(400, "Throttling"),
        ("AttachUserPolicy", 1) | ("TagPolicy", _) => fault(409, "ConcurrentModification"),
        ("AttachUserPolicy", 2) => fault(409, "EntityTemporarilyUnmodifiable"),
        ("AttachUserPolicy", 3) => fault(500, "ServiceFailure"),
        ("AttachUserPolicy", _) => xml("AttachUserPolicy", ""),
        _ => sts(request),
    });
    let writer = writer(&server).await;
    assert!(is_written(&writer.attach_user_policy("alice", GUARD).await.unwrap()));
    assert_eq!(server.count("AttachUserPolicy"), 5);
    assert_eq!((writer.meter().api_calls(), writer.meter().throttled()), (5, 1));
    let error = writer.tag_policy(GUARD, &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.may_be_done(), server.count("TagPolicy")), (ErrorKind::Busy, false, 5));
}

#[tokio::test]
async fn quotas_and_refusals_are_not_tried_again() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "AttachUserPolicy" => fault(409, "LimitExceeded"),
        "DeletePolicyVersion" | "DeleteVirtualMFADevice" => fault(409, "DeleteConflict"),
        "CreatePolicy" => fault(400, "MalformedPolicyDocument"),
        "AttachGroupPolicy" => fault(400, "PolicyNotAttachable"),
        "DetachUserPolicy" => fault(403, "AccessDenied"),
        _ => sts(request),
    });
    let writer = writer(&server).await;
    let errors = [
        (writer.attach_user_policy("alice", GUARD).await.unwrap_err(), ErrorKind::Limit),
        (writer.delete_policy_version(GUARD, "v1").await.unwrap_err(), ErrorKind::InUse),
        (writer.delete_virtual_mfa_device("arn:x").await.unwrap_err(), ErrorKind::InUse),
        (writer.create_policy(&new_policy()).await.unwrap_err(), ErrorKind::Malformed),
        (writer.attach_group_policy("g", GUARD).await.unwrap_err(), ErrorKind::NotAttachable),
        (writer.detach_user_policy("alice", GUARD).await.unwrap_err(), ErrorKind::Denied),
    ];
    for (error, kind) in &errors {
        let operation = error.operation().unwrap().name();
        assert_eq!((error.kind(), error.may_be_done()), (*kind, false), "{operation}");
        assert_eq!(error.account(), Some("444455556666"), "{operation}");
    }
    assert_eq!(writer.meter().api_calls(), 6);
}

#[tokio::test]
async fn what_is_there_and_what_is_not_are_outcomes() {
    let server = Server::start(|request, before| match (request.action.as_str(), before) {
        ("CreatePolicy", 0) => fault(500, "ServiceFailure"),
        ("CreatePolicy" | "CreateGroup" | "EnableMFADevice" | "CreateVirtualMFADevice", _) => {
            fault(409, "EntityAlreadyExists")
        }
        ("AssumeRole" | "GetCallerIdentity", _) => sts(request),
        _ => fault(404, "NoSuchEntity"),
    });
    let writer = writer(&server).await;
    let code = MfaCode::parse("123456").unwrap();
    let Outcome::AlreadyThere(error) = writer.create_policy(&new_policy()).await.unwrap() else { panic!("not there") };
    assert_eq!((error.request_id(), server.count("CreatePolicy")), (Some("req-1"), 2));
    assert!(matches!(writer.create_group("g").await.unwrap(), Outcome::AlreadyThere(_)));
    assert!(matches!(writer.create_virtual_mfa_device("d").await.unwrap(), Outcome::AlreadyThere(_)));
    let enabled = writer.enable_mfa_device("alice", "arn:x", [&code, &code]).await.unwrap();
    assert!(matches!(enabled, Outcome::AlreadyThere(_)));
    for outcome in [
        writer.detach_user_policy("alice", GUARD).await.unwrap(),
        writer.attach_user_policy("alice", GUARD).await.unwrap(),
        writer.remove_user_from_group("alice", "g").await.unwrap(),
        writer.add_user_to_group("alice", "g").await.unwrap(),
        writer.set_default_policy_version(GUARD, "v9").await.unwrap(),
        writer.deactivate_mfa_device("alice", "arn:x").await.unwrap(),
        writer.resync_mfa_device("alice", "arn:x", [&code, &code]).await.unwrap(),
    ] {
        let Outcome::NotThere(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.code(), Some("NoSuchEntity"));
    }
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_sent_again_only_if_refused() {
    let version = "<PolicyVersion><VersionId>v2</VersionId></PolicyVersion>";
    let server = Server::start(move |request, before| match (request.action.as_str(), before) {
        ("CreatePolicyVersion", 0) => fault(400, "Throttling"),
        ("CreatePolicyVersion", 1) => fault(409, "ConcurrentModification"),
        ("CreatePolicyVersion", 2) => xml("CreatePolicyVersion", version),
        ("CreatePolicyVersion" | "CreateVirtualMFADevice", _) => fault(500, "ServiceFailure"),
        ("ResyncMFADevice", _) => (200, "<ResyncMFADeviceResponse>".to_owned()),
        ("EnableMFADevice", _) => fault(403, "InvalidAuthenticationCode"),
        _ => sts(request),
    });
    let writer = writer(&server).await;
    let outcome = writer.create_policy_version(GUARD, "{}").await.unwrap();
    let Outcome::Written { made, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((made.as_str(), server.count("CreatePolicyVersion")), ("v2", 3));
    let error = writer.create_policy_version(GUARD, "{}").await.unwrap_err();
    assert_eq!((error.may_be_done(), server.count("CreatePolicyVersion")), (true, 4));
    assert!(writer.create_virtual_mfa_device("d").await.unwrap_err().may_be_done());
    assert_eq!(server.count("CreateVirtualMFADevice"), 1);
    let code = MfaCode::parse("123456").unwrap();
    let error = writer.enable_mfa_device("alice", "arn:x", [&code, &code]).await.unwrap_err();
    assert_eq!((error.kind(), error.may_be_done()), (ErrorKind::InvalidCode, false));
}

#[tokio::test]
async fn an_answer_without_its_result_is_no_success() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "CreateVirtualMFADevice" => {
            xml("CreateVirtualMFADevice", "<VirtualMFADevice><SerialNumber>arn:x</SerialNumber></VirtualMFADevice>")
        }
        "CreatePolicy" | "CreateGroup" | "CreatePolicyVersion" => xml(&request.action, ""),
        _ => sts(request),
    });
    let writer = writer(&server).await;
    for error in [
        writer.create_virtual_mfa_device("d").await.unwrap_err(),
        writer.create_policy(&new_policy()).await.unwrap_err(),
        writer.create_group("g").await.unwrap_err(),
        writer.create_policy_version(GUARD, "{}").await.unwrap_err(),
    ] {
        assert!(error.may_be_done(), "{error}");
        assert!(error.to_string().contains("the answer has no"), "{error}");
    }
}

#[tokio::test]
async fn a_session_with_mfa_is_asked_for_once() {
    let server = Server::start(|request, before| match (request.action.as_str(), before) {
        ("GetSessionToken", 0) => fault(400, "Throttling"),
        ("GetSessionToken", 1) => xml(
            "GetSessionToken",
            "<Credentials><AccessKeyId>ASIAMFA</AccessKeyId><SecretAccessKey>very-secret</SecretAccessKey>\
             <SessionToken>very-long</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration></Credentials>",
        ),
        ("GetSessionToken", 2) => fault(500, "InternalFailure"),
        ("GetSessionToken", _) => fault(403, "AccessDenied"),
        _ => sts(request),
    });
    let hub = hub(&server).await;
    let code = MfaCode::parse("654321").unwrap();
    let lasting = Some(std::time::Duration::from_mins(15));
    let given = hub.session_token("arn:x", &code, lasting).await.unwrap();
    assert_eq!((given.access_key_id.as_str(), given.secret_access_key.expose()), ("ASIAMFA", "very-secret"));
    assert_eq!(given.session_token.as_ref().unwrap().expose(), "very-long");
    assert_eq!(given.expires.unwrap().to_string(), "2199-01-01T00:00:00Z");
    assert!(!format!("{given:?}").contains("very"), "{given:?}");
    let body = server.seen().pop().unwrap().body;
    assert!(body.contains("TokenCode=654321") && body.contains("DurationSeconds=900"), "{body}");
    assert!(hub.session_token("arn:x", &code, None).await.unwrap_err().may_be_done());
    assert_eq!(server.count("GetSessionToken"), 3, "a code is used up by the first attempt");
    assert_eq!(hub.session_token("arn:x", &code, None).await.unwrap_err().kind(), ErrorKind::Denied);
}
