//! Which operators fit which facts, and what a duration is.

use super::*;
use crate::model::MfaKind;
use crate::rules::vocabulary::KINDS;
use crate::yaml::{SourceFile, parse};

fn compiles(kind: Kind, text: &str) -> bool {
    let source = SourceFile::new("t.yaml", text);
    let root = parse(&source).unwrap();
    let mut decoder = Decoder::new(source);
    let compiled = condition(&mut decoder, &root, kind).is_some();
    assert_eq!(compiled, decoder.finish().is_empty(), "a condition or a problem, never neither: {text}");
    compiled
}

/// A right value for an operator on a fact.
fn example(operator: &str, kind: FactType) -> String {
    let scalar = match kind {
        FactType::Bool => "true",
        FactType::Number => "1",
        FactType::Choice(values) => values.first().expect("a value"),
        _ => "x",
    };
    match operator {
        "in" | "not_in" => format!("[{scalar}]"),
        "gt" | "gte" | "lt" | "lte" | "count" => "1".to_owned(),
        "exists" => "true".to_owned(),
        "older_than" | "newer_than" => "90d".to_owned(),
        "some" | "every" | "none" => match kind {
            FactType::List(inner) => {
                let fact = facts(inner).first().expect("a thing with facts");
                let value = if fact.kind == FactType::Bool { "true" } else { "x" };
                format!("{{ {}: {value} }}", fact.name)
            }
            _ => "x".to_owned(),
        },
        _ => scalar.to_owned(),
    }
}

/// For every fact of the vocabulary, every operator either compiles because it fits, or is refused.
#[test]
fn every_operator_on_every_fact_fits_or_is_refused() {
    for kind in KINDS {
        for fact in facts(kind) {
            for operator in OPERATORS {
                let text = format!("{}: {{ {operator}: {} }}\n", fact.name, example(operator, fact.kind));
                assert_eq!(compiles(kind, &text), fitting(fact.kind).any(|fits| fits == operator), "{kind:?} {text}");
            }
        }
    }
}

#[test]
fn operators_by_type() {
    let table: Vec<String> = [
        FactType::Bool,
        FactType::Number,
        FactType::Text,
        FactType::Choice(&["a", "b"]),
        FactType::Time,
        FactType::Texts,
        FactType::List(Kind::Tag),
    ]
    .map(|kind| format!("{}: {}", kind.describe(), fitting(kind).collect::<Vec<_>>().join(" ")))
    .into();
    insta::assert_snapshot!(table.join("\n"), @r"
    true or false: eq ne
    a number: eq ne in not_in gt gte lt lte exists
    text: eq ne in not_in matches regex exists contains
    one of `a` `b`: eq ne in not_in matches regex exists contains
    a time: exists older_than newer_than
    a list of texts: contains count some every none
    a list of tags: count some every none
    ");
}

#[test]
fn text_of_a_closed_set_is_checked() {
    let problem = |text: &str| {
        let source = SourceFile::new("t.yaml", text);
        let root = parse(&source).unwrap();
        let mut decoder = Decoder::new(source);
        assert!(condition(&mut decoder, &root, Kind::MfaDevice).is_none(), "{text}");
        let problems = decoder.finish();
        assert_eq!(problems.len(), 1, "{text}");
        (problems[0].message.clone(), problems[0].help.clone().unwrap_or_default())
    };
    let sms = ("`kind` is never `SMS`".to_owned(), "did you mean `sms`?".to_owned());
    for text in
        ["kind: SMS", "kind: { eq: SMS }", "kind: { ne: SMS }", "kind: { in: [sms, SMS] }", "kind: { not_in: [SMS] }"]
    {
        assert_eq!(problem(text), sms, "{text}");
    }
    assert_eq!(problem("kind: pass-key").1, "did you mean `passkey`?");
    assert!(compiles(Kind::MfaDevice, "kind: { in: [passkey, hardware-totp], matches: pass* }"));
    assert!(!compiles(Kind::Statement, "effect: allow"));
    assert!(compiles(Kind::Statement, "effect: Allow"));
}

/// The lists in the vocabulary are those of the model.
#[test]
fn closed_sets_hold_all_that_the_model_can_say() {
    let values = |kind, name| match fact(kind, name).map(|fact| fact.kind) {
        Some(FactType::Choice(values)) => values,
        other => panic!("{name}: {other:?}"),
    };
    let kinds = [MfaKind::Virtual, MfaKind::HardwareTotp, MfaKind::Passkey, MfaKind::Sms, MfaKind::Unknown]
        .map(MfaKind::as_str);
    assert_eq!(values(Kind::MfaDevice, "kind"), kinds);
    let effects = [crate::iam::Effect::Allow, crate::iam::Effect::Deny].map(crate::iam::Effect::as_str);
    assert_eq!(values(Kind::Statement, "effect"), effects);
}

#[test]
fn durations_are_numbers_with_units_of_fixed_length() {
    let hours = SignedDuration::from_hours;
    let cases = [
        ("90d", Some(hours(90 * 24))),
        ("2w", Some(hours(14 * 24))),
        ("12h", Some(hours(12))),
        ("30m", Some(SignedDuration::from_mins(30))),
        ("45s", Some(SignedDuration::from_secs(45))),
        ("1d12h", Some(hours(36))),
        ("90 days", Some(hours(90 * 24))),
        ("P90D", Some(hours(90 * 24))),
        ("0d", Some(hours(0))),
        // A month or a year has no fixed length.
        ("3mo", None),
        ("1y", None),
        ("1 month", None),
        ("90 fortnights", None),
        ("90", None),
        ("-90d", None),
        ("90d ago", None),
        ("", None),
        ("d", None),
        ("99999999999999d", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_duration(text), expected, "{text:?}");
    }
}
