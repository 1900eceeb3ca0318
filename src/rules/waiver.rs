//! Waivers: accepted exceptions, each with an owner, a reason and an end.
//!
//! A waived failure stays a failure and is shown with its waiver; it counts neither for the summary's failures nor for
//! the exit status. Scan, plan and apply ask the same [`Waivers`]. Pure.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::iam::Wildcard;
use crate::model::evaluation::WaivedBy;
use crate::yaml::{Code, Decoder, Diagnostic, Node, SourceFile, Span, Value, parse};

use super::header::check_version;

/// How many days ahead a waiver may end, where the config names no other number.
pub const DEFAULT_MAX_DAYS: i64 = 365;

const FILE_KEYS: [&str; 4] = ["apiVersion", "kind", "metadata", "waivers"];
const KEYS: [&str; 8] = ["rule", "account", "resource", "owner", "reason", "ticket", "expires", "metadata"];

/// The waivers of a scan.
#[derive(Debug, Default)]
pub struct Waivers {
    /// They, in the order of the files.
    pub all: Vec<Waiver>,
}

/// One accepted exception.
#[derive(Debug)]
pub struct Waiver {
    rule: Wildcard,
    account: Wildcard,
    resource: Wildcard,
    /// Who accepted it, why, and until when, as results show it.
    pub by: WaivedBy,
    /// The first moment at which it no longer counts.
    pub ends: Timestamp,
    /// Where it stands: `PATH:LINE`.
    pub place: String,
    /// What it covers, as written: rule, account, resource.
    pub written: [String; 3],
}

impl Waivers {
    /// The waiver in force at `now` for a failure of `rule` on `resource` of `account`, and its place in the list.
    #[must_use]
    pub fn find(&self, rule: &str, account: &str, resource: &str, now: Timestamp) -> Option<(usize, &Waiver)> {
        self.all.iter().enumerate().find(|(_, waiver)| now < waiver.ends && waiver.covers(rule, account, resource))
    }

    /// What has to be said of the waivers after a run in which each waived so many failures.
    #[must_use]
    pub fn remarks(&self, waived: &[u64], now: Timestamp) -> Vec<String> {
        let mut remarks = Vec::new();
        for (at, waiver) in self.all.iter().enumerate() {
            let Waiver { place, written: [rule, account, resource], .. } = waiver;
            let what = format!("waiver {place} (rule {rule}, account {account}, resource {resource})");
            let count = waived.get(at).copied().unwrap_or(0);
            if now >= waiver.ends {
                remarks.push(format!("{what} has expired ({}) and counts for nothing", waiver.by.expires));
            } else if count == 0 {
                remarks.push(format!("{what} matches no failure; remove it if it is no longer needed"));
            }
            if waiver.is_broad() {
                remarks.push(format!("{what} is over-broad: it waives {count} failures; name rules and resources"));
            }
        }
        remarks
    }
}

impl Waiver {
    fn covers(&self, rule: &str, account: &str, resource: &str) -> bool {
        self.rule.matches(rule) && self.account.matches(account) && self.resource.matches(resource)
    }

    /// Whether it covers every rule, or every resource of every account.
    fn is_broad(&self) -> bool {
        self.rule.matches_all() || (self.resource.matches_all() && self.account.matches_all())
    }
}

/// Checks `sources` and joins their waivers; none may end more than `max_days` after `now`.
///
/// # Errors
///
/// Every problem of every file; then none of them is used.
pub fn load(sources: &[SourceFile], now: Timestamp, max_days: i64) -> Result<Waivers, Vec<Diagnostic>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for source in sources {
        match parse(source) {
            Err(problem) => problems.push(*problem),
            Ok(root) => {
                let mut decoder = Decoder::new(source.clone());
                all.extend(file(&mut decoder, &root, now, max_days).unwrap_or_default());
                problems.append(&mut decoder.finish());
            }
        }
    }
    if problems.is_empty() { Ok(Waivers { all }) } else { Err(problems) }
}

fn file(decoder: &mut Decoder, root: &Node, now: Timestamp, max_days: i64) -> Option<Vec<Waiver>> {
    let fields = decoder.fields(root, "a file of waivers", &FILE_KEYS)?;
    check_version(decoder, &fields, "WaiverSet");
    let node = fields.require(decoder, "waivers")?;
    if node.value == Value::Null {
        return Some(Vec::new());
    }
    let items = decoder.list(node, "`waivers`")?;
    Some(items.iter().filter_map(|item| waiver(decoder, item, now, max_days)).collect())
}

fn waiver(decoder: &mut Decoder, node: &Node, now: Timestamp, max_days: i64) -> Option<Waiver> {
    let fields = decoder.fields(node, "a waiver", &KEYS)?;
    let mut required = |key: &str| {
        let node = fields.require(decoder, key)?;
        decoder.filled_text(node, &format!("`{key}`")).map(str::to_owned)
    };
    let [rule, resource, owner, reason] = ["rule", "resource", "owner", "reason"].map(&mut required);
    let account = account(decoder, fields.get("account"));
    let ticket = match fields.get("ticket") {
        Some(node) => decoder.filled_text(node, "`ticket`").map(|text| Some(text.to_owned())),
        None => Some(None),
    };
    let expires = fields.require(decoder, "expires").and_then(|node| expiry(decoder, node, now, max_days));
    let (line, _) = decoder.source().position(node.span.start);
    let (text, ends) = expires?;
    let written = [rule?, account?, resource?];
    let [rule, account, resource] = written.each_ref().map(|glob| Wildcard::new(glob));
    let by = WaivedBy { owner: owner?, reason: reason?, ticket: ticket?, expires: text };
    Some(Waiver { rule, account, resource, by, ends, place: format!("{}:{line}", decoder.source().path), written })
}

/// An account id with digits only is a number to YAML; it is meant as text all the same.
fn account(decoder: &mut Decoder, node: Option<&Node>) -> Option<String> {
    match node.map(|node| (&node.value, node)) {
        None => Some("*".to_owned()),
        Some((Value::Integer(id), _)) => Some(format!("{id:012}")),
        Some((_, node)) => decoder.filled_text(node, "`account`").map(str::to_owned),
    }
}

/// The end as written, and as a moment. A date counts through its end, in UTC.
fn expiry(decoder: &mut Decoder, node: &Node, now: Timestamp, max_days: i64) -> Option<(String, Timestamp)> {
    let text = decoder.filled_text(node, "`expires`")?;
    let date = || text.parse::<Date>().ok()?.tomorrow().ok();
    let midnight = |date: Date| TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok();
    let Some(ends) = text.parse().ok().or_else(|| date().and_then(midnight)) else {
        let label = "expected a date (`2026-12-31`) or a moment (`2026-12-31T18:00:00Z`)";
        decoder.report(Code::BadValue, &node.span, format!("`{text}` is no date"), label, None);
        return None;
    };
    // A date counts to its end: the day itself may be the last one allowed.
    let latest = now.checked_add(jiff::SignedDuration::from_hours(24 * (max_days + 1))).unwrap_or(Timestamp::MAX);
    if ends > latest {
        too_late(decoder, &node.span, text, max_days);
        return None;
    }
    Some((text.to_owned(), ends))
}

fn too_late(decoder: &mut Decoder, span: &Span, text: &str, max_days: i64) {
    let message = format!("`{text}` is more than {max_days} days ahead");
    let help = Some("a waiver is for a time; renew it when it ends".to_owned());
    decoder.report(Code::BadValue, span, message, "too far ahead", help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::render;

    const NOW: &str = "2026-11-24T12:00:00Z";
    const ALICE: &str = "arn:aws:iam::111122223333:user/team/alice";

    fn read(waivers: &str) -> Result<Waivers, Vec<Diagnostic>> {
        let text = format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers:\n{waivers}");
        load(&[SourceFile::new("w.yaml", &text)], NOW.parse().unwrap(), DEFAULT_MAX_DAYS)
    }

    fn one(fields: &str) -> Waivers {
        read(&format!("  - {{ owner: a@example.org, reason: r, {fields} }}\n")).unwrap()
    }

    fn covers(waivers: &Waivers, rule: &str, account: &str, resource: &str, now: &str) -> bool {
        waivers.find(rule, account, resource, now.parse().unwrap()).is_some()
    }

    #[test]
    fn globs_are_iams_and_account_defaults_to_all() {
        let waivers = one("rule: console-*, resource: \"arn:*:iam::*:user/team/al?ce\", expires: 2026-12-31");
        assert!(covers(&waivers, "console-user-mfa", "111122223333", ALICE, NOW));
        assert!(!covers(&waivers, "admin-mfa", "111122223333", ALICE, NOW));
        assert!(!covers(&waivers, "console-user-mfa", "111122223333", "arn:aws:iam::1:user/team/alicce", NOW));
        let other = one("rule: x, account: 012345678901, resource: \"*\", expires: 2026-12-31");
        assert!(covers(&other, "x", "012345678901", ALICE, NOW));
        assert!(!covers(&other, "x", "111122223333", ALICE, NOW));
    }

    #[test]
    fn a_date_counts_through_its_end_and_a_moment_to_the_second() {
        let date = one("rule: x, resource: y, expires: 2026-11-24");
        assert!(covers(&date, "x", "1", "y", "2026-11-24T23:59:59Z"));
        assert!(!covers(&date, "x", "1", "y", "2026-11-25T00:00:00Z"));
        let moment = one("rule: x, resource: y, expires: \"2026-11-24T13:00:00Z\"");
        assert!(covers(&moment, "x", "1", "y", "2026-11-24T12:59:59Z"));
        assert!(!covers(&moment, "x", "1", "y", "2026-11-24T13:00:00Z"));
    }

    #[test]
    fn what_is_expired_unmatched_or_over_broad_is_said() {
        let text = "  - { rule: a, resource: b, owner: o, reason: r, expires: 2026-01-01 }\n  \
            - { rule: a, resource: c, owner: o, reason: r, expires: 2026-12-01 }\n  \
            - { rule: \"*\", resource: d, owner: o, reason: r, expires: 2026-12-01 }\n";
        let remarks = read(text).unwrap().remarks(&[0, 0, 7], NOW.parse().unwrap());
        let expected = [
            "waiver w.yaml:4 (rule a, account *, resource b) has expired (2026-01-01) and counts for nothing",
            "waiver w.yaml:5 (rule a, account *, resource c) matches no failure; remove it if it is no longer needed",
            "waiver w.yaml:6 (rule *, account *, resource d) is over-broad: it waives 7 failures; name rules and resources",
        ];
        assert_eq!(remarks, expected);
    }

    #[test]
    fn every_problem_of_a_file_is_reported_and_none_of_it_used() {
        let problems = read(
            "  - { rule: a, resource: b, owner: o, reason: r, expires: 2030-01-01 }\n  \
               - { rule: a, resource: b, owner: '', reason: r, expires: someday }\n  \
               - { rul: a, resource: b, owner: o, expires: 2026-12-01 }\n",
        )
        .unwrap_err();
        let shown = render(&problems, false);
        let places: Vec<&str> = shown.lines().filter(|line| line.starts_with("w.yaml:")).collect();
        assert_eq!(
            places,
            [
                "w.yaml:4:59: error[bad-value]: `2030-01-01` is more than 365 days ahead",
                "w.yaml:5:36: error[bad-value]: `owner` is empty",
                "w.yaml:5:60: error[bad-value]: `someday` is no date",
                "w.yaml:6:5: error[missing-key]: a waiver lacks the key `rule`",
                "w.yaml:6:5: error[missing-key]: a waiver lacks the key `reason`",
                "w.yaml:6:7: error[unknown-key]: a waiver has no key `rul`",
            ]
        );
    }
}
