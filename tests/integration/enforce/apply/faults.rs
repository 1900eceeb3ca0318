//! AWS throttles, fails and lies; the program is killed. In the end everything is as if nothing had happened.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::{Stage, column, text};
use super::outcomes;
use crate::support::boto::Credentials;
use crate::support::proxy::On;

const FIVE: [&str; 5] = ["ada", "bob", "cyd", "dee", "eli"];

#[test]
fn throttling_and_lost_answers_are_got_over() {
    let stage = Stage::moto();
    stage.people(&FIVE);
    stage.plan("");
    let attach = || On::action("iam", "AttachUserPolicy");
    stage.proxy.rule(attach().param("UserName", "ada").first(2).throttle());
    stage.proxy.rule(attach().param("UserName", "bob").first(1).error_after(500, "ServiceFailure", "no"));
    stage.proxy.rule(attach().param("UserName", "cyd").first(1).drop_answer());
    stage.proxy.rule(On::action("iam", "CreatePolicy").first(1).error_after(500, "ServiceFailure", "no"));
    // Changed and not seen at once.
    stage.proxy.rule(On::action("iam", "ListAttachedUserPolicies").param("UserName", "dee").occurrences(4..=5).change(
        |_, body| {
            let (start, rest) = body.split_once("<AttachedPolicies>").unwrap();
            let (_, end) = rest.split_once("</AttachedPolicies>").unwrap();
            format!("{start}<AttachedPolicies></AttachedPolicies>{end}")
        },
    ));
    let output = stage.apply("", 0);
    assert!(output.stdout.contains("5 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    assert_eq!(stage.attached(&FIVE), vec![[stage.guard()]; 5]);
    assert_eq!(outcomes(&stage.ledger("ledger.jsonl")).len(), 6);
    stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
}

#[test]
fn failures_are_bounded() {
    for (more, done, left, attached) in [("", 1, 3, 1), ("--max-failures 2", 4, 0, 4), ("--canary 3", 1, 3, 1)] {
        let stage = Stage::moto();
        stage.people(&FIVE);
        stage.plan("");
        stage.proxy.rule(On::action("iam", "AttachUserPolicy").param("UserName", "bob").deny());
        let output = stage.apply(more, 5);
        let numbers = format!("{done} done, 0 already, 1 failed, 0 skipped, {left} left");
        assert!(output.stdout.contains(&numbers), "{more}: {}", output.stdout);
        assert_eq!(output.stderr.contains("stopped: "), left > 0, "{}", output.stderr);
        assert_eq!(stage.attached(&FIVE).concat().len(), attached);
        let entries = stage.ledger("ledger.jsonl");
        assert_eq!(entries.last().unwrap()["after"]["failed"], 1);
        stage.mend();
        let output = stage.apply(more, 0);
        assert!(output.stdout.contains(&format!("{} done, {done} already", 5 - done)), "{}", output.stdout);
        assert_eq!(stage.attached(&FIVE), vec![[stage.guard()]; 5]);
    }
}

#[test]
fn a_guard_that_does_not_do_what_it_should_is_taken_back() {
    let stage = Stage::ministack();
    let document = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    stage
        .boto()
        .call("iam", "create_user", &json!({"UserName": "ada"}))
        .call("iam", "create_login_profile", &json!({"UserName": "ada", "Password": "Correct-horse-9-battery"}))
        .call(
            "iam",
            "put_user_policy",
            &json!({"UserName": "ada", "PolicyName": "p", "PolicyDocument": document.to_string()}),
        )
        .succeed();
    stage.plan("");
    let simulate = On::action("iam", "SimulatePrincipalPolicy").param("ActionNames.member.1", "iam:EnableMFADevice");
    stage.proxy.rule(simulate.change(|_, body| body.replace(">allowed<", ">implicitDeny<")));
    let started = Instant::now();
    let output = stage.apply("", 5);
    assert!(started.elapsed() >= Duration::from_secs(15), "it might have been too early to ask");
    assert!(output.stdout.contains("it does not do what it should"), "{}", output.stdout);
    assert!(output.stdout.contains("it was taken back"), "{}", output.stdout);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
    let told = outcomes(&stage.ledger("ledger.jsonl"));
    let told: Vec<_> = told.iter().map(|[action, _, result]| (action.as_str(), result.as_str())).collect();
    let expected = [("create-policy", "done"), ("attach-user-policy", "failed"), ("detach-user-policy", "done")];
    assert_eq!(told, expected);
    stage.proxy.clear();
}

/// What a ledger tells, without what differs from run to run: each change once, with its result.
fn story(entries: &[Value]) -> Vec<Value> {
    let mut story = Vec::new();
    for entry in entries {
        let kind = text(&entry["kind"]);
        if kind != "intent" && kind != "outcome" {
            continue;
        }
        let told = json!([kind, entry["action"], entry["resource"], entry["result"], entry["before"], entry["after"]]);
        // A run that goes on where another was killed says again what it is about to do.
        if !story.contains(&told) {
            story.push(told);
        }
    }
    story
}

#[test]
fn killed_at_any_write_the_next_run_ends_it_as_if_nothing_had_happened() {
    killed_at_any_write("user", 5);
}

#[test]
fn killed_at_any_write_of_the_group_way_likewise() {
    killed_at_any_write("group", 7);
}

fn killed_at_any_write(way: &str, writes: usize) {
    let stage = Stage::moto();
    let people = &FIVE[..3];
    stage.people(people);
    stage.plan(&format!("--attach {way}"));
    let clean = || {
        let (mut calls, group) = (stage.boto(), "portcullis-guard");
        for user in people {
            calls = calls
                .call("iam", "detach_user_policy", &json!({"UserName": user, "PolicyArn": stage.guard()}))
                .call("iam", "remove_user_from_group", &json!({"UserName": user, "GroupName": group}));
        }
        let calls = calls
            .call("iam", "detach_group_policy", &json!({"GroupName": group, "PolicyArn": stage.guard()}))
            .call("iam", "delete_group", &json!({"GroupName": group}))
            .call("iam", "delete_policy", &json!({"PolicyArn": stage.guard()}));
        // Some of it is there and some is not.
        drop(calls.run());
    };
    let found = || {
        let user = json!({"UserName": people[2]});
        let calls = stage.boto().call("iam", "list_policies", &json!({"Scope": "Local"}));
        let calls = calls.call("iam", "list_groups_for_user", &user);
        let answers = calls.call("iam", "list_groups", &json!({})).succeed();
        let count = |answer: &Value, name: &str| answer[name].as_array().unwrap().len();
        (
            stage.attached(people),
            count(&answers[0], "Policies"),
            count(&answers[1], "Groups"),
            count(&answers[2], "Groups"),
        )
    };
    stage.apply("--ledger undisturbed.jsonl", 0);
    let (undisturbed, as_it_should_be) = (story(&stage.ledger("undisturbed.jsonl")), found());
    for write in 1..=writes {
        for after in [false, true] {
            clean();
            stage.mend();
            let _ = fs::remove_file(stage.path("ledger.jsonl"));
            let (rule, held) = On::writes().occurrences(write..=write).hold(after);
            stage.proxy.rule(rule);
            let run = stage.start("");
            assert!(held.came(Duration::from_secs(30)), "{way}: there is no write {write}");
            run.kill();
            drop(held);
            stage.apply("", 0);
            assert_eq!(found(), as_it_should_be, "{way}: killed at write {write}, after it: {after}");
            assert_eq!(story(&stage.ledger("ledger.jsonl")), undisturbed, "{way}: write {write}, after: {after}");
            stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
        }
    }
    let (rule, held) = On::writes().occurrences(writes + 1..=writes + 1).hold(false);
    clean();
    stage.mend();
    stage.proxy.rule(rule);
    stage.apply("--ledger last.jsonl", 0);
    assert!(!held.came(Duration::ZERO), "{way}: there are more writes than were tried");
}

#[test]
fn what_cannot_be_written_down_is_not_done() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    stage.plan("");
    let (rule, held) = On::action("iam", "AttachUserPolicy").first(1).hold(true);
    stage.proxy.rule(rule);
    let run = stage.start("");
    assert!(held.came(Duration::from_secs(30)));
    let before = fs::read(stage.path("ledger.jsonl")).unwrap();
    fs::write(stage.path("ledger.jsonl"), [before.as_slice(), b"{}\n"].concat()).unwrap();
    drop(held);
    let output = run.finish(1);
    assert!(output.stderr.contains("it is no longer as it was when it was read"), "{}", output.stderr);
    assert_eq!(stage.attached(&["bob"]), [[""; 0]], "nothing after it");
    fs::write(stage.path("ledger.jsonl"), before).unwrap();
    let output = stage.apply("", 0);
    assert!(output.stdout.contains("2 done"), "{}", output.stdout);
    assert!(output.stdout.contains("found made after an interruption"), "{}", output.stdout);
}

#[test]
fn a_guard_that_is_edited_meanwhile_is_put_on_nobody_else() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    stage.plan("");
    let (rule, held) = On::action("iam", "AttachUserPolicy").first(1).hold(true);
    stage.proxy.rule(rule);
    let run = stage.start("");
    assert!(held.came(Duration::from_secs(30)));
    let other = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let version =
        [("PolicyArn", stage.guard()), ("PolicyDocument", other.to_owned()), ("SetAsDefault", "true".to_owned())];
    let version: Vec<(&str, &str)> = version.iter().map(|(name, value)| (*name, value.as_str())).collect();
    stage.iam("CreatePolicyVersion", &version);
    drop(held);
    let output = run.finish(5);
    assert!(output.stdout.contains("has another document than ours"), "{}", output.stdout);
    assert_eq!(stage.attached(&["bob"]), [[""; 0]]);
}

#[test]
fn accounts_are_changed_beside_each_other_and_write_one_ledger() {
    let stage = Stage::moto();
    let accounts = ["444455556666", "555566667777"];
    let mut calls = stage.boto();
    for account in accounts {
        let role = format!("arn:aws:iam::{account}:role/PortcullisScan");
        calls = calls.call("sts", "assume_role", &json!({"RoleArn": role, "RoleSessionName": "test"}));
    }
    let entered: Vec<Credentials> = calls.succeed().iter().map(Credentials::from_answer).collect();
    let mut calls = stage.boto();
    for credentials in &entered {
        calls = calls.signed_by(credentials).call("iam", "generate_credential_report", &json!({}));
        for user in ["ada", "bob"] {
            let password = json!({"UserName": user, "Password": "Correct-horse-9-battery"});
            calls = calls.call("iam", "create_user", &json!({"UserName": user}));
            calls = calls.call("iam", "create_login_profile", &password);
        }
    }
    calls.succeed();
    stage.plan(&format!("--accounts {}", accounts.join(",")));
    stage.proxy.rule(On::action("sts", "AssumeRole").param("RoleArn", "arn:aws:iam::444455556666:role/Enforce").deny());
    let output = stage.apply("--enforce-role-name Enforce", 5);
    assert!(output.stdout.contains("2 done, 0 already, 0 failed, 2 skipped, 0 left"), "{}", output.stdout);
    assert!(output.stdout.contains("the account could not be read: sts:AssumeRole in account 444455556666"));
    stage.mend();
    stage.proxy.rule(On::action("iam", "AttachUserPolicy").delay(Duration::from_millis(50)));
    let output = stage.apply("--enforce-role-name Enforce --canary 1", 0);
    assert!(output.stdout.contains("2 done, 2 already"), "{}", output.stdout);
    stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
    let mut calls = stage.boto();
    for credentials in &entered {
        calls = calls.signed_by(credentials);
        for user in ["ada", "bob"] {
            calls = calls.call("iam", "list_attached_user_policies", &json!({"UserName": user}));
        }
    }
    let attached: Vec<Vec<String>> =
        calls.succeed().iter().map(|answer| column(&answer["AttachedPolicies"], "PolicyArn")).collect();
    let guard = |account: &str| vec![format!("arn:aws:iam::{account}:policy/portcullis/deny-without-mfa")];
    let [one, other] = accounts.map(guard);
    assert_eq!(attached, [one.clone(), one, other.clone(), other]);
}

#[test]
fn five_hundred_users_take_no_more_than_minutes() {
    let stage = Stage::moto();
    let names: Vec<String> = (0..500).map(|number| format!("user-{number:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    stage.people(&names);
    stage.plan("");
    stage.proxy.forget();
    let started = Instant::now();
    let output = stage.apply("--canary 5", 0);
    let took = started.elapsed();
    eprintln!("500 users in {took:?}, {} calls", stage.proxy.all().len());
    assert!(output.stdout.contains("500 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    assert!(took < Duration::from_mins(5), "{took:?}");
    let entries = stage.ledger("ledger.jsonl");
    assert_eq!(entries.len(), 2 + 2 + 1000);
}
