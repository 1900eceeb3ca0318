//! What a case is about: the parts of its policies on which our decision rests.

use std::collections::BTreeSet;

use portcullis::iam::{Condition, Document, Elements, Statement};

use super::case::Case;
use super::generate::Place;
use super::readings::Reading;

/// Everything that has to decide often enough.
pub(super) const STRATA: [&str; 32] = [
    "Allow",
    "Deny",
    "NotAction",
    "NotResource",
    "action *",
    "action ?",
    "action in other case",
    "resource *",
    "resource ?",
    "variable",
    "old version",
    "String",
    "Numeric",
    "Date",
    "Bool",
    "Binary",
    "IpAddress",
    "Arn",
    "Null",
    "negated",
    "IfExists",
    "ForAllValues",
    "ForAnyValue",
    "unknown operator",
    "several values",
    "inline",
    "managed",
    "group inline",
    "group managed",
    "boundary",
    "session",
    "our guards",
];

/// The strata of a case: those of every statement without which, or without whose condition, we would decide otherwise.
pub(super) fn strata(case: &Case) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let verdict = case.verdict();
    for (nth, (place, _, document)) in case.policies.iter().enumerate() {
        for (index, statement) in document.statements.iter().enumerate() {
            let mut without = case.clone();
            without.policies[nth].2.statements.remove(index);
            let mut unconditional = case.clone();
            unconditional.policies[nth].2.statements[index].condition = None;
            if without.verdict() != verdict || unconditional.verdict() != verdict {
                found.insert(match place {
                    Place::User => "inline",
                    Place::UserManaged => "managed",
                    Place::Group => "group inline",
                    Place::GroupManaged => "group managed",
                    Place::Boundary => "boundary",
                });
                of_statement(document, statement, &mut found);
            }
        }
    }
    if case.values("aws:TokenIssueTime").is_some() {
        found.insert("session");
    }
    found
}

fn of_statement(document: &Document, statement: &Statement, found: &mut BTreeSet<&'static str>) {
    found.insert(statement.effect.as_str());
    let (Elements::Listed(actions) | Elements::Except(actions)) = &statement.action;
    let no_resources = Elements::Listed(Vec::new());
    let (Elements::Listed(resources) | Elements::Except(resources)) =
        statement.resource.as_ref().unwrap_or(&no_resources);
    let has = |patterns: &[String], part: &str| patterns.iter().any(|pattern| pattern.contains(part));
    let flat = |pattern: &String| {
        let name = pattern.split_once(':').map_or("", |(_, name)| name);
        name.len() > 1 && (*name == name.to_ascii_lowercase() || *name == name.to_ascii_uppercase())
    };
    let marks = [
        ("NotAction", matches!(statement.action, Elements::Except(_))),
        ("NotResource", matches!(statement.resource, Some(Elements::Except(_)))),
        ("action *", has(actions, "*")),
        ("action ?", has(actions, "?")),
        ("action in other case", actions.iter().any(flat)),
        ("resource *", has(resources, "*")),
        ("resource ?", has(resources, "?")),
        ("variable", has(resources, "${") && document.has_variables()),
        ("old version", !document.has_variables()),
    ];
    found.extend(marks.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name));
    statement.condition.iter().for_each(|condition| of_condition(document, condition, found));
}

fn of_condition(document: &Document, condition: &Condition, found: &mut BTreeSet<&'static str>) {
    for block in &condition.blocks {
        for key in &block.keys {
            if document.has_variables() && key.values.iter().any(|value| value.contains("${")) {
                found.insert("variable");
            }
            if key.values.len() > 1 {
                found.insert("several values");
            }
        }
        if block.operator.starts_with("Bool") && block.keys.iter().any(|key| key.key == "aws:MultiFactorAuthPresent") {
            found.insert("our guards");
        }
        let Some(reading) = Reading::of(&block.operator) else {
            found.insert("unknown operator");
            continue;
        };
        let kinds = ["String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "Arn", "Null"];
        let kind = kinds.into_iter().find(|kind| reading.name.trim_start_matches("Not").starts_with(kind));
        found.extend(kind);
        let marks = [
            ("negated", reading.name.contains("Not")),
            ("IfExists", !reading.if_exists.is_empty()),
            ("ForAllValues", reading.set == "ForAllValues:"),
            ("ForAnyValue", reading.set == "ForAnyValue:"),
        ];
        found.extend(marks.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name));
    }
}
