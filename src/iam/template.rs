//! Text with policy variables: `arn:aws:iam::*:user/${aws:username}`.
//!
//! From the IAM User Guide, `reference_policies_variables`: `${key}` is the value of a condition key of the request,
//! `${key, 'default'}` has a text for when it is absent, `${*}`, `${?}` and `${$}` are these characters themselves. Only
//! documents of version 2012-10-17 have variables; in others they are plain text. A key of several values is no
//! variable. What a variable stands for is literal: a `*` in a user's tag matches a `*`.

use std::borrow::Cow;

use super::context::{Context, Presence, fold};
use super::notes::Notes;
use super::wildcard::Wildcard;

/// A text of a policy, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Template {
    /// It has no variables.
    Fixed(Wildcard),
    /// It has to be filled in for each request.
    Variable {
        parts: Box<[Part]>,
        /// The pattern with `*` for each variable: what it does not match is matched with no values either.
        outline: Wildcard,
    },
}

/// A piece of a text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The same for every request.
    Fixed(Wildcard),
    /// The value of a key.
    Variable { key: Box<str>, written: Box<str>, default: Option<Box<str>> },
}

/// What a text stands for in a request.
#[derive(Debug)]
pub(super) enum Filled<'a> {
    /// This pattern.
    Pattern(Cow<'a, Wildcard>),
    /// Nothing: a variable has no value. It matches nothing.
    Nothing,
    /// Not told: a variable may or may not have a value.
    Open,
}

/// How the characters `*` and `?` of a text are to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As wildcards.
    Wild,
    /// As themselves.
    Literal,
}

impl Style {
    fn read(self, text: &str) -> Wildcard {
        match self {
            Self::Wild => Wildcard::new(text),
            Self::Literal => Wildcard::literal(text),
        }
    }
}

impl Template {
    /// Compiles `text`; `variables` says whether its document has any.
    pub(super) fn new(text: &str, style: Style, variables: bool) -> Self {
        if !variables || !text.contains("${") {
            return Self::Fixed(style.read(text));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((inside, after)) = split_variable(behind) else { break };
            parts.push(Part::Fixed(style.read(before)));
            parts.push(Part::of(inside));
            rest = after;
        }
        parts.push(Part::Fixed(style.read(rest)));
        let anything = Wildcard::new("*");
        let outline = Wildcard::join(parts.iter().map(|part| match part {
            Part::Fixed(wildcard) => wildcard,
            Part::Variable { .. } => &anything,
        }));
        if parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            Self::Variable { parts: parts.into(), outline }
        } else {
            Self::Fixed(outline)
        }
    }

    /// Whether there are values for its variables with which it matches `text`.
    pub(super) fn may_match(&self, text: &str) -> bool {
        match self {
            // Filling it in costs nothing.
            Self::Fixed(_) => true,
            Self::Variable { outline, .. } => outline.matches(text),
        }
    }

    /// What it stands for in `context`; keys without a value are noted.
    pub(super) fn fill(&self, context: &Context, notes: &mut impl Notes) -> Filled<'_> {
        let parts = match self {
            Self::Fixed(wildcard) => return Filled::Pattern(Cow::Borrowed(wildcard)),
            Self::Variable { parts, .. } => parts,
        };
        let mut filled = Vec::with_capacity(parts.len());
        let (mut open, mut nothing) = (false, false);
        for part in parts {
            match part {
                Part::Fixed(wildcard) => filled.push(Cow::Borrowed(wildcard)),
                Part::Variable { key, written, default } => match (context.look(key), default) {
                    (Presence::Present([value]), _) => filled.push(Cow::Owned(Wildcard::literal(value))),
                    (Presence::Open, _) => {
                        notes.missing(written);
                        open = true;
                    }
                    (Presence::Absent | Presence::Present([]), Some(default)) => {
                        notes.missing(written);
                        filled.push(Cow::Owned(Wildcard::literal(default)));
                    }
                    (presence, _) => {
                        if !matches!(presence, Presence::Present([_, _, ..])) {
                            notes.missing(written);
                        }
                        nothing = true;
                    }
                },
            }
        }
        if nothing {
            return Filled::Nothing;
        }
        if open {
            return Filled::Open;
        }
        Filled::Pattern(Cow::Owned(Wildcard::join(filled.iter().map(AsRef::as_ref))))
    }

    /// The pattern that it is, if it has no variables.
    pub(super) const fn fixed(&self) -> Option<&Wildcard> {
        match self {
            Self::Fixed(wildcard) => Some(wildcard),
            Self::Variable { .. } => None,
        }
    }

    /// The pattern that matches whatever it may stand for.
    pub(super) fn widened(&self) -> Wildcard {
        match self {
            Self::Fixed(wildcard) => wildcard.clone(),
            Self::Variable { outline, .. } => outline.clone(),
        }
    }

    /// The condition keys that its variables name.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let parts: &[Part] = match self {
            Self::Fixed(_) => &[],
            Self::Variable { parts, .. } => parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Fixed(_) => None,
            Part::Variable { written, .. } => Some(written.as_ref()),
        })
    }
}

impl Part {
    /// What stands between `${` and `}`.
    fn of(inside: &str) -> Self {
        if matches!(inside, "*" | "?" | "$") {
            return Self::Fixed(Wildcard::literal(inside));
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key.trim(), Some(unquoted(default.trim()).into())),
            None => (inside.trim(), None),
        };
        Self::Variable { key: fold(key), written: key.into(), default }
    }
}

/// What stands before the `}` that ends a variable, and what behind it. A default in quotes may have a `}` in it.
fn split_variable(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.char_indices().find(|(_, character)| {
        quoted ^= *character == '\'';
        *character == '}' && !quoted
    });
    match end {
        Some((at, _)) => Some((text.get(..at)?, text.get(at + 1..)?)),
        // A quote without its end quotes nothing.
        None => text.split_once('}'),
    }
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests;
