//! `portcullis rules` and files that are wrong: what authors of rules see.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::portcullis::Portcullis;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acme.jsonl");
const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");

/// Whether a line begins with `PATH:LINE:COL: error[`.
fn is_placed(line: &str, path: &str) -> bool {
    let Some(rest) = line.strip_prefix(&format!("{path}:")) else { return false };
    let mut parts = rest.splitn(3, ':');
    let number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok_and(|number| number > 0));
    number(parts.next()) && number(parts.next()) && parts.next().is_some_and(|rest| rest.starts_with(" error["))
}

fn refused(program: &Portcullis, flag: &str, path: &str) {
    let output = program.run(["scan", "--snapshot", EXAMPLE, flag, path], 2);
    assert_eq!(output.stdout, "", "{path}: nothing is scanned");
    let first = output.stderr.lines().next().unwrap_or_default();
    assert!(is_placed(first, path), "{path}: {}", output.stderr);
    assert!(output.stderr.contains("nothing was done"), "{path}: {}", output.stderr);
}

#[test]
fn every_broken_pack_is_refused_with_its_place() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/broken");
    let files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 20, "{} files", files.len());
    for file in files {
        refused(&Portcullis::new(), "--rules", file.to_str().unwrap());
    }
}

#[test]
fn every_broken_file_of_waivers_is_refused_with_its_place() {
    let good = "rule: r, resource: x, owner: o, reason: y, expires: 2026-12-01";
    let cases = [
        "waivers: []".to_owned(),
        "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: {}".to_owned(),
        "apiVersion: portcullis/v2\nkind: WaiverSet\nwaivers: []".to_owned(),
        format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: [{{ {good}, colour: red }}]"),
        format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: [{{ {} }}]", good.replace("owner: o, ", "")),
        format!(
            "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: [{{ {} }}]",
            good.replace("reason: y", "reason: ''")
        ),
        format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: [{{ {} }}]", good.replace("2026-12-01", "soon")),
        format!(
            "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: [{{ {} }}]",
            good.replace("2026-12-01", "2999-01-01")
        ),
        format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers: [{{ {good}, rule: twice }}]"),
        "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers:\n\t- {}".to_owned(),
    ];
    for text in cases {
        let program = Portcullis::new().file("w.yaml", &text).env("PORTCULLIS_NOW", "2026-11-24");
        refused(&program, "--waivers", "w.yaml");
    }
}

#[test]
fn the_cases_of_the_built_in_packs_are_met() {
    let output = Portcullis::new().run(["rules", "test", POLICIES], 0);
    assert!(output.stdout.ends_with(" 0 missed\n"), "{}", output.stdout);
}

#[test]
fn a_case_that_is_not_met_is_shown_with_its_facts_and_ends_with_three() {
    let pack = "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: { id: p }\nrules:\n  - { id: r, title: T, severity: low, \
                target: user, require: { active_access_keys: { lte: 1 } } }\n";
    let cases = "apiVersion: portcullis/v1\nkind: RuleCases\ncases:\n  - name: two keys\n    target: user\n    facts: { \
                 active_access_keys: 2 }\n    expect: { r: PASS }\n";
    let program = Portcullis::new().file("p.yaml", pack).file("p.cases.yaml", cases);
    let output = program.run(["rules", "test", "p.yaml", "--junit", "out.xml"], 3);
    let expected = "p.cases.yaml:7:18: r: two keys\n  - PASS expected\n  + FAIL\n    active_access_keys = 2\n\n\
                    1 cases, 1 expectations: 0 met, 1 missed\n";
    assert_eq!(output.stdout, expected);
    let junit = fs::read_to_string(program.dir().join("out.xml")).unwrap();
    assert!(junit.contains("tests=\"1\"") && junit.contains("failures=\"1\"") && junit.contains("+ FAIL"), "{junit}");
    let output = Portcullis::new().file("p.yaml", pack).run(["rules", "test", "p.yaml"], 2);
    assert!(output.stderr.contains("there are no cases"), "{}", output.stderr);
}

#[test]
fn a_trace_shows_what_each_condition_came_to_and_why() {
    let resource = "arn:aws:iam::111111111101:user/farah.dubois";
    let args = ["rules", "explain", "admin-mfa", "--snapshot", EXAMPLE, "--resource", resource];
    let shown = Portcullis::new().run(args, 0).stdout;
    for line in [
        "FAIL on arn:aws:iam::111111111101:user/farah.dubois",
        "    [true] is_admin is true",
        "      [false] active_access_keys is at least 1",
        "          active_access_keys is 0; iam:GetCredentialReport, 27 min old",
        "  [false] mfa_devices has a count that is at least 1",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let missing = ["rules", "explain", "admin-mfa", "--snapshot", EXAMPLE, "--resource", "arn:aws:iam::1:user/nobody"];
    let output = Portcullis::new().run(missing, 1);
    assert!(output.stderr.contains("the snapshot has no user"), "{}", output.stderr);
    Portcullis::new().run(["rules", "explain", "no-such-rule"], 2);
}

/// What a rule proposes stands in its explanation, and how long it waits.
#[test]
fn an_explanation_shows_the_action_and_its_grace() {
    let shown = Portcullis::new().run(["rules", "explain", "console-user-mfa"], 0).stdout;
    assert!(shown.contains("\nProposes\n  deny-without-mfa\n"), "{shown}");
    let pack = "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: { id: p }\nrules:\n  - { id: r, title: x, \
        severity: low, target: user, require: { console_access: false }, enforce: deny-without-mfa, grace: GRACE }\n";
    for (grace, said) in [("14d", "14 d"), ("2d12h", "60h")] {
        let program = Portcullis::new().file("p.yaml", &pack.replace("GRACE", grace));
        let shown = program.run(["rules", "explain", "r", "--rules", "p.yaml"], 0).stdout;
        let expected = format!("\nProposes\n  deny-without-mfa, {said} after the user was announced\n");
        assert!(shown.contains(&expected), "{shown}");
    }
}

#[test]
fn rules_are_listed_by_framework_severity_and_target() {
    let ids = |args: &[&str]| {
        let output = Portcullis::new().run([&["rules", "list"], args].concat(), 0);
        output.stdout.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["baseline", "--framework", "cis-aws-6.0:2.9"]), ["console-user-mfa"]);
    let critical = ids(&["baseline", "--severity", "critical", "--target", "root"]);
    assert_eq!(critical, ["root-mfa", "root-no-access-keys"]);
    assert!(ids(&[]).len() >= 45);
}

#[test]
fn errors_and_schemas_are_for_machines_too() {
    let program = Portcullis::new().file("p.yaml", "apiVersion: portcullis/v1\nkind: RulePak\n");
    let output = program.run(["rules", "check", "p.yaml", "--error-format", "json"], 2);
    let problems: Value = serde_json::from_str(&output.stderr).unwrap();
    let problems = problems.as_array().unwrap();
    assert_eq!(problems.len(), 3, "{problems:?}");
    let kind = problems.iter().find(|problem| problem["code"] == "version").unwrap();
    assert_eq!((&kind["path"], &kind["line"], &kind["column"]), (&"p.yaml".into(), &2.into(), &7.into()));
    let schema: Value =
        serde_json::from_str(&Portcullis::new().run(["rules", "schema", "rule-pack"], 0).stdout).unwrap();
    assert!(schema["$defs"]["condition-user"]["properties"]["mfa_devices"].is_object());
}

/// The packs as files are the built-in ones, also where they extend each other by name.
#[test]
fn the_packs_as_a_directory_are_right() {
    let output = Portcullis::new().run(["rules", "check", POLICIES], 0);
    let built_in = Portcullis::new().run(["rules", "list"], 0).stdout.lines().count();
    assert_eq!(output.stdout, format!("{built_in} rules are right\n"));
}

/// A framework is scanned by name, and says what is not covered.
#[test]
fn a_framework_is_scanned_by_name() {
    let args = ["scan", "--snapshot", EXAMPLE, "--rules", "cis-aws-foundations", "--format", "json"];
    let results = Portcullis::new().run(args, 3).json();
    let controls: Vec<&Value> = results["controls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|control| control["framework"] == "cis-aws-6.0")
        .collect();
    assert_eq!(controls.len(), 21);
    let control = |id: &str| *controls.iter().find(|control| control["control"] == id).unwrap();
    assert_eq!((&control("2.9")["covered"], &control("2.9")["fail"]), (&true.into(), &29.into()));
    assert_eq!((&control("2.20")["covered"], &control("2.20")["pass"]), (&false.into(), &0.into()));
}

/// Settings of the file hold where the command line says nothing, and modes by place decide the exit status.
#[test]
fn the_config_file_is_used_and_checked() {
    let scan = ["scan", "--snapshot", EXAMPLE, "--format", "json"];
    let config = "fail_on: critical\nmodes: [\"*=audit\"]\n";
    let results = Portcullis::new().file("portcullis.yaml", config).run(scan, 4).json();
    assert!(results["findings"].as_array().unwrap().iter().all(|finding| finding["mode"] == "audit"));
    let output = Portcullis::new().file("portcullis.yaml", "fail_onn: high\n").run(scan, 2);
    assert!(output.stderr.starts_with("portcullis.yaml:1:1: error[unknown-key]"), "{}", output.stderr);
    let elsewhere = Portcullis::new().file("portcullis.yaml", "modes: [\"role-trust-mfa=audit\"]\n");
    elsewhere.run(scan, 3);
    let slip = Portcullis::new().file("portcullis.yaml", "modes: [\"console-usr-mfa=audit\"]\n").run(scan, 2);
    assert!(slip.stderr.contains("console-usr-mfa"), "{}", slip.stderr);
    let by_place = Portcullis::new().file("portcullis.yaml", "modes: [\"console-user-mfa=audit@111111111101\"]\n");
    let results = by_place.run(scan, 3).json();
    let mode = |account: &str| {
        let findings = results["findings"].as_array().unwrap();
        let of = |finding: &&Value| finding["account"] == account && finding["rule"] == "console-user-mfa";
        findings.iter().find(of).map(|finding| finding["mode"].clone())
    };
    assert_eq!((mode("111111111101"), mode("111111111102")), (Some("audit".into()), Some("enforce".into())));
}
