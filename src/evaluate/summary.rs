//! The numbers of one account, and what has to be said of it.

use crate::iam::trust;
use crate::model::evaluation::{AccountResult, MfaCounts, Notice, Unjudged};
use crate::model::{AccountFacts, MfaKind, Role, User};

/// The account as results show it.
pub(super) fn account(facts: &AccountFacts) -> AccountResult {
    let users = facts.users.value().map_or(&[] as &[User], Vec::as_slice);
    let console = || users.iter().filter(|user| user.console_access.value() == Some(&true));
    AccountResult {
        id: facts.account.id.clone(),
        name: facts.account.name.clone(),
        ou_path: facts.account.ou_path.clone(),
        status: facts.status,
        reason: facts.reason.clone(),
        users: number(users.len()),
        console_users: number(console().count()),
        mfa: mfa(console()),
        api_calls: facts.api_calls,
        throttled: facts.throttled,
        credential_report_as_of: facts.credential_report_as_of,
        unjudged: unjudged(facts.roles.value().map_or(&[] as &[Role], Vec::as_slice)),
    }
}

fn mfa<'u>(users: impl Iterator<Item = &'u User>) -> MfaCounts {
    let mut counts = MfaCounts::default();
    for user in users {
        let strongest = user.mfa_devices.value().and_then(|all| all.iter().map(|device| device.kind).max());
        *match (strongest, user.mfa_devices.complete()) {
            (None, Some(_)) => &mut counts.none,
            (Some(MfaKind::Sms), _) => &mut counts.sms,
            (Some(MfaKind::Virtual), _) => &mut counts.virtual_device,
            (Some(MfaKind::HardwareTotp), _) => &mut counts.hardware_totp,
            (Some(MfaKind::Passkey), _) => &mut counts.passkey,
            (Some(MfaKind::Unknown), _) | (None, None) => &mut counts.unknown,
        } += 1;
    }
    counts
}

/// Each role is counted once: Identity Center's own roles trust a SAML provider too.
fn unjudged(roles: &[Role]) -> Unjudged {
    let mut counts = Unjudged::default();
    for role in roles {
        if role.is_identity_center() {
            counts.sso_roles += 1;
            continue;
        }
        let trusts = role.trust_policy.as_deref().map(trust::kinds_of).unwrap_or_default();
        counts.saml_trusts += u64::from(trusts.saml);
        counts.oidc_trusts += u64::from(trusts.oidc);
    }
    counts
}

/// Remarks about the account.
pub(super) fn notices(facts: &AccountFacts) -> Vec<Notice> {
    let of = |message: String| Notice { account: Some(facts.account.id.clone()), message };
    let failed = facts.gaps.iter().map(|gap| {
        let times = if gap.count == 1 { String::new() } else { format!(" ({} times)", gap.count) };
        of(format!("{} failed{times}: {}", gap.operation, gap.reason))
    });
    failed.chain(facts.notices.iter().cloned().map(of)).collect()
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
