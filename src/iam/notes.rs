//! What is worth telling of how a request was decided.

/// Takes note of what was met on the way to a decision.
pub(super) trait Notes {
    /// Whether everything is to be looked at, also what no longer matters for the outcome.
    const COMPLETE: bool;
    /// A condition or a variable asked for a key that the request does not carry.
    fn missing(&mut self, key: &str);
    /// Something could not be evaluated.
    fn unknown(&mut self, reason: &str);
}

/// For when only the outcome matters.
impl Notes for () {
    const COMPLETE: bool = false;
    fn missing(&mut self, _: &str) {}
    fn unknown(&mut self, _: &str) {}
}

/// Keeps them, each once.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) missing: Vec<String>,
    pub(super) unknown: Vec<String>,
}

impl Notes for Log {
    const COMPLETE: bool = true;

    fn missing(&mut self, key: &str) {
        // `${}` has a key without a name: of that there is nothing to tell.
        if !key.is_empty() && !self.missing.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            self.missing.push(key.to_owned());
        }
    }

    fn unknown(&mut self, reason: &str) {
        if !self.unknown.iter().any(|known| known == reason) {
            self.unknown.push(reason.to_owned());
        }
    }
}
