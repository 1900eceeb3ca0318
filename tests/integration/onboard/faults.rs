//! AWS refuses, throttles and loses answers; somebody presses Ctrl-C: nothing is made twice, and nothing is left behind.

use std::fs::OpenOptions;
use std::time::Duration;

use serde_json::json;

use super::{Stage, pairs};
use crate::support::proxy::On;

/// What is done, what takes it back, in order.
const STEPS: [(&str, &str); 6] = [
    ("create-policy", "delete-policy"),
    ("create-user", "delete-user"),
    ("attach-user-policy", "detach-user-policy"),
    ("join-group", "leave-group"),
    ("grant-policy", "withdraw-policy"),
    ("create-login-profile", "delete-login-profile"),
];

/// What the ledger tells of a run whose change number `failed` was not made.
fn story(failed: usize) -> Vec<(String, String)> {
    let made = STEPS[..failed].iter().map(|(action, _)| (*action, "done"));
    let undone = STEPS[..failed].iter().rev().map(|(_, undo)| (*undo, "done"));
    pairs(&made.chain([(STEPS[failed].0, "failed")]).chain(undone).collect::<Vec<_>>())
}

#[test]
fn a_failure_at_any_write_takes_back_what_was_made() {
    let stage = Stage::moto();
    for failed in 0..STEPS.len() {
        let at = failed + 1;
        let rule = stage.proxy.rule(On::writes().occurrences(at..=at).deny());
        let output = stage.onboard("--password-file secret", 1);
        assert_eq!(stage.proxy.hits(rule), 1);
        assert!(output.stderr.contains("nothing of what was made is left"), "{}", output.stderr);
        assert_eq!(stage.told(), story(failed), "{failed}");
        assert_eq!((stage.kim(), stage.has_guard()), (None, false), "{failed}");
        assert!(!stage.path("secret").exists(), "the file of a password that does not count is gone");
        if let Some(password) = stage.password() {
            assert_eq!(failed, 5);
            stage.keeps(&password, &output, None);
        }
        stage.proxy.clear();
        stage.proxy.forget();
    }
    assert_eq!(stage.ledger().iter().filter(|entry| entry["kind"] == "run-finished").count(), STEPS.len());
    stage.onboard("", 0);
}

#[test]
fn lost_answers_and_throttling_make_nothing_twice() {
    let stage = Stage::moto();
    for action in ["CreatePolicy", "AttachUserPolicy", "AddUserToGroup"] {
        stage.proxy.rule(On::action("iam", action).first(1).throttle());
        stage.proxy.rule(On::action("iam", action).occurrences(2..=2).drop_answer());
    }
    for action in ["CreateUser", "CreateLoginProfile"] {
        stage.proxy.rule(On::action("iam", action).first(1).throttle());
        stage.proxy.rule(On::action("iam", action).occurrences(2..=2).error_after(500, "ServiceFailure", "no"));
    }
    let output = stage.onboard("", 0);
    let sent = |action: &str| stage.writes().iter().filter(|sent| *sent == action).count();
    assert_eq!((sent("CreateUser"), sent("CreateLoginProfile")), (2, 2), "once throttled, once done");
    assert_eq!(output.stdout.trim(), stage.password().unwrap());
    assert_eq!(stage.told(), pairs(&STEPS.map(|(action, _)| (action, "done"))));
    let entries = stage.ledger();
    let made = entries.iter().rfind(|entry| entry["action"] == "create-user").unwrap();
    assert!(made["message"].as_str().unwrap().starts_with("made, although AWS said: iam:CreateUser"), "{made}");
    assert_eq!(stage.kim().unwrap(), (vec![stage.guard(), stage.reads()], vec!["dev".to_owned()], true));
}

#[test]
fn what_is_not_everywhere_yet_is_waited_for() {
    let stage = Stage::moto();
    let not_yet = |on: On| on.error(404, "NoSuchEntity", "The user with name kim cannot be found.");
    stage.proxy.rule(not_yet(On::action("iam", "AttachUserPolicy").first(2)));
    stage.proxy.rule(not_yet(On::action("iam", "ListAttachedUserPolicies").first(2)));
    stage.proxy.rule(not_yet(On::action("iam", "CreateLoginProfile").first(2)));
    stage.onboard("", 0);
    assert_eq!(stage.told(), pairs(&STEPS.map(|(action, _)| (action, "done"))));
}

#[test]
fn a_password_of_somebody_elses_is_neither_shown_nor_replaced_and_keeps_the_guard() {
    let stage = Stage::moto();
    let there = "Login Profile for user kim already exists.";
    stage.proxy.rule(On::action("iam", "CreateLoginProfile").error_after(409, "EntityAlreadyExists", there));
    let output = stage.onboard("", 5);
    assert_eq!(output.stdout, "");
    assert!(stage.kim().unwrap().0.contains(&stage.guard()), "with a password there is a guard");
    let guard = stage.guard();
    let commands = [
        format!(
            "\n  aws iam detach-user-policy --user-name kim --policy-arn {guard}   # guard deny-without-mfa on the user: "
        ),
        "\n  aws iam delete-user --user-name kim   # user ".to_owned(),
        format!("\n  aws iam delete-policy --policy-arn {guard}   # guard policy "),
    ];
    for command in commands {
        assert!(output.stderr.contains(&command), "{command}: {}", output.stderr);
    }
    assert!(output.stderr.contains("the user has a console password, so the guard stays on it"), "{}", output.stderr);
}

#[test]
fn what_cannot_be_taken_back_is_named_with_its_command() {
    let stage = Stage::moto();
    stage.proxy.rule(On::action("iam", "CreateLoginProfile").deny());
    stage.proxy.rule(On::action("iam", "RemoveUserFromGroup").deny());
    let output = stage.onboard("--profile it's", 1);
    assert!(output.stderr.contains("it's"), "a profile that is not there: {}", output.stderr);
    let output = stage.onboard("", 5);
    assert!(output.stderr.contains("error: create-login-profile failed: iam:CreateLoginProfile"), "{}", output.stderr);
    let left = "\n  aws iam remove-user-from-group --user-name kim --group-name dev   # member of group dev: \
                iam:RemoveUserFromGroup in account 123456789012: AccessDenied";
    assert!(output.stderr.contains(left), "{}", output.stderr);
    assert!(output.stderr.contains("\n  aws iam delete-user --user-name kim   # "), "{}", output.stderr);
    assert_eq!(stage.kim().unwrap(), (vec![], vec!["dev".to_owned()], false));
    let told = stage.told();
    assert!(told.contains(&("leave-group".to_owned(), "failed".to_owned())), "{told:?}");
    assert_eq!(stage.ledger().last().unwrap()["after"], json!({"made": 5, "left": 2}));
    // As the message says: onboarding again goes on.
    stage.proxy.clear();
    stage.onboard("", 0);
}

#[test]
fn ctrl_c_takes_back_what_was_made() {
    for signal in ["INT", "TERM"] {
        let stage = Stage::moto();
        let (rule, held) = On::action("iam", "AddUserToGroup").first(1).hold(true);
        stage.proxy.rule(rule);
        let running = stage.start("");
        assert!(held.came(Duration::from_secs(30)), "the call came");
        running.signal(signal);
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
        let output = running.finish(1);
        assert!(output.stderr.contains("error: interrupted; nothing of what was made is left"), "{}", output.stderr);
        assert_eq!((stage.kim(), stage.has_guard()), (None, false));
        assert_eq!(output.stdout, "");
        let told = stage.told();
        assert_eq!(
            told[3..],
            pairs(&[
                ("join-group", "done"),
                ("leave-group", "done"),
                ("detach-user-policy", "done"),
                ("delete-user", "done"),
                ("delete-policy", "done"),
            ])
        );
    }
}

#[test]
fn killed_at_any_write_the_next_run_completes_it() {
    for (at, after) in [(2, true), (3, false), (4, true), (6, false)] {
        let stage = Stage::moto();
        let (rule, held) = On::writes().occurrences(at..=at).hold(after);
        stage.proxy.rule(rule);
        let running = stage.start("--password-file first");
        assert!(held.came(Duration::from_secs(30)), "the call came");
        running.kill();
        drop(held);
        stage.proxy.clear();
        stage.onboard("--password-file second", 0);
        assert_eq!(stage.kim().unwrap(), (vec![stage.guard(), stage.reads()], vec!["dev".to_owned()], true));
        stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
    }
}

#[test]
fn a_password_that_nobody_sees_is_taken_back() {
    let stage = Stage::moto();
    let full = OpenOptions::new().write(true).open("/dev/full").expect("a device that is full");
    let mut command = stage.program.command(stage.args(""));
    let output = command.stdout(full).output().expect("run the program");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the password could not be shown"), "{stderr}");
    assert!(!stderr.contains(&stage.password().unwrap()), "{stderr}");
    assert_eq!((stage.kim(), stage.has_guard()), (None, false));
}

#[test]
fn what_cannot_be_written_down_is_not_done() {
    let stage = Stage::moto();
    std::fs::write(stage.path("ledger.jsonl"), "{\"not\":\"a chain\"}\n").unwrap();
    stage.onboard("--password-file secret", 1);
    assert_eq!((stage.writes().len(), stage.path("secret").exists()), (0, false));
}

#[test]
fn ctrl_c_during_the_last_change_takes_back_what_was_made_too() {
    let stage = Stage::moto();
    let (rule, held) = On::action("iam", "CreateLoginProfile").first(1).hold(true);
    stage.proxy.rule(rule);
    let mut running = stage.start("--password-file secret");
    assert!(held.came(Duration::from_secs(30)), "the call came");
    running.signal("INT");
    running.stderr_with("interrupted: what was made is taken back");
    drop(held);
    let output = running.finish(1);
    assert!(output.stderr.contains("error: interrupted; nothing of what was made is left"), "{}", output.stderr);
    assert_eq!((stage.kim(), stage.has_guard(), stage.path("secret").exists()), (None, false, false));
}

#[test]
fn a_second_ctrl_c_waits_for_nothing() {
    let stage = Stage::moto();
    let (rule, held) = On::action("iam", "AddUserToGroup").first(1).hold(false);
    stage.proxy.rule(rule);
    let mut running = stage.start("");
    assert!(held.came(Duration::from_secs(30)), "the call came");
    running.signal("INT");
    running.stderr_with("Ctrl-C again: it is left");
    running.signal("INT");
    let output = running.finish(5);
    assert!(output.stderr.contains("what was made for user kim may be left"), "{}", output.stderr);
    assert!(output.stderr.contains("the same command again goes on"), "{}", output.stderr);
    drop(held);
    stage.proxy.clear();
    stage.onboard("", 0);
}
