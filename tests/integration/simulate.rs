//! `portcullis simulate`: the contract with programs, and what people see.

mod lint;
mod snapshots;
mod wrong;

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::portcullis::Portcullis;

const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "iam:GetUser"], "Resource": "*"}]}"#;

const GUARD: &str = r#"Version: "2012-10-17"
Statement:
  - Sid: DenyAllExceptListedIfNoMFA
    Effect: Deny
    NotAction: [iam:GetUser, sts:GetSessionToken]
    Resource: "*"
    Condition:
      BoolIfExists: { aws:MultiFactorAuthPresent: false }
"#;

const OWN: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
  {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}},
  {"Effect": "Allow", "Action": "sns:*", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/R"}}},
  {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}, "Null": {"aws:TagKeys": "false"}}},
  {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"k": ""}}},
  {"Effect": "Allow", "Action": "rds:*", "Resource": "*", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}}
]}"#;

fn program() -> Portcullis {
    Portcullis::new()
        .file("allow.json", ALLOW)
        .file("guard.yaml", GUARD)
        .file("own.json", OWN)
        .file("all.json", r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)
        .file("s3.json", r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#)
        .file("iam.json", r#"{"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}"#)
        .file("odd.json", r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringIs": {"k": "v"}}}}"#)
}

/// The answers to `simulate` with the arguments of `line`.
fn answers(program: &Portcullis, line: &str) -> Vec<Value> {
    let args = ["simulate", "--format", "json"].into_iter().chain(line.split_whitespace());
    let output = program.run(args, 0);
    assert_eq!(output.stderr, "", "{line}");
    output.json().as_array().unwrap().clone()
}

/// The decision on the one request of `line`.
fn decision(program: &Portcullis, line: &str) -> String {
    let answers = answers(program, line);
    assert_eq!(answers.len(), 1, "{line}");
    answers[0]["decision"].as_str().unwrap().to_owned()
}

fn table(program: &Portcullis, line: &str) -> String {
    program.run(["simulate"].into_iter().chain(line.split_whitespace()), 0).stdout
}

#[test]
fn the_json_is_the_contract_to_the_byte() {
    let args = [
        "simulate",
        "--policy",
        "allow.json",
        "--policy",
        "./guard.yaml",
        "--action",
        "s3:GetObject",
        "--action",
        "iam:GetUser",
        "--format",
        "json",
    ];
    let expected = r#"[
  {
    "action": "s3:GetObject",
    "resource": "*",
    "decision": "explicit_deny",
    "matched": [
      {
        "policy": "./guard.yaml",
        "sid": "DenyAllExceptListedIfNoMFA",
        "index": 0
      }
    ],
    "missing_keys": [
      "aws:MultiFactorAuthPresent"
    ]
  },
  {
    "action": "iam:GetUser",
    "resource": "*",
    "decision": "allowed",
    "matched": [
      {
        "policy": "allow.json",
        "sid": "Read",
        "index": 0
      }
    ],
    "missing_keys": []
  }
]
"#;
    assert_eq!(program().run(args, 0).stdout, expected);
}

#[test]
fn without_policies_nothing_is_allowed() {
    let expected = json!([{ "action": "s3:GetObject", "resource": "*", "decision": "implicit_deny", "matched": [],
                            "limited_by": "identity", "missing_keys": [] }]);
    assert_eq!(Value::Array(answers(&Portcullis::new(), "--action s3:GetObject")), expected);
    assert_eq!(decision(&program(), "--action s3:x --boundary all.json --scp all.json"), "implicit_deny");
}

#[test]
fn every_action_is_decided_for_every_resource_in_the_order_given() {
    let line = "--action b:B --resource r2 --action a:A --resource * --resource r1 --policy all.json";
    let answers = answers(&program(), line);
    let asked: Vec<(&str, &str)> = answers
        .iter()
        .map(|answer| (answer["action"].as_str().unwrap(), answer["resource"].as_str().unwrap()))
        .collect();
    assert_eq!(asked, [("b:B", "r2"), ("b:B", "*"), ("b:B", "r1"), ("a:A", "r2"), ("a:A", "*"), ("a:A", "r1")]);
}

#[test]
fn mfa_sets_the_keys_of_mfa_and_no_other() {
    let program = program();
    let of = |line: &str| {
        let answer =
            answers(&program, &format!("--policy all.json --policy guard.yaml --action s3:GetObject {line}")).remove(0);
        (answer["decision"].as_str().unwrap().to_owned(), answer["missing_keys"].as_array().unwrap().len())
    };
    assert_eq!(of(""), ("explicit_deny".to_owned(), 1));
    assert_eq!(of("--mfa none"), ("explicit_deny".to_owned(), 1));
    assert_eq!(of("--mfa console-no-mfa"), ("explicit_deny".to_owned(), 0));
    assert_eq!(of("--mfa present"), ("allowed".to_owned(), 0));
    assert_eq!(of("--mfa none --context aws:multifactorauthpresent=true"), ("allowed".to_owned(), 0));
    assert_eq!(of("--mfa present --context aws:MultiFactorAuthPresent=false"), ("explicit_deny".to_owned(), 0));
    let age = |line: &str| decision(&program, &format!("--policy own.json --action rds:x {line}"));
    assert_eq!(age("--mfa present"), "allowed");
    assert_eq!(age("--mfa console-no-mfa"), "implicit_deny");
    assert_eq!(age("--mfa present --context aws:MultiFactorAuthAge=3600"), "implicit_deny");
    let via = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:ViaAWSService": "true"}}}}"#;
    assert_eq!(decision(&program.file("via.json", via), "--policy via.json --mfa present --action a:b"), "allowed");
}

#[test]
fn the_principal_implies_its_keys() {
    let program = program();
    let of = |line: &str| decision(&program, &format!("--policy own.json {line}"));
    let user = "--principal-arn arn:aws:iam::111122223333:user/team/kim";
    let home = "--action s3:PutObject --resource arn:aws:s3:::home/kim/x";
    assert_eq!(of(&format!("{user} {home}")), "allowed");
    assert_eq!(of(home), "implicit_deny");
    assert_eq!(of(&format!("{user} {home} --context aws:username=lee")), "implicit_deny", "what is given wins");
    assert_eq!(of(&format!("--principal-arn arn:aws:iam::111122223333:role/kim {home}")), "implicit_deny");
    assert_eq!(of(&format!("{user} --action sqs:x")), "allowed");
    assert_eq!(of("--principal-arn arn:aws:iam::999999999999:root --action sqs:x"), "implicit_deny");
    let session = "--principal-arn arn:aws:sts::111122223333:assumed-role/R/me --action sns:x";
    assert_eq!(of(session), "allowed");
    assert_eq!(
        of(&format!("{session} --context aws:PrincipalArn=arn:aws:iam::111122223333:role/path/R")),
        "implicit_deny"
    );
    let missing = answers(&program, &format!("--policy own.json {home}")).remove(0);
    assert_eq!(missing["missing_keys"], json!(["aws:username"]));
}

#[test]
fn context_keys_have_one_value_or_several_or_an_empty_one() {
    let program = program();
    let of = |line: &str| decision(&program, &format!("--policy own.json {line}"));
    assert_eq!(of("--action ec2:x --context aws:TagKeys=a,b"), "allowed");
    assert_eq!(of("--action ec2:x --context aws:TagKeys=a"), "allowed");
    assert_eq!(of("--action ec2:x --context aws:TagKeys=a,c"), "implicit_deny");
    assert_eq!(of("--action ec2:x"), "implicit_deny", "without the key, Null decides");
    assert_eq!(of("--action kms:x --context k="), "allowed");
    assert_eq!(of("--action kms:x"), "implicit_deny");
    assert_eq!(of("--action kms:x --context k=="), "implicit_deny", "the value is `=`");
    let several = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a": "1", "b": "x=y"}}}}"#;
    let line = "--policy two.json --action a:b --context a=1 --context b=x=y";
    assert_eq!(decision(&program.file("two.json", several), line), "allowed");
}

#[test]
fn levels_of_service_control_policies_are_intersected_and_their_files_united() {
    let program = program();
    let of = |line: &str| answers(&program, &format!("--policy all.json --action s3:GetObject {line}")).remove(0);
    let verdict = |line: &str| of(line)["decision"].as_str().unwrap().to_owned();
    assert_eq!(verdict("--scp s3.json"), "allowed");
    assert_eq!(verdict("--scp iam.json"), "implicit_deny");
    assert_eq!(verdict("--scp iam.json,s3.json"), "allowed");
    assert_eq!(verdict("--scp iam.json --scp s3.json"), "implicit_deny");
    assert_eq!(verdict("--scp all.json --scp iam.json,s3.json --scp s3.json"), "allowed");
    assert_eq!(verdict("--scp all.json,guard.yaml"), "explicit_deny");
    assert_eq!(of("--scp s3.json --scp iam.json")["limited_by"], json!({ "scp": 1 }));
    assert_eq!(of("--boundary iam.json --scp iam.json")["limited_by"], "boundary");
    assert_eq!(verdict("--boundary s3.json"), "allowed");
    let linked = "--principal-arn arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    assert_eq!(verdict(&format!("--scp iam.json {linked}")), "allowed", "they do not bind service-linked roles");
    let root = "--principal-arn arn:aws:iam::111122223333:root";
    assert_eq!(verdict(&format!("--scp iam.json {root}")), "implicit_deny");
    let text = table(&program, &format!("--policy all.json --action a:b --scp iam.json {linked}"));
    assert!(
        text.ends_with("\n\nService control policies do not bind this principal: they were left aside.\n"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_evaluated_is_unknown() {
    let answer = answers(&program(), "--policy odd.json --action s3:x --context k=v").remove(0);
    let doubt =
        json!([{ "policy": "odd.json", "sid": null, "index": 0, "reasons": ["`StringIs` is no condition operator"] }]);
    assert_eq!((&answer["decision"], &answer["unknown"]), (&json!("unknown"), &doubt));
    assert_eq!(decision(&program(), "--policy odd.json --policy all.json --action s3:x"), "allowed");
    assert_eq!(decision(&program(), "--policy odd.json --policy guard.yaml --action s3:x"), "explicit_deny");
    let text = table(&program(), "--policy odd.json --action s3:x --context k=v");
    assert!(
        text.contains("s3:x on *: not known: odd.json statement #0: `StringIs` is no condition operator\n"),
        "{text}"
    );
}

#[test]
fn people_are_told_why() {
    let program = program();
    let cases = [
        ("--action s3:x", "not allowed: no policy applies"),
        ("--policy iam.json --action s3:x", "not allowed: no statement allows it"),
        ("--policy allow.json --action s3:GetObject", "allowed by allow.json statement Read"),
        (
            "--policy all.json --policy guard.yaml --action s3:x",
            "denied by guard.yaml statement DenyAllExceptListedIfNoMFA because aws:MultiFactorAuthPresent is absent",
        ),
        (
            "--policy all.json --policy guard.yaml --mfa console-no-mfa --action s3:x",
            "denied by guard.yaml statement DenyAllExceptListedIfNoMFA because aws:MultiFactorAuthPresent is false",
        ),
        (
            "--policy all.json --boundary iam.json --action s3:x",
            "allowed by all.json statement #0, but the permissions boundary iam.json does not allow it",
        ),
        (
            "--policy all.json --scp iam.json --action s3:x",
            "allowed by all.json statement #0, but the service control policy iam.json does not allow it",
        ),
        (
            "--policy all.json --scp iam.json,iam.json --action s3:x",
            "allowed by all.json statement #0, but none of the service control policies iam.json, iam.json allows it",
        ),
        (
            "--policy own.json --action rds:x --mfa console-no-mfa",
            "not allowed: no statement allows it; own.json statement #5 would, but aws:MultiFactorAuthAge is absent",
        ),
        (
            "--policy own.json --action ec2:x --context aws:TagKeys=a,c",
            "not allowed: no statement allows it; own.json statement #3 would, but aws:TagKeys is a, c",
        ),
        ("--policy own.json --action kms:x --context k=", "allowed by own.json statement #4 because k is \"\""),
    ];
    for (line, expected) in cases {
        let text = table(&program, line);
        let why = text.lines().last().unwrap();
        assert_eq!(why.split_once(": ").unwrap().1, expected, "{line}\n{text}");
    }
}

#[test]
fn the_table_has_a_row_for_each_decision() {
    let line =
        "--policy allow.json --policy guard.yaml --action s3:GetObject --action iam:GetUser --action iam:ListUsers";
    let expected = " decision       action         resource  decided by                  missing keys
 explicit deny  s3:GetObject   *         guard.yaml                  aws:MultiFactorAuthPresent
                                         DenyAllExceptListedIfNoMFA
 allowed        iam:GetUser    *         allow.json Read
 explicit deny  iam:ListUsers  *         guard.yaml                  aws:MultiFactorAuthPresent
                                         DenyAllExceptListedIfNoMFA

s3:GetObject on *: denied by guard.yaml statement DenyAllExceptListedIfNoMFA because aws:MultiFactorAuthPresent is absent
iam:GetUser on *: allowed by allow.json statement Read
iam:ListUsers on *: denied by guard.yaml statement DenyAllExceptListedIfNoMFA because aws:MultiFactorAuthPresent is absent
";
    assert_eq!(table(&program(), line), expected);
}

#[test]
fn names_cannot_fool_a_terminal() {
    let evil = "{\"Statement\": {\"Sid\": \"\\u001b[2J\\u202egone\\nx\", \"Effect\": \"Allow\", \"Action\": \"*\", \
                \"Resource\": \"*\", \"Condition\": {\"StringLike\": {\"\\u001bk\": \"*\"}}}}";
    let program = Portcullis::new().file("e\u{1b}[31m\u{202e}.json", evil);
    let args = [
        "simulate",
        "--policy",
        "e\u{1b}[31m\u{202e}.json",
        "--action",
        "a:\u{1b}b",
        "--resource",
        "r\u{9b}\n1",
        "--context",
        "\u{1b}k=\u{7}\u{200b}",
    ];
    let text = program.run(args, 0).stdout;
    let is_unsafe = |char: char| (char.is_control() && char != '\n') || matches!(char, '\u{202e}' | '\u{200b}');
    assert!(!text.contains(is_unsafe), "{text:?}");
    assert!(text.contains("\\u{1b}[2J") && text.lines().count() < 20, "{text}");
    let answer = program.run(args.into_iter().chain(["--format", "json"]), 0).json();
    assert_eq!(answer[0]["matched"][0]["sid"], "\u{1b}[2J\u{202e}gone\nx", "programs get them as they are");
    let refused = program.run(["simulate", "--action", "a:b", "--policy", "no\u{1b}.json"], 2).stderr;
    assert!(!refused.contains('\u{1b}'), "{refused}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    for format in ["table", "json"] {
        let many = (0..3000).flat_map(|number| ["--resource".to_owned(), format!("arn:aws:s3:::bucket/{number}")]);
        let args = ["simulate", "--action", "s3:GetObject", "--format", format].map(str::to_owned);
        let mut child = Portcullis::new()
            .command(args.into_iter().chain(many))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap()),
            (Some(0), String::new()),
            "{format}"
        );
    }
}

#[test]
fn what_aws_would_not_take_today_is_decided_all_the_same() {
    let of = |text: &str| decision(&program().file("p.json", text), "--policy p.json --action s3:x");
    let statement = r#"{"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    assert_eq!(of(r#"{"Statement": []}"#), "implicit_deny");
    assert_eq!(of(r#"{"Statement": {"Effect": "Allow", "Action": [], "Resource": "*"}}"#), "implicit_deny");
    assert_eq!(of(&format!(r#"{{"Statement": [{statement}, {statement}]}}"#)), "allowed");
    assert_eq!(of(&format!(r#"{{"Version": "2020-01-01", "Statement": {statement}}}"#)), "unknown");
    assert_eq!(of(r#"{"Statement": {"Effect": "Allow", "Action": "*"}}"#), "unknown", "no resource");
    assert_eq!(of(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Colour": 1}}"#), "unknown");
    assert_eq!(
        of(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}"#),
        "unknown"
    );
}
