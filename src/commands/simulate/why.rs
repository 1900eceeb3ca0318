//! Why a request is decided as it is, in a sentence.

use crate::iam::{Decision, Doubt, Layer, Policies, Policy, Request, StatementRef, Verdict};

/// The sentence; it may hold whatever stands in policies and requests.
pub(super) fn sentence(policies: &Policies<'_>, request: &Request, decision: &Decision) -> String {
    let Decision { verdict, matched, limited_by, unknown, .. } = decision;
    match verdict {
        Verdict::Allowed => format!("allowed by {}", with_reasons(policies, request, matched)),
        Verdict::ExplicitDeny => format!("denied by {}", with_reasons(policies, request, matched)),
        Verdict::ImplicitDeny => refused(policies, request, limited_by.unwrap_or(Layer::Identity)),
        Verdict::Unknown => format!("not known: {}", doubts(unknown)),
    }
}

/// A statement as people name it.
pub(super) fn place(statement: &StatementRef) -> String {
    match &statement.sid {
        Some(sid) => format!("{} statement {sid}", statement.policy),
        None => format!("{} statement #{}", statement.policy, statement.index),
    }
}

fn with_reasons(policies: &Policies<'_>, request: &Request, matched: &[StatementRef]) -> String {
    let all = matched.iter().map(|statement| {
        let keys = find(policies, statement).map(|policy| policy.condition_keys(statement.index));
        let reasons = described(request, &keys.unwrap_or_default());
        if reasons.is_empty() { place(statement) } else { format!("{} because {reasons}", place(statement)) }
    });
    joined(&all.collect::<Vec<_>>(), "; ")
}

/// What the request says of these keys.
fn described(request: &Request, keys: &[&str]) -> String {
    let said = keys.iter().map(|key| format!("{key} {}", request.context.describe(key)));
    joined(&said.collect::<Vec<_>>(), " and ")
}

/// Why nothing allows it: the first layer that does not.
fn refused(policies: &Policies<'_>, request: &Request, layer: Layer) -> String {
    let names: Vec<&str> = policies.of(layer).map(Policy::name).collect();
    let here = match (layer, names.as_slice()) {
        (Layer::Identity, []) => "no policy applies".to_owned(),
        (Layer::Identity, _) => "no statement allows it".to_owned(),
        (Layer::Boundary, names) => format!("the permissions boundary {} does not allow it", names.join(", ")),
        (Layer::Scp(_), [name]) => format!("the service control policy {name} does not allow it"),
        (Layer::Scp(_), names) => format!("none of the service control policies {} allows it", names.join(", ")),
    };
    let start = if layer == Layer::Identity {
        format!("not allowed: {here}")
    } else {
        let identity = Policies { identity: policies.identity.clone(), ..Policies::default() };
        let places: Vec<String> = identity.decide(request).matched.iter().map(place).collect();
        format!("allowed by {}, but {here}", joined(&places, "; "))
    };
    let nearly = policies.nearly(layer, request).into_iter().map(|statement| {
        let keys = find(policies, &statement).map(|policy| policy.unmet_keys(statement.index, request));
        format!("; {} would, but {}", place(&statement), described(request, &keys.unwrap_or_default()))
    });
    nearly.fold(start, |text, next| text + &next)
}

fn doubts(unknown: &[Doubt]) -> String {
    let all = unknown.iter().map(|doubt| match doubt.reasons.as_slice() {
        [] => format!("{} depends on condition keys that are not known", place(&doubt.statement)),
        reasons => format!("{}: {}", place(&doubt.statement), reasons.join(", ")),
    });
    joined(&all.collect::<Vec<_>>(), "; ")
}

/// The policy that a statement stands in.
fn find<'a>(policies: &Policies<'a>, statement: &StatementRef) -> Option<&'a Policy> {
    let mut all = policies.identity.iter().chain(&policies.boundary).chain(policies.scps.iter().flatten());
    all.find(|policy| policy.name() == &*statement.policy).copied()
}

fn joined(parts: &[String], between: &str) -> String {
    parts.join(between)
}
