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
    /// The moment of the run. An exception ends on its day, also where an old snapshot is judged.
    now: Timestamp,
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
    /// The waiver in force for a failure of `rule` on `resource` of `account`, and its place in the list.
    #[must_use]
    pub fn find(&self, rule: &str, account: &str, resource: &str) -> Option<(usize, &Waiver)> {
        let in_force = |waiver: &Waiver| self.now < waiver.ends && waiver.covers(rule, account, resource);
        self.all.iter().enumerate().find(|(_, waiver)| in_force(waiver))
    }

    /// What has to be said of the waivers after a run in which each waived so many failures.
    #[must_use]
    pub fn remarks(&self, waived: &[u64]) -> Vec<String> {
        let mut remarks = Vec::new();
        for (at, waiver) in self.all.iter().enumerate() {
            let Waiver { place, written: [rule, account, resource], .. } = waiver;
            let what = format!("waiver {place} (rule {rule}, account {account}, resource {resource})");
            let count = waived.get(at).copied().unwrap_or(0);
            if self.now >= waiver.ends {
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
        let [rule, account, resource] = self.written.each_ref().map(String::as_str);
        is_any(rule) || (is_any(account) && (is_any(resource) || is_any_arn(resource)))
    }
}

/// Whether a glob consists of wildcards only, and so names nothing: `*`, `?*`, `????????????`.
fn is_any(glob: &str) -> bool {
    glob.chars().all(|character| matches!(character, '*' | '?'))
}

/// Whether a glob fits the ARNs of every account, and of everything there or of everything of a type: `arn:*`,
/// `arn:*:iam::*:*`, `arn:aws:iam::*:user/*`.
fn is_any_arn(glob: &str) -> bool {
    const TYPES: [&str; 5] = ["", "user/", "role/", "group/", "policy/"];
    const FIELDS: [&[&str]; 5] = [&["", "aws", "aws-", "aws-cn", "aws-us-gov"], &["", "iam"], &[""], &[""], &TYPES];
    let Some(fields) = glob.strip_prefix("arn:").filter(|glob| glob.ends_with(['*', '?'])) else { return false };
    fields.splitn(5, ':').zip(FIELDS).all(|(field, known)| known.contains(&field.trim_end_matches(['*', '?'])))
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
    if problems.is_empty() { Ok(Waivers { all, now }) } else { Err(problems) }
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
        Some((Value::Integer(id), node)) if *id < 0 => {
            let label = "expected the 12 digits of an account id, or a glob";
            decoder.report(Code::BadValue, &node.span, format!("`{id}` is no account id"), label, None);
            None
        }
        Some((Value::Integer(id), _)) => Some(format!("{id:012}")),
        Some((_, node)) => decoder.filled_text(node, "`account`").map(str::to_owned),
    }
}

/// The end as written, and as a moment. A date counts through its end, in UTC.
fn expiry(decoder: &mut Decoder, node: &Node, now: Timestamp, max_days: i64) -> Option<(String, Timestamp)> {
    let text = decoder.filled_text(node, "`expires`")?;
    let Some(ends) = moment(text) else {
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

/// The first moment behind `YYYY-MM-DD`, or the moment of RFC 3339. Other forms are refused: they leave open which day or
/// which moment is meant.
fn moment(text: &str) -> Option<Timestamp> {
    let is_date = |text: &str| {
        let shape = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        text.len() == 10 && text.bytes().enumerate().all(shape)
    };
    if is_date(text) {
        let next = text.parse::<Date>().ok()?.tomorrow().ok()?;
        return TimeZone::UTC.to_timestamp(next.to_datetime(Time::midnight())).ok();
    }
    let (date, time) = text.split_once(['T', 't', ' '])?;
    // The offset: `Z`, or hours and minutes.
    let (clock, offset) = time.split_at(time.find(['Z', 'z', '+', '-'])?);
    let is_offset = matches!(offset, "Z" | "z")
        || matches!(offset.as_bytes(), [_, a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    let is_clock = clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')) && clock.len() >= 8;
    if is_date(date) && is_clock && is_offset { text.parse().ok() } else { None }
}

fn too_late(decoder: &mut Decoder, span: &Span, text: &str, max_days: i64) {
    let message = format!("`{text}` is more than {max_days} days ahead");
    let help = Some("a waiver is for a time; renew it when it ends".to_owned());
    decoder.report(Code::BadValue, span, message, "too far ahead", help);
}

#[cfg(test)]
mod tests;
