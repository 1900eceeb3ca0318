//! `portcullis mfa status`: what is known is told, what is not is not guessed, and nothing is changed.

use serde_json::{Value, json};

use super::{PASSKEY, Stage, TOKEN, caller, mfa};
use crate::support::boto::Credentials;
use crate::support::portcullis::Portcullis;
use crate::support::proxy::{On, change};

/// The fields that are `null` by `not_readable`.
fn unread(status: &Value) -> Vec<&str> {
    status["not_readable"].as_array().unwrap().iter().map(|gap| gap["what"].as_str().unwrap()).collect()
}

fn next(status: &Value) -> Vec<&str> {
    status["next"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect()
}

/// `kim` with three devices, leftovers, a password and our guard by a group; the serial number of the app.
fn full(stage: &Stage) -> String {
    let app = stage.app("kim-20261124-0930");
    stage.device(TOKEN);
    stage.device(PASSKEY);
    for name in ["kim", "kim-20261123-1200", "kimberly-20261123-1200"] {
        stage.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
    }
    stage.password();
    let guard = stage.guard();
    stage.iam("CreateGroup", &[("GroupName", "portcullis-guard")]);
    stage.iam("AttachGroupPolicy", &[("GroupName", "portcullis-guard"), ("PolicyArn", &guard)]);
    stage.iam("AddUserToGroup", &[("GroupName", "portcullis-guard"), ("UserName", "kim")]);
    app
}

fn removal(stage: &Stage, name: &str) -> String {
    format!("portcullis mfa remove --user kim --serial {}", stage.serial(name))
}

#[test]
fn devices_leftovers_and_guards_of_a_user_are_told_to_programs() {
    let stage = Stage::moto();
    let app = full(&stage);
    let mut status = stage.mfa("status kim --format json", 0).json();
    let mut kinds: Vec<[&str; 3]> = status["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| ["kind", "name", "serial"].map(|name| device[name].as_str().unwrap()))
        .collect();
    kinds.sort_unstable();
    let expected = [
        ["hardware-totp", TOKEN, TOKEN],
        ["passkey", "yubi-ABCDEFGHIJKLMNOP", PASSKEY],
        ["virtual", "kim-20261124-0930", app.as_str()],
    ];
    assert_eq!(kinds, expected);
    assert!(status["devices"][0]["enabled_at"].is_string());
    let left_over: Vec<&Value> =
        status["left_over"].as_array().unwrap().iter().map(|device| &device["delete_command"]).collect();
    assert_eq!(left_over, [&removal(&stage, "kim"), &removal(&stage, "kim-20261123-1200")]);
    assert_eq!(unread(&status), [""; 0]);
    assert_eq!(next(&status).len(), 1);
    assert!(next(&status)[0].starts_with("enrolled and still guarded"));
    for told in ["devices", "left_over", "taken_at", "not_readable", "next", "caller"] {
        status.as_object_mut().unwrap().remove(told);
    }
    let fields = json!({
        "schema": "portcullis/mfa-status/v1", "account": stage.account, "subject": "user", "user": "kim",
        "arn": format!("arn:aws:iam::{}:user/kim", stage.account), "acting": "administrator",
        "device_count": 3, "device_limit": 8, "has_backup": true, "guarded": true,
        "guards": [{"guard": "deny-without-mfa", "group": "portcullis-guard"}],
        "console_password": true, "active_access_keys": 0, "credentials": {"kind": "long_term_key", "mfa": false},
    });
    assert_eq!(status, fields);
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn devices_leftovers_and_guards_of_a_user_are_told_to_people() {
    let stage = Stage::moto();
    let app = full(&stage);
    let table = stage.mfa("status --user kim", 0).stdout;
    for line in [
        "devices    3 of 8, with a backup device",
        "guard      deny-without-mfa, by group portcullis-guard",
        "password   yes",
        "keys       0 active",
        "signed by  a long-term access key, which never carries MFA",
        &format!("           {}", removal(&stage, "kim")),
    ] {
        assert!(table.lines().any(|told| told == line), "{line}\n{table}");
    }
    for serial in [TOKEN, PASSKEY, &app] {
        assert!(table.contains(serial), "{serial}\n{table}");
    }
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn users_look_at_themselves_and_are_told_their_next_step() {
    let stage = Stage::moto();
    let kim = stage.kim();
    let look = || mfa(&kim, "status --format json", 0).json();
    let bare = look();
    assert_eq!((&bare["acting"], &bare["guarded"]), (&json!("oneself"), &json!(false)));
    assert_eq!((&bare["device_count"], &bare["has_backup"]), (&json!(0), &json!(false)));
    assert_eq!(next(&bare), ["no device: `portcullis mfa enroll`"]);
    stage.device(PASSKEY);
    let one = look();
    assert_eq!(one["device_count"], 1);
    assert!(next(&one)[0].starts_with("passkeys open no session for the user's access keys"), "{one}");
    assert!(next(&one)[1].starts_with("one device, and no way in if it is lost"), "{one}");
    stage.app("kim");
    assert_eq!(next(&look()), [""; 0]);
    let table = mfa(&kim, "status", 0).stdout;
    assert!(table.contains("as user kim itself") && table.contains("next       nothing is to be done"), "{table}");
}

#[test]
fn what_is_refused_is_unknown() {
    let stage = Stage::moto();
    stage.guarded();
    stage.app("kim");
    for action in ["ListAttachedUserPolicies", "ListVirtualMFADevices", "ListAccessKeys", "GetLoginProfile"] {
        stage.proxy.rule(On::action("iam", action).deny());
    }
    let status = stage.mfa("status kim --format json", 0).json();
    assert_eq!(unread(&status), ["left_over", "guarded", "console_password", "active_access_keys"]);
    for field in unread(&status) {
        assert_eq!(status[field], Value::Null, "{field}");
    }
    assert_eq!(status["device_count"], 1);
    let gap = json!({"what": "guarded", "operation": "iam:ListAttachedUserPolicies", "reason": "AccessDenied"});
    assert_eq!(status["not_readable"][1], gap);
    let table = stage.mfa("status kim", 0).stdout;
    let line = "guard      not readable (iam:ListAttachedUserPolicies: AccessDenied)";
    assert!(table.lines().any(|told| told == line), "{table}");

    stage.proxy.rule(On::action("iam", "ListMFADevices").deny());
    let status = stage.mfa("status kim --format json", 4).json();
    assert_eq!((&status["devices"], &status["has_backup"]), (&Value::Null, &Value::Null));
    assert_eq!(next(&status), ["you need iam:ListMFADevices on user kim and on the device"]);
    assert!(stage.mfa("status kim", 4).stdout.contains("devices    not readable (iam:ListMFADevices: AccessDenied)"));
}

#[test]
fn nobody_and_no_answer_are_failures() {
    let stage = Stage::moto();
    let error = stage.mfa("status ana", 1).stderr;
    assert!(error.contains(&format!("there is no user ana in account {}", stage.account)), "{error}");
    let error = stage.mfa("status", 1).stderr;
    assert!(error.contains("name the user with --user"), "{error}");
    stage.proxy.rule(On::action("iam", "GetUser").deny());
    assert!(stage.mfa("status ana", 1).stderr.contains("there is no user ana"), "without iam:GetUser too");
    assert_eq!(stage.mfa("status root --format json", 0).json()["subject"], "root");
    stage.proxy.rule(On::service("iam").drop_request());
    let error = mfa(&quick(&stage), "status kim", 1).stderr;
    assert!(error.contains("iam:ListMFADevices") && !error.contains("no user"), "{error}");
}

/// The program of the administrator, which tries once.
fn quick(stage: &Stage) -> Portcullis {
    Portcullis::aws(&stage.proxy.endpoint(), &stage.administrator).env("AWS_MAX_ATTEMPTS", "1")
}

/// What `GetSessionToken` hands out without MFA may call nothing of IAM (aws-facts 7.16).
#[test]
fn a_session_without_mfa_is_recognised() {
    let stage = Stage::moto();
    let session = Credentials { token: Some("token".to_owned()), ..Credentials::new("ASIAKIM", "secret") };
    let kim = Portcullis::aws(&stage.proxy.endpoint(), &session);
    let arn = format!("arn:aws:iam::{}:user/kim", stage.account);
    stage.proxy.rule(caller(stage.account, &arn));
    let with_mfa = mfa(&kim, "status --format json", 0).json();
    assert_eq!(with_mfa["credentials"], json!({"kind": "session", "mfa": null}));
    assert_eq!(unread(&with_mfa), ["credentials.mfa"]);
    let table = mfa(&kim, "status", 0).stdout;
    assert!(table.contains("signed by  a session; whether with MFA cannot be told from outside, but IAM"), "{table}");
    for (status, code) in [(403, "AccessDenied"), (403, "InvalidClientTokenId")] {
        stage.proxy.clear();
        stage.proxy.rule(caller(stage.account, &arn));
        stage.proxy.rule(On::service("iam").error(status, code, "no"));
        let refused = mfa(&kim, "status --format json", 4).json();
        assert_eq!(refused["devices"], Value::Null);
        assert!(next(&refused)[0].contains("a session opened without MFA may call nothing of IAM"), "{refused}");
    }
}

#[test]
fn of_root_it_is_told_what_can_be_known() {
    let stage = Stage::moto();
    let bare = stage.mfa("status root --format json", 0).json();
    assert_eq!((&bare["subject"], &bare["mfa_enabled"]), (&json!("root"), &json!(false)));
    assert_eq!(unread(&bare), ["devices", "password"], "moto's summary has no AccountPasswordPresent");
    assert_eq!(next(&bare)[0], "root has no device: assign one in the console");
    assert!(next(&bare)[2].contains("Assign MFA device"), "{bare}");

    // A device of that name is a user's as any other (aws-facts 2.3).
    stage.app("root-account-mfa-device");
    stage.proxy.rule(On::action("iam", "GetAccountSummary").change(change::summary("AccountMFAEnabled", 1)));
    stage.proxy.rule(On::action("iam", "GetAccountSummary").change(change::summary("AccountPasswordPresent", 1)));
    let hardware = stage.mfa("status root", 0).stdout;
    assert!(hardware.contains("MFA        enabled"), "{hardware}");
    let line = "virtual    none: so it is a passkey, a security key or a hardware token";
    assert!(hardware.contains(line), "{hardware}");
    assert!(hardware.contains("next       nothing is to be done"), "{hardware}");

    let root = format!("arn:aws:iam::{}:root", stage.account);
    stage.proxy.rule(caller(stage.account, &root));
    let owner = format!("<Arn>{root}</Arn>");
    let users = format!("<Arn>arn:aws:iam::{}:user/kim</Arn>", stage.account);
    stage.proxy.rule(On::action("iam", "ListVirtualMFADevices").change(move |_, body| body.replace(&users, &owner)));
    let serial = stage.serial("root-account-mfa-device");
    let list = On::action("iam", "ListMFADevices").answer(&format!(
        "<ListMFADevicesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListMFADevicesResult><MFADevices>\
         <member><UserName>root</UserName><SerialNumber>{serial}</SerialNumber>\
         <EnableDate>2026-11-24T09:30:00Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>\
         </ListMFADevicesResult></ListMFADevicesResponse>"
    ));
    stage.proxy.rule(list);
    let own = stage.mfa("status --format json", 0).json();
    let device = json!({
        "serial": serial, "kind": "virtual", "name": "root-account-mfa-device", "enabled_at": "2026-11-24T09:30:00Z",
    });
    assert_eq!(own["devices"], json!([device]));
    assert_eq!(own["virtual_devices"][0]["serial"], json!(serial));
    assert_eq!((&own["acting"], unread(&own)), (&json!("oneself"), vec![]));
    assert!(next(&own)[0].starts_with("one device") && next(&own)[1].starts_with("only virtual"), "{own}");
    let mut asked = stage.proxy.all().into_iter().filter(|call| call.action == "ListMFADevices");
    assert!(asked.next_back().unwrap().param("UserName").is_none(), "root's devices are listed without a name");

    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn of_root_nothing_is_guessed() {
    let stage = Stage::moto();
    stage.proxy.rule(On::action("iam", "GetAccountSummary").deny());
    let unknown = stage.mfa("status root --format json", 4).json();
    assert_eq!(unread(&unknown), ["devices", "mfa_enabled", "password", "access_keys"]);
    for field in unread(&unknown) {
        assert_eq!(unknown[field], Value::Null, "{field}");
    }
    assert!(next(&unknown)[0].starts_with("whether root has a device could not be read"), "{unknown}");
}

/// The guard itself, on an emulator that decides by it: enrolling can be seen, the rest cannot.
#[test]
fn a_guarded_user_sees_the_devices_and_the_next_step() {
    let stage = Stage::ministack();
    let kim = stage.kim();
    stage.guarded();
    let status = mfa(&kim, "status --format json", 0).json();
    assert_eq!((&status["device_count"], &status["guarded"]), (&json!(0), &Value::Null));
    assert_eq!(status["left_over"], json!([]));
    assert_eq!(unread(&status), ["guarded", "guarded", "console_password", "active_access_keys"]);
    assert_eq!(next(&status), ["no device, and perhaps guarded, which could not be read: `portcullis mfa enroll`"]);
    let seen = stage.mfa("status kim --format json", 0).json();
    assert_eq!(seen["guards"], json!([{"guard": "deny-without-mfa", "group": null}]));
    let step = "no device, and everything else is denied until there is one: `portcullis mfa enroll --user kim`";
    assert_eq!(next(&seen), [step]);
}

#[test]
fn names_from_aws_cannot_fool_a_terminal() {
    let stage = Stage::moto();
    stage.app("kim");
    let evil = |_: &crate::support::proxy::Call, body: String| body.replace(":mfa/kim<", ":mfa/k\u{202e}im<");
    stage.proxy.rule(On::action("iam", "ListMFADevices").change(evil));
    let table = stage.mfa("status kim", 0).stdout;
    assert!(table.contains("k\\u{202e}im") && !table.contains('\u{202e}'), "{table}");
}
