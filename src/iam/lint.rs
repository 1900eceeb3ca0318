//! What is wrong with a policy document, dead in it, or probably not meant.
//!
//! A document that AWS would refuse today is looked at too, as long as it can be read: see
//! [`Strictness::Stored`](super::Strictness::Stored). Where a [`Tree`] is given, each finding has a place in its text.

mod code;
mod conditions;
mod dead;
mod elements;
mod guards;
mod partitions;
mod places;
mod severity;
mod words;

use std::ops::Range;

use super::document::Document;
use super::policy::Policy;
use super::tree::Tree;

pub use code::Lint;
use places::{At, Places};
pub use severity::Severity;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What sort of thing.
    pub lint: Lint,
    /// The place of the statement in the document, from 0; none if it is about the document.
    pub statement: Option<usize>,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Where it stands in the text: the narrowest part that the document's tree has; none without a tree.
    pub span: Option<Range<usize>>,
    /// What is wrong here, without a full stop.
    pub message: String,
}

/// What a document is looked at with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// The tree that the document was read from.
    pub tree: Option<&'a Tree>,
    /// The JSON that is to be stored, where that is at hand; else the document is written anew to be measured.
    pub json: Option<&'a str>,
    /// The partition of the account that it is for, such as `aws-cn`.
    pub partition: Option<&'a str>,
}

/// Looks at an identity policy; findings are in the order of the statements, those of the document first.
#[must_use]
pub fn lint(document: &Document, given: &Given<'_>) -> Vec<Finding> {
    let mut looking = Looking { document, places: given.tree.map(Places::of), findings: Vec::new() };
    elements::look(&mut looking, given.json);
    partitions::look(&mut looking, given.partition);
    conditions::look(&mut looking);
    dead::look(&mut looking, &Policy::new("", document));
    guards::look(&mut looking, given.partition);
    let mut findings = looking.findings;
    findings.sort_by_key(|finding| finding.statement);
    findings
}

/// A document that is being looked at, and what was found.
struct Looking<'a> {
    document: &'a Document,
    places: Option<Places<'a>>,
    findings: Vec<Finding>,
}

impl Looking<'_> {
    fn found(&mut self, lint: Lint, at: At<'_>, message: String) {
        let statement = at.statement();
        let sid = statement.and_then(|index| self.document.statements.get(index)).and_then(|found| found.sid.clone());
        let span = self.places.as_ref().and_then(|places| places.span(at));
        self.findings.push(Finding { lint, statement, sid, span, message });
    }
}

/// How a statement is called: by its `Sid`, or its place from 1.
fn name_of(document: &Document, index: usize) -> String {
    match document.statements.get(index).and_then(|statement| statement.sid.as_deref()) {
        Some(sid) if !sid.is_empty() => format!("`{sid}`"),
        _ => (index + 1).to_string(),
    }
}

impl Finding {
    /// What was found, with the statement: by its `Sid`, or its place from 1.
    #[must_use]
    pub fn told(&self) -> String {
        match (self.statement, self.sid.as_deref()) {
            (None, _) => self.message.clone(),
            (Some(_), Some(sid)) if !sid.is_empty() => format!("statement `{sid}`: {}", self.message),
            (Some(index), _) => format!("statement {}: {}", index + 1, self.message),
        }
    }
}

#[cfg(test)]
mod tests;
