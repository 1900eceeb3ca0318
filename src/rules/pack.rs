//! Rule packs: the YAML files in which rules are written, and the sets of them that a scan uses.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::evaluation::Controls;
use crate::yaml::{Code, Decoder, Diagnostic, Fields, Node, SourceFile, Span, parse};

use super::builtin;
use super::extends::{self, Extension};
use super::modes::ModeOverride;
use super::params::{Params, Setting};
use super::rule::Rule;
use super::syntax::{controls, rule};
use super::waiver::Waivers;

/// The version of the rule language.
pub const API_VERSION: &str = "portcullis/v1";

/// The actions that a rule may name.
pub const ACTIONS: [&str; 1] = ["deny-without-mfa"];

const PACK_KEYS: [&str; 7] = ["apiVersion", "kind", "metadata", "params", "frameworks", "extends", "rules"];
const METADATA_KEYS: [&str; 4] = ["id", "title", "version", "description"];
const RULE_KEYS: [&str; 13] = [
    "id",
    "title",
    "severity",
    "target",
    "when",
    "require",
    "message",
    "rationale",
    "remediation",
    "controls",
    "enforce",
    "mode",
    "references",
];

/// The rules of a scan, all checked.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules, in the order of the packs.
    pub rules: Vec<Rule>,
    /// Accepted exceptions from them.
    pub waivers: Waivers,
    /// Their modes where they differ by place.
    pub modes: Vec<ModeOverride>,
    /// Frameworks that packs set out to cover, with all their controls: those that no rule serves are not covered.
    pub frameworks: Controls,
}

/// Finds a pack by the name under which another one extends it.
pub type Resolve<'l> = dyn Fn(&str, &SourceFile) -> Result<SourceFile, String> + 'l;

/// What loading needs beside the files.
pub struct Loader<'l> {
    /// Parameters set from outside the packs.
    pub settings: &'l [Setting],
    /// Finds extended packs.
    pub resolve: &'l Resolve<'l>,
}

/// Checks `sources` and joins their rules; packs that they extend are built-in ones.
///
/// # Errors
///
/// Every problem of every file; then no rule of any of them is used.
pub fn load(sources: &[SourceFile]) -> Result<RuleSet, Vec<Diagnostic>> {
    let resolve = |name: &str, _: &SourceFile| builtin::pack(name).ok_or_else(|| builtin::unknown(name));
    Loader { settings: &[], resolve: &resolve }.load(sources)
}

impl Loader<'_> {
    /// Checks `sources` and joins their rules. The same rule, come by several ways, is taken once.
    ///
    /// # Errors
    ///
    /// Every problem of every file; then no rule of any of them is used.
    pub fn load(&self, sources: &[SourceFile]) -> Result<RuleSet, Vec<Diagnostic>> {
        let (mut problems, mut rules) = (Vec::new(), Vec::new());
        // Where each id first stands, of broken rules too: their ids are taken all the same.
        let mut first: HashMap<String, Found> = HashMap::new();
        let (mut declared, mut frameworks): (Vec<String>, Controls) = (Vec::new(), Controls::new());
        for source in sources {
            let mut pack = Pack::read(source, self, &[]);
            declared.append(&mut pack.params);
            frameworks.extend(std::mem::take(&mut pack.frameworks));
            let mut taken = pack.rules.into_iter();
            for mut found in pack.ids {
                found.rule = if found.is_whole { taken.next() } else { None };
                join(&mut first, found, &mut pack.problems, &mut rules);
            }
            pack.problems.sort_by_key(|problem| problem.span.start);
            problems.append(&mut pack.problems);
        }
        problems.extend(self.settings.iter().filter_map(|setting| setting.undeclared(&declared)));
        if problems.is_empty() { Ok(RuleSet { rules, frameworks, ..RuleSet::default() }) } else { Err(problems) }
    }
}

/// Adds a found rule, unless its id is taken: by itself, come another way, which is fine, or by another, which is not.
fn join(first: &mut HashMap<String, Found>, mut found: Found, problems: &mut Vec<Diagnostic>, rules: &mut Vec<Rule>) {
    match first.get(&found.id) {
        Some(known) if known.is_same(&found) => {}
        Some(known) => problems.push(found.twice(known)),
        None => {
            rules.extend(found.rule.take());
            first.insert(found.id.clone(), found);
        }
    }
}

/// A rule id in a file, and the rule if it is right.
pub(super) struct Found {
    /// The id.
    pub(super) id: String,
    /// Where it stands, or where the pack is extended through which it came.
    pub(super) at: (SourceFile, Span),
    /// Where it is written: path and offset.
    pub(super) origin: (Arc<str>, usize),
    /// Severity and mode, as overridden, of a rule that is right.
    pub(super) grade: Option<(crate::model::Severity, crate::model::Mode)>,
    /// Whether its rule is right.
    pub(super) is_whole: bool,
    rule: Option<Rule>,
}

impl Found {
    fn is_same(&self, other: &Self) -> bool {
        self.origin == other.origin && self.grade == other.grade && self.at.0 != other.at.0
    }

    fn twice(&self, known: &Self) -> Diagnostic {
        let (source, span) = self.at.clone();
        let (path, line) = (&known.at.0.path, known.at.0.position(known.at.1.start).0);
        let (message, help) = if self.origin == known.origin {
            let help = "drop it from one of the two, or give it the same severity and mode in both";
            (
                format!("the rule `{}` is taken twice, graded in two ways", self.id),
                format!("first at {path}:{line}; {help}"),
            )
        } else {
            let help = format!("it first stands at {path}:{line}; rename one of the two");
            (format!("the rule id `{}` stands twice", self.id), help)
        };
        Diagnostic { code: Code::DuplicateId, source, span, message, label: "second one".to_owned(), help: Some(help) }
    }
}

/// What one file holds, packs that it extends included.
#[derive(Default)]
pub(super) struct Pack {
    /// The pack's id.
    pub(super) id: String,
    /// Its right rules, in order.
    pub(super) rules: Vec<Rule>,
    /// The ids of all rules that have one, broken ones included, in the order of `rules`.
    pub(super) ids: Vec<Found>,
    /// The names of its parameters, those of extended packs included, plain and as `PACK.NAME`.
    pub(super) params: Vec<String>,
    /// The frameworks that it sets out to cover.
    frameworks: Controls,
    /// What is wrong with it.
    pub(super) problems: Vec<Diagnostic>,
}

impl Pack {
    /// Reads `source`; `through` are the extensions by which it was come to, outermost first.
    pub(super) fn read(source: &SourceFile, loader: &Loader<'_>, through: &[&Extension]) -> Self {
        let mut pack = Self::default();
        match parse(source) {
            Ok(root) => {
                let mut decoder = Decoder::new(source.clone());
                pack.decode(&mut decoder, &root, loader, through);
                pack.problems.append(&mut decoder.finish());
            }
            Err(problem) => pack.problems.push(*problem),
        }
        pack
    }

    fn decode(
        &mut self,
        decoder: &mut Decoder,
        root: &Node,
        loader: &Loader<'_>,
        through: &[&Extension],
    ) -> Option<()> {
        let fields = decoder.fields(root, "a rule pack", &PACK_KEYS)?;
        check_version(decoder, &fields, "RulePack");
        let id: Arc<str> = metadata(decoder, &fields).unwrap_or_else(|| "unnamed".into());
        self.id = id.to_string();
        let params = Params::read(decoder, fields.get("params"), &id, loader.settings, through);
        self.params.extend(params.names(&id));
        if let Some(node) = fields.get("frameworks") {
            self.frameworks = controls(decoder, node).unwrap_or_default();
        }
        if let Some(node) = fields.get("extends") {
            extends::read(self, decoder, node, loader, through);
        }
        let node = match (fields.get("rules"), fields.get("extends")) {
            (None, Some(_)) => return Some(()),
            _ => fields.require(decoder, "rules")?,
        };
        let items = decoder.list(node, "`rules`")?;
        if items.is_empty() {
            // A scan without rules would find everybody compliant.
            let message = "the pack has no rules".to_owned();
            decoder.report(Code::BadValue, &node.span, message, "expected a list of rules", None);
        }
        for item in items {
            let item = params.apply(decoder, item);
            self.rule(decoder, &item, &id);
        }
        Some(())
    }

    fn rule(&mut self, decoder: &mut Decoder, item: &Node, pack: &Arc<str>) -> Option<()> {
        let fields = decoder.fields(item, "a rule", &RULE_KEYS)?;
        let id_node = fields.require(decoder, "id");
        let id = id_node.and_then(|node| identifier(decoder, node, "a rule id"));
        let rule = rule(decoder, &fields, id, pack);
        let (node, id) = (id_node?, id?);
        self.ids.push(Found {
            id: id.to_owned(),
            at: (decoder.source().clone(), node.span.clone()),
            origin: (Arc::clone(&decoder.source().path), node.span.start),
            grade: rule.as_ref().map(|rule| (rule.severity, rule.mode)),
            is_whole: rule.is_some(),
            rule: None,
        });
        self.rules.extend(rule);
        Some(())
    }
}

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

fn metadata(decoder: &mut Decoder, fields: &Fields<'_>) -> Option<Arc<str>> {
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

#[cfg(test)]
mod tests;
