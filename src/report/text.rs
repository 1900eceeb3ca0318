//! Small words that the formats for people share. Uses only `crate::model`.

use jiff::Timestamp;
use serde_json::Value;

use crate::model::arn::account_resource;
use crate::model::{Finding, Mode, Status};

/// How much of a value reports for people show; the JSON has all of it.
const MAX_VALUE: usize = 400;

/// `1 account`, `2 accounts`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The counts that are not zero: `3 critical, 12 high`.
pub(super) fn join_counts<'a>(counts: impl IntoIterator<Item = (u64, &'a str)>) -> String {
    let shown: Vec<String> =
        counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, name)| format!("{number} {name}")).collect();
    shown.join(", ")
}

/// A moment for people, in UTC.
pub(super) fn utc(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The name of a status in the JSON.
pub(super) const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Unknown => "unknown",
        Status::NotApplicable => "not_applicable",
    }
}

/// How a finding stands, in one word: a waived failure is told from an open one.
pub(super) const fn standing(finding: &Finding) -> &'static str {
    match (finding.status, &finding.waived) {
        (Status::Fail, Some(_)) => "waived",
        (status, _) => status_name(status),
    }
}

/// [`standing`], and beside it that the finding is only audited and so does not count for the exit status.
pub(super) fn standing_and_mode(finding: &Finding) -> String {
    let audit = if finding.mode == Mode::Audit { " (audit)" } else { "" };
    format!("{}{audit}", standing(finding))
}

/// The resource of a finding under the heading of its account: `user/alice`, `root`, `account`.
///
/// IAM names are unique in an account whatever their path, so the path is left out. What is not of the finding's
/// account, such as a policy that AWS manages, keeps its whole ARN.
pub(super) fn short_resource(finding: &Finding) -> &str {
    if finding.resource == account_resource(&finding.account) {
        return "account";
    }
    let mut fields = finding.resource.splitn(6, ':');
    match (fields.next(), fields.nth(1), fields.nth(1), fields.next()) {
        (Some("arn"), Some("iam"), Some(account), Some(resource)) if account == finding.account => resource,
        _ => &finding.resource,
    }
}

/// `user/alice` of `user/team/blue/alice`.
pub(super) fn without_path(resource: &str) -> String {
    match (resource.split_once('/'), resource.rsplit_once('/')) {
        (Some((kind, _)), Some((_, name))) if !kind.contains(':') => format!("{kind}/{name}"),
        _ => resource.to_owned(),
    }
}

/// `active: true, age: 412d`, if `value` is an object that holds no other.
fn flat(value: &Value) -> Option<String> {
    let plain = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Some(format!("{key}: {text}")),
        Value::Null => Some(format!("{key}: none")),
        Value::Bool(_) | Value::Number(_) => Some(format!("{key}: {value}")),
        Value::Array(_) | Value::Object(_) => None,
    };
    let fields: Option<Vec<String>> = value.as_object()?.iter().map(plain).collect();
    fields.map(|fields| fields.join(", "))
}

/// A value of evidence for people: plain where it is plain, else JSON, cut if it is long.
pub(super) fn value(value: &Value) -> String {
    let text = match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "empty list".to_owned(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => match items.iter().map(flat).collect::<Option<Vec<_>>>() {
            Some(items) => items.join("; "),
            None => value.to_string(),
        },
        other => flat(other).unwrap_or_else(|| other.to_string()),
    };
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}… (cut; the JSON has all of it)", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn resources_are_short_where_that_is_unambiguous() {
        let short = |resource: &str| {
            let mut finding = fixture::small().findings[0].clone();
            (finding.account, finding.resource) = ("100000000001".to_owned(), resource.to_owned());
            without_path(short_resource(&finding))
        };
        assert_eq!(short("arn:aws:iam::100000000001:user/team/blue/alice"), "user/alice");
        assert_eq!(short("arn:aws-cn:iam::100000000001:root"), "root");
        assert_eq!(short("AWS::::Account:100000000001"), "account");
        assert_eq!(short("arn:aws:iam::aws:policy/AdministratorAccess"), "arn:aws:iam::aws:policy/AdministratorAccess");
        assert_eq!(short("arn:aws:iam::100000000002:user/a/b"), "arn:aws:iam::100000000002:user/a/b");
        assert_eq!(short("what is this"), "what is this");
    }

    #[test]
    fn values_read_plainly() {
        assert_eq!(value(&serde_json::json!([])), "empty list");
        assert_eq!(value(&serde_json::json!(["a", "b"])), "a, b");
        assert_eq!(value(&serde_json::json!({"active": true})), "active: true");
        assert_eq!(value(&serde_json::json!([{"a": 1, "b": "x"}, {"a": null}])), "a: 1, b: x; a: none");
        assert_eq!(value(&serde_json::json!([{"a": [1]}])), r#"[{"a":[1]}]"#);
        assert!(value(&serde_json::json!("é".repeat(500))).ends_with("é… (cut; the JSON has all of it)"));
    }
}
