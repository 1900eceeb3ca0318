//! `portcullis enforce plan`: what it proposes and whom it holds back, what it asks, and that it changes nothing.

use serde_json::Value;

use crate::enforce::{Stage, column, text};
use crate::support::portcullis::Output;
use crate::support::proxy::On;

const FREE: &str = "--rules rules.yaml --no-break-glass --max-users 100 --max-percent 100";

fn plan(stage: &Stage, more: &str, expected: i32) -> Output {
    let args = format!("enforce plan --quiet {more}");
    stage.program.run(args.split_whitespace(), expected)
}

fn json(stage: &Stage, more: &str, expected: i32) -> Value {
    plan(stage, &format!("{FREE} --format json {more}"), expected).json()
}

/// The reasons of those held back, by user.
fn held(plan: &Value) -> Vec<(String, String)> {
    let all = plan["held_back"].as_array().expect("a list").iter();
    let name = |held: &Value| text(&held["resource"]).rsplit('/').next().unwrap_or_default().to_owned();
    all.map(|held| (name(held), text(&held["reason"]))).collect()
}

#[test]
fn who_fails_is_proposed_with_evidence_and_proof_and_nothing_is_changed() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob"]);
    let plan = json(&stage, "--out p.json", 5);
    assert_eq!(column(&plan["actions"], "resource"), [stage.arn("ann"), stage.arn("bob")]);
    assert_eq!(plan["schema"], "portcullis/plan/v1");
    let action = &plan["actions"][0];
    assert_eq!(action["calls"], serde_json::json!(["iam:CreatePolicy", "iam:AttachUserPolicy"]));
    let evidence = column(&action["evidence"], "fact");
    assert!(evidence.contains(&"mfa_devices".to_owned()), "{evidence:?}");
    let closed = |row: &Value| row["covered"] == row["closed"] || row["context"] == "signed in with MFA";
    assert!(action["truth_table"].as_array().unwrap().iter().all(closed), "{}", action["truth_table"]);
    assert_eq!(column(&plan["inputs"], "path"), ["rules.yaml"]);
    assert_eq!(stage.writes(), [""; 0], "a plan changes nothing");
    let file = std::fs::read_to_string(stage.path("p.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&file).unwrap(), plan, "stdout and the file are one");
    assert_eq!(json(&stage, "--exit-zero", 0)["actions"].as_array().unwrap().len(), 2);
}

#[test]
fn keys_in_use_are_shown_with_service_and_region_read_live() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob"]);
    stage.iam("CreateAccessKey", &[("UserName", "ann")]);
    let used = "<GetAccessKeyLastUsedResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
        <GetAccessKeyLastUsedResult><UserName>ann</UserName><AccessKeyLastUsed><Region>eu-west-1</Region>\
        <LastUsedDate>NOW</LastUsedDate><ServiceName>s3</ServiceName></AccessKeyLastUsed>\
        </GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>";
    let now = jiff::Timestamp::now().to_string();
    stage.proxy.rule(On::action("iam", "GetAccessKeyLastUsed").answer(&used.replace("NOW", &now)));
    let plan = json(&stage, "", 5);
    assert_eq!(held(&plan), [("ann".to_owned(), "key-in-use".to_owned())]);
    let held_back = &plan["held_back"][0];
    assert_eq!(held_back["offer"], "console-only");
    let key = &held_back["keys"][0];
    let shown = [&key["service"], &key["region"], &key["source"]].map(text);
    assert_eq!(shown, ["s3", "eu-west-1", "iam:GetAccessKeyLastUsed"]);
    let all = json(&stage, "--include-active-keys", 5);
    assert_eq!(column(&all["actions"], "guard"), ["deny-without-mfa"; 2]);
    let console = json(&stage, "--keys-in-use console-only", 5);
    assert_eq!(column(&console["actions"], "guard"), ["deny-without-mfa-console-only", "deny-without-mfa"]);
}

#[test]
fn what_cannot_be_read_of_a_user_holds_it_back() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob"]);
    for action in ["ListAccessKeys", "ListSSHPublicKeys", "ListServiceSpecificCredentials"] {
        stage.proxy.clear();
        stage.proxy.rule(On::action("iam", action).param("UserName", "ann").deny());
        stage.complete();
        let plan = json(&stage, "", 5);
        assert_eq!(column(&plan["actions"], "resource"), [stage.arn("bob")], "{action}");
        let why = text(&plan["held_back"][0]["detail"]);
        assert_eq!((held(&plan).len(), why.contains(action)), (1, true), "{why}");
    }
    // What a scan needs of everybody counts for the whole account.
    stage.proxy.clear();
    stage.proxy.rule(On::action("iam", "GetLoginProfile").param("UserName", "ann").deny());
    stage.complete();
    let reasons: Vec<String> = held(&json(&stage, "", 4)).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, ["account-incomplete"; 2]);
}

#[test]
fn an_account_that_cannot_be_entered_does_not_pass_for_one_without_anybody() {
    let stage = Stage::moto();
    stage.people(&["ann"]);
    stage.proxy.rule(On::action("sts", "AssumeRole").deny());
    let plan = json(&stage, "--accounts 444455556666", 4);
    let note = text(&plan["notes"][1]);
    let said = "nobody in account 444455556666 is acted on: not read completely: sts:AssumeRole";
    assert!(note.starts_with(said), "{note}");
    for command in ["announce --rules rules.yaml", "status"] {
        let args = format!("enforce {command} --quiet --accounts 444455556666");
        let output = stage.program.run(args.split_whitespace(), 4);
        let told = output.stdout + &output.stderr;
        assert!(told.contains("unread  account 444455556666: sts:AssumeRole"), "{command}: {told}");
    }
}

#[test]
fn a_plan_is_refused_without_break_glass_and_over_a_cap() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob", "cyd"]);
    let refused = |more: &str, said: &str| {
        let output = plan(&stage, &format!("--rules rules.yaml --out p.json {more}"), 1);
        assert!(output.stderr.contains(said), "{more}: {}", output.stderr);
        assert_eq!((output.stdout.as_str(), stage.path("p.json").exists()), ("", false));
    };
    refused("", "no break-glass principal is named");
    refused("--no-break-glass", "3 of 3 console users would be acted on, and --max-percent allows 5 %");
    refused("--no-break-glass --max-percent 100 --max-users 2", "3 users would be acted on, and --max-users allows 2");
    let capped = "--rules rules.yaml --no-break-glass --max-users 2 --take 1 --format json";
    let taken = plan(&stage, capped, 5).json();
    assert_eq!(column(&taken["actions"], "resource"), [stage.arn("ann")]);
    let glass = format!("--rules rules.yaml --max-percent 100 --break-glass {} --format json", stage.arn("c*"));
    let plan = plan(&stage, &glass, 5).json();
    assert_eq!(held(&plan), [("cyd".to_owned(), "break-glass".to_owned())]);
}

#[test]
fn who_comes_next_because_the_first_is_held_back_was_read_as_well() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob", "cyd", "dan"]);
    for user in ["ann", "bob"] {
        stage.iam(
            "UploadSSHPublicKey",
            &[("UserName", user), ("SSHPublicKeyBody", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB")],
        );
    }
    let taken = json(&stage, "--take 1", 5);
    assert_eq!(column(&taken["actions"], "resource"), [stage.arn("cyd")]);
    assert_eq!(held(&taken), ["ann", "bob"].map(|user| (user.to_owned(), "ssh-key".to_owned())));
}

#[test]
fn without_a_report_a_password_expires_by_its_age() {
    let stage = Stage::moto();
    stage.people(&["ann"]);
    for action in ["GenerateCredentialReport", "GetCredentialReport"] {
        stage.proxy.rule(On::action("iam", action).deny());
    }
    let json =
        |expected| plan(&stage, "--rules baseline --no-break-glass --max-percent 100 --format json", expected).json();
    assert_eq!(column(&json(5)["actions"], "resource"), [stage.arn("ann")], "it never does");
    stage.iam("UpdateAccountPasswordPolicy", &[("MaxPasswordAge", "10")]);
    assert_eq!(held(&json(0)), [("ann".to_owned(), "password-expiry".to_owned())]);
    stage.iam("UpdateAccountPasswordPolicy", &[("MaxPasswordAge", "90")]);
    let evidence = column(&json(5)["actions"][0]["evidence"], "fact");
    assert_eq!(evidence.last().map(String::as_str), Some("password_next_rotation"), "apply looks at it again");
    stage.proxy.rule(On::action("iam", "GetAccountPasswordPolicy").deny());
    assert_eq!(held(&json(0)), [("ann".to_owned(), "unknown-fact".to_owned())]);
}

#[test]
fn a_run_with_other_rules_ends_no_failure_of_these() {
    let stage = Stage::moto();
    stage.people(&["ann"]);
    let timed = std::fs::read_to_string(stage.path("rules.yaml")).unwrap();
    let timed = timed.replace("    enforce: deny-without-mfa", "    enforce: deny-without-mfa\n    grace: 14d");
    std::fs::write(stage.path("timed.yaml"), &timed).unwrap();
    std::fs::write(stage.path("other.yaml"), timed.replace("id: console-user-mfa", "id: other-rule")).unwrap();
    for rules in ["timed", "other", "timed"] {
        let asked = format!("--rules {rules}.yaml --no-break-glass --max-percent 100 --ledger l.jsonl");
        plan(&stage, &asked, 0);
    }
    let entries = Value::from(stage.ledger("l.jsonl"));
    assert_eq!(column(&entries, "kind"), ["observed"; 2]);
    assert_eq!(column(&entries, "rule"), ["console-user-mfa", "other-rule"]);
}

#[test]
fn a_new_name_moves_no_deadline_and_a_new_user_is_told_first() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob"]);
    let timed = std::fs::read_to_string(stage.path("rules.yaml")).unwrap();
    let timed = timed.replace("    enforce: deny-without-mfa", "    enforce: deny-without-mfa\n    grace: 14d");
    std::fs::write(stage.path("rules.yaml"), timed).unwrap();
    let announce = "enforce announce --rules rules.yaml --ledger l.jsonl --format json --quiet";
    let told = stage.program.run(announce.split_whitespace(), 0).json();
    let deadline = text(&told["people"][0]["deadline"]);
    stage.iam("UpdateUser", &[("UserName", "ann"), ("NewUserName", "eve")]);
    stage.iam("DeleteLoginProfile", &[("UserName", "bob")]);
    stage.iam("DeleteUser", &[("UserName", "bob")]);
    stage.people(&["bob"]);
    let plan = plan(&stage, &format!("{FREE} --ledger l.jsonl --format json"), 0).json();
    let held: Vec<(String, &Value)> =
        plan["held_back"].as_array().unwrap().iter().map(|held| (text(&held["resource"]), &held["deadline"])).collect();
    assert_eq!(held, [(stage.arn("bob"), &Value::Null), (stage.arn("eve"), &Value::from(deadline))]);
}

#[test]
fn a_plan_made_for_a_later_moment_takes_nobody_its_time() {
    let stage = Stage::moto();
    stage.people(&["ann"]);
    let timed = std::fs::read_to_string(stage.path("rules.yaml")).unwrap();
    let timed = timed.replace("    enforce: deny-without-mfa", "    enforce: deny-without-mfa\n    grace: 14d");
    std::fs::write(stage.path("rules.yaml"), timed).unwrap();
    let announce = "enforce announce --rules rules.yaml --ledger ledger.jsonl --format json --quiet";
    let deadline = text(&stage.program.run(announce.split_whitespace(), 0).json()["people"][0]["deadline"]);
    let later = "--now 2999-01-01T00:00:00Z --ledger ledger.jsonl --out plan.json --format json";
    assert_eq!(column(&json_of(&stage, later)["actions"], "deadline"), std::slice::from_ref(&deadline));
    let output = stage.apply("", 5);
    assert!(output.stdout.contains(&format!("it has time to enroll a device until {deadline}")), "{}", output.stdout);
    assert_eq!(stage.attached(&["ann"]), [[""; 0]]);
}

fn json_of(stage: &Stage, more: &str) -> Value {
    plan(stage, &format!("{FREE} {more}"), 5).json()
}

#[test]
fn with_grace_nobody_is_acted_on_before_being_told() {
    let stage = Stage::moto();
    stage.people(&["ann"]);
    let timed = std::fs::read_to_string(stage.path("rules.yaml")).unwrap();
    let timed = timed.replace("    enforce: deny-without-mfa", "    enforce: deny-without-mfa\n    grace: 14d");
    std::fs::write(stage.path("timed.yaml"), timed).unwrap();
    let timed = "--rules timed.yaml --no-break-glass --max-percent 100 --format json --ledger l.jsonl";
    let first = plan(&stage, timed, 0).json();
    assert_eq!(held(&first), [("ann".to_owned(), "grace".to_owned())]);
    let entries = stage.ledger("l.jsonl");
    assert_eq!(column(&Value::from(entries.clone()), "kind"), ["observed"]);
    assert_eq!(text(&entries[0]["resource"]), stage.arn("ann"));
    plan(&stage, timed, 0);
    assert_eq!(stage.ledger("l.jsonl").len(), 1, "what was seen before is not written again");
    stage.iam("DeleteLoginProfile", &[("UserName", "ann")]);
    plan(&stage, timed, 0);
    assert_eq!(column(&Value::from(stage.ledger("l.jsonl")), "kind"), ["observed", "resolved"]);
}

#[test]
fn without_a_rule_that_acts_there_is_nothing_to_plan() {
    let stage = Stage::moto();
    let output = plan(&stage, "--rules hygiene --no-break-glass", 2);
    assert!(output.stderr.contains("none of the rules names an action"), "{}", output.stderr);
    let file = "apiVersion: portcullis/v1\nkind: RulePack\n";
    std::fs::write(stage.path("broken.yaml"), file).unwrap();
    let broken = plan(&stage, "--rules broken.yaml --no-break-glass", 2);
    assert!(broken.stderr.contains("broken.yaml:1:1: "), "{}", broken.stderr);
}
