//! The differences that are known: `docs/differential.md` as a table.
//!
//! Each is a rewriting of a case, so that our evaluator decides as the server does in that one respect. A difference
//! is explained by a class if its rewriting alone makes the two agree; and all of them together have to say what the
//! server does, of every case. So no class can explain too much: it would be wrong about cases that do not differ.

use portcullis::iam::{ConditionKey, Elements};
use serde_json::Value;

use super::case::Case;
use super::readings::{Reading, is_date, is_number, is_range};

/// Whose decision is the documented one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Ours.
    Ours,
    /// Neither's: AWS would not have stored the policy, or says nothing.
    Nobody,
}

/// A known difference.
pub(super) struct Class {
    /// Its name.
    pub(super) name: &'static str,
    /// Whose decision the page has.
    pub(super) right: Right,
    /// The page of the IAM User Guide.
    pub(super) page: &'static str,
    /// In how many cases of a thousand it may at most decide.
    pub(super) most: usize,
    /// Makes us decide as the server does.
    pub(super) as_server: fn(&mut Case),
}

/// All, in the order in which they have to be applied.
pub(super) const CLASSES: [Class; 16] = [
    Class {
        name: "JSON boolean as text",
        right: Right::Nobody,
        page: "reference_policies_grammar",
        most: 15,
        as_server: json_booleans,
    },
    Class {
        name: "Principal ignored",
        right: Right::Nobody,
        page: "reference_policies_elements_principal",
        most: 25,
        as_server: principals,
    },
    Class {
        name: "unknown element ignored",
        right: Right::Nobody,
        page: "reference_policies_grammar",
        most: 25,
        as_server: unknown_elements,
    },
    Class {
        name: "unknown version ignored",
        right: Right::Nobody,
        page: "reference_policies_elements_version",
        most: 45,
        as_server: unknown_versions,
    },
    Class {
        name: "empty list of actions or resources",
        right: Right::Nobody,
        page: "reference_policies_grammar",
        most: 25,
        as_server: empty_elements,
    },
    Class {
        name: "variable not replaced",
        right: Right::Ours,
        page: "reference_policies_variables",
        most: 35,
        as_server: variables,
    },
    Class {
        name: "incomplete ARN not completed",
        right: Right::Ours,
        page: "reference-arns",
        most: 25,
        as_server: short_arns,
    },
    Class {
        name: "operator in other letter case",
        right: Right::Nobody,
        page: "reference_policies_elements_condition_operators",
        most: 25,
        as_server: operator_case,
    },
    Class {
        name: "unknown operator never holds",
        right: Right::Nobody,
        page: "reference_policies_elements_condition_operators",
        most: 25,
        as_server: unknown_operators,
    },
    Class {
        name: "several values compared as one text",
        right: Right::Ours,
        page: "reference_policies_condition-single-vs-multi-valued-context-keys",
        most: 20,
        as_server: many_values,
    },
    Class {
        name: "ARN wildcards cross colons",
        right: Right::Ours,
        page: "reference_policies_elements_condition_operators",
        most: 25,
        as_server: arns,
    },
    Class {
        name: "Bool compares texts",
        right: Right::Ours,
        page: "reference_policies_elements_condition_operators",
        most: 25,
        as_server: bools,
    },
    Class {
        name: "BinaryEquals compares texts",
        right: Right::Nobody,
        page: "reference_policies_elements_condition_operators",
        most: 20,
        as_server: bytes,
    },
    Class {
        name: "unreadable value of the policy never matches",
        right: Right::Nobody,
        page: "reference_policies_elements_condition_operators",
        most: 25,
        as_server: unreadable_values,
    },
    Class {
        name: "unreadable value of the request is not unequal",
        right: Right::Nobody,
        page: "reference_policies_elements_condition_operators",
        most: 20,
        as_server: unreadable_requests,
    },
    Class {
        name: "Null asks its first value only",
        right: Right::Nobody,
        page: "reference_policies_elements_condition_operators",
        most: 25,
        as_server: nulls,
    },
];

/// A text of Python for a JSON boolean: `True`. Conditions of truth values do not tell the difference.
fn json_booleans(case: &mut Case) {
    fn python(value: &mut Value) {
        match value {
            Value::Bool(is_true) => *value = if *is_true { "True" } else { "False" }.into(),
            Value::Array(items) => items.iter_mut().for_each(python),
            Value::Object(entries) => entries.values_mut().for_each(python),
            Value::Null | Value::Number(_) | Value::String(_) => {}
        }
    }
    case.edit(python);
}

fn principals(case: &mut Case) {
    let statements = case.policies.iter_mut().flat_map(|(_, _, document)| &mut document.statements);
    statements.for_each(|statement| statement.principal = None);
}

fn unknown_elements(case: &mut Case) {
    for (_, _, document) in &mut case.policies {
        document.unknown_elements.clear();
        document.statements.iter_mut().for_each(|statement| statement.unknown_elements.clear());
    }
}

fn unknown_versions(case: &mut Case) {
    for (_, _, document) in &mut case.policies {
        if !matches!(document.version.as_deref(), None | Some("2012-10-17" | "2008-10-17")) {
            document.version = None;
        }
    }
}

/// An empty list matches everything, as if it were not there.
fn empty_elements(case: &mut Case) {
    let fill = |elements: &mut Elements| {
        if matches!(elements, Elements::Listed(list) | Elements::Except(list) if list.is_empty()) {
            *elements = Elements::Listed(vec!["*".to_owned()]);
        }
    };
    for statement in case.policies.iter_mut().flat_map(|(_, _, document)| &mut document.statements) {
        fill(&mut statement.action);
        statement.resource.as_mut().into_iter().for_each(fill);
    }
}

/// Text, as in documents of the older version.
fn variables(case: &mut Case) {
    for (_, _, document) in &mut case.policies {
        if document.has_variables() {
            document.version.replace("2008-10-17".to_owned());
        }
    }
}

/// What does not begin with `arn:` is not completed; the `?` stands for the `a`.
fn short_arns(case: &mut Case) {
    for statement in case.policies.iter_mut().flat_map(|(_, _, document)| &mut document.statements) {
        let Some(Elements::Listed(list) | Elements::Except(list)) = &mut statement.resource else { continue };
        for pattern in list.iter_mut().filter(|pattern| pattern.starts_with("arn:")) {
            pattern.replace_range(..1, "?");
        }
    }
}

fn operator_case(case: &mut Case) {
    case.rewrite(|operator, _| {
        if Reading::of(operator).is_none()
            && let Some(known) = Reading::in_any_case(operator)
        {
            *operator = known;
        }
    });
}

fn unknown_operators(case: &mut Case) {
    case.rewrite(|operator, key| {
        if Reading::of(operator).is_none() && Reading::in_any_case(operator).is_none() {
            never(operator, key);
        }
    });
}

/// The text of the whole list, as Python prints it.
fn many_values(case: &mut Case) {
    let Some(values) = case.values("aws:TagKeys") else { return };
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    case.keys.push(("aws:TagKeysAsText".to_owned(), vec![format!("[{}]", quoted.join(", "))]));
    case.rewrite(|operator, key| {
        let is_plain = Reading::of(operator).is_some_and(|reading| reading.set.is_empty() && reading.name != "Null");
        if is_plain && key.key.eq_ignore_ascii_case("aws:TagKeys") {
            "aws:TagKeysAsText".clone_into(&mut key.key);
        }
    });
}

fn arns(case: &mut Case) {
    rename(case, |name| match name {
        "ArnEquals" | "ArnLike" => Some("StringLike"),
        "ArnNotEquals" | "ArnNotLike" => Some("StringNotLike"),
        _ => None,
    });
}

fn bools(case: &mut Case) {
    rename(case, |name| (name == "Bool").then_some("StringEqualsIgnoreCase"));
}

fn bytes(case: &mut Case) {
    rename(case, |name| (name == "BinaryEquals").then_some("StringEquals"));
}

fn unreadable_values(case: &mut Case) {
    let context = case.clone();
    case.rewrite(|operator, key| {
        let Some(reading) = Reading::of(operator) else { return };
        let reads = match reading.name {
            name if name.starts_with("Numeric") => is_number,
            name if name.starts_with("Date") => is_date,
            "IpAddress" | "NotIpAddress" => is_range,
            _ => return,
        };
        if context.values(&key.key).is_none() || key.values.iter().all(|value| reads(value)) {
            return;
        }
        if matches!(reading.name, "NumericNotEquals" | "DateNotEquals") {
            never(operator, key);
        } else {
            key.values.retain(|value| reads(value));
        }
    });
}

fn unreadable_requests(case: &mut Case) {
    let context = case.clone();
    case.rewrite(|operator, key| {
        let Some(reading) = Reading::of(operator) else { return };
        let reads = match reading.name {
            "NumericNotEquals" => is_number,
            "DateNotEquals" => is_date,
            _ => return,
        };
        if !key.values.is_empty()
            && context.values(&key.key).is_some_and(|values| !values.iter().all(|value| reads(value)))
        {
            never(operator, key);
        }
    });
}

/// The first value is `true` or counts as `false`; none counts as `true`.
fn nulls(case: &mut Case) {
    case.rewrite(|operator, key| {
        if operator == "Null" {
            let is_true = key.values.first().is_none_or(|value| value.eq_ignore_ascii_case("true"));
            key.values = vec![is_true.to_string()];
        }
    });
}

fn rename(case: &mut Case, other: fn(&str) -> Option<&'static str>) {
    case.rewrite(|operator, _| {
        if let Some(reading) = Reading::of(operator)
            && let Some(name) = other(reading.name)
        {
            *operator = format!("{}{name}{}", reading.set, reading.if_exists);
        }
    });
}

/// Makes it a test that never holds: every request carries the key.
fn never(operator: &mut String, key: &mut ConditionKey) {
    "Null".clone_into(operator);
    *key = ConditionKey { key: "aws:PrincipalArn".to_owned(), values: vec!["true".to_owned()] };
}
