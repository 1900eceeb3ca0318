//! The command line of `portcullis enforce`: types only.
//!
//! A flag with a variable is also a key under `enforce:` in the config file; a flag without one is about one run.

mod guard;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use super::values::{duration, hash, percent, role_name, sink};
use super::{AwsArgs, LedgerArgs, ProgressArgs, RuleArgs, Shape, Sink, SourceArgs};

pub use guard::{AfterEnrolment, AllowArgs, Attach, BreakGlassArgs, GuardArgs, KeysInUse, ViaServices};

/// Subcommands of `enforce`.
#[derive(Debug, Subcommand)]
pub enum EnforceCommand {
    /// Plan what rules with an action ask for; changes nothing in AWS
    ///
    /// Exits with 5 if the plan has changes (0 with --exit-zero), with 1 if it is refused, such as over a cap.
    Plan(PlanArgs),
    /// Apply exactly the plan in a file
    ///
    /// The plan's hash is checked, the rules, waivers and config files that it names must be as they were, and what each
    /// change rests on is read again right before it. Asks for a yes on a terminal; without one, --yes is needed. Killed
    /// at any moment, it is finished by applying the same plan again. Exits with 5 if something was left undone.
    Apply(ApplyArgs),
    /// Release, plan and apply in one go, within the limits: for a scheduled job
    Run(RunArgs),
    /// Remove our guard, and only ours, from users who have a second factor by now
    Release(ReleaseArgs),
    /// Restore exactly what a run changed, and nothing else
    Revert(RevertArgs),
    /// Show who is guarded, since when, and whether guards are as we made them; changes nothing in AWS
    Status(StatusArgs),
    /// Tell who will be guarded and when, and write the announcement down; changes nothing in AWS
    ///
    /// A rule with `grace` acts on a user only that long after the user was announced in the ledger.
    Announce(AnnounceArgs),
}

/// Arguments of `enforce plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// By which rules
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whom to guard, and how
    #[command(flatten)]
    pub guard: GuardArgs,
    /// How far to go
    #[command(flatten)]
    pub limits: PlanLimitArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// Write the plan, for `enforce apply`
    #[arg(long, value_name = "PLAN", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// How to show the plan
    #[command(flatten)]
    pub view: PlanViewArgs,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Arguments of `enforce apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// The plan: a file that `enforce plan --out` wrote
    pub plan: PathBuf,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// As whom to write
    #[command(flatten)]
    pub role: EnforceRoleArgs,
    /// How far to go
    #[command(flatten)]
    pub limits: ApplyLimitArgs,
    /// Who is never touched, beside those of the plan
    #[command(flatten)]
    pub never: BreakGlassArgs,
    /// Which accounts may be changed
    #[command(flatten)]
    pub allow: AllowArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Arguments of `enforce run`: those of plan and apply, but for the file between them.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// By which rules
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whom to guard, and how
    #[command(flatten)]
    pub guard: GuardArgs,
    /// How far the plan goes
    #[command(flatten)]
    pub plan_limits: PlanLimitArgs,
    /// As whom to write
    #[command(flatten)]
    pub role: EnforceRoleArgs,
    /// How far to go with it
    #[command(flatten)]
    pub apply_limits: ApplyLimitArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// How to show the plan
    #[command(flatten)]
    pub view: PlanViewArgs,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Arguments of `enforce release`.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Release every guarded user, also those who have no second factor yet
    #[arg(long)]
    pub all: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// By which rules
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whom to guard, and how
    #[command(flatten)]
    pub guard: GuardArgs,
    /// As whom to write
    #[command(flatten)]
    pub role: EnforceRoleArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Arguments of `enforce revert`.
#[derive(Debug, Args)]
pub struct RevertArgs {
    /// The run, as `ledger show` names it
    pub run: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Who is never touched
    #[command(flatten)]
    pub never: BreakGlassArgs,
    /// Which accounts may be changed
    #[command(flatten)]
    pub allow: AllowArgs,
    /// As whom to write
    #[command(flatten)]
    pub role: EnforceRoleArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Arguments of `enforce status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
    pub format: Shape,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Arguments of `enforce announce`.
#[derive(Debug, Args)]
pub struct AnnounceArgs {
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// By which rules
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Who is never touched, and is not told
    #[command(flatten)]
    pub never: BreakGlassArgs,
    /// Where the ledger is
    #[command(flatten, next_help_heading = "Ledger")]
    pub ledger: LedgerArgs,
    /// Write the announcement: markdown or json; to stdout, or to PATH
    #[arg(long = "format", value_name = "FORMAT[=PATH]", default_value = "markdown", value_parser = announcement_sink, value_delimiter = ',', help_heading = "Output")]
    pub formats: Vec<Sink<View>>,
    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// How far a plan goes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits of the plan")]
pub struct PlanLimitArgs {
    /// Most users to change over all accounts; a plan that needs more is refused
    #[arg(long, value_name = "N", default_value_t = 25, env = "PORTCULLIS_MAX_USERS")]
    pub max_users: u32,

    /// Most users to change, in percent of the console users that were read over all accounts; likewise
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = percent, env = "PORTCULLIS_MAX_PERCENT")]
    pub max_percent: f64,

    /// Plan the first N users by account and name instead of refusing over a cap
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub take: Option<u32>,

    /// An access key used within this time counts as in use (`30d`, `12h`)
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration, env = "PORTCULLIS_KEY_WINDOW")]
    pub key_window: SignedDuration,

    /// Plan users with access keys in use too: what uses the keys will be denied
    #[arg(long)]
    pub include_active_keys: bool,

    /// Plan to put guard policies that somebody edited back as we made them
    #[arg(long)]
    pub repair: bool,

    /// Hold users back where service control policies may not be read, instead of taking `FullAWSAccess` for granted
    #[arg(long, env = "PORTCULLIS_REQUIRE_SCPS")]
    pub require_scps: bool,
}

/// How a plan is shown.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct PlanViewArgs {
    /// Show the plan: table, json or markdown; on stdout, or in PATH
    #[arg(long = "format", value_name = "FORMAT[=PATH]", default_value = "table", value_parser = plan_sink, value_delimiter = ',')]
    pub formats: Vec<Sink<View>>,

    /// Exit with 0, not with 5, where a plan has changes
    #[arg(long)]
    pub exit_zero: bool,
}

/// As whom to write.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "AWS")]
pub struct EnforceRoleArgs {
    /// Role to assume for writing, with its path if it has one; needed in other accounts than the caller's own
    ///
    /// May not be the role that reads, --role-name. Without it, in the caller's own account, the caller's own credentials
    /// write. --external-id is given to both roles.
    #[arg(long, value_name = "NAME", value_parser = role_name, env = "PORTCULLIS_ENFORCE_ROLE_NAME")]
    pub enforce_role_name: Option<String>,
}

impl EnforceRoleArgs {
    /// Makes sure that reading and writing are two roles.
    ///
    /// # Errors
    ///
    /// If they are one: what to say of it.
    pub fn check(&self, aws: &AwsArgs) -> Result<(), String> {
        let same = |name: &&String| name.trim_start_matches('/') == aws.role_name.trim_start_matches('/');
        self.enforce_role_name.as_ref().filter(same).map_or(Ok(()), |name| {
            Err(format!("--enforce-role-name and --role-name are both `{name}`: reading and writing need a role each"))
        })
    }
}

/// How far to go in applying a plan.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits of applying")]
pub struct ApplyLimitArgs {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,

    /// Change only the first N users at first, and the others once these are seen to be as planned
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), env = "PORTCULLIS_CANARY")]
    pub canary: Option<u32>,

    /// Go on after so many failed changes; one more, and the rest is left undone
    #[arg(long, value_name = "N", default_value_t = 0, env = "PORTCULLIS_MAX_FAILURES")]
    pub max_failures: u32,

    /// Refuse a plan that is older than this (`24h`, `7d`)
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration, env = "PORTCULLIS_MAX_AGE")]
    pub max_age: SignedDuration,

    /// Refuse any plan but the one with this hash: the one that was reviewed
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub expect_hash: Option<String>,
}

/// How a plan or an announcement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// For a terminal.
    Table,
    /// For machines.
    Json,
    /// For a pull request, a ticket or a mail.
    Markdown,
}

impl View {
    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }
}

fn plan_sink(text: &str) -> Result<Sink<View>, String> {
    view_sink(text, &[View::Table, View::Json, View::Markdown])
}

fn announcement_sink(text: &str) -> Result<Sink<View>, String> {
    view_sink(text, &[View::Markdown, View::Json])
}

fn view_sink(text: &str, views: &[View]) -> Result<Sink<View>, String> {
    let names: Vec<&str> = views.iter().copied().map(View::as_str).collect();
    sink(text, &names, |name| views.iter().copied().find(|view| view.as_str() == name))
}

#[cfg(test)]
mod tests;
