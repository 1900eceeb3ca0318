//! `portcullis mfa resync`: the right device, the right codes, and no code spent in vain.

use std::fs;
use std::time::Duration;

use totp_rs::{Builder, Secret};

use super::{PASSKEY, Stage, TOKEN};
use crate::support::portcullis::Output;
use crate::support::proxy::{On, Rule};

/// What AWS answers; moto does not know the call.
const DONE: &str = "<ResyncMFADeviceResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
    <RequestId>r-1</RequestId></ResponseMetadata></ResyncMFADeviceResponse>";

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn resync() -> On {
    On::action("iam", "ResyncMFADevice")
}

fn refused(on: On) -> Rule {
    on.error(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
}

/// The codes of each call, in order.
fn spent(stage: &Stage) -> Vec<[String; 2]> {
    let calls = stage.proxy.all().into_iter().filter(|call| call.action == "ResyncMFADevice");
    calls
        .map(|call| ["AuthenticationCode1", "AuthenticationCode2"].map(|name| call.param(name).unwrap().to_owned()))
        .collect()
}

/// `mfa resync --user kim` with these lines on stdin.
fn typed(stage: &Stage, more: &str, lines: &[&str], expected: i32) -> Output {
    let mut run = stage.program.spawn(format!("mfa resync --user kim {more}").split_whitespace());
    for line in lines {
        run.send(line);
    }
    run.finish(expected)
}

#[test]
fn the_only_device_with_codes_is_resynchronised_and_it_is_written_down() {
    let stage = Stage::moto();
    let app = stage.app("kim");
    stage.device(PASSKEY);
    stage.proxy.rule(resync().answer(DONE));
    let output = typed(&stage, "--ledger ledger.jsonl", &["111 222", "333444"], 0);
    assert_eq!(output.stdout, "kim of user kim is in step with AWS again\n");
    assert!(output.stderr.contains("for user kim, as an administrator"), "{}", output.stderr);
    assert_eq!(spent(&stage), [["111222", "333444"]]);
    let call = stage.proxy.all().into_iter().find(|call| call.action == "ResyncMFADevice").unwrap();
    assert_eq!((call.param("UserName"), call.param("SerialNumber")), (Some("kim"), Some(app.as_str())));
    let entries = ["run-started", "intent resync-mfa-device", "outcome resync-mfa-device done", "run-finished"]
        .map(str::to_owned);
    assert_eq!(stage.ledger(), entries);
    stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
    let ledger = fs::read_to_string(stage.program.dir().join("ledger.jsonl")).unwrap();
    for code in ["111222", "111 222", "333444"] {
        let all = [&ledger, &output.stdout, &output.stderr];
        assert!(all.iter().all(|text| !text.contains(code)), "{code} is told");
    }
}

#[test]
fn ministack_resynchronises_for_the_user_itself() {
    let stage = Stage::ministack();
    let kim = stage.kim();
    stage.guarded();
    let serial = stage.serial("kim");
    let codes = serde_json::json!({"UserName": "kim", "SerialNumber": serial, "AuthenticationCode1": "123456",
        "AuthenticationCode2": "654321"});
    let name = serde_json::json!({"VirtualMFADeviceName": "kim"});
    stage.boto().call("iam", "create_virtual_mfa_device", &name).call("iam", "enable_mfa_device", &codes).succeed();
    let output = super::mfa(&kim, "resync --codes 123456,234567", 0);
    assert!(output.stderr.contains("as user kim itself"), "{}", output.stderr);
    assert_eq!(spent(&stage), [["123456", "234567"]]);
}

#[test]
fn codes_are_worked_out_from_a_secret_that_is_told_nowhere() {
    let stage = Stage::moto();
    stage.app("kim");
    stage.proxy.rule(resync().answer(DONE));
    let uri = format!("otpauth://totp/Amazon:kim?secret={SEED}&issuer=Amazon");
    let totp = Builder::new().with_secret(Secret::try_from_base32(SEED).unwrap()).build_noncompliant();
    let now = || u64::try_from(jiff::Timestamp::now().as_second()).unwrap() / 30;
    let pair = |step: u64| [step - 1, step].map(|step| totp.generate(step * 30).to_string());
    let before = now();
    let output = typed(&stage, "--totp-from-stdin --ledger ledger.jsonl", &[&uri], 0);
    let spent = spent(&stage);
    assert!((before..=now()).any(|step| spent == [pair(step)]), "the codes of the last two half minutes");
    let ledger = fs::read_to_string(stage.program.dir().join("ledger.jsonl")).unwrap();
    for secret in [SEED, &spent[0][0], &spent[0][1]] {
        assert!([&ledger, &output.stdout, &output.stderr].iter().all(|text| !text.contains(secret)));
    }
    let error = typed(&stage, "--totp-from-stdin", &["not a secret!"], 1).stderr;
    assert!(error.contains("the line holds no secret") && !error.contains("not a secret!"), "{error}");
}

#[test]
fn a_person_tries_three_times_and_a_flag_once() {
    let stage = Stage::moto();
    stage.app("kim");
    stage.proxy.rule(refused(resync().first(1)));
    stage.proxy.rule(resync().answer(DONE));
    // Wrong to AWS, then the same twice, which is not sent, then right.
    let output = typed(&stage, "", &["111111", "222222", "333333", "333333", "444444", "555555"], 0);
    assert_eq!(spent(&stage), [["111111", "222222"], ["444444", "555555"]]);
    assert!(output.stderr.contains("AWS did not take the codes: the codes were wrong, already used, or too old"));
    assert!(output.stderr.contains("(2 more tries)") && output.stderr.contains("(one more try)"), "{}", output.stderr);
    assert!(output.stderr.contains("both codes are the same"), "{}", output.stderr);

    stage.proxy.clear();
    stage.proxy.forget();
    stage.proxy.rule(refused(resync()));
    let lines = ["111111", "222222", "333333", "444444", "555555", "666666", "777777", "888888"];
    let output = typed(&stage, "--ledger ledger.jsonl", &lines, 5);
    assert_eq!(spent(&stage).len(), 3);
    assert!(output.stderr.contains("error: AWS did not take the codes: iam:ResyncMFADevice"), "{}", output.stderr);
    assert!(output.stderr.contains("help: the codes were wrong, already used, or too old"), "{}", output.stderr);
    assert_eq!(stage.ledger().iter().filter(|entry| *entry == "outcome resync-mfa-device failed").count(), 3);

    stage.proxy.forget();
    stage.mfa("resync --user kim --codes 111111,222222", 5);
    assert_eq!(spent(&stage).len(), 1);
    let error = typed(&stage, "--totp-from-stdin", &[SEED], 5).stderr;
    assert!(error.contains("see that the secret is this device's"), "{error}");
}

#[test]
fn what_cannot_be_right_is_not_sent() {
    let stage = Stage::moto();
    stage.app("kim");
    for codes in ["123456", "123456,123456", "12345,678901", "123456,654321,111111", "123456,abcdef"] {
        let error = stage.mfa(&format!("resync --user kim --codes {codes}"), 2).stderr;
        assert!(error.starts_with("error: --codes: ") && !error.contains("654321"), "{codes}: {error}");
    }
    let error = typed(&stage, "", &["123456"], 5).stderr;
    assert!(error.ends_with("\nerror: the input ended before there were two codes; nothing was changed\n"), "{error}");
    let error = typed(&stage, "", &["1", "2", "3"], 5).stderr;
    assert!(error.contains("the first code is not six digits; nothing was sent to AWS"), "{error}");
    assert_eq!(spent(&stage), [[""; 2]; 0]);
}

#[test]
fn the_device_has_to_be_certain_and_to_have_codes() {
    let stage = Stage::moto();
    stage.proxy.rule(resync().answer(DONE));
    let fails = |more: &str| stage.mfa(&format!("resync --user kim --codes 123456,654321 {more}"), 1).stderr;
    assert!(fails("").contains("user kim has no MFA device"));
    stage.device(PASSKEY);
    assert!(fails("").contains("passkeys and security keys have none, and never fall out of step"));
    assert!(fails(&format!("--serial {PASSKEY}")).contains("is a passkey or security key"));
    let app = stage.app("kim");
    stage.device(TOKEN);
    let several = fails("");
    assert!(several.contains("2 devices that show codes") && several.contains(&app) && several.contains("--serial"));
    assert!(fails("--serial x").contains("user kim has no device with the serial number x"));
    assert_eq!(spent(&stage), [[""; 2]; 0]);
    stage.mfa(&format!("resync --user kim --serial {TOKEN} --codes 123456,654321"), 0);
    assert_eq!(spent(&stage).len(), 1);
    let error = stage.mfa("resync --user ana --codes 123456,654321", 1).stderr;
    assert!(error.contains("there is no user ana"), "{error}");
}

#[test]
fn a_refusal_is_explained_and_a_lost_answer_is_not_repeated() {
    let stage = Stage::moto();
    stage.app("kim");
    let run = |expected| stage.mfa("resync --user kim --codes 123456,654321", expected).stderr;
    stage.proxy.rule(resync().deny());
    assert!(run(1).contains("help: you need iam:ResyncMFADevice on user kim"));
    stage.proxy.clear();
    stage.proxy.rule(resync().error(404, "NoSuchEntity", "gone"));
    assert!(run(1).contains("help: user kim has no such device"));
    stage.proxy.clear();
    stage.proxy.forget();
    stage.proxy.rule(resync().drop_request());
    assert!(run(5).contains("help: AWS may have done it"));
    assert_eq!(spent(&stage).len(), 1, "codes are spent once");
}

#[test]
fn an_interruption_is_written_down_and_claims_nothing() {
    let stage = Stage::moto();
    stage.app("kim");
    let (rule, held) = resync().hold(true);
    stage.proxy.rule(rule);
    let args = "mfa resync --user kim --codes 111222,333444 --ledger ledger.jsonl";
    let run = stage.program.spawn(args.split_whitespace());
    assert!(held.came(Duration::from_secs(30)), "the call came");
    run.signal("TERM");
    let output = run.finish(5);
    assert!(output.stderr.contains("interrupted; the device is not known to be in step"), "{}", output.stderr);
    assert!(output.stderr.contains("it may have done it"), "{}", output.stderr);
    assert_eq!(stage.ledger(), ["run-started", "intent resync-mfa-device", "run-finished"]);
}
