//! Cases of rules: resources written down as facts, and the status that each rule must have on them.
//!
//! A case file stands beside its pack: `NAME.cases.yaml` beside `NAME.yaml`. Pure.

use jiff::Timestamp;

use crate::model::{Status, Target};
use crate::yaml::{Code, Decoder, Diagnostic, Key, Node, SourceFile, Span, Value, did_you_mean, parse};

use super::compile::{choice, parse_duration, unknown_fact};
use super::given::{Given, GivenValue};
use super::header::check_version;
use super::load::RuleSet;
use super::rule::Rule;
use super::subject::{Kind, Subject};
use super::vocabulary::{self, FactType, fact};

const FILE_KEYS: [&str; 5] = ["apiVersion", "kind", "now", "defaults", "cases"];
const CASE_KEYS: [&str; 4] = ["name", "target", "facts", "expect"];
const OUTCOMES: [&str; 4] = ["PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE"];

/// The cases of one file, checked.
#[derive(Debug)]
pub struct Suite {
    /// The file.
    pub source: SourceFile,
    /// The moment against which ages are judged.
    pub now: Timestamp,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A resource and what rules must say of it.
#[derive(Debug)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// What the resource is.
    pub target: Target,
    /// The resource.
    pub given: Given,
    /// What must come out.
    pub expect: Vec<Expectation>,
}

/// What a rule must say of a resource.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The rule's id.
    pub rule: String,
    /// The status.
    pub status: Status,
    /// Where it stands.
    pub span: Span,
}

/// The outcome of one expectation.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The case.
    pub case: &'a Case,
    /// What was expected.
    pub expected: &'a Expectation,
    /// What came out.
    pub status: Status,
    /// The rule.
    pub rule: &'a Rule,
}

impl Outcome<'_> {
    /// Whether it came out as expected.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.status == self.expected.status
    }
}

/// The name of a status in case files.
#[must_use]
pub const fn outcome_name(status: Status) -> &'static str {
    match status {
        Status::Pass => "PASS",
        Status::Fail => "FAIL",
        Status::Unknown => "UNKNOWN",
        Status::NotApplicable => "NOT_APPLICABLE",
    }
}

fn outcome(name: &str) -> Option<Status> {
    [Status::Pass, Status::Fail, Status::Unknown, Status::NotApplicable]
        .into_iter()
        .find(|status| outcome_name(*status) == name)
}

/// Checks the cases of `source` against `set`.
///
/// # Errors
///
/// Every problem of the file.
pub fn load(source: &SourceFile, set: &RuleSet) -> Result<Suite, Vec<Diagnostic>> {
    let root = parse(source).map_err(|problem| vec![*problem])?;
    let mut decoder = Decoder::new(source.clone());
    let suite = suite(&mut decoder, &root, set);
    let problems = decoder.finish();
    suite.filter(|_| problems.is_empty()).ok_or(problems)
}

/// Runs the cases of `suite` by the rules of `set`.
#[must_use]
pub fn run<'a>(suite: &'a Suite, set: &'a RuleSet) -> Vec<Outcome<'a>> {
    let of = |case: &'a Case, expected: &'a Expectation| {
        let rule = set.rules.iter().find(|rule| rule.id == expected.rule)?;
        Some(Outcome { case, expected, status: rule.judge(Subject::Given(&case.given), suite.now), rule })
    };
    suite.cases.iter().flat_map(|case| case.expect.iter().filter_map(move |expected| of(case, expected))).collect()
}

fn suite(decoder: &mut Decoder, root: &Node, set: &RuleSet) -> Option<Suite> {
    let fields = decoder.fields(root, "a file of cases", &FILE_KEYS)?;
    check_version(decoder, &fields, "RuleCases");
    let now = match fields.get("now") {
        Some(node) => moment(decoder, node, Timestamp::UNIX_EPOCH)?,
        None => Timestamp::from_second(DEFAULT_NOW).unwrap_or(Timestamp::UNIX_EPOCH),
    };
    let defaults = defaults(decoder, fields.get("defaults"), now);
    let node = fields.require(decoder, "cases")?;
    let items = decoder.list(node, "`cases`")?;
    let cases: Vec<Option<Case>> = items.iter().map(|item| case(decoder, item, now, &defaults, set)).collect();
    Some(Suite { source: decoder.source().clone(), now, cases: cases.into_iter().collect::<Option<_>>()? })
}

/// 2026-01-01T00:00:00Z, where a file names no other moment.
const DEFAULT_NOW: i64 = 1_767_225_600;

/// Facts that all cases of a target share.
fn defaults(decoder: &mut Decoder, node: Option<&Node>, now: Timestamp) -> Vec<(Target, Given)> {
    let Some(entries) = node.and_then(|node| decoder.entries(node, "`defaults`")) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in entries {
        if let Some(target) = Target::parse(&key.name) {
            let given = facts(decoder, value, Kind::Target(target), now, Given::default());
            found.push((target, given.unwrap_or_default()));
        } else {
            let help = did_you_mean(&key.name, Target::ALL.into_iter().map(Target::as_str));
            decoder.report(Code::BadValue, &key.span, format!("`{}` is not a target", key.name), "", help);
        }
    }
    found
}

fn case(
    decoder: &mut Decoder,
    node: &Node,
    now: Timestamp,
    defaults: &[(Target, Given)],
    set: &RuleSet,
) -> Option<Case> {
    let fields = decoder.fields(node, "a case", &CASE_KEYS)?;
    let name = fields.require(decoder, "name").and_then(|node| decoder.filled_text(node, "`name`"));
    let target = fields
        .require(decoder, "target")
        .and_then(|node| decoder.choice(node, "a target", &Target::ALL.map(Target::as_str), Target::parse))?;
    let base = defaults.iter().find(|(known, _)| *known == target).map(|(_, given)| given.clone()).unwrap_or_default();
    let given = match fields.get("facts") {
        Some(node) => facts(decoder, node, Kind::Target(target), now, base),
        None => Some(base),
    };
    let expect = fields.require(decoder, "expect").and_then(|node| expectations(decoder, node, target, set));
    Some(Case { name: name?.to_owned(), target, given: given?, expect: expect? })
}

fn expectations(decoder: &mut Decoder, node: &Node, target: Target, set: &RuleSet) -> Option<Vec<Expectation>> {
    let mut found = Vec::new();
    for (key, value) in decoder.entries(node, "`expect`")? {
        let status = decoder.choice(value, "an outcome", &OUTCOMES, outcome);
        match set.rules.iter().find(|rule| rule.id == key.name) {
            None => {
                let help = did_you_mean(&key.name, set.rules.iter().map(|rule| rule.id.as_str()));
                decoder.report(Code::BadValue, &key.span, format!("there is no rule `{}`", key.name), "", help);
            }
            Some(rule) if rule.target != target => {
                let message = format!("rule `{}` judges {}s, not {}s", rule.id, rule.target.as_str(), target.as_str());
                decoder.report(Code::BadValue, &key.span, message, "", None);
            }
            Some(_) => {}
        }
        found.push(Expectation { rule: key.name.clone(), status: status?, span: value.span.clone() });
    }
    Some(found)
}

fn facts(decoder: &mut Decoder, node: &Node, kind: Kind, now: Timestamp, base: Given) -> Option<Given> {
    let mut given = base;
    for (key, value) in decoder.entries(node, "`facts`")? {
        match fact(kind, &key.name) {
            None => unknown_fact(decoder, key, kind, || vocabulary::facts(kind).iter().map(|fact| fact.name)),
            Some(fact) => {
                if let Some(value) = given_value(decoder, key, value, fact.kind, now) {
                    given.set(fact.name, value);
                }
            }
        }
    }
    Some(given)
}

fn given_value(decoder: &mut Decoder, key: &Key, node: &Node, kind: FactType, now: Timestamp) -> Option<GivenValue> {
    let what = format!("`{}`", key.name);
    if let Value::Mapping(_) = &node.value {
        return open_value(decoder, key, node, kind, now);
    }
    if node.value == Value::Null {
        return Some(GivenValue::Absent);
    }
    match kind {
        FactType::Bool => decoder.boolean(node, &what).map(GivenValue::Bool),
        FactType::Number => decoder.integer(node, &what).map(GivenValue::Number),
        FactType::Text => decoder.text(node, &what).map(|text| GivenValue::Text(text.to_owned())),
        FactType::Choice(values) => {
            choice(decoder, node, values, &key.name).map(|text| GivenValue::Text(text.to_owned()))
        }
        FactType::Time => moment(decoder, node, now).map(GivenValue::Time),
        FactType::Texts => texts(decoder, node, &what).map(|items| GivenValue::Texts(items, None)),
        FactType::List(inner) => things(decoder, node, inner, now, &what).map(|items| GivenValue::List(items, None)),
    }
}

/// `{ unknown: REASON }`, or for a list known in part `{ at_least: […] }`.
fn open_value(decoder: &mut Decoder, key: &Key, node: &Node, kind: FactType, now: Timestamp) -> Option<GivenValue> {
    let what = format!("`{}`", key.name);
    let fields = decoder.fields(node, "a fact that is not known", &["unknown", "at_least"])?;
    if let Some(reason) = fields.get("unknown") {
        return decoder.text(reason, "the reason").map(|reason| GivenValue::Unknown(reason.to_owned()));
    }
    let part = fields.require(decoder, "at_least")?;
    let rest = Some("only a part of the list is known".to_owned());
    match kind {
        FactType::Texts => texts(decoder, part, &what).map(|items| GivenValue::Texts(items, rest)),
        FactType::List(inner) => things(decoder, part, inner, now, &what).map(|items| GivenValue::List(items, rest)),
        _ => {
            let message = format!("{what} is {}, of which no part can be known", kind.describe());
            decoder.report(Code::BadValue, &part.span, message, "only for lists", None);
            None
        }
    }
}

fn texts(decoder: &mut Decoder, node: &Node, what: &str) -> Option<Vec<String>> {
    let items = decoder.list(node, what)?;
    let read: Vec<Option<String>> = items.iter().map(|item| decoder.text(item, what).map(str::to_owned)).collect();
    read.into_iter().collect()
}

fn things(decoder: &mut Decoder, node: &Node, kind: Kind, now: Timestamp, what: &str) -> Option<Vec<Given>> {
    let items = decoder.list(node, what)?;
    let read: Vec<Option<Given>> = items.iter().map(|item| facts(decoder, item, kind, now, Given::default())).collect();
    read.into_iter().collect()
}

/// A moment, or how long before `now` it was: `120d`.
fn moment(decoder: &mut Decoder, node: &Node, now: Timestamp) -> Option<Timestamp> {
    let text = decoder.text(node, "a time")?;
    let ago = || now.checked_sub(parse_duration(text)?).ok();
    let midnight = || format!("{text}T00:00:00Z").parse().ok();
    let parsed = text.parse().ok().or_else(ago).or_else(midnight);
    if parsed.is_none() {
        let label = "expected how long ago (`120d`, `3h`) or a moment (`2026-01-01T00:00:00Z`)";
        decoder.report(Code::BadValue, &node.span, format!("`{text}` is not a time"), label, None);
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;
    use crate::yaml::render;

    fn read(cases: &str) -> Result<Suite, Vec<String>> {
        let set = crate::rules::load(&[builtin::pack("baseline").unwrap()]).unwrap();
        let text = format!("apiVersion: portcullis/v1\nkind: RuleCases\ncases:\n  - {cases}\n");
        load(&SourceFile::new("c.yaml", &text), &set).map_err(|problems| {
            render(&problems, false).lines().filter(|line| line.starts_with("c.yaml:")).map(str::to_owned).collect()
        })
    }

    #[test]
    fn every_problem_of_a_case_points_at_its_place() {
        let cases = [
            (
                "{ name: n, target: user, expect: { console-user-mf: FAIL } }",
                "4:40: error[bad-value]: there is no rule `console-user-mf`",
            ),
            (
                "{ name: n, target: user, expect: { root-mfa: FAIL } }",
                "4:40: error[bad-value]: rule `root-mfa` judges roots, not users",
            ),
            (
                "{ name: n, target: user, expect: { admin-mfa: FAILS } }",
                "4:51: error[bad-value]: `FAILS` is not an outcome",
            ),
            ("{ name: n, target: usr, expect: {} }", "4:24: error[bad-value]: `usr` is not a target"),
            ("{ name: n, target: user }", "4:5: error[missing-key]: a case lacks the key `expect`"),
            (
                "{ target: user, expect: { admin-mfa: FAIL }, fcts: {} }",
                "4:5: error[missing-key]: a case lacks the key `name`",
            ),
            (
                "{ name: n, target: user, facts: { mfa: 1 }, expect: {} }",
                "4:39: error[unknown-fact]: `mfa` is not a fact of a user",
            ),
            (
                "{ name: n, target: user, facts: { is_admin: 1 }, expect: {} }",
                "4:49: error[wrong-type]: `is_admin` should be true or false, not a number",
            ),
            (
                "{ name: n, target: user, facts: { created: soon }, expect: {} }",
                "4:48: error[bad-value]: `soon` is not a time",
            ),
            (
                "{ name: n, target: user, facts: { is_admin: { at_least: [] } }, expect: {} }",
                "4:61: error[bad-value]: `is_admin` is true or false, of which no part can be known",
            ),
            (
                "{ name: n, target: user, facts: { mfa_devices: [{ kind: pass-key }] }, expect: {} }",
                "4:61: error[bad-value]: `kind` is never `pass-key`",
            ),
        ];
        for (case, expected) in cases {
            let problems = read(case).err().unwrap_or_default();
            assert!(
                problems.first().is_some_and(|first| first.starts_with(&format!("c.yaml:{expected}"))),
                "{case}: {problems:?}"
            );
        }
    }

    #[test]
    fn facts_are_given_or_unknown_and_times_may_be_ages() {
        let suite = read(
            "{ name: n, target: user, facts: { created: 90d, tags: null, groups: { at_least: [a] }, is_admin: { unknown: why } }, expect: { admin-mfa: UNKNOWN } }",
        )
        .unwrap_or_else(|problems| panic!("{problems:?}"));
        let of = |name: &str| fact(Kind::Target(Target::User), name).unwrap().of(Subject::Given(&suite.cases[0].given));
        let created = suite.now.checked_sub(jiff::SignedDuration::from_hours(24 * 90)).unwrap();
        assert!(matches!(of("created").value, Ok(crate::rules::value::Value::Time(time)) if time == created));
        assert!(matches!(of("tags").value, Ok(crate::rules::value::Value::Absent)));
        assert!(
            matches!(of("groups").value, Ok(crate::rules::value::Value::List(list)) if list.items.len() == 1 && list.rest.is_some())
        );
        assert_eq!(of("is_admin").value.err().map(|unknown| unknown.reason.to_owned()).as_deref(), Some("why"));
        assert!(of("path").value.is_err(), "what is not given is unknown");
    }
}
