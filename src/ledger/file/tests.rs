//! Ledgers in files: one writer at a time, repairs beside them, and what is no file.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use super::super::{Author, Kind, Ledger, Record};
use super::*;

/// Names the ledger that the child process of a test holds.
const HELD: &str = "PORTCULLIS_TEST_HELD_LEDGER";

fn author() -> Author {
    Author { run_id: "run-1".to_owned(), actor: None, at: "2026-11-24T12:00:00Z".parse().unwrap() }
}

fn open(path: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(path, &author())
}

fn record() -> Record {
    Record::new(Kind::RunStarted, author().at, "run-1")
}

fn names(home: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_ledger_is_made_filled_and_found_again() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("l.jsonl");
    let missing = Ledger::read(&path).unwrap_err();
    assert_eq!(missing.to_string(), format!("there is no ledger `{}`", path.display()));
    let mut ledger = open(&path).unwrap();
    assert!(!ledger.existed());
    let first = ledger.append(&record()).unwrap();
    let second = ledger.append(&record()).unwrap();
    assert_eq!(Ledger::read(&path).unwrap().entries(), [first, second.clone()], "reading needs no lock");
    drop(ledger);
    assert_eq!(names(home.path()), ["l.jsonl"]);
    let ledger = open(&path).unwrap();
    assert!(ledger.existed());
    assert_eq!((ledger.head().hash, ledger.head().count), (second.hash.as_str(), 2));
}

#[test]
fn one_process_writes_at_a_time_by_whatever_path() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("l.jsonl");
    let ledger = open(&path).unwrap();
    let refusal = |path: &Path| open(path).err().expect("refused").to_string();
    let id = std::process::id();
    let held = format!("is being written by process {id}, run run-1, since 2026-11-24T12:00:00Z");
    assert_eq!(refusal(&path), format!("the ledger `{}` {held}", path.display()));
    #[cfg(unix)]
    {
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(refusal(&link).ends_with("is being written by another process"));
    }
    drop(ledger);
    assert!(open(&path).is_ok());
}

/// No test of its own: the child process of the next one.
#[test]
fn holds_a_ledger_for_another_process() {
    let Some(path) = env::var_os(HELD) else { return };
    let mut ledger = open(Path::new(&path)).unwrap();
    ledger.append(&record()).unwrap();
    // Until the parent kills it, or closes its end.
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn holder(path: &Path) -> Child {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "ledger::file::tests::holds_a_ledger_for_another_process"])
        .env(HELD, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while Ledger::read(path).map_or(0, |history| history.head().count) == 0 {
        assert!(start.elapsed() < Duration::from_mins(1), "the child writes nothing");
        thread::sleep(Duration::from_millis(10));
    }
    child
}

#[test]
fn another_process_is_refused_until_the_writer_ends_even_by_being_killed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("l.jsonl");
    let mut child = holder(&path);
    let error = open(&path).err().expect("refused");
    let expected = format!("is being written by process {}, run run-1", child.id());
    assert!(matches!(&error, LedgerError::Locked { .. }) && error.to_string().contains(&expected), "{error}");
    assert!(error.help().unwrap().starts_with("wait until it ends"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(home.path()), ["l.jsonl", "l.jsonl.lock"], "a killed process leaves its note");
    let mut ledger = open(&path).unwrap();
    assert_eq!(ledger.append(&record()).unwrap().seq, 2);
    drop(ledger);
    assert_eq!(names(home.path()), ["l.jsonl"]);
}

#[test]
fn torn_ends_are_kept_beside_the_ledger_each_under_a_name_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("l.jsonl");
    open(&path).unwrap().append(&record()).unwrap();
    for (number, torn) in [(1, "{\"seq\":2,\"at"), (2, "{")] {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(torn.as_bytes()).unwrap();
        assert_eq!(Ledger::read(&path).unwrap().torn(), Some(torn.len()));
        let ledger = open(&path).unwrap();
        assert_eq!(ledger.head().count, 1 + number);
        let name = format!("l.jsonl.torn-{number}");
        let told = ledger.history().entries()[number].record.clone();
        let length = torn.len();
        let message = format!("an entry was never finished; the {length} bytes of it were set aside to `{name}`");
        assert_eq!((told.kind, told.message), (Kind::Recovered, Some(message)));
        assert_eq!(fs::read_to_string(home.path().join(name)).unwrap(), torn);
    }
    assert_eq!(Ledger::read(&path).unwrap().torn(), None);
}

#[test]
fn a_broken_ledger_is_not_written_to() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("l.jsonl");
    fs::write(&path, "this is\nanother file\n").unwrap();
    let error = open(&path).err().expect("refused").to_string();
    assert!(error.ends_with("is broken: line 1: entry 1 edited: it does not end with a hash"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "this is\nanother file\n");
    assert_eq!(names(home.path()), ["l.jsonl"]);
}

#[test]
fn what_is_no_file_or_has_no_directory_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let cause = |path: &Path| {
        let error = open(path).err().expect("refused");
        format!("{error}: {}", std::error::Error::source(&error).unwrap())
    };
    assert!(cause(home.path()).ends_with("cannot be opened: it is no ordinary file"));
    let below = home.path().join("no/such/l.jsonl");
    assert!(cause(&below).contains("/no/such/l.jsonl` cannot be opened: "), "{}", cause(&below));
    assert!(Ledger::read(home.path()).unwrap_err().to_string().ends_with("cannot be read"));
}
