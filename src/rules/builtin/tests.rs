//! The rules of the baseline pack, each by its cases: what fails, what passes, to what it does not apply, and what
//! cannot be judged.

mod accounts;
mod users;

use std::collections::BTreeMap;

use super::*;
use crate::evaluate;
use crate::model::evaluation::Counts;
use crate::model::{AccountFacts, Status};
use crate::rules::vocabulary::KINDS;
use crate::rules::{Rule, RuleSet, load};
use crate::testing::{baseline, now};

/// A rule's outcome on the one resource of an account: the case as a sentence, the outcome, the account.
type Case = (&'static str, &'static str, Status, AccountFacts);

fn all_cases() -> Vec<Case> {
    [users::mfa(), users::credentials(), users::rights(), accounts::root(), accounts::whole()].concat()
}

/// The outcome of one rule on an account that has one resource of its target.
fn outcome(set: &RuleSet, rule: &str, facts: &AccountFacts) -> Status {
    let at = set.rules.iter().position(|known| known.id == rule).unwrap_or_else(|| panic!("no rule {rule}"));
    let counts = evaluate::account(set, facts, now()).counts[at];
    match counts {
        Counts { pass: 1, fail: 0, waived: 0, unknown: 0, not_applicable: 0 } => Status::Pass,
        Counts { pass: 0, fail: 1, waived: 0, unknown: 0, not_applicable: 0 } => Status::Fail,
        Counts { pass: 0, fail: 0, waived: 0, unknown: 1, not_applicable: 0 } => Status::Unknown,
        Counts { pass: 0, fail: 0, waived: 0, unknown: 0, not_applicable: 1 } => Status::NotApplicable,
        _ => panic!("{rule}: not one resource: {counts:?}"),
    }
}

#[test]
fn every_case_has_its_outcome() {
    let set = baseline();
    let wrong: Vec<String> = all_cases()
        .iter()
        .map(|(rule, case, expected, facts)| (rule, case, *expected, outcome(&set, rule, facts)))
        .filter(|(_, _, expected, found)| expected != found)
        .map(|(rule, case, expected, found)| format!("{rule}: {case}: expected {expected:?}, found {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rules that have cases on the model here have one of each outcome; cases in YAML (`coverage`) cover all rules.
#[test]
fn rules_with_cases_here_have_one_of_each_outcome() {
    let mut seen: BTreeMap<&str, Vec<Status>> = BTreeMap::new();
    for (rule, _, expected, _) in all_cases() {
        seen.entry(rule).or_default().push(expected);
    }
    for Rule { id, when, .. } in &baseline().rules {
        let Some(seen) = seen.remove(id.as_str()) else { continue };
        for status in [Status::Pass, Status::Fail, Status::Unknown] {
            assert!(seen.contains(&status), "{id} has no case of {status:?}");
        }
        assert_eq!(seen.contains(&Status::NotApplicable), when.is_some(), "{id}: not applicable");
    }
    assert!(seen.is_empty(), "cases of no rule: {seen:?}");
}

#[test]
fn every_rule_says_why_and_how_and_what() {
    for rule in &baseline().rules {
        let Rule { id, rationale, remediation, message, controls, .. } = rule;
        assert!(rationale.len() > 20 && rationale.ends_with('.'), "{id}: {rationale}");
        assert!(remediation.len() > 20, "{id}: {remediation}");
        assert!(message.len() > 1, "{id}: the message names no fact: whom is it about?");
        for (framework, ids) in controls {
            let mut distinct = ids.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), ids.len(), "{id}: {framework} names a control twice");
        }
    }
}

#[test]
fn only_console_users_without_mfa_may_be_acted_on() {
    let all: Vec<_> = names().into_iter().filter_map(pack).collect();
    let acting: Vec<(String, Option<String>)> = load(&all)
        .unwrap()
        .rules
        .into_iter()
        .filter(|rule| rule.enforce.is_some() || rule.mode == crate::model::Mode::Enforce)
        .map(|rule| (rule.id, rule.enforce))
        .collect();
    assert_eq!(acting, [("console-user-mfa".to_owned(), Some("deny-without-mfa".to_owned()))]);
}

#[test]
fn packs_are_found_by_name_and_load() {
    assert!(names().contains(&DEFAULT));
    for name in names() {
        let source = pack(name).unwrap();
        assert_eq!(&*source.path, format!("builtin:{name}"));
        assert!(load(&[source]).unwrap().rules.iter().any(|rule| &*rule.pack == name));
    }
    assert!(pack("no-such-pack").is_none());
}

/// Ids, severities and targets are what waivers, baselines and dashboards hold on to.
#[test]
fn the_rules_of_the_pack() {
    let lines: Vec<String> = baseline()
        .rules
        .iter()
        .map(|rule| format!("{} {} {} {}", rule.id, rule.severity.as_str(), rule.target.as_str(), rule.mode.as_str()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// The names of all facts and their types: a rename breaks rules that others wrote.
#[test]
fn the_vocabulary() {
    let lines: Vec<String> = KINDS
        .iter()
        .flat_map(|kind| super::super::vocabulary::facts(*kind).iter().map(move |fact| (kind, fact)))
        .map(|(kind, fact)| format!("{}.{}: {} ({})", kind.as_str(), fact.name, fact.kind.describe(), fact.source))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
