//! Conditions in words, and, for a resource, what each part of one came to and why. Pure.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::condition::{Comparison, Condition, Each, Literal, Matcher, Truth};
use super::subject::Subject;
use super::value::{Reading, Value};
use super::vocabulary::FactDef;

/// One line of an explained condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How deep it stands.
    pub depth: usize,
    /// What is asked.
    pub text: String,
    /// What it came to, and the fact that decided it; only for a resource.
    pub outcome: Option<Outcome>,
}

/// What a part of a condition came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The truth value.
    pub truth: Truth,
    /// The fact's value, source and age, for parts that read one.
    pub because: Option<String>,
}

/// The resource and moment for a trace.
pub type On<'a> = (Subject<'a>, Timestamp);

/// The lines of `condition`; with a resource, what each came to there.
#[must_use]
pub fn lines(condition: &Condition, on: Option<On<'_>>) -> Vec<Line> {
    let mut lines = Vec::new();
    walk(condition, on, 0, &mut lines);
    lines
}

fn walk(condition: &Condition, on: Option<On<'_>>, depth: usize, lines: &mut Vec<Line>) {
    let outcome = |because| on.map(|(subject, now)| Outcome { truth: condition.eval(subject, now), because });
    let mut push = |text: String, outcome| lines.push(Line { depth, text, outcome });
    match condition {
        Condition::All(parts) => {
            push("all of these:".to_owned(), outcome(None));
            for part in parts {
                walk(part, on, depth + 1, lines);
            }
        }
        Condition::Any(parts) => {
            push("at least one of these:".to_owned(), outcome(None));
            for part in parts {
                walk(part, on, depth + 1, lines);
            }
        }
        Condition::Not(part) => {
            push("not:".to_owned(), outcome(None));
            walk(part, on, depth + 1, lines);
        }
        Condition::Fact(fact, matcher) => {
            let because = on.map(|(subject, now)| seen(fact, subject, now));
            push(format!("{} {}", fact.name, words(matcher)), outcome(because));
        }
    }
}

/// The value of `fact`, where it came from, and how old it is at `now`.
fn seen(fact: &FactDef, subject: Subject<'_>, now: Timestamp) -> String {
    let Reading { value, origin } = fact.of(subject);
    let origin = origin.or_else(|| subject.origin());
    let mut text = match value {
        Err(unknown) => return format!("unknown: {} ({})", unknown.reason, unknown.source),
        Ok(Value::Absent) => format!("{} is not there", fact.name),
        Ok(value) => format!("{} is {}", fact.name, value.to_json()),
    };
    if let Ok(Value::List(list)) = value
        && let Some(rest) = list.rest
    {
        let _ = write!(text, " and perhaps more ({}: {})", rest.source, rest.reason);
    }
    if let Some(origin) = origin {
        let _ = write!(text, "; {}, {} old", origin.source, age(now.duration_since(origin.as_of)));
    }
    text
}

fn age(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// What a matcher asks, as words behind the name of a fact.
fn words(matcher: &Matcher) -> String {
    match matcher {
        Matcher::All(parts) => parts.iter().map(words).collect::<Vec<_>>().join(" and "),
        Matcher::In(literals) => match literals.as_slice() {
            [literal] => format!("is {}", literal_words(literal)),
            literals => format!("is one of {}", listed(literals)),
        },
        Matcher::NotIn(literals) => match literals.as_slice() {
            [literal] => format!("is not {}", literal_words(literal)),
            literals => format!("is none of {}", listed(literals)),
        },
        Matcher::Compare(comparison, bound) => format!("is {} {bound}", comparison_words(*comparison)),
        Matcher::Glob(glob) => format!("matches {glob}"),
        Matcher::Regex(regex) => format!("matches the expression {}", regex.as_str()),
        Matcher::Exists(true) => "is there".to_owned(),
        Matcher::Exists(false) => "is not there".to_owned(),
        Matcher::OlderThan(limit) => format!("is longer ago than {}", age(*limit)),
        Matcher::NewerThan(limit) => format!("is less long ago than {}", age(*limit)),
        Matcher::Contains(text) => format!("contains {text}"),
        Matcher::Count(count) => format!("has a count that {}", words(count)),
        Matcher::Some(each) => format!("has an entry where {}", each_words(each)),
        Matcher::Every(each) => format!("has only entries where {}", each_words(each)),
        Matcher::None(each) => format!("has no entry where {}", each_words(each)),
    }
}

const fn comparison_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => "more than",
        Comparison::AtLeast => "at least",
        Comparison::Less => "less than",
        Comparison::AtMost => "at most",
    }
}

fn literal_words(literal: &Literal) -> String {
    match literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Number(value) => value.to_string(),
        Literal::Text(value) => value.clone(),
    }
}

fn listed(literals: &[Literal]) -> String {
    literals.iter().map(literal_words).collect::<Vec<_>>().join(", ")
}

fn each_words(each: &Each) -> String {
    match each {
        Each::Text(matcher) => format!("the text {}", words(matcher)),
        Each::Thing(condition) => condition_words(condition),
    }
}

fn condition_words(condition: &Condition) -> String {
    let joined = |parts: &[Condition], with: &str| parts.iter().map(condition_words).collect::<Vec<_>>().join(with);
    match condition {
        Condition::All(parts) => joined(parts, " and "),
        Condition::Any(parts) => format!("({})", joined(parts, " or ")),
        Condition::Not(part) => format!("not ({})", condition_words(part)),
        Condition::Fact(fact, matcher) => format!("{} {}", fact.name, words(matcher)),
    }
}
