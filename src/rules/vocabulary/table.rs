//! What a row of the vocabulary is made of.

use jiff::Timestamp;

use crate::rules::subject::{Kind, Subject};
use crate::rules::value::{Reading, Value};

/// The type of a fact: which operators fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// True or false.
    Bool,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// Text that is one of a few values, which are listed.
    Choice(&'static [&'static str]),
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
            Self::Choice(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                format!("one of {}", values.join(" "))
            }
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
    pub(super) read: for<'a> fn(Subject<'a>) -> Reading<'a>,
}

impl FactDef {
    /// What is known of it for `subject`.
    #[must_use]
    pub fn of<'a>(&self, subject: Subject<'a>) -> Reading<'a> {
        match subject {
            Subject::Given(given) => Reading::given(given, self.name),
            subject => (self.read)(subject),
        }
    }
}

impl std::fmt::Debug for FactDef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FactDef").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

pub(super) const AUTHORIZATION: &str = "iam:GetAccountAuthorizationDetails";
pub(super) const REPORT: &str = "iam:GetCredentialReport";
pub(super) const SUMMARY: &str = "iam:GetAccountSummary";
pub(super) const PASSWORD_POLICY: &str = "iam:GetAccountPasswordPolicy";
pub(super) const VIRTUAL_DEVICES: &str = "iam:ListVirtualMFADevices";

/// An accessor that was asked for a subject of another kind. The static checks never let it come to that.
pub(super) const fn elsewhere<'a>() -> Reading<'a> {
    Reading::not_in_answer("portcullis", "not a fact of this kind of resource")
}

/// A date that everything of its sort has: where `source`'s answer lacks it, it is unknown, not absent.
pub(super) fn dated<'a>(time: Option<Timestamp>, source: &'static str) -> Reading<'a> {
    match time {
        Some(time) => Reading::plain(Value::Time(time)),
        None => Reading::not_in_answer(source, "the answer has no date"),
    }
}

/// Builds a row.
macro_rules! row {
    ($name:literal, $kind:expr, $source:expr, $doc:literal, $pattern:pat => $reading:expr) => {
        $crate::rules::vocabulary::table::FactDef {
            name: $name,
            kind: $kind,
            source: $source,
            doc: $doc,
            read: |subject| match subject {
                $pattern => $reading,
                _ => $crate::rules::vocabulary::table::elsewhere(),
            },
        }
    };
}
pub(super) use row;
