//! Statements: whether they are about a request, and what is wrong with them.

use Truth::{No, Unknown, Yes};
use serde_json::{Value, json};

use super::super::notes::Log;
use super::*;

fn policy(document: &Value) -> Policy {
    Policy::new("p", &Document::parse(&document.to_string()).unwrap())
}

/// A policy of one statement, of the newest version.
fn statement(mut elements: Value) -> Policy {
    elements["Effect"] = "Allow".into();
    policy(&json!({ "Version": "2012-10-17", "Statement": elements }))
}

fn matches(policy: &Policy, action: &str, resource: &str) -> Truth {
    let request = Request::new(action, resource).with_context(Context::new().with("aws:username", "kim"));
    let truth = policy.statements()[0].matches(&request, &mut ());
    assert_eq!(truth, policy.statements()[0].matches(&request, &mut Log::default()));
    truth
}

#[test]
fn actions_match_whatever_their_case() {
    let cases = [
        ("s3:GetObject", "s3:GetObject", Yes),
        ("S3:getobject", "s3:GETOBJECT", Yes),
        ("s3:Get*", "s3:getObject", Yes),
        ("s3:?etObject", "s3:GetObject", Yes),
        ("s3:GetObject", "s3:GetObjectAcl", No),
        ("*", "anything:AtAll", Yes),
        ("*:*", "anything:AtAll", Yes),
        ("s3*", "s3:GetObject", Yes),
        ("", "s3:GetObject", No),
        ("${aws:username}:x", "kim:x", No),
    ];
    for (pattern, action, expected) in cases {
        let listed = statement(json!({ "Action": pattern, "Resource": "*" }));
        let except = statement(json!({ "NotAction": pattern, "Resource": "*" }));
        assert_eq!((matches(&listed, action, "r"), matches(&except, action, "r")), (expected, !expected), "{pattern}");
    }
}

#[test]
fn resources_match_by_case_and_with_variables() {
    let cases = [
        ("*", "anything", Yes),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b:c", Yes),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::B/a", No),
        ("arn:aws:s3:::b/*", "*", No),
        ("arn:aws:sqs", "arn:aws:sqs:us-east-2:111122223333:queue", Yes),
        ("arn:aws:sns:us-east-1", "arn:aws:sns:us-east-1:111122223333:topic", Yes),
        ("arn:aws:sns:us-east-1", "arn:aws:sns:eu-west-1:111122223333:topic", No),
        ("arn:aws:sns:us-east-1:111122223333:", "arn:aws:sns:us-east-1:111122223333:topic", No),
        ("arn:*", "arn:aws:s3:::b/k", Yes),
        ("arn", "arn:aws:s3:::b/k", No),
        ("urn:aws:sqs", "urn:aws:sqs:::q", No),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::kim/x", Yes),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::lee/x", No),
    ];
    for (pattern, resource, expected) in cases {
        let listed = statement(json!({ "Action": "*", "Resource": pattern }));
        let except = statement(json!({ "Action": "*", "NotResource": pattern }));
        let found = (matches(&listed, "s3:GetObject", resource), matches(&except, "s3:GetObject", resource));
        assert_eq!(found, (expected, !expected), "{pattern} on {resource}");
    }
}

#[test]
fn a_variable_without_value_matches_nothing_so_that_not_resource_matches_all() {
    let listed = statement(json!({ "Action": "*", "Resource": "arn:aws:s3:::${aws:userid}" }));
    let except = statement(json!({ "Action": "*", "NotResource": "arn:aws:s3:::${aws:userid}" }));
    for resource in ["arn:aws:s3:::x", "arn:aws:s3:::${aws:userid}", "*"] {
        assert_eq!((matches(&listed, "s3:x", resource), matches(&except, "s3:x", resource)), (No, Yes), "{resource}");
    }
}

#[test]
fn older_documents_have_no_variables() {
    for version in [json!("2008-10-17"), Value::Null] {
        let mut document = json!({ "Version": version,
            "Statement": { "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}" } });
        if version.is_null() {
            document.as_object_mut().unwrap().remove("Version");
        }
        let policy = policy(&document);
        assert_eq!(matches(&policy, "s3:x", "arn:aws:s3:::kim"), No);
        assert_eq!(matches(&policy, "s3:x", "arn:aws:s3:::${aws:username}"), Yes);
    }
}

#[test]
fn an_open_context_leaves_open_only_what_may_match() {
    let policy = statement(json!({ "Action": "*", "Resource": ["arn:aws:s3:::b/${aws:userid}", "arn:aws:s3:::c"] }));
    let told = |resource: &str| {
        policy.statements()[0].matches(&Request::new("s3:x", resource).with_context(Context::open()), &mut ())
    };
    assert_eq!(told("arn:aws:s3:::b/x"), Unknown);
    assert_eq!(told("arn:aws:s3:::c"), Yes);
    assert_eq!(told("arn:aws:s3:::d"), No);
}

fn reason(policy: &Policy, request: &Request) -> String {
    let mut log = Log::default();
    assert_eq!(policy.statements()[0].matches(request, &mut log), Unknown);
    log.unknown.join("; ")
}

#[test]
fn what_aws_would_not_have_accepted_is_unknown_where_it_matters() {
    let request = Request::new("s3:GetObject", "arn:aws:s3:::b/k");
    let cases = [
        (json!({ "Action": "*", "Resource": "*", "Colour": "red" }), "the policy language has no element `Colour`"),
        (json!({ "Action": "*" }), "it has neither `Resource` nor `NotResource`"),
        (
            json!({ "Action": "*", "Resource": "*", "Principal": "*" }),
            "it names a principal, which only policies of resources do",
        ),
    ];
    for (elements, expected) in cases {
        let policy = statement(elements.clone());
        assert_eq!(reason(&policy, &request), expected);
        let mut of_another = elements.clone();
        of_another["Action"] = "iam:*".into();
        assert_eq!(matches(&statement(of_another), "s3:GetObject", "r"), No, "it is about another action: {elements}");
        let mut unmet = elements;
        unmet["Condition"] = json!({ "Bool": { "k": "true" } });
        assert_eq!(matches(&statement(unmet), "s3:GetObject", "r"), No, "its condition is not met");
    }
    let odd =
        policy(&json!({ "Version": "2025-01-01", "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*" } }));
    assert_eq!(reason(&odd, &request), "`2025-01-01` is no version of the policy language");
    let extra = policy(&json!({ "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*" }, "Rules": [] }));
    assert_eq!(reason(&extra, &request), "the policy language has no element `Rules`");
}

#[test]
fn only_keys_that_can_matter_are_asked_for() {
    let asked = |elements: Value, action: &str, resource: &str| {
        let mut log = Log::default();
        statement(elements).statements()[0].matches(&Request::new(action, resource), &mut log);
        log.missing.sort();
        log.missing
    };
    let condition =
        json!({ "Bool": { "aws:SecureTransport": "true" }, "StringEquals": { "s3:prefix": "${aws:userid}" } });
    let elements = json!({ "Action": "s3:*", "Resource": ["arn:aws:s3:::${aws:username}", "arn:aws:s3:::b/*"],
                           "Condition": condition });
    assert_eq!(asked(elements.clone(), "iam:GetUser", "arn:aws:s3:::b/x"), [""; 0]);
    assert_eq!(asked(elements.clone(), "s3:x", "arn:aws:iam::1:user/x"), [""; 0]);
    assert_eq!(asked(elements.clone(), "s3:x", "arn:aws:s3:::kim"), ["aws:username"]);
    let all = ["aws:SecureTransport", "aws:username", "s3:prefix"];
    assert_eq!(asked(elements.clone(), "s3:x", "arn:aws:s3:::b/x"), all);
    let mut turned = elements;
    turned["Resource"].as_array_mut().unwrap().reverse();
    assert_eq!(asked(turned, "s3:x", "arn:aws:s3:::b/x"), all, "in whatever order the resources stand");
}
