//! The facts that rules may speak of: one row a fact, and the only place where its name, type, source, meaning and
//! accessor are written down. Static checks, evidence and docs/facts.md come from here.

mod account;
mod items;
mod policies;
mod root;
mod statement;
#[cfg(test)]
mod tests;
mod user;

use crate::model::Target;

use super::subject::{Kind, Subject};
use super::value::Reading;

/// The type of a fact: which operators fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// True or false.
    Bool,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// A moment; `older_than` and `newer_than` compare its age.
    Time,
    /// A list of texts.
    Texts,
    /// A list of things that have facts of their own.
    List(Kind),
}

impl FactType {
    /// Its name in messages and docs.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Time => "a time".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::List(kind) => format!("a list of {}s", kind.as_str()).replace("policys", "policies"),
        }
    }
}

/// A fact of the vocabulary.
pub struct FactDef {
    /// Its name in rules.
    pub name: &'static str,
    /// Its type.
    pub kind: FactType,
    /// The call that tells it.
    pub source: &'static str,
    /// What it means, as a sentence.
    pub doc: &'static str,
    /// How it is read from the model.
    read: for<'a> fn(Subject<'a>) -> Reading<'a>,
}

impl FactDef {
    /// What is known of it for `subject`.
    #[must_use]
    pub fn of<'a>(&self, subject: Subject<'a>) -> Reading<'a> {
        match subject {
            Subject::Given(given) => given.read(self.name),
            subject => (self.read)(subject),
        }
    }
}

impl std::fmt::Debug for FactDef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FactDef").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

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
    }
}

/// Everything that has facts.
pub const KINDS: [Kind; 13] = [
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
];

/// The fact called `name` of `kind`.
#[must_use]
pub fn fact(kind: Kind, name: &str) -> Option<&'static FactDef> {
    facts(kind).iter().find(|fact| fact.name == name)
}

const AUTHORIZATION: &str = "iam:GetAccountAuthorizationDetails";
const REPORT: &str = "iam:GetCredentialReport";
const SUMMARY: &str = "iam:GetAccountSummary";
const PASSWORD_POLICY: &str = "iam:GetAccountPasswordPolicy";
const VIRTUAL_DEVICES: &str = "iam:ListVirtualMFADevices";

/// An accessor that was asked for a subject of another kind. The static checks never let it come to that.
const fn elsewhere<'a>() -> Reading<'a> {
    Reading::not_in_answer("portcullis", "not a fact of this kind of resource")
}

/// Builds a row.
macro_rules! row {
    ($name:literal, $kind:expr, $source:expr, $doc:literal, $pattern:pat => $reading:expr) => {
        $crate::rules::vocabulary::FactDef {
            name: $name,
            kind: $kind,
            source: $source,
            doc: $doc,
            read: |subject| match subject {
                $pattern => $reading,
                _ => $crate::rules::vocabulary::elsewhere(),
            },
        }
    };
}
use row;
