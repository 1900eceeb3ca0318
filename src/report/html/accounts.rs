//! The rows of the accounts table. Uses only `crate::model`.

use std::collections::HashMap;

use jiff::{Timestamp, Unit};
use serde::Serialize;

use crate::model::evaluation::{AccountResult, MfaCounts};
use crate::model::{AccountStatus, Evaluation};
use crate::report::text::utc;

/// An account.
#[derive(Serialize)]
pub(super) struct AccountRow<'a> {
    /// Its id.
    id: &'a str,
    /// Its name.
    name: &'a str,
    /// Its place in the organization.
    ou_path: Option<&'a str>,
    /// How far the reading got.
    status: &'static str,
    /// Why not further.
    reason: Option<&'a str>,
    /// Whether its users were read at all.
    read: bool,
    /// Users read.
    users: u64,
    /// Console users read.
    console_users: u64,
    /// Console users by device, in words.
    mfa: String,
    /// The same as a bar.
    bar: Vec<Segment>,
    /// The age of the credential report.
    report_age: Option<String>,
    /// When it was generated.
    report_at: Option<String>,
    /// Calls made.
    api_calls: u64,
    /// Calls throttled.
    throttled: u64,
    /// Findings in it.
    findings: usize,
}

/// A piece of a bar that is 100 wide.
#[derive(Serialize)]
struct Segment {
    /// The kind of device: a class of the style sheet.
    kind: &'static str,
    /// Where it begins.
    x: String,
    /// How wide it is.
    width: String,
}

impl<'a> AccountRow<'a> {
    /// The accounts of `evaluation`.
    pub(super) fn all(evaluation: &'a Evaluation) -> Vec<Self> {
        let mut findings: HashMap<&str, usize> = HashMap::new();
        for finding in &evaluation.findings {
            *findings.entry(&finding.account).or_default() += 1;
        }
        let row = |account: &'a AccountResult| {
            Self::of(account, evaluation.evaluated_at, findings.get(&*account.id).copied().unwrap_or_default())
        };
        evaluation.accounts.iter().map(row).collect()
    }

    fn of(account: &'a AccountResult, now: Timestamp, findings: usize) -> Self {
        let kinds = kinds(&account.mfa);
        let shown: Vec<String> = kinds.iter().map(|(_, label, number)| format!("{number} {label}")).collect();
        Self {
            id: &account.id,
            name: &account.name,
            ou_path: account.ou_path.as_deref(),
            status: account.status.as_str(),
            reason: account.reason.as_deref(),
            read: matches!(account.status, AccountStatus::Scanned | AccountStatus::Partial),
            users: account.users,
            console_users: account.console_users,
            mfa: shown.join(", "),
            bar: bar(&kinds),
            report_age: account.credential_report_as_of.map(|made| age(made, now)),
            report_at: account.credential_report_as_of.map(utc),
            api_calls: account.api_calls,
            throttled: account.throttled,
            findings,
        }
    }
}

/// Class, words and number of each kind of device that someone has, worst first.
fn kinds(mfa: &MfaCounts) -> Vec<(&'static str, &'static str, u64)> {
    let all = [
        ("none", "none", mfa.none),
        ("unknown", "unknown", mfa.unknown),
        ("sms", "SMS", mfa.sms),
        ("virtual", "app", mfa.virtual_device),
        ("token", "token", mfa.hardware_totp),
        ("passkey", "passkey", mfa.passkey),
    ];
    all.into_iter().filter(|(_, _, number)| *number > 0).collect()
}

/// The numbers of `kinds` as pieces of a bar.
fn bar(kinds: &[(&'static str, &'static str, u64)]) -> Vec<Segment> {
    let total: u64 = kinds.iter().map(|(_, _, number)| number).sum();
    // Hundredths of a percent in whole numbers; accounts have at most 5,000 users.
    let place = |number: u64| number.saturating_mul(10_000).checked_div(total).unwrap_or_default();
    let decimal = |hundredths: u64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let mut before = 0;
    let mut segments = Vec::new();
    for (kind, _, number) in kinds {
        let (start, end) = (place(before), place(before + number));
        segments.push(Segment { kind, x: decimal(start), width: decimal(end - start) });
        before += number;
    }
    segments
}

/// How old what was made at `made` is at `now`: `2 h 15 min`.
fn age(made: Timestamp, now: Timestamp) -> String {
    let minutes = now.since((Unit::Minute, made)).map_or(0, |age| age.get_minutes().max(0));
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full() {
        let mfa = MfaCounts { none: 1, virtual_device: 1, passkey: 1, ..MfaCounts::default() };
        let bar = bar(&kinds(&mfa));
        let widths: Vec<&str> = bar.iter().map(|segment| &*segment.width).collect();
        assert_eq!(widths, ["33.33", "33.33", "33.34"]);
        assert!(super::bar(&kinds(&MfaCounts::default())).is_empty());
    }

    #[test]
    fn ages_are_in_hours_and_minutes() {
        let now: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
        assert_eq!(age("2026-11-24T07:15:00Z".parse().unwrap(), now), "2 h 15 min");
        assert_eq!(age("2026-11-24T09:29:00Z".parse().unwrap(), now), "1 min");
        assert_eq!(age("2026-11-24T10:00:00Z".parse().unwrap(), now), "0 min");
    }
}
