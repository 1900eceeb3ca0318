//! What the command line accepts, what it becomes, and what it refuses with exit status 2.

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("portcullis").chain(line.split_whitespace()))
}

fn scan(line: &str) -> ScanArgs {
    match parse(&format!("scan {line}")).unwrap_or_else(|error| panic!("{line}: {error}")).command {
        Command::Scan(args) => *args,
        other => panic!("not a scan: {other:?}"),
    }
}

/// The error of a wrong command line, on one line.
fn refusal(line: &str) -> String {
    let error = parse(line).expect_err(line);
    assert_eq!(error.exit_code(), 2, "{line}");
    error.to_string().replace('\n', " ")
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

const LEDGER: [&str; 2] = ["show", "verify"];
const ENFORCE: [&str; 7] = ["plan", "apply", "run", "release", "revert", "status", "announce"];

#[test]
fn the_help_is_the_contract() {
    let mut command = Cli::command().term_width(100);
    command.build();
    insta::assert_snapshot!("help", command.render_long_help().to_string());
    let scan = command.find_subcommand_mut("scan").unwrap();
    insta::assert_snapshot!("help_scan", scan.render_long_help().to_string());
    for (group, names) in [("ledger", LEDGER.as_slice()), ("enforce", &ENFORCE)] {
        let group_command = command.find_subcommand_mut(group).unwrap();
        for name in names {
            let help = group_command.find_subcommand_mut(name).unwrap().render_long_help().to_string();
            insta::assert_snapshot!(format!("help_{group}_{name}"), help);
        }
        let built: Vec<&str> = group_command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(built, [names, &["help"]].concat());
    }
    let simulate = command.find_subcommand_mut("simulate").unwrap();
    insta::assert_snapshot!("help_simulate", simulate.render_long_help().to_string());
}

#[test]
fn a_bare_scan_has_the_defaults_of_the_contract() {
    let args = scan("");
    assert!(args.source.snapshot.is_none() && !args.source.org && args.source.accounts.is_none());
    assert_eq!(args.aws.role_name, "PortcullisScan");
    assert_eq!(args.output.fail_on, Severity::High);
    assert_eq!((args.aws.concurrency, args.aws.max_rate, args.aws.timeout), (20, None, None));
    assert!(args.rules.rules.is_empty() && args.output.formats.is_empty());
    assert!(!args.output.progress.quiet && !args.output.progress.no_progress);
}

#[test]
fn accounts_come_from_one_source() {
    for line in [
        "scan --snapshot s --org",
        "scan --snapshot s --accounts 111122223333",
        "scan --org --accounts 111122223333",
        "scan --snapshot s --shard 0/2",
        "scan --snapshot s --save-snapshot t",
    ] {
        assert!(refusal(line).contains("cannot be used with"), "{line}");
    }
    // Filters of an organization must not be dropped in silence beside another source.
    for filter in ["--ou ou-1", "--include 111122223333", "--exclude 111122223333"] {
        assert!(refusal(&format!("scan {filter}")).contains("--org"), "{filter}");
        for source in ["--accounts 111122223333", "--snapshot s"] {
            assert!(refusal(&format!("scan {source} {filter}")).contains("cannot be used with"), "{source} {filter}");
        }
    }
    let args = scan("--org --ou ou-1,ou-2 ou-3 --include 111122223333 --exclude 222233334444,333344445555");
    assert_eq!(args.source.ou, ["ou-1", "ou-2", "ou-3"]);
    assert_eq!(args.source.include, ["111122223333"]);
    assert_eq!(args.source.exclude, ["222233334444", "333344445555"]);
}

#[test]
fn values_that_make_no_sense_are_refused_with_what_is_expected() {
    let cases = [
        ("--org --include 12", "twelve digits"),
        ("--org --exclude 11112222333a", "twelve digits"),
        ("--shard 4/4", "K from 0 to N-1"),
        ("--shard 0/0", "K from 0 to N-1"),
        ("--shard 1", "K from 0 to N-1"),
        ("--shard=-1/4", "K from 0 to N-1"),
        ("--timeout 5", "30m or 2h"),
        ("--timeout soon", "30m or 2h"),
        ("--timeout 1mo", "30m or 2h"),
        ("--now yesterday", "2026-11-24T06:00:00Z, or a date"),
        ("--now 2026-11-24T06:00:00", "2026-11-24T06:00:00Z, or a date"),
        ("--now 2026-02-30", "2026-11-24T06:00:00Z, or a date"),
        ("--fail-on worst", "informational, low, medium, high, critical"),
        ("--format xml", "table, json, jsonl, html, markdown, csv"),
        ("--format json=", "path after `=` is empty"),
        ("--concurrency 0", "1..=500"),
        ("--concurrency 501", "1..=500"),
        ("--max-rate 0", "1..=10000"),
        ("--no-such-flag", "--no-such-flag"),
    ];
    for (line, expected) in cases {
        let message = refusal(&format!("scan {line}"));
        assert!(message.contains(expected), "{line}: {message}");
    }
}

#[test]
fn shards_durations_and_moments() {
    assert_eq!(scan("--shard 0/1").source.shard, Some(Shard { part: 0, of: 1 }));
    assert_eq!(scan("--shard 3/4").source.shard, Some(Shard { part: 3, of: 4 }));
    let minutes = SignedDuration::from_mins;
    for (text, expected) in [("30m", minutes(30)), ("2h", minutes(120)), ("1h30m", minutes(90)), ("1d", minutes(1440))]
    {
        assert_eq!(scan(&format!("--timeout {text}")).aws.timeout, Some(expected), "{text}");
    }
    let moments = [
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("2026-11-24T06:00:00Z", "2026-11-24T06:00:00Z"),
        ("2026-11-24T06:00:00+02:00", "2026-11-24T04:00:00Z"),
    ];
    for (text, expected) in moments {
        assert_eq!(scan(&format!("--now {text}")).rules.now, Some(expected.parse().unwrap()), "{text}");
    }
}

#[test]
fn reports_go_to_stdout_or_to_a_path() {
    let sink = |format, path: Option<&str>| Sink { format, path: path.map(PathBuf::from) };
    let cases = [
        ("--format json", vec![sink(Format::Json, None)]),
        ("--format json=out.json", vec![sink(Format::Json, Some("out.json"))]),
        ("--format html=a=b.html", vec![sink(Format::Html, Some("a=b.html"))]),
        ("--format csv=a,table", vec![sink(Format::Csv, Some("a")), sink(Format::Table, None)]),
        ("--format jsonl --format markdown=m", vec![sink(Format::Jsonl, None), sink(Format::Markdown, Some("m"))]),
    ];
    for (line, expected) in cases {
        assert_eq!(scan(line).output.formats, expected, "{line}");
    }
    for format in Format::ALL {
        assert_eq!(scan(&format!("--format {}", format.as_str())).output.formats, [sink(format, None)]);
    }
}

#[test]
fn severities_and_rules() {
    for severity in Severity::ALL {
        assert_eq!(scan(&format!("--fail-on {}", severity.as_str())).output.fail_on, severity);
    }
    assert_eq!(scan("--rules a,b c --rules d").rules.rules, ["a", "b", "c", "d"]);
    assert_eq!(parse("-vv scan").unwrap().verbose, 2);
    assert_eq!(parse("scan -v").unwrap().verbose, 1);
}

#[test]
fn commands_that_lack_something_say_what() {
    assert!(refusal("rules check").contains("PATH|PACK"));
    assert!(refusal("nothing").contains("unrecognized subcommand"));
    let Command::Rules(RulesCommand::List(ListArgs { rules, .. })) = parse("rules list").unwrap().command else {
        panic!("no list")
    };
    assert!(rules.is_empty());
    assert_eq!(parse("").unwrap_err().exit_code(), 2, "the help, for there was nothing to do");
    assert_eq!(parse("--version").unwrap_err().exit_code(), 0);
}

#[test]
fn the_ledger_has_a_default_and_a_head_is_a_hash() {
    let verify = |line: &str| match parse(&format!("ledger verify {line}")).unwrap().command {
        Command::Ledger(LedgerCommand::Verify(args)) => args,
        other => panic!("{other:?}"),
    };
    let args = verify("");
    assert_eq!((args.ledger.ledger, args.head, args.format), ("portcullis-ledger.jsonl".into(), None, Shape::Table));
    let head = "AB".repeat(32);
    assert_eq!(verify(&format!("--head {head} --format json")).head, Some("ab".repeat(32)));
    for head in ["", "ab", &"g".repeat(64), &"a".repeat(65)] {
        assert!(refusal(&format!("ledger verify --head={head}")).contains("64 hexadecimal digits"), "{head}");
    }
    assert!(refusal("ledger show --account 12").contains("twelve digits"));
    assert!(refusal("ledger show --format csv").contains("table, json"));
}
