//! JSON Schemas of the files that people write, made from the vocabulary, for editors (YAML language server).

use serde_json::{Map, Value, json};

use crate::model::{Mode, Severity, Target};

use super::compile::fitting;
use super::header::{ACTIONS, API_VERSION};
use super::subject::Kind;
use super::vocabulary::{FactType, KINDS, facts};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schemas by name.
#[must_use]
pub fn names() -> [&'static str; 3] {
    ["rule-pack", "rule-cases", "waivers"]
}

/// The schema called `name`.
#[must_use]
pub fn schema(name: &str) -> Option<Value> {
    match name {
        "rule-pack" => Some(rule_pack()),
        "rule-cases" => Some(rule_cases()),
        "waivers" => Some(waivers()),
        _ => None,
    }
}

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn header(kind: &str, title: &str) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("title".to_owned(), json!(title));
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
        .insert("properties".to_owned(), json!({ "apiVersion": { "const": API_VERSION }, "kind": { "const": kind } }));
    schema
}

fn with(mut schema: Map<String, Value>, required: &[&str], properties: Value, defs: Value) -> Value {
    if let (Some(Value::Object(known)), Value::Object(more)) = (schema.get_mut("properties"), properties) {
        known.extend(more);
    }
    schema.insert("required".to_owned(), json!([&["apiVersion", "kind"], required].concat()));
    schema.insert("$defs".to_owned(), defs);
    Value::Object(schema)
}

fn rule_pack() -> Value {
    let mut defs = Map::new();
    for kind in KINDS {
        defs.insert(name_of(kind), condition(kind));
    }
    defs.insert("rule".to_owned(), rule());
    let metadata = json!({
        "type": "object",
        "required": ["id"],
        "additionalProperties": false,
        "properties": { "id": text(), "title": text(), "version": text(), "description": text() },
    });
    let ids = json!({ "type": "array", "items": text() });
    let grade = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "severity": { "enum": Severity::ALL.map(Severity::as_str) }, "mode": { "enum": Mode::ALL.map(Mode::as_str) } },
    });
    let extension = json!({
        "type": "object",
        "required": ["pack"],
        "additionalProperties": false,
        "properties": {
            "pack": { "type": "string", "description": "a built-in pack, or a file relative to this one" },
            "only": ids,
            "drop": ids,
            "params": { "type": "object" },
            "override": { "type": "object", "additionalProperties": grade },
        },
    });
    let properties = json!({ "params": { "type": "object" }, "frameworks": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } }, "extends": { "type": "array", "items": extension }, "metadata": metadata, "rules": { "type": "array", "items": { "$ref": "#/$defs/rule" } } });
    with(header("RulePack", "A pack of rules"), &["metadata"], properties, Value::Object(defs))
}

fn name_of(kind: Kind) -> String {
    format!("condition-{}", kind.as_str().to_lowercase().replace(' ', "-"))
}

fn rule() -> Value {
    let conditions = |target: Target| {
        let condition = json!({ "$ref": format!("#/$defs/{}", name_of(Kind::Target(target))) });
        json!({
            "if": { "properties": { "target": { "const": target.as_str() } } },
            "then": { "properties": { "when": condition, "require": condition } },
        })
    };
    json!({
        "type": "object",
        "required": ["id", "title", "severity", "target", "require"],
        "additionalProperties": false,
        "dependentRequired": { "grace": ["enforce"] },
        "properties": {
            "id": { "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" },
            "title": text(),
            "severity": { "enum": Severity::ALL.map(Severity::as_str) },
            "target": { "enum": Target::ALL.map(Target::as_str) },
            "when": { "type": "object" },
            "require": { "type": "object" },
            "message": { "type": "string", "description": "what to say of a failure; {fact} stands for its value" },
            "rationale": text(),
            "remediation": text(),
            "references": text(),
            "controls": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } },
            "enforce": { "enum": ACTIONS },
            "grace": { "type": "string", "description": "how long after the announcement a plan may act: 14d, 12h; only beside enforce" },
            "mode": { "enum": Mode::ALL.map(Mode::as_str) },
        },
        "allOf": Target::ALL.map(conditions),
    })
}

fn condition(kind: Kind) -> Value {
    let this = json!({ "$ref": format!("#/$defs/{}", name_of(kind)) });
    let mut properties = Map::new();
    for fact in facts(kind) {
        let mut schema = matcher(fact.kind);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(format!("{} ({})", fact.doc, fact.source)));
        }
        properties.insert(fact.name.to_owned(), schema);
    }
    for combinator in ["all", "any"] {
        properties.insert(combinator.to_owned(), json!({ "type": "array", "minItems": 1, "items": this }));
    }
    properties.insert("not".to_owned(), this.clone());
    json!({ "type": "object", "minProperties": 1, "additionalProperties": false, "properties": properties })
}

fn matcher(kind: FactType) -> Value {
    let operators: Map<String, Value> =
        fitting(kind).map(|operator| (operator.to_owned(), operand(operator, kind))).collect();
    let operators =
        json!({ "type": "object", "minProperties": 1, "additionalProperties": false, "properties": operators });
    match scalar(kind) {
        Some(scalar) => json!({ "anyOf": [scalar, operators] }),
        None => json!({ "anyOf": [operators] }),
    }
}

/// What a fact of this type may be said to equal outright.
fn scalar(kind: FactType) -> Option<Value> {
    match kind {
        FactType::Bool => Some(json!({ "type": "boolean" })),
        FactType::Number => Some(json!({ "type": "integer" })),
        FactType::Text => Some(json!({ "type": "string" })),
        FactType::Choice(values) => Some(json!({ "enum": values })),
        FactType::Time | FactType::Texts | FactType::List(_) => None,
    }
}

fn operand(operator: &str, kind: FactType) -> Value {
    let value = scalar(kind).unwrap_or_else(|| json!({ "type": "string" }));
    match operator {
        "in" | "not_in" => json!({ "type": "array", "items": value }),
        "exists" => json!({ "type": "boolean" }),
        "older_than" | "newer_than" => {
            json!({ "type": "string", "description": "a number and a unit: 90d, 12h, 30m, 2w" })
        }
        "count" => matcher(FactType::Number),
        "some" | "every" | "none" => match kind {
            FactType::List(inner) => json!({ "$ref": format!("#/$defs/{}", name_of(inner)) }),
            _ => matcher(FactType::Text),
        },
        "matches" | "regex" | "contains" => json!({ "type": "string" }),
        _ => value,
    }
}

fn rule_cases() -> Value {
    let outcome = json!({ "enum": ["PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE"] });
    let case = json!({
        "type": "object",
        "required": ["name", "target", "expect"],
        "additionalProperties": false,
        "properties": {
            "name": text(),
            "target": { "enum": Target::ALL.map(Target::as_str) },
            "facts": { "type": "object" },
            "expect": { "type": "object", "minProperties": 1, "additionalProperties": outcome },
        },
    });
    let properties = json!({
        "now": { "type": "string" },
        "defaults": { "type": "object", "propertyNames": { "enum": Target::ALL.map(Target::as_str) } },
        "cases": { "type": "array", "items": case },
    });
    with(header("RuleCases", "Cases of rules"), &["cases"], properties, json!({}))
}

fn waivers() -> Value {
    let waiver = json!({
        "type": "object",
        "required": ["rule", "resource", "owner", "reason", "expires"],
        "additionalProperties": false,
        "properties": {
            "rule": { "type": "string", "description": "a glob over rule ids" },
            "account": { "type": ["string", "integer"], "description": "a glob over account ids; * by default" },
            "resource": { "type": "string", "description": "a glob over ARNs" },
            "owner": text(),
            "reason": text(),
            "ticket": text(),
            "expires": { "type": "string", "description": "a date, through its end in UTC, or an RFC 3339 moment" },
            "metadata": {},
        },
    });
    let properties = json!({ "metadata": {}, "waivers": { "type": ["array", "null"], "items": waiver } });
    with(header("WaiverSet", "Accepted exceptions"), &["waivers"], properties, json!({}))
}
