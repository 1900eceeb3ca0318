//! Compiled conditions and their three-valued evaluation.
//!
//! Evaluating reads no clock and does no I/O; on the way to a pass it allocates nothing.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use crate::iam::Wildcard;

use super::subject::Subject;
use super::value::{Items, List, Value};
use super::vocabulary::FactDef;

/// The outcome of a condition: Kleene's three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// A fact that decides it is not known.
    Unknown,
}

impl Truth {
    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// The opposite.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// A condition on a resource, or on a thing in one of its lists.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A fact that a matcher fits.
    Fact(&'static FactDef, Matcher),
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

/// What a value must be like.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Fits all of these.
    All(Vec<Self>),
    /// Equals one of these.
    In(Vec<Literal>),
    /// Equals none of these; an absent value does not.
    NotIn(Vec<Literal>),
    /// Is a number that compares so.
    Compare(Comparison, i64),
    /// Is text that the glob fits.
    Glob(Wildcard),
    /// Is text in which the expression is found.
    Regex(Box<Regex>),
    /// Is there (`true`) or absent (`false`).
    Exists(bool),
    /// Is a moment longer ago than this.
    OlderThan(SignedDuration),
    /// Is a moment less long ago than this.
    NewerThan(SignedDuration),
    /// Is a list of texts with this one in it, or text with this in it.
    Contains(String),
    /// Is a list whose length fits.
    Count(Box<Self>),
    /// Is a list with at least one entry that fits.
    Some(Box<Each>),
    /// Is a list of which every entry fits.
    Every(Box<Each>),
    /// Is a list without an entry that fits.
    None(Box<Each>),
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
        }
    }
}

/// What an entry of a list must be like.
#[derive(Debug, Clone)]
pub enum Each {
    /// For lists of things with facts.
    Thing(Condition),
    /// For lists of texts.
    Text(Matcher),
}

impl Condition {
    /// Whether it holds of `subject`, ages taken against `now`.
    #[must_use]
    pub fn eval(&self, subject: Subject<'_>, now: Timestamp) -> Truth {
        match self {
            Self::All(parts) => fold(parts, Truth::True, Truth::and, |part| part.eval(subject, now)),
            Self::Any(parts) => fold(parts, Truth::False, Truth::or, |part| part.eval(subject, now)),
            Self::Not(part) => part.eval(subject, now).negated(),
            Self::Fact(fact, matcher) => match fact.of(subject).value {
                Ok(value) => matcher.eval(value, now),
                Err(_) => Truth::Unknown,
            },
        }
    }

    /// Calls `visit` with each fact that the condition reads of the resource itself, in the order written.
    pub fn for_each_fact(&self, visit: &mut impl FnMut(&'static FactDef)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each_fact(visit)),
            Self::Not(part) => part.for_each_fact(visit),
            Self::Fact(fact, _) => visit(fact),
        }
    }
}

fn fold<T>(parts: &[T], start: Truth, join: fn(Truth, Truth) -> Truth, eval: impl Fn(&T) -> Truth) -> Truth {
    let mut all = start;
    for part in parts {
        all = join(all, eval(part));
        if all == start.negated() {
            break;
        }
    }
    all
}

impl Matcher {
    /// Whether it fits `value`.
    #[must_use]
    pub fn eval(&self, value: Value<'_>, now: Timestamp) -> Truth {
        match (self, value) {
            (Self::All(parts), value) => fold(parts, Truth::True, Truth::and, |part| part.eval(value, now)),
            (Self::Exists(wanted), value) => (*wanted != matches!(value, Value::Absent)).into(),
            (Self::In(literals), value) => literals.iter().any(|literal| literal.equals(value)).into(),
            (Self::NotIn(literals), value) => (!literals.iter().any(|literal| literal.equals(value))).into(),
            (Self::Compare(comparison, bound), Value::Number(number)) => comparison.holds(number.cmp(bound)).into(),
            (Self::Glob(glob), Value::Text(text)) => glob.matches(text).into(),
            (Self::Regex(regex), Value::Text(text)) => regex.is_match(text).into(),
            (Self::Contains(part), Value::Text(text)) => text.contains(part.as_str()).into(),
            (Self::OlderThan(age), Value::Time(time)) => (now.duration_since(time) > *age).into(),
            (Self::NewerThan(age), Value::Time(time)) => (now.duration_since(time) < *age).into(),
            (_, Value::List(list)) => self.eval_list(list, now),
            _ => Truth::False,
        }
    }

    fn eval_list(&self, list: List<'_>, now: Timestamp) -> Truth {
        match self {
            Self::Count(count) => count.eval_count(list),
            Self::Some(each) => each.some(list, now, false),
            Self::None(each) => each.some(list, now, false).negated(),
            Self::Every(each) => each.some(list, now, true).negated(),
            Self::Contains(text) => match list.items {
                Items::Texts(texts) if texts.contains(text) => Truth::True,
                _ if list.rest.is_some() => Truth::Unknown,
                _ => Truth::False,
            },
            _ => Truth::False,
        }
    }

    /// The count of a list of which some entries may not be known lies at the known number or above.
    fn eval_count(&self, list: List<'_>) -> Truth {
        let known = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
        let open = list.rest.is_some();
        let undecided = |certain: bool, outcome: bool| if certain || !open { outcome.into() } else { Truth::Unknown };
        match self {
            Self::All(parts) => fold(parts, Truth::True, Truth::and, |part| part.eval_count(list)),
            Self::Exists(wanted) => (*wanted).into(),
            Self::Compare(comparison, bound) => {
                let holds = comparison.holds(known.cmp(bound));
                let upwards = matches!(comparison, Comparison::Greater | Comparison::AtLeast);
                undecided(holds == upwards, holds)
            }
            Self::In(literals) => {
                let beyond = literals.iter().all(|literal| matches!(literal, Literal::Number(n) if *n < known));
                undecided(beyond, literals.iter().any(|literal| literal.equals(Value::Number(known))))
            }
            Self::NotIn(literals) => {
                let beyond = literals.iter().all(|literal| matches!(literal, Literal::Number(n) if *n < known));
                undecided(beyond, !literals.iter().any(|literal| literal.equals(Value::Number(known))))
            }
            _ => Truth::False,
        }
    }
}

impl Literal {
    fn equals(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Bool(one), Value::Bool(other)) => *one == other,
            (Self::Number(one), Value::Number(other)) => *one == other,
            (Self::Text(one), Value::Text(other)) => one == other,
            _ => false,
        }
    }
}

impl Each {
    /// Whether some entry fits, or with `negate` does not.
    fn some(&self, list: List<'_>, now: Timestamp, negate: bool) -> Truth {
        let mut any = if list.rest.is_some() { Truth::Unknown } else { Truth::False };
        for at in 0..list.items.len() {
            let fits = self.eval(list.items, at, now);
            any = any.or(if negate { fits.negated() } else { fits });
            if any == Truth::True {
                break;
            }
        }
        any
    }

    fn eval(&self, items: Items<'_>, at: usize, now: Timestamp) -> Truth {
        match (self, items) {
            (Self::Text(matcher), Items::Texts(texts)) => {
                texts.get(at).map_or(Truth::False, |text| matcher.eval(Value::Text(text), now))
            }
            (Self::Thing(condition), items) => {
                items.subject(at).map_or(Truth::False, |subject| condition.eval(subject, now))
            }
            (Self::Text(_), _) => Truth::False,
        }
    }
}

#[cfg(test)]
mod tests;
