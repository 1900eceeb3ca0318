//! Decides a request as AWS does.
//!
//! From the IAM User Guide, `reference_policies_evaluation-logic`: an explicit deny in any policy that applies decides;
//! else every layer has to allow it: the identity policies of the principal (its own and those of its groups), its
//! permissions boundary if it has one, and each level of service control policies from the root of the organization to
//! the account. Boundaries and service control policies grant nothing. What cannot be evaluated leaves the decision
//! unknown, unless the rest decides it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::document::Effect;
use super::notes::{Log, Notes};
use super::policy::{Policy, Statement};
use super::request::Request;
use super::truth::Truth;

/// The policies that apply to a principal.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// Its identity policies: inline, attached, and those of its groups. One of them has to allow a request.
    pub identity: Vec<&'a Policy>,
    /// Its permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// The service control policies, one list a level from the root to the account; one of each level has to allow.
    /// Without any level none apply: see [`scps_apply`].
    pub scps: Vec<Vec<&'a Policy>>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is allowed.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement denies it, and not every layer allows it.
    ImplicitDeny,
    /// It depends on something that cannot be evaluated, or on a key of which an open context says nothing.
    Unknown,
}

/// A decision and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What becomes of the request.
    #[serde(rename = "decision")]
    pub verdict: Verdict,
    /// The statements that decided: those that deny it, or else those that allow it; none for an implicit deny.
    pub matched: Vec<StatementRef>,
    /// The layer that does not allow what the layers before it allow, if it is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<Layer>,
    /// Condition keys and variables that statements about this action and resource ask for and the request does not
    /// carry, sorted, as they are written.
    pub missing_keys: Vec<String>,
    /// The statements that could not be evaluated, if the decision is unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Doubt>,
}

/// A statement, told by its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementRef {
    /// What its policy is called.
    pub policy: Arc<str>,
    /// Its `Sid`.
    pub sid: Option<Box<str>>,
    /// Its place in the document, from 0.
    pub index: usize,
}

/// A statement that could not be evaluated, and why; of a policy that could not be read, its first place stands for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// The statement.
    #[serde(flatten)]
    pub statement: StatementRef,
    /// Why; none if it only depends on keys of which the context says nothing.
    pub reasons: Vec<String>,
}

/// A layer of policies, each of which has to allow a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// A level of service control policies, from 0 at the root of the organization.
    Scp(usize),
}

/// Whether service control policies bind a principal: not in the management account, and never a service-linked role
/// (AWS Organizations User Guide, `orgs_manage_policies_scps`).
#[must_use]
pub fn scps_apply(principal_arn: &str, in_management_account: bool) -> bool {
    !in_management_account && !principal_arn.contains(":role/aws-service-role/")
}

impl Policies<'_> {
    /// Decides `request`, and says by what.
    #[must_use]
    pub fn decide(&self, request: &Request) -> Decision {
        let mut trail = Trail::default();
        let run = self.run(request, &mut trail);
        trail.into_decision(run)
    }

    /// What becomes of `request`: the quick way to the [`Verdict`] of [`Self::decide`].
    #[must_use]
    pub fn verdict(&self, request: &Request) -> Verdict {
        self.run(request, &mut ()).0
    }

    /// Whether some request is allowed that agrees with this one in what its context says: nothing denies it for certain,
    /// and every layer allows it at least under conditions that may be met.
    #[must_use]
    pub fn may_allow(&self, request: &Request) -> bool {
        let denied = self.layers().any(|(_, policies)| sweep(policies, Effect::Deny, request, &mut ()) == Truth::Yes);
        !denied && self.layers().all(|(_, policies)| sweep(policies, Effect::Allow, request, &mut ()) != Truth::No)
    }

    pub(super) fn layers(&self) -> impl Iterator<Item = (Layer, &[&Policy])> {
        let boundary = self.boundary.as_ref().map(|boundary| (Layer::Boundary, std::slice::from_ref(boundary)));
        let scps = self.scps.iter().enumerate().map(|(level, policies)| (Layer::Scp(level), policies.as_slice()));
        std::iter::once((Layer::Identity, self.identity.as_slice())).chain(boundary).chain(scps)
    }

    fn run<R: Record>(&self, request: &Request, record: &mut R) -> (Verdict, Option<Layer>) {
        let mut denied = Truth::No;
        for (_, policies) in self.layers() {
            denied = denied.max(sweep(policies, Effect::Deny, request, record));
        }
        if denied == Truth::Yes && !R::COMPLETE {
            return (Verdict::ExplicitDeny, None);
        }
        let mut allowed = Truth::Yes;
        let mut limited_by = None;
        for (layer, policies) in self.layers() {
            let here = sweep(policies, Effect::Allow, request, record);
            if here == Truth::No && allowed != Truth::No {
                limited_by = Some(layer);
            }
            allowed = allowed.min(here);
        }
        match (denied, allowed) {
            (Truth::Yes, _) => (Verdict::ExplicitDeny, None),
            (Truth::No, Truth::No) => (Verdict::ImplicitDeny, limited_by),
            (Truth::No, Truth::Yes) => (Verdict::Allowed, None),
            // A deny in doubt beside no allow: denied, but in which way is not known.
            (Truth::Unknown, _) | (_, Truth::Unknown) => (Verdict::Unknown, None),
        }
    }
}

/// Whether one of the statements of this effect is about the request.
fn sweep<R: Record>(policies: &[&Policy], effect: Effect, request: &Request, record: &mut R) -> Truth {
    let mut result = Truth::No;
    for policy in policies {
        if let Some(reason) = policy.gap() {
            record.doubt(policy, reason);
            result = result.max(Truth::Unknown);
        }
        for (index, statement) in policy.statements().iter().enumerate() {
            if statement.effect == effect {
                result = result.max(record.judge(policy, index, statement, request));
                if result == Truth::Yes && !R::COMPLETE {
                    return result;
                }
            }
        }
    }
    result
}

/// Judges statements, and keeps of it what is to be told.
trait Record {
    /// Whether everything is to be looked at, also what no longer matters for the outcome.
    const COMPLETE: bool;
    /// Whether the statement is about the request.
    fn judge(&mut self, policy: &Policy, index: usize, statement: &Statement, request: &Request) -> Truth;
    /// A policy's statements are not known, for `reason`.
    fn doubt(&mut self, policy: &Policy, reason: &str);
}

impl Record for () {
    const COMPLETE: bool = false;

    fn judge(&mut self, _: &Policy, _: usize, statement: &Statement, request: &Request) -> Truth {
        statement.matches(request, &mut ())
    }

    fn doubt(&mut self, _: &Policy, _: &str) {}
}

/// Everything that a decision tells.
#[derive(Debug, Default)]
pub(super) struct Trail {
    denies: Vec<StatementRef>,
    allows: Vec<StatementRef>,
    doubts: Vec<Doubt>,
    missing: Log,
}

impl Record for Trail {
    const COMPLETE: bool = true;

    fn judge(&mut self, policy: &Policy, index: usize, statement: &Statement, request: &Request) -> Truth {
        let mut log = Log::default();
        let truth = statement.matches(request, &mut log);
        let place = StatementRef { policy: policy.shared_name(), sid: statement.sid.clone(), index };
        self.note(truth, statement.effect, place, log);
        truth
    }

    fn doubt(&mut self, policy: &Policy, reason: &str) {
        let statement = StatementRef { policy: policy.shared_name(), sid: None, index: 0 };
        push_new(&mut self.doubts, Doubt { statement, reasons: vec![reason.to_owned()] });
    }
}

/// One policy may be of several layers, and one that could not be read is met among the denies and among the allows.
fn push_new<T: PartialEq>(list: &mut Vec<T>, new: T) {
    if !list.contains(&new) {
        list.push(new);
    }
}

impl Trail {
    /// Keeps how far the statement at `place` was about the request, and what was met on the way.
    pub(super) fn note(&mut self, truth: Truth, effect: Effect, place: StatementRef, log: Log) {
        for key in &log.missing {
            self.missing.missing(key);
        }
        match (truth, effect) {
            (Truth::No, _) => {}
            (Truth::Unknown, _) => push_new(&mut self.doubts, Doubt { statement: place, reasons: log.unknown }),
            (Truth::Yes, Effect::Deny) => push_new(&mut self.denies, place),
            (Truth::Yes, Effect::Allow) => push_new(&mut self.allows, place),
        }
    }

    pub(super) fn into_decision(self, (verdict, limited_by): (Verdict, Option<Layer>)) -> Decision {
        let (matched, unknown) = match verdict {
            Verdict::ExplicitDeny => (self.denies, Vec::new()),
            Verdict::Allowed => (self.allows, Vec::new()),
            Verdict::ImplicitDeny => (Vec::new(), Vec::new()),
            Verdict::Unknown => (Vec::new(), self.doubts),
        };
        let mut missing_keys = self.missing.missing;
        missing_keys.sort_unstable();
        Decision { verdict, matched, limited_by, missing_keys, unknown }
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
