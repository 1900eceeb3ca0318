//! A checked rule.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::model::evaluation::{Controls, Counts, RuleInfo};
use crate::model::{Mode, Severity, Status, Target};

use super::compile::Piece;
use super::condition::{Condition, Truth};
use super::subject::Subject;
use super::value::{Items, Value};
use super::vocabulary::FactDef;

/// A rule whose every part has been checked.
#[derive(Debug)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// What it judges.
    pub target: Target,
    /// To which resources it applies; `None` for all.
    pub when: Option<Condition>,
    /// What must hold of them.
    pub require: Condition,
    /// What to say of a failure.
    pub message: Vec<Piece>,
    /// Why it matters.
    pub rationale: String,
    /// How to mend a failure.
    pub remediation: String,
    /// Controls of standards that it serves.
    pub controls: Controls,
    /// The action that `enforce plan` proposes.
    pub enforce: Option<String>,
    /// How long after its announcement the action may be taken; `None` where it needs none. Only where there is an action.
    pub grace: Option<SignedDuration>,
    /// What a failure may lead to.
    pub mode: Mode,
    /// The id of its pack.
    pub pack: Arc<str>,
    /// The facts that it reads of a resource, without repetition: those of `require` first.
    pub facts: Vec<&'static FactDef>,
}

impl Rule {
    /// The outcome on `subject`, ages taken against `now`.
    #[must_use]
    pub fn judge(&self, subject: Subject<'_>, now: Timestamp) -> Status {
        let applies = self.when.as_ref().map_or(Truth::True, |when| when.eval(subject, now));
        if applies == Truth::False {
            return Status::NotApplicable;
        }
        match (applies, self.require.eval(subject, now)) {
            (_, Truth::True) => Status::Pass,
            (Truth::True, Truth::False) => Status::Fail,
            _ => Status::Unknown,
        }
    }

    /// What to say of `subject`, for a status of `fail`.
    #[must_use]
    pub fn message(&self, subject: Subject<'_>) -> String {
        let mut text = String::new();
        for piece in &self.message {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Fact(fact) => text.push_str(&shown(fact, subject)),
            }
        }
        text
    }

    /// The rule as results name it, with its outcomes.
    #[must_use]
    pub fn info(&self, counts: Counts) -> RuleInfo {
        RuleInfo {
            id: self.id.clone(),
            title: self.title.clone(),
            severity: self.severity,
            target: self.target,
            mode: self.mode,
            rationale: self.rationale.clone(),
            remediation: self.remediation.clone(),
            counts,
            pack: self.pack.to_string(),
            controls: self.controls.clone(),
        }
    }
}

fn shown(fact: &FactDef, subject: Subject<'_>) -> String {
    match fact.of(subject).value {
        Err(_) => "unknown".to_owned(),
        Ok(Value::Absent) => "none".to_owned(),
        Ok(Value::Bool(value)) => value.to_string(),
        Ok(Value::Number(value)) => value.to_string(),
        Ok(Value::Text(value)) => value.to_owned(),
        Ok(Value::Time(value)) => value.strftime("%Y-%m-%d").to_string(),
        Ok(Value::List(list)) => match list.items {
            Items::Texts(texts) => texts.join(", "),
            items => items.len().to_string(),
        },
    }
}
