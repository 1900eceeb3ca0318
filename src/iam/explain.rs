//! What a person wants to know of a decision beside the statements that made it.

use super::context::{Context, Presence};
use super::decide::{Layer, Policies, StatementRef};
use super::document::Effect;
use super::policy::{Policy, Statement};
use super::request::Request;
use super::truth::Truth;

impl Policy {
    /// The condition keys that the statement at `index` asks for, as written, each once; none if it has no condition.
    #[must_use]
    pub fn condition_keys(&self, index: usize) -> Vec<&str> {
        each_once(self.statements().get(index).into_iter().flat_map(|statement| statement.condition.keys()))
    }

    /// Those of them under which `request` does not meet its condition.
    #[must_use]
    pub fn unmet_keys<'a>(&'a self, index: usize, request: &'a Request) -> Vec<&'a str> {
        let statement = self.statements().get(index).into_iter();
        each_once(statement.flat_map(|statement| statement.condition.unmet(&request.context)))
    }

    /// Where the statements stand that would allow `request`, were it not for their conditions.
    fn nearly<'a>(&'a self, request: &'a Request) -> impl Iterator<Item = (usize, &'a Statement)> {
        self.statements().iter().enumerate().filter(move |(_, statement)| {
            statement.effect == Effect::Allow
                && statement.is_about(request)
                && statement.condition.holds(&request.context, &mut ()) == Truth::No
        })
    }
}

impl Policies<'_> {
    /// The statements of `layer` that would allow `request`, were it not for their conditions.
    #[must_use]
    pub fn nearly(&self, layer: Layer, request: &Request) -> Vec<StatementRef> {
        let of_layer = self.layers().filter(|(this, _)| *this == layer).flat_map(|(_, policies)| policies);
        let nearly = of_layer.flat_map(|policy| policy.nearly(request).map(move |found| (policy, found)));
        nearly
            .map(|(policy, (index, statement))| StatementRef {
                policy: policy.shared_name(),
                sid: statement.sid.clone(),
                index,
            })
            .collect()
    }

    /// The policies of `layer`.
    pub fn of(&self, layer: Layer) -> impl Iterator<Item = &Policy> {
        self.layers().filter(move |(this, _)| *this == layer).flat_map(|(_, policies)| policies.iter().copied())
    }
}

impl Context {
    /// What it says of `key`, for people: `is absent`, `is VALUE`, `is VALUE, VALUE`, `is empty` or `is not known`.
    #[must_use]
    pub fn describe(&self, key: &str) -> String {
        match self.get(key) {
            Presence::Present([]) => "is empty".to_owned(),
            Presence::Present([value]) if value.is_empty() => "is \"\"".to_owned(),
            Presence::Present(values) => format!("is {}", values.join(", ")),
            Presence::Absent => "is absent".to_owned(),
            Presence::Open => "is not known".to_owned(),
        }
    }
}

fn each_once<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = Vec::new();
    for key in all {
        if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            keys.push(key);
        }
    }
    keys
}

#[cfg(test)]
mod tests;
