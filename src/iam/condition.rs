//! Conditions, compiled: whether a request meets them.
//!
//! All operators and all keys have to hold, each for one of its values; a `Not…` operator for none of them (IAM User
//! Guide, `reference_policies_condition-logic-multiple-context-keys-or-values`). A missing key does not match: so a
//! positive operator does not hold, a negated one does, and `…IfExists` holds either way.

use super::context::{Context, Presence, fold};
use super::document::{Condition as Written, ConditionKey};
use super::notes::Notes;
use super::operand::Operand;
use super::operator::{Comparison, Operator, Quantifier};
use super::truth::{self, Truth};

/// A condition of a statement.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition {
    tests: Vec<Test>,
}

/// One operator with one key.
#[derive(Debug, Clone)]
struct Test {
    written: Box<str>,
    key: Box<str>,
    /// The operator as written.
    name: Box<str>,
    /// `None` if AWS has no such operator.
    operator: Option<Operator>,
    operands: Vec<Operand>,
}

impl Condition {
    /// Compiles a condition; `variables` says whether its document has any.
    pub(super) fn new(condition: &Written, variables: bool) -> Self {
        let tests = condition.blocks.iter().flat_map(|block| {
            let operator = Operator::read(&block.operator);
            block.keys.iter().map(move |key| Test::new(operator, &block.operator, key, variables))
        });
        Self { tests: tests.collect() }
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// Whether the request with this context meets it.
    pub(super) fn holds<N: Notes>(&self, context: &Context, notes: &mut N) -> Truth {
        let mut result = Truth::Yes;
        for test in &self.tests {
            result = result.min(test.holds(context, notes));
            if result == Truth::No && !N::COMPLETE {
                break;
            }
        }
        result
    }

    /// The first operator that does not hold, and its key.
    pub(super) fn first_unmet(&self, context: &Context) -> Option<(&str, &str)> {
        let unmet = self.tests.iter().find(|test| test.holds(context, &mut ()) == Truth::No);
        unmet.map(|test| (test.name.as_ref(), test.written.as_ref()))
    }

    /// The keys under which the request with this context does not meet it, as written.
    pub(super) fn unmet<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a str> {
        self.tests.iter().filter(|test| test.holds(context, &mut ()) != Truth::Yes).map(|test| test.written.as_ref())
    }

    /// The condition keys that it asks for, as written, those of variables included.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().flat_map(|test| {
            std::iter::once(test.written.as_ref()).chain(test.operands.iter().flat_map(Operand::variables))
        })
    }
}

impl Test {
    fn new(operator: Option<Operator>, name: &str, key: &ConditionKey, variables: bool) -> Self {
        let operands = match operator {
            Some(operator) => {
                key.values.iter().map(|value| Operand::new(operator.comparison, value, variables)).collect()
            }
            None => Vec::new(),
        };
        Self { written: key.key.as_str().into(), key: fold(&key.key), operator, name: name.into(), operands }
    }

    fn holds<N: Notes>(&self, context: &Context, notes: &mut N) -> Truth {
        let presence = context.look(&self.key);
        if !matches!(presence, Presence::Present(_)) {
            notes.missing(&self.written);
        }
        let Some(operator) = self.operator else {
            notes.unknown(&format!("`{}` is no condition operator", self.name));
            return Truth::Unknown;
        };
        if operator.comparison == Comparison::Null {
            return self.is_null(presence, notes);
        }
        match presence {
            Presence::Open => Truth::Unknown,
            Presence::Absent | Presence::Present([]) => operator.holds_without_value().into(),
            Presence::Present(values) => self.compare(operator, values, context, notes),
        }
    }

    fn is_null<N: Notes>(&self, presence: Presence<'_>, notes: &mut N) -> Truth {
        let missing = match presence {
            Presence::Open => return Truth::Unknown,
            Presence::Absent | Presence::Present([]) => true,
            Presence::Present(_) => false,
        };
        let each = self.operands.iter().map(|operand| match operand {
            Operand::Bool(expected) => (*expected == missing).into(),
            Operand::Malformed(reason) => {
                notes.unknown(reason);
                Truth::Unknown
            }
            _ => Truth::Unknown,
        });
        truth::any_of(each, N::COMPLETE)
    }

    fn compare<N: Notes>(&self, operator: Operator, values: &[String], context: &Context, notes: &mut N) -> Truth {
        let mut holds = |value: &String| {
            let each = self.operands.iter().map(|operand| operand.matches(operator.comparison, value, context, notes));
            let matched = truth::any_of(each, N::COMPLETE);
            if operator.negated { !matched } else { matched }
        };
        match (operator.quantifier, values) {
            (None, [value]) => holds(value),
            // A key of several values matches nothing where no quantifier says how (live, aws-facts 7.12).
            (None, _) => operator.negated.into(),
            (Some(Quantifier::ForAllValues), values) => truth::all(values.iter().map(holds)),
            (Some(Quantifier::ForAnyValue), values) => truth::any(values.iter().map(holds)),
        }
    }
}

impl Operator {
    /// Whether it holds of a key that the request does not carry, or carries without a value.
    const fn holds_without_value(self) -> bool {
        match (self.if_exists, self.quantifier) {
            (true, _) | (_, Some(Quantifier::ForAllValues)) => true,
            (_, Some(Quantifier::ForAnyValue)) => false,
            (_, None) => self.negated,
        }
    }
}

#[cfg(test)]
mod tests;
