//! What AWS documents about the decision on a request, as a table that people can read: `table/*.yaml`. A case is a set
//! of policies with the page that it is taken from; each of its decisions is a request and what comes out.
//!
//! - `policies`: identity policies, id to document. `boundary`: one document. `scps`: a list of levels, each a list of
//!   documents; united within a level, intersected over the levels. `principal`: an ARN, which brings its keys along.
//! - a decision: `action`, `resource` (`*`, literally, if not given), `context` (a list is a key of several values, `[]`
//!   one that is present and empty), `mfa`, and `expect`. `matched`, if given, are the statements that decide, as
//!   `POLICY#INDEX`, with `boundary` and `scp[LEVEL][INDEX]` as policies; `missing` the keys that were asked for and are
//!   not there.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use portcullis::iam::decide::scps_apply;
use portcullis::iam::questions::principal_keys;
use portcullis::iam::{Context, Document, MfaContext, Policies, Policy, Request};
use table::{Case, Decision, Expect, Mfa, Values, cases};

/// Decides the request of `decision` under the policies of `case`: the decision as the table spells it, the statements
/// that decided and the keys that were asked for and are absent, both in any order.
fn decide(case: &Case, decision: &Decision) -> (String, Vec<String>, Vec<String>) {
    let identity: Vec<Policy> = case.policies.iter().map(|(id, document)| policy(id, document)).collect();
    let boundary = case.boundary.as_ref().map(|document| policy("boundary", document));
    let levels = case.scps.iter().enumerate().map(|(level, documents)| {
        documents
            .iter()
            .enumerate()
            .map(|(place, document)| policy(&format!("scp[{level}][{place}]"), document))
            .collect()
    });
    let scps: Vec<Vec<Policy>> = levels.collect();
    let bound = case.principal.as_deref().is_none_or(|arn| scps_apply(arn, false));
    let policies = Policies {
        identity: identity.iter().collect(),
        boundary: boundary.as_ref(),
        scps: scps.iter().filter(|_| bound).map(|level| level.iter().collect()).collect(),
    };
    let request = Request::new(&*decision.action, &*decision.resource).with_context(context(case, decision));
    let decided = policies.decide(&request);
    assert_eq!(policies.verdict(&request), decided.verdict, "{}: {}", case.id, decision.request());
    let verdict = serde_json::to_value(decided.verdict).unwrap();
    let matched = decided.matched.iter().map(|statement| format!("{}#{}", statement.policy, statement.index));
    (verdict.as_str().unwrap().to_owned(), matched.collect(), decided.missing_keys)
}

/// A document that is not even of the grammar is one that could not be read.
fn policy(id: &str, document: &serde_json::Value) -> Policy {
    match Document::parse(&document.to_string()) {
        Ok(document) => Policy::new(id, &document),
        Err(error) => Policy::unreadable(id, error.to_string()),
    }
}

fn context(case: &Case, decision: &Decision) -> Context {
    let written = decision.context.iter().fold(Context::new(), |context, (key, values)| match values {
        Values::One(value) => context.with(key, &**value),
        Values::Several(values) => context.with_all(key, values.clone()),
    });
    let mfa = match decision.mfa {
        Mfa::None => MfaContext::LongTermKey,
        Mfa::Console => MfaContext::ConsoleWithoutMfa,
        Mfa::Present => MfaContext::WithMfa,
    };
    // The table says itself who calls through a service.
    let mfa = if decision.mfa == Mfa::None { Context::new() } else { mfa.keys() };
    let implied = case.principal.as_deref().map_or_else(Context::new, principal_keys);
    let via_service = !decision.context.keys().any(|key| key.eq_ignore_ascii_case("aws:ViaAWSService"));
    let mfa = if via_service { mfa.without("aws:ViaAWSService") } else { mfa };
    written.or(mfa).or(implied)
}

/// How the decision that was made differs from the one of the table; empty if it does not.
fn difference(decision: &Decision, (decided, matched, missing): &(String, Vec<String>, Vec<String>)) -> String {
    let mut text = String::new();
    if decided != decision.expect.name() {
        let _ = write!(text, " decided {decided}, documented {};", decision.expect.name());
    }
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    if let Some(documented) = decision.matched.as_deref().filter(|documented| set(documented) != set(matched)) {
        let _ = write!(text, " matched {matched:?}, documented {documented:?};");
    }
    // AWS compares the names of keys without case.
    let set = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    if let Some(documented) = decision.missing.as_deref().filter(|documented| set(documented) != set(missing)) {
        let _ = write!(text, " missing {missing:?}, documented {documented:?};");
    }
    text
}

#[test]
fn every_decision_of_the_table_is_as_documented() {
    let mut wrong = String::new();
    let mut count = 0;
    for (file, case) in cases() {
        for decision in &case.decisions {
            let differs = difference(decision, &decide(&case, decision));
            if !differs.is_empty() {
                count += 1;
                let (id, request, source) = (&case.id, decision.request(), &case.source);
                let _ = writeln!(wrong, "{file}: {id}: {request}:{differs}\n    {source}");
            }
        }
    }
    assert!(wrong.is_empty(), "{count} decisions are not as documented:\n{wrong}");
}

#[test]
fn the_table_is_large_and_no_case_or_request_stands_there_twice() {
    let mut ids = BTreeMap::new();
    let mut decisions = 0;
    for (file, case) in cases() {
        let mut requests = BTreeSet::new();
        for decision in &case.decisions {
            assert!(requests.insert(decision.request()), "{file}: {}: twice: {}", case.id, decision.request());
        }
        decisions += requests.len();
        if let Some(other) = ids.insert(case.id.clone(), file.clone()) {
            panic!("{file}: the id {} is also in {other}", case.id);
        }
    }
    assert!(ids.len() >= 300, "{} cases", ids.len());
    assert!(decisions >= 1900, "{decisions} decisions");
}

#[test]
fn every_case_says_where_it_is_from_and_decides_something() {
    const SOURCES: [&str; 6] =
        ["IAM User Guide, ", "Organizations User Guide, ", "aws-facts ", "re:Post ", "iam.cloudcopilot.io/", "ours"];
    for (file, case) in cases() {
        let id = &case.id;
        let plain = id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-');
        assert!(plain && !id.is_empty(), "{file}: `{id}` is not in small letters, digits and hyphens");
        // A case may lean on another one.
        let known = SOURCES.iter().any(|start| case.source.starts_with(start)) || case.source.starts_with("as ");
        assert!(known && case.source.len() > 20, "{file}: {id}: `{}` names no page", case.source);
        assert!(!case.decisions.is_empty(), "{file}: {id} decides nothing");
        let arn = case.principal.as_deref().is_none_or(|arn| arn.starts_with("arn:aws") && arn.split(':').count() == 6);
        assert!(arn, "{file}: {id}: the principal is no ARN");
    }
}

#[test]
fn statements_said_to_decide_exist_and_have_the_effect_of_the_decision() {
    for (file, case) in cases() {
        for decision in &case.decisions {
            let Some(matched) = &decision.matched else { continue };
            let (id, request) = (&case.id, decision.request());
            let effect = match decision.expect {
                Expect::Allowed => "Allow",
                Expect::ExplicitDeny => "Deny",
                Expect::ImplicitDeny | Expect::Unknown => {
                    assert!(matched.is_empty(), "{file}: {id}: {request}: nothing decides, but {matched:?}");
                    continue;
                }
            };
            assert!(!matched.is_empty(), "{file}: {id}: {request}: nothing decides");
            for label in matched {
                let found = case.effect(label);
                assert_eq!(found.as_deref(), Some(effect), "{file}: {id}: {request}: {label}");
            }
        }
    }
}

#[test]
fn every_decision_and_every_layer_occurs() {
    let all: Vec<Case> = cases().into_iter().map(|(_, case)| case).collect();
    let expected = |expect| all.iter().flat_map(|case| &case.decisions).filter(|one| one.expect == expect).count();
    for expect in [Expect::Allowed, Expect::ExplicitDeny, Expect::ImplicitDeny, Expect::Unknown] {
        assert!(expected(expect) >= 50, "{}: {}", expect.name(), expected(expect));
    }
    assert!(all.iter().filter(|case| case.boundary.is_some()).count() >= 10);
    assert!(all.iter().filter(|case| case.scps.len() > 1).count() >= 5);
    assert!(all.iter().filter(|case| case.policies.len() > 1).count() >= 20);
}

#[test]
fn a_difference_names_what_was_decided_and_what_is_documented() {
    let decision = table::decision(
        r#"{ action: "s3:GetObject", expect: allowed, matched: ["p#0", "p#1"], missing: ["aws:SourceIp"] }"#,
    );
    let decided = |decision: &str, matched: &[&str], missing: &[&str]| {
        let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        (decision.to_owned(), texts(matched), texts(missing))
    };
    assert_eq!(difference(&decision, &decided("allowed", &["p#1", "p#0"], &["AWS:sourceip"])), "");
    assert_eq!(
        difference(&decision, &decided("unknown", &["p#0"], &[])),
        " decided unknown, documented allowed; matched [\"p#0\"], documented [\"p#0\", \"p#1\"]; missing [], documented \
         [\"aws:SourceIp\"];"
    );
}
