//! The nouns of Portcullis: accounts, users, facts, findings.
//!
//! Depends on nothing else in the crate, does no I/O and reads no clock. Words are AWS's own wherever AWS has one;
//! `Fact`, `Snapshot`, `Finding` and `Evaluation` are ours and defined in `docs/architecture.md`.

pub mod account;
pub mod arn;
pub mod evaluation;
pub mod fact;
pub mod policy;
pub mod rule;
pub mod snapshot;
pub mod untrusted;
pub mod user;

pub use account::{Account, AccountFacts, AccountStatus, CallGap, Organization, PasswordPolicy, Root, RootCredentials};
pub use arn::Partition;
pub use evaluation::{Evaluation, Evidence, Finding, Status};
pub use fact::{Fact, Gap, GapKind, Origin};
pub use policy::{AttachedPolicy, Group, InlinePolicy, ManagedPolicy, Role, Tag};
pub use rule::{Mode, Severity, Target};
pub use user::{AccessKey, Authorization, MfaDevice, MfaKind, Password, User};
