//! What IAM takes as a document: its size and its characters (IAM User Guide, `reference_iam-quotas`).

/// Most characters of a managed policy, as [`size`] counts them.
pub const MANAGED: usize = 6144;
/// Most characters of all inline policies of one user together; AWS may have raised it for an account
/// (`UserPolicySizeQuota` of `GetAccountSummary`), as the other limits.
pub const USER_INLINE: usize = 2048;
/// Most characters of all inline policies of one group together (`GroupPolicySizeQuota`).
pub const GROUP_INLINE: usize = 5120;
/// Most characters of all inline policies of one role together (`RolePolicySizeQuota`).
pub const ROLE_INLINE: usize = 10240;
/// Most characters of a role's trust policy by default (`AssumeRolePolicySizeQuota`); accounts can have it raised.
pub const TRUST: usize = 2048;

/// How many characters of the policy document `text` IAM counts: all but the white space between the parts of JSON.
///
/// The page says only that white space is not counted, also `reference_policies_grammar`: "Policy size calculations do
/// not include white space characters". Whether that goes for a space within quotes too, no page says; here it counts,
/// so that what fits by this count fits in either case. The text need not be valid JSON.
#[must_use]
pub fn size(text: &str) -> usize {
    let (mut is_quoted, mut is_escaped, mut count) = (false, false, 0);
    for character in text.chars() {
        let is_space = matches!(character, ' ' | '\t' | '\n' | '\r');
        count += usize::from(is_quoted || !is_space);
        is_quoted ^= character == '"' && !is_escaped;
        is_escaped = is_quoted && character == '\\' && !is_escaped;
    }
    count
}

/// The first character that IAM does not take in a document, and the byte where it stands: all but tab, line feed,
/// carriage return and U+0020 to U+00FF. Written as `\u…` in JSON, any character is of these.
#[must_use]
pub fn first_outside(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, character)| !matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{from_str, to_string};

    use super::super::document::arbitrary::documents;
    use super::super::{Document, Statement};
    use super::*;

    /// AWS's examples: `my-sec-creds-self-manage`, `…-mfa-only` and `iam_mfa-selfmanage`.
    const SELF_MANAGE: &str = include_str!("fixtures/self-manage.json");
    const MFA_ONLY: &str = include_str!("fixtures/mfa-only.json");
    const MFA_SELF_MANAGE: &str = include_str!("fixtures/mfa-self-manage.json");

    fn minified(text: &str) -> String {
        to_string(&from_str::<serde_json::Value>(text).expect(text)).expect("JSON")
    }

    #[test]
    fn sizes_of_the_policies_of_the_user_guide() {
        let texts = [SELF_MANAGE, MFA_ONLY, MFA_SELF_MANAGE];
        assert_eq!(texts.map(size), [1940, 792, 989]);
        assert_eq!(texts.map(|text| minified(text).len()), [1940, 792, 989]);
        assert_eq!(texts.map(first_outside), [None; 3]);
        assert!(size(SELF_MANAGE) <= USER_INLINE);
    }

    #[test]
    fn the_deny_statement_alone() {
        let document = Document::parse(SELF_MANAGE).expect("a document");
        let is_deny = |statement: &Statement| statement.sid.as_deref() == Some("DenyAllExceptListedIfNoMFA");
        let statements: Vec<_> = document.statements.iter().filter(|statement| is_deny(statement)).cloned().collect();
        let text = to_string(&Document { statements, ..document }).expect("JSON");
        // As a list of one statement, which is how AWS writes it.
        let as_list = text.replacen(r#""Statement":{"#, r#""Statement":[{"#, 1).replacen("}}}}", "}}}]}", 1);
        assert_eq!((size(&text), size(&as_list)), (344, 346));
        assert_eq!(Document::parse(&as_list).expect("a document"), Document::parse(&text).expect("a document"));
    }

    #[test]
    fn white_space_counts_within_quotes_only() {
        let cases = [
            ("", 0),
            (" \t\r\n", 0),
            ("{ \"a\" : \"b c\" }", 11),
            (r#"{"a\" b" : 1 }"#, 11),
            (r#""\\" ""#, 5),
            ("\"é\"", 3),
            ("\u{a0}", 1),
        ];
        for (text, expected) in cases {
            assert_eq!(size(text), expected, "{text:?}");
        }
    }

    #[test]
    fn characters_that_iam_takes() {
        let cases = [
            ("\t\n\r ~é\u{7f}\u{80}ÿ", None),
            ("ab\u{100}c\u{1}", Some((2, '\u{100}'))),
            ("é\u{b}", Some((2, '\u{b}'))),
            ("\0", Some((0, '\0'))),
            ("\u{1f}", Some((0, '\u{1f}'))),
            ("\u{feff}{}", Some((0, '\u{feff}'))),
        ];
        for (text, expected) in cases {
            assert_eq!(first_outside(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn layout_does_not_change_the_size(document in documents()) {
            let compact = to_string(&document).expect("JSON");
            let pretty = serde_json::to_string_pretty(&document).expect("JSON");
            prop_assert_eq!(size(&compact), compact.chars().count());
            prop_assert_eq!(size(&pretty), size(&compact));
        }
    }
}
