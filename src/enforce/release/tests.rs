use super::{Selection, Terms, Why, select};
use crate::enforce::gate::Gate;
use crate::enforce::survey::Guarded;
use crate::enforce::user_name;
use crate::iam::guard::Variant;
use crate::model::Account;

const ACCOUNT: &str = "111122223333";

fn account() -> Account {
    Account { id: ACCOUNT.to_owned(), ..Account::default() }
}

fn guarded(name: &str, devices: Option<usize>, failing: &[&str]) -> Guarded {
    Guarded {
        arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        user_id: Some(format!("AIDA{name}")),
        gates: vec![Gate::Attached(Variant::Strict)],
        devices,
        failing: failing.iter().map(|rule| (*rule).to_owned()).collect(),
        waived: None,
    }
}

fn selected(users: &[Guarded], terms: &Terms<'_>) -> Selection {
    let account = account();
    select(users.iter().map(|user| (&account, user)), terms)
}

fn verdicts(selection: &Selection) -> (Vec<&str>, Vec<(&str, Why)>) {
    let out = selection.out.iter().map(|user| user_name(&user.resource));
    let stays = selection.stays.iter().map(|user| (user_name(&user.resource), user.why));
    (out.collect(), stays.collect())
}

#[test]
fn only_who_enrolled_and_fails_nothing_is_let_out() {
    let users = [
        guarded("zoe", Some(2), &[]),
        guarded("bare", Some(0), &[]),
        guarded("unread", None, &[]),
        guarded("weak", Some(1), &["hardware-mfa"]),
        guarded("ann", Some(1), &[]),
    ];
    let selection = selected(&users, &Terms::default());
    assert_eq!(
        verdicts(&selection),
        (vec!["ann", "zoe"], vec![("bare", Why::NoDevice), ("unread", Why::DevicesUnknown), ("weak", Why::StillFails)])
    );
    assert_eq!(selection.stays[2].detail, "it fails, or could not be told to pass, hardware-mfa");
    assert_eq!(selection.out[0].user_id.as_deref(), Some("AIDAann"));
}

#[test]
fn the_settings_may_keep_the_guard_on_who_enrolled() {
    let users = [guarded("ann", Some(1), &[]), guarded("bare", Some(0), &[])];
    let selection = selected(&users, &Terms { keep: true, ..Terms::default() });
    assert_eq!(verdicts(&selection), (vec![], vec![("ann", Why::Kept), ("bare", Why::NoDevice)]));
}

#[test]
fn an_emergency_frees_everybody_in_the_allowed_accounts() {
    let users = [guarded("ann", Some(1), &["r"]), guarded("bare", Some(0), &["r"]), guarded("unread", None, &[])];
    let break_glass = ["arn:aws:iam::*:user/bare".to_owned()];
    let terms = Terms { all: true, keep: true, break_glass: &break_glass, ..Terms::default() };
    assert_eq!(verdicts(&selected(&users, &terms)), (vec!["ann", "bare", "unread"], vec![]));
    let elsewhere = ["999999999999".to_owned()];
    let terms = Terms { all: true, allowed_accounts: &elsewhere, ..Terms::default() };
    assert!(selected(&users, &terms).stays.iter().all(|user| user.why == Why::AccountNotAllowed));
    assert_eq!(selected(&users, &terms).out, []);
}

#[test]
fn break_glass_principals_are_shown_and_left_alone() {
    let break_glass = ["arn:aws:iam::*:user/ann".to_owned()];
    let terms = Terms { break_glass: &break_glass, ..Terms::default() };
    let selection = selected(&[guarded("ann", Some(1), &[])], &terms);
    assert_eq!(verdicts(&selection), (vec![], vec![("ann", Why::BreakGlass)]));
}

#[test]
fn a_group_of_somebody_elses_is_shown_and_not_touched() {
    let mut ann = guarded("ann", Some(1), &[]);
    ann.gates = vec![Gate::Foreign(Variant::Strict, "theirs".to_owned())];
    let mut both = guarded("both", Some(1), &[]);
    both.gates = vec![
        Gate::Attached(Variant::ConsoleOnly),
        Gate::Member(Variant::Strict),
        Gate::Foreign(Variant::Strict, "theirs".to_owned()),
    ];
    for all in [false, true] {
        let selection = selected(&[ann.clone(), both.clone()], &Terms { all, ..Terms::default() });
        assert_eq!(verdicts(&selection), (vec!["both"], vec![("ann", Why::NotOurs)]));
        assert_eq!(selection.out[0].gates, [Gate::Attached(Variant::ConsoleOnly), Gate::Member(Variant::Strict)]);
        assert_eq!(selection.out[0].foreign, ["theirs"]);
    }
}
