//! From the tree of values to typed ones, collecting every problem on the way.

use super::diagnostic::{Code, Diagnostic, SourceFile, Span};
use super::parse::{Key, Node, Value};

/// Reads one file's tree and keeps what is wrong with it.
#[derive(Debug)]
pub struct Decoder {
    source: SourceFile,
    diagnostics: Vec<Diagnostic>,
}

/// A mapping whose keys have been checked against those that may stand there.
#[derive(Debug)]
pub struct Fields<'n> {
    entries: Vec<(&'n Key, &'n Node)>,
    what: &'static str,
    span: Span,
}

impl Decoder {
    /// A decoder of `source`.
    #[must_use]
    pub const fn new(source: SourceFile) -> Self {
        Self { source, diagnostics: Vec::new() }
    }

    /// The file.
    #[must_use]
    pub const fn source(&self) -> &SourceFile {
        &self.source
    }

    /// Everything that was wrong.
    #[must_use]
    pub fn finish(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Keeps a problem.
    pub fn report(&mut self, code: Code, span: &Span, message: String, label: &str, help: Option<String>) {
        let source = self.source.clone();
        self.diagnostics.push(Diagnostic { code, source, span: span.clone(), message, label: label.to_owned(), help });
    }

    /// Keeps a problem of the whole of another source, such as a value on the command line.
    pub fn report_in(&mut self, source: &SourceFile, code: Code, message: String, label: &str) {
        let (span, source) = (0..source.text.len(), source.clone());
        self.diagnostics.push(Diagnostic { code, source, span, message, label: label.to_owned(), help: None });
    }

    /// `node` as a mapping with no other keys than `known`; `what` names it in messages.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &'static str, known: &[&str]) -> Option<Fields<'n>> {
        let entries = self.entries(node, what)?;
        let mut kept = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if known.contains(&key.name.as_str()) {
                kept.push((key, value));
            } else {
                let message = format!("{what} has no key `{}`", key.name);
                let label = format!("expected one of {}", listing(known.iter().copied()));
                self.report(
                    Code::UnknownKey,
                    &key.span,
                    message,
                    &label,
                    did_you_mean(&key.name, known.iter().copied()),
                );
            }
        }
        Some(Fields { entries: kept, what, span: node.span.clone() })
    }

    /// The entries of `node`, which must be a mapping without duplicate keys.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<Vec<(&'n Key, &'n Node)>> {
        let Value::Mapping(entries) = &node.value else {
            self.wrong_type(node, what, "a mapping");
            return None;
        };
        let mut kept: Vec<(&Key, &Node)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if let Some((first, _)) = kept.iter().find(|(seen, _)| seen.name == key.name) {
                let (line, _) = self.source.position(first.span.start);
                let message = format!("the key `{}` stands twice in {what}", key.name);
                let help = Some(format!("it first stands in line {line}; keep one of the two"));
                self.report(Code::DuplicateKey, &key.span, message, "second one", help);
            } else {
                kept.push((key, value));
            }
        }
        Some(kept)
    }

    /// `node` as text.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if let Value::Text(text) = &node.value {
            return Some(text);
        }
        let message = format!("{what} should be text, not {}", node.kind());
        let is_scalar = matches!(node.value, Value::Bool(_) | Value::Integer(_) | Value::Float(_));
        let help = is_scalar.then(|| "put it into quotes".to_owned());
        self.report(Code::WrongType, &node.span, message, "expected text", help);
        None
    }

    /// `node` as text that is not empty.
    pub fn filled_text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() {
            self.report(Code::BadValue, &node.span, format!("{what} is empty"), "", None);
            return None;
        }
        Some(text)
    }

    /// `node` as `true` or `false`.
    pub fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        self.wrong_type(node, what, "true or false");
        None
    }

    /// `node` as a whole number.
    pub fn integer(&mut self, node: &Node, what: &str) -> Option<i64> {
        if let Value::Integer(value) = node.value {
            return Some(value);
        }
        self.wrong_type(node, what, "a whole number");
        None
    }

    /// `node` as a list.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        if let Value::List(items) = &node.value {
            return Some(items);
        }
        self.wrong_type(node, what, "a list");
        None
    }

    /// `node` as one of `known` names, told by `parse`.
    pub fn choice<T>(
        &mut self,
        node: &Node,
        what: &str,
        known: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(node, what)?;
        let parsed = parse(text);
        if parsed.is_none() {
            let label = format!("expected one of {}", listing(known.iter().copied()));
            let help = did_you_mean(text, known.iter().copied());
            self.report(Code::BadValue, &node.span, format!("`{text}` is not {what}"), &label, help);
        }
        parsed
    }

    /// Reports that `node` should have been `expected`.
    pub fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{what} should be {expected}, not {}", node.kind());
        self.report(Code::WrongType, &node.span, message, &format!("expected {expected}"), None);
    }
}

impl<'n> Fields<'n> {
    /// The value of `name`, if it stands there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| *node)
    }

    /// The value of `name`, which must stand there.
    pub fn require(&self, decoder: &mut Decoder, name: &str) -> Option<&'n Node> {
        let node = self.get(name);
        if node.is_none() {
            let message = format!("{} lacks the key `{name}`", self.what);
            let help = Some(format!("add `{name}: …`"));
            decoder.report(Code::MissingKey, &self.span, message, &format!("`{name}` is required"), help);
        }
        node
    }
}

/// The name most like `written`, as a sentence.
#[must_use]
pub(crate) fn did_you_mean<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    known
        .map(|name| (strsim::jaro_winkler(&written.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

pub(crate) fn listing<'k>(names: impl Iterator<Item = &'k str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
