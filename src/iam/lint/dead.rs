//! Statements that change nothing.

use crate::iam::document::Effect;
use crate::iam::policy::{Patterns, Policy, Statement};
use crate::iam::template::Template;
use crate::iam::wildcard::Wildcard;

use super::places::At;
use super::{Lint, Looking, name_of};

/// A character that no pattern has, to stand for any.
const ANY: char = '\u{e000}';

pub(super) fn look(looking: &mut Looking<'_>, policy: &Policy) {
    let document = looking.document;
    let statements = policy.statements();
    for (index, statement) in statements.iter().enumerate() {
        // A statement that says nothing, or cannot be evaluated, is told otherwise.
        if says_nothing(statement) || statement.is_malformed() {
            continue;
        }
        let by = statements.iter().enumerate().find(|(nth, other)| {
            let is_one = *nth != index && !other.is_malformed() && !says_nothing(other);
            // Of two that cover each other, the later one is superfluous.
            let is_twin = *nth > index && statement.is_unconditional() && covers(statement, other);
            let is_stronger = other.effect == statement.effect || other.effect == Effect::Deny;
            is_one
                && is_stronger
                && other.is_unconditional()
                && covers(other, statement)
                && !(is_twin && other.effect == statement.effect)
        });
        let Some((nth, other)) = by else { continue };
        let that = name_of(document, nth);
        let (lint, message) = if other.effect == statement.effect {
            (Lint::CoveredStatement, format!("it is covered by statement {that}"))
        } else {
            (Lint::DeniedAllow, format!("all that it allows is denied by statement {that}"))
        };
        looking.found(lint, At::Statement(index), message);
    }
}

fn says_nothing(statement: &Statement) -> bool {
    let is_empty = |is_listed: bool, count: usize| is_listed && count == 0;
    is_empty(!statement.actions.except, statement.actions.patterns.len())
        || is_empty(!statement.resources.except, statement.resources.patterns.len())
}

/// Whether `one` is about everything that `other` is about, conditions aside.
fn covers(one: &Statement, other: &Statement) -> bool {
    let actions = |statement: &Statement| {
        let patterns = statement.actions.patterns.iter().cloned().map(|wide| Item {
            narrow: Some(wide.clone()),
            wide,
            template: None,
        });
        List { items: patterns.collect(), except: statement.actions.except }
    };
    actions(one).covers(&actions(other), Wildcard::covers_ignore_case, Wildcard::common_ignore_case)
        && resources(&one.resources).covers(&resources(&other.resources), Wildcard::covers, Wildcard::common)
}

fn resources(patterns: &Patterns<Template>) -> List<'_> {
    let items = patterns.patterns.iter().map(|template| Item {
        narrow: template.fixed().cloned(),
        wide: template.widened(),
        template: Some(template),
    });
    List { items: items.collect(), except: patterns.except }
}

/// A pattern that may have variables.
struct Item<'a> {
    /// What it matches for certain: nothing is certain of one with variables.
    narrow: Option<Wildcard>,
    /// What it may match.
    wide: Wildcard,
    /// What it was compiled from, if it may have variables.
    template: Option<&'a Template>,
}

/// Patterns, or all but what they match.
struct List<'a> {
    items: Vec<Item<'a>>,
    except: bool,
}

impl List<'_> {
    /// Whether all that `other` matches is matched here, for certain.
    fn covers(
        &self,
        other: &Self,
        covers: fn(&Wildcard, &Wildcard) -> bool,
        common: fn(&Wildcard, &Wildcard, char) -> Option<String>,
    ) -> bool {
        let within = |inner: &Item<'_>, outer: &[Item<'_>]| {
            outer.iter().any(|outer| match &outer.narrow {
                Some(pattern) => covers(pattern, &inner.wide),
                // The same text stands for the same.
                None => outer.template == inner.template,
            })
        };
        match (self.except, other.except) {
            (false, false) => other.items.iter().all(|inner| within(inner, &self.items)),
            (true, true) => self.items.iter().all(|inner| within(inner, &other.items)),
            (false, true) => {
                self.items.iter().filter_map(|item| item.narrow.as_ref()).any(|all| covers(all, &Wildcard::new("*")))
            }
            (true, false) => other
                .items
                .iter()
                .all(|inner| self.items.iter().all(|outer| common(&outer.wide, &inner.wide, ANY).is_none())),
        }
    }
}
