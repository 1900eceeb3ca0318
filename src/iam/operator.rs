//! Condition operators (IAM User Guide, `reference_policies_elements_condition_operators` and
//! `reference_policies_multi-value-conditions`).

use std::cmp::Ordering;

/// A condition operator, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    /// What is compared, and how.
    pub(super) comparison: Comparison,
    /// Whether it is one of the `Not…` forms: it holds when none of the values matches.
    pub(super) negated: bool,
    /// Whether it ends in `IfExists`: it holds when the key is absent.
    pub(super) if_exists: bool,
    /// Its `ForAllValues:` or `ForAnyValue:`.
    pub(super) quantifier: Option<Quantifier>,
}

/// How the value of a request is held against the values of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `StringEquals`: the same text.
    Equals { ignore_case: bool },
    /// `StringLike`: a pattern.
    Like,
    /// `Numeric…`.
    Numeric(Order),
    /// `Date…`.
    Date(Order),
    /// `Bool`.
    Bool,
    /// `BinaryEquals`: base64 of the same bytes.
    Binary,
    /// `IpAddress`.
    Ip,
    /// `ArnLike` and `ArnEquals`, which are the same.
    Arn,
    /// `Null`: whether the key is absent.
    Null,
}

/// How a number or a moment of the request has to stand to that of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What has to hold of the values of a multi-valued key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// Each of them matches; so it is without any.
    ForAllValues,
    /// One of them matches; so it is not without any.
    ForAnyValue,
}

impl Operator {
    /// Reads an operator as a policy writes it; `None` if AWS has no such operator. Letter case matters, as everywhere
    /// in the grammar but in actions and keys.
    pub(super) fn read(written: &str) -> Option<Self> {
        let (quantifier, rest) = match written.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, written),
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let (comparison, negated) = Comparison::read(name)?;
        if comparison == Comparison::Null && (if_exists || quantifier.is_some()) {
            return None;
        }
        Some(Self { comparison, negated, if_exists, quantifier })
    }
}

impl Comparison {
    fn read(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "StringEquals" => (Self::Equals { ignore_case: false }, false),
            "StringNotEquals" => (Self::Equals { ignore_case: false }, true),
            "StringEqualsIgnoreCase" => (Self::Equals { ignore_case: true }, false),
            "StringNotEqualsIgnoreCase" => (Self::Equals { ignore_case: true }, true),
            "StringLike" => (Self::Like, false),
            "StringNotLike" => (Self::Like, true),
            "Bool" => (Self::Bool, false),
            "BinaryEquals" => (Self::Binary, false),
            "IpAddress" => (Self::Ip, false),
            "NotIpAddress" => (Self::Ip, true),
            "ArnEquals" | "ArnLike" => (Self::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Self::Arn, true),
            "Null" => (Self::Null, false),
            _ => {
                let (ordered, order): (fn(Order) -> Self, &str) = match name.strip_prefix("Numeric") {
                    Some(order) => (Self::Numeric, order),
                    None => (Self::Date, name.strip_prefix("Date")?),
                };
                let (order, negated) = Order::read(order)?;
                (ordered(order), negated)
            }
        })
    }
}

impl Order {
    fn read(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "Equals" => (Self::Equal, false),
            "NotEquals" => (Self::Equal, true),
            "LessThan" => (Self::Less, false),
            "LessThanEquals" => (Self::LessOrEqual, false),
            "GreaterThan" => (Self::Greater, false),
            "GreaterThanEquals" => (Self::GreaterOrEqual, false),
            _ => return None,
        })
    }

    /// Whether it holds, the value of the request being so ordered towards that of the policy.
    pub(super) const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests;
