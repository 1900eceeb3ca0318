//! Which operators fit which facts, and what a duration is.

use super::*;
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
    let table: Vec<String> =
        [FactType::Bool, FactType::Number, FactType::Text, FactType::Time, FactType::Texts, FactType::List(Kind::Tag)]
            .map(|kind| format!("{}: {}", kind.describe(), fitting(kind).collect::<Vec<_>>().join(" ")))
            .into();
    insta::assert_snapshot!(table.join("\n"), @r"
    true or false: eq ne
    a number: eq ne in not_in gt gte lt lte exists
    text: eq ne in not_in matches regex exists contains
    a time: exists older_than newer_than
    a list of texts: contains count some every none
    a list of tags: count some every none
    ");
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
