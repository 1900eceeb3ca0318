//! `--cache`: a session is used again without a code and without a call, and only if nobody else can have written it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::Stage;

/// The only file of the cache.
fn kept(stage: &Stage) -> PathBuf {
    let files: Vec<_> = fs::read_dir(stage.program.dir().join(".home/.cache/portcullis")).unwrap().collect();
    assert_eq!(files.len(), 1);
    files[0].as_ref().unwrap().path()
}

#[test]
fn a_kept_session_asks_for_no_code_and_makes_no_call() {
    let stage = Stage::new();
    let first = stage.mfa("session --cache --code 123456", 0);
    let file = kept(&stage);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert!(!file.to_str().unwrap().contains(&stage.kim.key));
    stage.proxy.forget();
    let second = stage.mfa("session --cache", 0);
    assert_eq!((second.stdout, second.stderr.as_str()), (first.stdout.clone(), ""));
    let exports = stage.mfa("session --cache --format exports", 0).stdout;
    assert!(exports.contains(first.json()["SecretAccessKey"].as_str().unwrap()));
    stage.mfa("session --cache --write-profile mfa", 0);
    assert!(fs::read_to_string(stage.credentials()).unwrap().contains(first.json()["SessionToken"].as_str().unwrap()));
    assert!(stage.proxy.all().is_empty(), "AWS was asked nothing");
    // Without --cache, or for another device, it is not used.
    stage.mfa("session --code 222222", 0);
    stage.mfa("session --cache --code 333333 --serial GAHT12345678", 0);
    assert_eq!(stage.codes(), ["222222", "333333"]);
}

#[test]
fn a_session_that_ends_soon_or_could_be_anybodys_is_opened_anew() {
    let stage = Stage::new();
    let first = stage.mfa("session --cache --code 100000", 0);
    let file = kept(&stage);
    let with_end = |minutes: i64| {
        let mut json = first.json();
        json["Expiration"] = (Timestamp::now() + SignedDuration::from_mins(minutes)).to_string().into();
        json.to_string()
    };
    fs::write(&file, with_end(6)).unwrap();
    stage.mfa("session --cache", 0);
    assert_eq!(stage.codes().len(), 1, "six minutes are enough");
    fs::write(&file, with_end(4)).unwrap();
    let output = stage.mfa("session --cache --code 200000", 0);
    assert_eq!(output.stderr, "");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let output = stage.mfa("session --cache --code 300000", 0);
    assert!(output.stderr.contains("is not used: others may read or write it"), "{}", output.stderr);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&file, "{\"Version\":1}").unwrap();
    let output = stage.mfa("session --cache --code 400000", 0);
    assert!(output.stderr.contains("is not used: it is not what was written"), "{}", output.stderr);
    assert_eq!(stage.codes(), ["100000", "200000", "300000", "400000"]);
}

#[test]
fn a_session_that_cannot_be_kept_is_handed_out_all_the_same() {
    let stage = Stage::new();
    fs::write(stage.program.dir().join(".home/.cache"), "in the way").unwrap();
    let output = stage.mfa("session --cache --code 123456", 0);
    assert!(output.stderr.contains("the session could not be kept"), "{}", output.stderr);
    assert_eq!(output.json()["Version"], 1);
}
