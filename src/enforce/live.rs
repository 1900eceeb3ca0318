//! What a user has at this moment that a scan does not read: every way in beside the password, read for one user.
//!
//! Whatever cannot be read is a gap, with the call and the reason; a gap holds the user back.

use crate::aws::answers::KeyUse;
use crate::aws::{AwsError, Reader};
use crate::model::MfaDevice;

use super::draft::Live;
use super::plan::Key;

/// The call that tells of what a key was last used for.
const LAST_USED: &str = "iam:GetAccessKeyLastUsed";

/// A user as it is now. What could not be read is among `live.gaps`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// Its keys and other credentials, and whether its password must be changed.
    pub live: Live,
    /// Whether it has a console password; `None` if that could not be read.
    pub has_password: Option<bool>,
    /// Its MFA devices; `None` if they could not be read.
    pub devices: Option<Vec<MfaDevice>>,
}

/// Reads the user called `name`, with two calls at a time. Never fails: see [`Live::gaps`].
pub async fn read_user(reader: &Reader, name: &str) -> Present {
    let (keys, rest) = tokio::join!(access_keys(reader, name), everything_else(reader, name));
    let mut present = rest;
    present.live.keys = keys.0;
    present.live.gaps.extend(keys.1);
    present
}

/// The keys, and what could not be read of them. Of keys that are not active the last use is not asked.
async fn access_keys(reader: &Reader, name: &str) -> (Vec<Key>, Vec<String>) {
    let mut gaps = Vec::new();
    let listed = reader.access_keys(name).await.unwrap_or_else(|error| {
        gaps.push(gap("its access keys", &error));
        Vec::new()
    });
    let mut keys = Vec::with_capacity(listed.len());
    for found in listed {
        let used = if found.active { reader.access_key_last_used(&found.id).await } else { Ok(KeyUse::default()) };
        let used = used.unwrap_or_else(|error| {
            gaps.push(gap(&format!("the last use of {}", found.id), &error));
            KeyUse::default()
        });
        let source = if found.active { LAST_USED } else { "iam:ListAccessKeys" }.to_owned();
        keys.push(Key {
            id: Some(found.id),
            active: found.active,
            last_used: used.last_used,
            service: used.service,
            region: used.region,
            source,
        });
    }
    (keys, gaps)
}

async fn everything_else(reader: &Reader, name: &str) -> Present {
    let mut present = Present::default();
    match reader.login_profile(name).await {
        Ok(profile) => {
            present.has_password = Some(profile.is_some());
            present.live.password_reset = profile.is_some_and(|profile| profile.reset_required);
        }
        Err(error) => present.live.gaps.push(gap("whether it has a password", &error)),
    }
    match reader.mfa_devices(name).await {
        Ok(devices) => present.devices = Some(devices),
        Err(error) => present.live.gaps.push(gap("its MFA devices", &error)),
    }
    match reader.service_credentials(name).await {
        Ok(credentials) => {
            let active = credentials.into_iter().filter(|credential| credential.active);
            present.live.service_credentials = active.map(|credential| credential.service).collect();
        }
        Err(error) => present.live.gaps.push(gap("its service-specific credentials", &error)),
    }
    match reader.ssh_keys(name).await {
        Ok(keys) => present.live.ssh_keys = keys.iter().filter(|key| key.active).count(),
        Err(error) => present.live.gaps.push(gap("its SSH keys", &error)),
    }
    present
}

fn gap(what: &str, error: &AwsError) -> String {
    let operation = error.operation().map_or_else(String::new, |operation| format!("{}: ", operation.name()));
    format!("{what}: {operation}{}", error.reason())
}
