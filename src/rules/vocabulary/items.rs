//! Facts of things in lists: access keys, devices, policies, tags.

use crate::rules::subject::Subject;
use crate::rules::value::{Reading, Value};

use super::table::FactType::{Bool, Choice, Text, Time};
use super::table::{AUTHORIZATION, FactDef, REPORT, dated, row};

const DEVICES: &str = "iam:ListMFADevices";
/// The kinds of MFA devices, as rules name them.
const DEVICE_KINDS: &[&str] = &["virtual", "hardware-totp", "passkey", "sms", "unknown"];

/// Rows of an access key.
pub(super) const ACCESS_KEY: &[FactDef] = &[
    row!("active", Bool, REPORT, "Whether it can sign requests.",
        Subject::AccessKey(key) => Reading::plain(Value::Bool(key.active))),
    row!("id", Text, "iam:ListAccessKeys", "Its id; the credential report does not tell it.",
    Subject::AccessKey(key) => match &key.id {
        Some(id) => Reading::plain(Value::Text(id)),
        None => Reading::not_in_answer("iam:ListAccessKeys", "the credential report does not tell key ids"),
    }),
    row!("created", Time, REPORT, "When it was created.",
        Subject::AccessKey(key) => dated(key.created, REPORT)),
    row!("age", Time, REPORT, "Time since it was created.",
        Subject::AccessKey(key) => dated(key.created, REPORT)),
    row!("last_used", Time, REPORT, "Last use; absent if never since April 2015.",
        Subject::AccessKey(key) => Reading::plain(Value::time(key.last_used))),
    row!("unused_since", Time, REPORT, "Since when it has not been used: its last use, else its creation.",
        Subject::AccessKey(key) => dated(key.last_used.or(key.created), REPORT)),
    row!("last_used_service", Text, REPORT, "Service of the last use.",
        Subject::AccessKey(key) => Reading::plain(Value::text(key.last_used_service.as_deref()))),
    row!("last_used_region", Text, REPORT, "Region of the last use; absent also for services without regions.",
        Subject::AccessKey(key) => Reading::plain(Value::text(key.last_used_region.as_deref()))),
];

/// Rows of an MFA device.
pub(super) const MFA_DEVICE: &[FactDef] = &[
    row!("serial", Text, DEVICES, "Its serial number: an ARN, or what is printed on a hardware token.",
        Subject::MfaDevice(device) => Reading::plain(Value::Text(&device.serial))),
    row!("kind", Choice(DEVICE_KINDS), DEVICES, "Its kind.",
        Subject::MfaDevice(device) => Reading::plain(Value::Text(device.kind.as_str()))),
    row!("enabled", Time, DEVICES, "When it was enabled for its user.",
        Subject::MfaDevice(device) => dated(device.enabled_at, DEVICES)),
    row!("age", Time, DEVICES, "Time since it was enabled.",
        Subject::MfaDevice(device) => dated(device.enabled_at, DEVICES)),
];

/// Rows of an attached managed policy.
pub(super) const ATTACHED_POLICY: &[FactDef] = &[
    row!("name", Text, AUTHORIZATION, "Its name.",
        Subject::AttachedPolicy(policy) => Reading::plain(Value::Text(&policy.name))),
    row!("arn", Text, AUTHORIZATION, "Its ARN.",
        Subject::AttachedPolicy(policy) => Reading::plain(Value::Text(&policy.arn))),
];

/// Rows of an embedded policy.
pub(super) const INLINE_POLICY: &[FactDef] = &[row!("name", Text, AUTHORIZATION, "Its name.",
        Subject::InlinePolicy(policy) => Reading::plain(Value::Text(&policy.name)))];

/// Rows of a tag.
pub(super) const TAG: &[FactDef] = &[
    row!("key", Text, AUTHORIZATION, "Its key.", Subject::Tag(tag) => Reading::plain(Value::Text(&tag.key))),
    row!("value", Text, AUTHORIZATION, "Its value.", Subject::Tag(tag) => Reading::plain(Value::Text(&tag.value))),
];
