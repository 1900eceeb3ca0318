//! Who is to be told that it will be guarded, and when. Pure.
//!
//! A failure is announced once: its deadline then stands, and only a waiver moves it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::model::Status;
use crate::model::untrusted::is_unsafe;

use super::draft::break_glass;
use super::grace::{Calendar, until};
use super::survey::{AccountSurvey, Candidate};

/// The schema name of an announcement, version included.
pub const SCHEMA: &str = "portcullis/announcement/v1";

/// The list of people to tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Announcement {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// The run.
    pub run_id: String,
    /// When it was made.
    pub at: Timestamp,
    /// Whom to tell what, by account and user.
    pub people: Vec<Person>,
    /// How many fail and are not told: they are guarded already, under a waiver, break-glass principals, or what they fail
    /// is not known for certain.
    pub not_told: usize,
}

/// A failure of which somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The account's id.
    pub account: String,
    /// The account's name, or nothing.
    pub account_name: String,
    /// The user's ARN.
    pub resource: String,
    /// The user's name.
    pub user: String,
    /// The rule that it fails.
    pub rule: String,
    /// What the rule says of it.
    pub message: String,
    /// Until when it is to be mended; `None` under a rule without grace, which acts at once.
    pub deadline: Option<Timestamp>,
    /// When it was announced; `None` under a rule without grace.
    pub announced: Option<Timestamp>,
    /// Whether it is announced by this run.
    pub is_new: bool,
}

/// What is to be told at the moment `at`; `period` is the time that a rule gives. Who is never touched is not told.
#[must_use]
pub fn announce(
    surveys: &[AccountSurvey],
    never: &[String],
    calendar: &Calendar<'_>,
    period: &dyn Fn(&str) -> Option<SignedDuration>,
    at: Timestamp,
    run_id: &str,
) -> Announcement {
    let (mut people, mut not_told) = (Vec::new(), 0);
    for survey in surveys {
        for candidate in &survey.candidates {
            let failing = candidate.findings.iter().filter(|finding| finding.status == Status::Fail);
            let mut told = failing.map(|finding| (finding.rule.as_str(), finding.message.as_str())).peekable();
            let is_safe = candidate.guarded || candidate.waived.is_some();
            if is_safe || break_glass(never, &candidate.arn).is_some() || told.peek().is_none() {
                not_told += 1;
                continue;
            }
            people.extend(told.map(|told| person(survey, candidate, told, calendar, period, at)));
        }
    }
    people.sort_by(|one, other| (&one.account, &one.user, &one.rule).cmp(&(&other.account, &other.user, &other.rule)));
    Announcement { schema: SCHEMA, run_id: run_id.to_owned(), at, people, not_told }
}

fn person(
    survey: &AccountSurvey,
    candidate: &Candidate,
    (rule, message): (&str, &str),
    calendar: &Calendar<'_>,
    period: &dyn Fn(&str) -> Option<SignedDuration>,
    at: Timestamp,
) -> Person {
    let grace = period(rule);
    let failure = calendar.failure(&survey.account.id, &candidate.arn, rule);
    let before = failure.and_then(|failure| failure.announced);
    let told = failure.and_then(|failure| failure.deadline);
    let announced = grace.map(|_| before.unwrap_or(at));
    Person {
        account: survey.account.id.clone(),
        account_name: survey.account.name.clone(),
        resource: candidate.arn.clone(),
        user: candidate.name.clone(),
        rule: rule.to_owned(),
        message: message.to_owned(),
        deadline: announced.zip(grace).map(|(announced, grace)| until(announced, grace, told)),
        announced,
        is_new: grace.is_some() && before.is_none(),
    }
}

/// The announcement as Markdown: names are shown as they are, whatever is in them.
#[must_use]
pub fn markdown(announcement: &Announcement) -> String {
    let mut text = format!("# People to tell\n\nMade {}.\n", announcement.at);
    if announcement.people.is_empty() {
        text.push_str("\nNobody is to be told: there is nothing to announce.\n");
        return text;
    }
    text.push_str(
        "\nEach of them signs in without a second factor. From the deadline on, everything but enrolling an MFA device is \
         denied to them until they have one. In the console: Security credentials, Assign MFA device; or \
         `portcullis mfa enroll`.\n\n| Account | User | Deadline | Announced | Rule | Why |\n|---|---|---|---|---|---|\n",
    );
    for person in &announcement.people {
        let account = if person.account_name.is_empty() {
            person.account.clone()
        } else {
            format!("{} {}", person.account, person.account_name)
        };
        let deadline = person.deadline.map_or_else(|| "at once".to_owned(), |deadline| deadline.to_string());
        let announced = match (person.is_new, person.announced) {
            (true, _) => "now".to_owned(),
            (false, Some(announced)) => announced.to_string(),
            (false, None) => "not needed".to_owned(),
        };
        let cells = [&account, &person.user, &deadline, &announced, &person.rule, &person.message];
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| {} |", cells.map(|cell| escaped(cell)).join(" | "));
    }
    text
}

/// Text in a cell of a table, as it is: nothing in it is Markdown, HTML, or a control character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            let _ = write!(escaped, "\\\\u{{{:x}}}", u32::from(character));
            continue;
        }
        let is_markup =
            matches!(character, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '~' | '@');
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests;
