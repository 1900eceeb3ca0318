//! A value together with where it came from and when, or the reason it could not be read.

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a value was read and how old it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The AWS call that told it, such as `iam:ListMFADevices`.
    pub source: Arc<str>,
    /// The moment AWS's answer describes: for the credential report its own generation time, else the time of the call.
    pub as_of: Timestamp,
}

impl Origin {
    /// An origin of `source` as of `as_of`.
    #[must_use]
    pub fn new(source: &str, as_of: Timestamp) -> Self {
        Self { source: source.into(), as_of }
    }
}

/// Why a value, or the rest of a list, is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// No rule asked for it, so no call was spent on it.
    NotAsked,
    /// The call that would tell it failed for good.
    Failed,
    /// AWS answered, but the answer lacks the field.
    NotInAnswer,
}

/// What is missing and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The sort of gap.
    pub kind: GapKind,
    /// The call that would fill the gap, such as `iam:ListMFADevices`.
    pub source: Arc<str>,
    /// For people: the error code and message, or which field is missing.
    pub reason: Arc<str>,
}

impl Gap {
    /// A gap that a call to `source` would fill, were it asked for.
    #[must_use]
    pub fn not_asked(source: &str) -> Self {
        Self {
            kind: GapKind::NotAsked,
            source: source.into(),
            reason: "not asked for by the rules of this scan".into(),
        }
    }

    /// A gap left by a failed call.
    #[must_use]
    pub fn failed(source: &str, reason: &str) -> Self {
        Self { kind: GapKind::Failed, source: source.into(), reason: reason.into() }
    }

    /// A gap left by an answer without the field.
    #[must_use]
    pub fn not_in_answer(source: &str, reason: &str) -> Self {
        Self { kind: GapKind::NotInAnswer, source: source.into(), reason: reason.into() }
    }
}

/// A value with its provenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// Read, and complete.
    Known {
        /// What was read.
        value: T,
        /// Where and when.
        origin: Origin,
    },
    /// A list of which at least these entries exist; there may be more.
    AtLeast {
        /// The entries that were seen.
        value: T,
        /// Where and when.
        origin: Origin,
        /// What would tell the rest.
        rest: Gap,
    },
    /// Not read.
    Unknown(Gap),
}

impl<T> Fact<T> {
    /// A complete value.
    pub const fn known(value: T, origin: Origin) -> Self {
        Self::Known { value, origin }
    }

    /// What is known of the value: all of it, a lower bound, or nothing.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } | Self::AtLeast { value, .. } => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The value if it is complete.
    pub const fn complete(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::AtLeast { .. } | Self::Unknown(_) => None,
        }
    }

    /// Where the value came from, if there is one.
    pub const fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Known { origin, .. } | Self::AtLeast { origin, .. } => Some(origin),
            Self::Unknown(_) => None,
        }
    }

    /// What is missing, if anything is.
    pub const fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known { .. } => None,
            Self::AtLeast { rest, .. } => Some(rest),
            Self::Unknown(gap) => Some(gap),
        }
    }

    /// Mutable access to what is known of the value.
    pub const fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known { value, .. } | Self::AtLeast { value, .. } => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

#[derive(Serialize)]
struct Written<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<&'a Gap>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read<T> {
    value: Option<T>,
    source: Option<Arc<str>>,
    as_of: Option<Timestamp>,
    gap: Option<Gap>,
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            value: self.value(),
            source: self.origin().map(|origin| &*origin.source),
            as_of: self.origin().map(|origin| origin.as_of),
            gap: self.gap(),
        }
        .serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(deserializer)?;
        match (read.value, read.source, read.as_of, read.gap) {
            (Some(value), Some(source), Some(as_of), gap) => {
                let origin = Origin { source, as_of };
                Ok(match gap {
                    None => Self::Known { value, origin },
                    Some(rest) => Self::AtLeast { value, origin, rest },
                })
            }
            (None, None, None, Some(gap)) => Ok(Self::Unknown(gap)),
            _ => Err(D::Error::custom("a fact is either `value` with `source` and `as_of`, or `gap` alone")),
        }
    }
}
