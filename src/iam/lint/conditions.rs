//! Conditions that cannot be evaluated, can never hold, or mean something else than they seem to.

use crate::iam::document::{ConditionKey, Effect, Statement};
use crate::iam::mfa::PRESENT;
use crate::iam::operand::Operand;
use crate::iam::operator::{Comparison, Operator, Quantifier};

use super::places::At;
use super::{Lint, Looking};

/// The number of fields of an ARN.
const ARN_FIELDS: usize = 6;

/// Keys that AWS documents as multi-valued (IAM User Guide, `reference_policies_condition-keys`).
const MANY_VALUED: [&str; 4] =
    ["aws:TagKeys", "aws:PrincipalOrgPaths", "aws:CalledVia", "aws:PrincipalServiceNamesList"];

pub(super) fn look(looking: &mut Looking<'_>) {
    let document = looking.document;
    for (index, statement) in document.statements.iter().enumerate() {
        for (block, written) in statement.conditions().iter().enumerate() {
            let Some(operator) = Operator::read(&written.operator) else {
                let message = format!("there is no condition operator `{}`", written.operator);
                looking.found(Lint::UnknownOperator, At::Operator(index, block), message);
                continue;
            };
            for (nth, key) in written.keys.iter().enumerate() {
                let test = Test { index, block, nth, name: &written.operator, operator, key };
                test.values(looking);
                test.key(looking, statement);
                test.mfa(looking, statement.effect);
            }
        }
        contradictions(looking, index, statement);
    }
}

/// A key under an operator.
struct Test<'a> {
    index: usize,
    block: usize,
    nth: usize,
    name: &'a str,
    operator: Operator,
    key: &'a ConditionKey,
}

impl Test<'_> {
    fn at(&self) -> At<'static> {
        At::Key(self.index, self.block, self.nth)
    }

    fn values(&self, looking: &mut Looking<'_>) {
        let (key, has_variables) = (&self.key.key, looking.document.has_variables());
        if self.key.values.is_empty() {
            looking.found(Lint::EmptyValues, self.at(), format!("`{key}` has no values"));
        }
        for (nth, value) in self.key.values.iter().enumerate() {
            let at = At::Value(self.index, self.block, self.nth, nth);
            let is_text =
                matches!(self.operator.comparison, Comparison::Equals { .. } | Comparison::Like | Comparison::Arn);
            if is_text && value.contains("${") && !has_variables {
                let message = "the variable is plain text in a document of this version".to_owned();
                looking.found(Lint::VariableIsText, at, message);
            }
            if let Some(reason) = self.fault(value, has_variables) {
                let lint =
                    if self.operator.comparison == Comparison::Arn { Lint::MalformedArn } else { Lint::MalformedValue };
                looking.found(lint, at, reason);
            }
            if matches!(self.operator.comparison, Comparison::Equals { .. })
                && without_variables(value).contains(['*', '?'])
            {
                let message = format!("under `{}`, `{value}` has no wildcards", self.name);
                looking.found(Lint::WildcardIsText, at, message);
            }
        }
    }

    /// Why the operator cannot do anything with a value.
    fn fault(&self, value: &str, has_variables: bool) -> Option<String> {
        let text = without_variables(value);
        match self.operator.comparison {
            Comparison::Arn => {
                let is_arn =
                    text.matches(':').count() + 1 >= ARN_FIELDS && (text.starts_with("arn:") || text.starts_with('*'));
                let may_be = has_variables && text.is_empty() && !value.is_empty();
                (!is_arn && !may_be).then(|| format!("`{value}` is no ARN"))
            }
            Comparison::Bool => {
                let is_bool = value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false");
                (!is_bool).then(|| format!("`{value}` is neither `true` nor `false`, and counts as `false`"))
            }
            comparison => match Operand::new(comparison, value, has_variables) {
                Operand::Malformed(reason) => Some(reason.into()),
                _ => None,
            },
        }
    }

    fn key(&self, looking: &mut Looking<'_>, statement: &Statement) {
        let key = &self.key.key;
        let is_many = MANY_VALUED.iter().any(|many| many.eq_ignore_ascii_case(key));
        if is_many && self.operator.quantifier.is_none() && self.operator.comparison != Comparison::Null {
            let message = format!("`{key}` has several values, and `{}` no set operator", self.name);
            looking.found(Lint::ManyValuedKey, self.at(), message);
        }
        let holds_without = self.operator.quantifier == Some(Quantifier::ForAllValues);
        if holds_without && statement.effect == Effect::Allow && !requires(statement, key) {
            let message = format!("the statement allows requests without any `{key}` too");
            looking.found(Lint::ForAllWithoutNull, self.at(), message);
        }
    }

    /// Whether the statement means callers with or without MFA as it says.
    fn mfa(&self, looking: &mut Looking<'_>, effect: Effect) {
        if !self.key.key.eq_ignore_ascii_case(PRESENT) || self.operator.comparison == Comparison::Null {
            return;
        }
        let is = |text: &str| self.key.values.iter().any(|value| value.eq_ignore_ascii_case(text));
        // What it asks for, whichever way it is said.
        let asks_without = if self.operator.negated { is("true") } else { is("false") };
        let asks_with = if self.operator.negated { is("false") } else { is("true") };
        let holds_without_key = self.operator.if_exists
            || self.operator.quantifier == Some(Quantifier::ForAllValues)
            || self.operator.negated && self.operator.quantifier.is_none();
        if effect == Effect::Deny && asks_without && !asks_with && !holds_without_key {
            let message = format!("`{}` does not hold for requests of access keys, so they are not denied", self.name);
            looking.found(Lint::MissesAccessKeys, self.at(), message);
        }
        if effect == Effect::Allow && asks_with && !asks_without && holds_without_key {
            let message = format!("`{}` holds for requests of access keys, so they are allowed without MFA", self.name);
            looking.found(Lint::AllowsWithoutMfa, self.at(), message);
        }
    }
}

/// Whether a statement asks for `key` to be there.
fn requires(statement: &Statement, key: &str) -> bool {
    statement.conditions().iter().any(|block| {
        let same = block.keys.iter().filter(|other| other.key.eq_ignore_ascii_case(key));
        let mut values = same.flat_map(|other| &other.values);
        block.operator == "Null" && values.any(|value| value.eq_ignore_ascii_case("false"))
            || block.operator.starts_with("ForAnyValue:")
                && !block.operator.ends_with("IfExists")
                && values.next().is_some()
    })
}

/// A text without its `${…}`.
fn without_variables(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once("${") {
        let Some((_, after)) = behind.split_once('}') else { break };
        plain.push_str(before);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// What a condition asks of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// That it is not there.
    Absent,
    /// That it is there.
    Present,
    /// That it is true, if it is there.
    True,
    /// That it is false, if it is there.
    False,
}

/// Keys of which two things are asked that cannot be at once.
fn contradictions(looking: &mut Looking<'_>, index: usize, statement: &Statement) {
    let mut wishes: Vec<(&str, Wish)> = Vec::new();
    for (block, written) in statement.conditions().iter().enumerate() {
        let Some(operator) = Operator::read(&written.operator) else { continue };
        for (nth, key) in written.keys.iter().enumerate() {
            let new = wishes_of(operator, key);
            let known = wishes.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&key.key));
            let is_contradiction = known.clone().any(|(_, known)| new.iter().any(|new| clash(*known, *new)))
                // Each is fine alone if it need not be there.
                && (new.contains(&Wish::Present)
                    || new.contains(&Wish::Absent)
                    || known.clone().any(|(_, known)| matches!(known, Wish::Present | Wish::Absent)));
            if is_contradiction {
                let message =
                    format!("`{}` cannot be what `{}` and the operators before it ask for", key.key, written.operator);
                looking.found(Lint::ContradictoryCondition, At::Key(index, block, nth), message);
            }
            wishes.extend(new.into_iter().map(|wish| (key.key.as_str(), wish)));
        }
    }
}

const fn clash(one: Wish, other: Wish) -> bool {
    matches!(
        (one, other),
        (Wish::Absent, Wish::Present)
            | (Wish::Present, Wish::Absent)
            | (Wish::True, Wish::False)
            | (Wish::False, Wish::True)
    )
}

fn wishes_of(operator: Operator, key: &ConditionKey) -> Vec<Wish> {
    let is = |text: &str| key.values.iter().any(|value| value.eq_ignore_ascii_case(text));
    let asks = match (is("true"), is("false")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    };
    if operator.comparison == Comparison::Null {
        return asks.map(|absent| if absent { Wish::Absent } else { Wish::Present }).into_iter().collect();
    }
    let needs_it = !operator.if_exists
        && match operator.quantifier {
            Some(quantifier) => quantifier == Quantifier::ForAnyValue,
            None => !operator.negated,
        };
    let mut wishes = Vec::new();
    if needs_it {
        wishes.push(Wish::Present);
    }
    if operator.comparison == Comparison::Bool && operator.quantifier.is_none() {
        wishes.extend(asks.map(|is_true| if is_true { Wish::True } else { Wish::False }));
    }
    wishes
}
