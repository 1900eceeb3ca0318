mod examples;

use std::collections::BTreeSet;

use super::*;
use crate::iam::Strictness;
use crate::iam::guard::Variant;
use examples::{document, examples};

/// The lints of a document, with line and column of each, in order.
fn found(text: &str, partition: Option<&str>) -> Vec<(&'static str, String, String)> {
    let tree = Tree::of_json(text).unwrap();
    let document = Document::of_tree(&tree, Strictness::Stored).unwrap();
    let findings = lint(&document, &Given { tree: Some(&tree), json: Some(text), partition });
    let without_places = lint(&document, &Given { partition, ..Given::default() });
    let names =
        |findings: &[Finding]| findings.iter().map(|finding| (finding.lint, finding.statement)).collect::<Vec<_>>();
    let no_charset = |found: Vec<(Lint, Option<usize>)>| {
        found.into_iter().filter(|(lint, _)| *lint != Lint::OutsideCharset).collect::<Vec<_>>()
    };
    assert_eq!(no_charset(names(&findings)), no_charset(names(&without_places)), "{text}");
    assert!(without_places.iter().all(|finding| finding.span.is_none()));
    let shown = |finding: Finding| {
        let span = finding.span.clone().expect("every finding has a place");
        (finding.lint.as_str(), text[span].to_owned(), finding.told())
    };
    findings.into_iter().map(shown).collect()
}

fn codes(text: &str) -> BTreeSet<&'static str> {
    found(text, None).into_iter().map(|(code, ..)| code).collect()
}

#[test]
fn every_lint_has_a_document_that_shows_it_and_one_that_does_not() {
    let mut shown = BTreeSet::new();
    for (lint, bad, marked, good) in examples() {
        let found = found(&bad, None);
        let this: Vec<_> = found.iter().filter(|(code, ..)| *code == lint.as_str()).collect();
        // A hole is told for each way to sign in.
        let times = if lint == Lint::GuardHole { 2 } else { 1 };
        assert_eq!(this.len(), times, "{}: {bad}\n{found:#?}", lint.as_str());
        assert_eq!(this[0].1, marked, "{}: {bad}", lint.as_str());
        assert!(!codes(&good).contains(lint.as_str()), "{}: {good}", lint.as_str());
        shown.insert(lint);
    }
    // The one that needs the partition has a test of its own.
    shown.insert(Lint::WrongPartition);
    assert_eq!(shown, Lint::ALL.into_iter().collect());
}

#[test]
fn what_is_mended_is_clean() {
    // What remains are other things that the examples do not mend.
    let others = ["allow-not-resource", "misses-access-keys"];
    for (lint, _, _, good) in examples() {
        let left: Vec<_> = codes(&good).into_iter().filter(|code| !others.contains(code)).collect();
        assert_eq!(left, [""; 0], "{}: {good}", lint.as_str());
    }
}

#[test]
fn partitions_are_those_of_the_account() {
    let text = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:*:s3:::c", "d"], "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/r"}}}"#,
    );
    let wrong = |partition: &str| -> Vec<(&str, String)> {
        found(&text, Some(partition)).into_iter().map(|(code, marked, _)| (code, marked)).collect()
    };
    assert_eq!(wrong("aws-cn"), [("wrong-partition", r#""arn:aws:s3:::b""#.to_owned())]);
    assert_eq!(wrong("aws"), [("wrong-partition", r#""arn:aws-cn:iam::*:role/r""#.to_owned())]);
    assert_eq!(wrong("aws-us-gov").len(), 2);
}

#[test]
fn our_guards_are_clean() {
    for variant in Variant::ALL {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            assert_eq!(found(&variant.text(partition, true), Some(partition)), [], "{variant:?} {partition}");
        }
        let without = found(&variant.text("aws", false), None);
        let codes: Vec<_> = without.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes, ["guard-denies-services"], "{variant:?}");
    }
}

#[test]
fn what_aws_documents_has_notes_only() {
    let texts = [
        (include_str!("../fixtures/self-manage.json"), 6),
        (include_str!("../fixtures/mfa-only.json"), 1),
        (include_str!("../fixtures/mfa-self-manage.json"), 2),
    ];
    for (text, own_users) in texts {
        let mut codes: Vec<_> = found(text, None).into_iter().map(|(code, ..)| code).collect();
        codes.sort_unstable();
        let mut expected = vec!["guard-denies-services", "guard-not-for-paths"];
        expected.extend(vec!["own-user-without-path"; own_users]);
        assert_eq!(codes, expected);
    }
    // As it was until November 2022.
    let before = texts[0].0.replace("mfa/*", "mfa/${aws:username}");
    assert!(codes(&before).contains("own-device-name"));
}

#[test]
fn statements_are_told_by_their_sid_or_place() {
    let text = document(
        r#"{"Sid": "Mine", "Effect": "Allow", "Action": "x", "Resource": "*"}, {"Sid": "", "Effect": "Deny", "Action": "y", "Resource": "*"}"#,
    );
    let told: Vec<String> = found(&text, None).into_iter().map(|(_, _, told)| told).collect();
    let rest = "is no action: it should be a service and a name with one colon between";
    assert_eq!(told, [format!("statement `Mine`: `x` {rest}"), format!("statement 2: `y` {rest}")]);
}

/// A statement, another, and whether the first covers the second for certain.
const COVERED: [(&str, &str, bool); 15] = [
    // The wider one is limited by a condition; what is covered may be.
    (
        r#""Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"k": "true"}}"#,
        r#""Action": "s3:x", "Resource": "*""#,
        false,
    ),
    (
        r#""Action": "s3:*", "Resource": "*""#,
        r#""Action": "s3:x", "Resource": "*", "Condition": {"Bool": {"k": "true"}}"#,
        true,
    ),
    // Letter case matters in resources, not in actions.
    (r#""Action": "S3:*", "Resource": "arn:aws:s3:::a*""#, r#""Action": "s3:x", "Resource": "arn:aws:s3:::ab""#, true),
    (r#""Action": "s3:*", "Resource": "arn:aws:s3:::A*""#, r#""Action": "s3:x", "Resource": "arn:aws:s3:::ab""#, false),
    // A variable may stand for anything, and so covers only itself.
    (
        r#""Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}""#,
        r#""Action": "s3:x", "Resource": "arn:aws:s3:::ab""#,
        false,
    ),
    (
        r#""Action": "s3:*", "Resource": "arn:aws:s3:::${k}""#,
        r#""Action": "s3:x", "Resource": "arn:aws:s3:::${k}""#,
        true,
    ),
    (
        r#""Action": "s3:*", "Resource": "arn:aws:s3:::${k, 'a'}""#,
        r#""Action": "s3:x", "Resource": "arn:aws:s3:::${k, 'b'}""#,
        false,
    ),
    (r#""Action": "s3:*", "Resource": "arn:aws:s3:::*""#, r#""Action": "s3:x", "Resource": "arn:aws:s3:::${k}""#, true),
    // All but some.
    (r#""NotAction": "iam:*", "Resource": "*""#, r#""Action": "s3:x", "Resource": "*""#, true),
    (r#""NotAction": "s3:y*", "Resource": "*""#, r#""Action": "s3:*", "Resource": "*""#, false),
    (r#""NotAction": "iam:a", "Resource": "*""#, r#""NotAction": "iam:*", "Resource": "*""#, true),
    (r#""NotAction": "iam:*", "Resource": "*""#, r#""NotAction": "iam:a", "Resource": "*""#, false),
    (r#""Action": "*", "Resource": "*""#, r#""NotAction": "iam:*", "Resource": "*""#, true),
    (
        r#""Action": "s3:*", "NotResource": "arn:aws:s3:::${k}""#,
        r#""Action": "s3:x", "Resource": "arn:aws:s3:::a""#,
        false,
    ),
    // What cannot be evaluated covers nothing.
    (r#""Action": "*", "Resource": "*", "Principal": "*""#, r#""Action": "s3:x", "Resource": "*""#, false),
];

#[test]
fn coverage_is_never_claimed_wrongly() {
    let statement = |effect: &str, rest: &str| format!(r#"{{"Effect": "{effect}", {rest}}}"#);
    for (wide, narrow, is_covered) in COVERED {
        for (one, other, code) in [("Deny", "Deny", "covered-statement"), ("Deny", "Allow", "denied-allow")] {
            let statements = [statement(one, wide), statement(other, narrow)];
            for [first, second] in [[0, 1], [1, 0]] {
                let text = document(&format!("{}, {}", statements[first], statements[second]));
                let found = found(&text, None);
                let place = format!("statement {}:", if first == 1 { 1 } else { 2 });
                let of_narrow = found.iter().any(|(found, _, told)| *found == code && told.starts_with(&place));
                assert_eq!(of_narrow, is_covered, "{text}");
            }
        }
    }
}

#[test]
fn names_and_words() {
    let names: BTreeSet<&str> = Lint::ALL.into_iter().map(Lint::as_str).collect();
    assert_eq!((names.len(), words::WORDS.len()), (Lint::ALL.len(), Lint::ALL.len()));
    for (nth, lint) in Lint::ALL.into_iter().enumerate() {
        assert_eq!(lint as usize, nth);
        // The names are those of the variants.
        assert_eq!(format!("{lint:?}").to_lowercase(), lint.as_str().replace('-', ""));
        assert!(!lint.why().ends_with('.') && !lint.fix().ends_with('.'), "{lint:?}");
    }
}

#[test]
fn the_page_has_every_lint() {
    let page = include_str!("../../../docs/lint.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = Lint::ALL
        .into_iter()
        .map(|lint| format!("| `{}` | {} | {} | {} |", lint.as_str(), lint.severity().as_str(), lint.why(), lint.fix()))
        .collect();
    assert_eq!(rows, expected);
}

proptest::proptest! {
    /// A statement that is said to change nothing changes no decision.
    #[test]
    fn dead_statements_change_no_decision(document in crate::iam::document::arbitrary::documents()) {
        use crate::iam::{Context, Policies, Request};
        for finding in lint(&document, &Given::default()) {
            let (Lint::CoveredStatement | Lint::DeniedAllow, Some(index)) = (finding.lint, finding.statement) else { continue };
            let mut without = document.clone();
            without.statements.remove(index);
            let policies = [Policy::new("p", &document), Policy::new("p", &without)];
            for action in ["iam:GetUser", "s3:GetObject", "sts:x", "iam:ListMFADevices"] {
                for resource in ["*", "arn:aws:iam::111122223333:user/kim", "arn:aws:s3:::bucket/x"] {
                    for context in [Context::new(), Context::new().with("aws:username", "kim").with("aws:MultiFactorAuthPresent", "false")] {
                        let request = Request::new(action, resource).with_context(context);
                        let [with, without] = policies.each_ref().map(|policy| {
                            Policies { identity: vec![policy], ..Policies::default() }.verdict(&request)
                        });
                        proptest::prop_assert_eq!(with, without);
                    }
                }
            }
        }
    }
}
