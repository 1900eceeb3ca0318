//! What is wanted: the new user as the command line tells of it.

use thiserror::Error;

use crate::iam::guard::Variant;
use crate::model::Tag;

/// The most tags that a user may have (IAM quotas).
const MOST_TAGS: usize = 50;

/// The key of the tag that says who answers for a user.
pub const OWNER: &str = "owner";

/// A user as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The friendly name.
    pub user: String,
    /// The path, `/` for none.
    pub path: String,
    /// The tags, by key; the owner is one of them.
    pub tags: Vec<Tag>,
    /// ARN of the permissions boundary, if there is to be one.
    pub boundary: Option<String>,
    /// Names of groups, each once.
    pub groups: Vec<String>,
    /// ARNs of managed policies, each once.
    pub policies: Vec<String>,
    /// The guard.
    pub guard: Variant,
    /// Whether it gets a console password.
    pub console: bool,
    /// Whether the password has to be changed at the first sign-in.
    pub reset: bool,
    /// Principals that are never guarded, as globs over ARNs.
    pub break_glass: Vec<String>,
}

/// Why tags cannot be given to a user.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadTags {
    /// A key twice: to IAM, keys that differ in letter case only are the same.
    #[error("the tag `{0}` is given twice; keys that differ in upper and lower case only are the same to IAM")]
    Twice(String),
    /// More than a user may have.
    #[error("{0} tags are given, and a user may have 50")]
    TooMany(usize),
}

/// The tags of a user, by key: those given, and its owner.
///
/// # Errors
///
/// If a key is there twice, or there are too many.
pub fn tags(given: &[(String, String)], owner: Option<&str>) -> Result<Vec<Tag>, BadTags> {
    let given = given.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let all = given.chain(owner.map(|owner| (OWNER, owner)));
    let mut tags: Vec<Tag> = all.map(|(key, value)| Tag { key: key.to_owned(), value: value.to_owned() }).collect();
    tags.sort_by(|one, other| one.key.cmp(&other.key));
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = tags.iter().find(|tag| !seen.insert(tag.key.to_lowercase())) {
        return Err(BadTags::Twice(twice.key.clone()));
    }
    if tags.len() > MOST_TAGS { Err(BadTags::TooMany(tags.len())) } else { Ok(tags) }
}

/// The same names, each once, in the order given.
#[must_use]
pub fn once(names: &[String]) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.iter().filter(|name| seen.insert(name.as_str())).cloned().collect()
}

impl Wish {
    /// Who answers for the user.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.tags.iter().find(|tag| tag.key == OWNER).map(|tag| tag.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_owner_is_a_tag_and_tags_are_unique() {
        let made = tags(&given(&[("team", "blue"), ("Cost", "7")]), Some("sec@example.org")).unwrap();
        let made: Vec<_> = made.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        assert_eq!(made, [("Cost", "7"), ("owner", "sec@example.org"), ("team", "blue")]);
        let twice = tags(&given(&[("Owner", "a")]), Some("b")).unwrap_err();
        assert_eq!(twice, BadTags::Twice("owner".to_owned()));
        let many: Vec<_> = (0..50).map(|number| (format!("k{number}"), String::new())).collect();
        assert_eq!(tags(&many, None).unwrap().len(), 50);
        assert_eq!(tags(&many, Some("x")), Err(BadTags::TooMany(51)));
    }

    #[test]
    fn names_count_once() {
        let names = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(once(&names), ["b", "a"]);
    }
}
