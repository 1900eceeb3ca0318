//! Every part of every built-in rule is needed: a rule that lacks one, or whose bound is off by one, misses a case.

use jiff::SignedDuration;

use crate::rules::cases::Suite;
use crate::rules::condition::{Condition, Each, Literal, Matcher};
use crate::rules::subject::Subject;
use crate::rules::{Rule, RuleSet};

use super::coverage::with_cases;
use super::names;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A changed condition, and what was changed.
type Mutants<T> = Vec<(String, T)>;

/// The lists that lack one of `parts`, and those in which one is changed.
fn lists<T: Clone + std::fmt::Debug>(parts: &[T], mutants: impl Fn(&T) -> Mutants<T>) -> Mutants<Vec<T>> {
    let mut found = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if parts.len() > 1 {
            let mut rest = parts.to_vec();
            rest.remove(at);
            found.push((format!("without {part:?}"), rest));
        }
        for (what, mutant) in mutants(part) {
            let mut changed = parts.to_vec();
            changed[at] = mutant;
            found.push((what, changed));
        }
    }
    found
}

fn over<T, U>(mutants: Mutants<T>, wrap: impl Fn(T) -> U) -> Mutants<U> {
    mutants.into_iter().map(|(what, mutant)| (what, wrap(mutant))).collect()
}

fn conditions(condition: &Condition) -> Mutants<Condition> {
    match condition {
        Condition::All(parts) => over(lists(parts, conditions), Condition::All),
        Condition::Any(parts) => over(lists(parts, conditions), Condition::Any),
        Condition::Not(inner) => {
            let mut found = over(conditions(inner), |inner| Condition::Not(Box::new(inner)));
            found.push(("without a not".to_owned(), (**inner).clone()));
            found
        }
        Condition::Fact(fact, matcher) => {
            let found = over(matchers(matcher), |matcher| Condition::Fact(fact, matcher));
            found.into_iter().map(|(what, mutant)| (format!("{}: {what}", fact.name), mutant)).collect()
        }
    }
}

fn matchers(matcher: &Matcher) -> Mutants<Matcher> {
    let boxed = |wrap: fn(Box<Each>) -> Matcher, each: &Each| over(eaches(each), |each| wrap(Box::new(each)));
    match matcher {
        Matcher::All(parts) => over(lists(parts, matchers), Matcher::All),
        Matcher::In(all) => over(lists(all, literals), Matcher::In),
        Matcher::NotIn(all) => over(lists(all, literals), Matcher::NotIn),
        Matcher::Compare(how, bound) => [1, -1]
            .map(|step| (format!("{how:?} {bound} becomes {}", bound + step), Matcher::Compare(*how, bound + step)))
            .to_vec(),
        Matcher::OlderThan(age) => [DAY, -DAY]
            .map(|step| (format!("older than {age:?} and {step:?}"), Matcher::OlderThan(*age + step)))
            .to_vec(),
        Matcher::NewerThan(age) => [DAY, -DAY]
            .map(|step| (format!("newer than {age:?} and {step:?}"), Matcher::NewerThan(*age + step)))
            .to_vec(),
        Matcher::Exists(wanted) => vec![("exists is turned".to_owned(), Matcher::Exists(!wanted))],
        Matcher::Count(count) => over(matchers(count), |count| Matcher::Count(Box::new(count))),
        Matcher::Some(each) => boxed(Matcher::Some, each),
        Matcher::Every(each) => boxed(Matcher::Every, each),
        Matcher::None(each) => boxed(Matcher::None, each),
        Matcher::Glob(_) | Matcher::Regex(_) | Matcher::Contains(_) => Vec::new(),
    }
}

fn literals(literal: &Literal) -> Mutants<Literal> {
    match literal {
        Literal::Bool(value) => vec![(format!("{value} is turned"), Literal::Bool(!value))],
        Literal::Number(value) => {
            [1, -1].map(|step| (format!("{value} becomes {}", value + step), Literal::Number(value + step))).to_vec()
        }
        Literal::Text(text) => vec![(format!("`{text}` becomes another text"), Literal::Text(format!("{text}?")))],
    }
}

/// Also any entry at all, in the place of one that fits.
fn eaches(each: &Each) -> Mutants<Each> {
    let (mut found, any) = match each {
        Each::Thing(condition) => (over(conditions(condition), Each::Thing), Each::Thing(Condition::All(Vec::new()))),
        Each::Text(matcher) => (over(matchers(matcher), Each::Text), Each::Text(Matcher::All(Vec::new()))),
    };
    found.push((format!("any entry instead of {each:?}"), any));
    found
}

/// Whether a case of the rule does not come out as it must.
fn is_noticed(rule: &Rule, suite: &Suite) -> bool {
    suite.cases.iter().any(|case| {
        case.expect.iter().any(|expected| {
            expected.rule == rule.id && rule.judge(Subject::Given(&case.given), suite.now) != expected.status
        })
    })
}

/// Descriptions of the changes to the rule at `at` that no case notices, and how many changes there were.
fn unnoticed(set: &mut RuleSet, at: usize, suite: &Suite) -> (usize, Vec<String>) {
    let rule = &mut set.rules[at];
    let (when, require) = (rule.when.clone(), rule.require.clone());
    let mut missed = Vec::new();
    let mut changes: Vec<(String, Option<Condition>, Condition)> = over(conditions(&require), |it| it)
        .into_iter()
        .map(|(what, mutant)| (format!("require: {what}"), when.clone(), mutant))
        .collect();
    if let Some(condition) = &when {
        changes.push(("no when".to_owned(), None, require.clone()));
        changes.extend(
            conditions(condition)
                .into_iter()
                .map(|(what, mutant)| (format!("when: {what}"), Some(mutant), require.clone())),
        );
    }
    let tried = changes.len();
    for (what, when, require) in changes {
        (rule.when, rule.require) = (when, require);
        if !is_noticed(rule, suite) {
            missed.push(format!("{}: {what}", rule.id));
        }
    }
    (rule.when, rule.require) = (when, require);
    (tried, missed)
}

#[test]
fn every_part_of_every_rule_is_needed_by_a_case() {
    let (mut tried, mut missed) = (0, Vec::new());
    for name in names() {
        let (mut set, suite) = with_cases(name);
        for at in 0..set.rules.len() {
            let (changes, mut here) = unnoticed(&mut set, at, &suite);
            tried += changes;
            missed.append(&mut here);
        }
    }
    assert!(tried > 300, "only {tried} changes were tried");
    assert!(missed.is_empty(), "{} of {tried} changes are not noticed:\n{}", missed.len(), missed.join("\n"));
}
