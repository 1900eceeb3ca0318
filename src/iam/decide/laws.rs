//! What holds of every decision, whatever the documents and the request.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::super::context::Context;
use super::super::document::arbitrary::{conditions, identity_policies};
use super::super::document::{Condition as Written, Document, Effect, Elements, Statement as WrittenStatement};
use super::super::{Policy, Request};
use super::*;

const KEYS: [&str; 7] = [
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:username",
    "aws:SourceIp",
    "aws:PrincipalTag/team",
    "aws:PrincipalArn",
    "aws:CurrentTime",
];

/// What may be said of a key: that it is absent, or its values.
fn said() -> impl Strategy<Value = Option<Vec<String>>> {
    let values =
        ["true", "false", "kim", "3599", "10.1.2.3", "2025-12-31T23:59:59Z", "arn:aws:iam::111122223333:user/kim", ""];
    prop::option::of(vec(select(values.map(str::to_owned).to_vec()), 0..3))
}

fn say(context: Context, key: &str, said: Option<Vec<String>>) -> Context {
    match said {
        Some(values) => context.with_all(key, values),
        None => context.without(key),
    }
}

/// Contexts in which the other keys are absent, or not known.
fn contexts(open: impl Strategy<Value = bool>) -> impl Strategy<Value = Context> {
    (open, vec((select(KEYS.to_vec()), said()), 0..5)).prop_map(|(open, keys)| {
        let start = if open { Context::open() } else { Context::new() };
        keys.into_iter().fold(start, |context, (key, said)| say(context, key, said))
    })
}

fn requests_in(open: impl Strategy<Value = bool>) -> impl Strategy<Value = Request> {
    let actions = ["iam:GetUser", "iam:ListMFADevices", "sts:GetSessionToken", "s3:GetObject", "S3:PUTOBJECT"];
    let resources = ["*", "arn:aws:iam::111122223333:user/kim", "arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket"];
    (select(actions.to_vec()), select(resources.to_vec()), contexts(open))
        .prop_map(|(action, resource, context)| Request::new(action, resource).with_context(context))
}

fn requests() -> impl Strategy<Value = Request> {
    requests_in(any::<bool>())
}

/// The documents that apply to a principal.
#[derive(Debug, Clone)]
struct World {
    identity: Vec<Document>,
    boundary: Option<Document>,
    scps: Vec<Vec<Document>>,
}

fn worlds() -> impl Strategy<Value = World> {
    let boundary = prop::option::weighted(0.3, identity_policies());
    let scps = prop_oneof![2 => Just(Vec::new()), 1 => vec(vec(identity_policies(), 0..3), 1..3)];
    (vec(identity_policies(), 0..3), boundary, scps).prop_map(|(identity, boundary, scps)| World {
        identity,
        boundary,
        scps,
    })
}

/// A statement that is about the request, often with a condition.
fn about(request: &Request, effect: Effect, condition: Option<Written>) -> WrittenStatement {
    WrittenStatement {
        sid: Some("New".to_owned()),
        effect,
        principal: None,
        action: Elements::Listed(vec![request.action.clone()]),
        resource: Some(Elements::Listed(vec!["*".to_owned()])),
        condition,
        unknown_elements: Vec::new(),
    }
}

fn of_one(statement: WrittenStatement) -> Document {
    Document { version: Some("2012-10-17".to_owned()), statements: vec![statement], ..Document::default() }
}

impl World {
    fn decide(&self, request: &Request) -> Decision {
        let compiled = |documents: &[Document], layer: &str| -> Vec<Policy> {
            documents.iter().enumerate().map(|(at, document)| Policy::new(format!("{layer}{at}"), document)).collect()
        };
        let identity = compiled(&self.identity, "identity");
        let boundary = self.boundary.as_ref().map(|document| Policy::new("boundary", document));
        let levels = self.scps.iter().enumerate();
        let scps: Vec<Vec<Policy>> = levels.map(|(at, level)| compiled(level, &format!("scp{at}."))).collect();
        let policies = Policies {
            identity: identity.iter().collect(),
            boundary: boundary.as_ref(),
            scps: scps.iter().map(|level| level.iter().collect()).collect(),
        };
        let decision = policies.decide(request);
        assert_eq!(policies.verdict(request), decision.verdict, "the quick way is the same");
        decision
    }

    fn verdict(&self, request: &Request) -> Verdict {
        self.decide(request).verdict
    }

    /// With a policy of `statement`, or with the statement in one that is there.
    fn with(&self, statement: WrittenStatement, at: Index) -> Self {
        let mut more = self.clone();
        let place = at.index(more.identity.len() + 1);
        match more.identity.get_mut(place) {
            Some(document) => document.statements.insert(at.index(document.statements.len() + 1), statement),
            None => more.identity.push(of_one(statement)),
        }
        more
    }
}

/// What a decision says, in whatever order and spelling of keys.
fn told(decision: &Decision) -> (Verdict, Option<Layer>, BTreeSet<String>, usize) {
    let missing = decision.missing_keys.iter().map(|key| key.to_ascii_lowercase()).collect();
    (decision.verdict, decision.limited_by, missing, decision.matched.len())
}

/// The properties below say nothing if what they are shown comes to the same end each time.
#[test]
fn all_ends_are_met() {
    let mut runner = TestRunner::deterministic();
    let mut met = [0; 4];
    for _ in 0..600 {
        let (world, request) = (worlds(), requests()).new_tree(&mut runner).unwrap().current();
        let place = match world.verdict(&request) {
            Verdict::Allowed => 0,
            Verdict::ExplicitDeny => 1,
            Verdict::ImplicitDeny => 2,
            Verdict::Unknown => 3,
        };
        met[place] += 1;
    }
    assert!(met.iter().all(|times| *times >= 20), "allowed, denied, not allowed, unknown: {met:?}");
}

proptest! {
    #[test]
    fn a_deny_never_allows_more(
        world in worlds(), request in requests(), condition in prop::option::of(conditions()), at: Index,
    ) {
        let before = world.verdict(&request);
        let after = world.with(about(&request, Effect::Deny, condition.clone()), at).verdict(&request);
        match before {
            Verdict::ExplicitDeny => prop_assert_eq!(after, Verdict::ExplicitDeny),
            Verdict::Allowed => prop_assert_ne!(after, Verdict::ImplicitDeny),
            Verdict::ImplicitDeny | Verdict::Unknown => prop_assert_ne!(after, Verdict::Allowed),
        }
        if condition.is_none() {
            prop_assert_eq!(after, Verdict::ExplicitDeny);
        }
    }

    #[test]
    fn an_allow_never_makes_less_allowed(
        world in worlds(), request in requests(), condition in prop::option::of(conditions()), at: Index,
    ) {
        let before = world.verdict(&request);
        let after = world.with(about(&request, Effect::Allow, condition.clone()), at).verdict(&request);
        match before {
            Verdict::Allowed | Verdict::ExplicitDeny => prop_assert_eq!(after, before),
            Verdict::ImplicitDeny => prop_assert_ne!(after, Verdict::ExplicitDeny),
            Verdict::Unknown => prop_assert!(matches!(after, Verdict::Unknown | Verdict::Allowed)),
        }
        let alone = world.boundary.is_none() && world.scps.is_empty();
        if condition.is_none() && alone && before == Verdict::ImplicitDeny {
            prop_assert_eq!(after, Verdict::Allowed);
        }
    }

    #[test]
    fn order_is_irrelevant(world in worlds(), request in requests(), by in 0_usize..3) {
        let mut turned = world.clone();
        let documents = turned.identity.iter_mut().chain(&mut turned.boundary).chain(turned.scps.iter_mut().flatten());
        for document in documents {
            let length = document.statements.len().max(1);
            document.statements.rotate_left(by % length);
            document.statements.reverse();
        }
        turned.identity.reverse();
        turned.scps.iter_mut().for_each(|level| level.reverse());
        prop_assert_eq!(told(&world.decide(&request)), told(&turned.decide(&request)));
    }

    #[test]
    fn a_statement_about_another_action_changes_nothing(
        world in worlds(), request in requests(), condition in prop::option::of(conditions()), denies: bool,
    ) {
        let effect = if denies { Effect::Deny } else { Effect::Allow };
        let mut other = about(&request, effect, condition);
        other.action = Elements::Listed(vec!["ec2:*".to_owned(), format!("{}x", request.action)]);
        let mut more = world.clone();
        more.identity.push(of_one(other.clone()));
        more.scps.iter_mut().for_each(|level| level.push(of_one(other.clone())));
        if let Some(boundary) = &mut more.boundary {
            boundary.statements.push(other);
        }
        prop_assert_eq!(world.decide(&request), more.decide(&request));
    }

    #[test]
    fn boundaries_and_service_control_policies_add_nothing(
        world in worlds(), request in requests(), limit in identity_policies(), at: Index,
    ) {
        let mut bounded = world.clone();
        bounded.boundary = None;
        let without = bounded.verdict(&request);
        bounded.boundary = Some(limit.clone());
        let with = bounded.verdict(&request);
        prop_assert!(with != Verdict::Allowed || without == Verdict::Allowed, "boundary: {without:?} {with:?}");
        let mut levels = world.clone();
        levels.scps.insert(at.index(levels.scps.len() + 1), vec![limit]);
        let (without, with) = (world.verdict(&request), levels.verdict(&request));
        prop_assert!(with != Verdict::Allowed || without == Verdict::Allowed, "level: {without:?} {with:?}");
        prop_assert!(without != Verdict::ExplicitDeny || with == Verdict::ExplicitDeny);
    }

    #[test]
    fn whoever_has_no_policy_is_allowed_nothing(world in worlds(), request in requests()) {
        let nobody = World { identity: Vec::new(), ..world };
        prop_assert_ne!(nobody.verdict(&request), Verdict::Allowed);
    }

    #[test]
    fn what_is_decided_in_an_open_context_stays_so_when_more_is_known(
        world in worlds(), request in requests_in(Just(true)), learnt in vec((select(KEYS.to_vec()), said()), 1..4),
    ) {
        let before = world.verdict(&request);
        let mut known = request;
        for (key, said) in learnt {
            if known.context.get(key) == super::super::Presence::Open {
                known.context = say(known.context, key, said);
            }
            let after = world.verdict(&known);
            prop_assert!(before == Verdict::Unknown || before == after, "{key}: {before:?} {after:?}");
        }
    }

    #[test]
    fn a_policy_that_could_not_be_read_allows_nothing(world in worlds(), request in requests()) {
        let known: Vec<Policy> = world.identity.iter().map(|document| Policy::new("p", document)).collect();
        let unreadable = Policy::unreadable("lost", "for a test");
        let without = Policies { identity: known.iter().collect(), ..Policies::default() };
        for with in [
            Policies { identity: known.iter().chain([&unreadable]).collect(), ..Policies::default() },
            Policies { boundary: Some(&unreadable), ..without.clone() },
            Policies { scps: vec![vec![&unreadable]], ..without.clone() },
        ] {
            let is_denied = without.verdict(&request) == Verdict::ExplicitDeny;
            let expected = if is_denied { Verdict::ExplicitDeny } else { Verdict::Unknown };
            prop_assert_eq!(with.verdict(&request), expected);
            let doubt = Doubt {
                statement: StatementRef { policy: "lost".into(), sid: None, index: 0 },
                reasons: vec!["for a test".to_owned()],
            };
            prop_assert_eq!(with.decide(&request).unknown.iter().filter(|one| **one == doubt).count(), usize::from(!is_denied));
        }
    }

    #[test]
    fn what_is_missing_is_told_once_and_in_order(world in worlds(), request in requests()) {
        let decision = world.decide(&request);
        prop_assert!(decision.missing_keys.is_sorted());
        let folded: BTreeSet<String> = decision.missing_keys.iter().map(|key| key.to_ascii_lowercase()).collect();
        prop_assert_eq!(folded.len(), decision.missing_keys.len());
        for key in &decision.missing_keys {
            prop_assert!(!matches!(request.context.get(key), super::super::Presence::Present([_, ..])), "{key}");
        }
    }

    /// The same statement under `X` and under `XIfExists`: where it applies under the first, it does under the second.
    #[test]
    fn if_exists_holds_where_the_operator_holds(mut condition in conditions(), request in requests_in(Just(false))) {
        condition.blocks.retain(|block| !block.operator.ends_with("IfExists") && block.operator != "Null");
        let applies = |condition: &Written| {
            let world = World {
                identity: vec![of_one(about(&request, Effect::Allow, Some(condition.clone())))],
                boundary: None,
                scps: Vec::new(),
            };
            world.verdict(&request)
        };
        let plain = applies(&condition);
        let mut lenient = condition.clone();
        lenient.blocks.iter_mut().for_each(|block| block.operator.push_str("IfExists"));
        let with = applies(&lenient);
        prop_assert!(plain != Verdict::Allowed || with == Verdict::Allowed, "{plain:?} {with:?}");
        let mut absent = condition.clone();
        absent.blocks.iter_mut().for_each(|block| block.keys.iter_mut().for_each(|key| key.key = "never:set".to_owned()));
        absent.blocks.iter_mut().for_each(|block| block.operator.push_str("IfExists"));
        let known = |block: &super::super::ConditionBlock| super::super::operator::Operator::read(&block.operator).is_some();
        absent.blocks.retain(known);
        prop_assert_eq!(applies(&absent), Verdict::Allowed);
    }
}
