//! What a person is told beside a decision.

use serde_json::json;

use super::super::document::Document;
use super::super::{Policy, Request};
use super::*;

fn policy(name: &str, statements: &serde_json::Value) -> Policy {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Policy::new(name, &Document::parse(&text).unwrap())
}

#[test]
fn what_would_nearly_allow_is_found_in_its_layer() {
    let own = policy(
        "own",
        &json!([
            { "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": { "Bool": { "a": "true", "b": "true" } } },
            { "Sid": "Other", "Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": { "Bool": { "a": "true" } } },
            { "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": { "Bool": { "a": "true" } } },
            { "Sid": "Like", "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b", "Condition": { "Nope": { "a": "1" } } },
        ]),
    );
    let scp = policy(
        "scp",
        &json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": { "Bool": { "c": "true" } } }),
    );
    let policies = Policies { identity: vec![&own], boundary: None, scps: vec![vec![&own], vec![&scp]] };
    let request = Request::new("s3:x", "arn:aws:s3:::b").with_context(Context::new().with("B", "true"));
    let places =
        |layer| policies.nearly(layer, &request).into_iter().map(|at| (at.policy.to_string(), at.index)).collect();
    let found: [Vec<(String, usize)>; 3] = [Layer::Identity, Layer::Scp(1), Layer::Boundary].map(places);
    assert_eq!(
        found,
        [vec![("own".to_owned(), 0)], vec![("scp".to_owned(), 0)], vec![]],
        "what is unknown is not near"
    );
    assert_eq!(own.condition_keys(0), ["a", "b"]);
    assert_eq!(own.unmet_keys(0, &request), ["a"]);
    assert_eq!((own.condition_keys(9), own.unmet_keys(9, &request)), (vec![], vec![]));
    assert_eq!(policies.of(Layer::Scp(0)).map(Policy::name).collect::<Vec<_>>(), ["own"]);
    assert_eq!(policies.of(Layer::Scp(2)).count(), 0);
}

#[test]
fn keys_are_named_once_whatever_their_case() {
    let condition = json!({ "StringEquals": { "aws:X": "${aws:username}" }, "StringLike": { "AWS:x": "y" } });
    let own = policy("own", &json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition }));
    assert_eq!(own.condition_keys(0), ["aws:X", "aws:username"]);
}

#[test]
fn a_context_is_described() {
    let context =
        Context::new().with("a", "1").with_all("b", vec!["1".to_owned(), "2".to_owned()]).with_all("c", vec![]);
    assert_eq!(["A", "b", "c", "d"].map(|key| context.describe(key)), ["is 1", "is 1, 2", "is empty", "is absent"]);
    assert_eq!(Context::open().describe("a"), "is not known");
    assert_eq!(Context::new().with("a", "").describe("a"), "is \"\"");
}
