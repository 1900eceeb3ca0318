//! Why a value is not known.

use crate::model::{Gap, GapKind};

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown<'a> {
    /// The sort of gap.
    pub kind: GapKind,
    /// The call that would fill it.
    pub source: &'a str,
    /// For people.
    pub reason: &'a str,
}

impl<'a> From<&'a Gap> for Unknown<'a> {
    fn from(gap: &'a Gap) -> Self {
        Self { kind: gap.kind, source: &gap.source, reason: &gap.reason }
    }
}
