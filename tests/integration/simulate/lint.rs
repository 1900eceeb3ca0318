//! `simulate --lint`: places, severities, exit statuses, and what cannot be read.

use serde_json::json;

use crate::support::portcullis::Portcullis;

const WARNED: &str = "Version: \"2012-10-17\"
Statement:
  - Sid: Mfa
    Effect: Deny
    Action: s3:*
    Resource: \"*\"
    Condition:
      Bool: { aws:MultiFactorAuthPresent: false }
";
const NOTED: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetUser",
  "Resource": "arn:aws:iam::*:user/${aws:username}"}}"#;

fn program() -> Portcullis {
    Portcullis::new()
        .file("warned.yaml", WARNED)
        .file("noted.json", NOTED)
        .file("fine.json", r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}}"#)
        .file("refused.json", r#"{"Statement": {"Effect": "Allow", "Action": "GetObject", "Resource": "*"}}"#)
        .file("broken.json", "{")
        .file("wrong.yaml", "Statement: 5\n")
}

#[test]
fn findings_are_on_stdout_with_their_places() {
    let output = program().run(["simulate", "--lint", "warned.yaml", "noted.json"], 3);
    assert_eq!(output.stderr, "");
    let places: Vec<&str> = output.stdout.lines().filter(|line| line.contains("]: statement")).collect();
    assert_eq!(
        places,
        [
            "noted.json:2:15: note[own-user-without-path]: statement 1: users with a path are not meant by this",
            "warned.yaml:8:15: warning[misses-access-keys]: statement `Mfa`: `Bool` does not hold for requests of access \
             keys, so they are not denied",
        ]
    );
    assert!(output.stdout.contains("8 |       Bool: { aws:MultiFactorAuthPresent: false }"), "{}", output.stdout);
    assert!(output.stdout.contains("= help: write BoolIfExists instead of Bool"), "{}", output.stdout);
    assert!(output.stdout.ends_with("2 files: 1 warning, 1 note\n"), "{}", output.stdout);
}

#[test]
fn the_exit_status_tells_the_worst() {
    for (files, status, summary) in [
        ("fine.json", 0, "1 file: nothing found\n"),
        ("noted.json", 0, "1 file: 1 note\n"),
        ("noted.json warned.yaml", 3, "2 files: 1 warning, 1 note\n"),
        ("refused.json fine.json", 3, "2 files: 1 error\n"),
    ] {
        let output = program().run(["simulate", "--lint"].into_iter().chain(files.split(' ')), status);
        assert!(output.stdout.ends_with(summary), "{files}: {}", output.stdout);
    }
}

#[test]
fn editors_get_an_array() {
    let output = program().run(["--error-format", "json", "simulate", "--lint", "noted.json", "fine.json"], 0);
    let findings = output.json();
    assert_eq!(findings.as_array().unwrap().len(), 1);
    let finding = &findings[0];
    let expected = json!({"code": "own-user-without-path", "severity": "note", "path": "noted.json", "line": 2, "column": 15,
        "end_line": 2, "end_column": 52, "statement": 0, "sid": null, "label": finding["label"], "help": finding["help"],
        "message": "statement 1: users with a path are not meant by this"});
    assert_eq!(*finding, expected);
    assert_eq!(program().run(["--error-format", "json", "simulate", "--lint", "fine.json"], 0).stdout, "[]\n");
}

#[test]
fn files_that_cannot_be_read_end_with_two_and_are_all_named() {
    let output = program().run(["simulate", "--lint", "broken.json", "warned.yaml", "wrong.yaml", "none.json"], 2);
    assert_eq!(output.stdout, "");
    for place in ["broken.json:1:2: ", "wrong.yaml:1:12: ", "none.json:1:1: ", "3 problems; nothing was done"] {
        assert!(output.stderr.contains(place), "{place}: {}", output.stderr);
    }
}

#[test]
fn the_partition_is_that_of_the_account() {
    let program = program();
    let lint = |more: &str, status: u8| {
        let args = ["simulate", "--lint", "noted.json"].into_iter().chain(more.split_whitespace());
        program.run(args, status.into()).stdout.contains("error[wrong-partition]")
    };
    assert!(!lint("--partition aws", 0));
    assert!(lint("--partition aws-cn", 3));
    assert!(lint("--principal-arn arn:aws-us-gov:iam::111122223333:user/kim", 3));
    assert!(!lint("--principal-arn arn:aws-us-gov:iam::111122223333:user/kim --partition aws", 0));
}

#[test]
fn it_goes_with_nothing_that_decides() {
    let more = [
        ("--action s3:x", "cannot be used with"),
        ("--resource x", "cannot be used with"),
        ("--mfa none", "cannot be used with"),
        ("--context k=v", "cannot be used with"),
        ("--format json", "cannot be used with"),
        ("--policy fine.json", "cannot be used with"),
        ("--boundary fine.json", "cannot be used with"),
        ("--scp fine.json", "cannot be used with"),
        ("--snapshot s --user u", "cannot be used with"),
        ("--principal-arn kim", "`kim` is no ARN of a principal"),
    ];
    for (flags, expected) in more {
        let output = program().run(["simulate", "--lint", "fine.json"].into_iter().chain(flags.split(' ')), 2);
        assert!(output.stderr.contains(expected), "{flags}: {}", output.stderr);
    }
    let output = program().run(["simulate", "--action", "s3:x", "--partition", "aws"], 2);
    assert!(output.stderr.contains("--lint"), "{}", output.stderr);
}
