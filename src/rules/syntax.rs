//! One rule: from its YAML to a checked [`Rule`].

use std::sync::Arc;

use jiff::SignedDuration;

use crate::model::evaluation::Controls;
use crate::model::{Mode, Severity, Target};
use crate::yaml::{Code, Decoder, Fields, Node};

use super::compile::{Piece, condition, duration, template};
use super::header::ACTIONS;
use super::rule::Rule;
use super::subject::Kind;
use super::vocabulary::FactDef;

/// The rule of `fields`, whose id has been read; `None` if anything of it is wrong.
pub(super) fn rule(decoder: &mut Decoder, fields: &Fields<'_>, id: Option<&str>, pack: &Arc<str>) -> Option<Rule> {
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
    let grace = grace(decoder, fields);
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
        grace,
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

/// The time between announcing and acting.
fn grace(decoder: &mut Decoder, fields: &Fields<'_>) -> Option<SignedDuration> {
    let node = fields.get("grace")?;
    let parsed = duration(decoder, node);
    if fields.get("enforce").is_none() {
        let help = Some("name an action beside it, or take it out".to_owned());
        let message = "`grace` without `enforce`".to_owned();
        decoder.report(Code::BadValue, &node.span, message, "there is no action to wait for", help);
    }
    parsed
}

pub(super) fn controls(decoder: &mut Decoder, node: &Node) -> Option<Controls> {
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
