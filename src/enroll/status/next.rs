//! What to do next, by what is known. Pure.

use super::{As, Status};
use crate::enroll::advice::MOST_DEVICES;
use crate::enroll::devices::{Device, word};
use crate::enroll::guarded::Guarded;

/// The next steps, the most urgent first.
pub(super) fn steps(status: &Status, guarded: &Guarded) -> Vec<String> {
    let Some(devices) = &status.devices else {
        return vec![format!(
            "the devices could not be read: ask an administrator to run `portcullis mfa status {}`",
            word(&status.user)
        )];
    };
    let steps = [
        first_device(status, devices, guarded),
        codes_for_keys(status, devices, guarded),
        session(status, devices),
        release(status, devices),
        backup(status, devices),
    ];
    steps.into_iter().flatten().collect()
}

fn first_device(status: &Status, devices: &[Device], guarded: &Guarded) -> Option<String> {
    if !devices.is_empty() {
        return None;
    }
    let enroll = enroll(status);
    Some(match guarded.is() {
        Some(true) => format!("no device, and everything else is denied until there is one: {enroll}"),
        None => format!("no device, and perhaps guarded, which could not be read: {enroll}"),
        _ if status.console_password == Some(false) && status.active_access_keys == Some(0) => {
            format!(
                "no device, and neither a password nor an active access key to protect; before there is one: {enroll}"
            )
        }
        _ => format!("no device: {enroll}"),
    })
}

/// Passkeys open no sessions for access keys (aws-facts 2.12).
fn codes_for_keys(status: &Status, devices: &[Device], guarded: &Guarded) -> Option<String> {
    let has_keys = status.active_access_keys.is_some_and(|keys| keys > 0);
    if devices.is_empty() || !has_keys || devices.iter().any(Device::shows_codes) {
        return None;
    }
    let denied = if guarded.binds_keys() { ", which the guard denies everything without one" } else { "" };
    let enroll = enroll(status);
    Some(format!("passkeys open no session for the user's access keys{denied}: add an authenticator app, {enroll}"))
}

/// Under a guard, or what may be one, access keys do nothing without a session.
fn session(status: &Status, devices: &[Device]) -> Option<String> {
    let is_key = status.acting == As::Oneself && status.credentials.mfa == Some(false);
    if !is_key || status.guarded == Some(false) || !devices.iter().any(Device::shows_codes) {
        return None;
    }
    Some("these credentials carry no MFA: `portcullis mfa session` opens a session that does".to_owned())
}

fn release(status: &Status, devices: &[Device]) -> Option<String> {
    if devices.is_empty() || status.guards.is_empty() {
        return None;
    }
    Some(
        "enrolled and still guarded: an administrator takes the guard away with `portcullis enforce release`"
            .to_owned(),
    )
}

fn backup(status: &Status, devices: &[Device]) -> Option<String> {
    if devices.len() != 1 {
        return (devices.len() >= MOST_DEVICES).then(|| {
            format!(
                "no room for another device: `portcullis mfa remove` takes one away, of {MOST_DEVICES} that AWS allows"
            )
        });
    }
    let enroll = enroll(status);
    // AWS asks it of users who have a device, and not of administrators (aws-facts 2.10).
    let signed_in = if status.acting == As::Oneself && status.credentials.mfa == Some(false) {
        ", signed in with MFA (`portcullis mfa session`)"
    } else {
        ""
    };
    Some(format!("one device, and no way in if it is lost: enroll a second one{signed_in}, {enroll}"))
}

/// The command that gives the user a device.
fn enroll(status: &Status) -> String {
    match status.acting {
        As::Oneself => "`portcullis mfa enroll`".to_owned(),
        As::Administrator => format!("`portcullis mfa enroll --user {}`", word(&status.user)),
    }
}

#[cfg(test)]
mod tests;
