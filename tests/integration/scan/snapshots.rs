//! What was read can be kept and judged again without AWS; what was kept only in part is no snapshot.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::{MFA, Stage, list, resources, text, words};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::On;

/// Names of the files in a directory, hidden ones too, without those that the harness put there.
fn files(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    names.retain(|name| ![".home", "mfa.yaml"].contains(&name.as_str()));
    names.sort();
    names
}

/// What must be the same in every judgement of the same facts.
fn judged(results: &Value) -> [&Value; 5] {
    ["findings", "summary", "controls", "accounts", "rules"].map(|part| &results[part])
}

#[test]
fn a_snapshot_gives_the_same_results_without_aws() {
    let (stage, org) = Stage::organization(42);
    stage.complete_summaries();
    let plain = stage.scan("--org", 3);
    for name in ["x.jsonl", "x.jsonl.zst"] {
        let program = stage.program();
        let live = program.run(words("scan", &format!("--org --format json --save-snapshot {name}")), 3).json();
        assert_eq!(super::findings(&live), super::findings(&plain), "reading more changes no verdict");
        assert_eq!(files(program.dir()), [name]);
        let bytes = fs::read(program.dir().join(name)).unwrap();
        let offline = Portcullis::new().file("mfa.yaml", MFA);
        fs::write(offline.dir().join(name), &bytes).unwrap();
        let args = format!("--snapshot {name} --format json");
        let again = offline.run(words("scan", &args), 3).json();
        assert_eq!(judged(&again), judged(&live), "{name}");
        let other_rules = offline.run(words("scan", &format!("{args} --rules mfa.yaml")), 3).json();
        assert_eq!(resources(&other_rules, "console-user-mfa", "fail"), org.failing());
        if name == "x.jsonl" {
            let header: Value = serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
            assert_eq!((&header["schema"], &header["facts"]), (&json!("portcullis/snapshot/v1"), &json!(["*"])));
            assert_eq!(header["accounts"], org.accounts.len());
            assert_eq!(header["run_id"], live["run_id"], "one run, one id");
        } else {
            assert_eq!(&bytes[..4], [0x28, 0xb5, 0x2f, 0xfd], "the magic number of Zstandard");
        }
    }
}

#[test]
fn a_snapshot_that_was_cut_off_is_refused_with_its_line() {
    let (stage, _) = Stage::organization(60);
    let program = stage.program();
    program.run(words("scan", "--org --quiet --save-snapshot x.jsonl"), 3);
    let whole = fs::read_to_string(program.dir().join("x.jsonl")).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    let third = lines[..3].join("\n");
    for (text, said) in [
        (String::new(), "the file is empty"),
        (third.clone() + "\n", "line 4: the file ends after 2 of 8 accounts"),
        (third[..third.len() - 20].to_owned(), "line 3: ends in the middle of an account"),
        (whole.clone() + "{}\n", "line 10: there are more lines than the 8 accounts"),
        (whole.replacen("\"accounts\":8", "\"accounts\":7", 1), "line 9: there are more lines than the 7 accounts"),
        (whole.replacen("snapshot/v1", "snapshot/v2", 1), "line 1: has the schema `portcullis/snapshot/v2`"),
        ("{\"a\": 1}\n".to_owned(), "line 1: is not the header"),
        (whole.replacen("\"status\":\"scanned\"", "\"status\":\"fine\"", 1), "is not an account"),
    ] {
        let offline = Portcullis::new().file("x.jsonl", &text);
        let run = offline.run(words("scan", "--snapshot x.jsonl --format json"), 1);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{said}: {}", run.stderr);
    }
    let packed = zstd::encode_all(whole.as_bytes(), 3).unwrap();
    fs::write(program.dir().join("x.zst"), &packed[..packed.len() / 2]).unwrap();
    let run = program.run(words("scan", "--snapshot x.zst"), 1);
    assert!(run.stderr.contains("cut off or damaged") && run.stdout.is_empty(), "{}", run.stderr);
}

#[test]
fn a_snapshot_that_cannot_be_written_fails_the_scan() {
    let (stage, _) = Stage::organization(60);
    let program = stage.program().file("a-file", "");
    for path in ["missing/x.jsonl", "a-file/x.jsonl"] {
        stage.proxy.forget();
        let run = program.run(words("scan", &format!("--org --format json --save-snapshot {path}")), 1);
        assert!(run.stderr.contains(path) && run.stdout.is_empty(), "{}", run.stderr);
        assert!(stage.proxy.all().is_empty(), "known before anything is asked");
    }
    // A disk that is full is noticed only while the snapshot is written.
    let run = program.run(words("scan", "--org --format json --save-snapshot /dev/full"), 1);
    assert!(
        run.stderr.contains("could not write `/dev/full`: No space left") && run.stdout.is_empty(),
        "{}",
        run.stderr
    );
    assert_eq!(files(program.dir()), ["a-file"]);
}

#[test]
fn a_scan_that_is_called_off_leaves_nothing_behind() {
    for signal in ["INT", "TERM"] {
        let (stage, org) = Stage::organization(60);
        let slow = &org.accounts[5];
        stage.proxy.rule(On::service("iam").account(&slow.id).delay(Duration::from_mins(1)));
        let program = stage.program().file("report.json", "the last one");
        let args = "--org --save-snapshot x.jsonl --format json=report.json --format table";
        let running = program.spawn(words("scan", args));
        let waiting = || stage.proxy.count(&slow.id) > 0 && stage.proxy.count(&org.accounts[6].id) > 8;
        while !waiting() {
            std::thread::sleep(Duration::from_millis(50));
        }
        running.signal(signal);
        let run = running.finish(1);
        assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1), "{}", run.stderr);
        assert!(run.stderr.contains("interrupted; no report and no snapshot was written"), "{}", run.stderr);
        assert_eq!(files(program.dir()), ["report.json"], "{signal}");
        assert_eq!(fs::read_to_string(program.dir().join("report.json")).unwrap(), "the last one");
    }
}

#[test]
fn a_run_can_be_repeated_to_the_letter() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[])]);
    let program = stage.program();
    program.run(words("scan", "--save-snapshot x.jsonl"), 3);
    let args = "--snapshot x.jsonl --format json --now 2026-01-02T03:04:05Z";
    let [one, two] = [0, 1].map(|_| program.run(words("scan", args), 3).stdout);
    assert_eq!(one, two);
    let results: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(text(&results["started_at"]), "2026-01-02T03:04:05Z");
    assert_eq!(list(&results["accounts"]).len(), 1);
}
