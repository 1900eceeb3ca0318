//! Documents for property tests: of the grammar, with parts that fit each other often enough to decide something.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{
    Condition, ConditionBlock, ConditionKey, Document, Effect, Elements, Principal, Principals, Statement,
    UnknownElement,
};

/// Documents, with principals and unknown elements in some statements.
pub(crate) fn documents() -> impl Strategy<Value = Document> {
    let version = option::of(select(vec!["2012-10-17".to_owned(), "2008-10-17".to_owned(), String::new()]));
    (version, option::of(".{0,5}"), vec(statements(), 0..4), unknown_elements())
        .prop_map(|(version, id, statements, unknown_elements)| Document { version, id, statements, unknown_elements })
}

/// Documents of identity policies: version 2012-10-17, at least one statement, no principals, nothing unknown.
pub(crate) fn identity_policies() -> impl Strategy<Value = Document> {
    let statement = (statements(), resources()).prop_map(|(statement, resource)| Statement {
        principal: None,
        resource: Some(resource),
        unknown_elements: Vec::new(),
        ..statement
    });
    vec(statement, 1..4).prop_map(|statements| Document {
        version: Some("2012-10-17".to_owned()),
        statements,
        ..Document::default()
    })
}

/// Statements of any kind of policy.
pub(crate) fn statements() -> impl Strategy<Value = Statement> {
    (
        option::of("[a-zA-Z0-9]{0,4}"),
        select(vec![Effect::Allow, Effect::Deny]),
        option::weighted(0.3, principals()),
        actions(),
        option::weighted(0.9, resources()),
        option::weighted(0.4, conditions()),
        unknown_elements(),
    )
        .prop_map(|(sid, effect, principal, action, resource, condition, unknown_elements)| Statement {
            sid,
            effect,
            principal,
            action,
            resource,
            condition,
            unknown_elements,
        })
}

/// `Action` or `NotAction`.
pub(crate) fn actions() -> impl Strategy<Value = Elements> {
    let names =
        ["*", "iam:*", "iam:Get*", "IAM:getuser", "iam:GetUser", "iam:ListMFADevices", "sts:*", "s3:?et*", "*:*"];
    elements(prop_oneof![6 => known(&names), 1 => "[a-c]{0,2}:[A-C*?]{0,3}"])
}

/// `Resource` or `NotResource`.
pub(crate) fn resources() -> impl Strategy<Value = Elements> {
    let names = [
        "*",
        "arn:aws:iam::111122223333:user/kim",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:mfa/*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:s3:::bucket",
    ];
    elements(prop_oneof![6 => known(&names), 1 => ".{0,6}"])
}

/// `Condition`, with operators, keys and values that often mean something; also duplicates.
pub(crate) fn conditions() -> impl Strategy<Value = Condition> {
    let operators = [
        "Bool",
        "BoolIfExists",
        "Null",
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "ForAnyValue:StringLike",
        "ForAllValues:StringEqualsIfExists",
        "NumericLessThan",
        "DateGreaterThan",
        "IpAddress",
        "ArnLike",
    ];
    let keys = [
        "aws:MultiFactorAuthPresent",
        "aws:multifactorauthpresent",
        "aws:MultiFactorAuthAge",
        "aws:username",
        "aws:SourceIp",
        "aws:PrincipalTag/team",
        "aws:PrincipalArn",
        "aws:CurrentTime",
    ];
    let values = ["true", "false", "kim", "k*", "${aws:username}", "3600", "10.0.0.0/8", "2026-01-01T00:00:00Z", ""];
    let value = prop_oneof![6 => known(&values), 1 => ".{0,4}"];
    let key = (prop_oneof![8 => known(&keys), 1 => ".{0,4}"], vec(value, 0..3))
        .prop_map(|(key, values)| ConditionKey { key, values });
    let operator = prop_oneof![8 => known(&operators), 1 => ".{0,4}"];
    let block = (operator, vec(key, 0..3)).prop_map(|(operator, keys)| ConditionBlock { operator, keys });
    vec(block, 0..3).prop_map(|blocks| Condition { blocks })
}

/// `Principal` or `NotPrincipal`.
pub(crate) fn principals() -> impl Strategy<Value = Principals> {
    let aws = ["*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/kim"];
    let ids = |names: &[&str]| vec(known(names), 0..3);
    let named = (
        ids(&aws),
        ids(&["ec2.amazonaws.com"]),
        ids(&["accounts.google.com", "arn:aws:iam::111122223333:saml-provider/x"]),
        ids(&["79a59d"]),
    )
        .prop_map(|(aws, service, federated, canonical_user)| Principal {
            everyone: false,
            aws,
            service,
            federated,
            canonical_user,
        });
    let everyone = Principal { everyone: true, ..Principal::default() };
    let principal = prop_oneof![1 => Just(everyone), 3 => named];
    (any::<bool>(), principal).prop_map(|(is_listed, principal)| {
        if is_listed { Principals::Listed(principal) } else { Principals::Except(principal) }
    })
}

fn elements(pattern: impl Strategy<Value = String>) -> impl Strategy<Value = Elements> {
    (prop::bool::weighted(0.7), vec(pattern, 0..4)).prop_map(|(is_listed, patterns)| {
        if is_listed { Elements::Listed(patterns) } else { Elements::Except(patterns) }
    })
}

fn unknown_elements() -> impl Strategy<Value = Vec<UnknownElement>> {
    let number = any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from);
    let list = vec(".{0,2}", 0..3).prop_map(|items| json!({ "list": items, "no": null }));
    let value = prop_oneof![number, any::<u64>().prop_map(Value::from), any::<bool>().prop_map(Value::from), list];
    // A small letter at the beginning: the elements of the language have capital ones.
    let element = ("[a-z].{0,3}", value).prop_map(|(name, value)| UnknownElement { name, value });
    prop_oneof![4 => Just(Vec::new()), 1 => vec(element, 1..3)]
}

fn known(names: &[&str]) -> impl Strategy<Value = String> + use<> {
    select(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
}
