use super::*;
use crate::iam::decide::Policies;
use crate::iam::document::Document;

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const NO_MFA: &str = r#""Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
const NAMED: &str = r#""iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices",
    "iam:ListVirtualMFADevices","iam:ResyncMFADevice","sts:GetSessionToken""#;

fn policy(name: &str, statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Policy::new(name, &Document::parse(&text).unwrap())
}

/// A deny without MFA of what `parts` say.
fn deny(parts: &str) -> String {
    format!(r#"{{"Effect":"Deny",{parts},{NO_MFA}}}"#)
}

fn guard() -> String {
    deny(&format!(r#""NotAction":[{NAMED}],"Resource":"*""#))
}

fn of(identity: &[&Policy], boundary: Option<&Policy>, scps: &[&[&Policy]]) -> Enforcement {
    let scps = scps.iter().map(|level| level.to_vec()).collect();
    let policies = Policies { identity: identity.to_vec(), boundary, scps };
    Enforcement::of(&Subject::user(ANN, policies, []))
}

fn of_statements(statements: &[&str]) -> Enforcement {
    of(&[&policy("p", &statements.join(","))], None, &[])
}

/// The holes of a caller with an access key.
fn holes_of_keys(enforcement: &Enforcement) -> Vec<(&str, &str)> {
    let keys = enforcement.holes.iter().filter(|hole| hole.context == MfaContext::LongTermKey);
    keys.map(|hole| (hole.action.as_str(), hole.resource.as_str())).collect()
}

#[test]
fn what_two_denies_exempt_together_is_open() {
    let found = of_statements(&[
        ALL,
        &deny(r#""NotAction":["iam:ListMFADevices","s3:Get*"],"Resource":"*""#),
        &deny(r#""NotAction":["iam:ListMFADevices","s3:*Object"],"Resource":"*""#),
    ]);
    assert_eq!(found.is_enforced(), Some(false));
    assert_eq!(found.denied_in, []);
    let apart = of_statements(&[
        ALL,
        &deny(r#""NotAction":["iam:ListMFADevices","s3:Get*"],"Resource":"*""#),
        &deny(r#""NotAction":["iam:ListMFADevices","ec2:*"],"Resource":"*""#),
    ]);
    assert_eq!(apart.is_enforced(), Some(true));
    assert!(apart.denies_everything());
}

#[test]
fn what_two_denies_leave_out_of_resources_is_open() {
    let both = |one: &str, other: &str| {
        of_statements(&[
            ALL,
            &deny(&format!(r#""Action":"*","NotResource":"{one}""#)),
            &deny(&format!(r#""Action":"*","NotResource":"{other}""#)),
        ])
    };
    assert_eq!(both("arn:aws:s3:::a*", "arn:aws:s3:::*z").is_enforced(), Some(false));
    assert_eq!(both("arn:aws:s3:::a*", "arn:aws:s3:::A*").is_enforced(), Some(true), "resources have a letter case");
    let by_the_other = of_statements(&[
        ALL,
        &deny(r#""Action":"*","NotResource":"arn:aws:s3:::a""#),
        &deny(r#""Action":"*","Resource":"arn:aws:s3:::a*""#),
    ]);
    assert_eq!(by_the_other.is_enforced(), Some(true));
    let of_an_action = of_statements(&[
        ALL,
        &deny(r#""NotAction":"s3:*","Resource":"*""#),
        &deny(r#""Action":"s3:*","NotResource":"arn:aws:s3:::a""#),
    ]);
    assert_eq!(holes_of_keys(&of_an_action), [("s3:*", "arn:aws:s3:::a")]);
}

#[test]
fn a_question_mark_is_no_star() {
    for actions in ["?:?", "?:*", "*:?", "*:????*"] {
        let found = of_statements(&[ALL, &deny(&format!(r#""Action":"{actions}","Resource":"*""#))]);
        assert_eq!(found.is_enforced(), Some(false), "{actions}");
        assert_eq!(found.denied_in, [], "{actions}");
    }
    for resources in ["?", "arn:aws:s3:::?", "??*"] {
        let found = of_statements(&[
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}"#,
            &deny(&format!(r#""Action":"*","Resource":"{resources}""#)),
        ]);
        assert_eq!(found.is_enforced(), Some(resources == "??*"), "{resources}");
    }
}

#[test]
fn what_an_allow_and_an_exemption_share_is_more_than_its_shortest_action() {
    let found = of_statements(&[
        r#"{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#,
        &deny(r#""NotAction":"iam:*Policy","Resource":"*""#),
        r#"{"Effect":"Deny","Action":"iam:GetPolicy","Resource":"*"}"#,
    ]);
    assert_eq!(found.is_enforced(), Some(false));
    let found = of_statements(&[
        r#"{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#,
        &deny(r#""NotAction":"iam:*User","Resource":"*""#),
    ]);
    assert_eq!(found.is_enforced(), Some(false), "iam:GetUser is harmless, iam:GetSomeUser is not");
}

#[test]
fn a_boundary_and_service_control_policies_narrow_and_do_not_close() {
    let all = policy("all", ALL);
    let s3 = policy("s3", r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#);
    let iam = policy("iam", r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#);
    for found in [of(&[&all], Some(&s3), &[]), of(&[&all], None, &[&[&s3]]), of(&[&all], Some(&s3), &[&[&all]])] {
        assert_eq!(found.is_enforced(), Some(false));
        assert_eq!(holes_of_keys(&found), [("s3:*", "*")]);
        assert_eq!(found.denied_in, []);
    }
    for found in [of(&[&s3], Some(&iam), &[]), of(&[&all], Some(&s3), &[&[&iam]]), of(&[&all], None, &[&[]])] {
        assert_eq!(found.is_enforced(), Some(true), "nothing is allowed by all of them");
        assert!(!found.denies_everything(), "but neither denied");
    }
    let guard = policy("guard", &format!("{ALL},{}", guard()));
    for found in [of(&[&all], Some(&guard), &[]), of(&[&all], None, &[&[&all], &[&guard]])] {
        assert_eq!(found.is_enforced(), Some(true));
        assert!(found.denies_everything());
    }
}

#[test]
fn a_user_without_policies_can_do_nothing() {
    let found = of(&[], None, &[]);
    assert_eq!(found, Enforcement { holes: vec![], denied_in: vec![], unread: false });
    assert_eq!(found.is_enforced(), Some(true));
    assert!(!found.denies_everything());
    let only_mfa = of_statements(&[r#"{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#]);
    assert_eq!((only_mfa.is_enforced(), only_mfa.denies_everything()), (Some(true), false));
}

#[test]
fn the_guard_of_aws_binds_an_administrator_whatever_group_it_comes_from() {
    let (all, guard) = (policy("all", ALL), policy("group dev", &guard()));
    let found = of(&[&all, &guard], None, &[]);
    assert_eq!(found, Enforcement { holes: vec![], denied_in: Enforcement::CONTEXTS.to_vec(), unread: false });
    assert_eq!(found.is_enforced(), Some(true));
}

#[test]
fn what_could_not_be_read_leaves_it_open_unless_all_is_denied() {
    let (all, guard) = (policy("all", ALL), policy("guard", &guard()));
    let unread = Policy::unreadable("unread", "no document");
    assert_eq!(of(&[&unread], None, &[]).is_enforced(), None);
    assert_eq!(of(&[&all, &unread], None, &[]).is_enforced(), None, "it may be the guard");
    let closed = of(&[&all, &guard, &unread], None, &[]);
    assert_eq!((closed.is_enforced(), closed.unread), (Some(true), true));
    // A boundary and service control policies can only take away.
    assert_eq!(of(&[], Some(&unread), &[]).is_enforced(), Some(true));
    assert_eq!(of(&[&all], Some(&unread), &[]).is_enforced(), None);
    assert_eq!(of(&[&all], None, &[&[&unread]]).is_enforced(), None);
    assert_eq!(of(&[&all, &guard], Some(&unread), &[&[&unread]]).is_enforced(), Some(true));
}

#[test]
fn holes_are_told_once_a_reason() {
    let key_holes = of_statements(&[
        r#"{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":"*"}"#,
        &format!(
            r#"{{"Sid":"Guard","Effect":"Deny","NotAction":[{NAMED}],"Resource":"*",
            "Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"false"}}}}}}"#
        ),
    ]);
    assert_eq!(key_holes.denied_in, [MfaContext::ConsoleWithoutMfa]);
    let told: Vec<String> = key_holes.holes.iter().map(Hole::to_string).collect();
    assert_eq!(
        told,
        ["access key: s3:* on * (p Guard: `Bool` on aws:MultiFactorAuthPresent does not hold of such a request; \
          `BoolIfExists` with `false` does)"]
    );
}

#[test]
fn negated_allows_and_variables_are_taken_at_their_word() {
    let other = r#""NotAction":["iam:*","sts:*"],"Resource":"*""#;
    let found = of_statements(&[&format!(r#"{{"Effect":"Allow",{other}}}"#), &deny(other)]);
    assert_eq!(found.is_enforced(), Some(true), "what the deny exempts is not allowed either");
    assert_eq!(found.denied_in, []);
    let own = r#""Action":"iam:CreateAccessKey","Resource":"arn:aws:iam::*:user/${aws:username}""#;
    let keys = of_statements(&[
        &format!(r#"{{"Effect":"Allow",{own}}}"#),
        &deny(r#""Action":"*","NotResource":"arn:aws:iam::*:user/${aws:username}""#),
    ]);
    assert_eq!(holes_of_keys(&keys), [("iam:CreateAccessKey", "arn:aws:iam::*:user/ann")]);
    let by_ip = of_statements(&[ALL, &deny(r#""Action":"*","Resource":"arn:aws:ec2:${aws:RequestedRegion}:*""#)]);
    assert_eq!(by_ip.is_enforced(), Some(false), "a variable of which nothing is known denies nothing for certain");
}

#[test]
fn too_many_patterns_are_no_proof() {
    let list = |middle: &str| {
        let all = (0..500).map(|number| format!(r#""s3:*{middle}{number}*""#));
        all.collect::<Vec<_>>().join(",")
    };
    let statements = [
        format!(r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#, list("a")),
        deny(&format!(r#""NotAction":[{}],"Resource":"*""#, list("b"))),
        deny(&format!(r#""NotAction":[{}],"Resource":"*""#, list("c"))),
    ];
    let found = of_statements(&statements.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(found.is_enforced(), Some(false));
}
