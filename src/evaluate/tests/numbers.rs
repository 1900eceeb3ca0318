//! Counts: of outcomes, of devices, of those who are outside the scan, of controls.

use super::*;
use crate::model::MfaKind::{self, HardwareTotp, Passkey, Sms, Unknown as OtherKind, Virtual};
use crate::model::evaluation::{MfaCounts, Unjudged};
use crate::model::{CallGap, Fact, Role};
use crate::testing::summary;

/// Rule × resource: whatever is judged is counted once.
#[test]
fn the_summary_adds_up() {
    let set = baseline();
    let mut facts = full(vec![
        user("ok").signs_in(Some(1), Some(2)).devices(&[Virtual]),
        user("bare").signs_in(Some(1), Some(2)),
        user("idle"),
        user("unread").with(|user| user.mfa_devices = denied("x")).signs_in(None, None),
    ]);
    facts.summary = known(summary([false, true, false, false]), "iam:GetAccountSummary");
    let evaluation = evaluation(&set, &[facts, rich_account()]);
    let resources = |target: Target| match target {
        Target::User => 4 + 3,
        Target::Role => 1 + 2,
        Target::Account | Target::Root | Target::Group | Target::Policy => 1 + 1,
    };
    let total = evaluation.summary;
    let judged = total.pass + total.fail + total.waived + total.unknown + total.not_applicable;
    assert_eq!(judged, set.rules.iter().map(|rule| resources(rule.target)).sum::<u64>());
    let of = |status: Status| {
        u64::try_from(evaluation.findings.iter().filter(|finding| finding.status == status).count()).unwrap()
    };
    assert_eq!((total.fail, total.unknown), (of(Status::Fail), of(Status::Unknown)));
    let severity = total.by_severity;
    assert_eq!(severity.critical + severity.high + severity.medium + severity.low + severity.informational, total.fail);
    assert!(total.pass > 0 && total.unknown > 0 && total.not_applicable > 0 && severity.critical > 0);
}

#[test]
fn console_users_count_by_the_strongest_device_that_is_known() {
    type Bucket = fn(&MfaCounts) -> u64;
    let devices = |kinds: &[MfaKind]| user("a").signs_in(None, None).devices(kinds);
    let seen = |kinds: &[MfaKind]| user("a").signs_in(None, None).some_devices(kinds);
    let cases: [(&str, User, Option<Bucket>); 11] = [
        ("none", devices(&[]), Some(|counts| counts.none)),
        ("text messages", devices(&[Sms]), Some(|counts| counts.sms)),
        ("an app", devices(&[Virtual, Sms]), Some(|counts| counts.virtual_device)),
        ("a token", devices(&[HardwareTotp, Virtual]), Some(|counts| counts.hardware_totp)),
        ("a passkey beside others", devices(&[Virtual, Passkey, HardwareTotp]), Some(|counts| counts.passkey)),
        ("an unknown kind", devices(&[OtherKind]), Some(|counts| counts.unknown)),
        ("an unknown kind beside an app", devices(&[OtherKind, Virtual]), Some(|counts| counts.virtual_device)),
        ("an app and perhaps more", seen(&[Virtual]), Some(|counts| counts.virtual_device)),
        ("none seen, perhaps more", seen(&[]), Some(|counts| counts.unknown)),
        ("unread", devices(&[]).with(|user| user.mfa_devices = denied("x")), Some(|counts| counts.unknown)),
        ("no password", user("a").devices(&[Virtual]), None),
    ];
    for (what, user, bucket) in cases {
        let result = account(&rules(&["target: user, require: { name: a }"]), &with_users(vec![user]), now()).result;
        let MfaCounts { none, sms, virtual_device, hardware_totp, passkey, unknown } = result.mfa;
        assert_eq!(none + sms + virtual_device + hardware_totp + passkey + unknown, result.console_users, "{what}");
        assert_eq!(bucket.map(|bucket| bucket(&result.mfa)), bucket.map(|_| 1), "{what}: {:?}", result.mfa);
        assert_eq!((result.users, result.console_users), (1, u64::from(bucket.is_some())), "{what}");
    }
}

#[test]
fn who_comes_in_without_an_iam_user_is_counted_once() {
    let sso = |name: &str| Role {
        path: "/aws-reserved/sso.amazonaws.com/".to_owned(),
        ..role(name, Some("saml-provider/AWSSSO_x_DO_NOT_DELETE"))
    };
    let mut facts = facts();
    facts.roles = known(
        vec![
            sso("AWSReservedSSO_Admin_1"),
            sso("AWSReservedSSO_Read_2"),
            role("idp", Some("saml-provider/okta")),
            role("ci", Some("oidc-provider/token.actions.githubusercontent.com")),
            role("ec2", None),
            Role { trust_policy: None, ..role("unread", None) },
        ],
        DETAILS,
    );
    let result = account(&baseline(), &facts, now()).result;
    assert_eq!(result.unjudged, Unjudged { sso_roles: 2, saml_trusts: 1, oidc_trusts: 1 });
    facts.roles = denied(DETAILS);
    assert_eq!(account(&baseline(), &facts, now()).result.unjudged, Unjudged::default());
}

#[test]
fn a_control_counts_the_rules_that_serve_it() {
    let set = rules(&[
        "target: user, require: { name: a }, controls: { cis: ['1.1', '1.2'], pci: ['8.4'] }",
        "target: user, require: { console_access: true }, controls: { cis: ['1.1'] }",
        "target: root, require: { mfa_active: true }",
    ]);
    let unread = user("c").with(|user| user.console_access = denied("x"));
    let evaluation = evaluation(&set, &[with_users(vec![user("a"), user("b"), unread]), facts()]);
    let controls: Vec<_> = evaluation
        .controls
        .iter()
        .map(|control| {
            (control.framework.as_str(), control.control.as_str(), control.pass, control.fail, control.unknown)
        })
        .collect();
    assert_eq!(controls, [("cis", "1.1", 1, 4, 1), ("cis", "1.2", 1, 2, 0), ("pci", "8.4", 1, 2, 0)]);
}

#[test]
fn an_account_shows_what_was_read_of_it() {
    let result = account(&baseline(), &rich_account(), now()).result;
    insta::assert_json_snapshot!(result);
}

#[test]
fn gaps_and_remarks_become_notices_after_those_of_the_run() {
    let mut facts = rich_account();
    facts.gaps.push(CallGap { operation: "iam:GetCredentialReport".to_owned(), reason: "Denied".to_owned(), count: 1 });
    let set = rules(&["target: user, require: { name: a }"]);
    let first = Notice { account: None, message: "of the run".to_owned() };
    let run = Run { notices: vec![first], ..run() };
    let evaluation = assemble(&set, run, vec![account(&set, &facts, now())]);
    let notices: Vec<(Option<&str>, &str)> =
        evaluation.notices.iter().map(|notice| (notice.account.as_deref(), notice.message.as_str())).collect();
    assert_eq!(
        notices,
        [
            (None, "of the run"),
            (Some(ACCOUNT), "iam:ListMFADevices failed (2 times): Throttling"),
            (Some(ACCOUNT), "iam:GetCredentialReport failed: Denied"),
            (Some(ACCOUNT), "the credential report is old"),
        ]
    );
}

#[test]
fn that_nothing_was_scanned_is_said() {
    use AccountStatus::{Failed, Partial, Scanned, Skipped};
    let messages = |statuses: &[AccountStatus]| -> Vec<String> {
        let all: Vec<AccountFacts> =
            statuses.iter().map(|status| AccountFacts { status: *status, ..facts() }).collect();
        evaluation(&baseline(), &all).notices.into_iter().map(|notice| notice.message).collect()
    };
    for nothing in [&[] as &[AccountStatus], &[Failed], &[Skipped, Failed]] {
        assert!(messages(nothing).contains(&"no account was scanned".to_owned()), "{nothing:?}");
    }
    for something in [&[Scanned] as &[AccountStatus], &[Failed, Partial]] {
        assert!(!messages(something).contains(&"no account was scanned".to_owned()), "{something:?}");
    }
}

/// A waiver ends by the day of the run, whatever the age of the snapshot that is judged.
#[test]
fn an_old_snapshot_does_not_revive_a_waiver() {
    let text = "apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers:\n  \
        - { rule: '*', resource: x*, owner: o, reason: r, expires: EXPIRES }\n  \
        - { rule: '*', resource: '*', owner: o, reason: r, expires: EXPIRES }\n";
    let mut set = rules(&["target: user, require: { console_access: true }"]);
    let facts = with_users(vec![user("a")]);
    let taken = now();
    for (later, waived) in [(0, 1), (10, 0)] {
        let today = taken + jiff::SignedDuration::from_hours(24 * later);
        let text = text.replace("EXPIRES", &taken.strftime("%Y-%m-%d").to_string());
        set.waivers = crate::rules::waiver::load(&[crate::yaml::SourceFile::new("w", &text)], today, 365).unwrap();
        let judged = assemble(&set, run(), vec![account(&set, &facts, taken)]);
        assert_eq!(judged.summary.waived, waived, "{later} days later");
        let expired = judged.notices.iter().filter(|notice| notice.message.contains("has expired")).count();
        assert_eq!(expired, if waived == 0 { 2 } else { 0 });
    }
}

#[test]
fn an_evaluation_names_its_rules_its_program_and_its_schema() {
    let evaluation = evaluation(&baseline(), &[]);
    assert_eq!((evaluation.schema.as_str(), evaluation.tool.name.as_str()), ("portcullis/results/v1", "portcullis"));
    assert_eq!(evaluation.tool.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(evaluation.rules.len(), baseline().rules.len());
    assert!(evaluation.findings.is_empty() && evaluation.accounts.is_empty());
    assert_eq!(evaluation.summary, crate::model::evaluation::Summary::default());
    assert!(evaluation.controls.iter().all(|control| control.pass + control.fail + control.unknown == 0));
}

/// Users whose password could not be read are counted as users, not as console users.
#[test]
fn users_of_whom_little_is_known_are_users_all_the_same() {
    let unread = user("a").with(|user| user.console_access = denied("x"));
    let result = account(&baseline(), &with_users(vec![unread]), now()).result;
    assert_eq!((result.users, result.console_users, result.mfa), (1, 0, MfaCounts::default()));
    let partial = AccountFacts { users: at_least(vec![user("a")], DETAILS), ..facts() };
    assert_eq!(account(&baseline(), &partial, now()).result.users, 1);
    assert!(matches!(partial.users, Fact::AtLeast { .. }));
}
