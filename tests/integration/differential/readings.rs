//! How the server reads operators and values.

/// The operators of AWS.
const NAMES: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// An operator of AWS, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading<'a> {
    /// `ForAllValues:`, `ForAnyValue:` or nothing.
    pub(super) set: &'a str,
    /// The operator itself.
    pub(super) name: &'a str,
    /// `IfExists` or nothing.
    pub(super) if_exists: &'a str,
}

impl<'a> Reading<'a> {
    /// Takes an operator apart; `None` if AWS has no such operator.
    pub(super) fn of(operator: &'a str) -> Option<Self> {
        let (set, rest) = operator.split_at(operator.find(':').map_or(0, |colon| colon + 1));
        let (name, if_exists) = rest.split_at(rest.strip_suffix("IfExists").map_or(rest.len(), str::len));
        let is_known = matches!(set, "" | "ForAllValues:" | "ForAnyValue:") && NAMES.contains(&name);
        (is_known && (name != "Null" || set.is_empty() && if_exists.is_empty())).then_some(Self {
            set,
            name,
            if_exists,
        })
    }

    /// The operator of AWS that differs from this one in letter case only.
    pub(super) fn in_any_case(operator: &str) -> Option<String> {
        let sets = ["", "ForAllValues:", "ForAnyValue:"];
        let mut all = sets
            .iter()
            .flat_map(|set| NAMES.iter().flat_map(move |name| ["", "IfExists"].map(|end| format!("{set}{name}{end}"))));
        all.find(|known| known.eq_ignore_ascii_case(operator) && Reading::of(known).is_some())
    }
}

/// Whether it reads `text` as a number.
pub(super) fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// Whether it reads `text` as a moment.
pub(super) fn is_date(text: &str) -> bool {
    is_number(text) || text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok()
}

/// Whether it reads `text` as a range of addresses.
pub(super) fn is_range(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let most = match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}
