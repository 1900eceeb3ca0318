//! The config file: values for flags that the command line and the environment do not give.
//!
//! `portcullis.yaml` in the working directory, or `--config PATH`. Its keys are the names of `scan`'s flags with `_` for
//! `-`, and `ledger`; under `enforce`, the names of the flags of `enforce`'s subcommands that have a variable. A key counts
//! for every command that has its flag. Flags win over variables, variables over the file, the file over the defaults. Each
//! value is checked as its flag would be, and a problem points at it.

use clap::builder::OsStr;
use clap::{Arg, ArgAction, Command};

use crate::yaml::{Code, Decoder, Diagnostic, Fields, Node, SourceFile, Value, parse};

/// The file that is read if it is there and no other is named.
pub const DEFAULT_PATH: &str = "portcullis.yaml";

/// Flags that make no sense in a file: they are about one run.
const NOT_IN_FILE: [&str; 6] = ["snapshot", "now", "save_snapshot", "suggest_waivers", "shard", "help"];

/// Flags that `scan` lacks and that mean the same wherever they are.
const SHARED: [&str; 1] = ["ledger"];

/// The subcommand whose lasting settings stand under a key of its own: its flags that have a variable.
const SECTION: &str = "enforce";

/// A key of the section whose empty list says that there are none, deliberately, and the flag that says so.
const DELIBERATELY_NONE: (&str, &str) = ("break_glass", "no_break_glass");

/// `command` with the values of `source` as defaults, wherever a subcommand has the flag that a key is named after.
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
    let settings = settings(&mut decoder, &root, &command);
    let problems = decoder.finish();
    if problems.is_empty() { Ok(with_defaults(command, &settings)) } else { Err(problems) }
}

/// The arguments whose ids are the keys of the file, without the section's.
fn arguments(command: &Command) -> Vec<Arg> {
    let scan = command.find_subcommand("scan").into_iter().flat_map(Command::get_arguments);
    let scan = scan.filter(|arg| !NOT_IN_FILE.contains(&arg.get_id().as_str()));
    let shared = SHARED.into_iter().filter_map(|id| find(command, id));
    scan.chain(shared).cloned().collect()
}

/// The arguments whose ids are the keys of the section; `known` are those of the file, which it has too.
fn section(command: &Command, known: &[Arg]) -> Vec<Arg> {
    let below = command.find_subcommand(SECTION).into_iter().flat_map(Command::get_subcommands);
    let mut found: Vec<Arg> = Vec::new();
    for arg in below.flat_map(Command::get_arguments) {
        let id = arg.get_id().as_str();
        let is_new = !known.iter().chain(&found).any(|known| is_same(known, arg));
        if arg.get_env().is_some() && is_new && !NOT_IN_FILE.contains(&id) && id != DELIBERATELY_NONE.1 {
            found.push(arg.clone());
        }
    }
    found
}

/// The first argument `id` of a command or of those below it.
fn find<'c>(command: &'c Command, id: &str) -> Option<&'c Arg> {
    let own = command.get_arguments().find(|arg| arg.get_id() == id);
    own.or_else(|| command.get_subcommands().find_map(|command| find(command, id)))
}

/// Whether two arguments are one setting: `rules list RULES` is not `scan --rules`, and has no variable.
fn is_same(one: &Arg, other: &Arg) -> bool {
    one.get_id() == other.get_id() && one.get_long() == other.get_long() && one.get_env() == other.get_env()
}

/// `command` with `settings` as defaults, in it and in the commands below it, wherever there is such a flag.
fn with_defaults(command: Command, settings: &[Setting]) -> Command {
    let fits = |setting: &&Setting| command.get_arguments().any(|arg| is_same(arg, &setting.arg));
    let own: Vec<Setting> = settings.iter().filter(fits).cloned().collect();
    let command = own.into_iter().fold(command, |command, Setting { arg, values }| {
        let values: Vec<OsStr> = values.into_iter().map(OsStr::from).collect();
        command.mut_arg(arg.get_id(), |arg| arg.default_values(values))
    });
    let below: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    below
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, |command| with_defaults(command, settings)))
}

/// An argument whose id is a key of the file, and its values.
#[derive(Clone)]
struct Setting {
    arg: Arg,
    values: Vec<String>,
}

fn settings(decoder: &mut Decoder, root: &Node, command: &Command) -> Vec<Setting> {
    let known = arguments(command);
    let keys: Vec<&str> = known.iter().map(|arg| arg.get_id().as_str()).chain([SECTION]).collect();
    let Some(fields) = decoder.fields(root, "the config file", &keys) else { return Vec::new() };
    let mut found = given(decoder, &fields, &known);
    let Some(node) = fields.get(SECTION) else { return found };
    let known = section(command, &known);
    let keys: Vec<&str> = known.iter().map(|arg| arg.get_id().as_str()).collect();
    let Some(fields) = decoder.fields(node, "`enforce` of the config file", &keys) else { return found };
    let (deliberate, flag) = DELIBERATELY_NONE;
    for arg in &known {
        let id = arg.get_id().as_str();
        let Some((Value::List(items), span)) = fields.get(id).map(|node| (&node.value, &node.span)) else { continue };
        if items.is_empty() && id == deliberate {
            found.extend(find(command, flag).map(|arg| Setting { arg: arg.clone(), values: vec!["true".to_owned()] }));
        } else if items.is_empty() {
            // None allowed, or all? The list has to say it.
            let help = Some("leave the key out for its default".to_owned());
            decoder.report(Code::BadValue, span, format!("`{id}` is an empty list"), "it names nothing", help);
        }
    }
    found.extend(given(decoder, &fields, &known).into_iter().filter(|setting| !setting.values.is_empty()));
    found
}

/// The settings of `known` that `fields` gives.
fn given(decoder: &mut Decoder, fields: &Fields<'_>, known: &[Arg]) -> Vec<Setting> {
    let mut found = Vec::new();
    for arg in known {
        let id = arg.get_id().as_str();
        let Some(node) = fields.get(id) else { continue };
        let values = values(decoder, node, id, arg);
        if values.iter().all(|(value, node)| check(decoder, arg, value, node)) {
            let values = values.into_iter().map(|(value, _)| value).collect();
            found.push(Setting { arg: arg.clone(), values });
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
mod tests;
