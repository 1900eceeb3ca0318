//! Who cannot open a session, and with what: told before a code is asked for.

use super::{PASSKEY, Stage, typed};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::On;

#[test]
fn the_command_line_is_checked_before_anything_is_asked() {
    let stage = Stage::new();
    for (command, told) in [
        ("session --duration 14m", "a session lasts 15 minutes (15m) to 36 hours (36h)"),
        ("session --duration 37h", "a session lasts 15 minutes (15m) to 36 hours (36h)"),
        ("session --code 9876543", "--code: a code is six digits"),
        ("verify --code 98765x", "--code: a code is six digits"),
        ("session --write-profile a]b", "`a]b` is no name of a profile"),
    ] {
        let output = stage.mfa(command, 2);
        assert!(output.stderr.contains(told) && !output.stderr.contains("98765"), "{}", output.stderr);
    }
    assert!(stage.proxy.all().is_empty());
}

#[test]
fn a_session_opens_no_session() {
    let stage = Stage::new();
    let program = Portcullis::aws(&stage.proxy.endpoint(), &stage.kim).env("AWS_SESSION_TOKEN", "t");
    for command in ["verify --code 123456", "session --code 123456 --cache"] {
        let output = typed(&program, command, &[], 1);
        assert!(output.stderr.contains("these are the credentials of a session"), "{}", output.stderr);
        assert!(output.stderr.contains("long-term access key: name the profile"), "{}", output.stderr);
    }
    assert!(stage.proxy.all().is_empty());
}

#[test]
fn only_the_user_itself_can_do_it() {
    let stage = Stage::new();
    let who = stage.proxy.rule(On::action("sts", "GetCallerIdentity").change(|_, body| {
        body.replace("arn:aws:iam::123456789012:user/kim", "arn:aws:sts::123456789012:assumed-role/Admin/ana")
    }));
    let output = stage.mfa("verify --code 123456", 1);
    assert_eq!(stage.proxy.hits(who), 1);
    assert!(output.stderr.contains("assumed-role/Admin/ana is no IAM user"), "{}", output.stderr);
    assert!(output.stderr.contains("tell the user to run this with its own long-term access key"), "{}", output.stderr);
    stage.proxy.clear();
    stage.mfa("verify --code 123456 --user kim", 0);
    for command in ["verify --code 123456 --user ana", "session --code 123456 --user ana"] {
        let output = stage.mfa(command, 1);
        assert!(output.stderr.contains("user/kim is another user, and only users open sessions"), "{}", output.stderr);
    }
    // A user who is an administrator, with the device of another.
    stage.proxy.rule(super::refused(super::session_token()));
    let output = stage.mfa("verify --code 123456 --serial arn:aws:iam::123456789012:mfa/ana", 5);
    assert!(output.stderr.contains("user kim has no device with this serial number"), "{}", output.stderr);
}

#[test]
fn the_device_is_the_only_one_that_shows_codes_or_the_one_that_is_named() {
    let stage = Stage::new();
    stage.device(PASSKEY);
    stage.mfa("verify --code 123456", 0);
    let output = stage.mfa(&format!("session --code 123456 --serial {PASSKEY}"), 1);
    assert!(output.stderr.contains("is a passkey or security key: it opens no session"), "{}", output.stderr);
    assert!(output.stderr.contains("`aws login`"), "{}", output.stderr);
    stage.device("GAHT12345678");
    let output = stage.mfa("session --code 123456", 1);
    assert!(output.stderr.contains("GAHT12345678") && output.stderr.contains("--serial"), "{}", output.stderr);
    stage.mfa("session --code 123456 --serial GAHT12345678", 0);
    let serials: Vec<_> = stage.asked().iter().map(|call| call.param("SerialNumber").unwrap().to_owned()).collect();
    assert_eq!(serials, [stage.serial.as_str(), "GAHT12345678"]);
    for serial in [stage.serial.as_str(), "GAHT12345678"] {
        stage.iam("DeactivateMFADevice", &[("UserName", "kim"), ("SerialNumber", serial)]);
    }
    let output = stage.mfa("verify --code 123456", 1);
    assert!(output.stderr.contains("user kim has passkeys or security keys only"), "{}", output.stderr);
    stage.iam("DeactivateMFADevice", &[("UserName", "kim"), ("SerialNumber", PASSKEY)]);
    let output = stage.mfa("verify --code 123456", 1);
    assert!(output.stderr.contains("has no MFA device") && output.stderr.contains("mfa enroll"), "{}", output.stderr);
}

#[test]
fn who_may_not_list_devices_names_one() {
    let stage = Stage::new();
    stage.proxy.rule(On::action("iam", "ListMFADevices").deny());
    let output = stage.mfa("session --code 123456", 1);
    assert!(output.stderr.contains("name the device with --serial"), "{}", output.stderr);
    stage.mfa(&format!("session --code 123456 --serial {}", stage.serial), 0);
}

#[test]
fn a_profile_that_runs_this_command_is_not_asked_for_credentials() {
    let stage = Stage::new();
    let program = Portcullis::new().env("AWS_ENDPOINT_URL", &stage.proxy.endpoint()).env("AWS_REGION", "us-east-1");
    let aws = program.dir().join(".home/.aws");
    std::fs::create_dir(&aws).unwrap();
    std::fs::write(aws.join("config"), "[default]\ncredential_process = portcullis mfa session --cache\n").unwrap();
    let output = typed(&program, "session --code 123456", &[], 1);
    assert!(output.stderr.contains("would run for ever") && output.stderr.contains("--profile"), "{}", output.stderr);
    assert!(stage.proxy.all().is_empty());
}
