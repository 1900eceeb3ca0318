//! Whom to guard, and how: the lasting settings of enforcement.

use std::path::PathBuf;

use clap::builder::ArgPredicate;
use clap::{Args, ValueEnum};

use crate::cli::values::{account_id, break_glass};

/// Who is never touched.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Guard")]
pub struct BreakGlassArgs {
    /// A principal that is never touched, whatever happens: its ARN, or a glob over ARNs
    ///
    /// Written `arn:PARTITION:iam::ACCOUNT:user/NAME` (or role/NAME, or root), the name with its path; `*` and `?` may
    /// stand in each part, and `?` for a comma: `arn:aws:iam::*:user/break-glass/*`. Repeatable, or with commas between.
    /// Without any, nothing is planned, unless with --no-break-glass.
    // The default is dropped where --no-break-glass is given: what the config file names counts for nothing then.
    #[arg(long, value_name = "ARN", value_delimiter = ',', value_parser = break_glass, env = "PORTCULLIS_BREAK_GLASS", default_value_if("no_break_glass", "true", None))]
    break_glass: Vec<String>,

    /// There are no break-glass principals, deliberately; in the config file, `break_glass: []`
    #[arg(
        long,
        conflicts_with = "break_glass",
        env = "PORTCULLIS_NO_BREAK_GLASS",
        default_value_if("break_glass", ArgPredicate::IsPresent, "false")
    )]
    no_break_glass: bool,
}

impl BreakGlassArgs {
    /// The break-glass principals, as globs over ARNs; empty if there are deliberately none, `None` if nobody said.
    #[must_use]
    pub fn named(&self) -> Option<&[String]> {
        (self.no_break_glass || !self.break_glass.is_empty()).then_some(&self.break_glass)
    }
}

/// Whom to guard, and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Guard")]
pub struct GuardArgs {
    /// Who is never touched
    #[command(flatten)]
    pub never: BreakGlassArgs,

    /// Attach the guard to each user, or to a group that the users are put into
    #[arg(long, value_name = "TO", default_value = "user", env = "PORTCULLIS_ATTACH")]
    pub attach: Attach,

    /// What to do with users who are held back only because their access keys are in use
    #[arg(long, value_name = "WHAT", default_value = "hold", env = "PORTCULLIS_KEYS_IN_USE")]
    pub keys_in_use: KeysInUse,

    /// Whether guarded users may go on having services call others for them, such as CloudFormation
    #[arg(long, value_name = "WHAT", default_value = "allow", env = "PORTCULLIS_VIA_SERVICES")]
    pub via_services: ViaServices,

    /// What becomes of the guard once its user has a second factor
    #[arg(long, value_name = "WHAT", default_value = "release", env = "PORTCULLIS_AFTER_ENROLMENT")]
    pub after_enrolment: AfterEnrolment,

    /// A guard policy of your own instead of the one that comes with the program: JSON or YAML
    #[arg(long, value_name = "FILE", env = "PORTCULLIS_GUARD_DOCUMENT")]
    pub guard_document: Option<PathBuf>,

    /// Which accounts may be changed
    #[command(flatten)]
    pub allow: AllowArgs,
}

impl GuardArgs {
    /// The break-glass principals: see [`BreakGlassArgs::named`].
    #[must_use]
    pub fn break_glass(&self) -> Option<&[String]> {
        self.never.named()
    }
}

/// Which accounts may be changed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Guard")]
pub struct AllowArgs {
    /// Change these accounts only, whatever was read or planned; all if none is named
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',', num_args = 1.., value_parser = account_id, env = "PORTCULLIS_ALLOWED_ACCOUNTS")]
    pub allowed_accounts: Vec<String>,
}

impl AllowArgs {
    /// Whether `account` may be changed.
    #[must_use]
    pub fn allows(&self, account: &str) -> bool {
        self.allowed_accounts.is_empty() || self.allowed_accounts.iter().any(|allowed| allowed == account)
    }
}

/// To what the guard is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Attach {
    /// To each user.
    User,
    /// To a group that the users are put into.
    Group,
}

/// What to do with users who are held back only for access keys in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeysInUse {
    /// Hold them back.
    Hold,
    /// Propose the guard that closes the console only: access keys go on working.
    ConsoleOnly,
}

/// Calls that services make for a guarded user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ViaServices {
    /// They are exempt from the guard.
    Allow,
    /// They are denied like the user's own calls.
    Deny,
}

/// What becomes of the guard once its user has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AfterEnrolment {
    /// `release` and `run` remove it.
    Release,
    /// It stays: sessions without the second factor remain closed.
    Keep,
}
