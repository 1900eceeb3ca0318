//! What the config file gives, what wins over it, and what is said of a wrong one.

use std::path::Path;

use clap::{CommandFactory, FromArgMatches};
use jiff::SignedDuration;

use super::*;
use crate::cli::{
    AfterEnrolment, Attach, Cli, Command as Subcommand, EnforceCommand, KeysInUse, LedgerCommand, PlanArgs,
    RulesCommand, ViaServices,
};
use crate::model::Severity;
use crate::yaml::render;

fn parsed(config: &str, line: &str) -> Subcommand {
    let command = apply(Cli::command(), &SourceFile::new("portcullis.yaml", config))
        .unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
    let matches = command.try_get_matches_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
    Cli::from_arg_matches(&matches).unwrap().command
}

fn enforce(config: &str, line: &str) -> EnforceCommand {
    match parsed(config, &format!("portcullis enforce {line}")) {
        Subcommand::Enforce(command) => *command,
        other => panic!("{other:?}"),
    }
}

fn plan(config: &str, line: &str) -> PlanArgs {
    match enforce(config, format!("plan {line}").trim_end()) {
        EnforceCommand::Plan(args) => args,
        other => panic!("{other:?}"),
    }
}

fn scan(config: &str, args: &[&str]) -> crate::cli::ScanArgs {
    let command = apply(Cli::command(), &SourceFile::new("portcullis.yaml", config))
        .unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
    let args = ["portcullis", "scan"].iter().chain(args);
    let matches = command.try_get_matches_from(args).unwrap_or_else(|error| panic!("{error}"));
    match Cli::from_arg_matches(&matches).unwrap().command {
        Subcommand::Scan(args) => *args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_file_gives_what_the_command_line_does_not() {
    let config = "role_name: Audit\nfail_on: critical\nrules: [baseline, mine.yaml]\nconcurrency: 7\norg: true\n\
        params: { max_key_age: 60d }\nmode: unused";
    let config = config.replace("\nmode: unused", "\nmodes: [\"*=audit@111122223333\"]");
    let args = scan(&config, &[]);
    assert_eq!(
        (args.aws.role_name.as_str(), args.output.fail_on, args.aws.concurrency),
        ("Audit", Severity::Critical, 7)
    );
    assert_eq!(args.rules.rules, ["baseline", "mine.yaml"]);
    assert!(args.source.org);
    assert_eq!((args.rules.params.len(), args.rules.modes.len()), (1, 1));
    let args = scan(&config, &["--role-name", "Other", "--rules", "x"]);
    assert_eq!((args.aws.role_name.as_str(), args.rules.rules.as_slice()), ("Other", &["x".to_owned()][..]));
    assert_eq!(scan("", &[]).aws.role_name, "PortcullisScan", "an empty file changes nothing");
}

#[test]
fn the_ledger_is_named_once_for_every_command_that_has_one() {
    let source = SourceFile::new("portcullis.yaml", "ledger: evidence.jsonl\nrole_name: Audit\n");
    let ledger = |line: &str| {
        let command = apply(Cli::command(), &source).unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
        let matches = command.try_get_matches_from(line.split(' ')).unwrap();
        match Cli::from_arg_matches(&matches).unwrap().command {
            Subcommand::Ledger(LedgerCommand::Show(args)) => args.ledger.ledger,
            Subcommand::Ledger(LedgerCommand::Verify(args)) => args.ledger.ledger,
            other => panic!("{other:?}"),
        }
    };
    for command in ["show", "verify"] {
        assert_eq!(ledger(&format!("portcullis ledger {command}")), Path::new("evidence.jsonl"));
        assert_eq!(ledger(&format!("portcullis ledger {command} --ledger x")), Path::new("x"));
    }
}

#[test]
fn every_problem_points_at_its_place() {
    let config = "role_nam: x\nfail_on: awful\nconcurrency: 0\nexclude: [111122223333, abc]\nsnapshot: x\n";
    let problems = apply(Cli::command(), &SourceFile::new("portcullis.yaml", config)).unwrap_err();
    let shown = render(&problems, false);
    let places: Vec<&str> = shown.lines().filter(|line| line.starts_with("portcullis.yaml:")).collect();
    assert_eq!(
        places,
        [
            "portcullis.yaml:1:1: error[unknown-key]: the config file has no key `role_nam`",
            "portcullis.yaml:2:10: error[bad-value]: `awful` is no value for `fail_on`",
            "portcullis.yaml:3:14: error[bad-value]: `0` is no value for `concurrency`",
            "portcullis.yaml:4:25: error[bad-value]: `abc` is no value for `exclude`",
            "portcullis.yaml:5:1: error[unknown-key]: the config file has no key `snapshot`",
        ]
    );
    assert!(shown.contains("did you mean `role_name`?"), "{shown}");
}

const ENFORCE: &str = "role_name: Audit
rules: [baseline, mine.yaml]
waivers: [w.yaml]
accounts: \"111122223333\"
ledger: evidence.jsonl
quiet: true
formats: [html=x]
fail_on: low
enforce:
  break_glass: [\"arn:aws:iam::*:user/break-glass/*\", \"arn:aws:iam::111122223333:user/ops\"]
  attach: group
  keys_in_use: console-only
  via_services: deny
  after_enrolment: keep
  allowed_accounts: [\"111122223333\", 222233334444]
  guard_document: guard.json
  require_scps: true
  max_users: 7
  max_percent: 2.5
  key_window: 60d
  enforce_role_name: Writer
  canary: 3
  max_failures: 2
  max_age: 2h
";

#[test]
fn enforcement_has_a_section_and_the_keys_of_the_file() {
    let PlanArgs { source, aws, rules, guard, limits, ledger, view, progress, .. } = plan(ENFORCE, "");
    assert_eq!((aws.role_name.as_str(), source.accounts.as_deref()), ("Audit", Some("111122223333")));
    assert_eq!((rules.rules, rules.waivers), (vec!["baseline".to_owned(), "mine.yaml".into()], vec!["w.yaml".into()]));
    assert_eq!((ledger.ledger.as_path(), progress.quiet), (Path::new("evidence.jsonl"), true));
    assert_eq!(view.formats.len(), 1, "reports of scan are not plans");
    assert_eq!(view.formats.first().unwrap().path, None);
    let globs = ["arn:aws:iam::*:user/break-glass/*", "arn:aws:iam::111122223333:user/ops"].map(str::to_owned);
    assert_eq!(guard.break_glass(), Some(globs.as_slice()));
    assert_eq!((guard.attach, guard.keys_in_use), (Attach::Group, KeysInUse::ConsoleOnly));
    assert_eq!((guard.via_services, guard.after_enrolment), (ViaServices::Deny, AfterEnrolment::Keep));
    assert_eq!(guard.allow.allowed_accounts, ["111122223333", "222233334444"]);
    assert_eq!(guard.guard_document.as_deref(), Some(Path::new("guard.json")));
    assert_eq!((limits.require_scps, limits.max_users, limits.max_percent), (true, 7, 2.5));
    assert_eq!(limits.key_window, SignedDuration::from_hours(60 * 24));
    let EnforceCommand::Apply(apply) = enforce(ENFORCE, "apply p") else { panic!("another command") };
    assert_eq!(apply.role.enforce_role_name.as_deref(), Some("Writer"));
    assert_eq!((apply.limits.canary, apply.limits.max_failures), (Some(3), 2));
    assert_eq!(apply.limits.max_age, SignedDuration::from_hours(2));
    assert_eq!(apply.allow.allowed_accounts.len(), 2);
    let EnforceCommand::Revert(revert) = enforce(ENFORCE, "revert r") else { panic!("another command") };
    assert_eq!((revert.role.enforce_role_name.as_deref(), revert.aws.role_name.as_str()), (Some("Writer"), "Audit"));
}

/// A key for each lasting flag, and no other: a flag of one run has no variable.
#[test]
fn the_keys_of_the_section_are_these() {
    let command = Cli::command();
    let mut keys: Vec<String> =
        section(&command, &arguments(&command)).iter().map(|arg| arg.get_id().to_string()).collect();
    keys.sort_unstable();
    let expected = [
        "after_enrolment",
        "allowed_accounts",
        "attach",
        "break_glass",
        "canary",
        "enforce_role_name",
        "guard_document",
        "key_window",
        "keys_in_use",
        "max_age",
        "max_failures",
        "max_percent",
        "max_users",
        "require_scps",
        "via_services",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn commands_with_other_flags_of_the_same_name_get_nothing() {
    let config = "rules: [mine.yaml]\n";
    let Subcommand::Rules(RulesCommand::List(list)) = parsed(config, "portcullis rules list") else {
        panic!("no list")
    };
    assert!(list.rules.is_empty(), "all built-in packs");
    let explain = parsed(config, "portcullis rules explain x");
    let Subcommand::Rules(RulesCommand::Explain(explain)) = explain else { panic!("no explanation") };
    assert!(explain.rules.is_empty());
}

#[test]
fn the_command_line_wins_over_the_section() {
    let PlanArgs { guard, limits, .. } =
        plan(ENFORCE, "--max-users 1 --attach user --allowed-accounts 333344445555 --key-window 1d --max-percent 9");
    assert_eq!((limits.max_users, limits.max_percent), (1, 9.0));
    assert_eq!(limits.key_window, SignedDuration::from_hours(24));
    assert_eq!(
        (guard.attach, guard.allow.allowed_accounts.as_slice()),
        (Attach::User, &["333344445555".to_owned()][..])
    );
}

#[test]
fn whoever_says_it_nearest_says_what_break_glass_is() {
    let (named, none) = ("enforce: { break_glass: [\"arn:aws:iam::*:user/a\"] }", "enforce: { break_glass: [] }");
    let (a, b) = (["arn:aws:iam::*:user/a".to_owned()], ["arn:aws:iam::*:user/b".to_owned()]);
    let flag = "--break-glass arn:aws:iam::*:user/b";
    let cases: [(&str, &str, Option<&[String]>); 9] = [
        ("", "", None),
        ("org: true", "", None),
        (named, "", Some(&a)),
        (none, "", Some(&[])),
        ("", flag, Some(&b)),
        (named, flag, Some(&b)),
        (none, flag, Some(&b)),
        ("", "--no-break-glass", Some(&[])),
        (named, "--no-break-glass", Some(&[])),
    ];
    for (config, line, expected) in cases {
        assert_eq!(plan(config, line).guard.break_glass(), expected, "{config} {line}");
    }
}

#[test]
fn every_problem_of_the_section_points_at_its_place() {
    let told = |config: &str| {
        let problems = apply(Cli::command(), &SourceFile::new("portcullis.yaml", config)).unwrap_err();
        render(&problems, false)
    };
    let config = "enforce:
  brake_glass: []
  break_glass: [\"arn:aws:iam:111122223333:user/a\"]
  attach: role
  max_users: many
  max_percent: [5]
  allowed_accounts: []
  require_scps: 1
  key_window: 30
  yes: true
  no_break_glass: true
  role_name: x
break_glass: []
";
    let shown = told(config);
    let places: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("portcullis.yaml:")).collect();
    assert_eq!(
        places,
        [
            "2:3: error[unknown-key]: `enforce` of the config file has no key `brake_glass`",
            "3:17: error[bad-value]: `arn:aws:iam:111122223333:user/a` is no value for `break_glass`",
            "4:11: error[bad-value]: `role` is no value for `attach`",
            "5:14: error[bad-value]: `many` is no value for `max_users`",
            "6:16: error[wrong-type]: `max_percent` should be a value, not a list",
            "7:21: error[bad-value]: `allowed_accounts` is an empty list",
            "8:17: error[bad-value]: `1` is no value for `require_scps`",
            "9:15: error[bad-value]: `30` is no value for `key_window`",
            "10:3: error[unknown-key]: `enforce` of the config file has no key `yes`",
            "11:3: error[unknown-key]: `enforce` of the config file has no key `no_break_glass`",
            "12:3: error[unknown-key]: `enforce` of the config file has no key `role_name`",
            "13:1: error[unknown-key]: the config file has no key `break_glass`",
        ]
    );
    assert!(shown.contains("did you mean `break_glass`?"), "{shown}");
    let shown = told("enforce: true\n");
    assert!(
        shown.starts_with("portcullis.yaml:1:10: error[wrong-type]: `enforce` of the config file should be a mapping"),
        "{shown}"
    );
}
