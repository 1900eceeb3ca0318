//! What the config file gives, what wins over it, and what is said of a wrong one.

use std::path::Path;

use clap::{CommandFactory, FromArgMatches};

use super::*;
use crate::cli::{Cli, Command as Subcommand, LedgerCommand};
use crate::model::Severity;
use crate::yaml::render;

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
