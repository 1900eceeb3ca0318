use super::steps;
use crate::enroll::devices::Device;
use crate::enroll::guarded::{Attachment, Guarded, Unread};
use crate::enroll::status::{As, Credentials, SCHEMA, Status};
use crate::iam::guard::Variant;
use crate::model::{MfaDevice, MfaKind};

const APP: &str = "arn:aws:iam::111122223333:mfa/kim";
const KEY: &str = "arn:aws:iam::111122223333:u2f/user/kim/yubi-AB";

fn devices(serials: &[&str]) -> Vec<Device> {
    let of = |serial: &&str| {
        let serial = (*serial).to_owned();
        Device::from(MfaDevice { kind: MfaKind::of_serial(&serial), serial, enabled_at: None })
    };
    serials.iter().map(of).collect()
}

fn guard(variant: Variant) -> Guarded {
    let attachments = vec![Attachment { guard: variant.policy_name(), group: None }];
    Guarded { attachments, unread: Vec::new() }
}

fn status(serials: &[&str], guarded: &Guarded) -> Status {
    Status {
        schema: SCHEMA,
        taken_at: jiff::Timestamp::UNIX_EPOCH,
        account: "111122223333".to_owned(),
        subject: "user",
        user: "kim".to_owned(),
        arn: None,
        acting: As::Oneself,
        caller: String::new(),
        devices: Some(devices(serials)),
        device_count: Some(serials.len()),
        device_limit: 8,
        has_backup: Some(serials.len() > 1),
        left_over: Some(Vec::new()),
        guarded: guarded.is(),
        guards: guarded.attachments.clone(),
        console_password: Some(true),
        active_access_keys: Some(1),
        credentials: Credentials::of(false),
        not_readable: Vec::new(),
        next: Vec::new(),
    }
}

fn told(serials: &[&str], guarded: &Guarded) -> Vec<String> {
    steps(&status(serials, guarded), guarded)
}

#[test]
fn without_a_device_one_is_enrolled_and_the_command_fits_who_looks() {
    let free = Guarded::default();
    assert_eq!(told(&[], &free), ["no device: `portcullis mfa enroll`"]);
    let of_others = Status { acting: As::Administrator, ..status(&[], &free) };
    assert_eq!(steps(&of_others, &free), ["no device: `portcullis mfa enroll --user kim`"]);
    let denied = "no device, and everything else is denied until there is one: `portcullis mfa enroll`";
    assert_eq!(told(&[], &guard(Variant::Strict)), [denied]);
    let unread = Guarded { attachments: Vec::new(), unread: vec![Unread::because("guarded", "x")] };
    assert_eq!(
        told(&[], &unread),
        ["no device, and perhaps guarded, which could not be read: `portcullis mfa enroll`"]
    );
    let idle = Status { console_password: Some(false), active_access_keys: Some(0), ..status(&[], &free) };
    assert!(steps(&idle, &free)[0].starts_with("no device, and neither a password nor"));
}

#[test]
fn with_one_device_a_second_is_advised_and_with_two_nothing() {
    let free = Guarded::default();
    let second = "one device, and no way in if it is lost: enroll a second one, signed in with MFA (`portcullis mfa \
                  session`), `portcullis mfa enroll`";
    assert_eq!(told(&[APP], &free), [second]);
    let of_others = Status { acting: As::Administrator, ..status(&[APP], &free) };
    let second = "one device, and no way in if it is lost: enroll a second one, `portcullis mfa enroll --user kim`";
    assert_eq!(steps(&of_others, &free), [second]);
    assert_eq!(told(&[APP, KEY], &free), [""; 0]);
    assert!(told(&[APP; 8], &free)[0].starts_with("no room for another device"));
}

#[test]
fn who_is_enrolled_and_guarded_works_in_a_session_until_released() {
    let guarded = guard(Variant::Strict);
    let told = told(&[APP, KEY], &guarded);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], "these credentials carry no MFA: `portcullis mfa session` opens a session that does");
    assert!(told[1].contains("`portcullis enforce release`"), "{told:?}");
    let in_session = Status { credentials: Credentials::of(true), ..status(&[APP, KEY], &guarded) };
    let of_others = Status { acting: As::Administrator, ..status(&[APP, KEY], &guarded) };
    for status in [in_session, of_others] {
        assert_eq!(steps(&status, &guarded), told[1..]);
    }
    let unread = Guarded { attachments: Vec::new(), unread: vec![Unread::because("guarded", "x")] };
    assert_eq!(steps(&status(&[APP, KEY], &unread), &unread), told[..1]);
}

#[test]
fn passkeys_alone_leave_access_keys_without_a_session() {
    let guarded = told(&[KEY, KEY], &guard(Variant::Strict));
    assert!(
        guarded[0].starts_with("passkeys open no session") && guarded[0].contains("the guard denies"),
        "{guarded:?}"
    );
    let spared = told(&[KEY, KEY], &guard(Variant::ConsoleOnly));
    assert!(spared[0].starts_with("passkeys open no session") && !spared[0].contains("denies"), "{spared:?}");
    let free = Guarded::default();
    for keys in [Some(0), None] {
        let status = Status { active_access_keys: keys, ..status(&[KEY, KEY], &free) };
        assert_eq!(steps(&status, &free), [""; 0], "{keys:?}");
    }
}

#[test]
fn unread_devices_are_no_missing_devices() {
    let free = Guarded::default();
    let unread = Status { devices: None, device_count: None, ..status(&[], &free) };
    let told = steps(&unread, &free);
    assert_eq!(told, ["the devices could not be read: ask an administrator to run `portcullis mfa status kim`"]);
}
