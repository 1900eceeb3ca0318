//! Every operator of the documentation, and what is nearly one.

use super::*;

const POSITIVE: [&str; 20] = [
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "ArnEquals",
    "ArnLike",
    "Null",
    "ForAnyValue:StringEquals",
];

const NEGATED: [&str; 8] = [
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "NumericNotEquals",
    "DateNotEquals",
    "NotIpAddress",
    "ArnNotEquals",
    "ArnNotLike",
];

#[test]
fn every_documented_operator_is_read() {
    for (names, negated) in [(&POSITIVE[..], false), (&NEGATED[..], true)] {
        for name in names {
            let operator = Operator::read(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(operator.negated, negated, "{name}");
            assert!(!operator.if_exists, "{name}");
        }
    }
}

#[test]
fn every_operator_but_null_has_if_exists_and_quantifiers() {
    for name in POSITIVE.into_iter().chain(NEGATED).filter(|name| !name.contains(':')) {
        let plain = Operator::read(name).unwrap();
        let exists = Operator::read(&format!("{name}IfExists"));
        let all = Operator::read(&format!("ForAllValues:{name}"));
        let any = Operator::read(&format!("ForAnyValue:{name}IfExists"));
        if name == "Null" {
            assert_eq!((exists, all, any), (None, None, None));
            continue;
        }
        assert_eq!(exists, Some(Operator { if_exists: true, ..plain }), "{name}");
        assert_eq!(all, Some(Operator { quantifier: Some(Quantifier::ForAllValues), ..plain }), "{name}");
        let expected = Operator { quantifier: Some(Quantifier::ForAnyValue), if_exists: true, ..plain };
        assert_eq!(any, Some(expected), "{name}");
    }
}

#[test]
fn arn_equals_and_arn_like_are_the_same() {
    assert_eq!(Operator::read("ArnEquals"), Operator::read("ArnLike"));
    assert_eq!(Operator::read("ArnNotEquals"), Operator::read("ArnNotLike"));
    assert_ne!(Operator::read("StringEquals"), Operator::read("StringLike"));
}

#[test]
fn what_is_nearly_an_operator_is_none() {
    for name in [
        "",
        "stringequals",
        "STRINGEQUALS",
        "StringEqual",
        "StringEquals ",
        " StringEquals",
        "StringEqualsIfExist",
        "StringEqualsifexists",
        "StringEqualsIfExistsIfExists",
        "IfExists",
        "IfExistsStringEquals",
        "StringLikeIgnoreCase",
        "StringNotEqualsIgnorecase",
        "StringLessThan",
        "Numeric",
        "NumericLike",
        "NumericNotLessThan",
        "NumericLessThanOrEquals",
        "NumericGreaterThanEqual",
        "Date",
        "DateLike",
        "Boolean",
        "NotBool",
        "BoolNot",
        "BoolEquals",
        "BinaryNotEquals",
        "BinaryLike",
        "IpAddressNot",
        "NotIPAddress",
        "IPAddress",
        "Arn",
        "ArnNot",
        "ARNLike",
        "Null:",
        "NullIfExists",
        "NotNull",
        "ForAllValues",
        "ForAllValues:",
        "ForAllValues:Null",
        "ForAnyValue:NullIfExists",
        "ForAllValue:StringEquals",
        "ForAnyValues:StringEquals",
        "forAllValues:StringEquals",
        "ForAllValues: StringEquals",
        "ForAllValues:ForAnyValue:StringEquals",
        "StringEquals:ForAllValues",
        ":StringEquals",
    ] {
        assert_eq!(Operator::read(name), None, "{name}");
    }
}

#[test]
fn orders_hold_as_their_names_say() {
    use Ordering::{Equal, Greater, Less};
    let cases = [
        (Order::Equal, [false, true, false]),
        (Order::Less, [true, false, false]),
        (Order::LessOrEqual, [true, true, false]),
        (Order::Greater, [false, false, true]),
        (Order::GreaterOrEqual, [false, true, true]),
    ];
    for (order, expected) in cases {
        assert_eq!([Less, Equal, Greater].map(|ordering| order.holds(ordering)), expected, "{order:?}");
    }
}
