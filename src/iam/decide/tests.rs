//! Layers, and what is told of a decision.

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::document::Document;
use super::super::{Policy, Request};
use super::*;

fn policy(name: &str, statements: &Value) -> Policy {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Policy::new(name, &Document::parse(&text).unwrap())
}

fn allow(name: &str, action: &str) -> Policy {
    policy(name, &json!({ "Effect": "Allow", "Action": action, "Resource": "*" }))
}

fn get() -> Request {
    Request::new("s3:GetObject", "arn:aws:s3:::b/k")
}

#[test]
fn a_decision_is_the_json_of_the_contract() {
    let own = policy(
        "p.json",
        &json!([
            { "Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*" },
            { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } } },
        ]),
    );
    let policies = Policies { identity: vec![&own], ..Policies::default() };
    let text = serde_json::to_string(&policies.decide(&get())).unwrap();
    let expected = r#"{"decision":"allowed","matched":[{"policy":"p.json","sid":"A","index":0}],"missing_keys":["aws:MultiFactorAuthPresent"]}"#;
    assert_eq!(text, expected);
    let text = serde_json::to_string(&policies.decide(&Request::new("iam:GetUser", "*"))).unwrap();
    let expected = r#"{"decision":"implicit_deny","matched":[],"limited_by":"identity","missing_keys":["aws:MultiFactorAuthPresent"]}"#;
    assert_eq!(text, expected);
    let odd = policy(
        "odd",
        &json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "Nope": { "a": "1" } } }),
    );
    let policies = Policies { identity: vec![&own, &odd], ..Policies::default() };
    let text = serde_json::to_string(&policies.decide(&get().with_context(Context::new().with("a", "1")))).unwrap();
    let expected = r#"{"decision":"unknown","matched":[],"missing_keys":["aws:MultiFactorAuthPresent"],"unknown":[{"policy":"odd","sid":null,"index":0,"reasons":["`Nope` is no condition operator"]}]}"#;
    assert_eq!(text, expected);
}

#[test]
fn the_first_layer_that_does_not_allow_is_told() {
    let (all, s3, iam) = (allow("all", "*"), allow("s3", "s3:*"), allow("iam", "iam:*"));
    let limited = |identity: Vec<&Policy>, boundary: Option<&Policy>, scps: Vec<Vec<&Policy>>| {
        let decision = Policies { identity, boundary, scps }.decide(&get());
        (decision.verdict, decision.limited_by)
    };
    let denied = |layer| (Verdict::ImplicitDeny, Some(layer));
    assert_eq!(limited(vec![], None, vec![]), denied(Layer::Identity));
    assert_eq!(limited(vec![&iam], Some(&iam), vec![vec![&iam]]), denied(Layer::Identity));
    assert_eq!(limited(vec![&iam, &s3], None, vec![]), (Verdict::Allowed, None));
    assert_eq!(limited(vec![&s3], Some(&iam), vec![vec![]]), denied(Layer::Boundary));
    assert_eq!(limited(vec![&s3], Some(&all), vec![vec![&iam, &s3], vec![&iam]]), denied(Layer::Scp(1)));
    assert_eq!(limited(vec![&s3], Some(&all), vec![vec![&iam, &s3], vec![&all]]), (Verdict::Allowed, None));
    assert_eq!(
        limited(vec![&s3], None, vec![vec![]]),
        denied(Layer::Scp(0)),
        "a level without policies allows nothing"
    );
}

#[test]
fn a_deny_of_any_layer_decides_and_is_told_alone() {
    let all = allow("all", "*");
    let deny = policy(
        "deny",
        &json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" },
                                      { "Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": "*" }]),
    );
    for policies in [
        Policies { identity: vec![&all, &deny], ..Policies::default() },
        Policies { identity: vec![&all], boundary: Some(&deny), scps: vec![] },
        Policies { identity: vec![&all], boundary: None, scps: vec![vec![&all], vec![&deny, &all]] },
        Policies { identity: vec![], boundary: None, scps: vec![vec![&deny]] },
    ] {
        let decision = policies.decide(&get());
        assert_eq!((decision.verdict, decision.limited_by), (Verdict::ExplicitDeny, None));
        let expected = StatementRef { policy: "deny".into(), sid: Some("No".into()), index: 1 };
        assert_eq!(decision.matched, [expected]);
    }
}

#[test]
fn a_policy_of_two_layers_is_told_once() {
    let all = allow("all", "*");
    let policies = Policies { identity: vec![&all, &all], boundary: Some(&all), scps: vec![vec![&all]] };
    assert_eq!(policies.decide(&get()).matched.len(), 1);
}

#[test]
fn what_is_unknown_gives_way_to_what_decides() {
    let doubtful = |effect: &str| {
        policy(
            "odd",
            &json!({ "Effect": effect, "Action": "*", "Resource": "*", "Condition": { "Nope": { "a": "1" } } }),
        )
    };
    let (deny, allow_odd, all) = (doubtful("Deny"), doubtful("Allow"), allow("all", "*"));
    let no = policy("no", &json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }));
    let verdict = |identity: Vec<&Policy>, scps: Vec<Vec<&Policy>>| {
        let decision = Policies { identity, boundary: None, scps }.decide(&get());
        (decision.verdict, decision.unknown.len())
    };
    assert_eq!(verdict(vec![&allow_odd], vec![]), (Verdict::Unknown, 1));
    assert_eq!(verdict(vec![&allow_odd, &all], vec![]), (Verdict::Allowed, 0));
    assert_eq!(verdict(vec![&deny, &all], vec![]), (Verdict::Unknown, 1));
    assert_eq!(verdict(vec![&deny, &all, &no], vec![]), (Verdict::ExplicitDeny, 0));
    assert_eq!(verdict(vec![&allow_odd], vec![vec![]]), (Verdict::ImplicitDeny, 0), "no level allows it anyway");
    assert_eq!(verdict(vec![&deny], vec![]), (Verdict::Unknown, 1), "denied, in one way or the other");
}

#[test]
fn missing_keys_are_those_of_all_layers() {
    let of = |key: &str| {
        let condition = json!({ "StringEquals": { key: "x" } });
        policy(key, &json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition }))
    };
    let (z, a, again) = (of("z"), of("a"), of("Z"));
    let policies = Policies { identity: vec![&z], boundary: Some(&a), scps: vec![vec![&again]] };
    assert_eq!(policies.decide(&get()).missing_keys, ["a", "z"]);
}

#[test]
fn service_control_policies_do_not_bind_everyone() {
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    assert!(!scps_apply(linked, false));
    assert!(!scps_apply("arn:aws:iam::111122223333:user/kim", true));
    for bound in ["arn:aws:iam::111122223333:user/aws-service-role/kim", "arn:aws:iam::111122223333:root", ""] {
        assert!(scps_apply(bound, false), "{bound}");
    }
}
