//! One request against the policies of its user: what we decide.

use std::fmt;

use portcullis::iam::{Condition, ConditionKey, Context, Document, Policies, Policy, Presence, Request, Verdict};
use serde_json::Value;

use super::calls::Keys;
use super::generate::Place;

/// A request and policies.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// The policies, as sent and as read.
    pub(super) policies: Vec<(Place, Value, Document)>,
    /// The action.
    pub(super) action: String,
    /// The resource.
    pub(super) resource: String,
    /// The condition keys.
    pub(super) keys: Keys,
}

impl Case {
    /// The request for `action` on `resource`.
    pub(super) fn new(policies: &[(Place, Value)], action: &str, resource: &str, keys: Keys) -> Self {
        let read = |(place, value): &(Place, Value)| (*place, value.clone(), document(value));
        Self { policies: policies.iter().map(read).collect(), action: action.into(), resource: resource.into(), keys }
    }

    /// What we decide.
    pub(super) fn verdict(&self) -> Verdict {
        let compiled: Vec<(Place, Policy)> =
            self.policies.iter().map(|(place, _, document)| (*place, Policy::new("p", document))).collect();
        let of = |is_boundary: bool| {
            let found = compiled.iter().filter(move |(place, _)| (*place == Place::Boundary) == is_boundary);
            found.map(|(_, policy)| policy)
        };
        let policies = Policies { identity: of(false).collect(), boundary: of(true).next(), scps: Vec::new() };
        let request = Request::new(&*self.action, &*self.resource).with_context(self.context());
        let verdict = policies.verdict(&request);
        assert_eq!(policies.decide(&request).verdict, verdict, "the two ways to decide\n{self}");
        verdict
    }

    fn context(&self) -> Context {
        self.keys.iter().fold(Context::new(), |context, (key, values)| context.with_all(key, values.clone()))
    }

    /// The values of a condition key in the request.
    pub(super) fn values(&self, key: &str) -> Option<Vec<String>> {
        match self.context().get(key) {
            Presence::Present(values) => Some(values.to_vec()),
            Presence::Absent | Presence::Open => None,
        }
    }

    /// The conditions of all statements.
    pub(super) fn conditions(&mut self) -> impl Iterator<Item = &mut Condition> {
        let statements = self.policies.iter_mut().flat_map(|(_, _, document)| &mut document.statements);
        statements.filter_map(|statement| statement.condition.as_mut())
    }

    /// Rewrites every test of every condition: operator, key and values.
    pub(super) fn rewrite(&mut self, mut test: impl FnMut(&mut String, &mut ConditionKey)) {
        for condition in self.conditions() {
            for mut block in std::mem::take(&mut condition.blocks) {
                for mut key in std::mem::take(&mut block.keys) {
                    let mut operator = block.operator.clone();
                    test(&mut operator, &mut key);
                    condition.blocks.push(portcullis::iam::ConditionBlock { operator, keys: vec![key] });
                }
            }
        }
    }

    /// Reads the policies again, each changed by `edit`.
    pub(super) fn edit(&mut self, edit: impl Fn(&mut Value)) {
        for (_, value, read) in &mut self.policies {
            edit(value);
            *read = document(value);
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value, _) in &self.policies {
            writeln!(formatter, "{place:?}: {value}")?;
        }
        write!(formatter, "{} on {}\nkeys: {:?}", self.action, self.resource, self.keys)
    }
}

fn document(value: &Value) -> Document {
    Document::parse(&value.to_string()).unwrap_or_else(|error| panic!("{value}: {error}"))
}
