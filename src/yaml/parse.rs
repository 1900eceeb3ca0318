//! Text to a tree of values, each with its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{DuplicateKeyPolicy, Error, MergeKeyPolicy, Spanned, budget, options};

use super::diagnostic::{Code, Diagnostic, SourceFile, Span};

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands; a block mapping begins at its first key.
    pub span: Span,
}

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`, as YAML 1.2 writes them: `yes` and `on` are text.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// Text; also what has leading zeros, such as an account id.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file, duplicate keys included.
    Mapping(Vec<(Key, Node)>),
}

impl Node {
    /// What sort of value it is, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a number",
            Value::Float(_) => "a decimal number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// Parses one YAML document.
///
/// # Errors
///
/// The first place where it is not YAML, or holds what is refused: anchors and aliases, merge keys, tags of its own,
/// more than 32 levels, 50,000 nodes, several documents, more than [`super::MAX_BYTES`] bytes, or nothing at all.
pub fn parse(source: &SourceFile) -> Result<Node, Box<Diagnostic>> {
    if source.text.len() > super::MAX_BYTES {
        return Err(problem(source, 0..0, format!("the file is larger than {} bytes", super::MAX_BYTES), None).into());
    }
    if let Some(at) = tab_indent(&source.text) {
        let help = Some("indent with spaces; YAML does not allow tabs there".to_owned());
        return Err(problem(source, at..at + 1, "a tab stands where the line is indented".to_owned(), help).into());
    }
    let options = options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        merge_keys: MergeKeyPolicy::Error,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
        budget: budget! {
            max_depth: 32,
            max_nodes: 50_000,
            max_aliases: 0,
            max_anchors: 0,
            max_documents: 1,
            flow_nesting_limit: 32,
        },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(&source.text, options) {
        Ok(raw) if matches!(raw.value, Raw::Null) => {
            Err(problem(source, 0..0, "the file is empty".to_owned(), None).into())
        }
        Ok(raw) => Ok(node(raw)),
        Err(error) => {
            let start = error.location().map_or(0, |location| offset(source, location.line(), location.column()));
            Err(problem(source, start..start, message_of(&error), None).into())
        }
    }
}

/// The first line that begins with a tab; blank lines may.
fn tab_indent(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('\t') && !line.trim().is_empty() {
            return Some(start);
        }
        start += line.len();
    }
    None
}

fn problem(source: &SourceFile, span: Span, message: String, help: Option<String>) -> Diagnostic {
    Diagnostic { code: Code::Syntax, source: source.clone(), span, message, label: String::new(), help }
}

/// What is wrong, in our words where YAML allows what we refuse, else in the library's without the position that it adds.
fn message_of(error: &Error) -> String {
    let refused = match error.without_snippet() {
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Documents { .. } => "the file holds several YAML documents; put each into a file of its own",
            BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => ANCHORS,
            BudgetBreach::Depth { .. } => TOO_DEEP,
            BudgetBreach::Nodes { .. } => "the file holds more than 50,000 values",
            _ => "the file is too large to be read",
        },
        Error::UnknownAnchor { .. } => ANCHORS,
        Error::MergeKeyNotAllowed { .. } => "merge keys (`<<`) are not accepted; write the keys out",
        Error::NullIntoString { .. } | Error::Unexpected { expected: "string scalar", .. } => "a key has to be text",
        Error::NonFiniteFloat { .. } => "a number has to be finite",
        Error::ExternalMessage { msg, .. } if msg.contains("recursion limit") => TOO_DEEP,
        _ => "",
    };
    if !refused.is_empty() {
        return refused.to_owned();
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let first = first.split(" at line ").next().unwrap_or(first);
    let first = match first.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest,
        _ => first,
    };
    format!("not valid YAML: {first}")
}

const ANCHORS: &str = "anchors (`&`) and aliases (`*`) are not accepted; write the value out";
const TOO_DEEP: &str = "more than 32 levels are nested";

fn offset(source: &SourceFile, line: u64, column: u64) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let start: usize = source.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = source.text.get(start..).unwrap_or_default();
    start + rest.chars().take(column - 1).map(char::len_utf8).sum::<usize>()
}

fn span(location: serde_saphyr::Location) -> Span {
    let start = location.span().byte_offset().and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
    let length = location.span().byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    start..start + length
}

fn node(raw: Spanned<Raw>) -> Node {
    let span = span(raw.referenced);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        Raw::Integer(value) => Value::Integer(value),
        Raw::Float(value) => Value::Float(value),
        Raw::Text(value) => Value::Text(value),
        Raw::List(items) => Value::List(items.into_iter().map(node).collect()),
        Raw::Mapping(entries) => Value::Mapping(
            entries
                .into_iter()
                .map(|(key, value)| (Key { span: self::span(key.referenced), name: key.value }, node(value)))
                .collect(),
        ),
    };
    Node { value, span }
}

enum Raw {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or_else(|_| Raw::Text(value.to_string()), Raw::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}

#[cfg(test)]
mod tests;
