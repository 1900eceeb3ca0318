//! The config file: values for flags that the command line and the environment do not give.
//!
//! `portcullis.yaml` in the working directory, or `--config PATH`. Its keys are the names of `scan`'s flags with `_` for
//! `-`; flags win over variables, variables over the file, the file over the defaults. Each value is checked as its flag
//! would be, and a problem points at it.

use clap::builder::OsStr;
use clap::{Arg, ArgAction, Command};

use crate::yaml::{Code, Decoder, Diagnostic, Node, SourceFile, Value, parse};

/// The file that is read if it is there and no other is named.
pub const DEFAULT_PATH: &str = "portcullis.yaml";

/// Flags that make no sense in a file: they are about one run.
const NOT_IN_FILE: [&str; 6] = ["snapshot", "now", "save_snapshot", "suggest_waivers", "shard", "help"];

/// `command` with the values of `source` as defaults of its subcommand `scan`.
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
    let scan = command.find_subcommand("scan").cloned().unwrap_or_default();
    let settings = settings(&mut decoder, &root, &scan);
    let problems = decoder.finish();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(command.mut_subcommand("scan", |scan| {
        settings.into_iter().fold(scan, |scan, (id, values)| {
            let values: Vec<OsStr> = values.into_iter().map(OsStr::from).collect();
            scan.mut_arg(id, |arg| arg.default_values(values))
        })
    }))
}

/// The keys that may stand in the file: the ids of `scan`'s arguments.
fn keys(scan: &Command) -> Vec<&str> {
    scan.get_arguments().map(|arg| arg.get_id().as_str()).filter(|id| !NOT_IN_FILE.contains(id)).collect()
}

fn settings(decoder: &mut Decoder, root: &Node, scan: &Command) -> Vec<(String, Vec<String>)> {
    let Some(fields) = decoder.fields(root, "the config file", &keys(scan)) else { return Vec::new() };
    let mut found = Vec::new();
    for arg in scan.get_arguments() {
        let id = arg.get_id().as_str();
        let Some(node) = fields.get(id) else { continue };
        let values = values(decoder, node, id, arg);
        if values.iter().all(|(value, node)| check(decoder, arg, value, node)) {
            found.push((id.to_owned(), values.into_iter().map(|(value, _)| value).collect()));
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
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::{Cli, Command as Subcommand};
    use crate::model::Severity;
    use crate::yaml::render;

    fn scan(config: &str, args: &[&str]) -> crate::cli::ScanArgs {
        let command = apply(Cli::command(), &SourceFile::new("portcullis.yaml", config))
            .unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
        let args = ["portcullis", "scan"].iter().chain(args);
        let matches = command.try_get_matches_from(args).unwrap_or_else(|error| panic!("{error}"));
        match Cli::from_arg_matches(&matches).unwrap().command {
            Subcommand::Scan(args) => *args,
            Subcommand::Rules(_) | Subcommand::Simulate(_) => panic!("another command"),
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
