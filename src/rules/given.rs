//! A resource written down as facts: the input of cases, where no account was read.
//!
//! A fact that is not given is unknown, as in a scan that could not read it.

use jiff::Timestamp;

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
    /// Writes `value` down for the fact called `name`.
    pub fn set(&mut self, name: &'static str, value: GivenValue) {
        self.facts.retain(|(known, _)| *known != name);
        self.facts.push((name, value));
    }

    /// What is written down for the fact called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&GivenValue> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Everything that is written down, by the names of facts.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &GivenValue)> {
        self.facts.iter().map(|(name, value)| (*name, value))
    }
}
