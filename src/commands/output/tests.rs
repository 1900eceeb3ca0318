//! Which exit status an evaluation means, and which reports may go together.

use super::*;
use crate::cli::ProgressArgs;
use crate::commands::Failure;
use crate::model::{Account, AccountFacts};
use crate::testing::{account, denied, now, rules, user, with_users};
use crate::{evaluate, model::evaluation::WaivedBy};

fn evaluation(rule: &str, accounts: &[AccountFacts]) -> Evaluation {
    let set = rules(&[rule]);
    let run = evaluate::Run {
        id: String::new(),
        started_at: now(),
        finished_at: now(),
        evaluated_at: now(),
        notices: Vec::new(),
    };
    evaluate::assemble(&set, run, accounts.iter().map(|facts| evaluate::account(&set, facts, now())).collect())
}

const HIGH: &str = "severity: high, target: user, require: { console_access: true }";
const LOW: &str = "severity: low, target: user, require: { console_access: true }";
const AUDIT: &str = "severity: high, mode: audit, target: user, require: { console_access: true }";

fn unread(status: AccountStatus) -> AccountFacts {
    let other = Account { id: "222233334444".to_owned(), ..Account::default() };
    AccountFacts::unread(other, status, "reason")
}

#[test]
fn the_status_is_told_by_the_evaluation_alone() {
    use ExitStatus::{Clean, Findings, Incomplete};
    let pass = || with_users(vec![user("a").signs_in(None, None)]);
    let fail = || with_users(vec![user("a")]);
    let open = || with_users(vec![user("a").with(|user| user.console_access = denied("x"))]);
    let partial = || AccountFacts { status: AccountStatus::Partial, ..account() };
    let cases = [
        ("all pass", HIGH, vec![pass()], Clean),
        ("a failure", HIGH, vec![fail()], Findings),
        ("a failure below the bar", LOW, vec![fail()], Clean),
        ("a failure that is only audited", AUDIT, vec![fail()], Clean),
        ("an unknown", HIGH, vec![open()], Incomplete),
        ("an unknown below the bar", LOW, vec![open()], Clean),
        ("an unknown that is only audited", AUDIT, vec![open()], Clean),
        ("a failure beats what is unknown", HIGH, vec![open(), fail(), unread(AccountStatus::Failed)], Findings),
        ("a partial account", HIGH, vec![pass(), partial()], Incomplete),
        ("a failed account", HIGH, vec![pass(), unread(AccountStatus::Failed)], Incomplete),
        ("a skipped account is no gap", HIGH, vec![pass(), unread(AccountStatus::Skipped)], Clean),
        ("nothing at all", HIGH, vec![], Clean),
    ];
    for (what, rule, accounts, expected) in cases {
        assert_eq!(status(&evaluation(rule, &accounts), Severity::High), expected, "{what}");
    }
}

#[test]
fn waived_and_known_failures_do_not_count() {
    let failing = evaluation(HIGH, &[with_users(vec![user("a")])]);
    let mut waived = failing.clone();
    waived.findings[0].waived =
        Some(WaivedBy { owner: "o".into(), reason: "r".into(), ticket: None, expires: "2026-12-31".into() });
    let mut known = failing.clone();
    known.findings[0].state = State::Known;
    assert_eq!(status(&failing, Severity::High), ExitStatus::Findings);
    assert_eq!(status(&waived, Severity::High), ExitStatus::Clean);
    assert_eq!(status(&known, Severity::High), ExitStatus::Clean);
}

#[test]
fn the_bar_is_fail_on() {
    for (at, rule) in Severity::ALL.into_iter().enumerate() {
        let rule = format!("severity: {}, target: user, require: {{ console_access: true }}", rule.as_str());
        for (bar, fail_on) in Severity::ALL.into_iter().enumerate() {
            let found = status(&evaluation(&rule, &[with_users(vec![user("a")])]), fail_on);
            assert_eq!(found == ExitStatus::Findings, at >= bar, "{rule} {fail_on:?}");
        }
    }
}

#[test]
fn statuses_are_the_numbers_of_the_contract() {
    use ExitStatus::{Clean, Failed, Findings, Incomplete, Usage};
    assert_eq!([Clean, Failed, Usage, Findings, Incomplete].map(ExitStatus::code), [0, 1, 2, 3, 4]);
    assert_eq!(Failure::Usage(String::new()).status(), Usage);
    assert_eq!(Failure::Diagnostics(Vec::new()).status(), Usage);
    assert_eq!(Failure::Run { message: String::new(), help: None }.status(), Failed);
}

fn sinks_of(formats: &[(Format, Option<&str>)]) -> Result<Vec<Sink>, String> {
    let formats = formats.iter().map(|(format, path)| Sink { format: *format, path: path.map(Into::into) }).collect();
    let args = output_args(formats);
    let told = |failure: Failure| failure.render(false);
    let sinks = sinks(&args).map_err(told)?;
    check_distinct(&sinks, &args, None).map(|()| sinks).map_err(told)
}

fn output_args(formats: Vec<Sink>) -> OutputArgs {
    OutputArgs {
        formats,
        fail_on: Severity::High,
        save_snapshot: None,
        suggest_waivers: None,
        progress: ProgressArgs { no_progress: true, quiet: true },
    }
}

#[test]
fn a_file_is_one_however_it_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("in.jsonl"), "").unwrap();
    std::fs::create_dir(at("d")).unwrap();
    let check = |paths: &[&str], change: fn(&mut OutputArgs, std::path::PathBuf)| {
        let sink = |path: &&str| Sink { format: Format::Json, path: Some(at(path)) };
        let mut args = output_args(paths.iter().map(sink).collect());
        change(&mut args, at("other"));
        check_distinct(&args.formats.clone(), &args, Some(&at("in.jsonl")))
            .map_err(|failure| (failure.status(), failure.render(false)))
    };
    assert_eq!(check(&["a", "b", "d/a"], |_, _| {}), Ok(()));
    for paths in [["a", "./a"], ["d/../a", "a"], ["d/./x", "d/x"]] {
        let (status, message) = check(&paths, |_, _| {}).unwrap_err();
        assert_eq!(status, ExitStatus::Usage);
        assert!(message.starts_with("error: two reports would go to `"), "{message}");
    }
    let (status, message) = check(&["d/../in.jsonl"], |_, _| {}).unwrap_err();
    assert_eq!(status, ExitStatus::Usage);
    assert!(message.starts_with("error: a report would replace the snapshot that it is made of"), "{message}");
    let (_, message) = check(&["./other"], |args, other| args.save_snapshot = Some(other)).unwrap_err();
    assert!(message.starts_with("error: a report and the snapshot would both go to"), "{message}");
    let (_, message) = check(&["./other"], |args, other| args.suggest_waivers = Some(other)).unwrap_err();
    assert!(message.starts_with("error: a report and the suggested waivers would both go to"), "{message}");
}

#[test]
fn only_one_report_goes_to_stdout_and_each_file_is_written_once() {
    use Format::{Csv, Html, Json, Table};
    assert_eq!(sinks_of(&[]).unwrap(), [Sink { format: Table, path: None }]);
    assert_eq!(sinks_of(&[(Json, None), (Html, Some("h")), (Csv, Some("c"))]).unwrap().len(), 3);
    assert_eq!(
        sinks_of(&[(Json, None), (Html, Some("h")), (Csv, None)]).unwrap_err(),
        "error: both json and csv would go to stdout; give one a path: --format json=PATH\n"
    );
    assert_eq!(sinks_of(&[(Json, Some("f")), (Csv, Some("f"))]).unwrap_err(), "error: two reports would go to `f`\n");
}
