//! That both notations give the same document, and that what is wrong is pointed at.

use std::fs;

use super::*;
use crate::yaml::{MAX_BYTES, render};

const YAML: &str = r#"# the guard
Version: 2012-10-17
Statement:
  - Sid: Trust
    Effect: Allow
    Principal:
      AWS: [111122223333, "012345678901", 012345678901, "arn:aws:iam::444455556666:root"]
      Service: ec2.amazonaws.com
    Action: sts:AssumeRole
    Condition:
      Bool: {"aws:MultiFactorAuthPresent": true}
      NumericLessThan:
        aws:MultiFactorAuthAge: 3600
  - Effect: Deny
    NotAction:
      - iam:*
      - 's3:Get?'
    Resource: "*"
    Condition: {}
"#;

const JSON: &str = r#"
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Trust", "Effect": "Allow",
   "Principal": {"AWS": ["111122223333", "012345678901", "012345678901", "arn:aws:iam::444455556666:root"],
                 "Service": "ec2.amazonaws.com"},
   "Action": "sts:AssumeRole",
   "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"},
                 "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}},
  {"Effect": "Deny", "NotAction": ["iam:*", "s3:Get?"], "Resource": ["*"], "Condition": {}}]}"#;

fn of(text: &str) -> Result<Document, Box<Diagnostic>> {
    document(&SourceFile::new("policy", text))
}

/// Where in which line the text has a problem, of which sort, and what is said of it.
fn problem(text: &str) -> (usize, usize, Code, String) {
    let problem = of(text).expect_err(text);
    let (line, column) = problem.position();
    (line, column, problem.code, problem.message)
}

#[test]
fn both_notations_give_the_same_document() {
    let yaml = of(YAML).expect("YAML");
    assert_eq!(yaml, of(JSON).expect("JSON"));
    assert_eq!(yaml, Document::parse(JSON).expect("JSON"));
    assert_eq!(yaml.statements[1].not_actions(), ["iam:*", "s3:Get?"]);
}

#[test]
fn the_same_is_wrong_in_both() {
    let cases = [
        ("Version: 2012-10-17\n", 1, 1, Code::MissingKey, "the document has no `Statement`"),
        ("- a\n", 1, 1, Code::WrongType, "a policy document should be an object, not a list"),
        ("Statement: []\n", 1, 12, Code::BadValue, "the list of `Statement` is empty"),
        ("Statement:\n", 1, 10, Code::WrongType, "a statement should be an object, not nothing"),
        (
            "Version: 2012\nStatement:\n  Effect: Deny\n",
            1,
            10,
            Code::WrongType,
            "`Version` should be a string, not a number",
        ),
        (
            "Statement:\n  Effect: allow\n",
            2,
            11,
            Code::BadValue,
            "effect `allow` is neither `Allow` nor `Deny` (letter case matters)",
        ),
        (
            "Statement:\n - Action: x\n   Action: y\n",
            3,
            4,
            Code::DuplicateKey,
            "a statement may have only one of `Action` and `NotAction`",
        ),
        ("Statement:\n - Effect: Deny\n", 2, 4, Code::MissingKey, "a statement has neither `Action` nor `NotAction`"),
        (
            "Statement:\n  Effect: Deny\n  Action: [a:b, 7]\n",
            3,
            17,
            Code::WrongType,
            "`Action` should be a string or a list of strings, not a number",
        ),
        ("Statement:\n  Condition:\n    Bool: {é: 1, É: 2}\n", 3, 18, Code::DuplicateKey, "`É` appears twice"),
        ("Statement:\n  Principal: {Aws: 1}\n", 2, 15, Code::BadValue, "`Aws` is no kind of principal"),
        (
            "Statement: &a {}\n",
            1,
            15,
            Code::Syntax,
            "anchors (`&`) and aliases (`*`) are not accepted; write the value out",
        ),
        ("", 1, 1, Code::Syntax, "the file is empty"),
        (
            "\n{\"Statement\": {\"Effect\": \"Deny\",\n \"Action\": []}}",
            3,
            12,
            Code::BadValue,
            "the list of `Action` is empty",
        ),
        ("{\"é\": 1,\n \"é\", 2}", 2, 5, Code::Syntax, "expected `:`"),
        ("{Statement: []}", 1, 2, Code::Syntax, "key must be a string"),
        ("{", 1, 2, Code::Syntax, "the document ends too early"),
    ];
    for (text, line, column, code, message) in cases {
        assert_eq!(problem(text), (line, column, code, message.to_owned()), "{text}");
    }
}

#[test]
fn a_problem_is_shown_with_its_line() {
    let text = "Version: 2012-10-17\nStatement:\n  - Effect: permit\n    Action: '*'\n";
    let shown = render(&[*of(text).expect_err(text)], false);
    assert!(shown.contains("policy:3:13"), "{shown}");
    assert!(shown.contains("^^^^^^ not allowed here"), "{shown}");
}

#[test]
fn files_are_read_whatever_their_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (yaml, json) = (write("a.json", YAML.as_bytes()), write("b.yaml", format!("\u{feff}{JSON}").as_bytes()));
    assert_eq!(read(&yaml).expect("YAML"), read(&json).expect("JSON"));
    let large = format!("{{\"Statement\": []{}}}", " ".repeat(MAX_BYTES));
    let (large, binary) = (write("large", large.as_bytes()), write("binary", b"{\xff"));
    let codes = [&large, &binary, "missing"].map(|path| read(path).expect_err(path).code);
    assert_eq!(codes, [Code::Unreadable; 3]);
}
