//! The JSON Schema of an entry, made from the table of kinds.

use serde_json::{Map, Value, json};

use super::entry::{Kind, Outcome};

/// The schema of one line of a ledger. Fields and kinds that a newer version writes are allowed.
#[must_use]
pub fn schema() -> Value {
    let needs = |kind: Kind| {
        json!({
            "if": { "properties": { "kind": { "const": kind.as_str() } } },
            "then": { "required": kind.required() },
        })
    };
    let kinds = Kind::ALL.map(|kind| kind.as_str().to_owned()).join(", ");
    let results = Outcome::ALL.map(|result| result.as_str().to_owned()).join(", ");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An entry of the ledger: one line",
        "type": "object",
        "required": ["seq", "at", "run_id", "kind", "prev", "hash"],
        "properties": properties(&kinds, &results),
        "allOf": Kind::ALL.into_iter().filter(|kind| !kind.required().is_empty()).map(needs).collect::<Vec<_>>(),
    })
}

fn properties(kinds: &str, results: &str) -> Map<String, Value> {
    let text = |doc: &str| json!({ "type": "string", "description": doc });
    let moment = |doc: &str| json!({ "type": "string", "format": "date-time", "description": doc });
    let hash = |doc: &str| json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": doc });
    let all = [
        ("seq", json!({ "type": "integer", "minimum": 1, "description": "number of the entry" })),
        ("at", moment("when, in UTC")),
        ("run_id", text("the run that wrote it")),
        ("kind", text(&format!("{kinds}; a newer version may write others"))),
        ("actor", text("ARN of who ran it")),
        ("plan", json!({ "type": ["string", "null"], "description": "hash of the plan" })),
        ("account", json!({ "type": "string", "pattern": "^[0-9]{12}$", "description": "the account's id" })),
        ("resource", text("ARN of the user, or of what else is changed")),
        ("action", text("what is done, such as attach-user-policy")),
        ("rule", text("id of the rule that asks for it")),
        ("id", text("id of the action within the plan; an intent and its outcome share it")),
        ("before", json!({ "description": "what was there before; null if nothing was" })),
        ("after", json!({ "description": "what is there now, or shall be; null if nothing" })),
        ("calls", json!({ "type": "array", "items": { "type": "string" }, "description": "the calls of AWS" })),
        ("request_id", text("AWS's id of the request")),
        ("result", text(&format!("what became of a change: {results}; a newer version may write others"))),
        ("deadline", moment("until when a failure is to be mended")),
        ("message", text("what people should know of it")),
        ("prev", hash("hash of the entry before; 64 zeros for the first")),
        ("hash", hash("SHA-256 of the line without this member, which is the last")),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
