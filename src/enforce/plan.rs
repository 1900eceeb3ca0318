//! What `enforce plan` proposes: `portcullis/plan/v1`.
//!
//! Fields may be added to it, never changed or removed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::iam::Verdict;
use crate::iam::guard::Variant;
use crate::model::{Account, Evidence};

use super::guard::Guards;
use super::hold::Reason;

/// The schema name of plans, version included.
pub const SCHEMA: &str = "portcullis/plan/v1";

/// A plan: who is to be guarded and how, and who is not and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The SHA-256 of the file with zeros in this place: see [`super::seal`].
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The run that made it.
    pub run_id: String,
    /// The version that made it.
    pub tool_version: String,
    /// ARN of who made it; `None` from a snapshot, for which nobody signed in.
    pub caller: Option<String>,
    /// The snapshot that it was made from, if it was.
    pub snapshot: Option<String>,
    /// When the oldest of the facts were read.
    pub facts_as_of: Timestamp,
    /// Every rule, waiver and config file that it rests on. They have to be the same when it is applied.
    pub inputs: Vec<Input>,
    /// Ids of the rules that it acts on: whom a waiver for one of them covers is never touched.
    #[serde(default)]
    pub acting: Vec<String>,
    /// What it rests on beside them.
    pub settings: Settings,
    /// The caps, and what they were held against.
    pub limits: Limits,
    /// What a reader has to know first.
    pub notes: Vec<String>,
    /// The changes, by account and user.
    pub actions: Vec<Action>,
    /// Who is not acted on, by account and user.
    pub held_back: Vec<HeldBack>,
}

/// A file that a plan rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its path as given; `builtin:NAME` for a pack that comes with the program.
    pub path: String,
    /// The SHA-256 of its content.
    pub sha256: String,
}

/// The settings that a plan was made with and is applied with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How the guard is attached: `user` or `group`.
    pub attach: Way,
    /// Whether calls that services make for a user are exempt from the guard.
    pub via_services: bool,
    /// A user's own document in the place of the strict guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard_document: Option<String>,
    /// How recently a key must have been used to hold its user back, in seconds.
    pub key_window_seconds: i64,
    /// Whether users are acted on although their keys are in use.
    pub include_active_keys: bool,
    /// Whether users are held back where service control policies may not be read.
    #[serde(default)]
    pub require_scps: bool,
    /// ARNs and ARN globs of principals that are never touched.
    pub break_glass: Vec<String>,
}

impl Settings {
    /// The documents of the guards.
    #[must_use]
    pub fn guards(&self) -> Guards {
        match &self.guard_document {
            Some(own) => Guards::with_own(self.via_services, own.clone()),
            None => Guards::ours(self.via_services),
        }
    }
}

/// How a guard is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// The policy is attached to the user.
    User,
    /// The policy is attached to one guard group, and the user is put into it.
    Group,
}

/// The caps of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// At most so many users.
    pub max_users: u64,
    /// At most this share of the console users that were read, in percent.
    pub max_percent: f64,
    /// The console users that were read.
    pub console_users: u64,
    /// The users who would be acted on without a cap.
    pub proposed: u64,
    /// How many of them were taken, if only the first were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<u64>,
}

/// One user to be guarded, or a guard policy to be repaired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// A hash of account, user and kind: the same in every plan.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// The account's name, or nothing.
    pub account_name: String,
    /// The user's ARN, or the policy's.
    pub resource: String,
    /// What is done: `attach-user-policy`, `add-user-to-group`, `repair-guard-policy`.
    pub action: Kind,
    /// The rule that the user fails; empty for a policy.
    pub rule: String,
    /// What the rule says of it.
    pub message: String,
    /// The guard: the name of its policy.
    pub guard: String,
    /// Its ARN in the account.
    pub policy_arn: String,
    /// The SHA-256 of its document.
    pub document_sha256: String,
    /// The calls that would be made, in order.
    pub calls: Vec<String>,
    /// What the failure rests on.
    pub evidence: Vec<Evidence>,
    /// What the evaluator shows of the user under the guard.
    pub truth_table: Vec<Row>,
    /// Access keys and what they were last used for.
    pub keys: Vec<Key>,
    /// Until when the user had time to enroll, under a rule with grace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// What has to be the same when it is applied.
    pub expects: Expectation,
    /// What a reader has to know of it.
    pub notes: Vec<String>,
}

impl Action {
    /// A change outside a plan: only what [`super::actions`] needs of it.
    #[must_use]
    pub fn bare(account: &Account, resource: &str, action: Kind, guard: Variant) -> Self {
        Self {
            id: String::new(),
            account: account.id.clone(),
            account_name: account.name.clone(),
            resource: resource.to_owned(),
            action,
            rule: String::new(),
            message: String::new(),
            guard: guard.policy_name().to_owned(),
            policy_arn: guard.arn(account.partition.as_str(), &account.id),
            document_sha256: String::new(),
            calls: Vec::new(),
            evidence: Vec::new(),
            truth_table: Vec::new(),
            keys: Vec::new(),
            deadline: None,
            expects: Expectation::default(),
            notes: Vec::new(),
        }
    }
}

/// What is done to a user, or to a guard policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The guard is attached to it.
    AttachUserPolicy,
    /// It is put into the guard group.
    AddUserToGroup,
    /// A guard policy gets our document again.
    RepairGuardPolicy,
}

impl Kind {
    /// The word in plans and ledgers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AttachUserPolicy => "attach-user-policy",
            Self::AddUserToGroup => "add-user-to-group",
            Self::RepairGuardPolicy => "repair-guard-policy",
        }
    }
}

/// What the evaluator shows for one way to be signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// How the user is signed in.
    pub context: String,
    /// Whether the guard covers it.
    pub covered: bool,
    /// Whether everything but enrolling is denied.
    pub closed: bool,
    /// What becomes of each action that enrolling takes.
    pub enrollment: Vec<(String, Verdict)>,
    /// What was allowed and no longer is: patterns of actions.
    pub newly_denied: Vec<String>,
    /// What was not allowed and is.
    pub newly_allowed: Vec<String>,
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its id; `None` where the credential report, which does not tell it, is all there is.
    pub id: Option<String>,
    /// Whether it can sign requests.
    pub active: bool,
    /// When it was last used; `None` if never.
    pub last_used: Option<Timestamp>,
    /// Of which service.
    pub service: Option<String>,
    /// In which region.
    pub region: Option<String>,
    /// The call that told it.
    pub source: String,
}

/// What was seen of a user and has to be so still when it is acted on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// Its unique id: a user deleted and made again under the same name is another.
    pub user_id: Option<String>,
    /// ARNs of the managed policies attached to it.
    pub attached_policies: Vec<String>,
    /// Names of the policies embedded in it.
    pub inline_policies: Vec<String>,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// ARN of its permissions boundary.
    pub permissions_boundary: Option<String>,
    /// Of a policy: the version that counts, such as `v3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_version: Option<String>,
}

/// A user who is not acted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The account's id.
    pub account: String,
    /// The user's ARN.
    pub resource: String,
    /// Why.
    pub reason: Reason,
    /// The same for people.
    pub detail: String,
    /// Every further reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<(Reason, String)>,
    /// When it may be acted on, under a rule with grace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Access keys and what they were last used for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Key>,
    /// What could be done all the same: `console-only`, which leaves access keys alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
}
