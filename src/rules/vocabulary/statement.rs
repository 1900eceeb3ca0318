//! Facts of the statements of policies, and of the conditions in them.

use crate::iam::{Principal, Statement};
use crate::rules::subject::{Kind, Subject};
use crate::rules::value::{Items, Reading, Value};

use super::table::FactType::{Bool, Choice, List, Text, Texts};
use super::table::{AUTHORIZATION, FactDef, row};

/// The effects of statements.
const EFFECTS: &[&str] = &["Allow", "Deny"];

/// Rows of a policy statement.
pub(super) const STATEMENT: &[FactDef] = &[
    row!("sid", Text, AUTHORIZATION, "Its `Sid`, if it has one.",
        Subject::Statement(statement) => Reading::plain(Value::text(statement.sid.as_deref()))),
    row!("effect", Choice(EFFECTS), AUTHORIZATION, "Whether it allows or denies.",
        Subject::Statement(statement) => Reading::plain(Value::Text(statement.effect.as_str()))),
    row!("actions", Texts, AUTHORIZATION, "Its `Action` list, as written.",
        Subject::Statement(statement) => Reading::plain(Value::list(Items::Texts(statement.actions())))),
    row!("not_actions", Texts, AUTHORIZATION, "Its `NotAction` list, as written.",
        Subject::Statement(statement) => Reading::plain(Value::list(Items::Texts(statement.not_actions())))),
    row!("resources", Texts, AUTHORIZATION, "Its `Resource` list, as written.",
        Subject::Statement(statement) => Reading::plain(Value::list(Items::Texts(statement.resources())))),
    row!("conditional", Bool, AUTHORIZATION, "Whether it has a `Condition`.",
        Subject::Statement(statement) => Reading::plain(Value::Bool(statement.has_condition()))),
    row!("not_resources", Texts, AUTHORIZATION, "Its `NotResource` list, as written.",
        Subject::Statement(statement) => Reading::plain(Value::list(Items::Texts(statement.not_resources())))),
    row!("any_principal", Bool, AUTHORIZATION,
        "Whether it is about everyone: `*`, `{\"AWS\": \"*\"}`, or all but those that `NotPrincipal` names.",
        Subject::Statement(statement) => Reading::plain(Value::Bool(statement.names_everyone()))),
    row!("principals_aws", Texts, AUTHORIZATION, "Accounts, users, roles and sessions that `Principal` names, as written.",
        Subject::Statement(statement) => principals(statement, |principal| &principal.aws)),
    row!("principals_services", Texts, AUTHORIZATION, "Services that `Principal` names.",
        Subject::Statement(statement) => principals(statement, |principal| &principal.service)),
    row!("principals_federated", Texts, AUTHORIZATION, "SAML and OIDC providers that `Principal` names.",
        Subject::Statement(statement) => principals(statement, |principal| &principal.federated)),
    row!("conditions", List(Kind::Condition), AUTHORIZATION, "The keys of its `Condition`, all of which have to hold.",
        Subject::Statement(statement) => Reading::plain(Value::list(Items::Conditions(statement.conditions())))),
];

/// Rows of a key in a condition.
pub(super) const CONDITION: &[FactDef] = &[
    row!("operator", Text, AUTHORIZATION, "The operator, as written, such as `StringEquals`.",
        Subject::Condition(operator, _) => Reading::plain(Value::Text(operator))),
    row!("key", Text, AUTHORIZATION, "The key, as written, such as `aws:MultiFactorAuthPresent`; its case does not matter.",
        Subject::Condition(_, key) => Reading::plain(Value::Text(&key.key))),
    row!("values", Texts, AUTHORIZATION, "The values, one of which has to fit.",
        Subject::Condition(_, key) => Reading::plain(Value::list(Items::Texts(&key.values)))),
];

fn principals(statement: &Statement, of: impl FnOnce(&Principal) -> &[String]) -> Reading<'_> {
    Reading::plain(Value::list(Items::Texts(statement.principals().map_or(&[], of))))
}
