//! The facts that rules may speak of: one row a fact, and the only place where its name, type, source, meaning and
//! accessor are written down. Static checks, evidence and docs/facts.md come from here.

mod account;
mod guard;
mod items;
mod policies;
mod root;
mod statement;
mod table;
mod user;

use crate::model::Target;

use super::subject::Kind;

pub use table::{FactDef, FactType};

/// The facts of `kind`.
#[must_use]
pub const fn facts(kind: Kind) -> &'static [FactDef] {
    match kind {
        Kind::Target(Target::Account) => account::FACTS,
        Kind::Target(Target::Root) => root::FACTS,
        Kind::Target(Target::User) => user::FACTS,
        Kind::Target(Target::Group) => policies::GROUP,
        Kind::Target(Target::Role) => policies::ROLE,
        Kind::Target(Target::Policy) => policies::POLICY,
        Kind::AccessKey => items::ACCESS_KEY,
        Kind::MfaDevice => items::MFA_DEVICE,
        Kind::AttachedPolicy => items::ATTACHED_POLICY,
        Kind::InlinePolicy => items::INLINE_POLICY,
        Kind::Tag => items::TAG,
        Kind::Statement => statement::STATEMENT,
        Kind::Condition => statement::CONDITION,
        Kind::Guard => guard::GUARD,
    }
}

/// Everything that has facts.
pub const KINDS: [Kind; 14] = [
    Kind::Target(Target::Account),
    Kind::Target(Target::Root),
    Kind::Target(Target::User),
    Kind::Target(Target::Group),
    Kind::Target(Target::Role),
    Kind::Target(Target::Policy),
    Kind::AccessKey,
    Kind::MfaDevice,
    Kind::AttachedPolicy,
    Kind::InlinePolicy,
    Kind::Tag,
    Kind::Statement,
    Kind::Condition,
    Kind::Guard,
];

/// The fact called `name` of `kind`.
#[must_use]
pub fn fact(kind: Kind, name: &str) -> Option<&'static FactDef> {
    facts(kind).iter().find(|fact| fact.name == name)
}

#[cfg(test)]
mod tests;
