//! What every file of ours begins with, and the names in it.

use std::sync::Arc;

use crate::yaml::{Code, Decoder, Fields, Node};

/// The version of the rule language.
pub(super) const API_VERSION: &str = "portcullis/v1";

/// The actions that a rule may name.
pub(super) const ACTIONS: [&str; 1] = ["deny-without-mfa"];

const METADATA_KEYS: [&str; 4] = ["id", "title", "version", "description"];

/// Checks `apiVersion` and `kind`, which every file of ours begins with.
pub(crate) fn check_version(decoder: &mut Decoder, fields: &Fields<'_>, kind: &'static str) {
    for (key, expected) in [("apiVersion", API_VERSION), ("kind", kind)] {
        let Some(node) = fields.require(decoder, key) else { continue };
        let Some(text) = decoder.text(node, &format!("`{key}`")) else { continue };
        if text != expected {
            let message = format!("`{key}` is `{text}`, which this version does not read");
            decoder.report(Code::Version, &node.span, message, &format!("expected `{expected}`"), None);
        }
    }
}

/// Checks `metadata` and gives the pack's id.
pub(super) fn metadata(decoder: &mut Decoder, fields: &Fields<'_>) -> Option<Arc<str>> {
    let node = fields.require(decoder, "metadata")?;
    let metadata = decoder.fields(node, "`metadata`", &METADATA_KEYS)?;
    for key in ["title", "version", "description"] {
        if let Some(node) = metadata.get(key) {
            decoder.text(node, &format!("`{key}`"));
        }
    }
    let node = metadata.require(decoder, "id")?;
    identifier(decoder, node, "a pack id").map(Into::into)
}

/// `node` as the id of a pack or rule.
pub(super) fn identifier<'n>(decoder: &mut Decoder, node: &'n Node, what: &str) -> Option<&'n str> {
    let text = decoder.filled_text(node, what)?;
    let good = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && text.len() <= 64;
    if !good {
        let label = "expected lower-case letters, digits and `-`, at most 64";
        decoder.report(Code::BadValue, &node.span, format!("`{text}` is not {what}"), label, None);
        return None;
    }
    Some(text)
}
