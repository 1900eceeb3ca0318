//! `portcullis rules explain`: what a rule reads, why it matters, how to mend a failure, and, for a resource of a
//! snapshot, what each of its conditions came to.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::ExplainArgs;
use crate::console;
use crate::model::evaluation::Status;
use crate::model::untrusted::Untrusted;
use crate::model::{AccountFacts, Target};
use crate::rules::Rule;
use crate::rules::cases::outcome_name;
use crate::rules::condition::{Condition, Truth};
use crate::rules::explain::{Line, On, lines};
use crate::rules::index::AccountIndex;
use crate::rules::subject::{AccountView, Subject};
use crate::snapshot::Reader;

use super::exit::{ExitStatus, Failure};
use super::sources;

/// Runs the command.
///
/// # Errors
///
/// If the rules are wrong, there is no such rule, or the snapshot does not hold the resource.
pub(super) fn explain(args: &ExplainArgs) -> Result<ExitStatus, Failure> {
    let set =
        sources::rules(if args.rules.is_empty() { sources::all_builtin() } else { args.rules.clone() }.as_slice())?;
    let Some(rule) = set.rules.iter().find(|rule| rule.id == args.rule) else {
        let message = format!("there is no rule `{}`; `portcullis rules list` shows them", args.rule);
        return Err(Failure::Usage(message));
    };
    let text = match (&args.snapshot, &args.resource) {
        (Some(path), Some(resource)) => traced(rule, path, resource, args.now)?,
        _ => described(rule),
    };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

fn described(rule: &Rule) -> String {
    let mut text = heading(rule);
    section(&mut text, "Applies when", rule.when.as_ref(), None);
    section(&mut text, "Requires", Some(&rule.require), None);
    if let Some(action) = &rule.enforce {
        let _ = writeln!(text, "\nProposes\n  {action}{}", grace(rule));
    }
    let _ = writeln!(text, "\nReads");
    for fact in &rule.facts {
        let _ = writeln!(text, "  {} ({}): {}", fact.name, fact.source, fact.doc);
    }
    for (title, body) in [("Why", &rule.rationale), ("How to mend it", &rule.remediation)] {
        if !body.is_empty() {
            let _ = writeln!(text, "\n{title}\n  {body}");
        }
    }
    if !rule.controls.is_empty() {
        let _ = writeln!(text, "\nControls");
        for (framework, ids) in &rule.controls {
            let _ = writeln!(text, "  {framework}: {}", ids.join(", "));
        }
    }
    text
}

/// When the action of `rule` may be taken, if not at once.
fn grace(rule: &Rule) -> String {
    const DAY: i64 = 86_400;
    let Some(grace) = rule.grace else { return String::new() };
    let whole_days = (grace.as_secs() % DAY == 0).then(|| format!("{} d", grace.as_secs() / DAY));
    format!(", {} after the user was announced", whole_days.unwrap_or_else(|| format!("{grace:#}")))
}

fn heading(rule: &Rule) -> String {
    let (severity, target, mode) = (rule.severity.as_str(), rule.target.as_str(), rule.mode.as_str());
    format!("{}: {}\n{severity}, about each {target}, mode {mode}, pack {}\n", rule.id, rule.title, rule.pack)
}

fn section(text: &mut String, title: &str, condition: Option<&Condition>, on: Option<On<'_>>) {
    let Some(condition) = condition else { return };
    let _ = writeln!(text, "\n{title}");
    for Line { depth, text: asked, outcome } in lines(condition, on) {
        let indent = "  ".repeat(depth + 1);
        match outcome {
            None => {
                let _ = writeln!(text, "{indent}{asked}");
            }
            Some(outcome) => {
                let _ = writeln!(text, "{indent}[{}] {asked}", truth(outcome.truth));
                if let Some(because) = outcome.because {
                    let _ = writeln!(text, "{indent}    {}", Untrusted(&because));
                }
            }
        }
    }
}

const fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    }
}

/// The rule on one resource of a snapshot.
fn traced(rule: &Rule, path: &Path, resource: &str, now: Option<Timestamp>) -> Result<String, Failure> {
    let reader = Reader::open(path).map_err(|error| Failure::run(&error))?;
    let now = now.unwrap_or(reader.header().started_at);
    for raw in reader {
        let facts = raw.and_then(|raw| raw.parse()).map_err(|error| Failure::run(&error))?;
        let index = AccountIndex::new(&facts);
        let view = AccountView { facts: &facts, index: &index };
        if let Some(subject) = find(view, rule.target, resource) {
            return Ok(trace(rule, subject, now));
        }
    }
    let message = format!("the snapshot has no {} `{}`", rule.target.as_str(), Untrusted(resource));
    Err(Failure::Run { message, help: Some("name it as reports do: an ARN, or AWS::::Account:ID".to_owned()) })
}

fn trace(rule: &Rule, subject: Subject<'_>, now: Timestamp) -> String {
    let status = rule.judge(subject, now);
    let mut text = heading(rule);
    let _ = writeln!(text, "\n{} on {}", outcome_name(status), Untrusted(&subject.resource()));
    if status == Status::Fail {
        let _ = writeln!(text, "{}", Untrusted(&rule.message(subject)));
    }
    section(&mut text, "Applies when", rule.when.as_ref(), Some((subject, now)));
    section(&mut text, "Requires", Some(&rule.require), Some((subject, now)));
    text
}

fn find<'a>(view: AccountView<'a>, target: Target, resource: &str) -> Option<Subject<'a>> {
    let AccountFacts { users, groups, roles, policies, .. } = view.facts;
    let mut all: Box<dyn Iterator<Item = Subject<'a>> + 'a> = match target {
        Target::Account => Box::new([Subject::Account(view)].into_iter()),
        Target::Root => Box::new([Subject::Root(view)].into_iter()),
        Target::User => Box::new(list(users.value()).map(move |(at, one)| Subject::User(view, at, one))),
        Target::Group => Box::new(list(groups.value()).map(move |(at, one)| Subject::Group(view, at, one))),
        Target::Role => Box::new(list(roles.value()).map(move |(at, one)| Subject::Role(view, at, one))),
        Target::Policy => Box::new(list(policies.value()).map(move |(at, one)| Subject::Policy(view, at, one))),
    };
    all.find(|subject| subject.resource() == resource)
}

fn list<T>(items: Option<&Vec<T>>) -> impl Iterator<Item = (usize, &T)> {
    items.into_iter().flatten().enumerate()
}
