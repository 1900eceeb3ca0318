//! What the evaluator shows of a user under a guard: invariant 3.
//!
//! A guard may be attached only if everything but enrolling is denied in each way to sign in without MFA that it covers,
//! enrolling is allowed there, and with MFA nothing changes but that enrolling is allowed.

use crate::iam::guard::Variant;
use crate::iam::mfa::MfaContext;
use crate::iam::questions::{ENROLLMENT, Enforcement, Subject, enrollment_in, is_harmless};
use crate::iam::{Policies, Policy, Verdict};

use super::plan::Row;

/// The ways to be signed in that the table has a row for.
const CONTEXTS: [MfaContext; 5] = [
    MfaContext::LongTermKey,
    MfaContext::ConsoleWithoutMfa,
    MfaContext::SessionWithoutMfa,
    MfaContext::ForwardedAccess,
    MfaContext::WithMfa,
];

/// The rows for `before`, the user as it is, under `guard`.
#[must_use]
pub fn table(before: &Subject<'_>, guard: &Policy, variant: Variant) -> Vec<Row> {
    let after = under(before, guard);
    CONTEXTS.iter().map(|mfa| row(before, &after, *mfa, variant)).collect()
}

/// The user with the guard among its identity policies.
fn under<'a>(before: &Subject<'a>, guard: &'a Policy) -> Subject<'a> {
    let mut policies: Policies<'a> = before.policies().clone();
    policies.identity.push(guard);
    before.with_policies(policies)
}

fn row(before: &Subject<'_>, after: &Subject<'_>, mfa: MfaContext, variant: Variant) -> Row {
    let covered = variant.covers().contains(&mfa);
    let mut row = Row {
        context: mfa.label().to_owned(),
        covered,
        closed: mfa != MfaContext::WithMfa && mfa != MfaContext::ForwardedAccess && Enforcement::is_closed(after, mfa),
        enrollment: ENROLLMENT.iter().map(|action| ((*action).to_owned(), enrollment_in(after, action, mfa))).collect(),
        newly_denied: Vec::new(),
        newly_allowed: Vec::new(),
    };
    let (mut then, mut now) = (before.asking(mfa), after.asking(mfa));
    for (action, resource) in after.witnesses(mfa) {
        let (was, is) = (then.may(&action, &resource), now.may(&action, &resource));
        let list = match (was, is) {
            (true, false) => &mut row.newly_denied,
            (false, true) => &mut row.newly_allowed,
            _ => continue,
        };
        let action = action.replace('\u{e000}', "*");
        if !list.contains(&action) {
            list.push(action);
        }
    }
    row
}

/// Why the rows do not show that the guard may be attached; nothing if they do.
#[must_use]
pub fn objection(rows: &[Row], variant: Variant) -> Option<Objection> {
    let covers = |row: &&Row| row.covered;
    let refused = |row: &Row| {
        let closed_to = |(_, verdict): &&(String, Verdict)| *verdict != Verdict::Allowed;
        // In a session without MFA AWS itself allows nothing of IAM.
        let by_aws = row.context == MfaContext::SessionWithoutMfa.label();
        row.enrollment.iter().filter(|_| !by_aws).find(closed_to).map(|(action, verdict)| match verdict {
            Verdict::Unknown => format!("it cannot be told whether {action} would be allowed: {}", row.context),
            _ => format!("{action} would not be allowed: {}", row.context),
        })
    };
    for row in rows.iter().filter(covers) {
        if !row.closed {
            return Some(Objection::NotProven(format!("not everything would be denied: {}", row.context)));
        }
        if let Some(why) = refused(row) {
            return Some(Objection::CannotEnroll(why));
        }
    }
    let untouched = rows.iter().filter(|row| !row.covered);
    for row in untouched {
        // What services do for the user is denied or exempt by choice.
        let keys = variant == Variant::ConsoleOnly && row.context == MfaContext::LongTermKey.label();
        let is_changed = keys || row.context == MfaContext::WithMfa.label();
        if let Some(action) = row.newly_denied.first().filter(|_| is_changed) {
            return Some(Objection::NotProven(format!("{action} would be denied: {}", row.context)));
        }
    }
    let granted = rows.iter().flat_map(|row| &row.newly_allowed).find(|action| !is_harmless(action));
    granted.map(|action| Objection::NotProven(format!("{action} would be allowed, and is not now")))
}

/// What speaks against attaching a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// The user could not enroll a device.
    CannotEnroll(String),
    /// The guard would not do what it should, or more.
    NotProven(String),
}

#[cfg(test)]
mod tests;
