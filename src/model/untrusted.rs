//! Text that AWS, or a person, chose: names, tags, messages. It may hold control characters.

use std::fmt;

/// Shows text on a terminal or in a log so that it cannot move the cursor, set colours, or hide or reorder characters.
///
/// Control characters, bidirectional overrides, zero-width and tag characters are written as `\u{…}`. Other sinks have
/// their own escaping: HTML in the templates, JSON in `serde_json`.
#[derive(Debug, Clone, Copy)]
pub struct Untrusted<'a>(pub &'a str);

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain_from = 0;
        for (at, character) in self.0.char_indices() {
            if is_unsafe(character) {
                formatter.write_str(self.0.get(plain_from..at).unwrap_or_default())?;
                write!(formatter, "{}", character.escape_unicode())?;
                plain_from = at + character.len_utf8();
            }
        }
        formatter.write_str(self.0.get(plain_from..).unwrap_or_default())
    }
}

/// Whether a character could move the cursor, set colours, or hide or reorder others.
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::Untrusted;

    #[test]
    fn what_could_fool_a_terminal_is_shown_as_its_code() {
        assert_eq!(Untrusted("a\u{1b}[31mb\n").to_string(), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(Untrusted("evil\u{202e}txt").to_string(), "evil\\u{202e}txt");
        assert_eq!(Untrusted("zero\u{200b}width").to_string(), "zero\\u{200b}width");
        assert_eq!(Untrusted("Zoë 🗝 {x}").to_string(), "Zoë 🗝 {x}");
    }
}
