//! Where the parts of a document stand in its text.

use std::ops::Range;

use crate::iam::tree::{Entry, Shape, Tree};

/// A part of a document. Numbers are places from 0: those of the document, which has the order of its text.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// The document.
    Document,
    /// An element of the document.
    Element(&'a str),
    /// Bytes of the text.
    Bytes(usize, usize),
    /// A statement.
    Statement(usize),
    /// The name of an element of a statement.
    Part(usize, &'a str),
    /// One of the strings of `Action` or `Resource`, whatever of the two forms the statement has.
    Item(usize, &'a str, usize),
    /// An operator of the statement's condition.
    Operator(usize, usize),
    /// A key under an operator.
    Key(usize, usize, usize),
    /// A value of a key.
    Value(usize, usize, usize, usize),
}

impl At<'_> {
    /// The statement that it is in.
    pub(super) const fn statement(self) -> Option<usize> {
        match self {
            Self::Document | Self::Element(_) | Self::Bytes(..) => None,
            Self::Statement(index)
            | Self::Part(index, _)
            | Self::Item(index, ..)
            | Self::Operator(index, _)
            | Self::Key(index, ..)
            | Self::Value(index, ..) => Some(index),
        }
    }
}

/// The tree of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a>(&'a Tree);

impl<'a> Places<'a> {
    pub(super) const fn of(tree: &'a Tree) -> Self {
        Self(tree)
    }

    /// Where a part stands; where that cannot be told, the part around it.
    pub(super) fn span(self, at: At<'_>) -> Option<Range<usize>> {
        match at {
            At::Document => Some(self.document()),
            At::Element(name) => {
                element(self.0, name).map(|entry| entry.value.span.clone()).or_else(|| Some(self.document()))
            }
            At::Bytes(from, to) => Some(from..to),
            At::Statement(index) => self.statement(index).map(|tree| head(tree, &["Sid", "Effect"])),
            At::Part(index, name) => self.part(index, name).map(|entry| entry.span.clone()),
            At::Item(index, name, nth) => self.part(index, name).map(|entry| item(&entry.value, nth).span.clone()),
            At::Operator(index, block) => self.operator(index, block).map(|entry| entry.span.clone()),
            At::Key(index, block, key) => self.key(index, block, key).map(|entry| entry.span.clone()),
            At::Value(index, block, key, nth) => {
                self.key(index, block, key).map(|entry| item(&entry.value, nth).span.clone())
            }
        }
        .or_else(|| at.statement().and_then(|index| self.statement(index)).map(|tree| tree.span.clone()))
    }

    fn document(self) -> Range<usize> {
        head(self.0, &["Version", "Statement"])
    }

    fn statement(self, index: usize) -> Option<&'a Tree> {
        let statements = &element(self.0, "Statement")?.value;
        match &statements.shape {
            Shape::List(items) => items.get(index),
            _ => (index == 0).then_some(statements),
        }
    }

    fn part(self, index: usize, name: &str) -> Option<&'a Entry> {
        let statement = self.statement(index)?;
        let negated = entries(statement).iter().find(|entry| entry.name.strip_prefix("Not") == Some(name));
        element(statement, name).or(negated)
    }

    fn operator(self, index: usize, block: usize) -> Option<&'a Entry> {
        entries(&self.part(index, "Condition")?.value).get(block)
    }

    fn key(self, index: usize, block: usize, key: usize) -> Option<&'a Entry> {
        entries(&self.operator(index, block)?.value).get(key)
    }
}

/// The first of these elements, of an object that may be long.
fn head(tree: &Tree, names: &[&str]) -> Range<usize> {
    let found = names.iter().find_map(|name| element(tree, name));
    found.map_or_else(|| tree.span.clone(), |entry| entry.span.clone())
}

fn item(tree: &Tree, nth: usize) -> &Tree {
    match &tree.shape {
        Shape::List(items) => items.get(nth).unwrap_or(tree),
        _ => tree,
    }
}

fn element<'t>(tree: &'t Tree, name: &str) -> Option<&'t Entry> {
    entries(tree).iter().find(|entry| entry.name == name)
}

fn entries(tree: &Tree) -> &[Entry] {
    match &tree.shape {
        Shape::Object(entries) => entries,
        _ => &[],
    }
}
