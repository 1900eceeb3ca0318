//! Policy documents: parsed or refused, never a panic, and never an administrator by a document that was refused. What
//! is read is written as the same, in a size that does not depend on the layout, and what its patterns have in common
//! they match.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::iam::admin::Verdict;
use portcullis::iam::tree::Tree;
use portcullis::iam::{Document, Elements, Grants, Statement, Strictness, Wildcard, size, trust};

/// Most patterns of a document that are held against each other.
const PATTERNS: usize = 8;

/// The longest pattern of these, in bytes.
const LENGTH: usize = 200;

fuzz_target!(|text: &str| {
    let verdict = Grants::read(Some(text)).verdict(None);
    let _ = trust::kinds_of(text);
    match Tree::of_json(text) {
        Ok(tree) => assert_eq!(text.get(tree.span), Some(text.trim_matches([' ', '\t', '\n', '\r']))),
        Err(problem) => assert!(text.get(problem.span).is_some()),
    }
    assert!(size(text) <= text.chars().count());
    let strict = Document::parse_as(text, Strictness::Written);
    match Document::parse(text) {
        Ok(document) => {
            assert!(strict.is_err() || strict.as_ref() == Ok(&document));
            round_trip(&document);
            patterns(&document);
        }
        Err(error) => {
            assert!(verdict != Verdict::Yes);
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
