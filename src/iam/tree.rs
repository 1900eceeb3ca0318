//! JSON as it is written: every value with its place, and names that stand twice are kept.
//!
//! Policies are read from such a tree, so that whatever is wrong in one can be pointed at; it may also be made of
//! another notation, such as YAML, whose places it then holds.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

/// Most levels of lists and objects within each other.
const MAX_DEPTH: usize = 128;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The value.
    pub shape: Shape,
    /// Where it stands: bytes of the text, quotes and brackets included.
    pub span: Range<usize>,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string, unescaped.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// An object, in order, names that stand twice included.
    Object(Vec<Entry>),
}

/// One element of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, unescaped.
    pub name: String,
    /// Where the name stands, quotes included.
    pub span: Range<usize>,
    /// Its value.
    pub value: Tree,
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The sort of it.
    pub kind: ProblemKind,
    /// Where: the wrong value or name; for what is missing, the object that lacks it.
    pub span: Range<usize>,
    /// What is wrong, without a full stop.
    pub message: String,
}

/// The sort of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The text is no JSON.
    Syntax,
    /// A value of another type than belongs there.
    WrongType,
    /// Something that has to be there is not.
    Missing,
    /// What may stand once stands twice.
    Twice,
    /// A value of the right type that may not stand there.
    BadValue,
}

impl Problem {
    pub(super) const fn new(kind: ProblemKind, span: Range<usize>, message: String) -> Self {
        Self { kind, span, message }
    }
}

impl Tree {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// The first place where `text` is not one JSON value, holds a number that no `f64` can, or more than 128 levels.
    pub fn of_json(text: &str) -> Result<Self, Problem> {
        read(text, parse::<&RawValue>(text, text)?.get(), MAX_DEPTH)
    }

    /// What sort of value it is, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Null => "nothing",
            Shape::Bool(_) => "true or false",
            Shape::Number(_) => "a number",
            Shape::Text(_) => "a string",
            Shape::List(_) => "a list",
            Shape::Object(_) => "an object",
        }
    }

    /// The value without its places. Of a name that stands twice in one object, the later value is kept, and numbers
    /// that fit no integer of 64 bits become `f64`.
    #[must_use]
    pub fn value(&self) -> Value {
        match &self.shape {
            Shape::Null => Value::Null,
            Shape::Bool(value) => Value::Bool(*value),
            Shape::Number(text) => number(text),
            Shape::Text(text) => Value::String(text.clone()),
            Shape::List(items) => items.iter().map(Self::value).collect(),
            Shape::Object(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.name.clone(), entry.value.value())).collect())
            }
        }
    }
}

/// Read by the standard library, which gives the nearest `f64`; `serde_json` may be off by one digit at the end.
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    whole.or_else(|| text.parse().ok().and_then(Number::from_f64)).map_or(Value::Null, Value::Number)
}

/// The value that `part`, a piece of `text`, is.
fn read(text: &str, part: &str, levels: usize) -> Result<Tree, Problem> {
    let span = span_of(text, part);
    let Some(below) = levels.checked_sub(1) else {
        let message = format!("more than {MAX_DEPTH} levels are nested");
        return Err(Problem::new(ProblemKind::Syntax, span, message));
    };
    let shape = match part.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = parse(text, part)?;
            let read_entry = |(name, value): (&RawValue, &RawValue)| {
                let (span, unescaped) = (span_of(text, name.get()), parse(text, name.get())?);
                Ok(Entry { name: unescaped, span, value: read(text, value.get(), below)? })
            };
            Shape::Object(entries.into_iter().map(read_entry).collect::<Result<_, Problem>>()?)
        }
        Some(b'[') => {
            let items = parse::<Vec<&RawValue>>(text, part)?;
            Shape::List(items.into_iter().map(|item| read(text, item.get(), below)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Shape::Text(parse(text, part)?),
        Some(b't') => Shape::Bool(true),
        Some(b'f') => Shape::Bool(false),
        Some(b'n') => Shape::Null,
        _ if part.parse::<f64>().is_ok_and(f64::is_finite) => Shape::Number(part.to_owned()),
        _ => return Err(Problem::new(ProblemKind::Syntax, span, "the number is out of range".to_owned())),
    };
    Ok(Tree { shape, span })
}

/// Where `part` stands in `text`, of which it is a piece.
fn span_of(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start + part.len()
}

/// Lets `serde_json` read `part`, a piece of `text`.
fn parse<'t, T: Deserialize<'t>>(text: &str, part: &'t str) -> Result<T, Problem> {
    serde_json::from_str(part).map_err(|error| {
        let start = span_of(text, part).start;
        let before: usize = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        // Its columns count the bytes that it has read: the last of them is the wrong one.
        let at = if error.is_eof() { text.len() } else { start + before + error.column().saturating_sub(1) };
        let message = if error.is_eof() { "the document ends too early".to_owned() } else { reason(&error) };
        let at = text.floor_char_boundary(at);
        let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Problem::new(ProblemKind::Syntax, at..at + width, message)
    })
}

/// What an error says, without the place that it adds.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// Names and values of an object.
struct Entries<'t>(Vec<(&'t RawValue, &'t RawValue)>);

struct EntriesVisitor;

impl<'t> Deserialize<'t> for Entries<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

impl<'t> Visitor<'t> for EntriesVisitor {
    type Value = Entries<'t>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Entries<'t>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests;
