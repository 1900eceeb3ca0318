//! A status for people.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Row, Table, presets};

use crate::console;
use crate::enroll::advice::MOST_DEVICES;
use crate::enroll::devices::Device;
use crate::enroll::guarded::{Attachment, Unread};
use crate::enroll::status::{As, CredentialKind, Credentials, RootStatus, Status};
use crate::model::untrusted::Untrusted;

/// Columns where the output is no terminal: serial numbers are long.
const DEFAULT_WIDTH: u16 = 160;

/// The status of a user; `told` says as whom the caller looks.
pub(super) fn of_user(status: &Status, told: &str) -> String {
    let gaps = &status.not_readable;
    let mut text = String::new();
    line(&mut text, "user", &format!("{} in account {}", Untrusted(&status.user), Untrusted(&status.account)));
    line(&mut text, "acting", &Untrusted(told).to_string());
    line(&mut text, "devices", &count(status.device_count, gaps));
    text.push_str(&devices(status.devices.as_deref().unwrap_or_default()));
    for device in status.left_over.iter().flatten() {
        let serial = Untrusted(&device.serial);
        line(&mut text, "left over", &format!("{serial}: nobody has it; an administrator deletes it:"));
        line(&mut text, "", &device.delete_command);
    }
    if status.left_over.is_none() {
        line(&mut text, "left over", &unread("left_over", gaps));
    }
    line(&mut text, "guard", &guard(status.guarded, &status.guards, gaps));
    let password = match status.console_password {
        Some(true) => "yes".to_owned(),
        Some(false) => "none".to_owned(),
        None => unread("console_password", gaps),
    };
    line(&mut text, "password", &password);
    let keys = status.active_access_keys.map(|keys| format!("{keys} active"));
    line(&mut text, "keys", &keys.unwrap_or_else(|| unread("active_access_keys", gaps)));
    line(&mut text, "signed by", &credentials(status.credentials, status.devices.is_some(), status.acting));
    next(&mut text, &status.next);
    text
}

/// The status of root.
pub(super) fn of_root(status: &RootStatus) -> String {
    let gaps = &status.not_readable;
    let mut text = String::new();
    line(&mut text, "root", &format!("of account {}", Untrusted(&status.account)));
    let by = if status.acting == As::Oneself { "as root itself" } else { "from outside" };
    line(&mut text, "acting", &format!("{by} ({})", Untrusted(&status.caller)));
    let flag = |value: Option<bool>, what, yes: &str, no: &str| match value {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => unread(what, gaps),
    };
    line(&mut text, "MFA", &flag(status.has_device(), "mfa_enabled", "enabled", "not enabled"));
    line(&mut text, "devices", &count(status.device_count, gaps));
    let virtual_ones = status.virtual_devices.as_deref();
    match (&status.devices, virtual_ones) {
        (Some(all), _) => text.push_str(&devices(all)),
        (None, Some([])) if status.has_device() == Some(true) => {
            line(&mut text, "virtual", "none: so it is a passkey, a security key or a hardware token");
        }
        (None, Some([])) => line(&mut text, "virtual", "none"),
        (None, Some(virtual_ones)) => text.push_str(&devices(virtual_ones)),
        (None, None) => line(&mut text, "virtual", &unread("virtual_devices", gaps)),
    }
    line(&mut text, "password", &flag(status.password, "password", "yes", "none"));
    line(&mut text, "keys", &flag(status.access_keys, "access_keys", "yes", "none"));
    line(&mut text, "signed by", &credentials(status.credentials, false, status.acting));
    next(&mut text, &status.next);
    text
}

fn line(text: &mut String, label: &str, value: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{label:<10} {value}");
}

fn next(text: &mut String, steps: &[String]) {
    text.push('\n');
    if steps.is_empty() {
        line(text, "next", "nothing is to be done");
    }
    for (at, step) in steps.iter().enumerate() {
        line(text, if at == 0 { "next" } else { "" }, step);
    }
}

fn count(devices: Option<usize>, gaps: &[Unread]) -> String {
    match devices {
        None => unread("devices", gaps),
        Some(0) => format!("none of {MOST_DEVICES}"),
        Some(1) => format!("1 of {MOST_DEVICES}, no backup device"),
        Some(count) => format!("{count} of {MOST_DEVICES}, with a backup device"),
    }
}

fn devices(devices: &[Device]) -> String {
    if devices.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    let width = console::stdout_width().unwrap_or(DEFAULT_WIDTH);
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(Row::from(vec!["", "Kind", "Name", "Enabled", "Serial"]));
    for device in devices {
        let enabled = device.enabled_at.map_or_else(|| "?".to_owned(), |enabled| enabled.to_string());
        let (name, serial) = (Untrusted(&device.name).to_string(), Untrusted(&device.serial).to_string());
        table.add_row(Row::from(vec![String::new(), device.kind.as_str().to_owned(), name, enabled, serial]));
    }
    let mut text = String::new();
    for line in table.lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn guard(guarded: Option<bool>, attachments: &[Attachment], gaps: &[Unread]) -> String {
    match guarded {
        None => unread("guarded", gaps),
        Some(false) => "none".to_owned(),
        Some(true) => {
            let told = attachments.iter().map(|Attachment { guard, group }| match group {
                Some(group) => format!("{guard}, by group {}", Untrusted(group)),
                None => format!("{guard}, attached to the user"),
            });
            told.collect::<Vec<_>>().join("; ")
        }
    }
}

/// What is certain of the credentials, and no more.
fn credentials(credentials: Credentials, iam_answers: bool, acting: As) -> String {
    let told = match (credentials.kind, acting) {
        (CredentialKind::LongTermKey, _) => "a long-term access key, which never carries MFA",
        (CredentialKind::Session, As::Oneself) if iam_answers => {
            "a session; whether with MFA cannot be told from outside, but IAM answers it, as it does not those of \
             GetSessionToken without MFA"
        }
        (CredentialKind::Session, _) => "a session; whether with MFA cannot be told from outside",
    };
    told.to_owned()
}

fn unread(what: &str, gaps: &[Unread]) -> String {
    let found = gaps.iter().find(|gap| gap.what == what);
    match found {
        Some(Unread { operation: Some(operation), reason, .. }) => format!("not readable ({operation}: {reason})"),
        Some(Unread { reason, .. }) => format!("not readable ({reason})"),
        None => "not known".to_owned(),
    }
}
