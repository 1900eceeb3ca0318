//! Policy documents in files that someone names: as JSON, or as YAML, as in templates of CloudFormation.

use crate::iam::tree::{Entry, Problem, ProblemKind, Shape, Tree};
use crate::iam::{Document, Strictness};
use crate::yaml::{Code, Diagnostic, Key, Node, SourceFile, Value, parse};

/// Reads the policy document in the file at `path`, strictly, as someone is writing it: see [`Strictness::Written`].
///
/// # Errors
///
/// The first thing that is wrong, with its place: the file (which may have [`crate::yaml::MAX_BYTES`] bytes), its
/// notation, or the document.
pub fn read(path: &str) -> Result<Document, Box<Diagnostic>> {
    document(&SourceFile::read(path)?)
}

/// Like [`read`], as a policy that may stand in an account already: see [`Strictness::Stored`].
///
/// # Errors
///
/// As for [`read`].
pub fn read_stored(path: &str) -> Result<Document, Box<Diagnostic>> {
    document_as(&SourceFile::read(path)?, Strictness::Stored)
}

/// The policy document in `source`. What begins with `{` is JSON, so a mapping in braces is no YAML here; the name of the
/// file does not matter. In YAML, account ids under `AWS` may be numbers.
///
/// # Errors
///
/// As for [`read`].
pub fn document(source: &SourceFile) -> Result<Document, Box<Diagnostic>> {
    document_as(source, Strictness::Written)
}

fn document_as(source: &SourceFile, strictness: Strictness) -> Result<Document, Box<Diagnostic>> {
    of_tree(source, &tree_of(source)?, strictness)
}

/// Like [`document`], as a policy that may stand in an account already, with the tree of the text.
///
/// # Errors
///
/// As for [`read`].
pub fn with_tree(source: &SourceFile) -> Result<(Document, Tree), Box<Diagnostic>> {
    let tree = tree_of(source)?;
    Ok((of_tree(source, &tree, Strictness::Stored)?, tree))
}

fn of_tree(source: &SourceFile, tree: &Tree, strictness: Strictness) -> Result<Document, Box<Diagnostic>> {
    Document::of_tree(tree, strictness).map_err(|problem| diagnostic(source, problem).into())
}

fn tree_of(source: &SourceFile) -> Result<Tree, Box<Diagnostic>> {
    if is_json(source) {
        Tree::of_json(&source.text).map_err(|problem| diagnostic(source, problem).into())
    } else {
        Ok(tree(&parse(source)?, false))
    }
}

/// Whether `source` is read as JSON.
pub(super) fn is_json(source: &SourceFile) -> bool {
    source.text.trim_start().starts_with('{')
}

/// The same tree as `iam` has it. Numbers become text if they are account ids.
fn tree(node: &Node, are_accounts: bool) -> Tree {
    let shape = match &node.value {
        Value::Null => Shape::Null,
        Value::Bool(value) => Shape::Bool(*value),
        Value::Integer(value) if are_accounts => Shape::Text(value.to_string()),
        Value::Integer(value) => Shape::Number(value.to_string()),
        Value::Float(value) => Shape::Number(value.to_string()),
        Value::Text(text) => Shape::Text(text.clone()),
        Value::List(items) => Shape::List(items.iter().map(|item| tree(item, are_accounts)).collect()),
        Value::Mapping(entries) => {
            let entry = |(key, value): &(Key, Node)| {
                let (name, span) = (key.name.clone(), key.span.clone());
                Entry { value: tree(value, name == "AWS"), name, span }
            };
            Shape::Object(entries.iter().map(entry).collect())
        }
    };
    Tree { shape, span: node.span.clone() }
}

fn diagnostic(source: &SourceFile, problem: Problem) -> Diagnostic {
    let (code, label) = match problem.kind {
        ProblemKind::Syntax => (Code::Syntax, "not valid JSON"),
        ProblemKind::WrongType => (Code::WrongType, "of the wrong type"),
        ProblemKind::Missing => (Code::MissingKey, "something is missing here"),
        ProblemKind::Twice => (Code::DuplicateKey, "second one"),
        ProblemKind::BadValue => (Code::BadValue, "not allowed here"),
    };
    let Problem { span, message, .. } = problem;
    Diagnostic { code, source: source.clone(), span, message, label: label.to_owned(), help: None }
}

#[cfg(test)]
mod tests;
