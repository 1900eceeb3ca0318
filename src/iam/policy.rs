//! A policy document, compiled once to be asked many times.

use std::borrow::Cow;
use std::sync::Arc;

use super::condition::Condition;
use super::context::Context;
use super::document::{Document, Effect, Elements, Statement as Written};
use super::notes::Notes;
use super::operand::ARN_FIELDS;
use super::request::Request;
use super::template::{Filled, Style, Template};
use super::truth::{self, Truth};
use super::wildcard::Wildcard;

/// A compiled identity policy, permissions boundary or service control policy.
#[derive(Debug, Clone)]
pub struct Policy {
    name: Arc<str>,
    statements: Box<[Statement]>,
    /// Why its statements are not known; then there are none here.
    unreadable: Option<Box<str>>,
}

/// A compiled statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sid: Option<Box<str>>,
    pub(super) effect: Effect,
    pub(super) actions: Patterns<Wildcard>,
    pub(super) resources: Patterns<Template>,
    pub(super) condition: Condition,
    /// Why it cannot be evaluated: AWS would not have accepted it.
    malformed: Option<Box<str>>,
}

/// A list of patterns, or all that it does not match.
#[derive(Debug, Clone)]
pub(super) struct Patterns<T> {
    pub(super) patterns: Box<[T]>,
    pub(super) except: bool,
}

impl Policy {
    /// Compiles `document`, to be called `name` in decisions: a file, an ARN, or whatever tells it from the others.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, document: &Document) -> Self {
        let variables = document.has_variables();
        let malformed = fault_of(document);
        let statements = document.statements.iter().map(|statement| {
            let fault = malformed.clone().or_else(|| fault_of_statement(statement));
            Statement::new(statement, variables, fault)
        });
        Self { name: name.into(), statements: statements.collect(), unreadable: None }
    }

    /// A policy that applies and whose document could not be read, for `reason`: it may allow and deny anything, so that
    /// it leaves every request in doubt that nothing else denies.
    #[must_use]
    pub fn unreadable(name: impl Into<Arc<str>>, reason: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), statements: [].into(), unreadable: Some(reason.into()) }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Why its statements are not known, if they are not.
    pub(super) fn gap(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }
}

impl Statement {
    fn new(statement: &Written, variables: bool, malformed: Option<Box<str>>) -> Self {
        Self {
            sid: statement.sid.as_deref().map(Into::into),
            effect: statement.effect,
            actions: Patterns::new(&statement.action, Wildcard::new),
            resources: statement.resource.as_ref().map_or_else(
                // Malformed in these policies: told when the action matches.
                || Patterns { patterns: [].into(), except: true },
                |resource| Patterns::new(resource, |text| Template::new(&completed(text), Style::Wild, variables)),
            ),
            condition: statement
                .condition
                .as_ref()
                .map_or_else(Condition::default, |condition| Condition::new(condition, variables)),
            malformed,
        }
    }

    /// Whether the statement is about this request.
    pub(super) fn matches(&self, request: &Request, notes: &mut impl Notes) -> Truth {
        if !self.is_about_action(&request.action) {
            return Truth::No;
        }
        let resource = self.is_about_resource(&request.resource, &request.context, notes);
        if resource == Truth::No {
            return Truth::No;
        }
        let condition = self.condition.holds(&request.context, notes);
        match &self.malformed {
            Some(reason) if condition != Truth::No => {
                notes.unknown(reason);
                Truth::Unknown
            }
            _ => resource.min(condition),
        }
    }

    /// Whether the statement is about this action and resource, whatever its condition.
    pub(super) fn is_about(&self, request: &Request) -> bool {
        self.is_about_action(&request.action)
            && self.is_about_resource(&request.resource, &request.context, &mut ()) == Truth::Yes
    }

    fn is_about_action(&self, action: &str) -> bool {
        self.actions.except != self.actions.patterns.iter().any(|pattern| pattern.matches_ignore_case(action))
    }

    fn is_about_resource<N: Notes>(&self, resource: &str, context: &Context, notes: &mut N) -> Truth {
        // Keys are asked for only where some value of theirs would make the pattern match.
        let possible = self.resources.patterns.iter().filter(|pattern| pattern.may_match(resource));
        let each = possible.map(|pattern| match pattern.fill(context, notes) {
            Filled::Pattern(pattern) => pattern.matches(resource).into(),
            Filled::Nothing => Truth::No,
            Filled::Open => Truth::Unknown,
        });
        let listed = truth::any_of(each, N::COMPLETE);
        if self.resources.except { !listed } else { listed }
    }
}

impl<T> Patterns<T> {
    fn new(elements: &Elements, compile: impl Fn(&str) -> T) -> Self {
        let (list, except) = match elements {
            Elements::Listed(list) => (list, false),
            Elements::Except(list) => (list, true),
        };
        Self { patterns: list.iter().map(|text| compile(text)).collect(), except }
    }
}

/// A resource with all fields of an ARN: those that are left out at its end stand for anything (IAM User Guide,
/// `reference_identifiers`: `arn:aws:sqs` is `arn:aws:sqs:*:*:*`).
fn completed(resource: &str) -> Cow<'_, str> {
    let missing = ARN_FIELDS.saturating_sub(resource.split(':').count());
    if missing == 0 || !resource.starts_with("arn:") || resource.contains("${") {
        return Cow::Borrowed(resource);
    }
    Cow::Owned(resource.to_owned() + &":*".repeat(missing))
}

/// What is wrong with the document as a whole.
fn fault_of(document: &Document) -> Option<Box<str>> {
    match document.version.as_deref() {
        None | Some("2012-10-17" | "2008-10-17") => {}
        Some(other) => return Some(format!("`{other}` is no version of the policy language").into()),
    }
    document.unknown_elements.first().map(|element| unknown_element(&element.name))
}

/// What is wrong with a statement of a policy that is not attached to a resource.
fn fault_of_statement(statement: &Written) -> Option<Box<str>> {
    if let Some(element) = statement.unknown_elements.first() {
        return Some(unknown_element(&element.name));
    }
    if statement.principal.is_some() {
        return Some("it names a principal, which only policies of resources do".into());
    }
    statement.resource.is_none().then(|| "it has neither `Resource` nor `NotResource`".into())
}

fn unknown_element(name: &str) -> Box<str> {
    format!("the policy language has no element `{name}`").into()
}

#[cfg(test)]
mod tests;
