//! `portcullis ledger`: show and verify. It only reads.

use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::json;

use crate::cli::{LedgerCommand, Shape, ShowArgs, VerifyArgs};
use crate::console;
use crate::ledger::{Chain, Damage, DamageKind, Entry, Ledger, Tail, walk};
use crate::model::untrusted::Untrusted;

use super::exit::{ExitStatus, Failure};

/// Columns where the output is no terminal.
const DEFAULT_WIDTH: u16 = 120;

/// Runs a subcommand of `ledger`.
///
/// # Errors
///
/// If there is no ledger or it cannot be read; for `show`, if its chain is broken.
pub(super) fn run(command: &LedgerCommand) -> Result<ExitStatus, Failure> {
    match command {
        LedgerCommand::Show(args) => show(args),
        LedgerCommand::Verify(args) => verify(args),
    }
}

fn show(args: &ShowArgs) -> Result<ExitStatus, Failure> {
    let path = &args.ledger.ledger;
    let history = Ledger::read(path).map_err(|error| Failure::of_ledger(&error))?;
    let shown: Vec<&Entry> = history.entries().iter().filter(|entry| is_wanted(args, entry)).collect();
    let text = match args.format {
        Shape::Table => table(&shown, history.entries().len(), console::stdout_width()),
        Shape::Json => listed(&shown)?,
    };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    if let Some(bytes) = history.torn() {
        let name = path.display().to_string();
        let name = Untrusted(&name);
        console::err(&format!("warning: `{name}` ends with {bytes} bytes of an entry that is not shown: {TORN}\n"));
    }
    Ok(ExitStatus::Clean)
}

/// What a torn end means.
const TORN: &str = "a crash cut its write off, and the next command that writes sets it aside; or one writes just now";

fn is_wanted(args: &ShowArgs, entry: &Entry) -> bool {
    let record = &entry.record;
    args.account.as_ref().is_none_or(|account| record.account.as_ref() == Some(account))
        && args.user.as_deref().is_none_or(|user| entry.is_about_user(user))
        && args.run.as_ref().is_none_or(|run| record.run_id == *run)
}

/// The entries as a JSON array, one a line.
fn listed(entries: &[&Entry]) -> Result<String, Failure> {
    let lines: Result<Vec<String>, _> = entries.iter().map(serde_json::to_string).collect();
    let lines = lines.map_err(|error| Failure::run(&error))?;
    Ok(if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) })
}

fn table(entries: &[&Entry], total: usize, width: Option<u16>) -> String {
    let mut text = String::new();
    if !entries.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.unwrap_or(DEFAULT_WIDTH));
        table.set_header(["seq", "at", "kind", "account", "resource", "what"]);
        for entry in entries {
            table.add_row(row(entry));
        }
        table.set_constraints([const { ColumnConstraint::ContentWidth }; 4]);
        for line in table.lines() {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{} of {total} entries", entries.len());
    text
}

fn row(entry: &Entry) -> [String; 6] {
    let record = &entry.record;
    let safe = |text: &Option<String>| Untrusted(text.as_deref().unwrap_or_default()).to_string();
    let kind = Untrusted(record.kind.as_str()).to_string();
    // The account has a column of its own, and an ARN's last part tells what it names.
    let resource = record.resource.as_deref().unwrap_or_default();
    let resource = Untrusted(resource.splitn(6, ':').nth(5).unwrap_or(resource)).to_string();
    let at = record.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    [entry.seq.to_string(), at, kind, safe(&record.account), resource, what(entry)]
}

/// What happened, in a few words.
fn what(entry: &Entry) -> String {
    let record = &entry.record;
    let result = record.result.as_ref().map(|result| result.as_str().to_owned());
    let deadline = record.deadline.map(|deadline| format!("until {}", deadline.strftime("%Y-%m-%d %H:%M:%SZ")));
    let rule = record.rule.as_ref().map(|rule| format!("({rule})"));
    let run = matches!(record.kind.as_str(), "run-started" | "run-finished").then(|| format!("run {}", record.run_id));
    let parts = [run, record.action.clone(), result, rule, deadline];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let message = record.message.clone().filter(|message| !message.is_empty());
    let all = [words, message.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    Untrusted(&all.join(": ")).to_string()
}

fn verify(args: &VerifyArgs) -> Result<ExitStatus, Failure> {
    let path = &args.ledger.ledger;
    let bytes = Ledger::bytes(path).map_err(|error| Failure::of_ledger(&error))?;
    let verdict = Verdict::of(&walk(&bytes), args.head.as_deref());
    let name = path.display().to_string();
    let text = match args.format {
        Shape::Table => verdict.to_text(&name),
        Shape::Json => verdict.to_json(&name),
    };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    Ok(if verdict.damage.is_none() { ExitStatus::Clean } else { ExitStatus::Undone })
}

/// What `verify` found.
struct Verdict {
    /// Whole entries, up to the first damage.
    count: usize,
    /// Hash of the last of them.
    head: String,
    /// How many entries follow the one whose hash was given.
    since: Option<usize>,
    damage: Option<Damage>,
    help: Option<&'static str>,
}

impl Verdict {
    fn of(chain: &Chain<'_>, head: Option<&str>) -> Self {
        let mut damage = chain.damage();
        let mut since = None;
        if damage.is_none() {
            match head.map(|head| chain.since(head)) {
                Some(Ok(count)) => since = Some(count),
                Some(Err(missing)) => damage = Some(missing),
                None => {}
            }
        }
        let help = match (&damage, chain.tail) {
            (None, _) => None,
            (Some(_), Tail::Torn(_)) => Some(TORN),
            (Some(Damage { kind: DamageKind::Truncated, .. }), _) => {
                Some("look for a copy that has the entry; what came after the last entry here is not known")
            }
            (Some(_), _) => {
                Some("nothing from this line on can be trusted; compare with a copy or a head kept elsewhere")
            }
        };
        Self { count: chain.links.len(), head: chain.head().to_owned(), since, damage, help }
    }

    fn to_text(&self, name: &str) -> String {
        let (name, count, head) = (Untrusted(name), self.count, &self.head);
        let entries = if count == 1 { "entry" } else { "entries" };
        if let Some(damage) = &self.damage {
            let help = self.help.unwrap_or_default();
            return format!(
                "{name}: broken at {damage}\nwhole before it: {count} {entries}, head {head}\nhelp: {help}\n"
            );
        }
        let since = match self.since {
            Some(0) => "the head given is its end\n".to_owned(),
            Some(1) => "1 entry since the head given\n".to_owned(),
            Some(since) => format!("{since} entries since the head given\n"),
            None => String::new(),
        };
        format!("{name}: whole, {count} {entries}\nhead {head}\n{since}")
    }

    fn to_json(&self, name: &str) -> String {
        let damage = self.damage.as_ref().map(|damage| {
            json!({ "kind": damage.kind.as_str(), "seq": damage.seq, "line": damage.line, "message": damage.message })
        });
        let status = if damage.is_none() { "whole" } else { "broken" };
        let verdict = json!({
            "ledger": name, "status": status, "entries": self.count, "head": self.head, "since": self.since,
            "damage": damage, "help": self.help,
        });
        format!("{verdict:#}\n")
    }
}

#[cfg(test)]
mod tests;
