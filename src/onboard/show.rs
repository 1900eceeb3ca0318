//! The plan for people.

use std::fmt::Write as _;

use crate::model::untrusted::Untrusted;

use super::found::Found;
use super::plan::Plan;
use super::wish::Wish;

/// The plan as text: what would be made, in order, and what is there.
#[must_use]
pub fn text(plan: &Plan, wish: &Wish, found: &Found) -> String {
    let account = &found.account.id;
    let mut text = format!("onboard user {} in account {account}\n", wish.user);
    for step in &plan.steps {
        let _ = writeln!(text, "make    {}", step.told(wish, found));
    }
    for kept in &plan.kept {
        let _ = writeln!(text, "keep    {}", Untrusted(kept));
    }
    if plan.steps.is_empty() {
        text.push_str("nothing is to be done\n");
    }
    text
}

/// What whoever runs this has to know, and what would be better.
#[must_use]
pub fn notes(plan: &Plan) -> String {
    let warnings = plan.warnings.iter().map(|text| format!("warning: {text}\n"));
    warnings.chain(plan.hints.iter().map(|text| format!("hint: {text}\n"))).collect()
}
