//! Decisions for people: a table, and below it why each was made.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use crate::iam::{Decision, Layer, Policies, Policy, Verdict};
use crate::model::untrusted::Untrusted;

use super::{Answer, why};

/// Columns where the output is no terminal.
const DEFAULT_WIDTH: u16 = 100;
/// Columns below which a table of five columns cannot be read.
const MIN_WIDTH: u16 = 60;
/// Columns above which lines are too long to read.
const MAX_WIDTH: u16 = 180;
/// The longest action or condition key that is kept on one line, in characters.
const LONGEST_WHOLE: usize = 28;

/// Writes the decisions, a sentence for each, and `note`.
pub(super) fn write(
    policies: &Policies<'_>,
    answers: &[Answer],
    note: Option<&str>,
    width: Option<u16>,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = width.unwrap_or(DEFAULT_WIDTH).clamp(MIN_WIDTH, MAX_WIDTH);
    for line in table(policies, answers, width).lines() {
        writeln!(out, "{}", painted(line.trim_end(), colour))?;
    }
    writeln!(out)?;
    for Answer { request, decision } in answers {
        let text =
            format!("{} on {}: {}", request.action, request.resource, why::sentence(policies, request, decision));
        writeln!(out, "{}", Untrusted(&text))?;
    }
    if let Some(note) = note {
        writeln!(out, "\n{note}")?;
    }
    Ok(())
}

fn table(policies: &Policies<'_>, answers: &[Answer], width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(["decision", "action", "resource", "decided by", "missing keys"]);
    for Answer { request, decision } in answers {
        table.add_row([
            word(decision.verdict).to_owned(),
            Untrusted(&request.action).to_string(),
            Untrusted(&request.resource).to_string(),
            decided_by(policies, decision),
            lines(decision.missing_keys.iter().map(String::as_str)),
        ]);
    }
    // Actions and keys are not broken, unless somebody asks for very long ones.
    let width = |text: &String| text.chars().count();
    let action = answers.iter().map(|answer| width(&answer.request.action)).max();
    let key = answers.iter().flat_map(|answer| &answer.decision.missing_keys).map(width).max();
    for (place, longest) in [(0, Some(0)), (1, action), (4, key)] {
        if let Some(column) = table.column_mut(place)
            && longest.is_some_and(|longest| longest <= LONGEST_WHOLE)
        {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::ExplicitDeny => "explicit deny",
        Verdict::ImplicitDeny => "implicit deny",
        Verdict::Unknown => "unknown",
    }
}

/// The statements that decided, or the policies that do not allow it.
fn decided_by(policies: &Policies<'_>, decision: &Decision) -> String {
    let statements = decision.matched.iter().chain(decision.unknown.iter().map(|doubt| &doubt.statement));
    let short = statements.map(|statement| match &statement.sid {
        Some(sid) => format!("{} {sid}", statement.policy),
        None => format!("{} #{}", statement.policy, statement.index),
    });
    let short: Vec<String> = short.collect();
    match decision.limited_by {
        None => lines(short.iter().map(String::as_str)),
        Some(Layer::Identity) => "nothing allows it".to_owned(),
        Some(layer) => lines(policies.of(layer).map(Policy::name)),
    }
}

/// One a line, defused.
fn lines<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.map(|one| Untrusted(one).to_string()).collect::<Vec<_>>().join("\n")
}

/// `line` of the table with its decision, the first column, in colour.
fn painted(line: &str, colour: bool) -> String {
    let all = [Verdict::Allowed, Verdict::ExplicitDeny, Verdict::ImplicitDeny, Verdict::Unknown];
    let found = all.into_iter().find_map(|verdict| {
        let rest = line.strip_prefix(' ')?.strip_prefix(word(verdict))?;
        (rest.is_empty() || rest.starts_with(' ')).then_some((verdict, rest))
    });
    match found {
        Some((verdict, rest)) if colour => {
            let paint = paint(verdict);
            format!(" {paint}{}{paint:#}{rest}", word(verdict))
        }
        _ => line.to_owned(),
    }
}

const fn paint(verdict: Verdict) -> Ansi {
    match verdict {
        Verdict::Allowed => AnsiColor::Green.on_default(),
        Verdict::ExplicitDeny | Verdict::ImplicitDeny => AnsiColor::Red.on_default(),
        Verdict::Unknown => AnsiColor::Yellow.on_default(),
    }
}
