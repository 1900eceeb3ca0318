//! Requests that stand for what policies tell apart: to see what a guard changes for a user.
//!
//! Policies tell actions apart by their patterns only. So for each `Allow`, one request stands for what its patterns allow
//! and no other pattern is about, and one for what they have in common with each pattern of the `Deny` statements. That
//! shows differences; it is no proof that there are none, nor that everything is denied: for that see `regions`.

use std::collections::BTreeSet;

use crate::iam::context::Context;
use crate::iam::decide::Policies;
use crate::iam::document::Effect;
use crate::iam::policy::{Patterns, Policy, Statement};
use crate::iam::template::{Filled, Template};
use crate::iam::wildcard::Wildcard;

/// Stands for "any character" in the name of a resource: no name that IAM allows has it, so only a wildcard matches it.
pub(super) const ANY: char = '\u{e000}';

/// What stands for `*` in a witness: no pattern names it, so only wildcards match it.
const RUN: &str = "\u{e000}";

/// How many requests stand for the rest at most, but for those of one action.
const MOST: usize = 2_000;

/// An action and a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Witness {
    pub(super) action: String,
    pub(super) resource: String,
}

/// A text with [`ANY`] in it, as people write it.
pub(super) fn for_people(text: &str) -> String {
    let mut people = String::with_capacity(text.len());
    for part in text.split_inclusive(ANY) {
        match part.strip_suffix(ANY) {
            Some(before) if before.is_empty() && people.ends_with('*') => {}
            Some(before) => people.extend([before, "*"]),
            None => people.push_str(part),
        }
    }
    people
}

/// The requests that stand for all that `policies` may allow in a request with this context.
pub(super) fn witnesses(policies: &Policies<'_>, context: &Context) -> BTreeSet<Witness> {
    let of = |effect| statements(policies, effect);
    let denied_actions: Vec<&Wildcard> = of(Effect::Deny).flat_map(|deny| deny.actions.patterns.iter()).collect();
    let denied_resources = filled(of(Effect::Deny).map(|deny| &deny.resources), context);
    let mut all = BTreeSet::new();
    // The policies that were added last first: there is an end to it.
    for allow in policies.identity.iter().rev().flat_map(|policy| allows(policy)) {
        let actions = actions(&allow.actions, &denied_actions);
        let resources = resources(&allow.resources, &denied_resources, context);
        for action in &actions {
            if all.len() >= MOST {
                return all;
            }
            all.extend(resources.iter().map(|resource| Witness { action: action.clone(), resource: resource.clone() }));
        }
    }
    all
}

fn statements<'a>(policies: &'a Policies<'_>, effect: Effect) -> impl Iterator<Item = &'a Statement> {
    let all = policies.identity.iter().chain(&policies.boundary).chain(policies.scps.iter().flatten());
    all.flat_map(|policy| policy.statements()).filter(move |statement| statement.effect == effect)
}

fn allows(policy: &Policy) -> impl Iterator<Item = &Statement> {
    policy.statements().iter().filter(|statement| statement.effect == Effect::Allow)
}

fn actions(allowed: &Patterns<Wildcard>, denied: &[&Wildcard]) -> BTreeSet<String> {
    let anything = Wildcard::new("*:*");
    let patterns: Vec<&Wildcard> = if allowed.except { vec![&anything] } else { allowed.patterns.iter().collect() };
    let mut found = BTreeSet::new();
    // `*` alone is an action of some service.
    let patterns = patterns.into_iter().map(|pattern| if pattern.matches_all() { &anything } else { pattern });
    found.extend(patterns.clone().map(|pattern| pattern.example(RUN, ANY)));
    for pattern in patterns {
        if found.len() >= MOST {
            break;
        }
        found.extend(denied.iter().filter_map(|denied| common(pattern, denied)));
    }
    found
}

fn resources(allowed: &Patterns<Template>, denied: &[Wildcard], context: &Context) -> BTreeSet<String> {
    let anything = vec![Wildcard::new("*")];
    let patterns = if allowed.except { anything } else { filled([allowed], context) };
    let mut found: BTreeSet<String> = patterns.iter().map(|pattern| pattern.example(RUN, ANY)).collect();
    for pattern in &patterns {
        if found.len() >= MOST {
            break;
        }
        found.extend(denied.iter().filter_map(|denied| common(pattern, denied)));
    }
    found
}

/// The patterns as they are in a request with this context; those that match nothing in it are left out.
fn filled<'a>(lists: impl IntoIterator<Item = &'a Patterns<Template>>, context: &Context) -> Vec<Wildcard> {
    let templates = lists.into_iter().flat_map(|list| list.patterns.iter());
    templates
        .filter_map(|template| match template.fill(context, &mut ()) {
            Filled::Pattern(pattern) => Some(pattern.into_owned()),
            // Whatever an open variable stands for, its pattern may match what its text matches with anything there.
            Filled::Open => Some(template.widened()),
            Filled::Nothing => None,
        })
        .collect()
}

/// A text that both match: with something for every `*` where one of them matches all that the other does.
fn common(one: &Wildcard, other: &Wildcard) -> Option<String> {
    if other.matches_all() {
        return None;
    }
    let example = other.example(RUN, ANY);
    if one.matches_ignore_case(&example) {
        return Some(example);
    }
    one.common_ignore_case(other, ANY)
}
