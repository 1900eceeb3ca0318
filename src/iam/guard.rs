//! Guards: policies that deny what a caller without MFA asks for.
//!
//! Ours come from `policies/guards/`. Somebody's own, or one copied from AWS's documentation, is classified by what it
//! does: asked of the evaluator beside a policy that allows everything, in every way to sign in.

mod classify;
mod flaw;

use std::fmt;

use super::document::{Document, Effect, Statement};
use super::mfa::{AGE, MfaContext, PRESENT, VIA_SERVICE};

pub use classify::Classification;
pub use flaw::Flaw;

/// The path of our guards.
pub const PATH: &str = "/portcullis/";

/// One of our guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variant {
    /// Denies every caller without MFA, access keys included.
    Strict,
    /// Denies console sessions without MFA, and leaves access keys alone.
    ConsoleOnly,
}

impl Variant {
    /// All.
    pub const ALL: [Self; 2] = [Self::Strict, Self::ConsoleOnly];

    /// The name of its policy.
    #[must_use]
    pub const fn policy_name(self) -> &'static str {
        match self {
            Self::Strict => "deny-without-mfa",
            Self::ConsoleOnly => "deny-without-mfa-console-only",
        }
    }

    /// The ARN of its policy in an account.
    #[must_use]
    pub fn arn(self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:policy{PATH}{}", self.policy_name())
    }

    /// The ways to sign in without MFA that it denies.
    #[must_use]
    pub const fn covers(self) -> &'static [MfaContext] {
        match self {
            Self::Strict => &[MfaContext::LongTermKey, MfaContext::ConsoleWithoutMfa, MfaContext::SessionWithoutMfa],
            Self::ConsoleOnly => &[MfaContext::ConsoleWithoutMfa, MfaContext::SessionWithoutMfa],
        }
    }

    /// Its document for a partition, pretty-printed; `via_services` says whether calls that services make for the user
    /// are exempt, as by default.
    ///
    /// Without the exemption also a user who signed in with MFA is denied what a service does in their name
    /// (aws-facts 3.10).
    #[must_use]
    pub fn text(self, partition: &str, via_services: bool) -> String {
        let template = match self {
            Self::Strict => include_str!("../../policies/guards/deny-without-mfa.json"),
            Self::ConsoleOnly => include_str!("../../policies/guards/deny-without-mfa-console-only.json"),
        };
        let text = template.replace("${Partition}", partition);
        if via_services { text } else { without_exemption(&text) }
    }

    /// Which of ours has this ARN in this account.
    #[must_use]
    pub fn of_account(arn: &str, partition: &str, account: &str) -> Option<Self> {
        Self::of_arn(arn).filter(|variant| variant.arn(partition, account) == arn)
    }

    /// Which of ours has this ARN, in whatever account.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (_, resource) = arn.split_once(":policy")?;
        let name = resource.strip_prefix(PATH)?;
        Self::ALL.into_iter().find(|variant| variant.policy_name() == name)
    }
}

/// Takes the lines about `aws:ViaAWSService` out of a template.
fn without_exemption(text: &str) -> String {
    let Ok(mut document) = Document::parse(text) else { return text.to_owned() };
    for condition in document.statements.iter_mut().filter_map(|statement| statement.condition.as_mut()) {
        for block in &mut condition.blocks {
            block.keys.retain(|key| !key.key.eq_ignore_ascii_case(VIA_SERVICE));
        }
        condition.blocks.retain(|block| !block.keys.is_empty());
    }
    serde_json::to_string_pretty(&document).unwrap_or_else(|_| text.to_owned())
}

/// A guard that is told by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Ours.
    Ours(Variant),
    /// The deny of AWS's pages "my-sec-creds-self-manage" and "…-mfa-only" (aws-facts 3.1, 3.2).
    AwsSelfManage,
    /// The same with `iam:GetMFADevice`, as in newer copies (3.3).
    AwsSelfManageNewer,
    /// The deny of AWS's page "iam_mfa-selfmanage" (3.2).
    AwsMfaSelfManage,
}

impl Known {
    /// Which well-known text `document` is, in a partition.
    #[must_use]
    pub fn of(document: &Document, partition: &str) -> Option<Self> {
        let ours = Variant::ALL.into_iter().find(|variant| {
            [true, false].iter().any(|via| Document::parse(&variant.text(partition, *via)).as_ref() == Ok(document))
        });
        if let Some(variant) = ours {
            return Some(Self::Ours(variant));
        }
        let mut denies = document.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let (Some(deny), None) = (denies.next(), denies.next()) else { return None };
        is_aws_deny(deny).then(|| Self::of_exempted(deny.not_actions()))?
    }

    fn of_exempted(actions: &[String]) -> Option<Self> {
        let with = |more: &'static [&'static str]| SHARED.iter().chain(more.iter()).copied();
        let texts: [(Self, &'static [&'static str]); 3] = [
            (Self::AwsSelfManage, &["iam:getuser", "sts:getsessiontoken"]),
            (Self::AwsSelfManageNewer, &["iam:getmfadevice", "iam:getuser", "sts:getsessiontoken"]),
            (Self::AwsMfaSelfManage, &["iam:listusers"]),
        ];
        let mut exempted: Vec<String> = actions.iter().map(|action| action.to_ascii_lowercase()).collect();
        exempted.sort_unstable();
        exempted.dedup();
        let same = |more: &'static [&'static str]| {
            let mut expected: Vec<&str> = with(more).collect();
            expected.sort_unstable();
            expected == exempted
        };
        texts.into_iter().find(|(_, more)| same(more)).map(|(known, _)| known)
    }
}

/// Whether a statement of `document` denies something and asks for MFA: without one it guards nothing.
#[must_use]
pub fn asks_for_mfa(document: &Document) -> bool {
    let of_mfa = |key: &str| key.eq_ignore_ascii_case(PRESENT) || key.eq_ignore_ascii_case(AGE);
    document
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Deny)
        .any(|statement| statement.conditions().iter().flat_map(|block| &block.keys).any(|key| of_mfa(&key.key)))
}

/// What all of AWS's guards exempt.
const SHARED: [&str; 5] = [
    "iam:createvirtualmfadevice",
    "iam:enablemfadevice",
    "iam:listmfadevices",
    "iam:listvirtualmfadevices",
    "iam:resyncmfadevice",
];

/// Whether the statement is `Deny … Resource * BoolIfExists aws:MultiFactorAuthPresent false`, and no more.
fn is_aws_deny(statement: &Statement) -> bool {
    let [block] = statement.conditions() else { return false };
    let [key] = block.keys.as_slice() else { return false };
    let is_false = matches!(key.values.as_slice(), [value] if value.eq_ignore_ascii_case("false"));
    matches!(statement.resources(), [resource] if resource == "*")
        && block.operator == "BoolIfExists"
        && key.key.eq_ignore_ascii_case(PRESENT)
        && is_false
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ours(Variant::Strict) => "portcullis, strict",
            Self::Ours(Variant::ConsoleOnly) => "portcullis, console only",
            Self::AwsSelfManage => "AWS, my-sec-creds-self-manage",
            Self::AwsSelfManageNewer => "AWS, my-sec-creds-self-manage with GetMFADevice",
            Self::AwsMfaSelfManage => "AWS, iam_mfa-selfmanage",
        })
    }
}

#[cfg(test)]
mod tests;
