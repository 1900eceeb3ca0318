//! `portcullis rules`: check and list; explain and test have files of their own.

use std::collections::BTreeSet;

use crate::cli::{LEDGER_SCHEMA, ListArgs, RulesCommand, schema_names};
use crate::console;
use crate::ledger;
use crate::report::documents;
use crate::rules::{Rule, RuleSet, schema};

use super::exit::{ExitStatus, Failure};
use super::rules_explain;
use super::rules_test;
use super::sources;

/// Runs a subcommand of `rules`.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn run(command: &RulesCommand) -> Result<ExitStatus, Failure> {
    match command {
        RulesCommand::Check { rules } => {
            let set = sources::rules(rules)?;
            console::out(&checked(set.rules.len()))
        }
        RulesCommand::Explain(args) => return rules_explain::explain(args),
        RulesCommand::Test { paths, junit } => return rules_test::test(paths, junit.as_deref()),
        RulesCommand::Schema { name: None } => console::out(&format!("{}\n", schema_names().join("\n"))),
        RulesCommand::Schema { name: Some(name) } => console::out(&schema_of(name)),
        RulesCommand::List(args) => list(args)?,
    }
    .map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

/// A schema as it stands in `docs/schemas/`.
fn schema_of(name: &str) -> String {
    if let Some(text) = documents::schema(name) {
        return text.to_owned();
    }
    let schema = if name == LEDGER_SCHEMA { ledger::schema() } else { schema::schema(name).unwrap_or_default() };
    format!("{schema:#}\n")
}

fn checked(count: usize) -> String {
    if count == 1 { "1 rule is right\n".to_owned() } else { format!("{count} rules are right\n") }
}

/// Makes sure that some rule, or some pack, names the framework `wanted`, with or without one of its controls.
fn check_framework(set: &RuleSet, wanted: &str) -> Result<(), Failure> {
    let name = wanted.split_once(':').map_or(wanted, |(name, _)| name);
    let of_rules = set.rules.iter().flat_map(|rule| rule.controls.keys());
    let known: BTreeSet<&str> = of_rules.chain(set.frameworks.keys()).map(String::as_str).collect();
    if known.contains(name) {
        return Ok(());
    }
    let all = known.into_iter().collect::<Vec<_>>().join(", ");
    let all = if all.is_empty() { "none" } else { &all };
    Err(Failure::Usage(format!("no rule names the framework `{name}`; frameworks are {all}")))
}

fn list(args: &ListArgs) -> Result<std::io::Result<()>, Failure> {
    let names = if args.rules.is_empty() { sources::all_builtin() } else { args.rules.clone() };
    let set = sources::rules(&names)?;
    if let Some(framework) = &args.framework {
        check_framework(&set, framework)?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_is_one() {
        assert_eq!([0, 1, 2].map(checked), ["0 rules are right\n", "1 rule is right\n", "2 rules are right\n"]);
    }

    #[test]
    fn a_framework_that_nobody_names_is_a_slip() {
        let set = sources::rules(&sources::all_builtin()).unwrap();
        assert!(check_framework(&set, "aws-fsbp").is_ok());
        assert!(check_framework(&set, "aws-fsbp:IAM.5").is_ok());
        let failure = check_framework(&set, "aws-fsb").unwrap_err();
        assert_eq!(failure.status(), ExitStatus::Usage);
        let shown = failure.render(false);
        assert!(
            shown.starts_with("error: no rule names the framework `aws-fsb`; frameworks are aws-config, aws-fsbp, ")
        );
        let none = check_framework(&RuleSet::default(), "x").unwrap_err().render(false);
        assert!(none.ends_with("frameworks are none\n"), "{none}");
    }
}
