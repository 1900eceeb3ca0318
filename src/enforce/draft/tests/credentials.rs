//! Keys, other credentials, and passwords that expire.

use super::*;

#[test]
fn keys_that_the_scan_did_not_read_count_as_read_right_now() {
    let ann = || failing("ann").with(|user| user.access_keys = denied("iam:GetCredentialReport"));
    let why = "its access keys: iam:GetCredentialReport: AccessDenied".to_owned();
    assert_eq!(held(ann(), &Asked::default()), (Reason::UnknownFact, why), "nobody reads them");
    assert_eq!(of(ann(), &Asked { live_follows: true, ..Asked::default() }).actions.len(), 1, "they are read next");
    let arn = "arn:aws:iam::111122223333:user/ann".to_owned();
    let read = |live| Asked { live: BTreeMap::from([(arn.clone(), live)]), ..Asked::default() };
    assert_eq!(of(ann(), &read(Live::default())).actions.len(), 1, "it has none");
    let used = Key {
        id: Some("AKIA1".to_owned()),
        active: true,
        last_used: days_ago(1),
        service: None,
        region: None,
        source: "iam:GetAccessKeyLastUsed".to_owned(),
    };
    assert_eq!(held(ann(), &read(Live { keys: vec![used], ..Live::default() })).0, Reason::KeyInUse);
    let unread = Live { gaps: vec!["iam:ListAccessKeys: AccessDenied".to_owned()], ..Live::default() };
    assert_eq!(held(ann(), &read(unread)), (Reason::UnknownFact, "iam:ListAccessKeys: AccessDenied".to_owned()));
}

#[test]
fn keys_in_use_hold_back_and_never_used_ones_do_not() {
    let with = |used| failing("ann").keys(vec![key(Some(400), used)]);
    assert_eq!(held(with(Some(29)), &Asked::default()).0, Reason::KeyInUse);
    assert_eq!(of(with(Some(31)), &Asked::default()).actions.len(), 1);
    let unused = of(with(None), &Asked::default());
    assert!(unused.actions[0].notes.iter().any(|note| note.contains("never used")), "{:?}", unused.actions[0].notes);
    let draft = of(with(Some(1)), &Asked::default());
    assert_eq!(draft.held_back[0].offer.as_deref(), Some("console-only"));
    let console = of(with(Some(1)), &Asked { console_only: true, ..Asked::default() });
    assert_eq!(console.actions[0].guard, "deny-without-mfa-console-only");
    let mut all = Asked::default();
    all.settings.include_active_keys = true;
    assert_eq!(of(with(Some(1)), &all).actions[0].guard, "deny-without-mfa");
}

#[test]
fn credentials_without_a_last_use_hold_back_likewise() {
    let arn = "arn:aws:iam::111122223333:user/ann".to_owned();
    let with = |live: Live| Asked { live: BTreeMap::from([(arn.clone(), live)]), ..Asked::default() };
    let git = with(Live { service_credentials: vec!["codecommit.amazonaws.com".to_owned()], ..Live::default() });
    assert_eq!(held(failing("ann"), &git).0, Reason::ServiceCredential);
    let ssh = with(Live { ssh_keys: 1, ..Live::default() });
    assert_eq!(held(failing("ann"), &ssh).0, Reason::SshKey);
    let reset = with(Live { password_reset: true, ..Live::default() });
    assert_eq!(held(failing("ann"), &reset).0, Reason::PasswordReset);
}

#[test]
fn a_password_that_expires_holds_back() {
    let expiring = |days: i64| {
        failing("ann").with(|user| {
            if let Some(password) = user.password.value_mut() {
                password.next_rotation = Some(now() + DAY * i32::try_from(days).unwrap());
            }
        })
    };
    for days in [-3, 0, 14] {
        assert_eq!(held(expiring(days), &Asked::default()).0, Reason::PasswordExpiry, "{days}");
    }
    let later = of(expiring(15), &Asked::default());
    let evidence = later.actions[0].evidence.last().unwrap();
    assert_eq!(
        (evidence.fact.as_str(), evidence.value.as_str()),
        ("password_next_rotation", Some("2026-12-09T12:00:00Z"))
    );
}

#[test]
fn a_password_of_which_no_report_tells_expires_by_its_age() {
    let aged = |days| {
        let mut facts = with_users(vec![failing("ann").with(|user| {
            user.password = known(user.password.value().unwrap().clone(), "iam:GetLoginProfile");
        })]);
        facts.password_policy.value_mut().unwrap().max_age_days = days;
        facts
    };
    assert_eq!(drafted(&[aged(Some(115))], &Asked::default()).actions.len(), 1, "it is 100 days old");
    assert_eq!(drafted(&[aged(None)], &Asked::default()).actions.len(), 1);
    let draft = drafted(&[aged(Some(114))], &Asked::default());
    assert_eq!(draft.held_back[0].reason, Reason::PasswordExpiry);
    let mut unread = aged(None);
    unread.password_policy = denied("iam:GetAccountPasswordPolicy");
    let draft = drafted(&[unread], &Asked::default());
    let detail = "when its password expires: iam:GetAccountPasswordPolicy: AccessDenied";
    assert_eq!((draft.held_back[0].reason, draft.held_back[0].detail.as_str()), (Reason::UnknownFact, detail));
}
