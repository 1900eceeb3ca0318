//! `portcullis enforce release` and `run`: who has a second factor by now is let out, live, and nobody else.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Stage, column, text};
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis};
use crate::support::proxy::On;

impl Stage {
    /// Guards these users, who have no device.
    pub(super) fn guarded(&self, names: &[&str], more: &str) {
        self.people(names);
        self.plan(more);
        self.apply("", 0);
        self.proxy.forget();
    }

    /// Gives a user a device, past the program.
    pub(super) fn enrolls(&self, user: &str) {
        self.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", user)]);
        let serial = format!("arn:aws:iam::{}:mfa/{user}", self.account);
        let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
        self.iam("EnableMFADevice", &[("UserName", user), ("SerialNumber", &serial), codes[0], codes[1]]);
    }

    pub(super) fn enforce(&self, command: &str, expected: i32) -> Output {
        let args = format!("enforce {command} --quiet --ledger ledger.jsonl");
        self.program.run(args.split_whitespace(), expected)
    }

    pub(super) fn release(&self, more: &str, expected: i32) -> Output {
        self.enforce(&format!("release --rules rules.yaml --no-break-glass --yes {more}"), expected)
    }

    /// Action, user or policy, and result of the outcomes of the last run.
    pub(super) fn last_run(&self) -> Vec<[String; 3]> {
        let entries = self.ledger("ledger.jsonl");
        let run = entries.last().expect("an entry")["run_id"].clone();
        let outcomes = entries.iter().filter(|entry| entry["run_id"] == run && entry["kind"] == "outcome");
        let last = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
        outcomes
            .map(|entry| [text(&entry["action"]), last(&text(&entry["resource"])), text(&entry["result"])])
            .collect()
    }

    pub(super) fn verify_ledger(&self) {
        self.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
    }
}

fn row(action: &str, resource: &str, result: &str) -> [String; 3] {
    [action, resource, result].map(str::to_owned)
}

#[test]
fn who_enrolled_is_let_out_and_nobody_else() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    let guard = stage.guard();
    stage.enrolls("ada");
    let kept = stage.release("--after-enrolment keep", 0);
    assert!(kept.stdout.contains(&format!("stays   {}: enrolled-and-kept", stage.arn("ada"))), "{}", kept.stdout);
    assert_eq!(stage.writes(), [""; 0]);
    let output = stage.release("", 0);
    assert_eq!(stage.writes(), ["DetachUserPolicy"]);
    assert_eq!(stage.attached(&["ada", "bob"]), [vec![], vec![guard.clone()]]);
    assert!(output.stdout.contains(&format!("stays   {}: no-device", stage.arn("bob"))), "{}", output.stdout);
    assert!(output.stdout.contains("1 done, 0 already, 0 failed, 0 skipped, 0 left; run "), "{}", output.stdout);
    assert_eq!(stage.last_run(), [row("detach-user-policy", "ada", "done")]);
    let entries = stage.ledger("ledger.jsonl");
    let outcome = entries.iter().rev().find(|entry| entry["kind"] == "outcome").unwrap();
    assert_eq!(
        (&outcome["before"]["attached_policies"], &outcome["after"]["attached_policies"]),
        (&json!([guard]), &json!([]))
    );
    assert_eq!(outcome["message"], "has enrolled");
    let head = text(&entries.last().unwrap()["hash"]);
    assert!(output.stdout.ends_with(&format!("ledger ledger.jsonl: {} entries, head {head}\n", entries.len())));
    stage.verify_ledger();
    let again = stage.release("", 0);
    assert!(again.stdout.contains("nobody to release, 1 stay guarded"), "{}", again.stdout);
    assert_eq!(stage.ledger("ledger.jsonl").len(), entries.len());
}

#[test]
fn the_server_lets_in_who_was_released_as_before() {
    let stage = Stage::ministack();
    let admin = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let user = json!({"UserName": "ada"});
    let made = stage
        .boto()
        .call("iam", "create_user", &user)
        .call("iam", "create_login_profile", &json!({"UserName": "ada", "Password": "Correct-horse-9-battery"}))
        .call(
            "iam",
            "put_user_policy",
            &json!({"UserName": "ada", "PolicyName": "all", "PolicyDocument": admin.to_string()}),
        )
        .call("iam", "create_access_key", &user)
        .succeed();
    let ada = Credentials::from_answer(&made[3]);
    let ask = |operation: &str, params: &Value| {
        let outcome = Boto::new(&stage.endpoint, &ada).call("iam", operation, params).run().remove(0);
        outcome.map_or_else(|error| error.code, |_| "ok".to_owned())
    };
    let world = || {
        let calls = stage.boto().call("iam", "list_attached_user_policies", &user);
        let calls = calls.call("iam", "list_groups_for_user", &user).call("iam", "list_user_policies", &user);
        let answers = calls.call("iam", "list_users", &json!({})).call("iam", "list_groups", &json!({})).succeed();
        [
            column(&answers[0]["AttachedPolicies"], "PolicyArn"),
            column(&answers[1]["Groups"], "GroupName"),
            answers[2]["PolicyNames"].as_array().unwrap().iter().map(text).collect(),
            column(&answers[3]["Users"], "UserName"),
            column(&answers[4]["Groups"], "GroupName"),
        ]
    };
    let before = world();
    assert_eq!(ask("list_users", &json!({})), "ok");
    stage.plan("--include-active-keys");
    stage.apply("", 0);
    assert_eq!(ask("list_users", &json!({})), "AccessDenied");
    let serial = format!("arn:aws:iam::{}:mfa/ada", stage.account);
    assert_eq!(ask("create_virtual_mfa_device", &json!({"VirtualMFADeviceName": "ada"})), "ok");
    let codes = json!({"UserName": "ada", "SerialNumber": serial, "AuthenticationCode1": "123456",
        "AuthenticationCode2": "654321"});
    assert_eq!(ask("enable_mfa_device", &codes), "ok");
    stage.release("", 0);
    assert_eq!(ask("list_users", &json!({})), "ok");
    assert_eq!(world(), before);
    stage.verify_ledger();
}

#[test]
fn a_device_that_vanishes_before_the_write_keeps_its_user_guarded() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    stage.enrolls("ada");
    stage.enrolls("bob");
    // Right before the write ListMFADevices is asked again; the scan knows the devices from ListVirtualMFADevices.
    let none = "<ListMFADevicesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListMFADevicesResult>\
        <MFADevices/><IsTruncated>false</IsTruncated></ListMFADevicesResult></ListMFADevicesResponse>";
    let gone = stage.proxy.rule(On::action("iam", "ListMFADevices").param("UserName", "ada").answer(none));
    let output = stage.release("", 5);
    assert!(stage.proxy.hits(gone) > 0);
    assert_eq!(stage.attached(&["ada", "bob"]), [vec![stage.guard()], vec![]]);
    assert_eq!(
        stage.last_run(),
        [row("detach-user-policy", "ada", "skipped"), row("detach-user-policy", "bob", "done")]
    );
    assert!(output.stdout.contains("it has no MFA device any more"), "{}", output.stdout);
}

#[test]
fn a_group_of_ours_is_left_and_one_of_somebody_elses_is_shown() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "--attach group");
    stage.iam("CreateGroup", &[("GroupName", "theirs")]);
    stage.iam("AttachGroupPolicy", &[("GroupName", "theirs"), ("PolicyArn", &stage.guard())]);
    stage.people(&["cid"]);
    for user in ["bob", "cid"] {
        stage.iam("AddUserToGroup", &[("GroupName", "theirs"), ("UserName", user)]);
    }
    for user in ["ada", "bob", "cid"] {
        stage.enrolls(user);
    }
    stage.proxy.forget();
    let output = stage.release("", 0);
    assert_eq!(stage.writes(), ["RemoveUserFromGroup", "RemoveUserFromGroup"]);
    assert!(output.stdout.contains(&format!("stays   {}: not-ours", stage.arn("cid"))), "{}", output.stdout);
    assert!(output.stdout.contains(&format!("note    {} is also guarded by theirs", stage.arn("bob"))));
    let calls = stage.boto().call("iam", "get_group", &json!({"GroupName": "portcullis-guard"}));
    let answers = calls.call("iam", "get_group", &json!({"GroupName": "theirs"})).succeed();
    assert_eq!(column(&answers[0]["Users"], "UserName"), [""; 0]);
    assert_eq!(column(&answers[1]["Users"], "UserName"), ["bob", "cid"]);
    // In an emergency too: what is not ours stays, and is said.
    let output = stage.enforce("release --all --yes", 5);
    assert!(output.stdout.contains("nobody to release, 2 stay guarded"), "{}", output.stdout);
}

#[test]
fn an_emergency_frees_three_accounts_without_rules_or_report() {
    let stage = Stage::moto();
    let moto = stage.moto.as_ref().unwrap();
    let accounts = ["111111111111", "222222222222", "333333333333"];
    let mut calls = stage.boto();
    for id in accounts {
        let role = json!({"RoleArn": format!("arn:aws:iam::{id}:role/Any"), "RoleSessionName": "test"});
        calls = calls.call("sts", "assume_role", &role);
    }
    let keys: Vec<String> = calls.succeed().iter().map(|answer| Credentials::from_answer(answer).key).collect();
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    for (id, key) in accounts.iter().zip(&keys) {
        for name in ["deny-without-mfa", "deny-without-mfa-console-only"] {
            let policy = [("PolicyName", name), ("Path", "/portcullis/"), ("PolicyDocument", document)];
            moto.iam(key, "CreatePolicy", &policy);
        }
        let strict = format!("arn:aws:iam::{id}:policy/portcullis/deny-without-mfa");
        let console = format!("{strict}-console-only");
        moto.iam(key, "CreateGroup", &[("GroupName", "portcullis-guard"), ("Path", "/portcullis/")]);
        moto.iam(key, "AttachGroupPolicy", &[("GroupName", "portcullis-guard"), ("PolicyArn", &strict)]);
        for user in ["both", "console", "free"] {
            moto.iam(key, "CreateUser", &[("UserName", user)]);
        }
        moto.iam(key, "AttachUserPolicy", &[("UserName", "both"), ("PolicyArn", &strict)]);
        moto.iam(key, "AddUserToGroup", &[("UserName", "both"), ("GroupName", "portcullis-guard")]);
        moto.iam(key, "AttachUserPolicy", &[("UserName", "console"), ("PolicyArn", &console)]);
    }
    stage.proxy.rule(On::action("iam", "GenerateCredentialReport").deny());
    stage.proxy.rule(On::action("iam", "ListMFADevices").deny());
    stage.proxy.forget();
    let all = format!(
        "release --all --yes --rules broken.yaml --accounts {} --enforce-role-name Enforce",
        accounts.join(",")
    );
    // One account cannot be entered: the others are freed, and it is said.
    let closed = format!("arn:aws:iam::{}:role/Enforce", accounts[1]);
    stage.proxy.rule(On::action("sts", "AssumeRole").param("RoleArn", &closed).deny());
    let output = stage.enforce(&all, 5);
    assert!(output.stdout.contains(&format!("unread  account {}", accounts[1])), "{}", output.stdout);
    assert!(output.stdout.contains("6 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    stage.mend();
    let output = stage.enforce(&all, 0);
    assert!(output.stdout.contains("3 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    assert!(stage.enforce(&all, 0).stdout.contains("nobody to release, 0 stay guarded"));
    let mut writes = stage.writes();
    writes.retain(|action| action != "GetCallerIdentity");
    writes.sort();
    assert_eq!(writes, [vec!["DetachUserPolicy"; 6], vec!["RemoveUserFromGroup"; 3]].concat());
    stage.verify_ledger();
}

#[test]
fn throttled_answers_and_lost_ones_are_seen_through() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob", "cid"], "");
    for user in ["ada", "bob", "cid"] {
        stage.enrolls(user);
    }
    stage.proxy.rule(On::action("iam", "DetachUserPolicy").param("UserName", "ada").first(2).throttle());
    stage.proxy.rule(On::action("iam", "DetachUserPolicy").param("UserName", "bob").first(1).drop_answer());
    stage.proxy.rule(On::action("iam", "DetachUserPolicy").param("UserName", "cid").deny());
    let output = stage.release("", 5);
    let rows = [("ada", "done"), ("bob", "done"), ("cid", "failed")]
        .map(|(user, result)| row("detach-user-policy", user, result));
    assert_eq!(stage.last_run(), rows);
    assert_eq!(stage.attached(&["ada", "bob", "cid"]), [vec![], vec![], vec![stage.guard()]]);
    assert!(output.stdout.contains("AccessDenied"), "{}", output.stdout);
    stage.mend();
    stage.release("", 0);
    assert_eq!(stage.last_run(), [row("detach-user-policy", "cid", "done")]);
}

#[test]
fn what_is_not_asked_for_or_cannot_be_written_down_is_not_done() {
    let stage = Stage::moto();
    stage.guarded(&["ada"], "");
    stage.enrolls("ada");
    let refused = stage.enforce("release --rules rules.yaml", 2);
    assert!(refused.stderr.contains("nobody can be asked here"), "{}", refused.stderr);
    let snapshot = stage.release("--snapshot x.jsonl", 2);
    assert!(snapshot.stderr.contains("release changes AWS"), "{}", snapshot.stderr);
    let elsewhere = stage.release("--allowed-accounts 444455556666", 0);
    assert!(elsewhere.stdout.contains("account-not-allowed"), "{}", elsewhere.stdout);
    assert_eq!(stage.writes(), [""; 0]);
    // A ledger that another process writes.
    let (rule, held) = On::action("iam", "DetachUserPolicy").first(1).hold(false);
    stage.proxy.rule(rule);
    let release = "enforce release --rules rules.yaml --no-break-glass --yes --quiet --ledger ledger.jsonl";
    let first = stage.program.spawn(release.split_whitespace());
    assert!(held.came(Duration::from_secs(30)), "the first is at its change");
    let second = stage.release("", 1);
    assert!(second.stderr.contains("is being written by process"), "{}", second.stderr);
    drop(held);
    first.finish(0);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
}

#[test]
fn another_account_needs_a_role_of_its_own() {
    let stage = Stage::moto();
    stage.guarded(&["ada"], "");
    stage.enrolls("ada");
    let role = json!({"RoleArn": "arn:aws:iam::444455556666:role/Any", "RoleSessionName": "test"});
    let elsewhere = Credentials::from_answer(&stage.boto().call("sts", "assume_role", &role).succeed()[0]);
    let program = Portcullis::aws(&stage.proxy.endpoint(), &elsewhere).file("rules.yaml", super::RULES);
    let release = ["enforce", "release", "--rules", "rules.yaml", "--accounts", stage.account, "--yes", "--quiet"];
    let output = program.run(release, 5);
    assert!(output.stdout.contains("--enforce-role-name says which role writes there"), "{}", output.stdout);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
    program.run(release.iter().chain(&["--enforce-role-name", "Enforce"]), 0);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
}

#[test]
fn run_lets_out_and_guards_in_one_go_within_the_limits() {
    let stage = Stage::moto();
    stage.guarded(&["ada"], "");
    stage.enrolls("ada");
    stage.people(&["bob", "cid"]);
    stage.proxy.forget();
    let limits = |users: u32, more: &str| {
        format!("run --rules rules.yaml --no-break-glass --max-percent 100 --max-users {users} {more}")
    };
    let refused = stage.enforce(&limits(10, ""), 2);
    assert!(refused.stderr.contains("nobody can be asked here"), "{}", refused.stderr);
    assert_eq!(stage.writes(), [""; 0]);
    // Over the cap nobody is guarded, and who enrolled is let out all the same.
    let capped = stage.enforce(&limits(1, "--yes"), 1);
    assert!(capped.stderr.contains("2 users would be acted on, and --max-users allows 1"), "{}", capped.stderr);
    assert_eq!(stage.writes(), ["DetachUserPolicy"]);
    stage.iam("AttachUserPolicy", &[("UserName", "ada"), ("PolicyArn", &stage.guard())]);
    stage.enforce(&limits(10, "--yes"), 0);
    let guard = stage.guard();
    assert_eq!(stage.attached(&["ada", "bob", "cid"]), [vec![], vec![guard.clone()], vec![guard]]);
    assert_eq!(stage.last_run().len(), 2);
    assert_eq!(stage.enforce(&limits(10, "--yes"), 0).code, 0);
    // Where the plan is a document on stdout, nothing else is.
    stage.people(&["dan"]);
    let both = stage.enforce(&limits(10, "--yes --format json"), 0);
    assert_eq!(column(&both.json()["actions"], "resource"), [stage.arn("dan")]);
    assert!(both.stderr.contains("1 done, 0 already"), "{}", both.stderr);
    stage.verify_ledger();
}
