//! `portcullis rules test`: the cases of rules, and what the rules say of them.

use std::fmt::Write as _;
use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::console;
use crate::report::sink;
use crate::rules::RuleSet;
use crate::rules::cases::{Outcome, Suite, load, outcome_name, run};
use crate::rules::subject::Subject;
use crate::rules::value::Value;
use crate::yaml::Diagnostic;

use super::exit::{ExitStatus, Failure};
use super::sources;

/// Runs the cases of `paths`.
///
/// # Errors
///
/// Every problem of every pack and file of cases; if the outcomes cannot be written.
pub(super) fn test(paths: &[String], junit: Option<&Path>) -> Result<ExitStatus, Failure> {
    let pairs = sources::cases(paths)?;
    let (mut suites, mut problems): (Vec<(Suite, RuleSet)>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    for (source, set) in pairs {
        match load(&source, &set) {
            Ok(suite) => suites.push((suite, set)),
            Err(mut wrong) => problems.append(&mut wrong),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Diagnostics(problems));
    }
    let outcomes: Vec<(&Suite, Vec<Outcome<'_>>)> =
        suites.iter().map(|(suite, set)| (suite, run(suite, set))).collect();
    if let Some(path) = junit {
        let report = junit_of(&outcomes);
        sink::replace_file(path, |out| report.serialize(&mut *out)).map_err(|error| Failure::run(&error))?;
    }
    let (text, missed) = shown(&outcomes);
    console::out(&text).map_err(|error| Failure::run(&error))?;
    Ok(if missed == 0 { ExitStatus::Clean } else { ExitStatus::Findings })
}

/// Every miss with its place and the facts that decide it, and a line that counts.
fn shown(outcomes: &[(&Suite, Vec<Outcome<'_>>)]) -> (String, usize) {
    let (mut text, mut missed, mut total, mut cases) = (String::new(), 0, 0, 0);
    for (suite, outcomes) in outcomes {
        cases += suite.cases.len();
        total += outcomes.len();
        for outcome in outcomes.iter().filter(|outcome| !outcome.is_met()) {
            missed += 1;
            let (line, column) = suite.source.position(outcome.expected.span.start);
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{}:{line}:{column}: {}", suite.source.path, difference(outcome));
        }
    }
    let _ = writeln!(text, "{cases} cases, {total} expectations: {} met, {missed} missed", total - missed);
    (text, missed)
}

fn difference(outcome: &Outcome<'_>) -> String {
    let (rule, case) = (&outcome.rule.id, &outcome.case.name);
    let (expected, status) = (outcome_name(outcome.expected.status), outcome_name(outcome.status));
    let mut text = format!("{rule}: {case}\n  - {expected} expected\n  + {status}\n");
    for fact in &outcome.rule.facts {
        let value = match fact.of(Subject::Given(&outcome.case.given)).value {
            Ok(Value::List(list)) if list.rest.is_some() => format!("at least {}", Value::List(list).to_json()),
            Ok(value) => value.to_json().to_string(),
            Err(unknown) => format!("unknown: {}", unknown.reason),
        };
        let _ = writeln!(text, "    {} = {value}", fact.name);
    }
    text
}

fn junit_of(outcomes: &[(&Suite, Vec<Outcome<'_>>)]) -> Report {
    let mut report = Report::new("portcullis rules test");
    for (suite, outcomes) in outcomes {
        let mut of_file = TestSuite::new(&*suite.source.path);
        for outcome in outcomes {
            let mut status = TestCaseStatus::success();
            if !outcome.is_met() {
                status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(difference(outcome));
            }
            let mut case = TestCase::new(format!("{}: {}", outcome.rule.id, outcome.case.name), status);
            case.set_classname(&outcome.rule.id);
            of_file.add_test_case(case);
        }
        report.add_test_suite(of_file);
    }
    report
}
