//! What two patterns have in common, and texts that stand for all that one matches.

use super::{Token, Wildcard, accept, exactly, ignoring_case};

/// The cost of what cannot be had.
const NEVER: u32 = u32::MAX;

/// What comes next in a text that two patterns match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing does: the text ends here, or there is none.
    End,
    /// Nothing for the `*` of the first pattern.
    SkipFirst,
    /// Nothing for the `*` of the second pattern.
    SkipSecond,
    /// A character that the next token of the first pattern takes; a `*` of the second goes on.
    First,
    /// A character that the next token of the second pattern takes; a `*` of the first goes on.
    Second,
    /// A character that the next token of either takes.
    Both,
}

impl Wildcard {
    /// A shortest text that both patterns match, letter case included; nothing if no text is. Where any character will
    /// do, it has `one`: best one that stands in neither pattern. Time and bytes are the product of the two lengths.
    #[must_use]
    pub fn common(&self, other: &Self, one: char) -> Option<String> {
        (!self.ends_differ(other, false)).then(|| shortest(&self.tokens, &other.tokens, one, exactly))?
    }

    /// As [`Self::common`], of texts that both match whatever the case of ASCII letters; it has that of `self`.
    #[must_use]
    pub fn common_ignore_case(&self, other: &Self, one: char) -> Option<String> {
        (!self.ends_differ(other, true)).then(|| shortest(&self.tokens, &other.tokens, one, ignoring_case))?
    }

    /// A text that it matches: itself with `run` for every `*` and `one` for every `?`.
    #[must_use]
    pub fn example(&self, run: &str, one: char) -> String {
        let mut text = String::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Run => text.push_str(run),
                Token::One => text.push(one),
                Token::Literal(literal) => text.push(*literal),
            }
        }
        text
    }

    /// The one text that it matches, if it has no wildcards.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.tokens.iter().all(|token| !is_free(*token)).then(|| self.example("", ' '))
    }

    /// Itself with `one` somewhere in each `*`.
    #[must_use]
    pub fn with_something_in_runs(&self, one: char) -> Self {
        let tokens = self.tokens.iter().flat_map(|token| match token {
            Token::Run => [Some(Token::Run), Some(Token::Literal(one)), Some(Token::Run)],
            _ => [Some(*token), None, None],
        });
        Self { tokens: tokens.flatten().collect() }
    }

    /// Whether what stands before the first `*` or behind the last one of both shows that no text matches both: quickly,
    /// and never wrongly "yes".
    #[must_use]
    pub fn ends_differ(&self, other: &Self, ignore_case: bool) -> bool {
        let same = if ignore_case { ignoring_case } else { exactly };
        let apart = |(one, other): (&Token, &Token)| match (one, other) {
            (Token::Literal(one), Token::Literal(other)) => !same(*one, *other),
            _ => false,
        };
        let fixed = |(one, other): &(&Token, &Token)| **one != Token::Run && **other != Token::Run;
        let (first, second) = (self.tokens.iter(), other.tokens.iter());
        first.clone().zip(second.clone()).take_while(fixed).any(apart)
            || first.rev().zip(second.rev()).take_while(fixed).any(apart)
    }

    /// What [`Self::common`] costs, in units of some hundred steps.
    #[must_use]
    pub fn cost(&self, other: &Self) -> u32 {
        u32::try_from(self.tokens.len() * other.tokens.len() / 16).unwrap_or(u32::MAX)
    }

    /// Whether it matches every text that `other` matches, letter case included. Never wrongly "yes"; it may be wrongly
    /// "no" where a `?` of this pattern has to take now a part of a `*` of the other and now what is beside it, as in
    /// `*a?*` and `*aa*a*`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        covers(&self.tokens, &other.tokens, exactly)
    }

    /// As [`Self::covers`], whatever the case of ASCII letters.
    #[must_use]
    pub fn covers_ignore_case(&self, other: &Self) -> bool {
        covers(&self.tokens, &other.tokens, ignoring_case)
    }
}

/// Each token of `other` is taken for one character: `?` for one that only `?` takes, `*` for one that only `*` takes.
fn covers(tokens: &[Token], other: &[Token], same: fn(char, char) -> bool) -> bool {
    let (tokens, other) = (ones_first(tokens), ones_first(other));
    accept(&tokens, other.iter().copied(), |token, actual| match actual {
        Token::Run => false,
        Token::One => token == Token::One,
        Token::Literal(literal) => token.accepts(literal, same),
    })
}

/// The same pattern with the `?` of each stretch of `*` and `?` before one `*`: `*?` and `?*` match the same.
fn ones_first(tokens: &[Token]) -> Vec<Token> {
    let mut sorted = Vec::with_capacity(tokens.len());
    for stretch in tokens.chunk_by(|before, next| is_free(*before) && is_free(*next)) {
        if let [Token::Literal(_)] = stretch {
            sorted.extend(stretch);
            continue;
        }
        sorted.extend(stretch.iter().filter(|token| **token == Token::One));
        sorted.extend(stretch.contains(&Token::Run).then_some(Token::Run));
    }
    sorted
}

const fn is_free(token: Token) -> bool {
    !matches!(token, Token::Literal(_))
}

fn shortest(first: &[Token], second: &[Token], one: char, same: fn(char, char) -> bool) -> Option<String> {
    // From each pair of places on: how long the shortest text is, and how it begins. Of the lengths, a row suffices.
    let width = second.len() + 1;
    let mut steps = vec![Step::End; width * (first.len() + 1)];
    let mut below = vec![NEVER; width];
    for (rest, row) in tails(first).zip(steps.chunks_exact_mut(width).rev()) {
        let mut lengths = Vec::with_capacity(width);
        let mut right = NEVER;
        let mut diagonal = NEVER;
        // From the end of `second` to its beginning, as `tails` and all that goes with it.
        for ((others, under), step) in tails(second).zip(below.iter().rev()).zip(row.iter_mut().rev()) {
            let (length, chosen) = best(rest, others, [*under, right, diagonal], same);
            *step = chosen;
            lengths.push(length);
            (right, diagonal) = (length, *under);
        }
        lengths.reverse();
        below = lengths;
    }
    (below.first() != Some(&NEVER)).then(|| follow(first, second, &steps, one))
}

/// What is left of a pattern at each place, from its end to its beginning.
fn tails(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    (0..=tokens.len()).rev().filter_map(|start| tokens.get(start..))
}

/// How the shortest text for what is left of both patterns begins, and how long it is. `known` are the lengths one token
/// further in the first pattern, in the second, and in both.
fn best(
    first: &[Token],
    second: &[Token],
    [in_first, in_second, in_both]: [u32; 3],
    same: fn(char, char) -> bool,
) -> (u32, Step) {
    let longer = |length: u32| length.saturating_add(1);
    match (first.first(), second.first()) {
        (None, None) => (0, Step::End),
        (Some(Token::Run), Some(Token::Run)) if in_second < in_first => (in_second, Step::SkipSecond),
        (Some(Token::Run), Some(Token::Run) | None) => (in_first, Step::SkipFirst),
        (None, Some(Token::Run)) => (in_second, Step::SkipSecond),
        (None, Some(_)) | (Some(_), None) => (NEVER, Step::End),
        (Some(Token::Run), Some(_)) if longer(in_second) < in_first => (longer(in_second), Step::Second),
        (Some(Token::Run), Some(_)) => (in_first, Step::SkipFirst),
        (Some(_), Some(Token::Run)) if longer(in_first) < in_second => (longer(in_first), Step::First),
        (Some(_), Some(Token::Run)) => (in_second, Step::SkipSecond),
        (Some(Token::Literal(one)), Some(Token::Literal(other))) if !same(*one, *other) => (NEVER, Step::End),
        (Some(_), Some(_)) => (longer(in_both), Step::Both),
    }
}

/// The text that `steps` spell.
fn follow(first: &[Token], second: &[Token], steps: &[Step], one: char) -> String {
    let width = second.len() + 1;
    let (mut at_first, mut at_second) = (0, 0);
    let mut text = String::new();
    loop {
        let step = steps.get(at_first * width + at_second).copied().unwrap_or(Step::End);
        let (takes_first, takes_second) = match step {
            Step::End => return text,
            Step::SkipFirst | Step::First => (true, false),
            Step::SkipSecond | Step::Second => (false, true),
            Step::Both => (true, true),
        };
        if !matches!(step, Step::SkipFirst | Step::SkipSecond) {
            let literal = |tokens: &[Token], at: usize, takes: bool| match tokens.get(at) {
                Some(Token::Literal(literal)) if takes => Some(*literal),
                _ => None,
            };
            let known = literal(first, at_first, takes_first).or(literal(second, at_second, takes_second));
            text.push(known.unwrap_or(one));
        }
        at_first += usize::from(takes_first);
        at_second += usize::from(takes_second);
    }
}

#[cfg(test)]
mod tests;
