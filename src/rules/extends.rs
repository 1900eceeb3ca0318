//! Packs that take rules of other packs: whole, or some of them, graded anew, without copying them.

use crate::model::{Mode, Severity};
use crate::yaml::{Code, Decoder, Fields, Key, Node, SourceFile, Span, Value, did_you_mean};

use super::pack::{Loader, Pack};

const KEYS: [&str; 5] = ["pack", "only", "drop", "params", "override"];
const OVERRIDE_KEYS: [&str; 2] = ["severity", "mode"];

/// How many packs may stand upon each other.
const MAX_DEPTH: usize = 8;

/// One entry of `extends`.
#[derive(Debug)]
pub(super) struct Extension {
    pack: String,
    /// Where it stands.
    at: (SourceFile, Span),
    only: Option<Vec<Key>>,
    drop: Vec<Key>,
    params: Vec<(String, Value)>,
    grades: Vec<(Key, Option<Severity>, Option<Mode>)>,
}

impl Extension {
    /// The value that it sets for the parameter `name` of the packs it takes from.
    pub(super) fn param(&self, name: &str) -> Option<Value> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn takes(&self, id: &str) -> bool {
        let names = |keys: &[Key]| keys.iter().any(|key| key.name == id);
        self.only.as_ref().is_none_or(|only| names(only)) && !names(&self.drop)
    }
}

/// Reads the list of extensions at `node` and adds the rules they take to `pack`.
pub(super) fn read(pack: &mut Pack, decoder: &mut Decoder, node: &Node, loader: &Loader<'_>, through: &[&Extension]) {
    for item in decoder.list(node, "`extends`").unwrap_or_default() {
        let Some(extension) = extension(decoder, item) else { continue };
        let Some(source) = find(decoder, &extension, loader, through) else { continue };
        let mut chain = through.to_vec();
        chain.push(&extension);
        let taken = Pack::read(&source, loader, &chain);
        take(pack, decoder, &extension, taken);
    }
}

fn extension(decoder: &mut Decoder, node: &Node) -> Option<Extension> {
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

fn find(
    decoder: &mut Decoder,
    extension: &Extension,
    loader: &Loader<'_>,
    through: &[&Extension],
) -> Option<SourceFile> {
    let standing =
        |path: &str| *decoder.source().path == *path || through.iter().any(|outer| *outer.at.0.path == *path);
    let found = match (loader.resolve)(&extension.pack, decoder.source()) {
        Ok(source) if standing(&source.path) => "the pack extends itself".to_owned(),
        Ok(source) if through.len() < MAX_DEPTH => return Some(source),
        Ok(_) => format!("packs extend each other more than {MAX_DEPTH} deep"),
        Err(reason) => reason,
    };
    decoder.report(Code::BadValue, &extension.at.1, found, "cannot be extended", None);
    None
}

/// Moves what `extension` takes of `taken` into `pack`, graded anew.
fn take(pack: &mut Pack, decoder: &mut Decoder, extension: &Extension, taken: Pack) {
    let Pack { rules, ids, params, problems, id: name, .. } = taken;
    let named = [extension.only.as_deref().unwrap_or_default(), &extension.drop].concat();
    let graded = extension.grades.iter().map(|(key, ..)| key.clone());
    for key in named.into_iter().chain(graded) {
        if !ids.iter().any(|found| found.id == key.name) {
            let help = did_you_mean(&key.name, ids.iter().map(|found| found.id.as_str()));
            decoder.report(Code::BadValue, &key.span, format!("pack `{name}` has no rule `{}`", key.name), "", help);
        }
    }
    pack.params.extend(params);
    pack.problems.extend(problems);
    let mut rules = rules.into_iter();
    for mut found in ids {
        let rule = if found.is_whole { rules.next() } else { None };
        if !extension.takes(&found.id) {
            continue;
        }
        let graded = rule.map(|mut rule| {
            if let Some((_, severity, mode)) = extension.grades.iter().find(|(key, ..)| key.name == rule.id) {
                rule.severity = severity.unwrap_or(rule.severity);
                rule.mode = mode.unwrap_or(rule.mode);
            }
            rule
        });
        found.grade = graded.as_ref().map(|rule| (rule.severity, rule.mode));
        found.at = extension.at.clone();
        pack.ids.push(found);
        pack.rules.extend(graded);
    }
}
