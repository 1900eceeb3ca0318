//! The lints.

use super::severity::Severity;
use super::words::{WORDS, Words};

/// A sort of finding; `docs/lint.md` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "`Lint::why` says what each is")]
pub enum Lint {
    CoveredStatement,
    DeniedAllow,
    ActionWithoutService,
    EmptyList,
    EmptyValues,
    ContradictoryCondition,
    MissesAccessKeys,
    AllowsWithoutMfa,
    GuardHole,
    GuardBlocksEnrollment,
    GuardDeniesWithMfa,
    GuardAllowsRemoval,
    GuardDeniesServices,
    GuardGrantsNoEnrollment,
    GuardNotForPaths,
    OwnDeviceName,
    OwnUserWithoutPath,
    WrongPartition,
    MixedPartitions,
    VariableIsText,
    UnknownVersion,
    UnknownElement,
    UnknownOperator,
    PrincipalInIdentityPolicy,
    NoResource,
    MalformedArn,
    MalformedValue,
    ForAllWithoutNull,
    WildcardIsText,
    ManyValuedKey,
    AllowNotAction,
    AllowNotResource,
    TooLarge,
    TooLargeInline,
    OutsideCharset,
    DuplicateSid,
}

impl Lint {
    /// All.
    pub const ALL: [Self; 36] = [
        Self::CoveredStatement,
        Self::DeniedAllow,
        Self::ActionWithoutService,
        Self::EmptyList,
        Self::EmptyValues,
        Self::ContradictoryCondition,
        Self::MissesAccessKeys,
        Self::AllowsWithoutMfa,
        Self::GuardHole,
        Self::GuardBlocksEnrollment,
        Self::GuardDeniesWithMfa,
        Self::GuardAllowsRemoval,
        Self::GuardDeniesServices,
        Self::GuardGrantsNoEnrollment,
        Self::GuardNotForPaths,
        Self::OwnDeviceName,
        Self::OwnUserWithoutPath,
        Self::WrongPartition,
        Self::MixedPartitions,
        Self::VariableIsText,
        Self::UnknownVersion,
        Self::UnknownElement,
        Self::UnknownOperator,
        Self::PrincipalInIdentityPolicy,
        Self::NoResource,
        Self::MalformedArn,
        Self::MalformedValue,
        Self::ForAllWithoutNull,
        Self::WildcardIsText,
        Self::ManyValuedKey,
        Self::AllowNotAction,
        Self::AllowNotResource,
        Self::TooLarge,
        Self::TooLargeInline,
        Self::OutsideCharset,
        Self::DuplicateSid,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.words().0
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        self.words().1
    }

    /// Why it is wrong, without a full stop.
    #[must_use]
    pub const fn why(self) -> &'static str {
        self.words().2
    }

    /// How to mend it, without a full stop.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        self.words().3
    }

    #[expect(clippy::indexing_slicing, reason = "it has a row for each of them, which a test counts")]
    const fn words(self) -> Words {
        WORDS[self as usize]
    }
}
