use jiff::Timestamp;

use super::*;
use crate::aws::answers::{ListedUser, LoginProfile, UserAnswer};
use crate::model::{Account, Partition, PasswordPolicy};

const GUARD: &str = "arn:aws:iam::111122223333:policy/portcullis/deny-without-mfa";
const POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

fn group(name: &str) -> ListedGroup {
    let arn = format!("arn:aws:iam::111122223333:group/{name}");
    ListedGroup { name: name.to_owned(), path: "/".to_owned(), arn }
}

fn wish() -> Wish {
    Wish {
        user: "kim".to_owned(),
        path: "/people/".to_owned(),
        tags: vec![tag("owner", "sec@example.org")],
        boundary: None,
        groups: vec!["dev".to_owned()],
        policies: vec![POLICY.to_owned()],
        guard: Variant::Strict,
        console: true,
        reset: false,
        break_glass: vec!["arn:aws:iam::*:user/break-glass/*".to_owned()],
    }
}

fn found() -> Found {
    let id = "111122223333".to_owned();
    Found {
        account: Account { id, partition: Partition::default(), ..Account::default() },
        caller: "arn:aws:iam::111122223333:user/admin".to_owned(),
        alias: None,
        user: None,
        guard: GuardPolicy::Absent,
        groups: vec![group("dev")],
        missing: Vec::new(),
        password_policy: PasswordPolicy { allow_users_to_change: true, ..PasswordPolicy::default() },
        attached_quota: 10,
        groups_quota: 10,
        scps_unread: None,
        objection: None,
    }
}

fn existing() -> Existing {
    Existing {
        user: UserAnswer {
            user: ListedUser {
                name: "kim".to_owned(),
                path: "/people/".to_owned(),
                id: "AIDAKIM".to_owned(),
                arn: "arn:aws:iam::111122223333:user/people/kim".to_owned(),
                created: None,
                password_last_used: None,
            },
            permissions_boundary: None,
            tags: vec![tag("owner", "sec@example.org"), tag("aws:cloudformation:stack-name", "x")],
        },
        attached: Vec::new(),
        groups: Vec::new(),
        inline: Vec::new(),
        login: None,
        active_keys: 0,
    }
}

fn with(existing: Existing) -> Found {
    Found { user: Some(existing), guard: GuardPolicy::Intact, ..found() }
}

fn login(reset_required: bool) -> LoginProfile {
    LoginProfile { created: Some(Timestamp::UNIX_EPOCH), reset_required }
}

#[test]
fn the_guard_comes_before_everything_that_gives_rights_and_the_password_last() {
    let plan = plan(&wish(), &found()).unwrap();
    let expected = [
        Step::MakeGuard,
        Step::MakeUser,
        Step::AttachGuard,
        Step::JoinGroup(group("dev")),
        Step::AttachPolicy(POLICY.to_owned()),
        Step::SetPassword,
    ];
    assert_eq!((plan.steps.as_slice(), plan.kept.len(), plan.warnings.len()), (&expected[..], 0, 0));
    assert_eq!(plan.hints, ["policies are better attached to groups than to users (CIS 1.15): see --group"]);
    assert!(plan.sets_password());
}

#[test]
fn what_is_there_is_kept_and_what_is_missing_is_made() {
    let whole = Existing {
        attached: vec![GUARD.to_owned(), POLICY.to_owned()],
        groups: vec!["dev".to_owned()],
        login: Some(login(false)),
        active_keys: 2,
        ..existing()
    };
    let nothing = plan(&wish(), &with(whole.clone())).unwrap();
    assert_eq!((nothing.steps.len(), nothing.kept.len()), (0, 6));
    assert!(nothing.warnings.concat().contains("it stays, and nobody is shown it"), "{:?}", nothing.warnings);
    let half = Existing { attached: vec![GUARD.to_owned()], login: None, ..whole };
    let rest = plan(&wish(), &with(half)).unwrap();
    assert_eq!(rest.steps, [Step::AttachPolicy(POLICY.to_owned()), Step::SetPassword]);
}

#[test]
fn another_user_of_that_name_is_refused_with_what_differs() {
    let mut other = existing();
    other.user.user.path = "/".to_owned();
    other.user.permissions_boundary = Some(POLICY.to_owned());
    other.user.tags = vec![tag("owner", "ops"), tag("team", "red")];
    let refused = plan(&wish(), &with(other)).unwrap_err();
    let is = "the user is there already, and its";
    assert_eq!(
        refused,
        [
            format!("{is} path is /, not /people/"),
            format!("{is} permissions boundary is {POLICY}, not none"),
            format!("{is} tag `owner` is `ops`, not `sec@example.org`"),
            format!("{is} tag `team` is `red`, not absent"),
        ]
    );
}

#[test]
fn whom_the_guard_would_break_is_refused() {
    let refused = |existing, wish: &Wish| plan(wish, &with(existing)).unwrap_err().join("\n");
    let keys = Existing { active_keys: 1, ..existing() };
    assert!(refused(keys.clone(), &wish()).contains("1 active access key(s)"));
    let console_only = Wish { guard: Variant::ConsoleOnly, ..wish() };
    assert!(plan(&console_only, &with(keys)).is_ok());
    assert!(refused(Existing { login: Some(login(true)), ..existing() }, &wish()).contains("set a new password"));
    let caller = Found { caller: existing().user.user.arn, ..with(existing()) };
    assert!(plan(&wish(), &caller).unwrap_err().concat().contains("is who runs this"));
}

#[test]
fn nobody_is_guarded_twice() {
    let existing = Existing { attached: vec![GUARD.to_owned()], ..existing() };
    let console_only = Wish { guard: Variant::ConsoleOnly, ..wish() };
    let refused = plan(&console_only, &with(existing.clone())).unwrap_err();
    assert_eq!(
        refused,
        [format!(
            "the user has another guard already, {GUARD}: choose that one with --guard, or `enforce release` takes it off"
        )]
    );
    assert!(plan(&wish(), &with(existing)).is_ok());
}

#[test]
fn a_break_glass_principal_is_never_guarded() {
    let emergency = Wish { path: "/break-glass/".to_owned(), ..wish() };
    let refused = plan(&emergency, &found()).unwrap_err();
    assert_eq!(refused, ["`arn:aws:iam::*:user/break-glass/*` is a break-glass principal, which is never guarded"]);
}

#[test]
fn what_does_not_exist_has_no_room_or_cannot_be_shown_is_refused_at_once() {
    let missing = vec!["the group dev".to_owned(), format!("the policy {POLICY}")];
    let lacking =
        Found { missing, guard: GuardPolicy::Drifted, objection: Some("it could not enroll".to_owned()), ..found() };
    let refused = plan(&wish(), &lacking).unwrap_err();
    assert_eq!(
        refused[..2],
        ["the group dev does not exist".to_owned(), format!("the policy {POLICY} does not exist")]
    );
    assert!(refused.len() == 3 && refused[2].contains("another document than ours"), "{refused:?}");
    let locked = Found { objection: Some("it could not enroll".to_owned()), ..found() };
    assert_eq!(plan(&wish(), &locked).unwrap_err(), ["it could not enroll"]);
    let full = Found { attached_quota: 1, groups_quota: 0, ..found() };
    let refused = plan(&wish(), &full).unwrap_err();
    assert_eq!(refused[0], "with the guard 2 policies would be attached to the user, and 1 may be");
    assert_eq!(refused[1], "the user would be in 1 groups, and may be in 0");
    // Nine and the guard are ten; and what is attached already counts once.
    let nine: Vec<String> = (0..9).map(|number| format!("{POLICY}{number}")).collect();
    assert!(plan(&Wish { policies: nine.clone(), ..wish() }, &found()).is_ok());
    let held = Existing { attached: nine.clone(), ..existing() };
    assert!(plan(&Wish { policies: nine, ..wish() }, &with(held)).is_ok());
}

#[test]
fn warnings_and_hints_say_what_a_reset_and_a_policy_mean() {
    let reset = plan(&Wish { reset: true, ..wish() }, &found()).unwrap();
    assert!(reset.warnings.concat().contains("cannot get in until"), "{:?}", reset.warnings);
    let policy = PasswordPolicy { max_age_days: Some(90), ..PasswordPolicy::default() };
    let strict = plan(&wish(), &Found { password_policy: policy, ..found() }).unwrap();
    assert!(strict.warnings.concat().contains("expire after 90 days"), "{:?}", strict.warnings);
    assert!(strict.hints.concat().contains("does not let users change their passwords"), "{:?}", strict.hints);
    let unread = plan(&wish(), &Found { scps_unread: Some("AccessDenied".to_owned()), ..found() }).unwrap();
    assert!(unread.hints[0].starts_with("service control policies were not read (AccessDenied)"), "{:?}", unread.hints);
    let bare = Wish { groups: vec![], policies: vec![], tags: vec![], console: false, ..wish() };
    let bare = plan(&Wish { guard: Variant::ConsoleOnly, ..bare }, &Found { groups: vec![], ..found() }).unwrap();
    assert_eq!(bare.steps, [Step::MakeGuard, Step::MakeUser, Step::AttachGuard]);
    assert_eq!((bare.hints.len(), bare.warnings.len()), (3, 0), "{:?}", bare.hints);
}
