//! What `ledger show` and `ledger verify` print.

use clap::Parser as _;
use jiff::Timestamp;

use super::*;
use crate::cli::{Cli, Command};
use crate::ledger::{Author, Kind, MemoryStore, Outcome, Record, START};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_521_600 + second).unwrap()
}

/// A ledger of a run that closes two gates, one of them with a hostile name.
fn bytes() -> Vec<u8> {
    let store = MemoryStore::default();
    let author = Author { run_id: "run-1".to_owned(), actor: None, at: at(0) };
    let mut ledger = Ledger::over(Box::new(store.clone()), &author).unwrap();
    let about = |second: i64, kind: Kind, account: &str, user: &str| Record {
        account: Some(account.to_owned()),
        resource: Some(format!("arn:aws:iam::{account}:user/{user}")),
        action: Some("attach-user-policy".to_owned()),
        rule: Some("console-user-mfa".to_owned()),
        id: Some(user.to_owned()),
        ..Record::new(kind, at(second), "run-1")
    };
    let records = [
        Record::new(Kind::RunStarted, at(0), "run-1"),
        about(1, Kind::Intent, "111122223333", "staff/alice"),
        Record {
            result: Some(Outcome::Failed),
            message: Some("AccessDenied: \u{1b}[2J".to_owned()),
            ..about(2, Kind::Outcome, "111122223333", "staff/alice")
        },
        Record { deadline: Some(at(86_400)), ..about(3, Kind::Announced, "444455556666", "bob") },
        Record { message: Some("1 failed".to_owned()), ..Record::new(Kind::RunFinished, at(4), "run-2") },
    ];
    for record in records {
        ledger.append(&record).unwrap();
    }
    store.bytes()
}

/// The numbers of the entries that a command line shows.
fn shown(line: &str) -> Vec<u64> {
    let cli = Cli::try_parse_from(format!("portcullis ledger show {line}").split_whitespace()).unwrap();
    let Command::Ledger(LedgerCommand::Show(args)) = cli.command else { panic!("another command") };
    let history = crate::ledger::History::of_bytes("x", &bytes()).unwrap();
    history.entries().iter().filter(|entry| is_wanted(&args, entry)).map(|entry| entry.seq).collect()
}

#[test]
fn entries_are_chosen_by_account_user_and_run() {
    assert_eq!(shown(""), [1, 2, 3, 4, 5]);
    assert_eq!(shown("--account 111122223333"), [2, 3]);
    assert_eq!(shown("--user alice"), [2, 3]);
    assert_eq!(shown("--user arn:aws:iam::444455556666:user/bob"), [4]);
    assert_eq!(shown("--run run-2"), [5]);
    assert_eq!(shown("--run run-1 --account 444455556666"), [4]);
    assert_eq!(shown("--account 111122223333 --user bob"), [] as [u64; 0]);
}

#[test]
fn the_table_tells_what_happened_and_no_name_moves_the_cursor() {
    let history = crate::ledger::History::of_bytes("x", &bytes()).unwrap();
    let entries: Vec<&Entry> = history.entries().iter().collect();
    let text = table(&entries, 5, None);
    insta::assert_snapshot!(text);
    assert!(!text.contains('\u{1b}'));
    assert_eq!(table(&[], 5, None), "0 of 5 entries\n");
}

#[test]
fn json_is_an_array_of_the_entries() {
    let bytes = bytes();
    let history = crate::ledger::History::of_bytes("x", &bytes).unwrap();
    let entries: Vec<&Entry> = history.entries().iter().collect();
    let listed: Vec<Entry> = serde_json::from_str(&listed(&entries).unwrap()).unwrap();
    assert_eq!(listed, history.entries());
    assert_eq!(super::listed(&[]).unwrap(), "[]\n");
}

fn verdict(bytes: &[u8], head: Option<&str>) -> (bool, String) {
    let verdict = Verdict::of(&walk(bytes), head);
    (verdict.damage.is_none(), verdict.to_text("l.jsonl"))
}

#[test]
fn a_whole_chain_is_told_with_its_head_and_what_came_since() {
    let bytes = bytes();
    let chain = walk(&bytes);
    let (first, last) = (chain.links[0].hash, chain.head());
    let whole = format!("l.jsonl: whole, 5 entries\nhead {last}\n");
    assert_eq!(verdict(&bytes, None), (true, whole.clone()));
    assert_eq!(verdict(&bytes, Some(last)), (true, format!("{whole}the head given is its end\n")));
    assert_eq!(verdict(&bytes, Some(chain.links[3].hash)), (true, format!("{whole}1 entry since the head given\n")));
    assert_eq!(verdict(&bytes, Some(first)), (true, format!("{whole}4 entries since the head given\n")));
    assert_eq!(verdict(b"", None), (true, format!("l.jsonl: whole, 0 entries\nhead {START}\n")));
}

#[test]
fn a_break_is_told_with_its_kind_and_what_to_do() {
    let bytes = bytes();
    let chain = walk(&bytes);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let (is_whole, text) = verdict(&[lines[0], lines[2]].concat(), None);
    let head = chain.links[0].hash;
    assert!(!is_whole);
    let expected = format!(
        "l.jsonl: broken at line 2: entry 2 removed: it is missing before entry 3\nwhole before it: 1 entry, head \
         {head}\nhelp: nothing from this line on can be trusted; compare with a copy or a head kept elsewhere\n"
    );
    assert_eq!(text, expected);
    let (is_whole, text) = verdict(&bytes[..bytes.len() - 9], None);
    assert!(!is_whole && text.contains("entry 5 truncated: it was never finished"), "{text}");
    assert!(text.ends_with(
        "help: a crash cut its write off, and the next command that writes sets it aside; or one writes just now\n"
    ));
    let (is_whole, text) = verdict(&lines[..4].concat(), Some(chain.head()));
    assert!(!is_whole && text.contains("line 5: entry 5 truncated: no entry has the hash given"), "{text}");
}

#[test]
fn the_verdict_for_machines() {
    let bytes = bytes();
    let chain = walk(&bytes);
    let json = |bytes: &[u8], head: Option<&str>| -> serde_json::Value {
        serde_json::from_str(&Verdict::of(&walk(bytes), head).to_json("l.jsonl")).unwrap()
    };
    let whole = json!({
        "ledger": "l.jsonl", "status": "whole", "entries": 5, "head": chain.head(), "since": 2, "damage": null,
        "help": null,
    });
    assert_eq!(json(&bytes, Some(chain.links[2].hash)), whole);
    let cut = json(&bytes[1..], None);
    assert_eq!((cut["status"].as_str(), cut["entries"].as_u64()), (Some("broken"), Some(0)));
    assert_eq!((cut["damage"]["kind"].as_str(), cut["damage"]["seq"].as_u64()), (Some("edited"), Some(1)));
}
