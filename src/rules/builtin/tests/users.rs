//! Cases of the rules about users and about policies.

use super::Case;
use crate::model::MfaKind::{HardwareTotp, Passkey, Sms, Unknown as OtherKind, Virtual};
use crate::model::Status::{Fail, NotApplicable, Pass, Unknown};
use crate::model::{AccountFacts, User};
use crate::testing::{
    DEVICES, REPORT, account, attached, denied, inactive, inline, key, known, own_policy, policy, user, with_users,
};

fn of(rule: &'static str, cases: Vec<(&'static str, crate::model::Status, User)>) -> Vec<Case> {
    cases.into_iter().map(|(case, expected, user)| (rule, case, expected, with_users(vec![user]))).collect()
}

/// A console user whose password is in use.
fn console() -> User {
    user("alice").signs_in(Some(1), Some(30))
}

fn unread_devices(user: User) -> User {
    user.with(|user| user.mfa_devices = denied(DEVICES))
}

fn maybe_console() -> User {
    user("alice").with(|user| user.console_access = denied(REPORT))
}

fn unread_rights(user: User) -> User {
    user.with(|user| user.authorization = denied("iam:GetAccountAuthorizationDetails"))
}

pub(super) fn mfa() -> Vec<Case> {
    let admin = || console().admin();
    let robot = || user("robot").keys(vec![key(Some(5), Some(1))]);
    [
        of(
            "console-user-mfa",
            vec![
                ("no device", Fail, console()),
                ("an authenticator app", Pass, console().devices(&[Virtual])),
                ("a token", Pass, console().devices(&[HardwareTotp])),
                ("a passkey", Pass, console().devices(&[Passkey])),
                ("text messages, of old", Pass, console().devices(&[Sms])),
                ("a device of unknown kind", Pass, console().devices(&[OtherKind])),
                ("one of perhaps several", Pass, console().some_devices(&[Virtual])),
                ("none seen, list not whole", Unknown, console().some_devices(&[])),
                ("devices unread", Unknown, unread_devices(console())),
                ("no password", NotApplicable, robot()),
                ("no password, devices unread", NotApplicable, unread_devices(robot())),
                ("perhaps a password, no device", Unknown, maybe_console()),
                ("perhaps a password, a device", Pass, maybe_console().devices(&[Virtual])),
            ],
        ),
        of(
            "admin-mfa",
            vec![
                ("password and no device", Fail, admin()),
                ("key and no device", Fail, robot().admin()),
                ("password and device", Pass, admin().devices(&[Virtual])),
                ("key and device", Pass, robot().admin().devices(&[Virtual])),
                ("no administrator", NotApplicable, console()),
                ("an administrator who cannot come in", NotApplicable, user("old").admin()),
                ("only an inactive key", NotApplicable, user("old").admin().keys(vec![inactive(key(Some(9), None))])),
                ("rights unread", Unknown, unread_rights(console())),
                ("rights unread, with device", Pass, unread_rights(console().devices(&[Virtual]))),
                ("devices unread", Unknown, unread_devices(admin())),
                (
                    "password unread, key active",
                    Fail,
                    robot().admin().with(|user| user.console_access = denied(REPORT)),
                ),
            ],
        ),
        of(
            "admin-backup-device",
            vec![
                ("one device", Fail, admin().devices(&[Passkey])),
                ("two devices", Pass, admin().devices(&[Passkey, Virtual])),
                ("one of perhaps several", Unknown, admin().some_devices(&[Virtual])),
                ("two of perhaps more", Pass, admin().some_devices(&[Virtual, Virtual])),
                ("none: the other rule's business", NotApplicable, admin()),
                ("no administrator", NotApplicable, console().devices(&[Virtual])),
                ("no password", NotApplicable, robot().admin().devices(&[Virtual])),
                ("devices unread", Unknown, unread_devices(admin())),
            ],
        ),
    ]
    .concat()
}

pub(super) fn credentials() -> Vec<Case> {
    let keys = |keys| user("robot").keys(keys);
    let unread_keys = || user("robot").with(|user| user.access_keys = denied(REPORT));
    let password = |used, changed| user("alice").signs_in(used, changed);
    [
        of(
            "access-key-max-age-90",
            vec![
                ("91 days", Fail, keys(vec![key(Some(91), Some(1))])),
                ("90 days to the second", Pass, keys(vec![key(Some(90), Some(1))])),
                ("a new one beside an old one", Fail, keys(vec![key(Some(1), None), key(Some(91), Some(1))])),
                ("the old one inactive", Pass, keys(vec![key(Some(1), None), inactive(key(Some(91), Some(1)))])),
                ("no active key", NotApplicable, keys(vec![inactive(key(Some(91), Some(1)))])),
                ("no key", NotApplicable, keys(vec![])),
                ("date missing", Unknown, keys(vec![key(None, Some(1))])),
                ("keys unread", Unknown, unread_keys()),
            ],
        ),
        of(
            "access-key-unused-90",
            vec![
                ("used 91 days ago", Fail, keys(vec![key(Some(400), Some(91))])),
                ("used yesterday", Pass, keys(vec![key(Some(400), Some(1))])),
                ("never used, 91 days old", Fail, keys(vec![key(Some(91), None)])),
                ("never used, new", Pass, keys(vec![key(Some(2), None)])),
                ("the idle one inactive", Pass, keys(vec![inactive(key(Some(400), None)), key(Some(400), Some(1))])),
                ("no active key", NotApplicable, keys(vec![inactive(key(Some(400), None))])),
                ("never used, date missing", Unknown, keys(vec![key(None, None)])),
                ("keys unread", Unknown, unread_keys()),
            ],
        ),
        of(
            "one-active-access-key",
            vec![
                ("two active", Fail, keys(vec![key(Some(1), None), key(Some(2), None)])),
                ("one active, one not", Pass, keys(vec![key(Some(1), None), inactive(key(Some(2), None))])),
                ("no active key", NotApplicable, keys(vec![inactive(key(Some(2), None))])),
                ("keys unread", Unknown, unread_keys()),
            ],
        ),
        of(
            "password-unused-90",
            vec![
                ("used 91 days ago", Fail, password(Some(91), Some(400))),
                ("used yesterday, set long ago", Pass, password(Some(1), Some(400))),
                ("never used, set 91 days ago", Fail, password(None, Some(91))),
                ("never used, set yesterday", Pass, password(None, Some(1))),
                ("never used, date missing", Unknown, password(None, None)),
                ("password unread", Unknown, password(None, None).with(|user| user.password = denied(REPORT))),
                ("no password", NotApplicable, user("robot")),
            ],
        ),
    ]
    .concat()
}

pub(super) fn rights() -> Vec<Case> {
    let team = user("alice").authorized(|all| all.groups = vec!["ops".to_owned()]);
    let with_policy = user("alice").authorized(|all| all.attached_policies.push(attached("arn:aws:iam::aws:policy/X")));
    let with_inline = user("alice").authorized(|all| all.inline_policies.push(inline("x")));
    let mut cases = of(
        "no-user-attached-policies",
        vec![
            ("an attached policy", Fail, with_policy),
            ("an embedded policy", Fail, with_inline),
            ("rights through a group", Pass, team),
            ("rights unread", Unknown, unread_rights(user("alice"))),
        ],
    );
    cases.extend(statements().into_iter().map(|(case, expected, document)| {
        let facts = match document {
            Some(document) => only(own_policy(&format!(r#"{{"Statement":{document}}}"#))),
            None => only(crate::model::ManagedPolicy { document: None, ..own_policy("") }),
        };
        ("no-star-star-policy", case, expected, facts)
    }));
    cases.push(("no-star-star-policy", "AWS's own", NotApplicable, only(policy("arn:aws:iam::aws:policy/X", ALL))));
    cases
}

const ALL: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn statements() -> Vec<(&'static str, crate::model::Status, Option<&'static str>)> {
    vec![
        ("all on all", Fail, Some(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)),
        ("all on all in lists", Fail, Some(r#"[{"Effect":"Allow","Action":["s3:Get","*:*"],"Resource":["x","*"]}]"#)),
        (
            "the second statement",
            Fail,
            Some(r#"[{"Effect":"Deny","Action":"a:b","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]"#),
        ),
        ("a deny of all", Pass, Some(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#)),
        ("one service", Pass, Some(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)),
        ("one resource", Pass, Some(r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x"}"#)),
        (
            "under a condition",
            Pass,
            Some(
                r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
            ),
        ),
        ("malformed", Unknown, Some(r#"{"Effect":"Perhaps"}"#)),
        ("unread", Unknown, None),
    ]
}

fn only(policy: crate::model::ManagedPolicy) -> AccountFacts {
    AccountFacts { policies: known(vec![policy], "iam:GetAccountAuthorizationDetails"), ..account() }
}
