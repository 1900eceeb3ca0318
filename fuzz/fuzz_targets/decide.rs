//! Decisions: whatever the documents and the request, there is one, and the cheap laws hold.
//!
//! The input is a policy document in JSON, then lines: the action, the resource, and `KEY=VALUE` for each condition key
//! (`KEY` alone: it is absent; `?` alone: of others nothing is said). A line with three dashes ends the document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::iam::{Context, Document, Policies, Policy, Presence, Request, Verdict};

const DENY: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
const ALLOW: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fuzz_target!(|text: &str| {
    let (document, lines) = text.split_once("\n---\n").unwrap_or((text, ""));
    let Ok(document) = Document::parse(document) else { return };
    let request = request(lines);
    let policy = Policy::new("fuzz", &document);
    let all = |text: &str| Policy::new("all", &Document::parse(text).expect("right"));
    let (deny, allow) = (all(DENY), all(ALLOW));

    let alone = Policies { identity: vec![&policy], ..Policies::default() };
    let decision = alone.decide(&request);
    let verdict = decision.verdict;
    assert_eq!(alone.verdict(&request), verdict);
    assert!(decision.missing_keys.is_sorted());
    assert_eq!(matches!(verdict, Verdict::Allowed | Verdict::ExplicitDeny), !decision.matched.is_empty());
    assert_eq!(verdict == Verdict::ImplicitDeny, decision.limited_by.is_some());
    for statement in &decision.matched {
        assert!(statement.index < document.statements.len());
        drop(policy.condition_keys(statement.index));
        drop(policy.unmet_keys(statement.index, &request));
    }

    let with = |more| Policies { identity: vec![&policy, more], ..Policies::default() }.verdict(&request);
    assert_eq!(with(&deny), Verdict::ExplicitDeny);
    let more = with(&allow);
    assert!(matches!(more, Verdict::Allowed | Verdict::Unknown | Verdict::ExplicitDeny));
    assert_eq!(more == Verdict::ExplicitDeny, verdict == Verdict::ExplicitDeny);
    let bounded = Policies { identity: vec![&allow], boundary: Some(&policy), scps: vec![vec![&policy]] };
    assert_eq!(bounded.verdict(&request), verdict, "a limit on everything allows what it would grant");
    let nobody = Policies { identity: vec![], boundary: Some(&policy), scps: vec![vec![&allow]] };
    assert!(nobody.verdict(&request) != Verdict::Allowed);

    // What is decided without knowing of a key is decided so with it.
    let Some(key) = decision.missing_keys.iter().find(|key| request.context.get(key) == Presence::Open) else { return };
    let known = Request { context: request.context.clone().with(key, "true"), ..request.clone() };
    assert!(verdict == Verdict::Unknown || alone.verdict(&known) == verdict);
});

fn request(lines: &str) -> Request {
    let mut lines = lines.lines();
    let (action, resource) = (lines.next().unwrap_or("s3:GetObject"), lines.next().unwrap_or("*"));
    let context = lines.take(20).fold(Context::new(), |context, line| match line.split_once('=') {
        Some((key, values)) => context.with_all(key, values.split(',').map(str::to_owned).collect()),
        None if line == "?" => context.or(Context::open()),
        None => context.without(line),
    });
    Request::new(action, resource).with_context(context)
}
