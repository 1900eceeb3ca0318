//! What a fact's accessor gives: a value borrowed from the snapshot, where it came from, or why it is not known.

use jiff::Timestamp;
use serde_json::json;

use crate::iam::{ConditionBlock, Statement};
use crate::model::{AccessKey, AttachedPolicy, Fact, GapKind, InlinePolicy, MfaDevice, Origin, Tag};

use super::given::{Given, GivenValue};
use super::index::{Guard, Seen};
use super::subject::Subject;
pub use super::unknown::Unknown;

/// A value of the vocabulary, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Known to be none: a key that was never used has no last use.
    Absent,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(&'a str),
    /// A moment.
    Time(Timestamp),
    /// A list.
    List(List<'a>),
}

/// A list, perhaps known only in part.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The entries that are known.
    pub items: Items<'a>,
    /// Why there may be more; `None` if these are all.
    pub rest: Option<Unknown<'a>>,
}

/// The entries of a list.
#[derive(Debug, Clone, Copy)]
pub enum Items<'a> {
    /// Texts.
    Texts(&'a [String]),
    /// Access keys.
    AccessKeys(&'a [AccessKey]),
    /// MFA devices.
    MfaDevices(&'a [MfaDevice]),
    /// Attached managed policies.
    AttachedPolicies(&'a [AttachedPolicy]),
    /// Embedded policies.
    InlinePolicies(&'a [InlinePolicy]),
    /// Tags.
    Tags(&'a [Tag]),
    /// Statements of a policy document.
    Statements(&'a [Statement]),
    /// The keys in the condition of a statement, block after block.
    Conditions(&'a [ConditionBlock]),
    /// Policies that deny what has no MFA.
    Guards(&'a [Guard]),
    /// Things that were written down as facts.
    Given(&'a [Given]),
}

/// What was read for one fact of one resource.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The value, or why there is none.
    pub value: Result<Value<'a>, Unknown<'a>>,
    /// Where it came from; `None` for what is known by listing the resource itself.
    pub origin: Option<&'a Origin>,
}

impl<'a> Reading<'a> {
    /// A value without an origin of its own.
    #[must_use]
    pub const fn plain(value: Value<'a>) -> Self {
        Self { value: Ok(value), origin: None }
    }

    /// A value that is not known.
    #[must_use]
    pub const fn unknown(unknown: Unknown<'a>) -> Self {
        Self { value: Err(unknown), origin: None }
    }

    /// A field that `source`'s answer lacks.
    #[must_use]
    pub const fn not_in_answer(source: &'a str, reason: &'a str) -> Self {
        Self::unknown(Unknown { kind: GapKind::NotInAnswer, source, reason })
    }

    /// What a case gives for the fact called `name`.
    #[must_use]
    pub fn given(given: &'a Given, name: &str) -> Self {
        match given.get(name) {
            Some(value) => Self::of_given(value),
            None => Self::unknown(not_given("the case does not give it")),
        }
    }

    fn of_given(value: &'a GivenValue) -> Self {
        let list = |items, rest: Option<&'a str>| Value::List(List { items, rest: rest.map(not_given) });
        Self::plain(match value {
            GivenValue::Unknown(reason) => return Self::unknown(not_given(reason)),
            GivenValue::Absent => Value::Absent,
            GivenValue::Bool(value) => Value::Bool(*value),
            GivenValue::Number(value) => Value::Number(*value),
            GivenValue::Text(value) => Value::Text(value),
            GivenValue::Time(value) => Value::Time(*value),
            GivenValue::Texts(items, rest) => list(Items::Texts(items), rest.as_deref()),
            GivenValue::List(items, rest) => list(Items::Given(items), rest.as_deref()),
        })
    }

    /// The view of `read` on a fact of the model.
    pub fn of<T>(fact: &'a Fact<T>, read: impl FnOnce(&'a T) -> Value<'a>) -> Self {
        match fact {
            Fact::Known { value, origin } => Self { value: Ok(read(value)), origin: Some(origin) },
            Fact::AtLeast { value, origin, rest } => {
                let value = match read(value) {
                    Value::List(list) => Ok(Value::List(List { rest: Some(rest.into()), ..list })),
                    _ => Err(rest.into()),
                };
                Self { value, origin: Some(origin) }
            }
            Fact::Unknown(gap) => Self::unknown(gap.into()),
        }
    }
}

impl<'a> Value<'a> {
    /// A list of which every entry is known.
    #[must_use]
    pub const fn list(items: Items<'a>) -> Self {
        Self::List(List { items, rest: None })
    }

    /// A list of which these are known, and why there may be more.
    #[must_use]
    pub fn seen<T>((known, rest): Seen<'a, T>, items: impl FnOnce(&'a [T]) -> Items<'a>) -> Self {
        Self::List(List { items: items(known), rest })
    }

    /// A text, or its absence.
    #[must_use]
    pub fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }

    /// A moment, or its absence.
    #[must_use]
    pub fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Absent, Self::Time)
    }

    /// The value as evidence.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Self::Absent => serde_json::Value::Null,
            Self::Bool(value) => json!(value),
            Self::Number(value) => json!(value),
            Self::Text(value) => json!(value),
            Self::Time(value) => json!(value.to_string()),
            Self::List(list) => list.items.to_json(),
        }
    }
}

impl<'a> Items<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Texts(items) => items.len(),
            Self::AccessKeys(items) => items.len(),
            Self::MfaDevices(items) => items.len(),
            Self::AttachedPolicies(items) => items.len(),
            Self::InlinePolicies(items) => items.len(),
            Self::Tags(items) => items.len(),
            Self::Statements(items) => items.len(),
            Self::Conditions(blocks) => blocks.iter().map(|block| block.keys.len()).sum(),
            Self::Guards(items) => items.len(),
            Self::Given(items) => items.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entry at `at` as something that conditions can be asked of; texts are no such thing.
    #[must_use]
    pub fn subject(self, at: usize) -> Option<Subject<'a>> {
        match self {
            Self::Texts(_) => None,
            Self::AccessKeys(items) => items.get(at).map(Subject::AccessKey),
            Self::MfaDevices(items) => items.get(at).map(Subject::MfaDevice),
            Self::AttachedPolicies(items) => items.get(at).map(Subject::AttachedPolicy),
            Self::InlinePolicies(items) => items.get(at).map(Subject::InlinePolicy),
            Self::Tags(items) => items.get(at).map(Subject::Tag),
            Self::Statements(items) => items.get(at).map(Subject::Statement),
            Self::Conditions(blocks) => {
                let key = |block: &'a ConditionBlock| block.keys.iter().map(|key| (block.operator.as_str(), key));
                blocks.iter().flat_map(key).nth(at).map(|(operator, key)| Subject::Condition(operator, key))
            }
            Self::Guards(items) => items.get(at).map(Subject::Guard),
            Self::Given(items) => items.get(at).map(Subject::Given),
        }
    }

    fn to_json(self) -> serde_json::Value {
        match self {
            Self::Texts(items) => json!(items),
            Self::AccessKeys(items) => json!(items),
            Self::MfaDevices(items) => json!(items),
            Self::AttachedPolicies(items) => json!(items),
            Self::InlinePolicies(items) => items.iter().map(|policy| json!(policy.name)).collect(),
            Self::Tags(items) => json!(items),
            Self::Statements(items) => items.iter().map(statement).collect(),
            Self::Conditions(blocks) => conditions(blocks),
            Self::Guards(items) => items.iter().map(guard).collect(),
            Self::Given(items) => items.iter().map(given).collect(),
        }
    }
}

const fn not_given(reason: &str) -> Unknown<'_> {
    Unknown { kind: GapKind::Failed, source: "case", reason }
}

fn given(given: &Given) -> serde_json::Value {
    let shown = |value| Reading::of_given(value).value.map_or(json!("unknown"), Value::to_json);
    let facts: serde_json::Map<_, _> = given.all().map(|(name, value)| (name.to_owned(), shown(value))).collect();
    serde_json::Value::Object(facts)
}

fn guard(guard: &Guard) -> serde_json::Value {
    let worth = &guard.worth;
    let (flaws, _) = worth.flaws();
    json!({
        "policy": guard.policy,
        "holder": guard.holder,
        "ours": worth.ours,
        "variant": worth.variant().ok(),
        "intact": worth.intact().ok(),
        "flaws": flaws,
    })
}

fn statement(statement: &Statement) -> serde_json::Value {
    json!({
        "sid": statement.sid,
        "effect": statement.effect.as_str(),
        "actions": statement.actions(),
        "not_actions": statement.not_actions(),
        "resources": statement.resources(),
        "not_resources": statement.not_resources(),
        "principals": statement.principals().map(|principal| json!({
            "everyone": principal.everyone,
            "aws": principal.aws,
            "service": principal.service,
            "federated": principal.federated,
        })),
        "conditions": conditions(statement.conditions()),
    })
}

fn conditions(blocks: &[ConditionBlock]) -> serde_json::Value {
    let key = |block: &ConditionBlock| {
        let operator = block.operator.clone();
        block
            .keys
            .iter()
            .map(move |key| json!({ "operator": operator, "key": key.key, "values": key.values }))
            .collect::<Vec<_>>()
    };
    blocks.iter().flat_map(key).collect()
}
