//! Problems in a file that a person wrote, and how they are shown.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::model::untrusted::{Untrusted, is_unsafe};

/// A range of bytes in a source text.
pub type Span = Range<usize>;

/// A text file with the name under which the user gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as given, or `builtin:NAME`.
    pub path: Arc<str>,
    /// Its whole text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// A file of `text` named `path`.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Line and column (both from 1, the column in characters) of the byte at `offset`.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..self.text.floor_char_boundary(offset)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

/// The sort of a problem: stable names for editors and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The file could not be read.
    Unreadable,
    /// It is not YAML, or YAML of a kind that is not accepted (anchors, several documents, too deep).
    Syntax,
    /// `apiVersion` or `kind` is not what it should be.
    Version,
    /// A key that does not exist there.
    UnknownKey,
    /// A key that must be there is not.
    MissingKey,
    /// A key stands twice in one mapping.
    DuplicateKey,
    /// A value of the wrong type.
    WrongType,
    /// A value of the right type that is not allowed.
    BadValue,
    /// A fact that the target does not have.
    UnknownFact,
    /// An operator that does not exist.
    UnknownOperator,
    /// An operator that does not fit the fact's type.
    OperatorMismatch,
    /// A rule id that stands twice.
    DuplicateId,
    /// A condition without content.
    EmptyCondition,
    /// What a lint found, in a file that can be read.
    Lint {
        /// The name of the lint.
        name: &'static str,
        /// How bad it is.
        severity: Severity,
    },
}

/// How bad what was found is. What is no lint is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Wrong.
    Error,
    /// Probably wrong.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    const fn level(self) -> Level<'static> {
        match self {
            Self::Error => Level::ERROR,
            Self::Warning => Level::WARNING,
            Self::Note => Level::NOTE,
        }
    }
}

impl Code {
    /// All that are no lints.
    pub const ALL: [Self; 13] = [
        Self::Unreadable,
        Self::Syntax,
        Self::Version,
        Self::UnknownKey,
        Self::MissingKey,
        Self::DuplicateKey,
        Self::WrongType,
        Self::BadValue,
        Self::UnknownFact,
        Self::UnknownOperator,
        Self::OperatorMismatch,
        Self::DuplicateId,
        Self::EmptyCondition,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Syntax => "syntax",
            Self::Version => "version",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::DuplicateKey => "duplicate-key",
            Self::WrongType => "wrong-type",
            Self::BadValue => "bad-value",
            Self::UnknownFact => "unknown-fact",
            Self::UnknownOperator => "unknown-operator",
            Self::OperatorMismatch => "operator-mismatch",
            Self::DuplicateId => "duplicate-id",
            Self::EmptyCondition => "empty-condition",
            Self::Lint { name, .. } => name,
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Lint { severity, .. } => severity,
            _ => Severity::Error,
        }
    }
}

/// One problem at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its sort.
    pub code: Code,
    /// The file.
    pub source: SourceFile,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What stands beside the caret: what was expected.
    pub label: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// The problem for an editor; lines and columns are counted from 1, the end is behind the last character.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let (line, column) = self.position();
        let (end_line, end_column) = self.source.position(self.span.end);
        serde_json::json!({
            "code": self.code.as_str(),
            "path": &*self.source.path,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "message": self.message,
            "label": self.label,
            "help": self.help,
        })
    }

    /// Line and column, both from 1.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        self.source.position(self.span.start)
    }
}

/// Shows diagnostics for people, in the order of files and positions: each begins with `PATH:LINE:COL: `.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut shown: Vec<&Diagnostic> = diagnostics.iter().collect();
    shown.sort_by_key(|diagnostic| (Arc::clone(&diagnostic.source.path), diagnostic.span.start));
    let mut text = String::new();
    for diagnostic in shown {
        let (line, column) = diagnostic.position();
        let path = untrusted(&diagnostic.source.path);
        let (source, span) = excerpt(diagnostic);
        let label = untrusted(&diagnostic.label);
        let snippet = Snippet::source(source)
            .line_start(line)
            .path(path.as_str())
            .annotation(AnnotationKind::Primary.span(span).label(label));
        let title = diagnostic
            .code
            .severity()
            .level()
            .primary_title(untrusted(&diagnostic.message))
            .id(diagnostic.code.as_str());
        let mut group: Group<'_> = title.element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(untrusted(help)));
        }
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{path}:{line}:{column}: {}\n", renderer.render(&[group]));
    }
    text
}

/// Everything that may hold words of the file, or of a file's name: the renderer passes labels, help and paths through.
fn untrusted(text: &str) -> String {
    Untrusted(text).to_string()
}

/// The line in which the span begins, made fit for a terminal, and the part of the span that lies in it.
fn excerpt(diagnostic: &Diagnostic) -> (String, Span) {
    let text: &str = &diagnostic.source.text;
    let (start, end) = (text.floor_char_boundary(diagnostic.span.start), text.floor_char_boundary(diagnostic.span.end));
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let rest = text.get(line_start..).unwrap_or_default();
    let line_end = line_start + rest.find('\n').unwrap_or(rest.len());
    let shown = |from: usize, to: usize| printable(text.get(from..to).unwrap_or_default());
    let before = shown(line_start, start).len();
    let marked = shown(start, end.clamp(start, line_end.max(start))).len();
    (shown(line_start, line_end), before..before + marked)
}

/// `text` with a replacement for each character that could fool a terminal; tabs are the renderer's to widen.
fn printable(text: &str) -> String {
    let fit = |character: char| if character != '\t' && is_unsafe(character) { '\u{fffd}' } else { character };
    text.trim_end_matches('\r').chars().map(fit).collect()
}

#[cfg(test)]
mod tests;
