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
#[derive(Debug, Clone)]
pub(super) enum Template {
    /// It has no variables.
    Fixed(Wildcard),
    /// It has to be filled in for each request.
    Variable(Box<[Part]>),
}

/// A piece of a text with variables.
#[derive(Debug, Clone)]
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
            let Some((inside, after)) = behind.split_once('}') else { break };
            parts.push(Part::Fixed(style.read(before)));
            parts.push(Part::of(inside));
            rest = after;
        }
        parts.push(Part::Fixed(style.read(rest)));
        if parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            Self::Variable(parts.into())
        } else {
            let fixed = parts.iter().filter_map(|part| match part {
                Part::Fixed(wildcard) => Some(wildcard),
                Part::Variable { .. } => None,
            });
            Self::Fixed(Wildcard::join(fixed))
        }
    }

    /// What it stands for in `context`; keys without a value are noted.
    pub(super) fn fill(&self, context: &Context, notes: &mut impl Notes) -> Filled<'_> {
        let parts = match self {
            Self::Fixed(wildcard) => return Filled::Pattern(Cow::Borrowed(wildcard)),
            Self::Variable(parts) => parts,
        };
        let mut filled = Vec::with_capacity(parts.len());
        let mut open = false;
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
                        return Filled::Nothing;
                    }
                },
            }
        }
        if open {
            return Filled::Open;
        }
        Filled::Pattern(Cow::Owned(Wildcard::join(filled.iter().map(AsRef::as_ref))))
    }

    /// The pattern that matches whatever it may stand for.
    pub(super) fn widened(&self) -> Wildcard {
        let anything = Wildcard::new("*");
        match self {
            Self::Fixed(wildcard) => wildcard.clone(),
            Self::Variable(parts) => Wildcard::join(parts.iter().map(|part| match part {
                Part::Fixed(wildcard) => wildcard,
                Part::Variable { .. } => &anything,
            })),
        }
    }

    /// The condition keys that its variables name.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let parts: &[Part] = match self {
            Self::Fixed(_) => &[],
            Self::Variable(parts) => parts,
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
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\'').into())),
            None => (inside.trim(), None),
        };
        Self::Variable { key: fold(key), written: key.into(), default }
    }
}
