//! What judging the facts by the rules gave: the results, in the shape of the public JSON contract.
//!
//! `Evaluation` serialises to `portcullis/results/v1`. Fields may be added to it, never changed or removed.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::AccountStatus;
use super::rule::{Mode, Severity, Target};

/// The schema name of the results, version included.
pub const SCHEMA: &str = "portcullis/results/v1";

/// Controls of standards that a rule serves: framework to control ids.
pub type Controls = IndexMap<String, Vec<String>>;

/// The outcome of one rule on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The requirement holds.
    Pass,
    /// It does not.
    Fail,
    /// A fact that it needs could not be read, and the rest does not decide it.
    Unknown,
    /// The rule's `when` does not hold.
    NotApplicable,
}

/// An accepted exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaivedBy {
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// Until when.
    pub expires: String,
}

/// One fact that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The fact's name in the vocabulary.
    pub fact: String,
    /// Its value; `null` if there is none or it is unknown.
    pub value: serde_json::Value,
    /// The call that told it, or would have.
    pub source: Option<String>,
    /// How old it is.
    pub as_of: Option<Timestamp>,
    /// Why it, or the rest of a list, is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// Whether a finding was in the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was not, or there is no baseline.
    New,
    /// It was.
    Known,
}

/// A rule on a resource with status `fail` or `unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A hash of rule, account and resource: the same in every run.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// The rule's severity.
    pub severity: Severity,
    /// `fail` or `unknown`.
    pub status: Status,
    /// What it may lead to in this account: `audit` never counts for the exit status.
    #[serde(default = "Mode::warn")]
    pub mode: Mode,
    /// The waiver in force, if any; a waived failure stays a failure.
    pub waived: Option<WaivedBy>,
    /// New or known.
    pub state: State,
    /// The account's id.
    pub account: String,
    /// The resource's ARN, or `AWS::::Account:ID`.
    pub resource: String,
    /// The sort of resource.
    pub resource_type: Target,
    /// What is wrong, for people.
    pub message: String,
    /// The facts it rests on.
    pub evidence: Vec<Evidence>,
    /// Controls that the rule serves.
    pub controls: Controls,
    /// How to mend it.
    pub remediation: String,
}

/// How often a rule had each outcome, over the resources that it judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Passes.
    pub pass: u64,
    /// Failures that are not waived.
    pub fail: u64,
    /// Waived failures.
    #[serde(default)]
    pub waived: u64,
    /// Unknown.
    pub unknown: u64,
    /// Not applicable.
    pub not_applicable: u64,
}

impl Counts {
    /// Counts one more outcome.
    pub const fn add(&mut self, status: Status) {
        match status {
            Status::Pass => self.pass += 1,
            Status::Fail => self.fail += 1,
            Status::Unknown => self.unknown += 1,
            Status::NotApplicable => self.not_applicable += 1,
        }
    }

    /// Adds the outcomes of others.
    pub const fn join(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.waived += other.waived;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
    }
}

/// A rule as results name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Severity,
    /// What it judges.
    pub target: Target,
    /// What a failure may lead to.
    pub mode: Mode,
    /// Why it matters.
    #[serde(default)]
    pub rationale: String,
    /// How to mend a failure.
    #[serde(default)]
    pub remediation: String,
    /// How often it had each outcome.
    #[serde(default)]
    pub counts: Counts,
    /// The pack it is in.
    pub pack: String,
    /// Controls that it serves.
    pub controls: Controls,
}

/// Console users by the strongest kind of device that each is known to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaCounts {
    /// No device.
    pub none: u64,
    /// Text messages only.
    #[serde(default)]
    pub sms: u64,
    /// An authenticator app.
    #[serde(rename = "virtual")]
    pub virtual_device: u64,
    /// A token that shows digits.
    #[serde(rename = "hardware-totp")]
    pub hardware_totp: u64,
    /// A security key or passkey.
    pub passkey: u64,
    /// A device of unknown kind, or devices that could not be read.
    pub unknown: u64,
}

/// People and robots who come in without an IAM user: outside the scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// Roles of Identity Center (`AWSReservedSSO_*`).
    pub sso_roles: u64,
    /// Other roles that trust a SAML provider.
    pub saml_trusts: u64,
    /// Roles that trust an OIDC provider.
    pub oidc_trusts: u64,
}

/// An account in the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountResult {
    /// Twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its place in the organization.
    pub ou_path: Option<String>,
    /// How far the reading got.
    pub status: AccountStatus,
    /// Why it is not `scanned`.
    pub reason: Option<String>,
    /// Users read.
    pub users: u64,
    /// Users who can sign in to the console.
    pub console_users: u64,
    /// Console users by kind of device.
    pub mfa: MfaCounts,
    /// HTTP attempts signed with credentials of this account.
    pub api_calls: u64,
    /// How many of them were throttled.
    pub throttled: u64,
    /// When the credential report was generated.
    pub credential_report_as_of: Option<Timestamp>,
    /// Who is outside the scan.
    pub unjudged: Unjudged,
}

const fn yes() -> bool {
    true
}

/// Counts for one control of one framework, over rule × resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlResult {
    /// The framework, such as `cis-aws-6.0`.
    pub framework: String,
    /// The control's id in it.
    pub control: String,
    /// Whether any rule serves it: the others are in the framework, and nothing here judges them.
    #[serde(default = "yes")]
    pub covered: bool,
    /// Passes.
    pub pass: u64,
    /// Failures that are not waived.
    pub fail: u64,
    /// Waived failures.
    pub waived: u64,
    /// Unknown.
    pub unknown: u64,
}

/// A remark about the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The account it is about, if one.
    pub account: Option<String>,
    /// The remark.
    pub message: String,
}

/// Failures by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BySeverity {
    /// Critical ones.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
    /// Low ones.
    pub low: u64,
    /// Informational ones.
    pub informational: u64,
}

impl BySeverity {
    /// The counter of `severity`.
    pub const fn of_mut(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Informational => &mut self.informational,
        }
    }
}

/// Counts over rule × resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Passes.
    pub pass: u64,
    /// Failures that are not waived.
    pub fail: u64,
    /// Waived failures.
    pub waived: u64,
    /// Unknown.
    pub unknown: u64,
    /// Not applicable.
    pub not_applicable: u64,
    /// Failures that are not waived, by severity.
    pub by_severity: BySeverity,
}

/// The program that made the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Always `portcullis`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The program.
    pub tool: Tool,
    /// The run.
    pub run_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The moment against which ages were judged.
    pub evaluated_at: Timestamp,
    /// The rules.
    pub rules: Vec<RuleInfo>,
    /// The accounts, by id.
    pub accounts: Vec<AccountResult>,
    /// Counts by control.
    pub controls: Vec<ControlResult>,
    /// Findings of the baseline that are gone.
    pub fixed: Vec<Finding>,
    /// Remarks.
    pub notices: Vec<Notice>,
    /// Counts.
    pub summary: Summary,
    /// Findings, by account, then severity (worst first), rule and resource.
    pub findings: Vec<Finding>,
}
