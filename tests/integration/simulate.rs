//! `portcullis simulate`: the contract with programs, and what people see.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::portcullis::Portcullis;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acme.jsonl");

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
fn wrong_command_lines_end_with_two() {
    let program = program();
    let cases = [
        ("", "--action"),
        ("--policy allow.json", "--action"),
        ("--action s3GetObject", "one colon"),
        ("--action s3:Get:Object", "one colon"),
        ("--action :GetObject", "one colon"),
        ("--action s3:", "one colon"),
        ("--action :", "one colon"),
        ("--action s3:x --context aws:SourceIp", "expected KEY=VALUE"),
        ("--action s3:x --context =1", "no key before"),
        ("--action s3:x --context k=1 --context k=2", "gives `k` twice"),
        ("--action s3:x --context aws:X=1 --context AWS:x=2", "gives `AWS:x` twice"),
        ("--action s3:x --mfa yes", "invalid value 'yes'"),
        ("--action s3:x --format yaml", "invalid value 'yaml'"),
        ("--action s3:x --scp all.json,,iam.json", "none of them empty"),
        ("--action s3:x --boundary all.json --boundary all.json", "cannot be used multiple times"),
        ("--action s3:x --principal-arn kim", "`kim` is no ARN of a principal"),
        ("--action s3:x --principal-arn arn:aws:iam::1111222233:user/kim", "is no ARN of a principal"),
        ("--action s3:x --principal-arn arn:aws:iam::111122223333:user/", "is no ARN of a principal"),
        ("--action s3:x --snapshot s.jsonl", "--user"),
        ("--action s3:x --user arn:aws:iam::111122223333:user/kim", "--snapshot"),
        ("--action s3:x --snapshot s.jsonl --user u --policy all.json", "cannot be used with"),
        ("--action s3:x --snapshot s.jsonl --user u --boundary all.json", "cannot be used with"),
        ("--action s3:x --polcy all.json", "unexpected argument"),
    ];
    for (line, expected) in cases {
        let output = program.run(["simulate"].into_iter().chain(line.split_whitespace()), 2);
        assert_eq!(output.stdout, "", "{line}");
        assert!(output.stderr.contains(expected), "{line}: {}", output.stderr);
    }
    program.run(["simulate", "--action", "s3:x", "--resource", ""], 2);
}

#[test]
fn wrong_policy_files_end_with_two_and_are_all_named() {
    let cases = [
        ("", "1:1"),
        ("{", "1:2"),
        ("[]", "1:1"),
        (r#"{"Version": "2012-10-17"}"#, "1:1"),
        (r#"{"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}"#, "1:26"),
        (r#"{"Statement": {"Action": "*", "Resource": "*"}}"#, "1:15"),
        ("{\"Statement\": [\n {\"Effect\": \"Allow\", \"Resource\": \"*\"}]}", "2:2"),
        ("{\"Statement\": [\n {\"Effect\": \"Allow\", \"Action\": 5, \"Resource\": \"*\"}]}", "2:32"),
        (r#"{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}}"#, "1:50"),
        ("Statement:\n  - Effect: Allow\n    Action: '*'\n    Resource: '*'\n    Condition: []\n", "5:16"),
        ("Statement: {Effect: Allow\n", "1:12"),
        ("Statement:\n  - Effect: Allow\n    Effect: Deny\n    Action: '*'\n    Resource: '*'\n", "3:5"),
    ];
    for (text, place) in cases {
        let program = program().file("p.json", text);
        for flag in ["--policy", "--boundary", "--scp"] {
            let output = program.run(["simulate", "--action", "s3:x", "--policy", "all.json", flag, "p.json"], 2);
            assert_eq!(output.stdout, "", "{text}");
            let first = output.stderr.lines().next().unwrap();
            assert!(
                first.starts_with(&format!("p.json:{place}")) && first.contains(": error["),
                "{text}\n{}",
                output.stderr
            );
            assert!(output.stderr.ends_with("error: 1 problem; nothing was done\n"), "{}", output.stderr);
        }
    }
    let program = program().file("bad.json", "{");
    let line =
        "simulate --action s3:x --policy no.json --boundary . --scp all.json,bad.json --scp bad.json --format json";
    let output = program.run(line.split_whitespace(), 2);
    for path in ["no.json:1:1: error[unreadable]", ".:1:1: error[unreadable]", "bad.json:1:2: error[syntax]"] {
        assert_eq!(output.stderr.matches(path).count(), 1, "{path}: {}", output.stderr);
    }
    assert_eq!(output.stdout, "");
}

#[test]
fn a_user_of_a_snapshot_has_the_policies_of_the_snapshot() {
    let program = program();
    let of = |user: &str, line: &str| {
        let args = ["simulate", "--snapshot", EXAMPLE, "--user", user, "--format", "json"];
        program.run(args.into_iter().chain(line.split_whitespace()), 0).json()[0].clone()
    };
    let farah = "arn:aws:iam::111111111101:user/farah.dubois";
    let answer = of(farah, "--action iam:CreateUser");
    assert_eq!(answer["decision"], "allowed");
    let administrators = "group/Administrators arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(answer["matched"], json!([{ "policy": administrators, "sid": null, "index": 0 }]));
    let leila = "arn:aws:iam::111111111101:user/engineering/leila.andersson";
    assert_eq!(of(leila, "--action iam:CreateUser")["decision"], "implicit_deny");
    let answer = of(leila, "--action s3:GetObject --resource arn:aws:s3:::b/k");
    assert_eq!(answer["matched"][0]["policy"], "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    assert_eq!(
        of(farah, "--action iam:CreateUser --scp guard.yaml,all.json")["decision"],
        "allowed",
        "management account"
    );
    let elsewhere = "arn:aws:iam::111111111102:user/sofia.kim";
    let answer = of(elsewhere, "--action s3:GetObject --scp guard.yaml,all.json");
    assert_eq!(answer["decision"], "explicit_deny");
    assert_eq!(of(elsewhere, "--action s3:GetObject --scp guard.yaml,all.json --mfa present")["decision"], "allowed");
    let tagged = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {
        "aws:PrincipalTag/team": "web", "aws:username": "sofia.kim", "aws:PrincipalOrgID": "o-acme000001"}}}}"#;
    let program = Portcullis::new().file("scp.json", tagged);
    let args =
        ["simulate", "--snapshot", EXAMPLE, "--user", elsewhere, "--scp", "scp.json", "--action", "s3:GetObject"];
    let text = program.run(args, 0).stdout;
    assert!(text.starts_with(" decision  action        resource") && text.contains("\n allowed "), "{text}");
}

#[test]
fn an_unknown_user_of_a_snapshot_is_refused_with_a_guess() {
    let refused = |user: &str| {
        let output = Portcullis::new().run(["simulate", "--snapshot", EXAMPLE, "--user", user, "--action", "s3:x"], 1);
        assert_eq!(output.stdout, "");
        output.stderr
    };
    let meant = "help: did you mean `arn:aws:iam::111111111101:user/farah.dubois`?";
    for slip in ["arn:aws:iam::111111111101:user/farah.duboi", "Farah.Dubois"] {
        let text = refused(slip);
        assert!(
            text.starts_with(&format!("error: the snapshot has no user `{slip}`\n")) && text.contains(meant),
            "{text}"
        );
    }
    let unread = refused("arn:aws:iam::111111111112:user/kim");
    assert!(unread.contains("the users of account 111111111112 were not all read: "), "{unread}");
    assert!(!refused("u\u{1b}").contains('\u{1b}'));
    let args = ["simulate", "--snapshot", "none.jsonl", "--user", "u", "--action", "s3:x"];
    let text = Portcullis::new().run(args, 1).stderr;
    assert!(text.starts_with("error: snapshot `none.jsonl`: could not be opened"), "{text}");
}
