//! What a ledger keeps, what it refuses, and what it does when a write goes wrong.

mod faults;
mod laws;

use serde_json::{Value, json};

use super::*;

pub(super) const USER: &str = "arn:aws:iam::111122223333:user/staff/alice";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_521_600 + second).unwrap()
}

pub(super) fn author() -> Author {
    let actor = Some("arn:aws:sts::111122223333:assumed-role/Enforce/ci".to_owned());
    Author { run_id: "run-2".to_owned(), actor, at: at(1000) }
}

/// A change that is about to be made, with all that an entry can have and values that are written in many ways.
pub(super) fn intent(second: i64, id: &str) -> Record {
    let text = |text: &str| Some(text.to_owned());
    Record {
        actor: author().actor,
        plan: text("9f86d081"),
        account: text("111122223333"),
        resource: text(USER),
        action: text("attach-user-policy"),
        rule: text("console-user-mfa"),
        id: text(id),
        before: Some(json!({ "attached": [], "n": -1, "f": 1.5e-7, "t": true, "nothing": null })),
        after: Some(json!({ "attached": ["arn:aws:iam::111122223333:policy/portcullis/guard"] })),
        calls: vec!["iam:AttachUserPolicy".to_owned()],
        request_id: text("Zoë \u{1b}[31m \u{0} \u{2028} \"quoted\" \\ 🗝"),
        message: text("closes the gate"),
        ..Record::new(Kind::Intent, at(second), "run-1")
    }
}

pub(super) fn outcome(second: i64, id: &str, result: Outcome) -> Record {
    Record { kind: Kind::Outcome, result: Some(result), ..intent(second, id) }
}

pub(super) fn open(store: &MemoryStore) -> Result<Ledger, LedgerError> {
    Ledger::over(Box::new(store.clone()), &author())
}

/// The bytes of a ledger of these records.
pub(super) fn bytes_of(records: &[Record]) -> Vec<u8> {
    let store = MemoryStore::default();
    let mut ledger = open(&store).unwrap();
    for record in records {
        ledger.append(record).unwrap();
    }
    store.bytes()
}

pub(super) fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

fn damage(bytes: &[u8]) -> Damage {
    walk(bytes).damage().expect("a damage")
}

#[test]
fn an_entry_is_one_line_with_its_fields_in_order_and_its_hash_last() {
    let store = MemoryStore::default();
    let mut ledger = open(&store).unwrap();
    assert!(!ledger.existed());
    assert_eq!(ledger.head(), Head { hash: START, count: 0 });
    let entry = ledger.append(&Record::new(Kind::RunStarted, at(0), "run-1")).unwrap();
    let body =
        format!(r#"{{"seq":1,"at":"2026-11-24T12:00:00Z","run_id":"run-1","kind":"run-started","prev":"{START}""#);
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(format!("{body}}}")));
    assert_eq!(String::from_utf8(store.bytes()).unwrap(), format!("{body},\"hash\":\"{hash}\"}}\n"));
    assert_eq!((entry.hash.as_str(), entry.seq), (hash.as_str(), 1));
    let second = ledger.append(&intent(1, "a1")).unwrap();
    assert_eq!((second.prev.as_str(), second.seq), (hash.as_str(), 2));
    assert_eq!(second.record, intent(1, "a1"), "what was written is what is read");
    assert_eq!(ledger.head(), Head { hash: &second.hash, count: 2 });
    assert!(!ledger.existed(), "before it was opened");
    let keys: Vec<String> = {
        let bytes = store.bytes();
        let line = String::from_utf8(lines(&bytes)[1].to_vec()).unwrap();
        let value: indexmap::IndexMap<String, Value> = serde_json::from_str(&line).unwrap();
        value.into_keys().collect()
    };
    let expected = "seq at run_id kind actor plan account resource action rule id before after calls request_id message \
                    prev hash";
    assert_eq!(keys.join(" "), expected);
    drop(ledger);
    let again = open(&store).unwrap();
    assert!(again.existed());
    assert_eq!(again.history().entries()[1], second);
    assert_eq!(lines(&store.bytes()).len(), 2, "opening writes nothing");
}

#[test]
fn null_is_kept_apart_from_what_is_not_there() {
    let mut record = intent(0, "a1");
    record.before = Some(Value::Null);
    record.after = None;
    let bytes = bytes_of(&[record.clone()]);
    let history = History::of_bytes("x", &bytes).unwrap();
    assert_eq!(history.entries()[0].record, record);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(r#""before":null"#) && !text.contains("after"), "{text}");
}

#[test]
fn a_record_that_lacks_what_its_kind_must_have_is_refused() {
    let store = MemoryStore::default();
    let mut ledger = open(&store).unwrap();
    let mut refusals = Vec::new();
    for kind in Kind::ALL {
        if let Err(error) = ledger.append(&Record::new(kind, at(0), "run-1")) {
            refusals.push(error.to_string().replace("this may not be written to the ledger: an entry of kind ", ""));
        }
    }
    let expected = [
        "`observed` must have `account`",
        "`resolved` must have `account`",
        "`announced` must have `account`",
        "`intent` must have `account`",
        "`outcome` must have `account`",
        "`recovered` must have `message`",
    ];
    assert_eq!(refusals, expected);
    assert_eq!(ledger.head().count, 2, "the two kinds that need nothing more");
    let fields = Kind::ALL.iter().flat_map(Kind::required).copied().collect::<std::collections::BTreeSet<_>>();
    let full = Record { deadline: Some(at(1)), ..outcome(0, "a", Outcome::Done) };
    for field in fields {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.required().contains(&field)) {
            let mut value = serde_json::to_value(Record { kind, ..full.clone() }).unwrap();
            assert_eq!(serde_json::from_value::<Record>(value.clone()).unwrap().lacks(), None);
            value.as_object_mut().unwrap().remove(field);
            assert_eq!(serde_json::from_value::<Record>(value).unwrap().lacks(), Some(field));
        }
    }
}

#[test]
fn secrets_never_go_in() {
    let store = MemoryStore::default();
    let mut ledger = open(&store).unwrap();
    for (name, value) in [
        ("SecretAccessKey", json!({ "key": { "SecretAccessKey": "wJalr" } })),
        ("secret_access_key", json!([{ "secret_access_key": "wJalr" }])),
        ("Base32StringSeed", json!({ "Base32StringSeed": "ABCD" })),
        ("Password", json!({ "Password": "hunter2" })),
        ("session-token", json!({ "session-token": "x" })),
    ] {
        for record in [
            Record { before: Some(value.clone()), ..intent(0, "a") },
            Record { after: Some(value.clone()), ..intent(0, "a") },
            Record { more: [("new".to_owned(), value.clone())].into_iter().collect(), ..intent(0, "a") },
        ] {
            let error = ledger.append(&record).unwrap_err().to_string();
            assert_eq!(error, format!("this may not be written to the ledger: `{name}` is a secret"));
        }
    }
    let harmless = json!({ "password": true, "password_last_used": "2026-01-01", "SecretAccessKey": "" });
    ledger.append(&Record { before: Some(harmless), ..intent(0, "a") }).unwrap();
    assert_eq!(ledger.head().count, 1);
}

/// What could not be read again must not get in.
#[test]
fn values_nested_too_deep_and_fields_named_twice_are_refused() {
    let store = MemoryStore::default();
    let mut ledger = open(&store).unwrap();
    let deep = (0..130).fold(json!(1), |value, _| json!([value]));
    assert!(matches!(ledger.append(&Record { after: Some(deep), ..intent(0, "a") }), Err(LedgerError::Refused { .. })));
    for name in ["seq", "hash", "prev", "at", "before"] {
        let more = [(name.to_owned(), json!("x"))].into_iter().collect();
        let error = ledger.append(&Record { more, ..intent(0, "a") }).unwrap_err();
        assert!(matches!(error, LedgerError::Refused { .. }), "{name}: {error}");
    }
    assert_eq!(store.bytes(), b"");
}

/// A newer version may write kinds, results, fields and spellings that this one does not know.
#[test]
fn a_ledger_of_a_newer_version_verifies_and_is_continued() {
    let first = format!(
        r#"{{ "seq": 1, "v": 1.50e2, "at":"2026-11-24T12:00:00.25+02:00", "new": {{"b":1,"a":[1e400]}}, "run_id":"r", "kind":"paused", "result":"deferred", "prev":"{START}"}}"#
    );
    // A number that no float can hold is fine for the hash, and not for a reader.
    let (line, _) = seal(&first);
    assert_eq!(walk(line.as_bytes()).damage(), None);
    assert!(matches!(History::of_bytes("x", line.as_bytes()), Err(LedgerError::Unreadable { line: 1, .. })));
    let (line, hash) = seal(&first.replace("1e400", "1e4"));
    let store = MemoryStore::holding(format!("{line}\n").as_bytes());
    let mut ledger = open(&store).unwrap();
    let entry = &ledger.history().entries()[0];
    assert_eq!(entry.record.kind, Kind::Other("paused".to_owned()));
    assert_eq!(entry.record.result, Some(Outcome::Other("deferred".to_owned())));
    assert_eq!(entry.record.more.keys().map(String::as_str).collect::<Vec<_>>(), ["new", "v"]);
    assert_eq!(ledger.append(&intent(0, "a")).unwrap().prev, hash);
    assert!(store.bytes().starts_with(line.as_bytes()), "not a byte of it changes");
}

#[test]
fn damage_is_named_by_entry_line_and_kind() {
    let bytes = bytes_of(&[intent(0, "a"), intent(1, "b"), intent(2, "c"), intent(3, "d")]);
    let parts = lines(&bytes);
    let joined = |order: &[usize]| order.iter().map(|at| parts[*at]).collect::<Vec<_>>().concat();
    let shown = |order: &[usize]| damage(&joined(order)).to_string();
    assert_eq!(shown(&[0, 2, 3]), "line 2: entry 2 removed: it is missing before entry 3");
    assert_eq!(shown(&[0, 3]), "line 2: entry 2 removed: it is missing before entry 4, and so are 1 more");
    assert_eq!(shown(&[2, 3]), "line 1: entry 1 removed: it is missing before entry 3, and so are 1 more");
    assert_eq!(shown(&[0, 3, 2, 1]), "line 2: entry 4 reordered: it stands where entry 2 belongs, which is on line 4");
    assert_eq!(shown(&[0, 1, 1, 2]), "line 3: entry 2 reordered: it stands a second time, where entry 3 belongs");
    let edited =
        String::from_utf8(bytes.clone()).unwrap().replacen("closes", "opens", 3).replacen("opens", "closes", 2);
    assert_eq!(damage(edited.as_bytes()).to_string(), "line 3: entry 3 edited: its text and its hash do not fit");
    let cut = [parts[0], &parts[1][..40], b"\n", parts[2]].concat();
    assert_eq!(damage(&cut).to_string(), "line 2: entry 2 edited: it does not end with a hash");
    let torn = [parts[0], &parts[1][..40]].concat();
    let message = "line 2: entry 2 truncated: it was never finished: 40 bytes of it are there";
    assert_eq!(damage(&torn).to_string(), message);
    let blank = [parts[0], b"\n", parts[1]].concat();
    assert_eq!(damage(&blank).to_string(), "line 2: entry 2 edited: it does not end with a hash");
    let error = open(&MemoryStore::holding(&blank)).err().expect("refused").to_string();
    assert_eq!(error, "the ledger `memory` is broken: line 2: entry 2 edited: it does not end with a hash");
}

/// Who edits an entry can make its hash anew; the next entry remembers the old one.
#[test]
fn an_entry_whose_hash_was_made_anew_is_named() {
    let bytes = bytes_of(&[intent(0, "a"), intent(1, "b"), intent(2, "c")]);
    let parts = lines(&bytes);
    let forged = |line: &[u8], from: &str, to: &str| {
        let text = std::str::from_utf8(line).unwrap();
        let body = format!("{}}}", text.rsplit_once(",\"hash\"").unwrap().0);
        assert!(body.contains(from));
        format!("{}\n", seal(&body.replace(from, to)).0)
    };
    let second = forged(parts[1], "closes", "opens");
    let found = damage(&[parts[0], second.as_bytes(), parts[2]].concat());
    assert_eq!((found.kind, found.seq, found.line), (DamageKind::Edited, 2, 2));
    let first = forged(parts[0], START, &START.replace('0', "1"));
    let found = damage(&[first.as_bytes(), parts[1]].concat());
    assert_eq!((found.kind, found.seq, found.line), (DamageKind::Edited, 1, 1));
    let last = forged(parts[2], "closes", "opens");
    let all = [parts[0], parts[1], last.as_bytes()].concat();
    assert_eq!(walk(&all).damage(), None, "nothing in the file tells of it");
    let head = walk(&bytes).head().to_owned();
    assert_eq!(walk(&all).since(&head).unwrap_err().kind, DamageKind::Truncated, "the head kept elsewhere does");
}

#[test]
fn a_head_kept_elsewhere_is_found_or_missed() {
    let bytes = bytes_of(&[intent(0, "a"), intent(1, "b"), intent(2, "c")]);
    let chain = walk(&bytes);
    let heads: Vec<&str> = chain.links.iter().map(|link| link.hash).collect();
    assert_eq!([heads[0], heads[1], heads[2], START].map(|head| chain.since(head).unwrap()), [2, 1, 0, 3]);
    assert_eq!(chain.since(&heads[2].to_uppercase()).unwrap(), 0);
    let shorter = lines(&bytes)[..2].concat();
    let missing = walk(&shorter).since(heads[2]).unwrap_err();
    assert_eq!((missing.kind, missing.seq, missing.line), (DamageKind::Truncated, 3, 3));
    assert_eq!(walk(b"").since(heads[0]).unwrap_err().seq, 1);
    assert_eq!((walk(b"").damage(), walk(b"").head()), (None, START));
}
