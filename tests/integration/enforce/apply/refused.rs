//! A plan that may not be applied changes nothing, and says why.

use std::fs;

use super::super::{Stage, column};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::On;

const WAIVERS: &str = "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: []\n";

#[test]
fn a_plan_that_is_not_the_one_that_was_made_is_refused() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    fs::write(stage.path("waivers.yaml"), WAIVERS).unwrap();
    let plan = stage.plan("--waivers waivers.yaml");
    let whole = fs::read_to_string(stage.path("plan.json")).unwrap();
    stage.proxy.forget();
    let refused = |more: &str, reason: &str| {
        let output = stage.apply(more, 1);
        assert!(output.stderr.contains(reason), "{more}: {}", output.stderr);
        assert_eq!(output.stdout, "");
    };
    fs::write(stage.path("plan.json"), whole.replacen("user/ada", "user/adb", 1)).unwrap();
    refused("", "the file was changed after it was made");
    fs::write(stage.path("plan.json"), &whole).unwrap();
    let other = "0".repeat(64);
    refused(&format!("--expect-hash {other}"), &format!("and --expect-hash says {other}"));
    // Plans tell their time to the second.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    refused("--max-age 0s", "--max-age (0s) has passed");
    refused("--allowed-accounts 444455556666", "account 123456789012, which is not among the allowed accounts");
    for file in ["rules.yaml", "waivers.yaml"] {
        let before = fs::read_to_string(stage.path(file)).unwrap();
        fs::write(stage.path(file), format!("{before}# a comment\n")).unwrap();
        refused("", &format!("the plan rests on `{file}`, which is not as it was when the plan was made"));
        fs::write(stage.path(file), before).unwrap();
    }
    let same = stage.apply("--enforce-role-name PortcullisScan", 2);
    assert!(same.stderr.contains("are both `PortcullisScan`"), "{}", same.stderr);
    let nobody = stage.apply("--ask", 2);
    assert!(nobody.stderr.contains("apply without being asked with --yes"), "{}", nobody.stderr);
    assert_eq!(stage.writes(), ["GetCallerIdentity"; 0]);
    assert!(!stage.path("ledger.jsonl").exists(), "what was refused leaves no trace");
    let hash = plan["hash"].as_str().unwrap();
    stage.apply(&format!("--expect-hash {hash} --allowed-accounts 123456789012"), 0);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
}

#[test]
fn another_account_needs_a_role_of_its_own() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    stage.plan("");
    let created = stage
        .boto()
        .call("iam", "create_user", &serde_json::json!({"UserName": "x"}))
        .call(
            "sts",
            "assume_role",
            &serde_json::json!({
                "RoleArn": "arn:aws:iam::444455556666:role/Any", "RoleSessionName": "test"
            }),
        )
        .succeed();
    let elsewhere = crate::support::boto::Credentials::from_answer(&created[1]);
    let program = Portcullis::aws(&stage.proxy.endpoint(), &elsewhere);
    fs::copy(stage.path("plan.json"), program.dir().join("plan.json")).unwrap();
    fs::copy(stage.path("rules.yaml"), program.dir().join("rules.yaml")).unwrap();
    let output = program.run(["enforce", "apply", "plan.json", "--yes"], 1);
    let reason = "account 123456789012, which is not the caller's (444455556666), and no --enforce-role-name is given";
    assert!(output.stderr.contains(reason), "{}", output.stderr);
    stage.proxy.forget();
    let role = ["enforce", "apply", "plan.json", "--yes", "--enforce-role-name", "Enforce"];
    program.run(role, 0);
    let calls = stage.proxy.all();
    let assumed = calls.iter().find(|call| call.action == "AssumeRole").unwrap();
    assert_eq!(assumed.param("RoleArn"), Some("arn:aws:iam::123456789012:role/Enforce"));
    assert!(assumed.param("RoleSessionName").unwrap().starts_with("portcullis-enforce-"));
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
}

#[test]
fn a_second_apply_waits_for_no_one_and_is_refused() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    stage.plan("");
    let (rule, held) = On::action("iam", "AttachUserPolicy").first(1).hold(false);
    stage.proxy.rule(rule);
    let first = stage.start("");
    assert!(held.came(std::time::Duration::from_secs(30)), "the first is at its change");
    let second = stage.apply("", 1);
    assert!(second.stderr.contains("is being written by process"), "{}", second.stderr);
    drop(held);
    let output = first.finish(0);
    assert!(output.stdout.contains("1 done"), "{}", output.stdout);
}

#[test]
fn interrupted_it_ends_the_change_under_way_and_goes_on_the_next_time() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob", "cyd"]);
    stage.plan("");
    let (rule, held) = On::action("iam", "AttachUserPolicy").occurrences(2..=2).hold(true);
    stage.proxy.rule(rule);
    let run = stage.start("");
    assert!(held.came(std::time::Duration::from_secs(30)));
    run.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(held);
    let output = run.finish(5);
    assert!(output.stdout.contains("2 done, 0 already, 0 failed, 0 skipped, 1 left"), "{}", output.stdout);
    assert!(output.stderr.contains("stopped: interrupted"), "{}", output.stderr);
    let guard = stage.guard();
    assert_eq!(stage.attached(&["ada", "bob", "cyd"]), [vec![guard.clone()], vec![guard.clone()], vec![]]);
    let output = stage.apply("", 0);
    assert!(output.stdout.contains("1 done, 2 already"), "{}", output.stdout);
    assert_eq!(stage.attached(&["cyd"]), [[guard]]);
}

/// The management account of an organization, with a console user without a device.
fn in_organization() -> Stage {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    stage.boto().call("organizations", "create_organization", &serde_json::json!({"FeatureSet": "ALL"})).succeed();
    stage
}

/// Whether service control policies may be taken to allow enrolling is the plan's to say, and is held against live.
#[test]
fn required_scps_are_read_again_and_hold_back_where_they_cannot_be() {
    let stage = in_organization();
    let not_read = || stage.proxy.rule(On::action("organizations", "ListParents").deny());
    assert_eq!(stage.plan("")["settings"]["require_scps"], false);
    let plan = stage.plan("--require-scps");
    assert_eq!(
        (column(&plan["actions"], "resource"), &plan["settings"]["require_scps"]),
        (vec![stage.arn("ada")], &true.into())
    );
    not_read();
    stage.proxy.forget();
    let output = stage.apply("", 5);
    let reason = "skipped attach-user-policy arn:aws:iam::123456789012:user/ada deny-without-mfa: \
                  the service control policies of its account could not be read (--require-scps): organizations:ListParents";
    assert!(output.stdout.starts_with(reason), "{}", output.stdout);
    assert_eq!(stage.writes(), [""; 0]);
    stage.mend();
    stage.apply("", 0);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);

    let stage = in_organization();
    stage.proxy.rule(On::action("organizations", "ListParents").occurrences(2..=9).deny());
    let run = "enforce run --rules rules.yaml --no-break-glass --max-percent 100 --yes --quiet --ledger run.jsonl";
    let output = stage.program.run(run.split_whitespace().chain(["--require-scps"]), 5);
    assert!(output.stdout.contains("could not be read (--require-scps)"), "{}", output.stdout);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
    stage.program.run(run.split_whitespace(), 0);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]], "without the flag they are taken to allow it");
}

/// Who became a break-glass principal after the plan was made is not touched: by the config file as it is now, or a flag.
#[test]
fn break_glass_principals_named_since_the_plan_are_not_touched() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob", "cyd"]);
    stage.plan("");
    let config = format!("enforce:\n  break_glass: ['{}']\n", stage.arn("a?a"));
    fs::write(stage.path("portcullis.yaml"), config).unwrap();
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("2 done, 0 already, 0 failed, 1 skipped, 0 left"), "{}", output.stdout);
    let line = output.stdout.lines().find(|line| line.contains("user/ada ")).unwrap();
    assert!(line.ends_with("`arn:aws:iam::123456789012:user/a?a` is a break-glass principal"), "{line}");
    let guard = stage.guard();
    assert_eq!(stage.attached(&["ada", "bob", "cyd"]), [vec![], vec![guard.clone()], vec![guard.clone()]]);
    fs::remove_file(stage.path("portcullis.yaml")).unwrap();
    let output = stage.apply(&format!("--break-glass {}", stage.arn("ada")), 5);
    assert!(output.stdout.contains("0 done, 2 already, 0 failed, 1 skipped, 0 left"), "{}", output.stdout);
    stage.apply("", 0);
    assert_eq!(stage.attached(&["ada"]), [[guard]], "and without it the plan holds");
}
