//! A resource written down as facts: the input of cases, where no account was read.
//!
//! A fact that is not given is unknown, as in a scan that could not read it.

use jiff::Timestamp;
use serde_json::{Map, json};

use crate::model::GapKind;

use super::value::{Items, List, Reading, Unknown, Value};
use super::vocabulary::FactDef;

const SOURCE: &str = "case";

/// Facts of one thing.
#[derive(Debug, Clone, Default)]
pub struct Given {
    facts: Vec<(&'static str, GivenValue)>,
}

/// The value of a fact that was written down.
#[derive(Debug, Clone)]
pub enum GivenValue {
    /// Could not be read, for this reason.
    Unknown(String),
    /// Known to be none.
    Absent,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
    /// A moment.
    Time(Timestamp),
    /// Texts, and why there may be more.
    Texts(Vec<String>, Option<String>),
    /// Things, and why there may be more.
    List(Vec<Given>, Option<String>),
}

impl Given {
    /// Writes `value` down for `fact`.
    pub fn set(&mut self, fact: &'static FactDef, value: GivenValue) {
        self.facts.retain(|(name, _)| *name != fact.name);
        self.facts.push((fact.name, value));
    }

    /// What is written down for the fact called `name`.
    pub(super) fn read(&self, name: &str) -> Reading<'_> {
        match self.facts.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => value.reading(),
            None => Reading::unknown(missing("the case does not give it")),
        }
    }

    /// The facts as an object.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let shown = |value: &GivenValue| value.reading().value.map_or(json!("unknown"), Value::to_json);
        serde_json::Value::Object(
            self.facts.iter().map(|(name, value)| ((*name).to_owned(), shown(value))).collect::<Map<_, _>>(),
        )
    }
}

fn missing(reason: &str) -> Unknown<'_> {
    Unknown { kind: GapKind::Failed, source: SOURCE, reason }
}

impl GivenValue {
    fn reading(&self) -> Reading<'_> {
        Reading::plain(match self {
            Self::Unknown(reason) => return Reading::unknown(missing(reason)),
            Self::Absent => Value::Absent,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(value) => Value::Text(value),
            Self::Time(value) => Value::Time(*value),
            Self::Texts(items, rest) => {
                Value::List(List { items: Items::Texts(items), rest: rest.as_deref().map(missing) })
            }
            Self::List(items, rest) => {
                Value::List(List { items: Items::Given(items), rest: rest.as_deref().map(missing) })
            }
        })
    }
}
