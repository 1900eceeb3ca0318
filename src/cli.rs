//! The command line: types only. What a flag means is documented here and nowhere else; what it does, in `commands`.

mod deploy;
mod enforce;
mod ledger;
mod mfa;
mod onboard;
mod values;

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};

use crate::config;
use crate::model::{Severity, Target};
use crate::report::Format;
use crate::yaml::{Diagnostic, SourceFile};

mod simulate;

pub use deploy::{DeployArgs, Role};
pub use enforce::{
    AfterEnrolment, AllowArgs, AnnounceArgs, ApplyArgs, ApplyLimitArgs, Attach, BreakGlassArgs, EnforceCommand,
    EnforceRoleArgs, GuardArgs, KeysInUse, PlanArgs, PlanLimitArgs, PlanViewArgs, ReleaseArgs, RevertArgs, RunArgs,
    StatusArgs, ViaServices, View,
};
pub use ledger::{LEDGER_SCHEMA, LedgerArgs, LedgerCommand, Shape, ShowArgs, VerifyArgs, schema_names};
pub use mfa::{
    CodeArgs, CodesArgs, ConnectArgs, DeviceKind, EnrollArgs, MaybeLedgerArgs, MfaCommand, MfaStatusArgs, RemoveArgs,
    ResyncArgs, SessionArgs, SessionFormat, Theme, VerifyMfaArgs, WhoseArgs,
};
pub use onboard::{Guard, HandOut, OnboardArgs};
pub use simulate::{ContextKey, Level, Mfa, PolicyArgs, SimulateArgs};

use values::{account_id, duration, moment, report_sink, severity, shard, target};

/// Prove that every IAM user and every root of an AWS organization signs in with a second factor.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// Values for flags that are not given: a YAML file; portcullis.yaml in the working directory if it is there
    #[arg(long, global = true, value_name = "PATH", env = "PORTCULLIS_CONFIG")]
    pub config: Option<PathBuf>,

    /// How errors are shown: text for people, json for editors
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"], env = "PORTCULLIS_ERROR_FORMAT")]
    pub error_format: String,

    /// Log more: once for what is done, twice for each call
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// What to do
    #[command(subcommand)]
    pub command: Command,

    /// The config file that was read, if one was.
    #[arg(skip)]
    pub config_file: Option<SourceFile>,
}

impl Cli {
    /// Reads the command line, with the config file's values for what it and the environment do not give.
    ///
    /// # Errors
    ///
    /// Every problem of the config file. A wrong command line ends the program, with status 2.
    pub fn read() -> Result<Self, Vec<Diagnostic>> {
        let first = Self::parse();
        let named = first.config.as_deref();
        if named.is_none() && !Path::new(config::DEFAULT_PATH).exists() {
            return Ok(first);
        }
        let path = named.unwrap_or_else(|| Path::new(config::DEFAULT_PATH));
        let source = SourceFile::read(&path.to_string_lossy()).map_err(|problem| vec![*problem])?;
        let matches = config::apply(Self::command(), &source)?.get_matches();
        let cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        Ok(Self { config_file: Some(source), ..cli })
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge accounts by rules and report
    Scan(Box<ScanArgs>),
    /// Work with rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Close the gate on users without a second factor, and open it again
    ///
    /// `plan` only reads and writes a plan; `apply` does exactly what the plan says. Neither touches whoever runs it, root,
    /// roles, break-glass principals, users under a waiver, or users of whom something could not be read.
    #[command(subcommand)]
    Enforce(Box<EnforceCommand>),
    /// Help a user to a second factor: look, enroll, resync, verify, open a session, remove
    ///
    /// Works in the account of the credentials: as the user, for the user itself, or as an administrator with --user.
    #[command(subcommand)]
    Mfa(Box<MfaCommand>),
    /// Create an IAM user who is guarded before a password exists
    Onboard(Box<OnboardArgs>),
    /// Show and verify the evidence of what was observed, announced and changed
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Decide requests as AWS would, by policy files or by the policies of a user of a snapshot, and say why
    ///
    /// Every action is decided for every resource. Policies of resources, resource control policies and session policies
    /// are not known here. Exits with 0 whatever is decided.
    Simulate(Box<SimulateArgs>),
    /// Print the roles and policies to install, each with the permissions that its calls need and no others
    Deploy(DeployArgs),
}

/// Subcommands of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Check rule files and name every problem
    Check {
        /// Rule files, directories of them, or names of built-in packs
        #[arg(required = true, value_name = "PATH|PACK")]
        rules: Vec<String>,
    },
    /// Run the cases of rules: resources written down as facts, and the status each rule must have on them
    ///
    /// Cases stand beside their pack: NAME.cases.yaml beside NAME.yaml. Exits with 3 if a rule says otherwise.
    Test {
        /// Packs, files of cases, or directories of both
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,
        /// Write the outcomes as JUnit XML
        #[arg(long, value_name = "PATH")]
        junit: Option<PathBuf>,
    },
    /// Print the JSON Schema of a file that people write, for editors, or of what the program writes for other programs
    Schema {
        /// Which one; without it, their names
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(schema_names()))]
        name: Option<String>,
    },
    /// List the rules of files or packs
    List(ListArgs),
    /// Explain a rule: what it reads, why, how to mend a failure; or what it says of one resource, and why
    Explain(ExplainArgs),
}

/// Arguments of `rules list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Rule files, directories of them, or names of built-in packs; all built-in packs if none is named
    #[arg(value_name = "PATH|PACK")]
    pub rules: Vec<String>,
    /// Only rules that serve this framework, such as cis-aws-6.0, or this control of it: cis-aws-6.0:2.9
    #[arg(long, value_name = "FRAMEWORK[:CONTROL]")]
    pub framework: Option<String>,
    /// Only rules of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub severity: Option<Severity>,
    /// Only rules about this target
    #[arg(long, value_name = "TARGET", value_parser = target)]
    pub target: Option<Target>,
}

/// Arguments of `rules explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id
    pub rule: String,
    /// Rule files, directories of them, or names of built-in packs; all built-in packs if none is named
    #[arg(long = "rules", value_name = "PATH|PACK", value_delimiter = ',', num_args = 1..)]
    pub rules: Vec<String>,
    /// Trace the rule on a resource of this snapshot
    #[arg(long, value_name = "PATH", requires = "resource")]
    pub snapshot: Option<PathBuf>,
    /// The resource, as reports name it: an ARN, or `AWS::::Account:ID`
    #[arg(long, value_name = "ARN", requires = "snapshot")]
    pub resource: Option<String>,
    /// Judge ages against this moment; by default the moment the snapshot was taken
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub now: Option<Timestamp>,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Which accounts
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub aws: AwsArgs,
    /// By which rules
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What to write
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Where the accounts come from: one source, else the caller's own account.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accounts (one source; without any, the caller's own account)")]
#[group(id = "source", multiple = true)]
pub struct SourceArgs {
    /// Judge a saved snapshot: needs no AWS and no credentials
    #[arg(long, value_name = "PATH", conflicts_with_all = ["org", "accounts"])]
    pub snapshot: Option<PathBuf>,

    /// All active accounts of the organization
    #[arg(long, conflicts_with = "accounts", env = "PORTCULLIS_ORG")]
    pub org: bool,

    /// These accounts: ids with commas between, or a file with one id a line
    #[arg(long, value_name = "ID,ID|FILE", env = "PORTCULLIS_ACCOUNTS")]
    pub accounts: Option<String>,

    /// With --org: only accounts below these organizational units (or roots)
    #[arg(long, value_name = "ID", value_delimiter = ',', num_args = 1.., requires = "org", conflicts_with_all = ["accounts", "snapshot"], env = "PORTCULLIS_OU")]
    pub ou: Vec<String>,

    /// With --org: only these accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',', num_args = 1.., requires = "org", conflicts_with_all = ["accounts", "snapshot"], value_parser = account_id, env = "PORTCULLIS_INCLUDE")]
    pub include: Vec<String>,

    /// With --org: not these accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',', num_args = 1.., requires = "org", conflicts_with_all = ["accounts", "snapshot"], value_parser = account_id, env = "PORTCULLIS_EXCLUDE")]
    pub exclude: Vec<String>,

    /// Only the K-th of N parts of the accounts, K from 0: for several jobs beside each other
    #[arg(long, value_name = "K/N", value_parser = shard, conflicts_with = "snapshot", env = "PORTCULLIS_SHARD")]
    pub shard: Option<Shard>,
}

/// How to reach AWS.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// Role to assume in each account, with its path if it has one
    #[arg(long, value_name = "NAME", default_value = "PortcullisScan", env = "PORTCULLIS_ROLE_NAME")]
    pub role_name: String,

    /// External id that the role's trust policy asks for
    #[arg(long, value_name = "ID", env = "PORTCULLIS_EXTERNAL_ID")]
    pub external_id: Option<String>,

    /// Name of the role sessions, as CloudTrail shows it; by default portcullis-scan
    ///
    /// Of enforcement, by default, portcullis-enforce, and portcullis-enforce-RUN where it writes.
    #[arg(long, value_name = "NAME", env = "PORTCULLIS_SESSION_NAME")]
    pub session_name: Option<String>,

    /// By which way
    #[command(flatten)]
    pub connect: ConnectArgs,

    /// Accounts at the same time
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500), env = "PORTCULLIS_CONCURRENCY")]
    pub concurrency: u16,

    /// Most requests a second and account
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), env = "PORTCULLIS_MAX_RATE")]
    pub max_rate: Option<u32>,

    /// Stop reading after this long (`30m`, `2h`); accounts not finished count as failed
    #[arg(long, value_name = "DURATION", value_parser = duration, env = "PORTCULLIS_TIMEOUT")]
    pub timeout: Option<SignedDuration>,
}

/// By which rules to judge.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Rule files, directories of them, or names of built-in packs
    #[arg(long = "rules", value_name = "PATH|PACK", value_delimiter = ',', num_args = 1.., env = "PORTCULLIS_RULES")]
    pub rules: Vec<String>,

    /// Set a parameter of a pack
    #[arg(long = "param", value_name = "[PACK.]NAME=VALUE", value_parser = crate::rules::params::Setting::parse, env = "PORTCULLIS_PARAM", value_delimiter = ',')]
    pub params: Vec<crate::rules::params::Setting>,

    /// Set what failures of rules may lead to, everywhere or at a place: audit, warn or enforce; the last that fits holds
    #[arg(long = "mode", value_name = "RULE=MODE[@ACCOUNT|OU]", value_parser = crate::rules::modes::ModeOverride::parse, env = "PORTCULLIS_MODE", value_delimiter = ',')]
    pub modes: Vec<crate::rules::modes::ModeOverride>,

    /// Accepted exceptions: files of waivers
    #[arg(long = "waivers", value_name = "PATH", value_delimiter = ',', num_args = 1.., env = "PORTCULLIS_WAIVERS")]
    pub waivers: Vec<String>,

    /// Most days ahead that a waiver may end
    #[arg(long, value_name = "DAYS", default_value_t = crate::rules::waiver::DEFAULT_MAX_DAYS, value_parser = clap::value_parser!(i64).range(1..=3650), env = "PORTCULLIS_MAX_WAIVER_DAYS")]
    pub max_waiver_days: i64,

    /// Judge ages against this moment (RFC 3339, or a date): makes a run reproducible
    ///
    /// Without it, ages are judged against the moment of the scan; for a snapshot, the moment it was taken.
    #[arg(long, value_name = "TIME", value_parser = moment, env = "PORTCULLIS_NOW")]
    pub now: Option<Timestamp>,
}

/// What to write and when to fail.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write a report: table, json, jsonl, html, markdown or csv; to stdout, or to PATH
    #[arg(long = "format", value_name = "FORMAT[=PATH]", value_parser = report_sink, env = "PORTCULLIS_FORMAT", value_delimiter = ',')]
    pub formats: Vec<Sink>,

    /// Exit with 3 if there is a finding of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = severity, env = "PORTCULLIS_FAIL_ON")]
    pub fail_on: Severity,

    /// Write what was read to a snapshot (compressed if PATH ends in .zst); reads the whole vocabulary of facts
    #[arg(long, value_name = "PATH", conflicts_with = "snapshot", env = "PORTCULLIS_SAVE_SNAPSHOT")]
    pub save_snapshot: Option<PathBuf>,

    /// Write a file of waivers for all open failures, to be reviewed: owner and reason are yours to fill in
    #[arg(long, value_name = "PATH", env = "PORTCULLIS_SUGGEST_WAIVERS")]
    pub suggest_waivers: Option<PathBuf>,

    /// What to show meanwhile
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// What a run shows on stderr while it works.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct ProgressArgs {
    /// Show no progress
    #[arg(long, env = "PORTCULLIS_NO_PROGRESS")]
    pub no_progress: bool,

    /// Show nothing on stderr but errors
    #[arg(long, short, env = "PORTCULLIS_QUIET")]
    pub quiet: bool,
}

/// A report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink<F = Format> {
    /// Its format.
    pub format: F,
    /// The file; stdout if none.
    pub path: Option<PathBuf>,
}

/// One part of the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 0.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

#[cfg(test)]
mod tests;
