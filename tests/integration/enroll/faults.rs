//! AWS refuses, breaks off or is slow: what the person is told, and what is left.

use std::time::Duration;

use serde_json::json;

use super::{Stage, Waiting, step};
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::On;
use crate::support::proxy::change::element;

/// Runs with codes on the command line, to an end that leaves the device disabled; stderr.
fn refused(stage: &Stage) -> String {
    stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 5).stderr
}

#[test]
fn each_refusal_says_what_to_do_and_the_device_is_gone() {
    for (code, status, advice) in [
        ("InvalidAuthenticationCode", 403, "wait for a new code"),
        ("LimitExceeded", 409, "a user may have 8 devices"),
        ("EntityAlreadyExists", 409, "somebody has this device already"),
        ("AccessDenied", 403, "ask an administrator to run this with --user kim"),
    ] {
        let stage = Stage::set();
        stage.proxy.rule(On::action("iam", "EnableMFADevice").error(status, code, "no"));
        let told = refused(&stage);
        assert!(told.contains(advice), "{code}: {told}");
        assert!(told.contains("was deleted again"), "{code}: {told}");
        assert_eq!(stage.virtual_devices(), [""; 0], "{code}");
        assert_eq!(stage.count("EnableMFADevice"), 1, "given codes are spent once");
    }
}

#[test]
fn who_has_a_device_and_no_session_is_sent_to_open_one() {
    let stage = Stage::set();
    stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 0);
    stage.proxy.rule(On::action("iam", "EnableMFADevice").deny());
    let told = refused(&stage);
    assert!(told.contains("only when signed in with MFA: run `portcullis mfa session`"), "{told}");
    assert_eq!(stage.devices().len(), 1);
    assert_eq!(stage.virtual_devices().len(), 1);
}

#[test]
fn a_person_may_try_again_with_the_same_device() {
    let stage = Stage::set();
    let invalid = On::action("iam", "EnableMFADevice").first(1);
    stage.proxy.rule(invalid.error(403, "InvalidAuthenticationCode", "Authentication code for device is not valid"));
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "");
    for _ in 0..2 {
        waiting.give(step() - 1);
        waiting.give(step());
    }
    let output = waiting.finish(0);
    assert!(output.stderr.contains("AWS did not take them: the codes were wrong"), "{}", output.stderr);
    assert_eq!((stage.count("CreateVirtualMFADevice"), stage.count("EnableMFADevice")), (1, 2));
    assert_eq!(stage.devices().len(), 1);
}

#[test]
fn an_answer_that_was_lost_is_looked_up() {
    let stage = Stage::set();
    stage.proxy.rule(On::action("iam", "EnableMFADevice").drop_answer());
    stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 0);
    assert_eq!((stage.devices().len(), stage.count("EnableMFADevice")), (1, 1));
}

#[test]
fn a_device_whose_secret_was_lost_is_deleted() {
    let stage = Stage::set();
    stage.proxy.rule(On::action("iam", "CreateVirtualMFADevice").drop_answer());
    stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 5);
    assert_eq!((stage.virtual_devices().len(), stage.count("CreateVirtualMFADevice")), (0, 1));
}

#[test]
fn a_device_that_is_not_known_everywhere_yet_is_tried_again_with_the_same_codes() {
    let stage = Stage::set();
    stage.proxy.rule(On::action("iam", "EnableMFADevice").first(2).error(404, "NoSuchEntity", "no such device"));
    stage.proxy.rule(On::action("iam", "EnableMFADevice").occurrences(3..=3).throttle());
    stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 0);
    assert_eq!((stage.devices().len(), stage.count("EnableMFADevice")), (1, 4));
}

#[test]
fn eight_devices_are_enough() {
    let stage = Stage::set();
    let mut boto = Boto::new(&stage.moto.endpoint(), &stage.user);
    for number in 0..8 {
        let name = format!("phone-{number}");
        let serial = format!("arn:aws:iam::123456789012:mfa/{name}");
        let codes = json!({ "UserName": "kim", "SerialNumber": serial, "AuthenticationCode1": "123456", "AuthenticationCode2": "654321" });
        boto = boto.call("iam", "create_virtual_mfa_device", &json!({ "VirtualMFADeviceName": name }));
        boto = boto.call("iam", "enable_mfa_device", &codes);
    }
    boto.succeed();
    let told = refused(&stage);
    assert!(told.contains("user kim has 8 devices") && told.contains("portcullis mfa status kim"), "{told}");
    assert_eq!(stage.count("CreateVirtualMFADevice"), 0);
}

#[test]
fn a_session_without_mfa_is_recognised() {
    let stage = Stage::set();
    let session = Boto::new(&stage.moto.endpoint(), &stage.user).call("sts", "get_session_token", &json!({})).succeed();
    let session = Credentials::from_answer(&session[0]);
    // The proxy says what AWS says to such a session: of IAM it may call nothing.
    stage.proxy.learn(&session.key, "123456789012");
    stage.proxy.rule(On::service("iam").error(
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    ));
    let user = element("Arn", "arn:aws:iam::123456789012:user/kim");
    stage.proxy.rule(On::action("sts", "GetCallerIdentity").change(user));
    let program = Portcullis::aws(&stage.proxy.endpoint(), &session);
    let output = program.run(["mfa", "enroll", "--codes", "123456,654321"], 1);
    assert!(output.stderr.contains("a session opened without MFA may call nothing of IAM"), "{}", output.stderr);
    assert!(output.stderr.contains("use the user's long-term access key"), "{}", output.stderr);
    assert_eq!(stage.count("CreateVirtualMFADevice"), 0);
}

#[test]
fn a_passkey_is_waited_for() {
    let stage = Stage::set();
    let passkey = "<member><UserName>kim</UserName><SerialNumber>arn:aws:iam::123456789012:u2f/user/kim/key-ABC</SerialNumber>\
                   <EnableDate>2026-11-24T09:30:00Z</EnableDate></member></MFADevices>";
    stage.proxy.rule(On::action("iam", "ListMFADevices").occurrences(3..=9).change(move |_, body| {
        body.replace("<MFADevices></MFADevices>", "<MFADevices/>")
            .replace("<MFADevices/>", "<MFADevices></MFADevices>")
            .replace("</MFADevices>", passkey)
    }));
    let output = stage.program().run(["mfa", "enroll", "--device", "passkey"], 0);
    assert!(output.stderr.contains("Assign MFA device"), "{}", output.stderr);
    assert!(output.stderr.contains("u2f/user/kim/key-ABC is there"), "{}", output.stderr);
    assert_eq!(stage.count("CreateVirtualMFADevice"), 0);
    let mut run = stage.program().spawn(["mfa", "enroll", "--device", "passkey", "--codes", "1,2"]);
    run.send("");
    run.finish(2);
}

#[test]
fn a_token_is_enabled_by_its_serial_number() {
    let stage = Stage::set();
    let args = ["mfa", "enroll", "--device", "hardware", "--serial", "GAHT12345678", "--codes", "123456,654321"];
    let output = stage.program().run(args, 0);
    assert_eq!(output.stdout, "", "there is nothing to scan");
    assert_eq!(stage.devices(), ["GAHT12345678"]);
    stage.program().run(["mfa", "enroll", "--device", "hardware"], 2);
}

/// Long enough for a call to come on a busy machine.
const COMES: Duration = Duration::from_mins(1);

#[test]
fn an_interruption_waits_for_the_device_that_aws_makes() {
    for after in [false, true] {
        let stage = Stage::set();
        let (rule, held) = On::action("iam", "CreateVirtualMFADevice").hold(after);
        stage.proxy.rule(rule);
        let program = stage.program();
        let mut run = program.spawn(["mfa", "enroll", "--ledger", "ledger.jsonl"]);
        assert!(held.came(COMES));
        run.signal("INT");
        let told = run.stderr_with("is waited for");
        assert!(told.contains("Interrupted while AWS makes a device"), "{told}");
        drop(held);
        let output = run.finish(5);
        // The proxy gives no answer to what it held, so that only AWS's list can tell.
        assert!(output.stderr.contains("nothing is left behind"), "{}", output.stderr);
        assert_eq!(stage.virtual_devices(), [""; 0], "{after}");
    }
}

#[test]
fn a_second_interruption_waits_for_nothing() {
    let stage = Stage::set();
    let (rule, held) = On::action("iam", "CreateVirtualMFADevice").hold(true);
    stage.proxy.rule(rule);
    let program = stage.program();
    let mut run = program.spawn(["mfa", "enroll"]);
    assert!(held.came(COMES));
    run.signal("INT");
    run.stderr_with("is waited for");
    run.signal("INT");
    let output = run.finish(5);
    assert!(output.stderr.contains("whether it did is not known"), "{}", output.stderr);
    assert!(output.stderr.contains("list-virtual-mfa-devices --assignment-status Unassigned"), "{}", output.stderr);

    let stage = Stage::set();
    let (rule, held) = On::action("iam", "DeleteVirtualMFADevice").hold(false);
    stage.proxy.rule(rule);
    let program = stage.program();
    let mut run = Waiting::start(&program, "--device-name phone").run;
    run.signal("INT");
    assert!(held.came(COMES));
    run.stderr_with("AWS does not answer yet");
    run.signal("INT");
    let output = run.finish(5);
    assert!(
        output.stderr.contains("mfa/phone may be there, and nobody has it: AWS was not waited for"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_device_whose_secret_was_lost_and_that_may_not_be_deleted_is_named() {
    let stage = Stage::set();
    stage.proxy.rule(On::action("iam", "CreateVirtualMFADevice").drop_answer());
    stage.proxy.rule(On::action("iam", "DeleteVirtualMFADevice").deny());
    let output = stage.program().run(["mfa", "enroll", "--device-name", "phone", "--codes", "123456,654321"], 5);
    let serial = "arn:aws:iam::123456789012:mfa/phone";
    assert_eq!(stage.virtual_devices(), [serial]);
    assert!(output.stderr.contains(&format!("{serial} may be there, and nobody has it")), "{}", output.stderr);
    assert!(output.stderr.contains("aws iam delete-virtual-mfa-device --serial-number"), "{}", output.stderr);
}

#[test]
fn a_file_for_the_code_that_cannot_be_written_is_found_out_before_a_device_is_made() {
    let stage = Stage::set();
    let program = stage.program().file("there.png", "");
    for (path, why) in [("there.png", "exists"), (".", "exists"), ("none/qr.png", "No such file")] {
        let output = program.run(["mfa", "enroll", "--qr-png", path, "--codes", "123456,654321"], 1);
        assert!(output.stderr.contains(why) && output.stderr.contains("nothing was done"), "{}", output.stderr);
    }
    assert_eq!(stage.count("CreateVirtualMFADevice"), 0);
}

#[test]
fn a_backup_device_has_a_name_of_its_own() {
    let stage = Stage::set();
    let admin = Credentials::new("AKIAPORTCULLIS000000", "secret");
    let program = Portcullis::aws(&stage.proxy.endpoint(), &admin);
    let mut waiting = Waiting::start(&program, "--user kim --device-name phone --ledger ledger.jsonl");
    waiting.give(step() - 1);
    waiting.give(step());
    waiting.run.send("y");
    let output = waiting.finish(5);
    assert!(output.stderr.contains("Created arn:aws:iam::123456789012:mfa/kim-20"), "{}", output.stderr);
    assert_eq!(stage.devices(), ["arn:aws:iam::123456789012:mfa/phone"], "the first stays");
    assert_eq!(stage.virtual_devices().len(), 1);
    let ledger = std::fs::read_to_string(program.dir().join("ledger.jsonl")).expect("the ledger");
    assert!(ledger.contains("it did not come to its end") && !ledger.contains("no device was enabled"), "{ledger}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_secret_that_cannot_be_shown_leaves_nothing_behind() {
    let stage = Stage::set();
    let program = stage.program();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full disk");
    let run = program.command(["mfa", "enroll", "--show-secret"]).stdout(full).output().expect("a run");
    let told = String::from_utf8(run.stderr).expect("text");
    assert_eq!(run.status.code(), Some(5), "{told}");
    assert!(told.contains("error: the secret could not be shown: No space left on device"), "{told}");
    assert_eq!(stage.virtual_devices(), [""; 0]);
}
