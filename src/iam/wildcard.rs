//! Patterns with `*` and `?`, as IAM writes them in actions, resources and `StringLike`.
//!
//! `*` stands for any run of characters, also an empty one and one with `/` and `:` in it; `?` for exactly one
//! character (IAM User Guide, `reference_policies_elements_resource`). Matching neither allocates nor backs up further
//! than to the latest `*`: its time is at most the product of the two lengths.

use std::fmt::{self, Write as _};

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wildcard {
    tokens: Box<[Token]>,
}

/// One element of a pattern. A literal may be `*`: policy variables can write it as `${*}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    /// Any run of characters.
    Run,
    /// Any one character.
    One,
    /// This character.
    Literal(char),
}

impl fmt::Display for Wildcard {
    /// The pattern as it is written; runs of `*` are shown as one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Run => formatter.write_char('*'),
            Token::One => formatter.write_char('?'),
            Token::Literal(literal) if matches!(literal, '*' | '?' | '$') => write!(formatter, "${{{literal}}}"),
            Token::Literal(literal) => formatter.write_char(*literal),
        })
    }
}

impl Wildcard {
    /// The pattern written as `pattern`.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self::of_tokens(pattern.chars().map(Token::of).collect())
    }

    fn of_tokens(mut tokens: Vec<Token>) -> Self {
        tokens.dedup_by(|next, before| *next == Token::Run && *before == Token::Run);
        Self { tokens: tokens.into() }
    }

    /// The pattern that only `text` itself matches, whatever is in it.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { tokens: text.chars().map(Token::Literal).collect() }
    }

    /// The patterns one behind the other.
    #[must_use]
    pub fn join<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::of_tokens(parts.into_iter().flat_map(|part| part.tokens.iter().copied()).collect())
    }

    /// Its parts between the first `count - 1` colons, if there are that many: the fields of an ARN.
    #[must_use]
    pub fn fields(&self, count: usize) -> Option<Vec<Self>> {
        let fields: Vec<Self> = self
            .tokens
            .splitn(count, |token| *token == Token::Literal(':'))
            .map(|field| Self { tokens: field.into() })
            .collect();
        (fields.len() == count).then_some(fields)
    }

    /// A text that it matches: `run` for each `*`, and `one` for each `?`.
    #[must_use]
    pub fn example(&self, run: &str, one: char) -> String {
        let mut example = String::new();
        for token in &self.tokens {
            match token {
                Token::Run => example.push_str(run),
                Token::One => example.push(one),
                Token::Literal(literal) => example.push(*literal),
            }
        }
        example
    }

    /// Whether it matches `text`, letter case included: the way of resources.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.matches_by(text, |expected, actual| expected == actual)
    }

    /// Whether it matches `text` whatever the case of ASCII letters: the way of actions.
    #[must_use]
    pub fn matches_ignore_case(&self, text: &str) -> bool {
        self.matches_by(text, |expected, actual| expected.eq_ignore_ascii_case(&actual))
    }

    /// Whether it matches everything: it consists of `*` only, at least one.
    #[must_use]
    pub fn matches_all(&self) -> bool {
        matches!(*self.tokens, [Token::Run])
    }

    fn matches_by(&self, text: &str, same: impl Fn(char, char) -> bool) -> bool {
        let (mut pattern, mut rest) = (&*self.tokens, text.chars());
        // Behind the latest `*`: the pattern, and the text from where it was last tried.
        let mut retry: Option<(&[Token], std::str::Chars<'_>)> = None;
        loop {
            let mut ahead = rest.clone();
            match (pattern, ahead.next()) {
                ([], None) | ([Token::Run], _) => return true,
                ([Token::Run, behind @ ..], _) => {
                    pattern = behind;
                    retry = Some((behind, rest.clone()));
                }
                ([token, behind @ ..], Some(actual)) if token.accepts(actual, &same) => {
                    pattern = behind;
                    rest = ahead;
                }
                _ => {
                    let Some((behind, from)) = &mut retry else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    pattern = behind;
                    rest = from.clone();
                }
            }
        }
    }
}

impl Token {
    const fn of(character: char) -> Self {
        match character {
            '*' => Self::Run,
            '?' => Self::One,
            _ => Self::Literal(character),
        }
    }

    fn accepts(self, actual: char, same: &impl Fn(char, char) -> bool) -> bool {
        match self {
            Self::Run => false,
            Self::One => true,
            Self::Literal(expected) => same(expected, actual),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
