use std::collections::BTreeSet;

use super::*;
use crate::iam::Strictness;
use crate::iam::guard::Variant;

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

/// A document of these statements.
fn document(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

/// A statement that allows `s3:GetObject` under a condition.
fn allow_if(condition: &str) -> String {
    document(&format!(r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {condition}}}"#))
}

fn deny_if(condition: &str) -> String {
    document(&format!(r#"{{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {condition}}}"#))
}

/// A guard with these `NotAction` and condition, and what it takes to enroll.
fn guard(not_action: &str, condition: &str, more: &str) -> String {
    let own = r#"["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]"#;
    document(&format!(
        r#"{{"Effect": "Allow", "Action": "iam:ListVirtualMFADevices", "Resource": "*"}},
        {{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": "arn:aws:iam::*:mfa/*"}},
        {{"Effect": "Allow", "Action": ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"], "Resource": {own}}},
        {{"Effect": "Deny", "NotAction": [{not_action}], "Resource": "*", "Condition": {condition}}}{more}"#
    ))
}

const ENROLL: &str = r#""iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice""#;
const WITHOUT: &str = r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false"}}"#;

/// For each lint: a document that has nothing else, what of it is marked, and the document mended.
fn examples() -> Vec<(Lint, String, &'static str, String)> {
    let all = dead_examples();
    all.into_iter().chain(guard_examples()).chain(text_examples()).chain(condition_examples()).collect()
}

fn dead_examples() -> Vec<(Lint, String, &'static str, String)> {
    let two = |first: &str, second: &str| document(&format!("{first}, {second}"));
    let get = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#;
    let with = |action: &str, resource: &str| {
        document(&format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": {resource}}}"#))
    };
    let fine = with(r#""s3:GetObject""#, r#""*""#);
    let never = r#"{"Null": {"aws:SourceIp": "true"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#;
    let never_bool = r#"{"Bool": {"aws:SecureTransport": "true"}, "BoolIfExists": {"aws:securetransport": "false"}}"#;
    vec![
        (
            Lint::CoveredStatement,
            two(r#"{"Effect": "Allow", "Action": "S3:Get*", "Resource": "*"}"#, get),
            r#""Effect""#,
            two(r#"{"Effect": "Allow", "Action": "s3:GetObjectAcl", "Resource": "*"}"#, get),
        ),
        (Lint::CoveredStatement, two(get, get), r#""Effect""#, document(get)),
        (
            Lint::DeniedAllow,
            two(get, r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}"#),
            r#""Effect""#,
            two(get, r#"{"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"}"#),
        ),
        (
            Lint::ActionWithoutService,
            with(r#"["s3:PutObject", "GetObject"]"#, r#""*""#),
            r#""GetObject""#,
            fine.clone(),
        ),
        (Lint::EmptyList, with("[]", r#""*""#), r#""Action""#, fine.clone()),
        (Lint::EmptyList, with(r#""s3:GetObject""#, "[]"), r#""Resource""#, fine),
        (
            Lint::EmptyValues,
            allow_if(r#"{"StringEquals": {"aws:username": []}}"#),
            r#""aws:username""#,
            allow_if(r#"{"StringEquals": {"aws:username": ["kim"]}}"#),
        ),
        (
            Lint::ContradictoryCondition,
            allow_if(never),
            r#""aws:SourceIp""#,
            allow_if(r#"{"Null": {"aws:SourceIp": "true"}, "IpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"}}"#),
        ),
        (
            Lint::ContradictoryCondition,
            allow_if(never_bool),
            r#""aws:securetransport""#,
            allow_if(r#"{"BoolIfExists": {"aws:SecureTransport": "true", "aws:ViaAWSService": "false"}}"#),
        ),
    ]
}

fn guard_examples() -> Vec<(Lint, String, &'static str, String)> {
    let right = guard(ENROLL, WITHOUT, "");
    let present =
        |operator: &str, value: &str| format!(r#"{{"{operator}": {{"aws:MultiFactorAuthPresent": {value}}}}}"#);
    let more = |effect: &str, rest: &str| guard(ENROLL, WITHOUT, &format!(r#", {{"Effect": "{effect}", {rest}}}"#));
    let no_paths = right.replace(r#", "arn:aws:iam::*:user/*/${aws:username}""#, "");
    let alone =
        document(&format!(r#"{{"Effect": "Deny", "NotAction": [{ENROLL}], "Resource": "*", "Condition": {WITHOUT}}}"#));
    vec![
        (
            Lint::MissesAccessKeys,
            deny_if(&present("StringEquals", r#"["false"]"#)),
            r#""aws:MultiFactorAuthPresent""#,
            deny_if(&present("BoolIfExists", "false")),
        ),
        (
            Lint::MissesAccessKeys,
            deny_if(&present("ForAnyValue:StringNotEquals", r#""true""#)),
            r#""aws:MultiFactorAuthPresent""#,
            deny_if(&present("StringNotEquals", r#""true""#)),
        ),
        (
            Lint::AllowsWithoutMfa,
            allow_if(&present("BoolIfExists", "true")),
            r#""aws:MultiFactorAuthPresent""#,
            allow_if(&present("Bool", "true")),
        ),
        (Lint::GuardHole, guard(&format!(r#"{ENROLL}, "s3:*""#), WITHOUT, ""), r#""NotAction""#, right.clone()),
        (
            Lint::GuardBlocksEnrollment,
            guard(&ENROLL.replace(r#""iam:EnableMFADevice", "#, ""), WITHOUT, ""),
            r#""NotAction""#,
            right.clone(),
        ),
        (
            Lint::GuardDeniesWithMfa,
            more("Deny", r#""Action": "ec2:*", "Resource": "*""#),
            r#""NotAction""#,
            more(
                "Deny",
                &format!(r#""Action": "ec2:*", "Resource": "*", "Condition": {}"#, present("BoolIfExists", "false")),
            ),
        ),
        (
            Lint::GuardAllowsRemoval,
            guard(
                &format!(r#"{ENROLL}, "iam:DeleteVirtualMFADevice""#),
                WITHOUT,
                r#", {"Effect": "Allow", "Action": "iam:DeleteVirtualMFADevice", "Resource": "arn:aws:iam::*:mfa/*"}"#,
            ),
            r#""NotAction""#,
            right.clone(),
        ),
        (
            Lint::GuardDeniesServices,
            guard(ENROLL, &present("BoolIfExists", "false"), ""),
            r#""NotAction""#,
            right.clone(),
        ),
        (Lint::GuardGrantsNoEnrollment, alone, r#""NotAction""#, right.clone()),
        (Lint::GuardNotForPaths, no_paths, r#""NotAction""#, right),
    ]
}

fn text_examples() -> Vec<(Lint, String, &'static str, String)> {
    let on = |resource: &str| {
        document(&format!(r#"{{"Effect": "Allow", "Action": "iam:GetUser", "Resource": {resource}}}"#))
    };
    let of =
        |more: &str| document(&format!(r#"{{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"{more}}}"#));
    let (fine, home) = (of(""), r#""arn:aws:s3:::b/${aws:username}""#);
    let dup = |other: &str| {
        document(&format!(
            r#"{{"Sid": "A", "Effect": "Allow", "Action": "s3:x", "Resource": "*"}}, {{"Sid": "{other}", "Effect": "Allow", "Action": "s3:y", "Resource": "*"}}"#
        ))
    };
    let long = |count: usize| of(&format!(r#", "Condition": {{"StringEquals": {{"k": "{}"}}}}"#, "x".repeat(count)));
    vec![
        (
            Lint::OwnDeviceName,
            on(r#"["arn:aws:iam::*:mfa/${aws:username}"]"#),
            r#""arn:aws:iam::*:mfa/${aws:username}""#,
            on(r#""arn:aws:iam::*:mfa/*""#),
        ),
        (
            Lint::OwnUserWithoutPath,
            on(r#""arn:aws:iam::*:user/${aws:username}""#),
            r#""arn:aws:iam::*:user/${aws:username}""#,
            on(r#"["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]"#),
        ),
        (
            Lint::MixedPartitions,
            on(r#"["arn:aws:iam::*:user/a", "arn:aws-cn:iam::*:user/a"]"#),
            r#""arn:aws-cn:iam::*:user/a""#,
            on(r#"["arn:aws:iam::*:user/a", "arn:*:iam::*:user/b"]"#),
        ),
        (Lint::VariableIsText, on(home).replace("2012", "2008"), home, on(home)),
        (Lint::UnknownVersion, fine.replace("2012", "2013"), r#""2013-10-17""#, fine.clone()),
        (Lint::UnknownElement, of(r#", "Resources": "*""#), r#""Resources""#, fine.clone()),
        (Lint::UnknownElement, fine.replacen('{', r#"{"Comment": "x", "#, 1), r#""x""#, fine.clone()),
        (Lint::PrincipalInIdentityPolicy, of(r#", "NotPrincipal": "*""#), r#""NotPrincipal""#, fine.clone()),
        (Lint::NoResource, fine.replace(r#", "Resource": "*""#, ""), r#""Effect""#, fine.clone()),
        (Lint::AllowNotAction, fine.replace("Action", "NotAction"), r#""NotAction""#, fine.clone()),
        (
            Lint::AllowNotResource,
            on(r#""arn:aws:iam::*:user/a""#).replace("Resource", "NotResource"),
            r#""NotResource""#,
            fine.clone(),
        ),
        (Lint::TooLarge, long(6200), r#""Version""#, fine.clone()),
        (Lint::TooLargeInline, long(2100), r#""Version""#, fine.clone()),
        (Lint::OutsideCharset, of(r#", "Sid": "ł""#), "ł", of(r#", "Sid": "l""#)),
        (Lint::DuplicateSid, dup("A"), r#""Sid""#, dup("B")),
    ]
}

fn condition_examples() -> Vec<(Lint, String, &'static str, String)> {
    let pair = |lint: Lint, bad: &str, marked: &'static str, good: &str| (lint, allow_if(bad), marked, allow_if(good));
    let tags = r#""ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}"#;
    vec![
        pair(
            Lint::UnknownOperator,
            r#"{"stringLike": {"k": "v"}}"#,
            r#""stringLike""#,
            r#"{"StringLike": {"k": "v"}}"#,
        ),
        pair(Lint::VariableIsText, r#"{"StringLike": {"k": "v"}}"#, "", r#"{"StringLike": {"k": "${aws:username}"}}"#),
        pair(
            Lint::MalformedArn,
            r#"{"ArnLike": {"aws:SourceArn": ["arn:aws:s3:::b", "arn:aws:s3:b"]}}"#,
            r#""arn:aws:s3:b""#,
            r#"{"ArnLike": {"aws:SourceArn": ["arn:aws:s3:::b", "arn:aws:iam::*:user/${aws:username}"]}}"#,
        ),
        pair(
            Lint::MalformedValue,
            r#"{"NumericLessThan": {"k": [1, "ten"]}}"#,
            r#""ten""#,
            r#"{"NumericLessThan": {"k": [1, "10"]}}"#,
        ),
        pair(
            Lint::MalformedValue,
            r#"{"DateLessThan": {"k": "soon"}}"#,
            r#""soon""#,
            r#"{"DateLessThan": {"k": "2026-11-24T00:00:00Z"}}"#,
        ),
        pair(
            Lint::MalformedValue,
            r#"{"IpAddress": {"k": "10.0.0.0/33"}}"#,
            r#""10.0.0.0/33""#,
            r#"{"IpAddress": {"k": "10.0.0.0/32"}}"#,
        ),
        pair(
            Lint::MalformedValue,
            r#"{"BinaryEquals": {"k": "-"}}"#,
            r#""-""#,
            r#"{"BinaryEquals": {"k": "cG9ydA=="}}"#,
        ),
        pair(Lint::MalformedValue, r#"{"Bool": {"k": "yes"}}"#, r#""yes""#, r#"{"Bool": {"k": true}}"#),
        pair(Lint::MalformedValue, r#"{"Null": {"k": "yes"}}"#, r#""yes""#, r#"{"Null": {"k": "true"}}"#),
        pair(
            Lint::ForAllWithoutNull,
            &format!("{{{tags}}}"),
            r#""aws:TagKeys""#,
            &format!(r#"{{{tags}, "Null": {{"aws:tagkeys": "false"}}}}"#),
        ),
        pair(
            Lint::WildcardIsText,
            r#"{"StringEquals": {"k": ["a", "b*"]}}"#,
            r#""b*""#,
            r#"{"StringEquals": {"k": ["a", "b${*}"]}}"#,
        ),
        pair(
            Lint::ManyValuedKey,
            r#"{"StringEquals": {"AWS:TagKeys": "team"}}"#,
            r#""AWS:TagKeys""#,
            r#"{"ForAnyValue:StringEquals": {"AWS:TagKeys": "team"}}"#,
        ),
    ]
    .into_iter()
    .map(|(lint, bad, marked, good)| match lint {
        Lint::VariableIsText => (lint, good.replace("2012", "2008"), r#""${aws:username}""#, good),
        _ => (lint, bad, marked, good),
    })
    .collect()
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

#[test]
fn coverage_is_never_claimed_wrongly() {
    let statement = |effect: &str, rest: &str| format!(r#"{{"Effect": "{effect}", {rest}}}"#);
    let cases = [
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
        (
            r#""Action": "S3:*", "Resource": "arn:aws:s3:::a*""#,
            r#""Action": "s3:x", "Resource": "arn:aws:s3:::ab""#,
            true,
        ),
        (
            r#""Action": "s3:*", "Resource": "arn:aws:s3:::A*""#,
            r#""Action": "s3:x", "Resource": "arn:aws:s3:::ab""#,
            false,
        ),
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
        (
            r#""Action": "s3:*", "Resource": "arn:aws:s3:::*""#,
            r#""Action": "s3:x", "Resource": "arn:aws:s3:::${k}""#,
            true,
        ),
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
    for (wide, narrow, is_covered) in cases {
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
