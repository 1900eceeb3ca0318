//! What two patterns share: by hand, against all short texts, and of great length.

use proptest::prelude::*;

use super::*;

/// All texts of up to four characters of `alphabet`.
fn texts(alphabet: &[char]) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..4 {
        longest = longest.iter().flat_map(|text| alphabet.iter().map(move |next| format!("{text}{next}"))).collect();
        all.extend_from_slice(&longest);
    }
    all
}

#[test]
fn witnesses_are_short_and_deterministic() {
    let cases = [
        ("*", "*", Some("")),
        ("?", "*", Some("x")),
        ("*", "?", Some("x")),
        ("?", "?", Some("x")),
        ("", "*", Some("")),
        ("", "?", None),
        ("a", "b", None),
        ("a*", "*b", Some("ab")),
        ("a*a", "a", None),
        ("*a*", "*b*", Some("ab")),
        ("ab*", "*ba", Some("aba")),
        ("iam:Get*", "iam:*User", Some("iam:GetUser")),
        ("iam:Get*", "iam:List*", None),
        ("arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:user/?im", Some("arn:aws:iam::111122223333:user/xim")),
        ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*", None),
        ("é?", "?è", Some("éè")),
    ];
    for (one, other, expected) in cases {
        let (first, second) = (Wildcard::new(one), Wildcard::new(other));
        assert_eq!(first.common(&second, 'x').as_deref(), expected, "{one} and {other}");
        assert_eq!(second.common(&first, 'x').map(|text| text.len()), expected.map(str::len), "{other} and {one}");
    }
}

#[test]
fn case_matters_to_resources_only() {
    let (upper, lower) = (Wildcard::new("IAM:get*"), Wildcard::new("iam:Get?ser"));
    assert_eq!(upper.common(&lower, 'x'), None);
    assert_eq!(upper.common_ignore_case(&lower, 'x').as_deref(), Some("IAM:getxser"));
    assert!(upper.covers_ignore_case(&lower) && !upper.covers(&lower));
}

#[test]
fn a_literal_star_is_no_run() {
    let star = Wildcard::literal("a*");
    assert_eq!(star.common(&Wildcard::new("ab"), 'x'), None);
    assert_eq!(star.common(&Wildcard::new("a?"), 'x').as_deref(), Some("a*"));
    assert!(!star.covers(&Wildcard::new("a*")) && Wildcard::new("a*").covers(&star));
}

#[test]
fn examples_fill_what_is_free() {
    assert_eq!(Wildcard::new("a*b?**").example("--", 'x'), "a--bx--");
    assert_eq!(Wildcard::literal("*?").example("--", 'x'), "*?");
    assert_eq!(Wildcard::new("").example("--", 'x'), "");
}

#[test]
fn what_covers_what() {
    let cases = [
        ("*", "", true),
        ("", "*", false),
        ("iam:*", "iam:Get*", true),
        ("iam:Get*", "iam:*", false),
        ("iam:*", "iam:*", true),
        ("?*", "*?", true),
        ("?*", "*", false),
        ("*?*?*", "??", true),
        ("a?", "a*", false),
        ("*a*b*", "*ab", true),
        ("*ab*", "*a*b*", false),
        ("arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:user/dev/?*", true),
        // True, but not seen.
        ("*a?*", "*aa*a*", true),
    ];
    for (one, other, expected) in cases {
        assert_eq!(Wildcard::new(one).covers(&Wildcard::new(other)), expected, "{one} and {other}");
    }
}

#[test]
fn long_patterns_take_no_stack_and_little_time() {
    let (first, second) = ("a*".repeat(1000), "*b?".repeat(700));
    let (first, second) = (Wildcard::new(&first), Wildcard::new(&second));
    let text = first.common(&second, 'x').expect("a text");
    assert!(first.matches(&text) && second.matches(&text));
    assert_eq!(text.chars().count(), 1000 + 700);
    assert_eq!(Wildcard::new(&("a*".repeat(1000) + "b")).common(&Wildcard::new(&"*?c".repeat(700)), 'x'), None);
}

proptest! {
    #[test]
    fn a_witness_is_matched_by_both_and_none_is_shorter(one in "[ab*?]{0,6}", other in "[ab*?]{0,6}") {
        let (first, second) = (Wildcard::new(&one), Wildcard::new(&other));
        let all = texts(&['a', 'b', 'x']);
        let shared = all.iter().find(|text| first.matches(text) && second.matches(text));
        let found = first.common(&second, 'x');
        if let Some(text) = &found {
            prop_assert!(first.matches(text) && second.matches(text), "{text}");
        }
        // The texts that were tried have four characters at most.
        prop_assert_eq!(found.map(|text| text.len()).filter(|length| *length <= 4), shared.map(String::len));
    }

    #[test]
    fn case_ignored_is_as_of_small_letters(one in "[aAbB*?]{0,6}", other in "[aAbB*?]{0,6}") {
        let (first, second) = (Wildcard::new(&one), Wildcard::new(&other));
        let found = first.common_ignore_case(&second, 'x');
        if let Some(text) = &found {
            prop_assert!(first.matches_ignore_case(text) && second.matches_ignore_case(text), "{text}");
        }
        let small = [&one, &other].map(|pattern| Wildcard::new(&pattern.to_lowercase()));
        prop_assert_eq!(found.map(|text| text.to_lowercase()), small[0].common(&small[1], 'x'));
        prop_assert_eq!(first.covers_ignore_case(&second), small[0].covers(&small[1]));
    }

    #[test]
    fn what_is_covered_is_matched(one in "[ab*?]{0,6}", other in "[ab*?]{0,6}") {
        let (first, second) = (Wildcard::new(&one), Wildcard::new(&other));
        if first.covers(&second) {
            for text in texts(&['a', 'b', 'x']).iter().filter(|text| second.matches(text)) {
                prop_assert!(first.matches(text), "{text}");
            }
        }
        prop_assert!(first.covers(&first));
        prop_assert!(Wildcard::new("*").covers(&second));
    }

    #[test]
    fn an_example_is_matched(pattern in "[ab*?é]{0,9}", run in ".{0,3}", one in any::<char>()) {
        let pattern = Wildcard::new(&pattern);
        prop_assert!(pattern.matches(&pattern.example(&run, one)));
    }
}
