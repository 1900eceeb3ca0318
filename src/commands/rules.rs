//! `portcullis rules`: check and list.

use crate::cli::RulesCommand;
use crate::console;
use crate::rules::builtin;

use super::exit::{ExitStatus, Failure};
use super::{rules_test, sources};

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
        RulesCommand::Test { paths, junit } => return rules_test::test(paths, junit.as_deref()),
        RulesCommand::List { rules } => {
            let all: Vec<String> = builtin::names().into_iter().map(str::to_owned).collect();
            let set = sources::rules(if rules.is_empty() { &all } else { rules })?;
            let width = set.rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
            let line = |rule: &crate::rules::Rule| {
                let (severity, target) = (rule.severity.as_str(), rule.target.as_str());
                format!("{:width$}  {severity:13}  {target:7}  {}\n", rule.id, rule.title)
            };
            console::out(&set.rules.iter().map(line).collect::<String>())
        }
    }
    .map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}
