//! Which code is spent when: a code is good for one call.

use std::time::Duration;

use super::{SEED, Stage, refused, session_token, shown, step};

#[test]
fn a_new_device_that_aws_does_not_know_yet_is_proved_by_the_next_code() {
    let stage = Stage::new();
    stage.proxy.rule(refused(session_token().first(1)));
    let before = step();
    let output = stage.typed("verify --totp-from-stdin", &[SEED], 0);
    assert!(output.stdout.contains("kim works: AWS took a code of it from user kim."), "{}", output.stdout);
    assert!(output.stderr.contains("waiting for the next code, "), "{}", output.stderr);
    let codes = stage.codes();
    let first = (before..before + 3).find(|step| shown(*step) == codes[0]).expect("the first code is of now");
    assert_eq!(codes, [shown(first), shown(first + 1)]);
}

#[test]
fn a_person_gives_the_next_code_when_the_first_is_not_taken() {
    let stage = Stage::new();
    stage.proxy.rule(refused(session_token().first(1)));
    let output = stage.typed("session", &["111 111", "12345", "111111", "222222"], 0);
    assert_eq!(stage.codes(), ["111111", "222222"]);
    let told = &output.stderr;
    assert!(told.starts_with("a code of kim: AWS did not take the code"), "{told}");
    assert!(told.contains("a code is six digits") && told.contains("that code was used already"), "{told}");
    assert_eq!(output.json()["Version"], 1);
}

#[test]
fn a_given_code_is_tried_once_and_what_was_not_taken_is_left_undone() {
    let stage = Stage::new();
    stage.proxy.rule(refused(session_token()));
    for command in ["verify --code 123456", "session --code 123456"] {
        let output = stage.mfa(command, 5);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("AWS did not take the code: sts:GetSessionToken"), "{}", output.stderr);
        assert!(output.stderr.contains("run `portcullis mfa resync`"), "{}", output.stderr);
    }
    assert_eq!(stage.codes(), ["123456", "123456"]);
    let output = stage.typed("verify", &["111111", "222222", "333333", "444444"], 5);
    assert!(output.stderr.contains("AWS took none of 3 codes"), "{}", output.stderr);
    assert_eq!(stage.codes().len(), 5);
}

#[test]
fn throttling_costs_no_code() {
    let stage = Stage::new();
    stage.proxy.rule(session_token().first(2).throttle());
    stage.mfa("verify --code 123456", 0);
    assert_eq!(stage.codes(), ["123456"; 3]);
}

#[test]
fn without_an_answer_the_code_may_be_used_up() {
    let stage = Stage::new();
    stage.proxy.rule(session_token().drop_answer());
    let output = stage.mfa("session --code 123456", 1);
    assert!(output.stderr.contains("the code may be used up: take the next one"), "{}", output.stderr);
    assert_eq!((stage.codes().len(), output.stdout.as_str()), (1, ""));
}

#[test]
fn the_end_of_the_input_and_what_is_no_secret_are_told() {
    let stage = Stage::new();
    let output = stage.mfa("session", 5);
    assert!(output.stderr.contains("no code was given") && output.stderr.contains("--totp-from-stdin"));
    let output = stage.typed("session --totp-from-stdin", &["not base 32!"], 1);
    assert!(output.stderr.contains("stdin holds no secret of a device"), "{}", output.stderr);
    assert!(stage.codes().is_empty() && !output.stderr.contains("not base"));
}

#[test]
fn it_can_be_interrupted_while_it_waits_for_a_code() {
    for command in ["mfa verify", "mfa session"] {
        let stage = Stage::new();
        let mut run = stage.program.spawn(command.split_whitespace());
        run.send("no code");
        while !stage.proxy.all().iter().any(|call| call.action == "ListMFADevices") {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        run.signal("INT");
        // The end of the input comes after the signal: it is not what ends it.
        std::thread::sleep(Duration::from_millis(300));
        let output = run.finish(5);
        assert!(output.stderr.contains("error: interrupted; "), "{}", output.stderr);
    }
}
