//! The exit statuses, one table for all of them, and how output ends.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use super::{FORMATS, Stage, statuses, words};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::On;

/// Id, severity, mode, and what is required of what.
type Rule = (&'static str, &'static str, &'static str, &'static str);

/// A pack of these rules.
fn pack(rules: &[Rule]) -> String {
    let head = "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: { id: exits, title: t, version: 1.0.0 }\nrules:";
    let line = |(id, severity, mode, body): &Rule| {
        format!("  - {{ id: {id}, title: t, severity: {severity}, mode: {mode}, {body} }}")
    };
    let lines: Vec<_> = std::iter::once(head.to_owned()).chain(rules.iter().map(line)).collect();
    lines.join("\n")
}

const FAILS: &str = "target: account, require: { user_count: { gt: 9 } }";
const PASSES: &str = "target: account, require: { user_count: { lt: 9 } }";
/// Moto's summary does not tell it.
const UNKNOWN: &str = "target: root, require: { password_present: false }";

#[test]
fn every_exit_status_has_its_reason() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[])]);
    stage.program().run(words("scan", "--rules mfa.yaml"), 3);
    let program = stage.program();
    program.run(words("scan", "--rules mfa.yaml --fail-on critical --save-snapshot x.jsonl"), 0);
    let snapshot = std::fs::read_to_string(program.dir().join("x.jsonl")).unwrap();
    let table: &[(&[Rule], &str, i32)] = &[
        (&[("a", "critical", "warn", PASSES)], "", 0),
        (&[("a", "high", "warn", FAILS)], "", 3),
        (&[("a", "critical", "warn", FAILS)], "", 3),
        (&[("a", "medium", "warn", FAILS)], "", 0),
        (&[("a", "medium", "warn", FAILS)], "--fail-on medium", 3),
        (&[("a", "high", "warn", FAILS)], "--fail-on critical", 0),
        (&[("a", "informational", "warn", FAILS)], "--fail-on informational", 3),
        (&[("a", "critical", "audit", FAILS)], "", 0),
        (&[("a", "critical", "audit", UNKNOWN)], "", 0),
        (&[("a", "high", "warn", UNKNOWN)], "", 4),
        (&[("a", "medium", "warn", UNKNOWN)], "", 0),
        (&[("a", "medium", "warn", UNKNOWN)], "--fail-on low", 4),
        (&[("a", "high", "warn", UNKNOWN), ("b", "medium", "warn", FAILS)], "", 4),
        (&[("a", "high", "warn", UNKNOWN), ("b", "high", "warn", FAILS)], "", 3),
        (&[("a", "high", "warn", UNKNOWN), ("b", "critical", "audit", FAILS)], "", 4),
        (&[("a", "high", "warn", FAILS), ("a", "high", "warn", FAILS)], "", 2),
        (&[("a", "high", "warn", FAILS)], "--now never", 2),
        (&[("a", "high", "warn", FAILS)], "--format json=missing/x", 1),
    ];
    for (rules, args, expected) in table {
        let offline = Portcullis::new().file("x.jsonl", &snapshot).file("rules.yaml", &pack(rules));
        offline.run(words("scan", &format!("--snapshot x.jsonl --rules rules.yaml {args}")), *expected);
    }
}

#[test]
fn the_status_is_the_same_for_every_format() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[]), ("lou", true, &["virtual"])]);
    let taken = stage.program();
    taken.run(words("scan", "--rules mfa.yaml --save-snapshot x.jsonl"), 3);
    for (expected, rule) in [(0, PASSES), (3, FAILS), (4, UNKNOWN)] {
        let program = Portcullis::new().file("rules.yaml", &pack(&[("a", "high", "warn", rule)]));
        std::fs::copy(taken.dir().join("x.jsonl"), program.dir().join("x.jsonl")).unwrap();
        for format in FORMATS {
            let args = format!("--snapshot x.jsonl --rules rules.yaml --now 2026-01-01 --format {format}");
            let run = program.run(words("scan", &args), expected);
            assert!(!run.stdout.is_empty() || format == "jsonl" && expected == 0, "{format}");
            assert_eq!(run.stderr, "", "{format}");
            assert_eq!(program.run(words("scan", &format!("{args}=out")), expected).stdout, "", "{format}");
            assert_eq!(std::fs::read_to_string(program.dir().join("out")).unwrap(), run.stdout, "{format}");
        }
    }
}

#[test]
fn a_partial_account_is_incomplete_unless_something_fails() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[]), ("lou", true, &["virtual"])]);
    stage.proxy.rule(On::action("iam", "GetAccountPasswordPolicy").deny());
    assert_eq!(statuses(&stage.scan("--rules mfa.yaml", 3)), ["partial"]);
    stage.scan("--rules mfa.yaml --fail-on critical", 4);
    for format in FORMATS {
        stage.run(&format!("--rules mfa.yaml --fail-on critical --format {format}"), 4);
    }
}

#[test]
fn a_skipped_account_is_no_gap() {
    let (stage, _) = Stage::organization(60);
    let results = stage.scan("--org --rules mfa.yaml --fail-on critical", 0);
    assert_eq!(statuses(&results).len(), 7);
}

#[test]
fn colours_are_shown_on_request_only_and_never_against_the_wish_of_the_user() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[])]);
    let program = stage.program().file("bad.yaml", "kind: [\n");
    program.run(words("scan", "--rules mfa.yaml --save-snapshot x.jsonl"), 3);
    let args = words("scan", "--snapshot x.jsonl --rules mfa.yaml");
    let plain = program.run(&args, 3).stdout;
    let program = program.env("CLICOLOR_FORCE", "1");
    assert_eq!(program.run(&args, 3).stdout, plain, "NO_COLOR counts over CLICOLOR_FORCE");
    assert!(!program.run(words("scan", "--rules bad.yaml"), 2).stderr.contains('\u{1b}'));
    let program = program.env("NO_COLOR", "");
    assert!(program.run(&args, 3).stdout.contains('\u{1b}'), "an empty NO_COLOR is none");
    assert!(program.run(words("scan", "--rules bad.yaml"), 2).stderr.contains('\u{1b}'));
    let json: Value = program.run(words("scan", "--snapshot x.jsonl --rules mfa.yaml --format json"), 3).json();
    assert!(!json.to_string().contains("\\u001b"));
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let (stage, _) = Stage::organization(84);
    let program = stage.program();
    program.run(words("scan", "--org --quiet --save-snapshot x.jsonl"), 3);
    for format in FORMATS {
        let args = format!("--snapshot x.jsonl --format {format}");
        let mut command = program.command(words("scan", &args));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(3), "{format}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{format}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let child = program.command(words("scan", "--snapshot x.jsonl")).stdout(full).stderr(Stdio::piped()).spawn();
    let ended = child.unwrap().wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "a full disk is an error: {said}");
    assert!(said.contains("stdout could not be written"), "{said}");
}
