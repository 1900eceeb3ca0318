//! `portcullis rules`: check and list; explain and test have files of their own.

use crate::cli::{ListArgs, RulesCommand};
use crate::console;
use crate::rules::{Rule, schema};

use super::exit::{ExitStatus, Failure};
use super::{rules_explain, rules_test, sources};

/// Runs a subcommand of `rules`.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn run(command: &RulesCommand) -> Result<ExitStatus, Failure> {
    match command {
        RulesCommand::Check { rules } => {
            let set = sources::rules(rules)?;
            console::out(&format!("{} rules are right\n", set.rules.len()))
        }
        RulesCommand::Explain(args) => return rules_explain::explain(args),
        RulesCommand::Test { paths, junit } => return rules_test::test(paths, junit.as_deref()),
        RulesCommand::Schema { name: None } => console::out(&format!("{}\n", schema::names().join("\n"))),
        RulesCommand::Schema { name: Some(name) } => {
            let schema = schema::schema(name).unwrap_or_default();
            console::out(&format!("{schema:#}\n"))
        }
        RulesCommand::List(args) => list(args)?,
    }
    .map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

fn list(args: &ListArgs) -> Result<std::io::Result<()>, Failure> {
    let names = if args.rules.is_empty() { sources::all_builtin() } else { args.rules.clone() };
    let set = sources::rules(&names)?;
    let shown: Vec<&Rule> = set.rules.iter().filter(|rule| is_wanted(args, rule)).collect();
    let width = shown.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &&Rule| {
        let (severity, target) = (rule.severity.as_str(), rule.target.as_str());
        format!("{:width$}  {severity:13}  {target:7}  {}\n", rule.id, rule.title)
    };
    Ok(console::out(&shown.iter().map(line).collect::<String>()))
}

fn is_wanted(args: &ListArgs, rule: &Rule) -> bool {
    let serves = |wanted: &str| {
        let (framework, control) = wanted.split_once(':').map_or((wanted, None), |(one, other)| (one, Some(other)));
        rule.controls.get(framework).is_some_and(|ids| control.is_none_or(|control| ids.iter().any(|id| id == control)))
    };
    args.framework.as_deref().is_none_or(serves)
        && args.severity.is_none_or(|severity| rule.severity >= severity)
        && args.target.is_none_or(|target| rule.target == target)
}
