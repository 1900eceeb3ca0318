//! What the program writes for other programs is as its published schemas say: nothing lacks, nothing is unsaid.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{RULES, Stage};
use crate::support::org::Size;
use crate::support::portcullis::Portcullis;
use crate::support::python::{Venv, script};

/// Holds documents against the schema that the program prints, and gives the fields that may be missing and those that may
/// have any name, such as accounts of a mapping. Panics if one is refused, or has a field that the schema does not tell of.
fn checked(name: &str, documents: &[Value], free: &[&str]) -> [Vec<String>; 2] {
    let schema = Portcullis::new().run(["rules", "schema", name], 0).json();
    let mut child = Command::new(Venv::moto().python())
        .arg(script("check_schema.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start check_schema.py");
    let request = json!({"schema": schema, "documents": documents, "free": free}).to_string();
    child.stdin.take().expect("its input").write_all(request.as_bytes()).expect("send the documents");
    let output = child.wait_with_output().expect("wait for check_schema.py");
    assert!(output.status.success(), "check_schema.py failed for {name}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("check_schema.py answers JSON");
    assert_eq!((&answer["errors"], &answer["unknown"]), (&json!([]), &json!([])), "{name}");
    ["optional", "renamed"].map(|list| super::column_of_text(&answer[list]))
}

/// The document fits its schema, in which all fields are required but these.
fn fits(name: &str, documents: &[Value], optional: &[&str]) {
    assert_eq!(checked(name, documents, &["actions[].evidence[].value"]), [optional.to_vec(), Vec::new()], "{name}");
}

#[test]
fn results_and_snapshots_are_as_their_schemas_say() {
    let (stage, org) = Stage::organization(Size { accounts: 4, users: 24 });
    let waiver = format!(
        "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers:\n  - {{ rule: console-user-mfa, resource: '{}', \
         owner: a, reason: b, expires: 2027-01-31 }}\n",
        org.failing()[0]
    );
    std::fs::write(stage.path("waivers.yaml"), waiver).unwrap();
    let scan = "scan --org --waivers waivers.yaml --now 2026-12-01 --save-snapshot s.jsonl --format json --quiet";
    let results = stage.program.run(scan.split_whitespace(), 3).json();
    let free = ["findings[].evidence[].value", "rules[].controls", "findings[].controls"];
    let [optional, renamed] = checked("results", std::slice::from_ref(&results), &free);
    assert_eq!(optional, ["findings[].evidence[].unknown"]);
    assert_eq!(renamed, [""; 0]);
    assert!(results["findings"].as_array().unwrap().iter().any(|finding| finding["waived"].is_object()));

    let text = std::fs::read_to_string(stage.path("s.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6, "a header, and five accounts, of which one is suspended");
    let [optional, renamed] = checked("snapshot", &lines, &["summary.value"]);
    assert!(optional.iter().all(|path| path.rsplit('.').next() == Some("gap")), "known in part: {optional:?}");
    assert_eq!(renamed, [""; 0]);
    let misnamed = text.replacen("\"mfa_devices\"", "\"mfa_device\"", 1);
    let refused = std::panic::catch_unwind(|| {
        let lines: Vec<Value> = misnamed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        checked("snapshot", &lines, &[])
    });
    assert!(refused.is_err(), "a field with another name is refused");
}

#[test]
fn what_enforcement_writes_is_as_its_schemas_say() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    stage.guarded(&["cid"], "--attach group");
    stage.enrolls("bob");
    stage.people(&["dan", "eve", "fay", "gus"]);
    stage.iam("DetachUserPolicy", &[("UserName", "ada"), ("PolicyArn", &stage.guard())]);
    let status = stage.enforce("status --format json", 0).json();
    fits("status", &[status], &["users[].guards[].group"]);

    let announced = stage.enforce("announce --rules rules.yaml --format json", 0).json();
    let grace = RULES.replace("enforce: deny-without-mfa", "enforce: deny-without-mfa\n    grace: 7d");
    std::fs::write(stage.path("grace.yaml"), grace).unwrap();
    let announcement = stage.enforce("announce --rules grace.yaml --format json", 0).json();
    assert!(announced["people"][0]["deadline"].is_null() && announcement["people"][0]["deadline"].is_string());
    fits("announcement", &[announced, announcement], &[]);

    let plan = |rules: &str, more: &str| {
        let args = format!(
            "enforce plan --rules {rules} --no-break-glass --max-percent 100 --exit-zero --quiet --ledger ledger.jsonl \
             --format json {more}"
        );
        stage.program.run(args.split_whitespace(), 0).json()
    };
    stage.iam("CreateAccessKey", &[("UserName", "eve")]);
    let ssh = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 fay";
    for user in ["fay", "gus"] {
        stage.iam("UploadSSHPublicKey", &[("UserName", user), ("SSHPublicKeyBody", ssh)]);
    }
    let reset = [("Password", "Other-horse-8-battery"), ("PasswordResetRequired", "true")];
    stage.iam("UpdateLoginProfile", &[&[("UserName", "gus")], &reset[..]].concat());
    let own = include_str!("../../../policies/guards/deny-without-mfa.json").replace("${Partition}", "aws");
    std::fs::write(stage.path("own.json"), own).unwrap();
    let held = plan("grace.yaml", "--take 1 --guard-document own.json");
    let offered = plan("rules.yaml", "");
    assert!(held["settings"]["guard_document"].is_string() && held["limits"]["taken"] == 0, "{held}");
    assert!(offered["actions"][0]["keys"].is_array() && offered["held_back"][0]["offer"].is_string(), "{offered}");
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(30 * 24);
    let over = plan("grace.yaml", &format!("--now {later}"));
    assert!(over["actions"][0]["deadline"].is_string(), "{over}");
    let edited = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    let version = [("PolicyArn", stage.guard()), ("PolicyDocument", edited.to_owned())];
    let version: Vec<(&str, &str)> = version.iter().map(|(name, value)| (*name, value.as_str())).collect();
    stage.iam("CreatePolicyVersion", &[&version[..], &[("SetAsDefault", "true")]].concat());
    let repaired = plan("rules.yaml", "--repair");
    assert!(repaired["actions"][0]["expects"]["default_version"].is_string(), "{repaired}");
    let optional = [
        "actions[].deadline",
        "actions[].expects.default_version",
        "held_back[].also",
        "held_back[].deadline",
        "held_back[].keys",
        "held_back[].offer",
        "limits.taken",
        "settings.guard_document",
    ];
    fits("plan", &[held, offered, over, repaired], &optional);
}
