//! What matches what.

use proptest::prelude::*;

use super::Wildcard;

#[test]
fn documented_examples() {
    let cases = [
        ("*", "", true),
        ("*", "iam:GetUser", true),
        ("iam:*AccessKey*", "iam:CreateAccessKey", true),
        ("iam:*AccessKey*", "iam:GetAccessKeyLastUsed", true),
        ("iam:*AccessKey*", "iam:GetUser", false),
        ("arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:user/a/b", true),
        ("arn:aws:s3:::bucket/?", "arn:aws:s3:::bucket/é", true),
        ("arn:aws:s3:::bucket/?", "arn:aws:s3:::bucket/", false),
        ("arn:aws:s3:::bucket/?", "arn:aws:s3:::bucket/ab", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("", "", true),
        ("", "a", false),
        ("a", "A", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(Wildcard::new(pattern).matches(text), expected, "{pattern} on {text}");
    }
}

#[test]
fn actions_match_in_any_case() {
    assert!(Wildcard::new("IAM:getuser").matches_ignore_case("iam:GetUser"));
    assert!(!Wildcard::new("iam:getuser").matches("iam:GetUser"));
}

#[test]
fn only_stars_match_all() {
    assert!(Wildcard::new("*").matches_all());
    assert!(Wildcard::new("***").matches_all());
    for pattern in ["", "?*", "**?", "*:*"] {
        assert!(!Wildcard::new(pattern).matches_all(), "{pattern}");
    }
}

#[test]
fn a_literal_matches_itself_only() {
    assert!(Wildcard::literal("a*?").matches("a*?"));
    assert!(!Wildcard::literal("a*").matches("ab"));
    assert!(!Wildcard::literal("*").matches_all());
}

#[test]
fn many_stars_take_no_exponential_time() {
    let pattern = "a*".repeat(40) + "b";
    assert!(!Wildcard::new(&pattern).matches(&"a".repeat(20_000)));
}

fn reference(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', behind @ ..], _) => {
            reference(behind, text) || text.split_first().is_some_and(|(_, rest)| reference(pattern, rest))
        }
        (['?', behind @ ..], [_, rest @ ..]) => reference(behind, rest),
        ([expected, behind @ ..], [actual, rest @ ..]) => expected == actual && reference(behind, rest),
        _ => false,
    }
}

proptest! {
    #[test]
    fn agrees_with_the_definition(pattern in "[ab*?é]{0,9}", text in "[abé]{0,9}") {
        let (pattern_chars, text_chars): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
        prop_assert_eq!(Wildcard::new(&pattern).matches(&text), reference(&pattern_chars, &text_chars));
    }

    #[test]
    fn case_never_matters_to_actions(pattern in "[abAB*?]{0,8}", text in "[abAB]{0,8}") {
        let lower = Wildcard::new(&pattern.to_lowercase()).matches(&text.to_lowercase());
        prop_assert_eq!(Wildcard::new(&pattern).matches_ignore_case(&text), lower);
    }

    #[test]
    fn a_text_matches_its_own_literal(text in ".{0,20}") {
        prop_assert!(Wildcard::literal(&text).matches(&text));
    }
}
