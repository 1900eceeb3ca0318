//! Nothing that gets through without MFA is ever called closed: held against all short requests.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::iam::document::{Condition, Document, Elements, Statement as Written};

const ANN: &str = "arn:aws:iam::111122223333:user/ann";

/// Patterns of few letters, so that they often have something in common.
fn patterns(prefix: &'static str) -> impl Strategy<Value = Elements> {
    let text = vec(select(vec!['a', 'B', '*', '*', '?']), 0..4);
    let pattern = text.prop_map(move |text| format!("{prefix}{}", text.into_iter().collect::<String>()));
    let whole = select(vec!["*".to_owned(), "?*".to_owned(), "s:*".to_owned(), "S:?".to_owned()]);
    let list = vec(prop_oneof![3 => pattern, 1 => whole], 1..3);
    (any::<bool>(), list)
        .prop_map(|(except, list)| if except { Elements::Except(list) } else { Elements::Listed(list) })
}

fn statements() -> impl Strategy<Value = Written> {
    let condition: Condition = Document::parse(
        r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*",
            "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}"#,
    )
    .unwrap()
    .statements
    .remove(0)
    .condition
    .unwrap();
    let effect = select(vec![Effect::Allow, Effect::Deny, Effect::Deny]);
    (effect, patterns("s:"), patterns(""), any::<bool>()).prop_map(move |(effect, action, resource, conditional)| {
        Written {
            sid: None,
            effect,
            principal: None,
            action,
            resource: Some(resource),
            condition: (conditional && effect == Effect::Deny).then(|| condition.clone()),
            unknown_elements: Vec::new(),
        }
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let document = vec(statements(), 1..5).prop_map(|statements| Document {
        version: Some("2012-10-17".to_owned()),
        statements,
        ..Document::default()
    });
    document.prop_map(|document| Policy::new("p", &document))
}

/// All texts of up to three letters.
fn texts() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..3 {
        longest = longest.iter().flat_map(|text| ['a', 'B', 'c'].map(|next| format!("{text}{next}"))).collect();
        all.extend_from_slice(&longest);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_gets_through_is_a_hole(
        identity in vec(policies(), 1..3),
        boundary in prop::option::of(policies()),
        scp in prop::option::of(policies()),
    ) {
        let policies = Policies {
            identity: identity.iter().collect(),
            boundary: boundary.as_ref(),
            scps: scp.iter().map(|scp| vec![scp]).collect(),
        };
        let everything = Policy::allowing_everything("all");
        let beside_all = Policies {
            identity: identity.iter().chain(&boundary).chain(&scp).chain([&everything]).collect(),
            ..Policies::default()
        };
        let subject = Subject::user(ANN, policies.clone(), []);
        let found = Enforcement::of(&subject);
        let context = subject.context(MfaContext::LongTermKey);
        let texts = texts();
        for action in &texts {
            for resource in texts.iter().skip(1) {
                let request = Request::new(format!("s:{action}"), resource.as_str()).with_context(context.clone());
                if policies.may_allow(&request) {
                    prop_assert_eq!(found.is_enforced(), Some(false), "{:?}", &request);
                }
                if beside_all.may_allow(&request) {
                    prop_assert!(!found.denies_everything(), "{:?}", &request);
                }
            }
        }
        for hole in &found.holes {
            prop_assert!(!is_harmless(&hole.action));
        }
    }
}
