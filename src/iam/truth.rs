//! Three-valued logic: what cannot be told stays untold unless the rest decides it.

use std::ops::Not;

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    /// It does not.
    No,
    /// It cannot be told.
    Unknown,
    /// It does.
    Yes,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

/// Whether one of them holds.
pub(super) fn any(all: impl IntoIterator<Item = Truth>) -> Truth {
    let mut result = Truth::No;
    for truth in all {
        match truth {
            Truth::Yes => return Truth::Yes,
            Truth::Unknown => result = Truth::Unknown,
            Truth::No => {}
        }
    }
    result
}

/// Like [`any`]; if `complete`, all of them are looked at, so that what they tell does not depend on their order.
pub(super) fn any_of(all: impl IntoIterator<Item = Truth>, complete: bool) -> Truth {
    if complete { all.into_iter().fold(Truth::No, Truth::max) } else { any(all) }
}

/// Whether all of them hold.
pub(super) fn all(all: impl IntoIterator<Item = Truth>) -> Truth {
    !any(all.into_iter().map(Not::not))
}
