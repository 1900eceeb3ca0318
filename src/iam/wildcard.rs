//! Patterns with `*` and `?`, as IAM writes them in actions, resources and `StringLike`.
//!
//! `*` stands for any run of characters, also an empty one and one with `/` and `:` in it; `?` for exactly one
//! character (IAM User Guide, `reference_policies_elements_resource`). Matching neither allocates nor backs up further
//! than to the latest `*`: its time is at most the product of the two lengths. What stands before the first and behind
//! the last `*` is compared first, so that most patterns that do not match are done with after a few characters.

mod common;

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

    /// Whether it matches `text`, letter case included: the way of resources.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        accept(&self.tokens, text.chars(), |token, actual| token.accepts(actual, exactly))
    }

    /// Whether it matches `text` whatever the case of ASCII letters: the way of actions.
    #[must_use]
    pub fn matches_ignore_case(&self, text: &str) -> bool {
        accept(&self.tokens, text.chars(), |token, actual| token.accepts(actual, ignoring_case))
    }

    /// Whether it matches everything: it consists of `*` only, at least one.
    #[must_use]
    pub fn matches_all(&self) -> bool {
        matches!(*self.tokens, [Token::Run])
    }
}

/// Whether `pattern` accepts the whole of `text`, of which a token other than `*` takes one element if `takes` says so.
/// All that differs between the elements is what takes them; `*` takes any.
fn accept<I>(pattern: &[Token], text: I, takes: impl Fn(Token, I::Item) -> bool) -> bool
where
    I: DoubleEndedIterator<Item: Copy> + Clone,
{
    let (mut pattern, mut rest) = (pattern, text);
    loop {
        match pattern {
            [] => return rest.next().is_none(),
            [Token::Run, ..] => break,
            [token, behind @ ..] => {
                if !rest.next().is_some_and(|actual| takes(*token, actual)) {
                    return false;
                }
                pattern = behind;
            }
        }
    }
    while let [before @ .., token] = pattern
        && *token != Token::Run
    {
        if !rest.next_back().is_some_and(|actual| takes(*token, actual)) {
            return false;
        }
        pattern = before;
    }
    between_runs(pattern, rest, takes)
}

/// [`accept`] of a pattern that begins and ends with a `*`.
fn between_runs<I: Iterator<Item: Copy> + Clone>(
    pattern: &[Token],
    text: I,
    takes: impl Fn(Token, I::Item) -> bool,
) -> bool {
    // Behind the latest `*`: the pattern, and the text from where it was last tried.
    let (mut behind, mut from) = (pattern, text.clone());
    let (mut pattern, mut rest) = (pattern, text);
    loop {
        match pattern {
            [] | [Token::Run] => return true,
            [Token::Run, next @ ..] => {
                pattern = next;
                (behind, from) = (next, rest.clone());
            }
            [token, next @ ..] => match rest.next() {
                Some(actual) if takes(*token, actual) => pattern = next,
                Some(_) => {
                    from.next();
                    (pattern, rest) = (behind, from.clone());
                }
                // A later try would have even less text left.
                None => return false,
            },
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

    fn accepts(self, actual: char, same: fn(char, char) -> bool) -> bool {
        match self {
            Self::Run => false,
            Self::One => true,
            Self::Literal(expected) => same(expected, actual),
        }
    }
}

fn exactly(one: char, other: char) -> bool {
    one == other
}

fn ignoring_case(one: char, other: char) -> bool {
    one.eq_ignore_ascii_case(&other)
}

#[cfg(test)]
mod tests;
