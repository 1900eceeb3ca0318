//! What `enforce apply` shows: what it is about to do, and what became of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::enforce::apply::{Applied, Done};
use crate::enforce::plan::Plan;
use crate::ledger::Outcome;
use crate::model::untrusted::Untrusted;

/// So many users are named before a plan is applied.
const NAMED: usize = 5;

/// A plan in a few lines: accounts, the first users, and what has to be known first.
pub(super) fn summary(plan: &Plan) -> String {
    let mut accounts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for action in &plan.actions {
        accounts.entry(&action.account).or_insert((&action.account_name, 0)).1 += 1;
    }
    // Writing to a `String` cannot fail.
    let mut text = format!("plan {}, made at {}\n", Untrusted(&plan.hash), plan.created_at);
    for (account, (name, count)) in &accounts {
        let name = if name.is_empty() { String::new() } else { format!(" ({})", Untrusted(name)) };
        let _ = writeln!(text, "  account {}{name}: users {count}", Untrusted(account));
    }
    for action in plan.actions.iter().take(NAMED) {
        let _ = writeln!(text, "  {} {}: {}", action.action.as_str(), Untrusted(&action.resource), action.guard);
    }
    if let Some(more) = plan.actions.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more");
    }
    if !plan.held_back.is_empty() {
        let _ = writeln!(text, "  held back, and not touched: {}", plan.held_back.len());
    }
    for note in &plan.notes {
        let _ = writeln!(text, "  note: {}", Untrusted(note));
    }
    text
}

/// A line a user, the numbers, and the run.
pub(super) fn results(applied: &Applied, run_id: &str) -> String {
    let mut text = String::new();
    for done in &applied.results {
        let _ = writeln!(text, "{}", line(done));
    }
    let counts: Vec<String> =
        Outcome::ALL.iter().map(|result| format!("{} {}", applied.count(result), result.as_str())).collect();
    let _ = writeln!(text, "{}, {} left; run {run_id}", counts.join(", "), applied.left);
    text
}

fn line(done: &Done) -> String {
    let verified = done.verified_by.map(|by| format!("verified by {by}"));
    let remarks: Vec<String> = verified.into_iter().chain(done.message.clone()).collect();
    let remarks = if remarks.is_empty() { String::new() } else { format!(": {}", remarks.join("; ")) };
    let remarks = Untrusted(&remarks).to_string();
    let (result, resource) = (Untrusted(done.result.as_str()).to_string(), Untrusted(&done.resource));
    format!("{result:<7} {} {resource} {}{remarks}", done.action.as_str(), Untrusted(&done.guard))
}
