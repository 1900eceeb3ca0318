//! From the YAML of a condition to a compiled one, with the static checks.

use jiff::{SignedDuration, Span as JiffSpan, SpanRelativeTo};
use regex::RegexBuilder;

use crate::iam::Wildcard;
use crate::yaml::{Code, Decoder, Key, Node, Span, Value, did_you_mean, listing};

use super::condition::{Comparison, Condition, Each, Literal, Matcher};
use super::subject::Kind;
use super::vocabulary::{FactDef, FactType, fact, facts};

/// Operators of conditions, in the order of the docs.
pub const COMBINATORS: [&str; 3] = ["all", "any", "not"];

/// Operators of matchers, in the order of the docs.
pub const OPERATORS: [&str; 18] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "gt",
    "gte",
    "lt",
    "lte",
    "matches",
    "regex",
    "exists",
    "older_than",
    "newer_than",
    "contains",
    "count",
    "some",
    "every",
    "none",
];

/// Compiles the condition that stands at `node`, about a thing of `kind`.
pub fn condition(decoder: &mut Decoder, node: &Node, kind: Kind) -> Option<Condition> {
    let entries = decoder.entries(node, "a condition")?;
    if entries.is_empty() {
        let help = Some("a mapping from fact to what it must be, such as `console_access: true`".to_owned());
        decoder.report(Code::EmptyCondition, &node.span, "the condition is empty".to_owned(), "nothing to test", help);
        return None;
    }
    let parts: Vec<Option<Condition>> = entries.iter().map(|(key, value)| part(decoder, key, value, kind)).collect();
    let mut parts: Vec<Condition> = parts.into_iter().collect::<Option<_>>()?;
    if parts.len() == 1 { parts.pop() } else { Some(Condition::All(parts)) }
}

fn part(decoder: &mut Decoder, key: &Key, value: &Node, kind: Kind) -> Option<Condition> {
    match key.name.as_str() {
        "all" => conditions(decoder, value, kind, "all").map(Condition::All),
        "any" => conditions(decoder, value, kind, "any").map(Condition::Any),
        "not" => condition(decoder, value, kind).map(|inner| Condition::Not(Box::new(inner))),
        name => {
            let Some(fact) = fact(kind, name) else {
                unknown_fact(decoder, key, kind, || facts(kind).iter().map(|fact| fact.name).chain(COMBINATORS));
                return None;
            };
            matcher(decoder, value, fact.kind, fact.name).map(|matcher| Condition::Fact(fact, matcher))
        }
    }
}

fn conditions(decoder: &mut Decoder, node: &Node, kind: Kind, name: &str) -> Option<Vec<Condition>> {
    let items = decoder.list(node, &format!("`{name}`"))?;
    if items.is_empty() {
        let message = format!("`{name}` has no conditions");
        decoder.report(Code::EmptyCondition, &node.span, message, "expected a list of conditions", None);
        return None;
    }
    let compiled: Vec<Option<Condition>> = items.iter().map(|item| condition(decoder, item, kind)).collect();
    compiled.into_iter().collect()
}

pub(super) fn unknown_fact<I: Iterator<Item = &'static str>>(
    decoder: &mut Decoder,
    key: &Key,
    kind: Kind,
    names: impl Fn() -> I,
) {
    let message = format!("`{}` is not a fact of {} {}", key.name, article(kind.as_str()), kind.as_str());
    let help = did_you_mean(&key.name, names()).or_else(|| Some(format!("facts there are {}", listing(names()))));
    decoder.report(Code::UnknownFact, &key.span, message, "unknown fact", help);
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'M']) { "an" } else { "a" }
}

/// Compiles the matcher that stands at `node`, for a value of `kind` called `name`.
fn matcher(decoder: &mut Decoder, node: &Node, kind: FactType, name: &str) -> Option<Matcher> {
    if let Value::Mapping(_) = node.value {
        return operators(decoder, node, kind, name);
    }
    if matches!(kind, FactType::Texts | FactType::List(_) | FactType::Time) {
        let operators = listing(fitting(kind));
        let message = format!("`{name}` is {} and cannot equal {}", kind.describe(), node.kind());
        decoder.report(
            Code::OperatorMismatch,
            &node.span,
            message,
            &format!("expected an operator: {operators}"),
            None,
        );
        return None;
    }
    literal(decoder, node, kind, name).map(|literal| Matcher::In(vec![literal]))
}

fn operators(decoder: &mut Decoder, node: &Node, kind: FactType, name: &str) -> Option<Matcher> {
    let entries = decoder.entries(node, &format!("the test of `{name}`"))?;
    if entries.is_empty() {
        let message = format!("the test of `{name}` is empty");
        decoder.report(Code::EmptyCondition, &node.span, message, "expected an operator", None);
        return None;
    }
    let parts: Vec<Option<Matcher>> = entries
        .iter()
        .map(
            |(key, value)| {
                if fits(decoder, key, kind, name) { operator(decoder, key, value, kind, name) } else { None }
            },
        )
        .collect();
    let mut parts: Vec<Matcher> = parts.into_iter().collect::<Option<_>>()?;
    if parts.len() == 1 { parts.pop() } else { Some(Matcher::All(parts)) }
}

/// The operators that fit a type.
pub fn fitting(kind: FactType) -> impl Iterator<Item = &'static str> {
    OPERATORS.into_iter().filter(move |operator| {
        matches!(
            (*operator, kind),
            ("eq" | "ne", FactType::Bool | FactType::Number | FactType::Text | FactType::Choice(_))
                | ("in" | "not_in", FactType::Number | FactType::Text | FactType::Choice(_))
                | ("gt" | "gte" | "lt" | "lte", FactType::Number)
                | ("matches" | "regex", FactType::Text | FactType::Choice(_))
                | ("exists", FactType::Text | FactType::Choice(_) | FactType::Number | FactType::Time)
                | ("older_than" | "newer_than", FactType::Time)
                | ("contains", FactType::Text | FactType::Choice(_) | FactType::Texts)
                | ("count" | "some" | "every" | "none", FactType::Texts | FactType::List(_))
        )
    })
}

fn fits(decoder: &mut Decoder, key: &Key, kind: FactType, name: &str) -> bool {
    let written = key.name.as_str();
    if fitting(kind).any(|operator| operator == written) {
        return true;
    }
    let label = format!("expected one of {}", listing(fitting(kind)));
    if OPERATORS.contains(&written) {
        let message = format!("`{written}` does not fit `{name}`, which is {}", kind.describe());
        decoder.report(Code::OperatorMismatch, &key.span, message, &label, None);
    } else {
        let help = nested_hint(written, kind).or_else(|| did_you_mean(written, fitting(kind)));
        decoder.report(Code::UnknownOperator, &key.span, format!("`{written}` is not an operator"), &label, help);
    }
    false
}

/// Whoever writes a fact where an operator belongs probably forgot the quantifier.
fn nested_hint(written: &str, kind: FactType) -> Option<String> {
    let FactType::List(inner) = kind else { return None };
    fact(inner, written)?;
    Some(format!("`{written}` is a fact of each entry: write `some: {{ {written}: … }}`, or `every`, or `none`"))
}

fn operator(decoder: &mut Decoder, key: &Key, value: &Node, kind: FactType, name: &str) -> Option<Matcher> {
    let compare = |decoder: &mut Decoder, comparison| {
        decoder.integer(value, &format!("`{}`", key.name)).map(|bound| Matcher::Compare(comparison, bound))
    };
    match key.name.as_str() {
        "eq" => literal(decoder, value, kind, name).map(|literal| Matcher::In(vec![literal])),
        "ne" => literal(decoder, value, kind, name).map(|literal| Matcher::NotIn(vec![literal])),
        "in" => literals(decoder, value, kind, name, "in").map(Matcher::In),
        "not_in" => literals(decoder, value, kind, name, "not_in").map(Matcher::NotIn),
        "gt" => compare(decoder, Comparison::Greater),
        "gte" => compare(decoder, Comparison::AtLeast),
        "lt" => compare(decoder, Comparison::Less),
        "lte" => compare(decoder, Comparison::AtMost),
        "matches" => decoder.filled_text(value, "a glob").map(|glob| Matcher::Glob(Wildcard::new(glob))),
        "regex" => regex(decoder, value),
        "exists" => decoder.boolean(value, "`exists`").map(Matcher::Exists),
        "older_than" => duration(decoder, value).map(Matcher::OlderThan),
        "newer_than" => duration(decoder, value).map(Matcher::NewerThan),
        "contains" => decoder.filled_text(value, "`contains`").map(|text| Matcher::Contains(text.to_owned())),
        "count" => matcher(decoder, value, FactType::Number, "count").map(|count| Matcher::Count(Box::new(count))),
        "some" => each(decoder, value, kind).map(|each| Matcher::Some(Box::new(each))),
        "every" => each(decoder, value, kind).map(|each| Matcher::Every(Box::new(each))),
        "none" => each(decoder, value, kind).map(|each| Matcher::None(Box::new(each))),
        _ => None,
    }
}

fn each(decoder: &mut Decoder, node: &Node, kind: FactType) -> Option<Each> {
    match kind {
        FactType::List(inner) => condition(decoder, node, inner).map(Each::Thing),
        _ => matcher(decoder, node, FactType::Text, "each entry").map(Each::Text),
    }
}

fn literal(decoder: &mut Decoder, node: &Node, kind: FactType, name: &str) -> Option<Literal> {
    let what = format!("`{name}`");
    match kind {
        FactType::Bool => decoder.boolean(node, &what).map(Literal::Bool),
        FactType::Number => decoder.integer(node, &what).map(Literal::Number),
        FactType::Choice(values) => choice(decoder, node, values, name).map(|text| Literal::Text(text.to_owned())),
        _ => decoder.text(node, &what).map(|text| Literal::Text(text.to_owned())),
    }
}

/// Text that has to be one of `values`: a rule that asks for another one would never hold.
pub(super) fn choice<'n>(decoder: &mut Decoder, node: &'n Node, values: &[&str], name: &str) -> Option<&'n str> {
    let text = decoder.text(node, &format!("`{name}`"))?;
    if values.contains(&text) {
        return Some(text);
    }
    let help = did_you_mean(text, values.iter().copied());
    let label = format!("expected one of {}", listing(values.iter().copied()));
    decoder.report(Code::BadValue, &node.span, format!("`{name}` is never `{text}`"), &label, help);
    None
}

fn literals(decoder: &mut Decoder, node: &Node, kind: FactType, name: &str, operator: &str) -> Option<Vec<Literal>> {
    let items = decoder.list(node, &format!("`{operator}`"))?;
    if items.is_empty() {
        let message = format!("`{operator}` has no values");
        decoder.report(Code::EmptyCondition, &node.span, message, "expected a list of values", None);
        return None;
    }
    let read: Vec<Option<Literal>> = items.iter().map(|item| literal(decoder, item, kind, name)).collect();
    read.into_iter().collect()
}

fn regex(decoder: &mut Decoder, node: &Node) -> Option<Matcher> {
    let text = decoder.filled_text(node, "a regular expression")?;
    match RegexBuilder::new(text).size_limit(1 << 20).build() {
        Ok(regex) => Some(Matcher::Regex(Box::new(regex))),
        Err(error) => {
            let detail = error.to_string();
            let detail = detail.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            let help = Some("the syntax is that of the `regex` crate: no look-around, no back-references".to_owned());
            decoder.report(Code::BadValue, &node.span, format!("not a regular expression: {detail}"), "", help);
            None
        }
    }
}

/// A duration such as `90d` or `12h`; days have 24 hours, months and years are refused.
pub(crate) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let span: JiffSpan = text.parse().ok()?;
    if span.get_months() != 0 || span.get_years() != 0 || span.is_negative() {
        return None;
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// A length of time, not negative: days have 24 hours, months and years have no length.
pub(super) fn duration(decoder: &mut Decoder, node: &Node) -> Option<SignedDuration> {
    const LABEL: &str = "expected a number and a unit: `90d`, `12h`, `30m`, `2w`";
    let Value::Text(text) = &node.value else {
        let message = format!("a duration should be a number and a unit, not {}", node.kind());
        decoder.report(Code::WrongType, &node.span, message, LABEL, None);
        return None;
    };
    let parsed = parse_duration(text);
    if parsed.is_none() {
        decoder.report(Code::BadValue, &node.span, format!("`{text}` is not a duration"), LABEL, None);
    }
    parsed
}

/// Compiles a message: text with `{fact}` in it.
pub fn template(decoder: &mut Decoder, node: &Node, kind: Kind) -> Option<Vec<Piece>> {
    let text = decoder.filled_text(node, "`message`")?;
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        pieces.push(Some(Piece::Text(before.to_owned())));
        let Some((name, behind)) = after.split_once('}') else {
            let help = Some("write the name of a fact between braces, such as `{name}`".to_owned());
            let message = "a `{` in the message is not closed".to_owned();
            decoder.report(Code::BadValue, &within(decoder, node, &format!("{{{after}")), message, "", help);
            return None;
        };
        let known = fact(kind, name.trim());
        if known.is_none() {
            let span = within(decoder, node, &format!("{{{name}}}"));
            let names = || facts(kind).iter().map(|fact| fact.name);
            unknown_fact(decoder, &Key { name: name.trim().to_owned(), span }, kind, names);
        }
        pieces.push(known.map(Piece::Fact));
        rest = behind;
    }
    pieces.push(Some(Piece::Text(rest.to_owned())));
    pieces.into_iter().collect()
}

/// Where `part` stands in the source of `node`, or all of the node where it is written in another way.
fn within(decoder: &Decoder, node: &Node, part: &str) -> Span {
    let written = decoder.source().text.get(node.span.clone()).unwrap_or_default();
    written.find(part).map_or_else(|| node.span.clone(), |at| node.span.start + at..node.span.start + at + part.len())
}

/// A part of a message.
#[derive(Debug)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// The value of a fact.
    Fact(&'static FactDef),
}

#[cfg(test)]
mod tests;
