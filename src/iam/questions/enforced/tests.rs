use crate::iam::Document;

use super::*;

const ARN: &str = "arn:aws:iam::111122223333:user/ann";
const READ: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;
const GUARD: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*",
    "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}"#;

fn policy(text: &str) -> Policy {
    Policy::new("p", &Document::parse(text).unwrap())
}

fn enforcement(identity: &[Policy], boundary: Option<&Policy>) -> Enforcement {
    let policies = Policies { identity: identity.iter().collect(), boundary, scps: Vec::new() };
    Enforcement::of(&Subject::user(ARN, policies, []))
}

fn told(enforcement: &Enforcement) -> Vec<String> {
    enforcement.holes.iter().map(ToString::to_string).collect()
}

#[test]
fn what_nothing_denies_is_a_hole_in_every_way_to_sign_in() {
    let open = enforcement(&[policy(READ)], None);
    assert_eq!(open.is_enforced(), Some(false));
    assert_eq!(
        told(&open),
        [
            "access key: s3:Get* on * (no policy denies anything without MFA)",
            "console without MFA: s3:Get* on * (no policy denies anything without MFA)",
        ]
    );
}

#[test]
fn what_is_denied_or_never_allowed_is_no_hole() {
    let guarded = enforcement(&[policy(READ), policy(GUARD)], None);
    assert_eq!((guarded.is_enforced(), guarded.denies_everything()), (Some(true), true));
    let powerless = enforcement(&[], None);
    assert_eq!((powerless.is_enforced(), powerless.denies_everything()), (Some(true), false));
    assert_eq!(enforcement(&[policy(READ)], Some(&policy(GUARD))).is_enforced(), Some(true), "by the boundary");
    let narrow = policy(r#"{"Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#);
    assert_eq!(enforcement(&[policy(READ)], Some(&narrow)).is_enforced(), Some(true), "outside the boundary");
}

/// A policy that was not read may deny as well as allow: only a deny of everything settles it.
#[test]
fn an_unread_policy_leaves_it_open_unless_everything_is_denied() {
    let lost = || Policy::unreadable("lost", "not read");
    assert_eq!(enforcement(&[lost()], None).is_enforced(), None);
    assert_eq!(enforcement(&[policy(READ), lost()], None).is_enforced(), None, "the unread one may be a guard");
    assert_eq!(enforcement(&[policy(READ)], Some(&lost())).is_enforced(), None, "the boundary may take it away");
    assert_eq!(enforcement(&[policy(READ), policy(GUARD), lost()], None).is_enforced(), Some(true));
}
