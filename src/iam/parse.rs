//! Text to [`Document`], with an error that says where and what.

use std::collections::BTreeSet;

use super::document::{
    Condition, ConditionBlock, ConditionKey, Document, Effect, Elements, Principal, Principals, Statement,
    UnknownElement,
};
use super::tree::{Entry, Problem, ProblemKind, Shape, Tree};

/// Why a text is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct DocumentError {
    /// The line of the wrong value or name, from 1; for what is missing, of the object that lacks it.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// How much is asked of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// As AWS may have kept it since before its checks: what is odd but has a meaning, if only "nothing", is read.
    Stored,
    /// As IAM wants it of who writes one today. Refused as well: a `Version` that is none, `Sid`s and names in
    /// `Condition` and `Principal` that stand twice (`reference_policies_grammar`: no element may hold two instances of
    /// one key; `access-analyzer-reference-policy-checks` counts those that differ in letter case too), and lists of
    /// statements and actions with nothing in them, which can only be a slip.
    Written,
}

impl Document {
    /// Reads a document from its JSON text (URL-decoded, where AWS sent it encoded), as [`Strictness::Stored`].
    ///
    /// # Errors
    ///
    /// If it is no JSON, or not of the grammar of policies: with line and column. Names and effects are
    /// case-sensitive; what the grammar does not know is kept in `unknown_elements` and is no error.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        Self::parse_as(text, Strictness::Stored)
    }

    /// Reads a document from its JSON text.
    ///
    /// # Errors
    ///
    /// As for [`Self::parse`], and what `strictness` says.
    pub fn parse_as(text: &str, strictness: Strictness) -> Result<Self, DocumentError> {
        let read = |tree: Tree| Self::of_tree(&tree, strictness);
        Tree::of_json(text).and_then(read).map_err(|problem| DocumentError::new(text, problem))
    }

    /// Reads a document from a tree, whatever notation that was made of.
    ///
    /// # Errors
    ///
    /// As for [`Self::parse_as`], with a place in the text of the tree.
    pub fn of_tree(tree: &Tree, strictness: Strictness) -> Result<Self, Problem> {
        Reader { is_strict: strictness == Strictness::Written }.document(tree)
    }
}

impl DocumentError {
    fn new(text: &str, problem: Problem) -> Self {
        let before = text.get(..problem.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let (line, column) = (before.matches('\n').count() + 1, before.len() - line_start + 1);
        Self { line, column, message: problem.message }
    }
}

struct Reader {
    is_strict: bool,
}

impl Reader {
    fn document(&self, tree: &Tree) -> Result<Document, Problem> {
        let (mut version, mut id, mut statements, mut unknown_elements) = (None, None, None, Vec::new());
        for entry in object(tree, "a policy document")? {
            match entry.name.as_str() {
                "Version" => fill(&mut version, entry, self.version(entry)?)?,
                "Id" => fill(&mut id, entry, text(&entry.value, "`Id`")?.to_owned())?,
                "Statement" => fill(&mut statements, entry, self.statements(entry)?)?,
                _ => unknown_elements.push(unknown(entry)),
            }
        }
        let statements = statements.ok_or_else(|| missing(tree, "the document has no `Statement`"))?;
        Ok(Document { version, id, statements, unknown_elements })
    }

    fn version(&self, entry: &Entry) -> Result<String, Problem> {
        let version = text(&entry.value, "`Version`")?;
        if self.is_strict && !matches!(version, "2012-10-17" | "2008-10-17") {
            let message = format!("version `{version}` is neither `2012-10-17` nor `2008-10-17`");
            return Err(Problem::new(ProblemKind::BadValue, entry.value.span.clone(), message));
        }
        Ok(version.to_owned())
    }

    fn statements(&self, entry: &Entry) -> Result<Vec<Statement>, Problem> {
        let mut sids = BTreeSet::new();
        let mut read = |tree| self.statement(tree, &mut sids);
        match &entry.value.shape {
            Shape::List(items) => {
                self.filled(entry, items)?;
                items.iter().map(read).collect()
            }
            _ => Ok(vec![read(&entry.value)?]),
        }
    }

    fn statement<'t>(&self, tree: &'t Tree, sids: &mut BTreeSet<&'t str>) -> Result<Statement, Problem> {
        let (mut sid, mut effect, mut principal, mut condition) = (None, None, None, None);
        let (mut action, mut resource, mut unknown_elements) = (None, None, Vec::new());
        for entry in object(tree, "a statement")? {
            match entry.name.as_str() {
                "Sid" => fill(&mut sid, entry, self.sid(entry, sids)?)?,
                "Effect" => fill(&mut effect, entry, effect_of(&entry.value)?)?,
                "Principal" => choose(&mut principal, entry, Principals::Listed(self.principal(&entry.value)?))?,
                "NotPrincipal" => choose(&mut principal, entry, Principals::Except(self.principal(&entry.value)?))?,
                "Action" => choose(&mut action, entry, Elements::Listed(self.actions(entry)?))?,
                "NotAction" => choose(&mut action, entry, Elements::Except(self.actions(entry)?))?,
                "Resource" => choose(&mut resource, entry, Elements::Listed(texts(entry)?))?,
                "NotResource" => choose(&mut resource, entry, Elements::Except(texts(entry)?))?,
                "Condition" => fill(&mut condition, entry, self.condition(&entry.value)?)?,
                _ => unknown_elements.push(unknown(entry)),
            }
        }
        let effect = effect.ok_or_else(|| missing(tree, "a statement has no `Effect`"))?;
        let action = action.ok_or_else(|| missing(tree, "a statement has neither `Action` nor `NotAction`"))?;
        Ok(Statement { sid, effect, principal, action, resource, condition, unknown_elements })
    }

    fn sid<'t>(&self, entry: &'t Entry, sids: &mut BTreeSet<&'t str>) -> Result<String, Problem> {
        let sid = text(&entry.value, "`Sid`")?;
        // An empty one is none: AWS's console writes it to every statement.
        if self.is_strict && !sid.is_empty() && !sids.insert(sid) {
            let message = format!("another statement has the `Sid` `{sid}` too");
            return Err(Problem::new(ProblemKind::Twice, entry.value.span.clone(), message));
        }
        Ok(sid.to_owned())
    }

    fn actions(&self, entry: &Entry) -> Result<Vec<String>, Problem> {
        let actions = texts(entry)?;
        self.filled(entry, &actions)?;
        Ok(actions)
    }

    fn filled<T>(&self, entry: &Entry, items: &[T]) -> Result<(), Problem> {
        if self.is_strict && items.is_empty() {
            let message = format!("the list of `{}` is empty", entry.name);
            return Err(Problem::new(ProblemKind::BadValue, entry.value.span.clone(), message));
        }
        Ok(())
    }

    fn principal(&self, tree: &Tree) -> Result<Principal, Problem> {
        if matches!(&tree.shape, Shape::Text(text) if text == "*") {
            return Ok(Principal { everyone: true, ..Principal::default() });
        }
        let mut principal = Principal::default();
        let mut names = BTreeSet::new();
        for entry in object(tree, "a principal that is not `*`")? {
            self.once(entry, &mut names, str::to_owned)?;
            let kind = match entry.name.as_str() {
                "AWS" => &mut principal.aws,
                "Service" => &mut principal.service,
                "Federated" => &mut principal.federated,
                "CanonicalUser" => &mut principal.canonical_user,
                name => {
                    let message = format!("`{name}` is no kind of principal");
                    return Err(Problem::new(ProblemKind::BadValue, entry.span.clone(), message));
                }
            };
            kind.extend(texts(entry)?);
        }
        Ok(principal)
    }

    fn condition(&self, tree: &Tree) -> Result<Condition, Problem> {
        let mut operators = BTreeSet::new();
        let mut blocks = Vec::new();
        for entry in object(tree, "a condition")? {
            self.once(entry, &mut operators, str::to_owned)?;
            let mut names = BTreeSet::new();
            let mut keys = Vec::new();
            for key in object(&entry.value, "what stands under an operator of a condition")? {
                self.once(key, &mut names, str::to_lowercase)?;
                let values = many(&key.value, scalar)?;
                keys.push(ConditionKey { key: key.name.clone(), values });
            }
            blocks.push(ConditionBlock { operator: entry.name.clone(), keys });
        }
        Ok(Condition { blocks })
    }

    /// That no other entry has this one's name, alike being what `fold` makes alike.
    fn once(&self, entry: &Entry, seen: &mut BTreeSet<String>, fold: fn(&str) -> String) -> Result<(), Problem> {
        if self.is_strict && !seen.insert(fold(&entry.name)) { Err(twice(entry)) } else { Ok(()) }
    }
}

fn object<'t>(tree: &'t Tree, what: &str) -> Result<&'t [Entry], Problem> {
    match &tree.shape {
        Shape::Object(entries) => Ok(entries),
        _ => Err(wrong_type(tree, what, "an object")),
    }
}

fn text<'t>(tree: &'t Tree, what: &str) -> Result<&'t str, Problem> {
    match &tree.shape {
        Shape::Text(text) => Ok(text),
        _ => Err(wrong_type(tree, what, "a string")),
    }
}

/// The strings of an element that is one or a list of them.
fn texts(entry: &Entry) -> Result<Vec<String>, Problem> {
    many(&entry.value, |tree| match &tree.shape {
        Shape::Text(text) => Ok(text.clone()),
        _ => Err(wrong_type(tree, &format!("`{}`", entry.name), "a string or a list of strings")),
    })
}

fn many<T>(tree: &Tree, read: impl Fn(&Tree) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    match &tree.shape {
        Shape::List(items) => items.iter().map(read).collect(),
        _ => Ok(vec![read(tree)?]),
    }
}

/// A condition value: AWS takes `true` and `5` for `"true"` and `"5"`.
fn scalar(tree: &Tree) -> Result<String, Problem> {
    match &tree.shape {
        Shape::Text(text) | Shape::Number(text) => Ok(text.clone()),
        Shape::Bool(value) => Ok(value.to_string()),
        _ => Err(wrong_type(tree, "a value of a condition", "a string, a number or a truth value")),
    }
}

fn effect_of(tree: &Tree) -> Result<Effect, Problem> {
    match text(tree, "`Effect`")? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => {
            let message = format!("effect `{other}` is neither `Allow` nor `Deny` (letter case matters)");
            Err(Problem::new(ProblemKind::BadValue, tree.span.clone(), message))
        }
    }
}

fn unknown(entry: &Entry) -> UnknownElement {
    UnknownElement { name: entry.name.clone(), value: entry.value.value() }
}

/// Fills `slot` with the value of an element, once.
fn fill<T>(slot: &mut Option<T>, entry: &Entry, value: T) -> Result<(), Problem> {
    if slot.replace(value).is_some() { Err(twice(entry)) } else { Ok(()) }
}

/// Fills `slot`, of which the grammar allows either the plain or the `Not…` form, once.
fn choose<T>(slot: &mut Option<T>, entry: &Entry, value: T) -> Result<(), Problem> {
    if slot.replace(value).is_none() {
        return Ok(());
    }
    let plain = entry.name.strip_prefix("Not").unwrap_or(&entry.name);
    let message = format!("a statement may have only one of `{plain}` and `Not{plain}`");
    Err(Problem::new(ProblemKind::Twice, entry.span.clone(), message))
}

fn twice(entry: &Entry) -> Problem {
    Problem::new(ProblemKind::Twice, entry.span.clone(), format!("`{}` appears twice", entry.name))
}

fn missing(tree: &Tree, message: &str) -> Problem {
    Problem::new(ProblemKind::Missing, tree.span.clone(), message.to_owned())
}

fn wrong_type(tree: &Tree, what: &str, expected: &str) -> Problem {
    let message = format!("{what} should be {expected}, not {}", tree.kind());
    Problem::new(ProblemKind::WrongType, tree.span.clone(), message)
}

#[cfg(test)]
mod tests;
