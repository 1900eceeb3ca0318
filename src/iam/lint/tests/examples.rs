//! For each lint a document that shows it, and one that does not.

use super::Lint;

/// A document of these statements.
pub(super) fn document(statements: &str) -> String {
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
pub(super) fn examples() -> Vec<(Lint, String, &'static str, String)> {
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

/// An example whose documents differ in their condition.
fn pair(lint: Lint, bad: &str, marked: &'static str, good: &str) -> (Lint, String, &'static str, String) {
    (lint, allow_if(bad), marked, allow_if(good))
}

fn value_examples() -> Vec<(Lint, String, &'static str, String)> {
    vec![
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
    ]
}

fn condition_examples() -> Vec<(Lint, String, &'static str, String)> {
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
    .chain(value_examples())
    .map(|(lint, bad, marked, good)| match lint {
        Lint::VariableIsText => (lint, good.replace("2012", "2008"), r#""${aws:username}""#, good),
        _ => (lint, bad, marked, good),
    })
    .collect()
}
