//! Documents that deny nearly everything without MFA: whether they do it right.

use crate::iam::document::{Effect, Elements, Statement};
use crate::iam::guard::{Classification, Flaw, Known, Variant};
use crate::iam::mfa::{AGE, MfaContext, PRESENT};

use super::partitions::{partition_of, texts};
use super::places::At;
use super::{Finding, Lint, Looking};

/// The account for whose users it is asked, where the document names none.
const ACCOUNT: &str = "111122223333";

pub(super) fn look(looking: &mut Looking<'_>, partition: Option<&str>) {
    let document = looking.document;
    let Some(guard) = document.statements.iter().position(is_guard) else { return };
    let arns = || document.statements.iter().flat_map(|statement| texts(0, statement)).map(|(_, text)| text);
    let partition = partition.or_else(|| arns().find_map(partition_of)).unwrap_or("aws");
    let account = arns().find_map(account_of).unwrap_or(ACCOUNT);
    let classification = Classification::of(document, partition, account);
    // It leaves access keys alone on purpose.
    if classification.known == Some(Known::Ours(Variant::ConsoleOnly)) {
        looking.findings.retain(|finding| finding.lint != Lint::MissesAccessKeys);
    }
    let misses_keys = looking.findings.iter().any(|finding: &Finding| finding.lint == Lint::MissesAccessKeys);
    for flaw in &classification.flaws {
        let lint = match flaw {
            Flaw::Open(hole) => {
                let is_told = hole.context == MfaContext::LongTermKey && misses_keys;
                let is_meant = classification.known == Some(Known::Ours(Variant::ConsoleOnly));
                if is_told || is_meant {
                    continue;
                }
                Lint::GuardHole
            }
            Flaw::BlocksEnrollment { .. } => Lint::GuardBlocksEnrollment,
            Flaw::DeniesWithMfa { .. } => Lint::GuardDeniesWithMfa,
            Flaw::AllowsRemoval { .. } => Lint::GuardAllowsRemoval,
            Flaw::DeniesServices => Lint::GuardDeniesServices,
            Flaw::GrantsNoEnrollment { .. } => Lint::GuardGrantsNoEnrollment,
            Flaw::NotForPaths { .. } => Lint::GuardNotForPaths,
        };
        looking.found(lint, At::Part(guard, "Action"), flaw.to_string());
    }
}

/// Whether a statement denies nearly everything, depending on MFA.
fn is_guard(statement: &Statement) -> bool {
    let is_broad = match &statement.action {
        Elements::Except(_) => true,
        Elements::Listed(list) => list.iter().any(|pattern| pattern == "*"),
    };
    let mut keys = statement.conditions().iter().flat_map(|block| &block.keys);
    statement.effect == Effect::Deny
        && is_broad
        && keys.any(|key| [PRESENT, AGE].iter().any(|mfa| mfa.eq_ignore_ascii_case(&key.key)))
}

fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}
