//! The config file: values for flags that the command line and the environment do not give.
//!
//! `portcullis.yaml` in the working directory, or `--config PATH`. Its keys are the names of `scan`'s flags with `_` for
//! `-`, and `ledger`, which several commands have; flags win over variables, variables over the file, the file over the
//! defaults. Each value is checked as its flag would be, and a problem points at it.

use clap::builder::OsStr;
use clap::{Arg, ArgAction, Command};

use crate::yaml::{Code, Decoder, Diagnostic, Node, SourceFile, Value, parse};

/// The file that is read if it is there and no other is named.
pub const DEFAULT_PATH: &str = "portcullis.yaml";

/// Flags that make no sense in a file: they are about one run.
const NOT_IN_FILE: [&str; 6] = ["snapshot", "now", "save_snapshot", "suggest_waivers", "shard", "help"];

/// Flags that `scan` lacks and that mean the same wherever they are.
const SHARED: [&str; 1] = ["ledger"];

/// `command` with the values of `source` as defaults of its subcommand `scan`, and of the shared flags of all others.
///
/// # Errors
///
/// Every problem of the file.
pub fn apply(command: Command, source: &SourceFile) -> Result<Command, Vec<Diagnostic>> {
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if source.text.lines().all(says_nothing) {
        return Ok(command);
    }
    let root = parse(source).map_err(|problem| vec![*problem])?;
    let mut decoder = Decoder::new(source.clone());
    let settings = settings(&mut decoder, &root, &arguments(&command));
    let problems = decoder.finish();
    if problems.is_empty() { Ok(with_defaults(command, &settings)) } else { Err(problems) }
}

/// The arguments whose ids are the keys that may stand in the file.
fn arguments(command: &Command) -> Vec<Arg> {
    let scan = command.find_subcommand("scan").into_iter().flat_map(Command::get_arguments);
    let scan = scan.filter(|arg| !NOT_IN_FILE.contains(&arg.get_id().as_str()));
    let shared = SHARED.into_iter().filter_map(|id| find(command, id));
    scan.chain(shared).cloned().collect()
}

/// The first argument `id` of a command or of those below it.
fn find<'c>(command: &'c Command, id: &str) -> Option<&'c Arg> {
    let own = command.get_arguments().find(|arg| arg.get_id() == id);
    own.or_else(|| command.get_subcommands().find_map(|command| find(command, id)))
}

/// `command` with `settings` as defaults, all of them in `scan`, and the shared ones wherever there is such a flag.
fn with_defaults(command: Command, settings: &[Setting]) -> Command {
    let is_scan = command.get_name() == "scan";
    let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
    let fits = |setting: &&Setting| (is_scan || SHARED.contains(&setting.id.as_str())) && has(&setting.id);
    let own: Vec<Setting> = settings.iter().filter(fits).cloned().collect();
    let command = own.into_iter().fold(command, |command, Setting { id, values }| {
        let values: Vec<OsStr> = values.into_iter().map(OsStr::from).collect();
        command.mut_arg(id, |arg| arg.default_values(values))
    });
    let below: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    below
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, |command| with_defaults(command, settings)))
}

/// A key of the file, which is the id of an argument, and its values.
#[derive(Clone)]
struct Setting {
    id: String,
    values: Vec<String>,
}

fn settings(decoder: &mut Decoder, root: &Node, arguments: &[Arg]) -> Vec<Setting> {
    let keys: Vec<&str> = arguments.iter().map(|arg| arg.get_id().as_str()).collect();
    let Some(fields) = decoder.fields(root, "the config file", &keys) else { return Vec::new() };
    let mut found = Vec::new();
    for arg in arguments {
        let id = arg.get_id().as_str();
        let Some(node) = fields.get(id) else { continue };
        let values = values(decoder, node, id, arg);
        if values.iter().all(|(value, node)| check(decoder, arg, value, node)) {
            let values = values.into_iter().map(|(value, _)| value).collect();
            found.push(Setting { id: id.to_owned(), values });
        }
    }
    found
}

/// The values of a key as their flag would take them, and where each stands.
fn values<'n>(decoder: &mut Decoder, node: &'n Node, id: &str, arg: &Arg) -> Vec<(String, &'n Node)> {
    match (&node.value, id) {
        (Value::Mapping(entries), "params") => entries
            .iter()
            .filter_map(|(key, node)| Some((format!("{}={}", key.name, scalar(decoder, node, id)?), node)))
            .collect(),
        (Value::List(items), _) if matches!(arg.get_action(), ArgAction::Append) => {
            items.iter().filter_map(|item| Some((scalar(decoder, item, id)?, item))).collect()
        }
        _ => scalar(decoder, node, id).map(|value| (value, node)).into_iter().collect(),
    }
}

fn scalar(decoder: &mut Decoder, node: &Node, id: &str) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Mapping(_) => {
            decoder.wrong_type(node, &format!("`{id}`"), "a value");
            None
        }
    }
}

/// Checks a value by its flag's own parser.
fn check(decoder: &mut Decoder, arg: &Arg, value: &str, node: &Node) -> bool {
    let alone = Arg::new("value").long("value").action(ArgAction::Set).value_parser(arg.get_value_parser().clone());
    let parsed =
        Command::new("scan").no_binary_name(true).arg(alone).try_get_matches_from([format!("--value={value}")]);
    let Err(error) = parsed else { return true };
    let text = error.to_string();
    let reason = text.lines().next().and_then(|line| line.split("': ").nth(1)).unwrap_or("not a value for this key");
    let message = format!("`{value}` is no value for `{}`", arg.get_id());
    decoder.report(Code::BadValue, &node.span, message, reason, None);
    false
}

#[cfg(test)]
mod tests {
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
            Subcommand::Rules(_) | Subcommand::Ledger(_) | Subcommand::Simulate(_) => panic!("another command"),
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
            let command =
                apply(Cli::command(), &source).unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
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
}
