//! What users sign in with: passwords, devices, keys.

use portcullis::model::{AccessKey, MfaDevice, MfaKind, Password};

use crate::chance::{Chance, at};
use crate::plan::{Passwords, Plan, Trouble};
use crate::users::BASE32;

/// Services that keys are used for, with the region of the use.
const USES: [(&str, Option<&str>); 6] = [
    ("s3", None),
    ("ecr", Some("eu-west-1")),
    ("ec2", Some("eu-west-1")),
    ("lambda", Some("eu-central-1")),
    ("sts", Some("us-east-1")),
    ("cloudformation", Some("eu-west-1")),
];

/// A password, mostly in use.
pub(crate) fn password(plan: &Plan, chance: &mut Chance) -> Password {
    let last_used = match chance.between(1, 100) {
        ..=78 => Some(chance.days_ago(1, 20)),
        79..=90 => Some(chance.days_ago(21, 88)),
        91..=97 => Some(chance.days_ago(92, 480)),
        _ => None,
    };
    let changed = chance.between(2, if plan.passwords == Passwords::Expiring { 88 } else { 900 });
    Password {
        last_used,
        last_changed: Some(at(-86_400 * changed)),
        next_rotation: (plan.passwords == Passwords::Expiring).then(|| at(86_400 * (90 - changed))),
    }
}

/// The MFA devices of the user `name`: five in six have some.
pub(crate) fn devices(plan: &Plan, name: &str, chance: &mut Chance) -> Vec<MfaDevice> {
    use MfaKind::{HardwareTotp, Passkey, Sms, Virtual};
    let kinds: &[MfaKind] = match chance.between(1, 100) {
        ..=15 => &[],
        16..=68 => &[Virtual],
        69..=79 => &[Passkey],
        80..=84 => &[HardwareTotp],
        85..=91 => &[Passkey, Virtual],
        92..=96 => &[Virtual, Virtual],
        97 => &[Sms],
        _ => &[Virtual, Passkey, Passkey],
    };
    let mut number = 0;
    let mut device = |kind: &MfaKind| {
        number += 1;
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let serial = match kind {
            Virtual | MfaKind::Unknown => plan.arn(&format!("mfa/{name}{suffix}")),
            Passkey => plan.arn(&format!("u2f/user/{name}/key{suffix}-{}", chance.text(BASE32, 26))),
            HardwareTotp => format!("GAHT{}", chance.between(10_000_000, 99_999_999)),
            Sms => plan.arn(&format!("sms-mfa/{name}")),
        };
        MfaDevice { serial, kind: *kind, enabled_at: Some(chance.days_ago(25, 1_100)) }
    };
    kinds.iter().map(&mut device).collect()
}

/// How old a key is and whether it is used.
#[derive(Clone, Copy)]
pub(crate) enum KeyState {
    /// Young, and used.
    Fresh,
    /// Past its ninety days, and used.
    Old,
    /// Old, and not used for months.
    Unused,
    /// Not used at all.
    NeverUsed,
    /// Switched off.
    Inactive,
}

impl KeyState {
    /// One of them, the good ones more often.
    pub(crate) fn any(chance: &mut Chance) -> Self {
        match chance.between(1, 100) {
            ..=38 => Self::Fresh,
            39..=66 => Self::Old,
            67..=80 => Self::Unused,
            81..=88 => Self::NeverUsed,
            _ => Self::Inactive,
        }
    }
}

/// A key in `state`.
pub(crate) fn key(plan: &Plan, state: KeyState, chance: &mut Chance) -> AccessKey {
    let (created, last_used) = match state {
        KeyState::Fresh => (chance.days_ago(20, 85), Some(chance.days_ago(1, 12))),
        KeyState::Old => (chance.days_ago(120, 1_900), Some(chance.days_ago(1, 40))),
        KeyState::Unused => (chance.days_ago(1_000, 2_400), Some(chance.days_ago(95, 980))),
        KeyState::NeverUsed => (chance.days_ago(40, 700), None),
        KeyState::Inactive => (chance.days_ago(300, 1_500), Some(chance.days_ago(100, 290))),
    };
    let at = usize::try_from(chance.between(0, 5)).unwrap_or_default();
    let (service, region) = USES.get(at).copied().filter(|_| last_used.is_some()).unzip();
    let number = chance.between(1_000, 9_999);
    AccessKey {
        id: (plan.trouble == Trouble::NoReport).then(|| format!("AKIAACMEEXAMPLE0{number}")),
        active: !matches!(state, KeyState::Inactive),
        created: Some(created),
        last_used,
        last_used_service: service.map(str::to_owned),
        last_used_region: region.flatten().map(str::to_owned),
    }
}
