//! The words of the ledger: what happened ([`Record`]), and its place in the chain ([`Entry`]).

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// What an entry tells of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Kind {
    /// A failure of an acting rule was seen for the first time, or again after it was resolved.
    Observed,
    /// A failure that was observed is gone.
    Resolved,
    /// Somebody was told of a failure, and until when it is to be mended.
    Announced,
    /// A run that may change AWS begins.
    RunStarted,
    /// A change is about to be made: written after it was seen to be needed, right before the call.
    Intent,
    /// What became of a change.
    Outcome,
    /// A run ended.
    RunFinished,
    /// The ledger itself was repaired after a crash in the middle of a write.
    Recovered,
    /// A kind that a newer version writes.
    Other(String),
}

impl Kind {
    /// Every kind that this version writes.
    pub const ALL: [Self; 8] = [
        Self::Observed,
        Self::Resolved,
        Self::Announced,
        Self::RunStarted,
        Self::Intent,
        Self::Outcome,
        Self::RunFinished,
        Self::Recovered,
    ];

    /// Its name in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Observed => "observed",
            Self::Resolved => "resolved",
            Self::Announced => "announced",
            Self::RunStarted => "run-started",
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::RunFinished => "run-finished",
            Self::Recovered => "recovered",
            Self::Other(name) => name,
        }
    }

    /// The fields that a record of this kind must have, beside those of every record.
    #[must_use]
    pub const fn required(&self) -> &'static [&'static str] {
        match self {
            Self::Observed | Self::Resolved => &["account", "resource", "rule"],
            Self::Announced => &["account", "resource", "rule", "deadline"],
            Self::Intent => &["account", "resource", "action", "id"],
            Self::Outcome => &["account", "resource", "action", "id", "result"],
            Self::Recovered => &["message"],
            Self::RunStarted | Self::RunFinished | Self::Other(_) => &[],
        }
    }
}

impl From<String> for Kind {
    fn from(name: String) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).unwrap_or(Self::Other(name))
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.as_str().to_owned()
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Outcome {
    /// It was made.
    Done,
    /// There was nothing to do: it was so already.
    Already,
    /// AWS refused it, or it could not be told.
    Failed,
    /// It was not tried: a precondition no longer held.
    Skipped,
    /// A result that a newer version writes.
    Other(String),
}

impl Outcome {
    /// Every result that this version writes.
    pub const ALL: [Self; 4] = [Self::Done, Self::Already, Self::Failed, Self::Skipped];

    /// Its name in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Done => "done",
            Self::Already => "already",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for Outcome {
    fn from(name: String) -> Self {
        Self::ALL.into_iter().find(|result| result.as_str() == name).unwrap_or(Self::Other(name))
    }
}

impl From<Outcome> for String {
    fn from(result: Outcome) -> Self {
        result.as_str().to_owned()
    }
}

/// Something that happened, as it is to be written down. Secrets never go in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When, in UTC.
    pub at: Timestamp,
    /// The run that wrote it.
    pub run_id: String,
    /// What the entry tells of.
    pub kind: Kind,
    /// ARN of who ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Hash of the plan; absent outside a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The account's id: twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// ARN of the user, or of what else is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What is done, such as `attach-user-policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Id of the rule that asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Id of the action within the plan; an intent and its outcome share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was there before; JSON `null` if nothing was.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is there now, or shall be; JSON `null` if nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The calls of AWS, such as `iam:AttachUserPolicy`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
    /// AWS's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What became of a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// Until when a failure is to be mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// What people should know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Fields that a newer version writes.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Record {
    /// A record with what every record has; the other fields are set by name.
    #[must_use]
    pub fn new(kind: Kind, at: Timestamp, run_id: &str) -> Self {
        Self {
            at,
            run_id: run_id.to_owned(),
            kind,
            actor: None,
            plan: None,
            account: None,
            resource: None,
            action: None,
            rule: None,
            id: None,
            before: None,
            after: None,
            calls: Vec::new(),
            request_id: None,
            result: None,
            deadline: None,
            message: None,
            more: Map::new(),
        }
    }

    /// The first field that a record of its kind must have and this one lacks.
    #[must_use]
    pub fn lacks(&self) -> Option<&'static str> {
        let has = |name: &str| match name {
            "account" => self.account.is_some(),
            "resource" => self.resource.is_some(),
            "rule" => self.rule.is_some(),
            "action" => self.action.is_some(),
            "id" => self.id.is_some(),
            "result" => self.result.is_some(),
            "deadline" => self.deadline.is_some(),
            "message" => self.message.is_some(),
            _ => false,
        };
        self.kind.required().iter().copied().find(|name| !has(name))
    }

    /// The name of a member of `before` or `after`, or of a field of a newer version, that holds a secret.
    #[must_use]
    pub fn secret(&self) -> Option<&str> {
        let more = self.more.iter().find_map(|(name, value)| secret_of(name, value));
        self.before.iter().chain(&self.after).find_map(secret).or(more)
    }

    /// What an intent and its outcome share: the plan, or the run outside a plan, and the action's id.
    #[must_use]
    pub(super) fn key(&self) -> Option<(&str, &str)> {
        Some((self.plan.as_deref().unwrap_or(&self.run_id), self.id.as_deref()?))
    }
}

/// Names under which AWS's answers and requests carry secrets, in lower case and without separators.
const SECRETS: [&str; 7] =
    ["secretaccesskey", "sessiontoken", "password", "base32stringseed", "qrcodepng", "servicepassword", "privatekey"];

fn secret(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| secret_of(name, value)),
        Value::Array(items) => items.iter().find_map(secret),
        _ => None,
    }
}

fn secret_of<'v>(name: &'v str, value: &'v Value) -> Option<&'v str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_filled = value.as_str().is_some_and(|text| !text.is_empty());
    if is_filled && SECRETS.contains(&plain.as_str()) { Some(name) } else { secret(value) }
}

/// Keeps a `null` that is written apart from a field that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A record in its place in the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub record: Record,
    /// Hash of the entry before; 64 zeros for the first.
    pub prev: String,
    /// SHA-256 of its line without the hash, in hex.
    pub hash: String,
}

/// What the hash of an entry covers, in the order in which it is written.
#[derive(Serialize)]
pub(super) struct Body<'r> {
    /// Its number, from 1.
    pub(super) seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub(super) record: &'r Record,
    /// Hash of the entry before.
    pub(super) prev: &'r str,
}

impl Entry {
    /// Whether its resource is the user `wanted`: an ARN, or a name.
    #[must_use]
    pub fn is_about_user(&self, wanted: &str) -> bool {
        let Some(resource) = self.record.resource.as_deref() else { return false };
        let name = resource.split_once(":user/").map(|(_, path)| path.rsplit_once('/').map_or(path, |(_, name)| name));
        resource == wanted || name == Some(wanted)
    }
}
