//! What is written comes back; what is not a whole snapshot is refused with the line that shows it.

use std::fs;

use super::*;
use crate::model::evaluation::Notice;
use crate::testing::{account, now, rich_account};

fn header(accounts: usize) -> Header {
    Header {
        schema: SCHEMA.to_owned(),
        version: "0.1.0".to_owned(),
        run_id: "run".to_owned(),
        started_at: now(),
        accounts,
        facts: vec!["*".to_owned()],
        notices: vec![Notice { account: None, message: "a remark".to_owned() }],
    }
}

fn bytes(compressed: bool, accounts: &[AccountFacts]) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, compressed, &header(accounts.len()), accounts.iter().cloned().map(Ok)).unwrap();
    out
}

/// Two accounts, one of them with every kind of fact.
fn two() -> Vec<AccountFacts> {
    vec![rich_account(), account()]
}

/// What reading a file of these bytes gives.
fn read(name: &str, content: &[u8]) -> Result<(Header, Vec<AccountFacts>), String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    let reader = Reader::open(&path).map_err(|error| error.to_string())?;
    let header = reader.header().clone();
    let accounts: Result<Vec<AccountFacts>, SnapshotError> = reader.map(|raw| raw?.parse()).collect();
    let shorten = |error: SnapshotError| error.to_string().replace(&directory.path().display().to_string(), "DIR");
    accounts.map(|accounts| (header, accounts)).map_err(shorten)
}

fn refusal(name: &str, content: &[u8]) -> String {
    let error = read(name, content).expect_err("refused");
    // Only what follows the name: that of the directory is another in each run.
    error.split_once('`').and_then(|(_, rest)| rest.split_once('`')).map_or(error.clone(), |(_, rest)| rest.to_owned())
}

#[test]
fn what_is_written_comes_back() {
    for (name, compressed) in [("plain.jsonl", false), ("small.jsonl.zst", true)] {
        let (read_header, accounts) = read(name, &bytes(compressed, &two())).unwrap();
        assert_eq!(read_header, header(2));
        assert_eq!(accounts, two(), "{name}");
    }
    assert_eq!(read("none", &bytes(false, &[])).unwrap(), (header(0), Vec::new()));
}

#[test]
fn the_format_of_version_1() {
    let text = String::from_utf8(bytes(false, &two())).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    insta::assert_json_snapshot!(lines);
}

#[test]
fn compression_is_told_by_the_name() {
    assert!(is_compressed(Path::new("a/b.jsonl.zst")) && is_compressed(Path::new("b.zst")));
    assert!(!is_compressed(Path::new("zst")) && !is_compressed(Path::new("b.zst.json")));
    assert!(bytes(true, &two()).len() < bytes(false, &two()).len() / 2);
    // Under another name it is no text.
    assert_eq!(refusal("s.jsonl", &bytes(true, &two())), " line 1: is not UTF-8 text");
    assert!(refusal("s.zst", &bytes(false, &two())).starts_with(" line 1: could not be read, the file is cut off"));
}

#[test]
fn a_file_that_was_cut_off_is_never_taken_for_a_smaller_one() {
    let whole = bytes(false, &two());
    let text = String::from_utf8(whole.clone()).unwrap();
    let line_ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let cases = [
        (
            "in the header",
            line_ends[0] / 2,
            " line 1: is not the header of a portcullis snapshot; is this another file?",
        ),
        (
            "behind the header",
            line_ends[0] + 1,
            " line 2: the file ends after 0 of 2 accounts: it was cut off; take the snapshot again",
        ),
        (
            "in the first account",
            line_ends[0] + 50,
            " line 2: ends in the middle of an account: the file was cut off; take the snapshot again",
        ),
        (
            "between the accounts",
            line_ends[1] + 1,
            " line 3: the file ends after 1 of 2 accounts: it was cut off; take the snapshot again",
        ),
        (
            "in the second account",
            line_ends[2] - 10,
            " line 3: ends in the middle of an account: the file was cut off; take the snapshot again",
        ),
    ];
    for (what, length, message) in cases {
        assert_eq!(refusal("s.jsonl", &whole[..length]), message, "{what}");
    }
    // Only the last line end may be missing: then nothing is.
    assert_eq!(read("s.jsonl", &whole[..whole.len() - 1]).unwrap().1, two());
    let packed = bytes(true, &two());
    for length in [0, 1, 5, packed.len() / 2, packed.len() - 1] {
        assert!(read("s.zst", &packed[..length]).is_err(), "{length} of {} bytes", packed.len());
    }
}

#[test]
fn other_files_are_told_apart() {
    let not_a_header = " line 1: is not the header of a portcullis snapshot";
    let no_schema = format!("{not_a_header}: no `\"schema\": \"portcullis/snapshot/v1\"`");
    let another = format!("{not_a_header}; is this another file?");
    let cases: [(&[u8], &str); 9] = [
        (b"", " line 1: the file is empty"),
        (b"\n", &another),
        (b"hello\n", &another),
        (b"user,arn\n<root_account>,x\n", &another),
        (b"{\"schema\":\"portcullis/results/v1\"}\n", &no_schema),
        (b"{}\n", &no_schema),
        (b"[]\n", &no_schema),
        (b"\xff\xfe\n", " line 1: is not UTF-8 text"),
        (
            b"{\"schema\":\"portcullis/snapshot/v2\",\"new\":1}\n",
            " line 1: has the schema `portcullis/snapshot/v2`; this version reads `portcullis/snapshot/v1`",
        ),
    ];
    for (content, message) in cases {
        assert_eq!(refusal("s.jsonl", content), message);
    }
    assert_eq!(
        refusal("s.jsonl", b"{\"schema\":\"portcullis/snapshot/v1\"}\n"),
        " line 1: the header is not right: missing field `version`"
    );
}

#[test]
fn lines_that_are_no_accounts_are_named_by_their_number() {
    let good = String::from_utf8(bytes(false, &two())).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let with = |second: &str| format!("{}\n{}\n{second}\n", lines[0], lines[1]);
    let cases = [
        (with("{}"), " line 3: is not an account: missing field `account` at column 2"),
        (
            with("{\"account\": 7}"),
            " line 3: is not an account: invalid type: integer `7`, expected struct Account at column 13",
        ),
        (with("x"), " line 3: is not an account: expected value at column 1"),
        (with(""), " line 3: is empty; every line but the first is an account"),
        (format!("{good}{}\n", lines[1]), " line 4: there are more lines than the 2 accounts of the header"),
        (format!("{good}\n"), " line 4: there are more lines than the 2 accounts of the header"),
    ];
    for (content, message) in cases {
        assert_eq!(refusal("s.jsonl", content.as_bytes()), message);
    }
}

/// What a file says of itself is repeated in messages: it must not write to the terminal.
#[test]
fn messages_do_not_carry_control_characters_of_the_file() {
    let evil = "\\u001b[2Jx";
    let status = String::from_utf8(bytes(false, &two())).unwrap().replacen("\"partial\"", &format!("\"{evil}\""), 1);
    let schema = format!("{{\"schema\":\"portcullis/snapshot/{evil}\"}}\n");
    for content in [status, schema] {
        let message = refusal("s.jsonl", content.as_bytes());
        assert!(message.contains("\\u{1b}[2Jx") && !message.contains('\u{1b}'), "{message:?}");
    }
}

/// Line ends of Windows are taken: JSON passes over them.
#[test]
fn carriage_returns_are_no_matter() {
    let text = String::from_utf8(bytes(false, &two())).unwrap().replace('\n', "\r\n");
    assert_eq!(read("s.jsonl", text.as_bytes()).unwrap().1, two());
}

/// Fields that a later version adds do not stop this one, and fields that an earlier one lacked have a default.
#[test]
fn unknown_fields_of_accounts_are_passed_over() {
    let text = String::from_utf8(bytes(false, &two())).unwrap();
    let newer = text.replace("{\"account\":", "{\"later\":[1],\"account\":");
    assert_eq!(read("s.jsonl", newer.as_bytes()).unwrap().1, two());
}

#[test]
fn a_fact_is_whole_or_it_is_refused() {
    let good = r#""users":{"value":[],"#;
    let text = String::from_utf8(bytes(false, &[account()])).unwrap();
    for bad in [r#""users":{"#, r#""users":{"value":[],"extra":1,"#, r#""users":{"value":[],"value":[],"#] {
        let message = refusal("s.jsonl", text.replacen(good, bad, 1).as_bytes());
        assert!(message.starts_with(" line 2: is not an account: "), "{message}");
    }
    assert!(text.contains(good));
}

#[test]
fn files_that_cannot_be_opened_say_why() {
    let directory = tempfile::tempdir().unwrap();
    let missing = Reader::open(&directory.path().join("none.jsonl")).err().unwrap();
    assert!(missing.to_string().contains("none.jsonl`: could not be opened: No such file"), "{missing}");
    let folder = Reader::open(directory.path()).err().unwrap();
    assert!(folder.to_string().ends_with("`: is a directory, not a snapshot file"), "{folder}");
}

#[test]
fn reading_ends_at_the_first_line_that_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.jsonl");
    fs::write(&path, &bytes(false, &two())[..1000]).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    assert!(reader.next().unwrap().is_err(), "the line that was cut is the one that is named");
    assert!(reader.next().is_none() && reader.next().is_none());
}

#[test]
fn an_account_that_cannot_be_had_ends_the_writing() {
    for compressed in [false, true] {
        let accounts = [Ok(account()), Err(io::Error::other("scan failed"))];
        let error = write(&mut Vec::new(), compressed, &header(2), accounts).unwrap_err();
        assert_eq!(error.to_string(), "scan failed");
    }
}

proptest::proptest! {
    /// Whatever a file holds, it is read or refused.
    #[test]
    fn no_bytes_make_it_panic(content in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), compressed: bool) {
        let _ = read(if compressed { "s.zst" } else { "s.jsonl" }, &content);
    }

    /// A bit that flips is noticed, or makes a snapshot that is as whole: never a smaller one.
    #[test]
    fn no_damage_makes_a_snapshot_smaller(at in 0..2000_usize, bit in 0..8_u8) {
        let mut content = bytes(false, &two());
        content[at] ^= 1 << bit;
        if let Ok((header, accounts)) = read("s.jsonl", &content) {
            proptest::prop_assert_eq!(header.accounts, accounts.len());
        }
    }
}
