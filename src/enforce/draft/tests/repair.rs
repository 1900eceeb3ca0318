//! Guards that somebody edited.

use super::*;

#[test]
fn an_edited_guard_is_repaired_on_request_and_bounded_by_no_cap() {
    let mut facts = with_users(vec![failing("ann"), failing("bob")]);
    let arn = Variant::ConsoleOnly.arn(facts.account.partition.as_str(), &facts.account.id);
    let mut edited = policy("deny-without-mfa-console-only", r#"{"Version":"2012-10-17","Statement":[]}"#);
    edited.arn.clone_from(&arn);
    edited.default_version = "v3".to_owned();
    facts.policies.value_mut().unwrap().push(edited);
    let kinds = |draft: &Draft| draft.actions.iter().map(|action| action.action).collect::<Vec<_>>();
    let asked = Asked { repair: false, ..Asked::default() };
    assert_eq!(kinds(&drafted(&[facts.clone()], &asked)), [Kind::AttachUserPolicy; 2]);
    let asked = Asked { repair: true, take: Some(1), ..Asked::default() };
    let draft = drafted(&[facts.clone()], &asked);
    assert_eq!(kinds(&draft), [Kind::AttachUserPolicy, Kind::RepairGuardPolicy]);
    assert_eq!((draft.limits.proposed, draft.limits.taken), (2, Some(1)));
    let repair = &draft.actions[1];
    assert_eq!((&repair.resource, &repair.policy_arn), (&arn, &arn));
    assert_eq!(repair.expects.default_version.as_deref(), Some("v3"));
    let asked = Asked { repair: true, allowed: vec!["999999999999".to_owned()], ..Asked::default() };
    let draft = drafted(&[facts], &asked);
    assert_eq!(draft.actions, []);
    assert!(draft.held_back.iter().any(|held| held.resource == arn && held.reason == Reason::AccountNotAllowed));
}

#[test]
fn a_repair_shuts_out_nobody_who_may_never_be_touched() {
    let arn = Variant::Strict.arn("aws", "111122223333");
    let mut edited = policy(&arn, r#"{"Version":"2012-10-17","Statement":[]}"#);
    edited.default_version = "v3".to_owned();
    let mut facts = with_users(vec![failing("ann").with(|user| {
        let ours = "arn:aws:iam::111122223333:policy/portcullis/deny-without-mfa";
        user.authorization.value_mut().unwrap().attached_policies.push(attached(ours));
    })]);
    facts.policies.value_mut().unwrap().push(edited);
    let ann = "arn:aws:iam::111122223333:user/ann".to_owned();
    let repair = || Asked { repair: true, ..Asked::default() };
    assert_eq!(drafted(&[facts.clone()], &repair()).actions.len(), 1, "she was guarded before");
    let held = |asked: &Asked| {
        let draft = drafted(&[facts.clone()], asked);
        assert_eq!((draft.actions.len(), draft.held_back[0].resource.as_str()), (0, arn.as_str()));
        (draft.held_back[0].reason, draft.held_back[0].detail.clone())
    };
    let (reason, detail) = held(&Asked { callers: vec![ann.clone()], ..repair() });
    let told = format!("{ann}, who runs this, has it attached and would be shut out: detach it first");
    assert_eq!((reason, detail), (Reason::Caller, told));
    let mut glass = repair();
    glass.settings.break_glass = vec!["arn:aws:iam::*:user/an?".to_owned()];
    assert_eq!(held(&glass).0, Reason::BreakGlass);
    assert_eq!(held(&Asked { waived: Some("user/ann"), ..repair() }).0, Reason::Waived);
    let mut deploys = role("deploy", None);
    deploys.attached_policies.push(attached(&arn));
    facts.roles.value_mut().unwrap().push(deploys);
    let draft = drafted(&[facts], &repair());
    let told = "the role arn:aws:iam::111122223333:role/deploy has it attached and would be shut out: detach it first";
    assert_eq!((draft.actions.len(), draft.held_back[0].detail.as_str()), (0, told));
}
