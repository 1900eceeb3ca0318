//! Values of flags: from text to what it means, or what was expected instead.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Severity, Target, arn};
use crate::report::Format;

use super::{Shard, Sink};

pub(super) fn account_id(text: &str) -> Result<String, String> {
    if arn::is_account_id(text) { Ok(text.to_owned()) } else { Err("expected an account id: twelve digits".to_owned()) }
}

/// A name that AWS takes for a user: 1 to 64 characters of `[\w+=,.@-]` (`CreateUser`).
pub(super) fn user_name(text: &str) -> Result<String, String> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char);
    if (1..=64).contains(&text.len()) && text.chars().all(is_allowed) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 letters, digits and characters of _+=,.@-".to_owned())
    }
}

pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let parsed =
        text.split_once('/').and_then(|(part, of)| Some(Shard { part: part.parse().ok()?, of: of.parse().ok()? }));
    parsed
        .filter(|shard| shard.part < shard.of)
        .ok_or_else(|| "expected K/N with K from 0 to N-1, such as 0/4".to_owned())
}

pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    crate::rules::compile::parse_duration(text)
        .ok_or_else(|| "expected a number and a unit, such as 30m or 2h".to_owned())
}

pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let midnight =
        |date: jiff::civil::Date| jiff::tz::TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    // Jiff reads a date out of a time without zone too, and would drop the hours.
    let date = || midnight((text.len() == "2026-11-24".len()).then(|| text.parse().ok())??).ok();
    text.parse()
        .ok()
        .or_else(date)
        .ok_or_else(|| "expected a moment such as 2026-11-24T06:00:00Z, or a date".to_owned())
}

pub(super) fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| format!("expected one of {}", Severity::ALL.map(Severity::as_str).join(", ")))
}

pub(super) fn target(text: &str) -> Result<Target, String> {
    Target::parse(text).ok_or_else(|| format!("expected one of {}", Target::ALL.map(Target::as_str).join(", ")))
}

pub(super) fn report_sink(text: &str) -> Result<Sink, String> {
    sink(text, &Format::ALL.map(Format::as_str), Format::parse)
}

/// `FORMAT` or `FORMAT=PATH`, where FORMAT is one of `names`.
pub(super) fn sink<F>(text: &str, names: &[&str], parse: impl Fn(&str) -> Option<F>) -> Result<Sink<F>, String> {
    let (name, path) = match text.split_once('=') {
        Some((_, "")) => return Err("the path after `=` is empty".to_owned()),
        Some((name, path)) => (name, Some(PathBuf::from(path))),
        None => (text, None),
    };
    let format = parse(name).ok_or_else(|| format!("expected one of {}", names.join(", ")))?;
    Ok(Sink { format, path })
}

pub(super) fn percent(text: &str) -> Result<f64, String> {
    let parsed = text.strip_suffix('%').unwrap_or(text).parse().ok();
    parsed.filter(|percent| (0.0..=100.0).contains(percent)).ok_or_else(|| "expected a number from 0 to 100".to_owned())
}

pub(super) fn role_name(text: &str) -> Result<String, String> {
    let is_name = !text.ends_with('/') && !text.is_empty() && !text.contains(':');
    is_name.then(|| text.to_owned()).ok_or_else(|| "expected the name of a role, not an ARN".to_owned())
}

pub(super) fn hash(text: &str) -> Result<String, String> {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase()).ok_or_else(|| "expected a hash: 64 hexadecimal digits".to_owned())
}

/// A break-glass principal. Strict, for one that fits nobody protects nobody, and nobody would notice.
pub(super) fn break_glass(text: &str) -> Result<String, String> {
    let expected = || {
        "expected arn:PARTITION:iam::ACCOUNT:user/NAME (or role/NAME, or root); `*` and `?` are wildcards".to_owned()
    };
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = fields.as_slice() else { return Err(expected()) };
    let is_wild = |byte: u8| matches!(byte, b'*' | b'?');
    let is_partition = !partition.is_empty()
        && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || is_wild(byte));
    let is_glob = account.contains(['*', '?']) && account.bytes().all(|byte| byte.is_ascii_digit() || is_wild(byte));
    let name = ["user/", "role/"].into_iter().find_map(|kind| resource.strip_prefix(kind));
    let is_principal = *resource == "root"
        || name.is_some_and(|name| {
            // IAM's own alphabet of paths and names, without the comma, which parts values here.
            let fits = |byte: u8| byte.is_ascii_graphic() && byte != b',';
            !name.is_empty() && name.bytes().all(fits)
        });
    let is_right = is_partition && *service == "iam" && (is_glob || arn::is_account_id(account)) && is_principal;
    is_right.then(|| text.to_owned()).ok_or_else(expected)
}
