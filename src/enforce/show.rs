//! A plan for people: a table for a terminal, Markdown for a pull request.
//!
//! Everything that AWS or a person chose passes through [`Untrusted`].

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Row, Table, presets};

use crate::model::untrusted::Untrusted;

use super::plan::{Action, HeldBack, Key, Kind, Plan};

/// The plan as a table of at most `width` columns.
#[must_use]
pub fn table(plan: &Plan, width: u16) -> String {
    let mut text = String::new();
    for note in &plan.notes {
        let _ = writeln!(text, "note: {}", Untrusted(note));
    }
    if !plan.actions.is_empty() {
        let _ = writeln!(text, "\nTo be done ({})", plan.actions.len());
        let rows = plan.actions.iter().map(|action| {
            let account = account(&action.account, &action.account_name);
            vec![account, name(&action.resource), what(action), why(action)]
        });
        push_table(&mut text, width, &["Account", "User", "What", "Why, and what to know"], rows);
    }
    if !plan.held_back.is_empty() {
        let _ = writeln!(text, "\nHeld back ({})", plan.held_back.len());
        let rows = plan.held_back.iter().map(|held| {
            let account = Untrusted(&held.account).to_string();
            vec![account, name(&held.resource), held.reason.as_str().to_owned(), reasons(held)]
        });
        push_table(&mut text, width, &["Account", "User", "Reason", "Detail"], rows);
    }
    let _ = writeln!(text, "\n{}", summary(plan));
    text
}

/// The plan as Markdown.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let mut text = format!("# Enforcement plan\n\n{}\n", summary(plan));
    for note in &plan.notes {
        let _ = writeln!(text, "\n> {}", escaped(note));
    }
    if !plan.actions.is_empty() {
        let _ =
            writeln!(text, "\n## To be done\n\n| Account | User | What | Why, and what to know |\n|---|---|---|---|");
        for action in &plan.actions {
            let cells = [&action.account, &action.resource, &what(action), &why(action)].map(|cell| escaped(cell));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    if !plan.held_back.is_empty() {
        let _ = writeln!(text, "\n## Held back\n\n| Account | User | Reason | Detail |\n|---|---|---|---|");
        for held in &plan.held_back {
            let reason = held.reason.as_str().to_owned();
            let cells = [&held.account, &held.resource, &reason, &reasons(held)].map(|cell| escaped(cell));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    let _ = writeln!(text, "\nPlan `{}`, made {}.", plan.hash, plan.created_at);
    text
}

/// What the plan comes to, in one line.
#[must_use]
pub fn summary(plan: &Plan) -> String {
    let limits = &plan.limits;
    let repairs = plan.actions.iter().filter(|action| action.action == Kind::RepairGuardPolicy).count();
    let users = plan.actions.len() - repairs;
    let repairs = if repairs > 0 { format!(", {repairs} guard policies to be repaired") } else { String::new() };
    let taken = limits.taken.map(|taken| format!(" (the first {taken} of {})", limits.proposed)).unwrap_or_default();
    format!(
        "{users} users to be guarded{taken}{repairs}, {} held back; {} console users read; caps: {} users, {} %",
        plan.held_back.len(),
        limits.console_users,
        limits.max_users,
        limits.max_percent
    )
}

fn push_table(text: &mut String, width: u16, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(Row::from(header.to_vec()));
    for row in rows {
        table.add_row(Row::from(row));
    }
    for line in table.lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn account(id: &str, name: &str) -> String {
    if name.is_empty() { Untrusted(id).to_string() } else { format!("{} {}", Untrusted(id), Untrusted(name)) }
}

/// The user without what its account repeats.
fn name(arn: &str) -> String {
    let name = arn.split_once(":user/").map_or(arn, |(_, name)| name);
    Untrusted(name).to_string()
}

fn what(action: &Action) -> String {
    format!("{} {}", action.action.as_str(), action.guard)
}

fn why(action: &Action) -> String {
    let is_repair = action.action == Kind::RepairGuardPolicy;
    let mut parts = vec![if is_repair { &action.message } else { &action.rule }.clone()];
    parts.extend(action.keys.iter().filter(|key| key.active).map(key_use));
    parts.extend(action.deadline.map(|deadline| format!("had time until {deadline}")));
    parts.extend(action.notes.iter().map(|note| Untrusted(note).to_string()));
    parts.join("; ")
}

fn reasons(held: &HeldBack) -> String {
    let mut parts = vec![Untrusted(&held.detail).to_string()];
    parts.extend(held.also.iter().map(|(reason, detail)| format!("{}: {}", reason.as_str(), Untrusted(detail))));
    if held.offer.is_some() {
        parts.push("could be guarded on the console only: `keys_in_use: console-only`".to_owned());
    }
    parts.join("; ")
}

fn key_use(key: &Key) -> String {
    let id = Untrusted(key.id.as_deref().unwrap_or("an access key")).to_string();
    let Some(used) = key.last_used else { return format!("{id} never used") };
    let service = key.service.as_deref().unwrap_or("an unknown service");
    let region = key.region.as_deref().map(|region| format!(" in {}", Untrusted(region))).unwrap_or_default();
    format!("{id} last used {used} for {}{region}", Untrusted(service))
}

fn escaped(text: &str) -> String {
    let text = Untrusted(text).to_string();
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
