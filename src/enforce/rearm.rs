//! Whom a guard policy that is repaired would shut out: it begins to bind everybody who has it. Pure.

use super::draft::break_glass;
use super::hold::Reason;

/// Who is never touched.
#[derive(Debug, Clone, Copy)]
pub struct Protected<'a> {
    /// ARN of the caller and, of a session, of the user it came from if that is known.
    pub callers: &'a [String],
    /// ARNs and ARN globs of break-glass principals: of the plan, and of the config as it is now.
    pub break_glass: [&'a [String]; 2],
}

/// Somebody who is never touched and has the guard policy all the same: `users` are those under it, with the waivers in
/// force for them, and `role` one to which somebody attached it.
#[must_use]
pub fn shut_out<'a>(
    mut users: impl Iterator<Item = (&'a str, Option<String>)>,
    role: Option<&str>,
    protected: &Protected<'_>,
) -> Option<(Reason, String)> {
    let user = users.find_map(|(arn, waived)| {
        if protected.callers.iter().any(|caller| caller == arn) {
            return Some((Reason::Caller, format!("{arn}, who runs this,")));
        }
        if let Some(pattern) = protected.break_glass.iter().find_map(|patterns| break_glass(patterns, arn)) {
            return Some((Reason::BreakGlass, format!("{arn}, a break-glass principal (`{pattern}`),")));
        }
        Some((Reason::Waived, format!("{arn}, {},", waived?)))
    });
    let (reason, who) = user.or_else(|| Some((Reason::NotProven, format!("the role {}", role?))))?;
    Some((reason, format!("{who} has it attached and would be shut out: detach it first")))
}
