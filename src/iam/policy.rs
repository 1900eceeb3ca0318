//! A policy document, compiled once to be asked many times.

use std::borrow::Cow;
use std::sync::Arc;

use super::condition::Condition;
use super::context::Context;
use super::document::{Document, Effect, Elements, Statement as Written};
use super::notes::Notes;
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

    /// A policy that allows everything.
    #[must_use]
    pub fn allowing_everything(name: impl Into<Arc<str>>) -> Self {
        let statement = about_everything(Effect::Allow);
        Self { name: name.into(), statements: [Statement::new(&statement, false, None)].into(), unreadable: None }
    }

    /// Whether it could not be read.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        self.unreadable.is_some()
    }

    /// Whether what it says may differ between principals of an account, beyond the names of their own resources:
    /// a condition asks for a key of the principal, or a resource has a variable other than `aws:username`.
    #[must_use]
    pub fn depends_on_principal(&self) -> bool {
        let of_principal = |key: &str| PRINCIPAL_KEYS.iter().any(|prefix| starts_with(key, prefix));
        self.statements.iter().any(|statement| {
            let mut variables = statement.resources.patterns.iter().flat_map(Template::variables);
            statement.condition.keys().any(of_principal)
                || variables.any(|key| of_principal(key) && !key.eq_ignore_ascii_case("aws:username"))
        })
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

    /// Whether it allows `action` on some resource, perhaps under conditions.
    pub(super) fn allows_action(&self, action: &str) -> bool {
        let mut allows = self.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        allows.any(|statement| statement.is_about_action(action))
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
                |resource| {
                    Patterns::new(resource, |text| Template::new(&completed(text, variables), Style::Wild, variables))
                },
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

    /// Whether its condition is met, whatever the action and the resource; never for certain where it is malformed.
    pub(super) fn applies(&self, context: &Context) -> Truth {
        let condition = self.condition.holds(context, &mut ());
        if self.malformed.is_some() { condition.min(Truth::Unknown) } else { condition }
    }

    /// Whether it cannot be evaluated.
    pub(super) const fn is_malformed(&self) -> bool {
        self.malformed.is_some()
    }

    /// Whether it has no condition.
    pub(super) fn is_unconditional(&self) -> bool {
        self.condition.is_empty()
    }

    /// How it is told: by the name of its policy, and its `Sid` or its place in it, from 1.
    pub(super) fn told(&self, policy: &str, index: usize) -> String {
        match &self.sid {
            Some(sid) => format!("{policy} {sid}"),
            None => format!("{policy} statement {}", index + 1),
        }
    }

    /// Whether the statement is about this action and resource, whatever its condition.
    pub(super) fn is_about(&self, request: &Request) -> bool {
        self.is_about_action(&request.action)
            && self.is_about_resource(&request.resource, &request.context, &mut ()) == Truth::Yes
    }

    /// Whether it is about this action.
    pub(super) fn is_about_action(&self, action: &str) -> bool {
        self.actions.except != self.actions.patterns.iter().any(|pattern| pattern.matches_ignore_case(action))
    }

    /// Whether it is about this resource, in a request with this context.
    pub(super) fn is_about_resource<N: Notes>(&self, resource: &str, context: &Context, notes: &mut N) -> Truth {
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
    pub(super) fn new(elements: &Elements, compile: impl Fn(&str) -> T) -> Self {
        let (list, except) = match elements {
            Elements::Listed(list) => (list, false),
            Elements::Except(list) => (list, true),
        };
        Self { patterns: list.iter().map(|text| compile(text)).collect(), except }
    }
}

fn about_everything(effect: Effect) -> Written {
    let all = || Elements::Listed(vec!["*".to_owned()]);
    Written {
        sid: None,
        effect,
        principal: None,
        action: all(),
        resource: Some(all()),
        condition: None,
        unknown_elements: Vec::new(),
    }
}

/// How the keys begin that tell who a principal is.
const PRINCIPAL_KEYS: [&str; 3] = ["aws:principal", "aws:username", "aws:userid"];

fn starts_with(key: &str, prefix: &str) -> bool {
    key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// An ARN with fewer than its six fields stands for one with `*` in those that it lacks (IAM User Guide,
/// `reference-arns`: "AWS automatically completes the ARN by adding wildcard characters").
fn completed(resource: &str, variables: bool) -> Cow<'_, str> {
    if !resource.starts_with("arn:") {
        return Cow::Borrowed(resource);
    }
    let mut colons = 0_usize;
    let mut rest = resource;
    loop {
        let (before, behind) = rest.split_once("${").filter(|_| variables).unwrap_or((rest, ""));
        colons += before.matches(':').count();
        match behind.split_once('}') {
            Some((_, after)) => rest = after,
            None => break,
        }
    }
    match 5_usize.saturating_sub(colons) {
        0 => Cow::Borrowed(resource),
        missing => Cow::Owned(format!("{resource}{}", ":*".repeat(missing))),
    }
}

/// What is wrong with the document as a whole.
pub(super) fn fault_of(document: &Document) -> Option<Box<str>> {
    match document.version.as_deref() {
        None | Some("2012-10-17" | "2008-10-17") => {}
        Some(other) => return Some(format!("`{other}` is no version of the policy language").into()),
    }
    document.unknown_names().next().map(unknown_element)
}

/// What is wrong with a statement of a policy that is not attached to a resource.
fn fault_of_statement(statement: &Written) -> Option<Box<str>> {
    if let Some(name) = statement.unknown_names().next() {
        return Some(unknown_element(name));
    }
    if statement.principal.is_some() {
        return Some("it names a principal, which only policies of resources do".into());
    }
    statement.resource.is_none().then(|| "it has neither `Resource` nor `NotResource`".into())
}

pub(super) fn unknown_element(name: &str) -> Box<str> {
    format!("the policy language has no element `{name}`").into()
}

#[cfg(test)]
mod tests;
