use super::*;
use crate::aws::answers::{ListedUser, UserAnswer};
use crate::enforce::draft::Live;
use crate::enforce::plan::{Expectation, Kind, Way};
use crate::iam::guard::Variant;
use crate::model::{Evidence, MfaDevice, MfaKind};

const ALICE: &str = "arn:aws:iam::111122223333:user/people/alice";

fn now() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn settings() -> Settings {
    Settings {
        attach: Way::User,
        via_services: true,
        guard_document: None,
        key_window_seconds: 30 * 24 * 3600,
        include_active_keys: false,
        require_scps: false,
        break_glass: vec!["arn:aws:iam::*:user/break-glass/*".to_owned()],
    }
}

fn action() -> Action {
    Action {
        id: "a1".to_owned(),
        account: "111122223333".to_owned(),
        account_name: String::new(),
        resource: ALICE.to_owned(),
        action: Kind::AttachUserPolicy,
        rule: "console-user-mfa".to_owned(),
        message: String::new(),
        guard: Variant::Strict.policy_name().to_owned(),
        policy_arn: Variant::Strict.arn("aws", "111122223333"),
        document_sha256: String::new(),
        calls: Vec::new(),
        evidence: Vec::new(),
        truth_table: Vec::new(),
        keys: Vec::new(),
        deadline: None,
        expects: Expectation {
            user_id: Some("AIDA1".to_owned()),
            attached_policies: vec!["p1".to_owned()],
            inline_policies: vec!["i1".to_owned()],
            groups: vec!["g1".to_owned()],
            permissions_boundary: None,
            default_version: None,
        },
        notes: Vec::new(),
    }
}

fn facts() -> Facts {
    let user = ListedUser {
        name: "alice".to_owned(),
        path: "/people/".to_owned(),
        id: "AIDA1".to_owned(),
        arn: ALICE.to_owned(),
        created: None,
        password_last_used: None,
    };
    Facts {
        user: Some(UserAnswer { user, permissions_boundary: None, tags: Vec::new() }),
        attached: vec!["p1".to_owned()],
        inline: vec!["i1".to_owned()],
        groups: vec!["g1".to_owned()],
        present: Present { live: Live::default(), has_password: Some(true), devices: Some(Vec::new()) },
        gaps: Vec::new(),
    }
}

fn key(used: Option<&str>) -> Key {
    Key {
        id: Some("AKIA1".to_owned()),
        active: true,
        last_used: used.map(|used| used.parse().unwrap()),
        service: Some("s3".to_owned()),
        region: None,
        source: "iam:GetAccessKeyLastUsed".to_owned(),
    }
}

fn why(action: &Action, facts: &Facts) -> Option<String> {
    let settings = settings();
    let rules = Rules { settings: &settings, break_glass: &[], callers: &[], waived: None, now: now() };
    objection(action, facts, &rules)
}

#[test]
fn nothing_speaks_against_a_user_who_is_as_planned() {
    assert_eq!(why(&action(), &facts()), None);
}

#[test]
fn nobody_who_may_never_be_touched_is() {
    let settings = settings();
    let rules = Rules { settings: &settings, break_glass: &[], callers: &[], waived: None, now: now() };
    let refused = |action: &Action, rules: &Rules<'_>| objection(action, &facts(), rules).unwrap();
    let callers = [ALICE.to_owned()];
    assert!(refused(&action(), &Rules { callers: &callers, ..rules }).starts_with("it is who runs this"));
    let now_too = ["arn:aws:iam::111122223333:user/people/*".to_owned()];
    let named = refused(&action(), &Rules { break_glass: &now_too, ..rules });
    assert_eq!(
        named, "`arn:aws:iam::111122223333:user/people/*` is a break-glass principal",
        "the config as it is now"
    );
    let planned = Action { resource: "arn:aws:iam::111122223333:user/break-glass/x".to_owned(), ..action() };
    assert!(refused(&planned, &rules).ends_with("is a break-glass principal"), "that of the plan");
    assert_eq!(refused(&action(), &Rules { waived: Some("waived until tomorrow"), ..rules }), "waived until tomorrow");
    let told = Action { deadline: Some("2026-07-01T12:00:01Z".parse().unwrap()), ..action() };
    assert_eq!(refused(&told, &rules), "it has time to enroll a device until 2026-07-01T12:00:01Z");
    assert_eq!(why(&Action { deadline: Some(now()), ..action() }, &facts()), None, "it is over");
}

#[test]
fn what_changed_since_the_plan_is_told() {
    let with = |change: fn(&mut Facts)| {
        let mut facts = facts();
        change(&mut facts);
        why(&action(), &facts).unwrap()
    };
    assert_eq!(with(|facts| facts.user = None), "it does not exist any more");
    let other = "it was deleted and made again since the plan: it is another user";
    assert_eq!(with(|facts| facts.user.as_mut().unwrap().user.id = "AIDA2".to_owned()), other);
    assert!(with(|facts| facts.user.as_mut().unwrap().user.arn = "arn:x".to_owned()).contains("arn:x now"));
    let policies = with(|facts| facts.attached = vec!["p2".to_owned()]);
    assert_eq!(policies, "its attached policies changed since the plan: +p2, -p1");
    assert_eq!(with(|facts| facts.inline.clear()), "its inline policies changed since the plan: -i1");
    assert_eq!(with(|facts| facts.groups.push("g2".to_owned())), "its groups changed since the plan: +g2");
    let boundary = with(|facts| facts.user.as_mut().unwrap().permissions_boundary = Some("b".to_owned()));
    assert_eq!(boundary, "its permissions boundary changed since the plan: +b");
    assert!(with(|facts| facts.gaps.push("iam:GetUser: no".to_owned())).ends_with("iam:GetUser: no"));
    assert!(with(|facts| facts.present.live.gaps.push("its SSH keys".to_owned())).ends_with("its SSH keys"));
    let mut unnamed = action();
    unnamed.expects.user_id = None;
    assert!(why(&unnamed, &facts()).unwrap().contains("does not say which unique id"));
}

#[test]
fn who_complies_or_could_not_sign_in_again_is_left_alone() {
    let with = |change: fn(&mut Present)| {
        let mut facts = facts();
        change(&mut facts.present);
        why(&action(), &facts).unwrap()
    };
    let enrolled = with(|present| {
        present.devices = Some(vec![MfaDevice { serial: "s".to_owned(), kind: MfaKind::Virtual, enabled_at: None }]);
    });
    assert_eq!(enrolled, "it complies now: it has 1 MFA device(s)");
    assert!(with(|present| present.devices = None).contains("could not be read"));
    assert_eq!(with(|present| present.has_password = Some(false)), "it has no console password any more");
    assert_eq!(with(|present| present.has_password = None), "it has no console password any more");
    assert!(with(|present| present.live.password_reset = true).starts_with("it must set a new password"));
    let expiring = |at: &str| {
        let evidence = Evidence {
            fact: "password_next_rotation".to_owned(),
            value: at.into(),
            source: None,
            as_of: None,
            unknown: None,
        };
        why(&Action { evidence: vec![evidence], ..action() }, &facts())
    };
    assert_eq!(expiring("2026-07-15T12:00:01Z"), None, "a second after the margin of 14 days");
    assert!(expiring("2026-07-15T12:00:00Z").unwrap().starts_with("its password expires at 2026-07-15T12:00:00Z"));
}

#[test]
fn what_runs_with_its_credentials_is_not_broken() {
    let with = |change: &dyn Fn(&mut Live)| {
        let mut facts = facts();
        change(&mut facts.present.live);
        facts
    };
    let used = with(&|live| live.keys = vec![key(Some("2026-06-01T12:00:00Z"))]);
    assert_eq!(why(&action(), &used).unwrap(), "AKIA1 was used for s3 at 2026-06-01T12:00:00Z", "30 days ago");
    assert_eq!(why(&action(), &with(&|live| live.keys = vec![key(Some("2026-06-01T11:59:59Z"))])), None);
    assert_eq!(why(&action(), &with(&|live| live.keys = vec![key(None)])), None, "never used");
    let inactive = with(&|live| live.keys = vec![Key { active: false, ..key(Some("2026-06-30T12:00:00Z")) }]);
    assert_eq!(why(&action(), &inactive), None);
    let git = with(&|live| live.service_credentials = vec!["codecommit.amazonaws.com".to_owned()]);
    assert_eq!(why(&action(), &git).unwrap(), "active service-specific credentials: codecommit.amazonaws.com");
    let ssh = with(&|live| live.ssh_keys = 2);
    assert_eq!(why(&action(), &ssh).unwrap(), "active SSH keys: 2");
    let console_only = Action { guard: Variant::ConsoleOnly.policy_name().to_owned(), ..action() };
    let mut all_the_same = settings();
    all_the_same.include_active_keys = true;
    let rules = Rules { settings: &all_the_same, break_glass: &[], callers: &[], waived: None, now: now() };
    for facts in [used, git, ssh] {
        assert_eq!(why(&console_only, &facts), None, "it leaves keys alone");
        assert_eq!(objection(&action(), &facts, &rules), None, "it was asked for");
    }
}
