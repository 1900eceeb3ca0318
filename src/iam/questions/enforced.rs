//! Whether MFA is enforced on a principal, and not merely mentioned.
//!
//! It is when a caller without MFA can do nothing beyond enrolling a device: everything else is denied, or not allowed
//! to begin with. What it still can do is a hole, told with the reason that the policy text gives.

use std::fmt;

use crate::iam::decide::Policies;
use crate::iam::document::Effect;
use crate::iam::mfa::{AGE, MfaContext, NEVER_DENIED, PRESENT};
use crate::iam::policy::{Policy, Statement};
use crate::iam::request::Request;
use crate::iam::truth::Truth;

use super::subject::Subject;
use super::witness::witnesses;

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

/// How far MFA is enforced on a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforcement {
    /// What it can still do without MFA, at most one example for each way to sign in and reason.
    pub holes: Vec<Hole>,
    /// The ways to sign in without MFA in which everything beyond enrolling is *denied*: so also what others may allow
    /// one day.
    pub denied_in: Vec<MfaContext>,
    /// Whether a policy that applies could not be read. Then there may be more holes, unless everything is denied, and
    /// any of these may be closed.
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
        let unread = readable.identity.len() < subject.policies().identity.len()
            || subject.policies().boundary.is_some_and(Policy::is_unreadable);
        let mut result = Self { holes: Vec::new(), denied_in: Vec::new(), unread };
        for mfa in Self::CONTEXTS {
            if Self::is_closed(subject, mfa) {
                result.denied_in.push(mfa);
                continue;
            }
            for hole in holes(&readable, subject, mfa) {
                if !result.holes.iter().any(|known| known.context == mfa && known.cause == hole.cause) {
                    result.holes.push(hole);
                }
            }
        }
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
        holes(&all, subject, mfa).next().is_none()
    }

    /// Whether nothing beyond enrolling can be done without MFA; `None` if a policy that could not be read may allow or
    /// deny it.
    #[must_use]
    pub fn is_enforced(&self) -> Option<bool> {
        if self.unread && !self.denies_everything() { None } else { Some(self.holes.is_empty()) }
    }

    /// Whether everything beyond enrolling is denied without MFA, whatever else may be allowed.
    #[must_use]
    pub fn denies_everything(&self) -> bool {
        Self::CONTEXTS.iter().all(|context| self.denied_in.contains(context))
    }
}

/// Whether a caller without MFA may do it and MFA still counts as enforced.
pub(super) fn is_harmless(action: &str) -> bool {
    HARMLESS.iter().chain(&NEVER_DENIED).any(|harmless| harmless.eq_ignore_ascii_case(action))
}

fn without_unread<'a>(policies: &Policies<'a>) -> Policies<'a> {
    let mut readable = policies.clone();
    readable.identity.retain(|policy| !policy.is_unreadable());
    // An unread boundary can only take away.
    readable.boundary = readable.boundary.filter(|boundary| !boundary.is_unreadable());
    readable
}

fn holes<'a>(
    policies: &'a Policies<'_>,
    subject: &Subject<'_>,
    mfa: MfaContext,
) -> impl Iterator<Item = Hole> + use<'a> {
    let context = subject.context(mfa);
    let witnesses = witnesses(policies, &context);
    let mut request = Request::new("", "").with_context(context);
    witnesses.into_iter().filter(|witness| !is_harmless(&witness.action)).filter_map(move |witness| {
        witness.action.clone_into(&mut request.action);
        witness.resource.clone_into(&mut request.resource);
        let open = !mfa.is_refused_by_aws(&witness.action) && policies.may_allow(&request);
        open.then(|| Hole {
            context: mfa,
            action: witness.action_for_people(),
            resource: witness.resource_for_people(),
            cause: cause(policies, &request),
        })
    })
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
            Self::NoGuard => 0,
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
mod tests;
