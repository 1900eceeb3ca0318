//! Whether MFA is enforced on a principal, and not merely mentioned.
//!
//! It is when a caller without MFA can do nothing beyond enrolling a device: everything else is denied, or not allowed
//! to begin with. What it still can do is a hole, told with the reason that the policy text gives.

use std::fmt;
use std::ops::ControlFlow;

use crate::iam::decide::Policies;
use crate::iam::document::Effect;
use crate::iam::mfa::{AGE, MfaContext, NEVER_DENIED, PRESENT};
use crate::iam::policy::{Policy, Statement};
use crate::iam::request::Request;
use crate::iam::truth::Truth;

use super::regions::{End, Ground, Region};
use super::subject::Subject;
use super::witness::for_people;

/// What a caller without MFA may do and MFA still counts as enforced: see and enroll devices, render the console's page
/// for it, and what AWS's own guards leave open (aws-facts 3.1 to 3.5). Deactivating or deleting a device is not of it.
const HARMLESS: [&str; 10] = [
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetAccountPasswordPolicy",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListAccountAliases",
    "iam:ListMFADevices",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
];

/// How many open regions are looked at for further reasons.
const MOST_REGIONS: usize = 200;

/// How far MFA is enforced on a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforcement {
    /// What it can still do without MFA, at most one example for each way to sign in and reason.
    pub holes: Vec<Hole>,
    /// The ways to sign in without MFA in which everything beyond enrolling is *denied*: so also what others may allow
    /// one day.
    pub denied_in: Vec<MfaContext>,
    /// Whether a policy that could not be read may matter. Then there may be more holes, or none, unless everything is
    /// denied.
    pub unread: bool,
}

/// Something that can be done without MFA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// How the caller is signed in.
    pub context: MfaContext,
    /// The action, as a pattern.
    pub action: String,
    /// The resource, as a pattern.
    pub resource: String,
    /// Why nothing denies it.
    pub cause: Cause,
}

/// Why no statement denies a request without MFA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No statement that denies anything asks for MFA.
    NoGuard,
    /// The condition of one does not hold for it.
    Condition {
        /// The statement: policy and `Sid` or place.
        statement: String,
        /// The operator that does not hold.
        operator: String,
        /// Its key.
        key: String,
    },
    /// It exempts the action: the pattern of its `NotAction`.
    Exempted {
        /// The statement.
        statement: String,
        /// The pattern.
        pattern: String,
    },
    /// It lists actions, and this one is not of them.
    NotListed {
        /// The statement.
        statement: String,
    },
    /// It is about other resources.
    OtherResource {
        /// The statement.
        statement: String,
    },
    /// There are too many patterns to tell what they leave open.
    TooManyPatterns,
    /// It is denied under conditions that a request need not meet, or that cannot be evaluated.
    Depends {
        /// The statement.
        statement: String,
    },
}

impl Enforcement {
    /// The ways to sign in that are asked for. A session token without MFA can do less than the console without MFA.
    pub const CONTEXTS: [MfaContext; 2] = [MfaContext::LongTermKey, MfaContext::ConsoleWithoutMfa];

    /// How far MFA is enforced on `subject`.
    #[must_use]
    pub fn of(subject: &Subject<'_>) -> Self {
        let readable = without_unread(subject.policies());
        let unread = readable.identity.len() < subject.policies().identity.len();
        let mut result = Self { holes: Vec::new(), denied_in: Vec::new(), unread };
        for mfa in Self::CONTEXTS {
            if Self::is_closed(subject, mfa) {
                result.denied_in.push(mfa);
                continue;
            }
            result.holes.extend(holes(&readable, subject, mfa, |_| false));
        }
        // What may only take away matters if there is something to take.
        let takes_away = |policy: &&Policy| policy.is_unreadable();
        let policies = subject.policies();
        let unread = policies.boundary.iter().chain(policies.scps.iter().flatten()).any(takes_away);
        result.unread |= unread && !result.holes.is_empty();
        result
    }

    /// Whether everything beyond enrolling is denied to `subject` when it is signed in like this.
    #[must_use]
    pub fn is_closed(subject: &Subject<'_>, mfa: MfaContext) -> bool {
        let everything = Policy::allowing_everything("everything");
        let mut all = without_unread(subject.policies());
        all.boundary = None;
        all.scps = Vec::new();
        all.identity.push(&everything);
        // What these deny still counts, and beside `everything` their allows change nothing.
        all.identity.extend(subject.policies().boundary.filter(|boundary| !boundary.is_unreadable()));
        all.identity.extend(subject.policies().scps.iter().flatten().filter(|scp| !scp.is_unreadable()));
        holes(&all, subject, mfa, |holes| !holes.is_empty()).is_empty()
    }

    /// Whether nothing beyond enrolling can be done without MFA; `None` if a policy that could not be read may allow or
    /// deny it.
    #[must_use]
    pub fn is_enforced(&self) -> Option<bool> {
        if self.denies_everything() {
            return Some(true);
        }
        (!self.unread).then_some(self.holes.is_empty())
    }

    /// Whether everything beyond enrolling is denied without MFA, whatever else may be allowed.
    #[must_use]
    pub fn denies_everything(&self) -> bool {
        Self::CONTEXTS.iter().all(|context| self.denied_in.contains(context))
    }
}

/// Whether a caller without MFA may do it and MFA still counts as enforced.
#[must_use]
pub fn is_harmless(action: &str) -> bool {
    HARMLESS.iter().chain(&NEVER_DENIED).any(|harmless| harmless.eq_ignore_ascii_case(action))
}

fn without_unread<'a>(policies: &Policies<'a>) -> Policies<'a> {
    let mut readable = policies.clone();
    readable.identity.retain(|policy| !policy.is_unreadable());
    // An unread boundary can only take away.
    readable.boundary = readable.boundary.filter(|boundary| !boundary.is_unreadable());
    readable
}

/// What is left open to `subject` under `policies`; `is_enough` says when to look no further.
fn holes(policies: &Policies<'_>, subject: &Subject<'_>, mfa: MfaContext, is_enough: fn(&[Hole]) -> bool) -> Vec<Hole> {
    let context = subject.context(mfa);
    let ground = Ground::of(policies, &context);
    let mut request = Request::new("", "").with_context(context);
    let mut holes: Vec<Hole> = Vec::new();
    let mut seen = 0_usize;
    let idle: fn(&str) -> bool =
        if mfa == MfaContext::SessionWithoutMfa { is_harmless_in_session } else { is_harmless };
    let end = ground.walk(idle, |region| {
        seen += 1;
        let hole = hole(policies, region, mfa, &mut request);
        if !holes.iter().any(|known| known.cause == hole.cause) {
            holes.push(hole);
        }
        if seen == MOST_REGIONS || is_enough(&holes) {
            ControlFlow::Break(End::Stopped)
        } else {
            ControlFlow::Continue(())
        }
    });
    if end == End::GaveUp && holes.is_empty() {
        let all = || "*".to_owned();
        holes.push(Hole { context: mfa, action: all(), resource: all(), cause: Cause::TooManyPatterns });
    }
    holes
}

/// The region as a hole, told by a request in it that is allowed.
fn hole(policies: &Policies<'_>, region: &Region<'_>, mfa: MfaContext, request: &mut Request) -> Hole {
    let mut is_open = |(action, resource): &(String, String)| {
        action.clone_into(&mut request.action);
        resource.clone_into(&mut request.resource);
        policies.may_allow(request)
    };
    let found = region.examples().find(&mut is_open);
    let (action, resource) = found.or_else(|| region.examples().next()).unwrap_or_default();
    let people = (for_people(&action), for_people(&resource));
    (request.action, request.resource) = (action, resource);
    Hole { context: mfa, action: people.0, resource: people.1, cause: cause(policies, request) }
}

fn is_harmless_in_session(action: &str) -> bool {
    is_harmless(action) || MfaContext::SessionWithoutMfa.is_refused_by_aws(action)
}

/// Why none of the statements that ask for MFA denies `request`: of several, the one that comes closest.
fn cause(policies: &Policies<'_>, request: &Request) -> Cause {
    let all = policies.identity.iter().chain(&policies.boundary).chain(policies.scps.iter().flatten());
    let guards = all.flat_map(|policy| {
        let statements = policy.statements().iter().enumerate();
        statements.filter(|(_, statement)| is_guard(statement)).map(|(index, statement)| (*policy, index, statement))
    });
    guards
        .map(|(policy, index, statement)| miss(&statement.told(policy.name(), index), statement, request))
        .max_by_key(Cause::closeness)
        .unwrap_or(Cause::NoGuard)
}

/// Whether a statement denies and asks for MFA.
pub(super) fn is_guard(statement: &Statement) -> bool {
    let of_mfa = |key: &str| key.eq_ignore_ascii_case(PRESENT) || key.eq_ignore_ascii_case(AGE);
    statement.effect == Effect::Deny && statement.condition.keys().any(of_mfa)
}

fn miss(told: &str, statement: &Statement, request: &Request) -> Cause {
    let statement_name = told.to_owned();
    if let Some((operator, key)) = statement.condition.first_unmet(&request.context) {
        return Cause::Condition { statement: statement_name, operator: operator.to_owned(), key: key.to_owned() };
    }
    if !statement.is_about_action(&request.action) {
        let exempting = statement.actions.patterns.iter().find(|pattern| pattern.matches_ignore_case(&request.action));
        return match exempting.filter(|_| statement.actions.except) {
            Some(pattern) => Cause::Exempted { statement: statement_name, pattern: pattern.to_string() },
            None => Cause::NotListed { statement: statement_name },
        };
    }
    match statement.is_about_resource(&request.resource, &request.context, &mut ()) {
        Truth::No => Cause::OtherResource { statement: statement_name },
        Truth::Unknown | Truth::Yes => Cause::Depends { statement: statement_name },
    }
}

impl Cause {
    /// How little is missing for the statement to deny it.
    const fn closeness(&self) -> u8 {
        match self {
            Self::NoGuard | Self::TooManyPatterns => 0,
            Self::NotListed { .. } => 1,
            Self::OtherResource { .. } => 2,
            Self::Exempted { .. } => 3,
            Self::Condition { .. } => 4,
            Self::Depends { .. } => 5,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGuard => formatter.write_str("no policy denies anything without MFA"),
            Self::TooManyPatterns => {
                formatter.write_str("the policies have too many patterns to prove that everything is denied")
            }
            Self::Condition { statement, operator, key } if operator.ends_with("IfExists") => {
                write!(formatter, "{statement}: the condition `{operator}` on {key} does not hold")
            }
            Self::Condition { statement, operator, key } => write!(
                formatter,
                "{statement}: `{operator}` on {key} does not hold of such a request; `BoolIfExists` with `false` does"
            ),
            Self::Exempted { statement, pattern } => {
                write!(formatter, "{statement}: its `NotAction` exempts `{pattern}`")
            }
            Self::NotListed { statement } => write!(formatter, "{statement}: it denies only the actions that it lists"),
            Self::OtherResource { statement } => write!(formatter, "{statement}: it denies only on its own resources"),
            Self::Depends { statement } => write!(formatter, "{statement}: it denies under further conditions only"),
        }
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context, action, resource, cause } = self;
        write!(formatter, "{}: {action} on {resource} ({cause})", context.label())
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
