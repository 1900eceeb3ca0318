//! One side of a region: the actions, or the resources, that match all of some patterns.

use std::borrow::Cow;

use crate::iam::wildcard::Wildcard;

use super::witness::ANY;

/// The patterns of a statement, as they are in one context.
#[derive(Debug)]
pub(super) struct Set<'a> {
    pub(super) patterns: Vec<Cow<'a, Wildcard>>,
    /// It is all that they do not match.
    pub(super) except: bool,
}

/// The texts that match all of `patterns` and none of `refused`.
#[derive(Debug, Clone)]
pub(super) struct Axis<'a> {
    patterns: Vec<Cow<'a, Wildcard>>,
    /// What an `Allow` does not allow.
    refused: Vec<Cow<'a, Wildcard>>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Whatever their letter case. Some do not count.
    Actions(fn(&str) -> bool),
    /// Letter case included.
    Resources,
}

/// What is left of an axis.
#[derive(Debug)]
pub(super) enum Left<'a> {
    /// All of it, as far as can be told.
    All,
    /// These, and they may overlap.
    Parts(Vec<Axis<'a>>),
}

impl<'a> Axis<'a> {
    /// All actions, but for those of which `is_idle` holds.
    pub(super) fn actions(is_idle: fn(&str) -> bool) -> Self {
        Self { patterns: vec![Cow::Owned(Wildcard::new("*:*"))], refused: Vec::new(), kind: Kind::Actions(is_idle) }
    }

    /// All resources.
    pub(super) fn resources() -> Self {
        Self { patterns: vec![Cow::Owned(Wildcard::new("*"))], refused: Vec::new(), kind: Kind::Resources }
    }

    /// What of it is in `set`.
    pub(super) fn within(&self, set: &Set<'a>, patience: &mut u32) -> Vec<Self> {
        if set.except {
            let mut part = self.clone();
            part.refused.extend(set.patterns.iter().cloned());
            return if part.is_refused(patience) { Vec::new() } else { vec![part] };
        }
        self.parts(set, patience)
    }

    /// What of it is not in `set`.
    pub(super) fn outside(&self, set: &Set<'a>, patience: &mut u32) -> Left<'a> {
        match (set.except, set.patterns.iter().any(|pattern| self.is_within(pattern, patience))) {
            (true, true) | (false, false) => Left::All,
            (true, false) => Left::Parts(self.parts(set, patience)),
            (false, true) => Left::Parts(Vec::new()),
        }
    }

    /// Whether it is empty for certain, for what is refused.
    pub(super) fn is_refused(&self, patience: &mut u32) -> bool {
        self.refused.iter().any(|refused| self.is_within(refused, patience))
    }

    /// What it has in common with each pattern of `set`.
    fn parts(&self, set: &Set<'a>, patience: &mut u32) -> Vec<Self> {
        set.patterns.iter().filter_map(|pattern| self.narrowed(pattern, patience)).collect()
    }

    /// What of it matches `pattern` too; nothing if that is empty for certain.
    fn narrowed(&self, pattern: &Cow<'a, Wildcard>, patience: &mut u32) -> Option<Self> {
        if self.is_within(pattern, patience) {
            return Some(self.clone());
        }
        if !self.patterns.iter().all(|own| self.meets(own, pattern, patience)) {
            return None;
        }
        let mut part = self.clone();
        part.patterns.retain(|own| !self.covers(own, pattern, patience));
        part.patterns.push(pattern.clone());
        if let Some(text) = pattern.text() {
            // One text: it is in the part or not, and then nothing else is.
            let own = part.patterns.iter().all(|own| self.matches(own, &text));
            let idle = matches!(self.kind, Kind::Actions(is_idle) if is_idle(&text));
            if !own || idle {
                return None;
            }
            part.patterns = vec![pattern.clone()];
        }
        (!part.is_refused(patience)).then_some(part)
    }

    /// Whether all of it matches `pattern`, for certain.
    fn is_within(&self, pattern: &Wildcard, patience: &mut u32) -> bool {
        self.patterns.iter().any(|own| self.covers(pattern, own, patience))
    }

    fn covers(&self, one: &Wildcard, other: &Wildcard, patience: &mut u32) -> bool {
        *patience = patience.saturating_sub(1);
        match self.kind {
            Kind::Actions(_) => one.covers_ignore_case(other),
            Kind::Resources => one.covers(other),
        }
    }

    fn meets(&self, one: &Wildcard, other: &Wildcard, patience: &mut u32) -> bool {
        let ignore_case = matches!(self.kind, Kind::Actions(_));
        *patience = patience.saturating_sub(1);
        if one.ends_differ(other, ignore_case) {
            return false;
        }
        // The table of all pairs of places: some nanoseconds each.
        *patience = patience.saturating_sub(one.cost(other));
        self.common(one, other).is_some()
    }

    fn common(&self, one: &Wildcard, other: &Wildcard) -> Option<String> {
        match self.kind {
            Kind::Actions(_) => one.common_ignore_case(other, ANY),
            Kind::Resources => one.common(other, ANY),
        }
    }

    fn matches(&self, pattern: &Wildcard, text: &str) -> bool {
        match self.kind {
            Kind::Actions(_) => pattern.matches_ignore_case(text),
            Kind::Resources => pattern.matches(text),
        }
    }

    /// Texts in it, the most ordinary first; at least one, which may not match all of its patterns if none was found.
    pub(super) fn examples(&self) -> Vec<String> {
        let any = ANY.to_string();
        let long = any.repeat(64);
        let of_one = self.patterns.iter().flat_map(|own| [&*any, &*long, ""].map(|run| own.example(run, ANY)));
        let pairs = self.patterns.iter().flat_map(|one| self.patterns.iter().map(move |other| (one, other)));
        let of_two = pairs.filter_map(|(one, other)| {
            self.common(&one.with_something_in_runs(ANY), other).or_else(|| self.common(one, other))
        });
        let all: Vec<String> = of_one.chain(of_two).collect();
        let is_in = |text: &&String| {
            self.patterns.iter().all(|own| self.matches(own, text))
                && !self.refused.iter().any(|refused| self.matches(refused, text))
        };
        let found: Vec<String> = all.iter().filter(is_in).cloned().collect();
        if found.is_empty() { all.into_iter().take(1).collect() } else { found }
    }
}

impl Set<'_> {
    /// Whether all of `axis` is in it, for certain.
    pub(super) fn covers(&self, axis: &Axis<'_>, patience: &mut u32) -> bool {
        let mut patterns = self.patterns.iter();
        if self.except {
            // None of them has anything in common with it.
            !patterns.any(|pattern| axis.patterns.iter().all(|own| axis.meets(own, pattern, patience)))
        } else {
            patterns.any(|pattern| axis.is_within(pattern, patience))
        }
    }
}
