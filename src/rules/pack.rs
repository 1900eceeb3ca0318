//! Rule packs: the YAML files in which rules are written, those included that take rules of others.

use std::sync::Arc;

use crate::model::evaluation::Controls;
use crate::yaml::{Code, Decoder, Diagnostic, Node, SourceFile, Span, did_you_mean, parse};

use super::extension::{Extension, extension};
use super::header::{check_version, identifier, metadata};
use super::params::{Params, Setting};
use super::rule::Rule;
use super::syntax::{controls, rule};

/// How many packs may stand upon each other.
const MAX_DEPTH: usize = 8;

const PACK_KEYS: [&str; 7] = ["apiVersion", "kind", "metadata", "params", "frameworks", "extends", "rules"];
const RULE_KEYS: [&str; 14] = [
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
    "grace",
    "mode",
    "references",
];

/// Finds a pack by the name under which another one extends it.
pub type Resolve<'l> = dyn Fn(&str, &SourceFile) -> Result<SourceFile, String> + 'l;

/// What loading needs beside the files.
pub struct Loader<'l> {
    /// Parameters set from outside the packs.
    pub settings: &'l [Setting],
    /// Finds extended packs.
    pub resolve: &'l Resolve<'l>,
}

/// A rule id in a file, and the rule if it is right.
pub(super) struct Found {
    /// The id.
    pub(super) id: String,
    /// Where it stands, or where the pack is extended through which it came.
    pub(super) at: (SourceFile, Span),
    /// Where it is written: text and offset; a built-in pack and a copy of its file are one.
    pub(super) origin: (Arc<str>, usize),
    /// Severity and mode, as overridden, of a rule that is right.
    pub(super) grade: Option<(crate::model::Severity, crate::model::Mode)>,
    /// Whether its rule is right.
    pub(super) is_whole: bool,
    /// The rule, while packs are joined.
    pub(super) rule: Option<Rule>,
}

impl Found {
    /// Whether it is the same rule, come another way.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.origin == other.origin && self.grade == other.grade && self.at.0 != other.at.0
    }

    /// The problem of an id that is taken.
    pub(super) fn twice(&self, known: &Self) -> Diagnostic {
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
    pub(super) frameworks: Controls,
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
            extend(self, decoder, node, loader, through);
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
            origin: (Arc::clone(&decoder.source().text), node.span.start),
            grade: rule.as_ref().map(|rule| (rule.severity, rule.mode)),
            is_whole: rule.is_some(),
            rule: None,
        });
        self.rules.extend(rule);
        Some(())
    }
}

/// Reads the list of extensions at `node` and adds the rules they take to `pack`.
fn extend(pack: &mut Pack, decoder: &mut Decoder, node: &Node, loader: &Loader<'_>, through: &[&Extension]) {
    for item in decoder.list(node, "`extends`").unwrap_or_default() {
        let Some(extension) = extension(decoder, item) else { continue };
        let Some(source) = find(decoder, &extension, loader, through) else { continue };
        let mut chain = through.to_vec();
        chain.push(&extension);
        let taken = Pack::read(&source, loader, &chain);
        take(pack, decoder, &extension, taken);
    }
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
