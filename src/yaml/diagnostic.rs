//! Problems in a file that a person wrote, and how they are shown.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

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
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
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
}

impl Code {
    /// All of them.
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
        let snippet = Snippet::source(&*diagnostic.source.text)
            .path(&*diagnostic.source.path)
            .annotation(AnnotationKind::Primary.span(visible(diagnostic)).label(diagnostic.label.as_str()));
        let title = Level::ERROR.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
        let mut group: Group<'_> = title.element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let path = crate::model::untrusted::Untrusted(&diagnostic.source.path);
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{path}:{line}:{column}: {}\n", renderer.render(&[group]));
    }
    text
}

/// The span cut to one line and to at least one character, so that the caret shows.
fn visible(diagnostic: &Diagnostic) -> Span {
    let text = &diagnostic.source.text;
    let start = diagnostic.span.start.min(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let line_end = start + rest.find('\n').unwrap_or(rest.len());
    let end = diagnostic.span.end.clamp(start, line_end);
    start..end
}
