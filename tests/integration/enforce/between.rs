//! What happens between a plan and its applying: who got the guard, whose key was used, what became of the guard policy.

use std::process::Command;

use serde_json::json;

use super::{Stage, column, text};
use crate::support::proxy::On;

impl Stage {
    /// A guard that denies nothing that it should, where there was ours.
    fn disarm(&self) {
        let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
        let guard = self.guard();
        let version = [("PolicyArn", guard.as_str()), ("PolicyDocument", document), ("SetAsDefault", "true")];
        self.iam("CreatePolicyVersion", &version);
    }

    fn attach(&self, user: &str) {
        self.iam("AttachUserPolicy", &[("UserName", user), ("PolicyArn", &self.guard())]);
    }

    fn detach(&self, user: &str) {
        self.iam("DetachUserPolicy", &[("UserName", user), ("PolicyArn", &self.guard())]);
    }
}

/// Who has the policy when it begins to bind again counts, not who had it when the plan was made.
#[test]
fn a_repair_is_held_against_who_has_the_guard_by_then() {
    let stage = Stage::moto();
    stage.guarded(&["ada"], "");
    stage.people(&["bob", "cid", "dan"]);
    stage.disarm();
    let expires = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(30 * 24)).to_string()[..10].to_owned();
    let waiver =
        format!("rule: console-user-mfa, resource: '{}', owner: a, reason: b, expires: {expires}", stage.arn("cid"));
    let waivers = format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers:\n  - {{ {waiver} }}\n");
    std::fs::write(stage.path("waivers.yaml"), waivers).unwrap();
    let plan = stage.plan("--repair --waivers waivers.yaml");
    assert_eq!(column(&plan["actions"], "action"), ["repair-guard-policy"]);
    let bob = format!("--break-glass {}", stage.arn("bob"));
    let refused = |more: &str, who: &str| {
        stage.proxy.forget();
        let output = stage.apply(more, 5);
        let why = format!("{who} has it attached and would be shut out: detach it first");
        assert!(output.stdout.starts_with("skipped repair-guard-policy"), "{}", output.stdout);
        assert!(output.stdout.contains(&why), "{who}: {}", output.stdout);
        assert_eq!(stage.writes(), [""; 0], "nothing is pruned either");
    };
    stage.attach("bob");
    refused(&bob, &format!("a break-glass principal (`{}`),", stage.arn("bob")));
    stage.detach("bob");
    stage.attach("cid");
    refused("", &format!("{}, waived for console-user-mfa until {expires} (waivers.yaml:4),", stage.arn("cid")));
    stage.detach("cid");
    // By a group of somebody else's, and by the config as it is now.
    stage.iam("CreateGroup", &[("GroupName", "theirs")]);
    stage.iam("AttachGroupPolicy", &[("GroupName", "theirs"), ("PolicyArn", &stage.guard())]);
    stage.iam("AddUserToGroup", &[("GroupName", "theirs"), ("UserName", "dan")]);
    std::fs::write(stage.path("portcullis.yaml"), format!("enforce:\n  break_glass: ['{}']\n", stage.arn("d?n")))
        .unwrap();
    refused("", &format!("a break-glass principal (`{}`),", stage.arn("d?n")));
    std::fs::remove_file(stage.path("portcullis.yaml")).unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    stage.iam("CreateRole", &[("RoleName", "deploy"), ("AssumeRolePolicyDocument", trust)]);
    stage.iam("AttachRolePolicy", &[("RoleName", "deploy"), ("PolicyArn", &stage.guard())]);
    refused("", "the role arn:aws:iam::123456789012:role/deploy");
    stage.iam("DetachRolePolicy", &[("RoleName", "deploy"), ("PolicyArn", &stage.guard())]);
    stage.proxy.rule(On::action("iam", "GetAccountAuthorizationDetails").occurrences(2..=99).deny());
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("who has it attached could not be read: "), "{}", output.stdout);
    stage.mend();
    stage.proxy.forget();
    stage.apply("", 0);
    assert_eq!(stage.writes(), ["CreatePolicyVersion"], "nobody who is never touched has it: it binds again");
    stage.verify_ledger();
}

/// `enforce revert` asks for the run: applying tells it, and of `enforce run` the plan's JSON does.
#[test]
fn the_run_that_revert_asks_for_is_told() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    stage.plan("");
    let output = stage.apply("", 0);
    let run = text(&stage.ledger("ledger.jsonl").last().unwrap()["run_id"]);
    let told = format!("1 done, 0 already, 0 failed, 0 skipped, 0 left; run {run}\nledger ");
    assert!(output.stdout.contains(&told), "{}", output.stdout);
    stage.enforce(&format!("revert {run} --yes"), 0);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);

    let args = "run --rules rules.yaml --no-break-glass --max-percent 100 --yes --format json";
    let output = stage.enforce(args, 0);
    let run = text(&output.json()["run_id"]);
    assert!(output.stderr.contains(&format!("0 left; run {run}\n")), "{}", output.stderr);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
    stage.enforce(&format!("revert {run} --yes"), 0);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
    stage.verify_ledger();
}

#[test]
fn a_plan_is_a_regular_file_and_nothing_is_waited_for() {
    let stage = Stage::moto();
    let made = Command::new("mkfifo").arg(stage.path("pipe.json")).status().unwrap();
    assert!(made.success());
    for path in ["pipe.json", "/dev/null", "."] {
        let output = stage.program.run(["enforce", "apply", path, "--yes"], 1);
        let told = format!("`{path}` is no regular file, and a plan is; nothing was done");
        assert!(output.stderr.contains(&told), "{}", output.stderr);
    }
    let output = stage.program.run(["enforce", "apply", "nowhere.json", "--yes"], 1);
    assert!(output.stderr.contains("`nowhere.json`: No such file"), "{}", output.stderr);
    assert!(!stage.path("portcullis-ledger.jsonl").exists());
}

/// A key that was never used when the plan was made, and is by now.
#[test]
fn a_key_that_is_used_since_the_plan_holds_its_user_back() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    stage.iam("CreateAccessKey", &[("UserName", "ada")]);
    let plan = stage.plan("");
    assert_eq!(column(&plan["actions"], "resource"), [stage.arn("ada"), stage.arn("bob")]);
    let used = format!(
        "<GetAccessKeyLastUsedResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
         <GetAccessKeyLastUsedResult><UserName>ada</UserName><AccessKeyLastUsed><Region>eu-west-1</Region>\
         <LastUsedDate>{}</LastUsedDate><ServiceName>s3</ServiceName></AccessKeyLastUsed>\
         </GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>",
        jiff::Timestamp::now()
    );
    stage.proxy.rule(On::action("iam", "GetAccessKeyLastUsed").answer(&used));
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("was used for s3 at "), "{}", output.stdout);
    assert_eq!(stage.attached(&["ada", "bob"]), [vec![], vec![stage.guard()]]);
    // A new key counts like any other.
    stage.mend();
    stage.iam("CreateAccessKey", &[("UserName", "ada")]);
    stage.apply("", 0);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]], "none of her keys was ever used");
}

/// A policy deleted and made again under the same ARN, with another document: nobody gets it.
#[test]
fn a_guard_that_is_replaced_since_the_plan_is_put_on_nobody() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    let guard = stage.guard();
    let replace = |document: &str| {
        let made = [("PolicyName", "deny-without-mfa"), ("Path", "/portcullis/"), ("PolicyDocument", document)];
        stage.iam("CreatePolicy", &made);
    };
    stage.plan("");
    replace(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#);
    stage.proxy.forget();
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("another document"), "{}", output.stdout);
    assert!(!stage.writes().contains(&"AttachUserPolicy".to_owned()), "{:?}", stage.writes());
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
    stage.iam("DeletePolicy", &[("PolicyArn", &guard)]);
    stage.apply("", 0);
    assert_eq!(stage.attached(&["ada"]), [[guard]]);
}

/// Keys are read live of whom a plan would act on: no credential report is needed for them.
#[test]
fn without_a_credential_report_keys_count_as_they_are_read_live() {
    let stage = Stage::moto();
    stage.people(&["ann", "bob", "cyd"]);
    stage.iam("CreateAccessKey", &[("UserName", "bob")]);
    for action in ["GenerateCredentialReport", "GetCredentialReport"] {
        stage.proxy.rule(On::action("iam", action).deny());
    }
    stage.proxy.rule(On::action("iam", "ListAccessKeys").param("UserName", "cyd").deny());
    let plan = stage.plan("");
    assert_eq!(column(&plan["actions"], "resource"), [stage.arn("ann"), stage.arn("bob")]);
    assert_eq!(plan["actions"][1]["keys"][0]["source"], "iam:GetAccessKeyLastUsed");
    let held = &plan["held_back"];
    assert_eq!(
        (column(held, "resource"), column(held, "reason")),
        (vec![stage.arn("cyd")], vec!["unknown-fact".to_owned()])
    );
    assert!(text(&held[0]["detail"]).starts_with("its access keys: iam:ListAccessKeys: "), "{held}");
    stage.apply("", 0);
    assert_eq!(json!(stage.attached(&["ann", "bob", "cyd"])), json!([[stage.guard()], [stage.guard()], []]));
}
