//! Command lines and policy files that are wrong.

use super::program;

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
