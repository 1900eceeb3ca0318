mod credentials;
mod repair;

use super::*;
use crate::enforce::hold::Reason;
use crate::enforce::plan::{Kind, Way};
use crate::enforce::survey::{Question, survey};
use crate::evaluate;
use crate::model::{AccountFacts, MfaKind, Mode, User};
use crate::testing::{
    ADMINISTRATOR, account, at_least, attached, baseline, days_ago, denied, group, key, known, now, policy, role, user,
    with_users,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn settings() -> Settings {
    Settings {
        attach: Way::User,
        via_services: true,
        guard_document: None,
        key_window_seconds: 30 * 24 * 3600,
        include_active_keys: false,
        require_scps: false,
        break_glass: Vec::new(),
    }
}

/// A console user who fails `console-user-mfa`.
fn failing(name: &str) -> User {
    user(name).signs_in(Some(1), Some(100)).devices(&[])
}

/// What differs from a plan without anything special.
struct Asked {
    acting: Vec<&'static str>,
    settings: Settings,
    callers: Vec<String>,
    allowed: Vec<String>,
    console_only: bool,
    max_users: u64,
    max_percent: f64,
    take: Option<u64>,
    live_follows: bool,
    repair: bool,
    grace: Grace,
    /// Of single rules.
    graces: Vec<(&'static str, Grace)>,
    waived: Option<&'static str>,
    live: BTreeMap<String, Live>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            acting: vec!["console-user-mfa"],
            settings: settings(),
            callers: Vec::new(),
            allowed: Vec::new(),
            console_only: false,
            max_users: 1_000,
            max_percent: 100.0,
            take: None,
            live_follows: false,
            repair: false,
            grace: Grace::None,
            graces: Vec::new(),
            waived: None,
            live: BTreeMap::new(),
        }
    }
}

fn drafted(accounts: &[AccountFacts], asked: &Asked) -> Draft {
    let mut set = baseline();
    let acting: Vec<String> = asked.acting.iter().map(|rule| (*rule).to_owned()).collect();
    for rule in set.rules.iter_mut().filter(|rule| acting.contains(&rule.id)) {
        rule.mode = Mode::Enforce;
    }
    let waived = |_: &str, _: &str, arn: &str| asked.waived.filter(|user| arn.ends_with(user)).map(str::to_owned);
    let guards = asked.settings.guards();
    let question = Question { acting: &acting, waived: &waived, guards: &guards, scps: None, now: now() };
    let surveys: Vec<AccountSurvey> = accounts
        .iter()
        .map(|facts| survey(facts, &evaluate::account(&set, facts, now()).findings, &question))
        .collect();
    let bounds = Bounds {
        settings: &asked.settings,
        callers: &asked.callers,
        allowed_accounts: &asked.allowed,
        console_only_for_keys: asked.console_only,
        max_users: asked.max_users,
        max_percent: asked.max_percent,
        take: asked.take,
        live_follows: asked.live_follows,
        repair: asked.repair,
        grace: &|_, _, rule| asked.graces.iter().find(|(id, _)| *id == rule).map_or(asked.grace, |(_, grace)| *grace),
        now: now(),
    };
    Draft::new(&surveys, &asked.live, &bounds)
}

fn of(user: User, asked: &Asked) -> Draft {
    drafted(&[with_users(vec![user])], asked)
}

/// Why the one user is held back.
fn held(user: User, asked: &Asked) -> (Reason, String) {
    let draft = of(user, asked);
    assert!(draft.actions.is_empty(), "{:?}", draft.actions);
    let held = draft.held_back.first().expect("somebody is held back");
    (held.reason, held.detail.clone())
}

#[test]
fn who_fails_is_guarded_and_who_complies_is_not_mentioned() {
    let users = vec![failing("ann"), user("bob").signs_in(Some(1), Some(100)).devices(&[MfaKind::Virtual])];
    let draft = drafted(&[with_users(users)], &Asked::default());
    assert!(draft.held_back.is_empty(), "{:?}", draft.held_back);
    let [action] = draft.actions.as_slice() else { panic!("{:?}", draft.actions) };
    assert_eq!(action.resource, "arn:aws:iam::111122223333:user/ann");
    assert_eq!((action.action, action.guard.as_str()), (Kind::AttachUserPolicy, "deny-without-mfa"));
    assert_eq!(action.policy_arn, "arn:aws:iam::111122223333:policy/portcullis/deny-without-mfa");
    assert_eq!(action.calls, ["iam:CreatePolicy", "iam:AttachUserPolicy"]);
    assert_eq!(action.document_sha256.len(), 64);
    assert_eq!(action.truth_table.iter().filter(|row| row.covered).count(), 3);
    assert!(action.truth_table.iter().all(|row| !row.covered || row.closed));
    assert!(action.truth_table.iter().all(|row| row.newly_denied.is_empty() || row.covered));
    assert_eq!(draft.limits.console_users, 2);
}

#[test]
fn the_never_touched_are_held_back_with_the_reason() {
    let arn = "arn:aws:iam::111122223333:user/ann".to_owned();
    let caller = Asked { callers: vec![arn.clone()], ..Asked::default() };
    assert_eq!(held(failing("ann"), &caller).0, Reason::Caller);
    let mut glass = Asked::default();
    glass.settings.break_glass = vec!["arn:*:iam::*:user/an?".to_owned()];
    assert_eq!(
        held(failing("ann"), &glass),
        (Reason::BreakGlass, "`arn:*:iam::*:user/an?` is a break-glass principal".to_owned())
    );
    let waived = Asked { waived: Some("user/ann"), ..Asked::default() };
    assert_eq!(held(failing("ann"), &waived).0, Reason::Waived);
    let elsewhere = Asked { allowed: vec!["444455556666".to_owned()], ..Asked::default() };
    assert_eq!(held(failing("ann"), &elsewhere).0, Reason::AccountNotAllowed);
    let mut scps = Asked::default();
    scps.settings.require_scps = true;
    assert_eq!(held(failing("ann"), &scps).0, Reason::UnknownFact);
}

#[test]
fn what_could_not_be_read_holds_back() {
    let asked = Asked::default();
    let unknown = |change: fn(&mut User)| held(failing("ann").with(change), &asked);
    assert_eq!(unknown(|user| user.mfa_devices = denied("iam:ListMFADevices")).0, Reason::UnknownFact);
    assert_eq!(unknown(|user| user.access_keys = denied("iam:ListAccessKeys")).0, Reason::UnknownFact);
    let rights = unknown(|user| user.authorization = denied("iam:GetAccountAuthorizationDetails"));
    assert_eq!(rights.0, Reason::UnknownFact);
    let live = Live { gaps: vec!["iam:ListAccessKeys: AccessDenied".to_owned()], ..Live::default() };
    let arn = "arn:aws:iam::111122223333:user/ann".to_owned();
    let asked = Asked { live: BTreeMap::from([(arn, live)]), ..Asked::default() };
    assert_eq!(held(failing("ann"), &asked), (Reason::UnknownFact, "iam:ListAccessKeys: AccessDenied".to_owned()));
    let mut partial = with_users(vec![failing("ann")]);
    partial.policies = denied("iam:GetAccountAuthorizationDetails");
    let draft = drafted(&[partial], &Asked::default());
    assert_eq!(draft.held_back[0].reason, Reason::AccountIncomplete);
    let mut some = account();
    some.users = at_least(vec![failing("ann")], "iam:ListUsers");
    assert_eq!(drafted(&[some], &Asked::default()).held_back[0].reason, Reason::AccountIncomplete);
}

#[test]
fn who_could_not_enroll_or_is_denied_already_is_held_back() {
    let boundary = "arn:aws:iam::111122223333:policy/only-s3";
    let only_s3 = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let mut facts =
        with_users(vec![failing("ann").authorized(|rights| rights.permissions_boundary = Some(boundary.to_owned()))]);
    facts.policies.value_mut().unwrap().push(policy(boundary, only_s3));
    let draft = drafted(&[facts], &Asked::default());
    assert_eq!(draft.held_back[0].reason, Reason::CannotEnroll, "{:?}", draft.held_back);
    let own = "arn:aws:iam::111122223333:policy/mfa";
    let text = Variant::Strict.text("aws", true);
    let mut facts = with_users(vec![failing("ann").authorized(|rights| rights.attached_policies.push(attached(own)))]);
    facts.policies.value_mut().unwrap().push(policy(own, &text));
    let draft = drafted(&[facts], &Asked::default());
    assert_eq!(draft.held_back[0].reason, Reason::DeniedAlready);
    assert!(
        draft.held_back[0].detail.contains("DenyAllButEnrollmentWithoutMFA of arn:aws:iam::111122223333:policy/mfa")
    );
}

#[test]
fn who_is_under_our_guard_is_left_alone_and_drift_is_never_attached() {
    let ours = Variant::Strict.arn("aws", "111122223333");
    let guarded = |document: &str| {
        let mut facts = with_users(vec![
            failing("ann").authorized(|rights| rights.attached_policies.push(attached(&ours))),
            failing("bob"),
        ]);
        facts.policies.value_mut().unwrap().push(policy(&ours, document));
        drafted(&[facts], &Asked::default())
    };
    let draft = guarded(&Variant::Strict.text("aws", true));
    assert_eq!((draft.guarded, draft.actions.len(), draft.held_back.len()), (1, 1, 0));
    assert_eq!(draft.actions[0].calls, ["iam:AttachUserPolicy"]);
    let drifted = guarded(&Variant::Strict.text("aws", true).replace("\"Deny\"", "\"Allow\""));
    assert_eq!((drifted.guarded, drifted.actions.len(), drifted.held_back[0].reason), (1, 0, Reason::Drift));
    let mut taken = with_users(vec![failing("bob")]);
    taken.policies.value_mut().unwrap().push(policy("arn:aws:iam::111122223333:policy/Deny-Without-MFA", "{}"));
    assert_eq!(drafted(&[taken], &Asked::default()).held_back[0].reason, Reason::Drift);
}

#[test]
fn at_the_quota_the_group_is_the_way() {
    let full = |groups: usize| {
        let names: Vec<String> = (0..groups).map(|at| format!("g{at}")).collect();
        let mut facts = with_users(vec![failing("ann").authorized(|rights| {
            rights.attached_policies = vec![attached(ADMINISTRATOR); 10];
            rights.groups.clone_from(&names);
        })]);
        facts.groups.value_mut().unwrap().extend(names.iter().map(|name| group(name, &[])));
        drafted(&[facts], &Asked::default())
    };
    let draft = full(0);
    assert_eq!(draft.actions[0].action, Kind::AddUserToGroup);
    assert!(draft.actions[0].notes[0].contains("the quota"), "{:?}", draft.actions[0].notes);
    assert_eq!(full(10).held_back[0].reason, Reason::Quota);
}

#[test]
fn grace_holds_back_until_its_end() {
    let with = |grace| Asked { grace, ..Asked::default() };
    let (reason, detail) = held(failing("ann"), &with(Grace::Unannounced));
    assert_eq!((reason, detail.as_str()), (Reason::Grace, "it was not told yet: run `portcullis enforce announce`"));
    let soon = held(failing("ann"), &with(Grace::Until(now() + DAY)));
    assert_eq!(soon, (Reason::Grace, "it has time to enroll a device until 2026-11-25T12:00:00Z".to_owned()));
    let over = of(failing("ann"), &with(Grace::Until(now())));
    assert_eq!(over.actions[0].deadline, Some(now()));
}

#[test]
fn caps_hold_over_all_accounts_together() {
    let accounts: Vec<AccountFacts> = ["111111111111", "222222222222"]
        .iter()
        .map(|id| {
            let mut facts = with_users(vec![]);
            facts.account.id = (*id).to_owned();
            let users = (0..10)
                .map(|at| failing(&format!("u{at}")).with(|user| user.arn = format!("arn:aws:iam::{id}:user/u{at}")));
            facts.users.value_mut().unwrap().extend(users);
            facts
        })
        .collect();
    let with =
        |max_users, max_percent, take| drafted(&accounts, &Asked { max_users, max_percent, take, ..Asked::default() });
    assert_eq!(with(20, 100.0, None).over_cap(), None);
    assert_eq!(with(19, 100.0, None).over_cap(), Some(OverCap::Users { proposed: 20, allowed: 19 }));
    let share = with(20, 99.0, None).over_cap().unwrap();
    assert_eq!(share.to_string(), "20 of 20 console users would be acted on, and --max-percent allows 99 %");
    let taken = with(5, 5.0, Some(3));
    assert_eq!(taken.over_cap(), None);
    let names: Vec<&str> = taken.actions.iter().map(|action| action.resource.as_str()).collect();
    assert_eq!(
        names,
        ["arn:aws:iam::111111111111:user/u0", "arn:aws:iam::111111111111:user/u1", "arn:aws:iam::111111111111:user/u2"]
    );
    assert_eq!((taken.limits.proposed, taken.limits.taken), (20, Some(3)));
}

#[test]
fn a_plan_says_the_same_however_its_accounts_come_in() {
    let users = |names: &[&str]| names.iter().map(|name| failing(name)).collect::<Vec<User>>();
    let one = with_users(users(&["zoe", "ann"]));
    let mut other = with_users(users(&["bob"]));
    other.account.id = "000000000001".to_owned();
    let forth = drafted(&[one.clone(), other.clone()], &Asked::default());
    let back = drafted(&[other, one], &Asked::default());
    assert_eq!(forth, back);
    assert!(days_ago(0).is_some());
}

/// Who fails two rules is acted on by the first that lets, and the plan names that one.
#[test]
fn of_two_rules_the_one_without_grace_acts_at_once_and_is_named() {
    let later = now() + DAY * 10;
    let fails = |graces: [Grace; 2]| {
        let graces = ["console-user-mfa", "admin-mfa"].into_iter().zip(graces).collect();
        let asked = Asked { acting: vec!["console-user-mfa", "admin-mfa"], graces, ..Asked::default() };
        of(
            failing("ann").with(|user| {
                user.authorization.value_mut().unwrap().attached_policies.push(attached(ADMINISTRATOR));
            }),
            &asked,
        )
    };
    let acted = |graces| {
        let draft = fails(graces);
        let [action] = draft.actions.as_slice() else { panic!("{:?}", draft.held_back) };
        let note = action.notes.iter().find(|note| note.starts_with("fails ")).cloned().unwrap_or_default();
        (action.rule.clone(), action.message.contains("may do everything"), action.deadline, note)
    };
    let alone = format!("fails console-user-mfa too, which alone would give it time until {later}");
    assert_eq!(acted([Grace::Until(later), Grace::None]), ("admin-mfa".to_owned(), true, None, alone));
    let untold = "fails console-user-mfa too, which alone would have it told first".to_owned();
    assert_eq!(acted([Grace::Unannounced, Grace::None]), ("admin-mfa".to_owned(), true, None, untold));
    let over = now() - DAY;
    let both = ("admin-mfa".to_owned(), true, Some(over), "fails console-user-mfa too".to_owned());
    assert_eq!(acted([Grace::Until(now()), Grace::Until(over)]), both, "the first deadline counts");
    let held = fails([Grace::Until(later + DAY), Grace::Until(later)]);
    assert_eq!((held.actions.len(), held.held_back[0].deadline), (0, Some(later)));
    assert_eq!(held.held_back[0].detail, format!("it has time to enroll a device until {later}"));
    let held = fails([Grace::Unannounced, Grace::Until(later)]);
    assert_eq!((held.held_back[0].reason, held.held_back[0].deadline), (Reason::Grace, Some(later)));
}
