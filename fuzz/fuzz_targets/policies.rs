//! Policy documents: parsed or refused, never a panic, and whoever is an administrator by one may do what administrators
//! do. What is read is written as the same, in a size that does not depend on the layout; what its patterns have in
//! common they match; what a lint points at stands in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::iam::lint::{Given, lint};
use portcullis::iam::questions::{AdminProbes, Administrator, Subject};
use portcullis::iam::tree::Tree;
use portcullis::iam::{
    Document, Elements, MfaContext, Policies, Policy, Statement, Strictness, Verdict, Wildcard, size, trust,
};

/// Whose policy it is.
const USER: &str = "arn:aws:iam::111122223333:user/kim";

/// Most patterns of a document that are held against each other.
const PATTERNS: usize = 8;

/// The longest pattern of these, in bytes.
const LENGTH: usize = 200;

fuzz_target!(|text: &str| {
    let _ = trust::kinds_of(text);
    let tree = Tree::of_json(text);
    match &tree {
        Ok(tree) => assert_eq!(text.get(tree.span.clone()), Some(text.trim_matches([' ', '\t', '\n', '\r']))),
        Err(problem) => assert!(text.get(problem.span.clone()).is_some()),
    }
    assert!(size(text) <= text.chars().count());
    let strict = Document::parse_as(text, Strictness::Written);
    match Document::parse(text) {
        Ok(document) => {
            assert!(strict.is_err() || strict.as_ref() == Ok(&document));
            round_trip(&document);
            patterns(&document);
            administrator(&document);
            let given = Given { tree: tree.as_ref().ok(), json: Some(text), partition: Some("aws") };
            for finding in lint(&document, &given) {
                assert!(finding.span.is_none_or(|span| text.get(span).is_some()));
            }
        }
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1);
            assert!(strict.is_err());
        }
    }
});

fn round_trip(document: &Document) {
    let compact = serde_json::to_string(document).expect("documents are JSON");
    let pretty = serde_json::to_string_pretty(document).expect("documents are JSON");
    assert_eq!(Document::parse(&compact).as_ref(), Ok(document));
    assert_eq!(Document::parse(&pretty).as_ref(), Ok(document));
    assert_eq!(size(&compact), compact.chars().count());
    assert_eq!(size(&pretty), size(&compact));
}

/// Whoever is an administrator by a document is none beside one that denies everything, or under a boundary that was
/// not read.
fn administrator(document: &Document) {
    let policy = Policy::new("fuzz", document);
    let deny = Document::parse(r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#).expect("right");
    let (deny, unread) = (Policy::new("deny", &deny), Policy::unreadable("boundary", "not read"));
    let alone = Policies { identity: vec![&policy], ..Policies::default() };
    let user = Subject::user(USER, alone, []);
    let probes = AdminProbes::of_principal(&user);
    let _ = probes.verdict(user.policies());
    let denied = Policies { identity: vec![&policy, &deny], ..Policies::default() };
    assert!(probes.verdict(&denied) == Administrator::No);
    let bounded = Policies { identity: vec![&policy], boundary: Some(&unread), ..Policies::default() };
    assert!(probes.verdict(&bounded) != Administrator::Yes);
    let decided = user.can("iam:AttachUserPolicy", USER, MfaContext::WithMfa);
    assert!(decided != Verdict::Allowed || user.may("iam:AttachUserPolicy", USER, MfaContext::WithMfa));
}

fn patterns(document: &Document) {
    let of = |statement: &Statement| match &statement.action {
        Elements::Listed(patterns) | Elements::Except(patterns) => patterns.clone(),
    };
    let texts = document.statements.iter().flat_map(of).filter(|text| text.len() <= LENGTH).take(PATTERNS);
    let patterns: Vec<Wildcard> = texts.map(|text| Wildcard::new(&text)).collect();
    for one in &patterns {
        assert!(one.matches(&one.example("", 'x')) && one.matches(&one.example("yz", 'x')));
        assert!(one.covers(one));
        for other in &patterns {
            let shared = one.common(other, 'x');
            let alike = one.common_ignore_case(other, 'x');
            assert!(shared.as_ref().is_none_or(|text| one.matches(text) && other.matches(text)));
            assert!(alike.is_none_or(|text| one.matches_ignore_case(&text) && other.matches_ignore_case(&text)));
            if one.covers(other) {
                let texts = [other.example("", 'x'), other.example("yz", 'x')];
                assert!(shared.is_some() && one.covers_ignore_case(other));
                assert!(texts.iter().all(|text| one.matches(text)));
            }
        }
    }
}
