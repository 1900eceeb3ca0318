//! What a request carries beside its action and resource: the condition keys and their values.

use std::collections::BTreeMap;

/// The request context: condition keys, whatever their letter case, and their values.
///
/// A key that was not set is absent, as in a real request. In an [open](Self::open) context it may or may not be there:
/// a condition that asks for it is unknown, so that what is decided in an open context holds for every request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<Box<str>, Option<Vec<String>>>,
    open: bool,
}

/// What a context says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence<'a> {
    /// These values; several if the key is multi-valued, and none if it was sent without any.
    Present(&'a [String]),
    /// The request does not carry it.
    Absent,
    /// Not said: it may carry it, with whatever value.
    Open,
}

impl Context {
    /// A context without keys: all are absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A context in which nothing is said of any key.
    #[must_use]
    pub fn open() -> Self {
        Self { keys: BTreeMap::new(), open: true }
    }

    /// Sets a key of one value.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_all(key, vec![value.into()])
    }

    /// Sets a multi-valued key.
    #[must_use]
    pub fn with_all(mut self, key: &str, values: Vec<String>) -> Self {
        self.keys.insert(fold(key), Some(values));
        self
    }

    /// Makes a key absent, also in an open context.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.keys.insert(fold(key), None);
        self
    }

    /// These keys, and those of `other` for which nothing is set here.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (key, values) in other.keys {
            self.keys.entry(key).or_insert(values);
        }
        self.open |= other.open;
        self
    }

    /// What it says of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Presence<'_> {
        self.look(&fold(key))
    }

    /// What it says of a key that is in lower case already.
    pub(super) fn look(&self, folded: &str) -> Presence<'_> {
        match self.keys.get(folded) {
            Some(Some(values)) => Presence::Present(values),
            None if self.open => Presence::Open,
            Some(None) | None => Presence::Absent,
        }
    }
}

/// Keys are compared whatever their case, also behind the `/` of tag keys (IAM User Guide, `reference_policies_elements_condition`).
pub(super) fn fold(key: &str) -> Box<str> {
    key.to_ascii_lowercase().into()
}

#[cfg(test)]
mod tests;
