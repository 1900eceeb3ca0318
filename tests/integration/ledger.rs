//! `portcullis ledger`: exit statuses, where the path comes from, and that reading changes nothing.

use std::fs;
use std::path::Path;

use portcullis::ledger::{Author, Kind, Ledger, Outcome, Record};

use crate::support::portcullis::Portcullis;

const FILE: &str = "portcullis-ledger.jsonl";

fn author() -> Author {
    Author { run_id: "run-1".to_owned(), actor: None, at: "2026-11-24T12:00:00Z".parse().unwrap() }
}

/// Writes a run that closes one gate, and gives the head.
fn write(path: &Path) -> String {
    let mut ledger = Ledger::open(path, &author()).unwrap();
    let about = |kind| Record {
        account: Some("111122223333".to_owned()),
        resource: Some("arn:aws:iam::111122223333:user/staff/alice".to_owned()),
        action: Some("attach-user-policy".to_owned()),
        id: Some("a1".to_owned()),
        ..Record::new(kind, author().at, "run-1")
    };
    ledger.append(&Record::new(Kind::RunStarted, author().at, "run-1")).unwrap();
    ledger.append(&about(Kind::Intent)).unwrap();
    ledger.append(&Record { result: Some(Outcome::Done), ..about(Kind::Outcome) }).unwrap();
    ledger.append(&Record::new(Kind::RunFinished, author().at, "run-1")).unwrap().hash
}

#[test]
fn a_whole_ledger_is_verified_and_shown() {
    let program = Portcullis::new();
    let path = program.dir().join(FILE);
    let head = write(&path);
    let before = fs::read(&path).unwrap();
    let output = program.run(["ledger", "verify"], 0);
    assert_eq!(output.stdout, format!("{FILE}: whole, 4 entries\nhead {head}\n"));
    let json = program.run(["ledger", "verify", "--format", "json", "--head", &head], 0).json();
    assert_eq!((json["entries"].as_u64(), json["since"].as_u64()), (Some(4), Some(0)));
    assert_eq!(json["head"], head.as_str());
    let shown = program.run(["ledger", "show", "--user", "alice", "--format", "json"], 0).json();
    let kinds: Vec<&str> = shown.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["intent", "outcome"]);
    let table = program.run(["ledger", "show", "--account", "111122223333"], 0).stdout;
    assert!(table.contains("attach-user-policy done") && table.ends_with("\n2 of 4 entries\n"), "{table}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let writer = Ledger::open(&path, &author()).unwrap();
    program.run(["ledger", "verify"], 0);
    program.run(["ledger", "show"], 0);
    drop(writer);
}

#[test]
fn the_path_comes_from_flag_variable_and_file() {
    let program = Portcullis::new();
    write(&program.dir().join("other.jsonl"));
    let missing = program.run(["ledger", "verify"], 1);
    assert!(missing.stderr.contains("there is no ledger `portcullis-ledger.jsonl`"), "{}", missing.stderr);
    assert!(missing.stderr.contains("help: name it with --ledger PATH"), "{}", missing.stderr);
    assert_eq!(missing.stdout, "");
    program.run(["ledger", "show"], 1);
    program.run(["ledger", "verify", "--ledger", "other.jsonl"], 0);
    let program = program.file("portcullis.yaml", "ledger: other.jsonl\n");
    program.run(["ledger", "verify"], 0);
    let program = program.env("PORTCULLIS_LEDGER", "nowhere.jsonl");
    let missing = program.run(["ledger", "verify"], 1);
    assert!(missing.stderr.contains("`nowhere.jsonl`"), "the variable wins: {}", missing.stderr);
    program.run(["ledger", "show", "--ledger", "other.jsonl"], 0);
}

#[test]
fn a_break_ends_with_five() {
    let program = Portcullis::new();
    let path = program.dir().join(FILE);
    let head = write(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let cases = [
        (whole.replacen("alice", "malory", 1), "edited", 2),
        ([lines[0], lines[2], lines[3]].concat(), "removed", 2),
        ([lines[0], lines[2], lines[1], lines[3]].concat(), "reordered", 3),
        ([lines[0], lines[1], lines[1], lines[2], lines[3]].concat(), "reordered", 2),
        (whole[..whole.len() - 20].to_owned(), "truncated", 4),
    ];
    for (damaged, kind, seq) in cases {
        fs::write(&path, &damaged).unwrap();
        let output = program.run(["ledger", "verify"], 5);
        assert!(output.stdout.contains(&format!("entry {seq} {kind}: ")), "{}", output.stdout);
        let json = program.run(["ledger", "verify", "--format", "json"], 5).json();
        assert_eq!((json["damage"]["kind"].as_str(), json["damage"]["seq"].as_u64()), (Some(kind), Some(seq)));
        let shown = program.run(["ledger", "show"], if kind == "truncated" { 0 } else { 5 });
        let said = if kind == "truncated" { "warning: " } else { "error: the ledger" };
        assert!(shown.stderr.starts_with(said), "{}", shown.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "nothing is repaired by reading");
    }
    fs::write(&path, lines[..3].concat()).unwrap();
    program.run(["ledger", "verify"], 0);
    let output = program.run(["ledger", "verify", "--head", &head], 5);
    assert!(output.stdout.contains("entry 4 truncated: no entry has the hash given"), "{}", output.stdout);
    program.run(["ledger", "verify", "--head", "abc"], 2);
}

#[test]
fn the_schema_is_printed() {
    let program = Portcullis::new();
    assert!(program.run(["rules", "schema"], 0).stdout.lines().any(|name| name == "ledger"));
    let schema = program.run(["rules", "schema", "ledger"], 0).json();
    assert_eq!(schema["required"].as_array().unwrap().len(), 6);
}
