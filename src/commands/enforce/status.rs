//! `portcullis enforce status`: who is guarded, since when, by which run, and whether it is as we made it.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Row as TableRow, Table, presets};

use crate::cli::{RuleArgs, Shape, StatusArgs};
use crate::clock;
use crate::console;
use crate::enforce::Guards;
use crate::enforce::status::{Row, State, Status, status};
use crate::model::untrusted::Untrusted;
use crate::rules::waiver::DEFAULT_MAX_DAYS;

use super::super::exit::{ExitStatus, Failure};
use super::book::{self, Book};
use super::surveys::{Order, Rules, Seen, of_snapshot};

/// Columns where the output is no terminal.
const DEFAULT_WIDTH: u16 = 160;

/// Runs the command.
///
/// # Errors
///
/// If AWS, the snapshot or the ledger cannot be read.
pub(super) fn run(args: &StatusArgs) -> Result<ExitStatus, Failure> {
    let book = Book::read(&args.ledger)?;
    let seen = seen(args)?;
    let status = status(&seen.surveys, book.history());
    let head = book.history().head();
    let text = match args.format {
        Shape::Table => table(&status) + &book::end(&args.ledger, head.count, head.hash),
        Shape::Json => json(&status, head.count, head.hash)?,
    };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    let of_users = if status.is_complete() { ExitStatus::Clean } else { ExitStatus::Incomplete };
    Ok(seen.status().and(of_users))
}

/// What was read. The rules are those that come with the program: they say only what has to be read.
fn seen(args: &StatusArgs) -> Result<Seen, Failure> {
    let rules = RuleArgs {
        rules: Vec::new(),
        params: Vec::new(),
        modes: Vec::new(),
        waivers: Vec::new(),
        max_waiver_days: DEFAULT_MAX_DAYS,
        now: None,
    };
    let read = Rules::read(&rules, None)?;
    let order = Order {
        source: &args.source,
        aws: &args.aws,
        rules: &rules,
        progress: !args.progress.no_progress && !args.progress.quiet,
        guards: Guards::ours(true),
        devices: true,
    };
    match &args.source.snapshot {
        Some(path) => of_snapshot(&order, &read, path),
        None => live(&order, &read),
    }
}

#[cfg(feature = "aws")]
fn live(order: &Order<'_>, rules: &Rules) -> Result<Seen, Failure> {
    let run_id = clock::run_id();
    let read = super::surveys::of_aws(order, rules, &run_id);
    super::super::live::block_on("nothing was changed", read).map(|found| found.seen)
}

#[cfg(not(feature = "aws"))]
fn live(_: &Order<'_>, _: &Rules) -> Result<Seen, Failure> {
    Err(super::without_aws())
}

fn json(status: &Status, entries: usize, head: &str) -> Result<String, Failure> {
    let mut value = serde_json::to_value(status).map_err(|error| Failure::run(&error))?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("taken_at".to_owned(), clock::now().to_string().into());
        fields.insert("ledger".to_owned(), serde_json::json!({ "entries": entries, "head": head }));
    }
    let text = serde_json::to_string_pretty(&value).map_err(|error| Failure::run(&error))?;
    Ok(text + "\n")
}

fn table(status: &Status) -> String {
    let mut text = String::new();
    if !status.users.is_empty() {
        let mut table = Table::new();
        let width = console::stdout_width().unwrap_or(DEFAULT_WIDTH);
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        table.set_header(TableRow::from(vec!["Account", "User", "Guard", "Since", "Run", "Devices", "State"]));
        for row in &status.users {
            table.add_row(TableRow::from(cells(row)));
        }
        for line in table.lines() {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
    }
    for policy in status.policies.iter().filter(|policy| policy.state != "intact") {
        let help = if policy.state == "drifted" { "; `enforce plan --repair` proposes to mend it" } else { "" };
        let _ = writeln!(text, "policy  {} of {}: {}{help}", policy.guard, Untrusted(&policy.account), policy.state);
    }
    for (account, why) in &status.incomplete {
        let _ = writeln!(text, "unread  account {}: {}", Untrusted(account), Untrusted(why));
    }
    if status.elsewhere > 0 {
        let _ = writeln!(text, "note    {} more are guarded in accounts that were not looked at", status.elsewhere);
    }
    let numbers = &status.summary;
    let _ = writeln!(
        text,
        "{} guarded: {} enrolled and not released, {} drifted, {} not in the ledger; {} removed by somebody",
        numbers.guarded, numbers.enrolled_not_released, numbers.drifted, numbers.unrecorded, numbers.removed
    );
    if numbers.devices_unknown > 0 {
        let _ = writeln!(text, "whether {} of them have enrolled is not known", numbers.devices_unknown);
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    let guards: Vec<String> = row
        .guards
        .iter()
        .map(|guard| match &guard.group {
            Some(group) if guard.ours => format!("{} by group {}", guard.guard, Untrusted(group)),
            Some(group) => format!("{} by somebody else's group {}", guard.guard, Untrusted(group)),
            None => guard.guard.to_owned(),
        })
        .collect();
    let mut state = vec![match row.state {
        State::Guarded => "guarded",
        State::Unrecorded => "guarded, not in the ledger",
        State::Removed => "removed by somebody",
        State::Unread => "not read",
    }];
    if row.drifted && row.state != State::Removed {
        state.push("drifted");
    }
    if row.enrolled_not_released {
        state.push("enrolled");
    }
    if row.is_unknown() {
        state.push("devices-unknown");
    }
    let user = row.user.split_once(":user/").map_or(row.user.as_str(), |(_, name)| name);
    vec![
        Untrusted(&row.account).to_string(),
        Untrusted(user).to_string(),
        guards.join(", "),
        row.since.map(|since| since.to_string()).unwrap_or_default(),
        Untrusted(row.run.as_deref().unwrap_or_default()).to_string(),
        row.devices.map_or_else(|| "?".to_owned(), |devices| devices.to_string()),
        state.join(", "),
    ]
}
