//! Entries of `extends`: which rules a pack takes of another, and how it grades them anew.

use crate::model::{Mode, Severity};
use crate::yaml::{Decoder, Fields, Key, Node, SourceFile, Span, Value};

const KEYS: [&str; 5] = ["pack", "only", "drop", "params", "override"];
const OVERRIDE_KEYS: [&str; 2] = ["severity", "mode"];

/// One entry of `extends`.
#[derive(Debug)]
pub(super) struct Extension {
    /// The pack, as named.
    pub(super) pack: String,
    /// Where it stands.
    pub(super) at: (SourceFile, Span),
    /// The only rules taken.
    pub(super) only: Option<Vec<Key>>,
    /// Rules that are not taken.
    pub(super) drop: Vec<Key>,
    params: Vec<(String, Value)>,
    /// Severity and mode of rules where they change.
    pub(super) grades: Vec<(Key, Option<Severity>, Option<Mode>)>,
}

impl Extension {
    /// The value that it sets for the parameter `name` of the packs it takes from.
    pub(super) fn param(&self, name: &str) -> Option<Value> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Whether it takes the rule `id`.
    pub(super) fn takes(&self, id: &str) -> bool {
        let names = |keys: &[Key]| keys.iter().any(|key| key.name == id);
        self.only.as_ref().is_none_or(|only| names(only)) && !names(&self.drop)
    }
}

/// Reads one entry.
pub(super) fn extension(decoder: &mut Decoder, node: &Node) -> Option<Extension> {
    let fields = decoder.fields(node, "an entry of `extends`", &KEYS)?;
    let name = fields.require(decoder, "pack")?;
    let pack = decoder.filled_text(name, "`pack`")?.to_owned();
    let at = (decoder.source().clone(), name.span.clone());
    let only = fields.get("only").map(|node| ids(decoder, node, "`only`"));
    let drop = fields.get("drop").map(|node| ids(decoder, node, "`drop`")).unwrap_or_default();
    let params = fields.get("params").and_then(|node| decoder.entries(node, "`params`")).unwrap_or_default();
    let params = params.into_iter().map(|(key, node)| (key.name.clone(), node.value.clone())).collect();
    let grades = grades(decoder, &fields);
    Some(Extension { pack, at, only, drop, params, grades })
}

fn ids(decoder: &mut Decoder, node: &Node, what: &str) -> Vec<Key> {
    let items = decoder.list(node, what).unwrap_or_default();
    let id = |decoder: &mut Decoder, node: &Node| {
        let name = decoder.text(node, "a rule id")?.to_owned();
        Some(Key { name, span: node.span.clone() })
    };
    items.iter().filter_map(|item| id(decoder, item)).collect()
}

fn grades(decoder: &mut Decoder, fields: &Fields<'_>) -> Vec<(Key, Option<Severity>, Option<Mode>)> {
    let entries = fields.get("override").and_then(|node| decoder.entries(node, "`override`")).unwrap_or_default();
    let mut grades = Vec::new();
    for (key, node) in entries {
        let Some(fields) = decoder.fields(node, "an override", &OVERRIDE_KEYS) else { continue };
        let severity = fields
            .get("severity")
            .and_then(|node| decoder.choice(node, "a severity", &Severity::ALL.map(Severity::as_str), Severity::parse));
        let mode = fields
            .get("mode")
            .and_then(|node| decoder.choice(node, "a mode", &Mode::ALL.map(Mode::as_str), Mode::parse));
        grades.push((key.clone(), severity, mode));
    }
    grades
}
