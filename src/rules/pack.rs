//! Rule packs: the YAML files in which rules are written, and the sets of them that a scan uses.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::evaluation::Controls;
use crate::model::{Mode, Severity, Target};
use crate::yaml::{Code, Decoder, Diagnostic, Fields, Node, SourceFile, Span, parse};

use super::compile::{Piece, condition, template};
use super::rule::Rule;
use super::subject::Kind;
use super::vocabulary::FactDef;
use super::waiver::Waivers;

/// The version of the rule language.
pub const API_VERSION: &str = "portcullis/v1";

/// The actions that a rule may name.
pub const ACTIONS: [&str; 1] = ["deny-without-mfa"];

const PACK_KEYS: [&str; 4] = ["apiVersion", "kind", "metadata", "rules"];
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
}

/// Checks `sources` and joins their rules.
///
/// # Errors
///
/// Every problem of every file; then no rule of any of them is used.
pub fn load(sources: &[SourceFile]) -> Result<RuleSet, Vec<Diagnostic>> {
    let (mut problems, mut rules) = (Vec::new(), Vec::new());
    // Where each id first stands, of broken rules too: their ids are taken all the same.
    let mut first: HashMap<String, String> = HashMap::new();
    for source in sources {
        let mut pack = Pack::read(source);
        for (id, span) in &pack.ids {
            if let Some(place) = first.get(id) {
                let message = format!("the rule id `{id}` stands twice");
                let help = Some(format!("it first stands at {place}; rename one of the two"));
                let (source, label) = (source.clone(), "second one".to_owned());
                let span = span.clone();
                pack.problems.push(Diagnostic { code: Code::DuplicateId, source, span, message, label, help });
            } else {
                first.insert(id.clone(), format!("{}:{}", source.path, source.position(span.start).0));
            }
        }
        pack.problems.sort_by_key(|problem| problem.span.start);
        problems.append(&mut pack.problems);
        rules.append(&mut pack.rules);
    }
    if problems.is_empty() { Ok(RuleSet { rules, waivers: Waivers::default() }) } else { Err(problems) }
}

/// What one file holds.
#[derive(Default)]
struct Pack {
    rules: Vec<Rule>,
    /// The ids of all rules that have one, broken ones included, and where they stand.
    ids: Vec<(String, Span)>,
    problems: Vec<Diagnostic>,
}

impl Pack {
    fn read(source: &SourceFile) -> Self {
        let mut pack = Self::default();
        match parse(source) {
            Ok(root) => {
                let mut decoder = Decoder::new(source.clone());
                pack.decode(&mut decoder, &root);
                pack.problems = decoder.finish();
            }
            Err(problem) => pack.problems.push(*problem),
        }
        pack
    }

    fn decode(&mut self, decoder: &mut Decoder, root: &Node) -> Option<()> {
        let fields = decoder.fields(root, "a rule pack", &PACK_KEYS)?;
        check_version(decoder, &fields, "RulePack");
        let id: Arc<str> = metadata(decoder, &fields).unwrap_or_else(|| "unnamed".into());
        let node = fields.require(decoder, "rules")?;
        let items = decoder.list(node, "`rules`")?;
        if items.is_empty() {
            // A scan without rules would find everybody compliant.
            let message = "the pack has no rules".to_owned();
            decoder.report(Code::BadValue, &node.span, message, "expected a list of rules", None);
        }
        for item in items {
            let Some(fields) = decoder.fields(item, "a rule", &RULE_KEYS) else { continue };
            let id_node = fields.require(decoder, "id");
            let rule_id = id_node.and_then(|node| identifier(decoder, node, "a rule id"));
            if let (Some(node), Some(id)) = (id_node, rule_id) {
                self.ids.push((id.to_owned(), node.span.clone()));
            }
            self.rules.extend(rule(decoder, &fields, rule_id, &id));
        }
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

fn identifier<'n>(decoder: &mut Decoder, node: &'n Node, what: &str) -> Option<&'n str> {
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

/// The rule of `fields`, whose id has been read; `None` if anything of it is wrong.
fn rule(decoder: &mut Decoder, fields: &Fields<'_>, id: Option<&str>, pack: &Arc<str>) -> Option<Rule> {
    let title = fields.require(decoder, "title").and_then(|node| decoder.filled_text(node, "`title`"));
    let severity = fields
        .require(decoder, "severity")
        .and_then(|node| decoder.choice(node, "a severity", &Severity::ALL.map(Severity::as_str), Severity::parse));
    let target = fields
        .require(decoder, "target")
        .and_then(|node| decoder.choice(node, "a target", &Target::ALL.map(Target::as_str), Target::parse));
    let require_node = fields.require(decoder, "require");
    let texts = ["rationale", "remediation", "references"].map(|key| optional_text(decoder, fields, key));
    let [rationale, remediation, _] = texts;
    let controls = fields.get("controls").map_or_else(|| Some(Controls::new()), |node| controls(decoder, node));
    let enforce = optional_choice(decoder, fields, "enforce", "an action", &ACTIONS, |name| Some(name.to_owned()));
    let mode = optional_choice(decoder, fields, "mode", "a mode", &Mode::ALL.map(Mode::as_str), Mode::parse);
    // Without a known target its facts cannot be checked.
    let kind = Kind::Target(target?);
    let when = match fields.get("when") {
        Some(node) => condition(decoder, node, kind).map(Some),
        None => Some(None),
    };
    let require = require_node.and_then(|node| condition(decoder, node, kind));
    let message = match (fields.get("message"), title) {
        (Some(node), _) => template(decoder, node, kind),
        (None, Some(title)) => Some(vec![Piece::Text(format!("does not meet: {title}"))]),
        (None, None) => None,
    };
    check_action(decoder, fields, target?);
    let default_mode = if enforce.is_some() { Mode::Enforce } else { Mode::Warn };
    let mut rule = Rule {
        id: id?.to_owned(),
        severity: severity?,
        target: target?,
        when: when?,
        require: require?,
        message: message?,
        title: title?.to_owned(),
        rationale: rationale.unwrap_or_default(),
        remediation: remediation.unwrap_or_default(),
        controls: controls?,
        mode: mode.unwrap_or(default_mode),
        enforce,
        pack: Arc::clone(pack),
        facts: Vec::new(),
    };
    rule.facts = facts_of(&rule);
    Some(rule)
}

fn facts_of(rule: &Rule) -> Vec<&'static FactDef> {
    let mut facts: Vec<&'static FactDef> = Vec::new();
    let mut visit = |fact: &'static FactDef| {
        if !facts.iter().any(|known| known.name == fact.name) {
            facts.push(fact);
        }
    };
    rule.require.for_each_fact(&mut visit);
    if let Some(when) = &rule.when {
        when.for_each_fact(&mut visit);
    }
    facts
}

fn optional_text(decoder: &mut Decoder, fields: &Fields<'_>, key: &str) -> Option<String> {
    let node = fields.get(key)?;
    decoder.text(node, &format!("`{key}`")).map(|text| text.trim().to_owned())
}

fn optional_choice<T>(
    decoder: &mut Decoder,
    fields: &Fields<'_>,
    key: &str,
    what: &str,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let node = fields.get(key)?;
    decoder.choice(node, what, known, |name| if known.contains(&name) { parse(name) } else { None })
}

/// Only users can be guarded.
fn check_action(decoder: &mut Decoder, fields: &Fields<'_>, target: Target) {
    if let (Some(node), true) = (fields.get("enforce"), target != Target::User) {
        let message = format!("a rule about `{}` cannot name an action", target.as_str());
        let help = Some("actions are for `target: user`".to_owned());
        decoder.report(Code::BadValue, &node.span, message, "nothing can act on this target", help);
    }
}

fn controls(decoder: &mut Decoder, node: &Node) -> Option<Controls> {
    let entries = decoder.entries(node, "`controls`")?;
    let read: Vec<Option<(String, Vec<String>)>> = entries
        .into_iter()
        .map(|(framework, ids)| {
            let items = decoder.list(ids, &format!("the controls of `{}`", framework.name))?;
            let ids: Vec<Option<String>> =
                items.iter().map(|id| decoder.filled_text(id, "a control id").map(str::to_owned)).collect();
            Some((framework.name.clone(), ids.into_iter().collect::<Option<_>>()?))
        })
        .collect();
    read.into_iter().collect()
}

#[cfg(test)]
mod tests;
