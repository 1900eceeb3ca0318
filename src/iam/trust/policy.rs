//! A trust policy, compiled once to be asked many times.

use std::sync::Arc;

use crate::iam::condition::Condition;
use crate::iam::decide::{Decision, StatementRef, Trail, Verdict};
use crate::iam::document::{Document, Effect, Statement as Written};
use crate::iam::notes::{Log, Notes};
use crate::iam::policy::{Patterns, fault_of, unknown_element};
use crate::iam::request::Request;
use crate::iam::truth::Truth;
use crate::iam::wildcard::Wildcard;

use super::caller::CallerIdentity;
use super::named::Named;

/// What a trust policy can allow or deny (IAM User Guide, `id_roles_update-role-trust-policy`; STS API reference).
pub const TRUST_ACTIONS: [&str; 5] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

/// The compiled trust policy of a role.
///
/// Its decisions are those of the trust policy alone. A role may only be assumed if it allows that, also within one
/// account. Not decided here is what the caller's own policies say: a principal that only its account lets in
/// ([`Self::names`] is false) needs an `Allow` there, and so does everybody of another account; boundaries and service
/// control policies bind it too. Nor is decided what AWS refuses whatever the policies say: root users assume no roles, and
/// sessions of `GetFederationToken` call nothing of STS but `GetCallerIdentity`.
///
/// AWS no longer accepts `NotPrincipal` in trust policies; what is there from before is decided as its page says
/// (`reference_policies_elements_notprincipal`), but for principals with a permissions boundary, which a `Deny` with
/// `NotPrincipal` always denies.
#[derive(Debug, Clone)]
pub struct TrustPolicy {
    name: Arc<str>,
    pub(super) statements: Box<[Statement]>,
}

/// A compiled statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    pub(super) named: Option<Named>,
    actions: Patterns<Wildcard>,
    condition: Condition,
    /// What its condition asks of `aws:PrincipalArn` and the like, as written.
    pub(super) callers: Box<[Box<str>]>,
    malformed: Option<Box<str>>,
}

impl TrustPolicy {
    /// Compiles `document`, to be called `name` in decisions.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, document: &Document) -> Self {
        let variables = document.has_variables();
        let fault = fault_of(document);
        let statements = document.statements.iter().map(|written| Statement::new(written, variables, fault.clone()));
        Self { name: name.into(), statements: statements.collect() }
    }

    /// Whether it lets `caller` make `request`, and by what. The resource of the request is the role, and not looked at.
    ///
    /// Keys that follow from who the caller is, such as `aws:PrincipalArn`, are those of the request where it says them.
    /// For an action that no trust policy is about, it is an implicit deny.
    #[must_use]
    pub fn decide(&self, caller: &CallerIdentity, request: &Request) -> Decision {
        let mut trail = Trail::default();
        let request = known(caller, request);
        let denied = self.sweep(Effect::Deny, caller, &request, &mut trail);
        let allowed = self.sweep(Effect::Allow, caller, &request, &mut trail);
        let verdict = match (denied, allowed) {
            (Truth::Yes, _) => Verdict::ExplicitDeny,
            (Truth::No, Truth::No) => Verdict::ImplicitDeny,
            (Truth::No, Truth::Yes) => Verdict::Allowed,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Verdict::Unknown,
        };
        trail.into_decision((verdict, None))
    }

    /// Whether an `Allow` that is about the request, perhaps under conditions that are not known to hold, names the caller
    /// itself, and not only its account or everybody. A user of the role's own account then needs no policy of its own.
    #[must_use]
    pub fn names(&self, caller: &CallerIdentity, request: &Request) -> bool {
        let request = known(caller, request);
        self.statements.iter().any(|statement| {
            statement.effect == Effect::Allow
                && statement.named.as_ref().is_some_and(|named| named.lists_name(caller))
                && statement.matches(caller, &request, &mut ()) != Truth::No
        })
    }

    /// Whether some request is let in that agrees with this one in what its context says; `None` if that depends on
    /// something that cannot be evaluated.
    pub(super) fn may_let_in(&self, caller: &CallerIdentity, request: &Request) -> Option<bool> {
        let decision = self.decide(caller, request);
        match decision.verdict {
            Verdict::Allowed => Some(true),
            Verdict::ExplicitDeny | Verdict::ImplicitDeny => Some(false),
            Verdict::Unknown => {
                let request = known(caller, request);
                if self.sweep(Effect::Allow, caller, &request, &mut Trail::default()) == Truth::No {
                    return Some(false);
                }
                decision.unknown.iter().all(|doubt| doubt.reasons.is_empty()).then_some(true)
            }
        }
    }

    fn sweep(&self, effect: Effect, caller: &CallerIdentity, request: &Request, trail: &mut Trail) -> Truth {
        let mut result = Truth::No;
        for (index, statement) in self.statements.iter().enumerate() {
            if statement.effect == effect {
                let mut log = Log::default();
                let truth = statement.matches(caller, request, &mut log);
                let place = StatementRef { policy: Arc::clone(&self.name), sid: statement.sid.clone(), index };
                trail.note(truth, effect, place, log);
                result = result.max(truth);
            }
        }
        result
    }
}

impl Statement {
    fn new(written: &Written, variables: bool, fault: Option<Box<str>>) -> Self {
        let named = written.principal.as_ref().map(Named::new);
        let malformed = fault.or_else(|| fault_of_statement(written, named.as_ref()));
        Self {
            sid: written.sid.as_deref().map(Into::into),
            effect: written.effect,
            named,
            actions: Patterns::new(&written.action, Wildcard::new),
            condition: written
                .condition
                .as_ref()
                .map_or_else(Condition::default, |condition| Condition::new(condition, variables)),
            callers: callers(written),
            malformed,
        }
    }

    fn matches<N: Notes>(&self, caller: &CallerIdentity, request: &Request, notes: &mut N) -> Truth {
        let is = |action: &&str| action.eq_ignore_ascii_case(&request.action);
        let listed = self.actions.patterns.iter().any(|pattern| pattern.matches_ignore_case(&request.action));
        if !TRUST_ACTIONS.iter().any(is) || listed == self.actions.except {
            return Truth::No;
        }
        let named = match (&self.named, self.effect) {
            (None, _) => Truth::Unknown,
            (Some(named), Effect::Allow) => named.allows(caller, notes),
            (Some(named), Effect::Deny) => named.denies(caller, notes),
        };
        if named == Truth::No {
            return Truth::No;
        }
        let condition = self.condition.holds(&request.context, notes);
        match &self.malformed {
            Some(reason) if condition != Truth::No => {
                notes.unknown(reason);
                Truth::Unknown
            }
            _ => named.min(condition),
        }
    }
}

fn known(caller: &CallerIdentity, request: &Request) -> Request {
    request.clone().with_context(request.context.clone().or(caller.keys()))
}

fn callers(written: &Written) -> Box<[Box<str>]> {
    let about = |key: &str| {
        ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:username"].iter().any(|name| key.eq_ignore_ascii_case(name))
    };
    let keys = written.conditions().iter().flat_map(|block| &block.keys);
    keys.filter(|key| about(&key.key)).flat_map(|key| &key.values).map(|value| value.as_str().into()).collect()
}

/// What is wrong with a statement of a trust policy.
fn fault_of_statement(written: &Written, named: Option<&Named>) -> Option<Box<str>> {
    if let Some(name) = written.unknown_names().next() {
        return Some(unknown_element(name));
    }
    if written.resource.is_some() {
        return Some("it has a resource, which trust policies have not".into());
    }
    match named {
        None => Some("it has neither `Principal` nor `NotPrincipal`".into()),
        Some(named) => named.fault().map(Into::into),
    }
}
