//! Values of policies against values of requests, kind by kind.

use super::super::notes::Log;
use super::super::operator::Operator;
use super::*;

/// Whether `written`, under the operator, matches `value`; the reason where that cannot be told.
fn told(operator: &str, written: &str, value: &str) -> Result<bool, String> {
    let comparison = Operator::read(operator).unwrap().comparison;
    let mut log = Log::default();
    match Operand::new(comparison, written, true).matches(comparison, value, &Context::new(), &mut log) {
        Truth::Yes => Ok(true),
        Truth::No => Ok(false),
        Truth::Unknown => Err(log.unknown.join("; ")),
    }
}

fn check(operator: &str, cases: &[(&str, &str, bool)]) {
    for (written, value, expected) in cases {
        assert_eq!(told(operator, written, value), Ok(*expected), "{operator}: `{written}` on `{value}`");
    }
}

fn malformed(operator: &str, what: &str, cases: &[&str]) {
    for written in cases {
        assert_eq!(told(operator, written, "1"), Err(format!("`{written}` is no {what}")), "{operator}");
    }
}

#[test]
fn numbers_are_compared_as_numbers() {
    let huge = "1".repeat(60);
    check(
        "NumericEquals",
        &[
            ("1", "1", true),
            ("1", "1.0", true),
            ("1.0", "1", true),
            ("01", "1", true),
            ("+1", "1", true),
            (" 1 ", "1", true),
            ("-0", "0", true),
            ("-0.0", "0", true),
            ("1e3", "1000", true),
            ("1E3", "1000.0", true),
            ("1.5", "1.50", true),
            ("1", "2", false),
            ("1", "", false),
            ("1", "one", false),
            ("1", "0x1", false),
            ("1", "NaN", false),
            ("1", "1,0", false),
            ("9007199254740993", "9007199254740992", false),
            ("170141183460469231731687303715884105727", "170141183460469231731687303715884105726", false),
            (&huge, &huge, true),
            (&huge, "1", false),
        ],
    );
    check(
        "NumericLessThan",
        &[("10", "9", true), ("10", "10", false), ("10", "9.999", true), ("-1", "-2", true), ("10", "inf", false)],
    );
    check("NumericGreaterThanEquals", &[("3600", "3600", true), ("3600", "3599.9", false), ("3600", "x", false)]);
    malformed(
        "NumericEquals",
        "number",
        &["", "one", "0x10", "inf", "-inf", "Infinity", "nan", "1e999", "1,000", "1 000", "e", "--1", "${x}", "１"],
    );
}

#[test]
fn moments_are_read_in_all_their_forms() {
    let midnight = "2015-01-01T00:00:00Z";
    for same in [
        "2015-01-01T00:00Z",
        "2015-01-01T00:00:00Z",
        "2015-01-01T00:00:00.000Z",
        "2015-01-01T01:00:00+01:00",
        "2015-01-01T01:00+01:00",
        "2014-12-31T19:00:00-05:00",
        "2015-01-01",
        "2015-01",
        "1420070400",
        " 2015-01-01 ",
    ] {
        check("DateEquals", &[(same, midnight, true), (midnight, same, true), (same, "2015-01-01T00:00:01Z", false)]);
    }
    check(
        "DateLessThan",
        &[
            ("2015-01-01", "2014-12-31T23:59:59Z", true),
            ("2015-01-01", "2015-01-01", false),
            ("0", "-1", true),
            ("1970-01-01", "1969-12-31", true),
            ("2015-01-01", "yesterday", false),
        ],
    );
    malformed(
        "DateEquals",
        "date",
        &[
            "",
            "soon",
            "2015-1-1",
            "2015-13-01",
            "2015-02-30",
            "2015-01-01T00:00:00",
            "2015-01-01T12:34",
            "01/01/2015",
            "1420070400.5",
            "99999999999999999999",
            "1420070400000",
            "2015-01-01T25:00:00Z",
        ],
    );
}

#[test]
fn addresses_are_in_their_ranges() {
    check(
        "IpAddress",
        &[
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.7/24", "203.0.113.200", true),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7/32", "203.0.113.8", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", false),
            ("0.0.0.0/0", "::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:DB8:0:0:0:0:0:1/32", "2001:db8::2", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::1", "2001:0db8:0000::0001", true),
            ("2001:db8::1/128", "2001:db8::2", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "1.2.3.4", false),
            ("::ffff:10.0.0.0/104", "::ffff:10.9.9.9", true),
            ("10.0.0.0/8", "10.0.0.0/8", false),
            ("10.0.0.0/8", "somewhere", false),
            ("10.0.0.0/8", "", false),
        ],
    );
    malformed(
        "IpAddress",
        "range of IP addresses",
        &[
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0/8",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "/8",
            "010.0.0.1",
            "10.*",
        ],
    );
}

#[test]
fn arns_are_compared_field_by_field() {
    let alice = "arn:aws:iam::111122223333:user/alice";
    check(
        "ArnLike",
        &[
            (alice, alice, true),
            ("arn:*:iam::*:user/*", alice, true),
            ("arn:aws:iam::*:user/alice", alice, true),
            ("arn:aws:iam:*:user/alice", alice, false),
            ("arn:*", alice, false),
            ("*", alice, false),
            ("", alice, false),
            ("arn:aws:iam::111122223333", alice, false),
            ("arn:aws:iam::11112222????:user/?????", alice, true),
            ("arn:aws:iam::111122223333:user/Alice", alice, false),
            ("arn:aws:sns:us-east-1:111122223333:a:b:c", "arn:aws:sns:us-east-1:111122223333:a:b:c", true),
            ("arn:aws:sns:us-east-1:111122223333:a:*", "arn:aws:sns:us-east-1:111122223333:a:b:c", true),
            ("arn:aws:sns:us-east-1:111122223333:*", "arn:aws:sns:us-east-1:111122223333:a:b:c", true),
            ("arn:aws:sns:*:*:a", "arn:aws:sns:us-east-1:111122223333:a:b", false),
            ("arn:aws:iam::*:*", "arn:aws:iam::111122223333", false),
            ("arn:aws:iam::*:*", "arn:aws:iam::111122223333:", true),
            ("arn:aws:iam::*:*", "", false),
        ],
    );
}

#[test]
fn truth_values_are_true_or_else_false() {
    check(
        "Bool",
        &[
            ("true", "true", true),
            ("true", "TRUE", true),
            ("True", "true", true),
            ("true", "false", false),
            ("true", "", false),
            ("true", "yes", false),
            ("true", "1", false),
            ("false", "false", true),
            ("false", "no", true),
            ("no", "false", true),
            ("false", "true", false),
        ],
    );
}

#[test]
fn bytes_are_compared_decoded() {
    check(
        "BinaryEquals",
        &[("QmluYXJ5", "QmluYXJ5", true), ("QQ==", "QQ==", true), ("QQ==", "QQ", false), ("", "", true)],
    );
    check("BinaryEquals", &[("QQ==", "not base64", false), ("QQ==", "Qg==", false)]);
    malformed("BinaryEquals", "base64 text", &["QQ", "Q", "not base64", "QQ==="]);
}

#[test]
fn texts_are_compared_by_letter_and_patterns_by_pattern() {
    check(
        "StringEquals",
        &[
            ("a", "a", true),
            ("a", "A", false),
            ("a*", "a*", true),
            ("a*", "ab", false),
            ("", "", true),
            ("é", "é", true),
        ],
    );
    check("StringEqualsIgnoreCase", &[("aBc", "AbC", true), ("a*", "Ab", false), ("a", "b", false)]);
    check(
        "StringLike",
        &[
            ("a*", "ab", true),
            ("a*", "Ab", false),
            ("?", "é", true),
            ("?", "", false),
            ("*", "", true),
            ("${*}", "*", true),
        ],
    );
    check(
        "StringLike",
        &[("${*}", "a", false), ("a${?}", "a?", true), ("a${?}", "ab", false), ("${$}{x}", "${x}", true)],
    );
}
