//! Conditions: operators and keys together, keys that are absent, empty, multi-valued or not known.

use Truth::{No, Unknown, Yes};

use super::super::document::ConditionBlock;
use super::super::notes::Log;
use super::*;

fn condition(blocks: &[(&str, &str, &[&str])]) -> Condition {
    let block = |(operator, key, values): &(&str, &str, &[&str])| ConditionBlock {
        operator: (*operator).to_owned(),
        keys: vec![ConditionKey {
            key: (*key).to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }],
    };
    Condition::new(&Written { blocks: blocks.iter().map(block).collect() }, true)
}

/// What becomes of `operator` with the values `written` for a key of which `context` says what is to be said.
fn one(operator: &str, written: &[&str], context: &Context) -> Truth {
    let condition = condition(&[(operator, "k", written)]);
    let truth = condition.holds(context, &mut ());
    assert_eq!(truth, condition.holds(context, &mut Log::default()), "whatever is noted: {operator} {written:?}");
    truth
}

fn many(values: &[&str]) -> Context {
    Context::new().with_all("K", values.iter().map(|value| (*value).to_owned()).collect())
}

const OPERATORS: [(&str, &str); 12] = [
    ("StringEquals", "a"),
    ("StringNotEquals", "a"),
    ("StringLike", "a*"),
    ("StringNotLike", "a*"),
    ("NumericEquals", "1"),
    ("NumericNotEquals", "1"),
    ("DateLessThan", "2015-01-01"),
    ("Bool", "true"),
    ("BinaryEquals", "QQ=="),
    ("IpAddress", "10.0.0.0/8"),
    ("NotIpAddress", "10.0.0.0/8"),
    ("ArnNotLike", "arn:aws:iam::*:user/*"),
];

#[test]
fn a_key_that_is_absent_or_has_no_value_does_not_match() {
    for (operator, value) in OPERATORS {
        let is_negated = operator.contains("Not");
        for context in [Context::new(), Context::open().without("k"), many(&[])] {
            assert_eq!(one(operator, &[value], &context), is_negated.into(), "{operator}");
            assert_eq!(one(&format!("{operator}IfExists"), &[value], &context), Yes, "{operator}IfExists");
            assert_eq!(one(&format!("ForAllValues:{operator}"), &[value], &context), Yes, "ForAllValues:{operator}");
            assert_eq!(one(&format!("ForAnyValue:{operator}"), &[value], &context), No, "ForAnyValue:{operator}");
            assert_eq!(one(&format!("ForAnyValue:{operator}IfExists"), &[value], &context), Yes, "{operator}");
        }
    }
}

#[test]
fn a_key_that_is_not_known_leaves_every_operator_open() {
    for (operator, value) in OPERATORS.into_iter().chain([("Null", "true"), ("Null", "false")]) {
        for form in ["", "IfExists"] {
            let name = format!("{operator}{form}");
            // `NullIfExists` is no operator, which is unknown too.
            assert_eq!(one(&name, &[value], &Context::open()), Unknown, "{name}");
        }
    }
}

#[test]
fn one_of_the_values_is_enough_and_for_negated_operators_too_many() {
    let a = many(&["a"]);
    assert_eq!(one("StringEquals", &["x", "a"], &a), Yes);
    assert_eq!(one("StringNotEquals", &["x", "a"], &a), No);
    assert_eq!(one("StringNotEquals", &["x", "y"], &a), Yes);
    assert_eq!(one("StringEquals", &[], &a), No);
    assert_eq!(one("StringNotEquals", &[], &a), Yes);
}

#[test]
fn quantifiers_say_how_many_of_several_values() {
    let both = many(&["a", "b"]);
    let cases = [
        ("ForAllValues:StringEquals", &["a", "b", "c"][..], Yes),
        ("ForAllValues:StringEquals", &["a"], No),
        ("ForAnyValue:StringEquals", &["a"], Yes),
        ("ForAnyValue:StringEquals", &["c"], No),
        ("ForAllValues:StringNotEquals", &["c"], Yes),
        ("ForAllValues:StringNotEquals", &["a"], No),
        ("ForAnyValue:StringNotEquals", &["a"], Yes),
        ("ForAnyValue:StringNotEquals", &["a", "b"], No),
        ("ForAllValues:StringLike", &["*"], Yes),
        ("ForAllValues:StringEqualsIfExists", &["a"], No),
        ("StringEquals", &["a", "b"], No),
        ("StringNotEquals", &["a"], Yes),
        ("StringEqualsIfExists", &["a"], No),
    ];
    for (operator, values, expected) in cases {
        assert_eq!(one(operator, values, &both), expected, "{operator} {values:?}");
    }
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    let cases = [
        (&["true"][..], Yes, No),
        (&["false"], No, Yes),
        (&["TRUE"], Yes, No),
        (&["true", "false"], Yes, Yes),
        (&[], No, No),
        (&["maybe"], Unknown, Unknown),
        (&["maybe", "true"], Yes, Unknown),
    ];
    for (values, absent, present) in cases {
        assert_eq!(one("Null", values, &Context::new()), absent, "{values:?}");
        assert_eq!(one("Null", values, &many(&[])), absent, "{values:?}");
        assert_eq!(one("Null", values, &many(&["", "x"])), present, "{values:?}");
    }
}

#[test]
fn what_cannot_be_read_is_unknown_unless_another_value_decides() {
    let context = many(&["5"]);
    assert_eq!(one("NumericEquals", &["five"], &context), Unknown);
    assert_eq!(one("NumericNotEquals", &["five"], &context), Unknown);
    assert_eq!(one("NumericEquals", &["five", "5"], &context), Yes);
    assert_eq!(one("NumericNotEquals", &["five", "5"], &context), No);
    assert_eq!(one("NumericEquals", &["five", "6"], &context), Unknown);
    assert_eq!(one("NumericEquals", &["five"], &Context::new()), No, "nothing is compared");
    assert_eq!(one("NumericEqualsIfExists", &["five"], &Context::new()), Yes);
    assert_eq!(one("stringEquals", &["5"], &context), Unknown);
}

#[test]
fn all_of_it_has_to_hold_and_what_fails_outweighs_what_is_unknown() {
    let context = Context::new().with("a", "1").with("b", "2");
    let both = |first: (&str, &str, &[&str]), second: (&str, &str, &[&str])| {
        condition(&[first, second]).holds(&context, &mut Log::default())
    };
    let (yes, no, unknown) =
        (("StringEquals", "a", &["1"][..]), ("StringEquals", "b", &["x"][..]), ("Nope", "a", &["1"][..]));
    assert_eq!(both(yes, yes), Yes);
    for (other, expected) in [(yes, No), (no, No), (unknown, No)] {
        assert_eq!((both(other, no), both(no, other)), (expected, expected));
    }
    assert_eq!((both(unknown, yes), both(yes, unknown)), (Unknown, Unknown));
    assert_eq!(condition(&[]).holds(&Context::open(), &mut ()), Yes, "an empty condition limits nothing");
}

#[test]
fn everything_that_is_asked_for_is_noted_once() {
    let condition = condition(&[
        ("StringEquals", "b", &["${aws:userid}", "x"]),
        ("StringLike", "here", &["yes", "${aws:username}"]),
        ("StringLike", "here", &["${aws:PrincipalTag/t}", "yes"]),
        ("Bool", "B", &["true"]),
        ("Nope", "c", &["1"]),
        ("Null", "d", &["false"]),
    ]);
    let mut log = Log::default();
    assert_eq!(condition.holds(&Context::new().with("here", "yes"), &mut log), No);
    assert_eq!(
        log.missing,
        ["b", "aws:username", "aws:PrincipalTag/t", "c", "d"],
        "and nothing of what is not compared"
    );
    assert_eq!(log.unknown, ["`Nope` is no condition operator"]);
    let keys: Vec<&str> = condition.keys().collect();
    assert_eq!(keys, ["b", "aws:userid", "here", "aws:username", "here", "aws:PrincipalTag/t", "B", "c", "d"]);
    let context = Context::new().with("here", "yes").with("d", "");
    assert_eq!(condition.unmet(&context).collect::<Vec<_>>(), ["b", "B", "c"]);
}

#[test]
fn truth_has_three_values() {
    let all = [No, Unknown, Yes];
    for one in all {
        assert_eq!(!!one, one);
        assert_eq!(truth::any([one]), one);
        assert_eq!(truth::all([one]), one);
        for other in all {
            assert_eq!(truth::any([one, other]), one.max(other));
            assert_eq!(truth::all([one, other]), one.min(other));
            assert_eq!(truth::any_of([one, other], true), truth::any_of([one, other], false));
            assert_eq!(!one.max(other), (!one).min(!other), "De Morgan");
        }
    }
    assert_eq!((truth::any([]), truth::all([])), (No, Yes));
}
