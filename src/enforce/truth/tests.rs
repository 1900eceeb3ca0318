use super::*;
use crate::iam::Document;

const ANN: &str = "arn:aws:iam::111122223333:user/team/ann";
const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;

fn policy(text: &str) -> Policy {
    Policy::new("p", &Document::parse(text).unwrap())
}

/// What speaks against putting `guard` on a user with these policies.
fn objection_to(identity: &[&str], boundary: Option<&str>, guard: &str, variant: Variant) -> Option<Objection> {
    let identity: Vec<Policy> = identity.iter().map(|text| policy(text)).collect();
    let boundary = boundary.map(policy);
    let policies = Policies { identity: identity.iter().collect(), boundary: boundary.as_ref(), scps: Vec::new() };
    let rows = table(&Subject::user(ANN, policies, []), &policy(guard), variant);
    objection(&rows, variant)
}

fn strict() -> String {
    Variant::Strict.text("aws", true)
}

#[test]
fn our_guards_are_right_for_everybody() {
    for identity in [&[][..], &[READ], &[EVERYTHING], &[READ, EVERYTHING]] {
        for variant in Variant::ALL {
            for via_services in [true, false] {
                let text = variant.text("aws", via_services);
                assert_eq!(
                    objection_to(identity, None, &text, variant),
                    None,
                    "{identity:?} {variant:?} {via_services}"
                );
            }
        }
    }
}

#[test]
fn a_guard_that_leaves_something_open_is_not_proven() {
    let wide = strict().replace("\"sts:GetSessionToken\"", "\"sts:GetSessionToken\", \"s3:*\"");
    let left = objection_to(&[READ], None, &wide, Variant::Strict);
    assert!(matches!(left, Some(Objection::NotProven(why)) if why.contains("not everything would be denied")));
    let console = Variant::ConsoleOnly.text("aws", true);
    let keys = objection_to(&[READ], None, &console, Variant::Strict);
    assert!(matches!(keys, Some(Objection::NotProven(why)) if why.ends_with("access key")));
}

#[test]
fn who_could_not_enroll_is_not_guarded() {
    let only_s3 = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let bounded = objection_to(&[EVERYTHING], Some(only_s3), &strict(), Variant::Strict);
    let why = "iam:CreateVirtualMFADevice would not be allowed: access key".to_owned();
    assert_eq!(bounded, Some(Objection::CannotEnroll(why)));
    let denied =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:EnableMFADevice","Resource":"*"}}"#;
    let denied = objection_to(&[denied], None, &strict(), Variant::Strict);
    assert!(matches!(denied, Some(Objection::CannotEnroll(why)) if why.starts_with("iam:EnableMFADevice")));
    let unread = Policy::unreadable("attached", "was not read");
    let policies = Policies { identity: vec![&unread], ..Policies::default() };
    let rows = table(&Subject::user(ANN, policies, []), &policy(&strict()), Variant::Strict);
    let why = "it cannot be told whether iam:CreateVirtualMFADevice would be allowed: access key".to_owned();
    assert_eq!(objection(&rows, Variant::Strict), Some(Objection::CannotEnroll(why)));
    let flat = strict().replace("user/*/${aws:username}", "user/${aws:username}");
    let path = objection_to(&[], None, &flat, Variant::Strict);
    assert!(matches!(path, Some(Objection::CannotEnroll(_))), "a user with a path: {path:?}");
    let elsewhere = objection_to(&[], None, &Variant::Strict.text("aws-cn", true), Variant::Strict);
    assert!(matches!(elsewhere, Some(Objection::CannotEnroll(_))));
}

#[test]
fn with_mfa_nothing_may_change_but_enrollment() {
    let always = strict()
        .replace("\"aws:MultiFactorAuthPresent\": \"false\"", "\"aws:MultiFactorAuthPresent\": [\"true\", \"false\"]");
    let denies = objection_to(&[READ], None, &always, Variant::Strict);
    assert!(matches!(denies, Some(Objection::NotProven(why)) if why.contains("would be denied: signed in with MFA")));
    let grants = strict().replace(
        "\"iam:ListVirtualMFADevices\",\n      \"Resource\"",
        "[\"iam:ListVirtualMFADevices\", \"s3:PutObject\"],\n      \"Resource\"",
    );
    assert_ne!(grants, strict());
    let granted = objection_to(&[READ], None, &grants, Variant::Strict);
    assert_eq!(granted, Some(Objection::NotProven("s3:PutObject would be allowed, and is not now".to_owned())));
    let removal = strict().replace(
        "\"iam:EnableMFADevice\",\n        \"iam:GetMFADevice\"",
        "\"iam:EnableMFADevice\", \"iam:DeactivateMFADevice\",\n        \"iam:GetMFADevice\"",
    );
    assert_ne!(removal, strict());
    assert!(matches!(objection_to(&[READ], None, &removal, Variant::Strict), Some(Objection::NotProven(_))));
}

#[test]
fn the_console_guard_leaves_keys_alone() {
    let strict_in_its_place = objection_to(&[READ], None, &strict(), Variant::ConsoleOnly);
    assert!(
        matches!(strict_in_its_place, Some(Objection::NotProven(why)) if why.contains("would be denied: access key"))
    );
}
