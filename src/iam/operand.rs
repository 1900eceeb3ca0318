//! The values of a condition, compiled once, and how those of a request are held against them.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::context::Context;
use super::notes::Notes;
use super::operator::Comparison;
use super::template::{Filled, Style, Template};
use super::truth::Truth;
use super::wildcard::Wildcard;

/// The number of fields of an ARN: `arn:partition:service:region:account:resource`.
const ARN_FIELDS: usize = 6;

/// A value that a policy compares with.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// A text or pattern.
    Text { template: Template, ignore_case: bool },
    /// An ARN, fields compiled where it has no variables; `None` if it is none, and matches nothing.
    Arn(Option<Vec<Wildcard>>),
    /// An ARN with variables.
    ArnTemplate(Template),
    /// A number.
    Number(Number),
    /// A moment.
    Moment(Timestamp),
    /// A truth value.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A range of addresses: the first, and how many of its bits count.
    Range(IpAddr, u8),
    /// It is not of the kind that its operator asks for.
    Malformed(Box<str>),
}

impl Operand {
    /// Compiles the value `written` under an operator; `variables` says whether its document has any.
    pub(super) fn new(comparison: Comparison, written: &str, variables: bool) -> Self {
        let malformed = |what: &str| Self::Malformed(format!("`{written}` is no {what}").into());
        match comparison {
            Comparison::Equals { ignore_case } => {
                Self::Text { template: Template::new(written, Style::Literal, variables), ignore_case }
            }
            Comparison::Like => {
                Self::Text { template: Template::new(written, Style::Wild, variables), ignore_case: false }
            }
            Comparison::Arn => match Template::new(written, Style::Wild, variables) {
                Template::Fixed(pattern) => Self::Arn(pattern.fields(ARN_FIELDS)),
                template @ Template::Variable { .. } => Self::ArnTemplate(template),
            },
            Comparison::Numeric(_) => Number::read(written).map_or_else(|| malformed("number"), Self::Number),
            Comparison::Date(_) => moment(written).map_or_else(|| malformed("date"), Self::Moment),
            // Live: what is not "true" counts as false (aws-facts 7.11).
            Comparison::Bool => Self::Bool(is_true(written)),
            Comparison::Null => match written.to_ascii_lowercase().as_str() {
                "true" => Self::Bool(true),
                "false" => Self::Bool(false),
                _ => malformed("`true` or `false`"),
            },
            Comparison::Binary => {
                data_encoding::BASE64.decode(written.as_bytes()).map_or_else(|_| malformed("base64 text"), Self::Bytes)
            }
            Comparison::Ip => range(written)
                .map_or_else(|| malformed("range of IP addresses"), |(first, bits)| Self::Range(first, bits)),
        }
    }

    /// Whether it matches `value` of the request. A value that is not of its kind matches nothing.
    pub(super) fn matches(
        &self,
        comparison: Comparison,
        value: &str,
        context: &Context,
        notes: &mut impl Notes,
    ) -> Truth {
        match self {
            Self::Text { template, ignore_case } => match template.fill(context, notes) {
                Filled::Pattern(pattern) if *ignore_case => pattern.matches_ignore_case(value).into(),
                Filled::Pattern(pattern) => pattern.matches(value).into(),
                Filled::Nothing => Truth::No,
                Filled::Open => Truth::Unknown,
            },
            Self::Arn(pattern) => pattern.as_ref().is_some_and(|pattern| arn_matches(pattern, value)).into(),
            Self::ArnTemplate(template) => match template.fill(context, notes) {
                Filled::Pattern(pattern) => {
                    pattern.fields(ARN_FIELDS).is_some_and(|pattern| arn_matches(&pattern, value)).into()
                }
                Filled::Nothing => Truth::No,
                Filled::Open => Truth::Unknown,
            },
            Self::Number(number) => {
                ordered(comparison, Number::read(value).and_then(|value| value.compare(*number))).into()
            }
            Self::Moment(moment) => ordered(comparison, self::moment(value).map(|value| value.cmp(moment))).into(),
            Self::Bool(expected) => (is_true(value) == *expected).into(),
            Self::Bytes(bytes) => {
                data_encoding::BASE64.decode(value.as_bytes()).is_ok_and(|value| value == *bytes).into()
            }
            Self::Range(first, bits) => value.parse().is_ok_and(|address| in_range(address, *first, *bits)).into(),
            Self::Malformed(reason) => {
                notes.unknown(reason);
                Truth::Unknown
            }
        }
    }

    /// The condition keys that its variables name.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let template = match self {
            Self::Text { template, .. } | Self::ArnTemplate(template) => Some(template),
            _ => None,
        };
        template.into_iter().flat_map(Template::variables)
    }
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn ordered(comparison: Comparison, ordering: Option<Ordering>) -> bool {
    match comparison {
        Comparison::Numeric(order) | Comparison::Date(order) => ordering.is_some_and(|ordering| order.holds(ordering)),
        _ => false,
    }
}

/// Field by field: a wildcard does not reach over a colon, except in the last.
fn arn_matches(pattern: &[Wildcard], arn: &str) -> bool {
    let mut fields = arn.splitn(ARN_FIELDS, ':');
    pattern.iter().all(|pattern| fields.next().is_some_and(|field| pattern.matches(field)))
}

/// A number, exact where it is whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i128),
    Decimal(f64),
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(whole) = text.parse() {
            return Some(Self::Whole(whole));
        }
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
        text.parse().ok().filter(|number: &f64| plain && number.is_finite()).map(Self::Decimal)
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(&other)),
            _ => self.decimal().partial_cmp(&other.decimal()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the other number is decimal and has no more digits")]
    const fn decimal(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Decimal(decimal) => decimal,
        }
    }
}

/// A moment: seconds since 1970, or one of the forms of ISO 8601 that the W3C's note on it has: a month, a date, or a date
/// and a time with its zone, seconds and their fractions left out or not. A year alone would be seconds.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // Jiff reads a date out of a time without zone too, and would drop the hours.
    let date: Date = match text.len() {
        7 => format!("{text}-01").parse().ok()?,
        10 => text.parse().ok()?,
        _ => return None,
    };
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

fn range(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address.parse().ok()?, Some(bits.parse::<u8>().ok()?)),
        None => (text.parse().ok()?, None),
    };
    let width = width(address);
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some((address, bits))
}

const fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn in_range(address: IpAddr, first: IpAddr, bits: u8) -> bool {
    let differing = match (address, first) {
        (IpAddr::V4(address), IpAddr::V4(first)) => u128::from(address.to_bits() ^ first.to_bits()),
        (IpAddr::V6(address), IpAddr::V6(first)) => address.to_bits() ^ first.to_bits(),
        _ => return false,
    };
    let ignored = u32::from(width(first) - bits);
    differing.checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests;
