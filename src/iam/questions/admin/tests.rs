use super::*;
use crate::iam::document::Document;

const ADMINISTRATOR: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const IAM_FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*",
    "organizations:DescribeAccount","organizations:ListRoots"],"Resource":"*"}]}"#;
const POWER_USER: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
    {"Effect":"Allow","Action":["account:ListRegions","iam:CreateServiceLinkedRole","iam:ListRoles"],
     "Resource":"*"}]}"#;

fn read(text: &str) -> AdminGrants {
    let policy = Policy::new("p", &Document::parse(text).unwrap());
    AdminProbes::of_account("aws", "111122223333").ask(&policy)
}

fn statement(text: &str) -> AdminGrants {
    read(&format!(r#"{{"Version":"2012-10-17","Statement":{{{text}}}}}"#))
}

fn admin(text: &str) -> bool {
    statement(text).verdict(None) == Administrator::Yes
}

#[test]
fn managed_policies_of_aws() {
    assert_eq!(read(ADMINISTRATOR).verdict(None), Administrator::Yes);
    assert_eq!(read(IAM_FULL).verdict(None), Administrator::Yes);
    assert_eq!(read(POWER_USER).verdict(None), Administrator::No);
    assert_eq!(AdminGrants::default().verdict(None), Administrator::No);
}

#[test]
fn resources_have_to_cover_every_name() {
    let cases = [
        (r#""arn:aws:iam::*:*""#, true),
        (r#""arn:*:iam::*:*""#, true),
        (r#""arn:aws-cn:iam::111122223333:*""#, false),
        (r#""arn:aws:iam::444455556666:*""#, false),
        (r#""arn:aws:iam::111122223333:*""#, true),
        (r#""arn:aws:iam::*""#, true),
        (r#"["arn:aws:iam::*:user/*","arn:aws:iam::*:role/*","arn:aws:iam::*:policy/*"]"#, true),
        (r#"["arn:aws:iam::*:user/??*","arn:aws:iam::*:role/????*","arn:aws:iam::*:policy/??*"]"#, true),
        (r#""arn:aws:iam::*:user/*""#, false),
        (r#"["arn:aws:iam::*:user/*/*","arn:aws:iam::*:role/*","arn:aws:iam::*:policy/*"]"#, false),
        (r#""arn:aws:iam::*:user/${aws:username}""#, false),
        (r#""arn:aws:s3:::*""#, false),
        (r#""arn:aws:iam::*:*/ops/*""#, false),
    ];
    for (resource, expected) in cases {
        assert_eq!(
            admin(&format!(r#""Effect":"Allow","Action":"iam:*","Resource":{resource}"#)),
            expected,
            "{resource}"
        );
    }
}

#[test]
fn negated_lists_are_broad() {
    assert!(admin(r#""Effect":"Allow","NotAction":"s3:*","Resource":"*""#));
    assert!(!admin(r#""Effect":"Allow","NotAction":"IAM:passrole","Resource":"*""#));
    assert!(admin(r#""Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*""#));
    assert!(!admin(r#""Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::*:role/*""#));
}

#[test]
fn grants_of_several_documents_add_up() {
    let users = statement(r#""Effect":"Allow","Action":["iam:*User*","iam:*AccessKey*"],"Resource":"*""#);
    let roles = statement(r#""Effect":"Allow","Action":["iam:*Role*","iam:CreatePolicyVersion"],"Resource":"*""#);
    assert_eq!(users.verdict(None), Administrator::No);
    assert_eq!(roles.verdict(None), Administrator::No);
    assert_eq!(users.join(roles).verdict(None), Administrator::Yes);
}

#[test]
fn only_an_unconditional_deny_takes_away() {
    let all = read(ADMINISTRATOR);
    let deny = |text: &str| all.join(statement(&format!(r#""Effect":"Deny",{text}"#))).verdict(None);
    assert_eq!(deny(r#""Action":"iam:*","Resource":"*""#), Administrator::No);
    assert_eq!(deny(r#""NotAction":"s3:*","Resource":"*""#), Administrator::No);
    assert_eq!(deny(r#""Action":"s3:DeleteBucket","Resource":"*""#), Administrator::Yes);
    assert_eq!(deny(r#""Action":"iam:*","Resource":"arn:aws:iam::*:role/audit""#), Administrator::Yes);
    let unless_mfa = r#""NotAction":"iam:EnableMFADevice","Resource":"*",
        "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
    assert_eq!(deny(unless_mfa), Administrator::Yes);
    let if_mfa = r#""Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    assert!(admin(if_mfa));
}

#[test]
fn who_may_still_give_itself_everything_is_an_administrator() {
    let all = read(ADMINISTRATOR);
    let deny = |actions: &str| statement(&format!(r#""Effect":"Deny","Action":[{actions}],"Resource":"*""#));
    for (action, _) in PROBES {
        assert_eq!(all.join(deny(&format!(r#""{action}""#))).verdict(None), Administrator::Yes, "{action}");
    }
    let without = |left: &str| {
        let (granting, _) = PROBES.split_at(SELF_GRANTING);
        let actions = granting.iter().filter(|(action, _)| *action != left);
        actions.map(|(action, _)| format!(r#""{action}""#)).collect::<Vec<_>>().join(",")
    };
    assert_eq!(all.join(deny(&without("iam:PutUserPolicy"))).verdict(None), Administrator::Yes);
    assert_eq!(all.join(deny(&without(""))).verdict(None), Administrator::No);
    // A boundary and the identity policies may each deny a part of them.
    let users = all.join(deny(r#""iam:*User*""#));
    let others = all.join(deny(r#""iam:*Role*","iam:CreatePolicyVersion""#));
    assert_eq!(users.verdict(Some(all)), Administrator::Yes);
    assert_eq!(users.verdict(Some(others)), Administrator::No);
}

#[test]
fn a_boundary_has_to_allow_too() {
    let all = read(ADMINISTRATOR);
    assert_eq!(all.verdict(Some(all)), Administrator::Yes);
    assert_eq!(all.verdict(Some(read(POWER_USER))), Administrator::No);
    assert_eq!(AdminGrants::default().verdict(Some(all)), Administrator::No);
}

#[test]
fn what_could_not_be_read_leaves_a_no_open() {
    let all = read(ADMINISTRATOR);
    let few = read(POWER_USER);
    let denied = statement(r#""Effect":"Deny","Action":"*","Resource":"*""#);
    let unread = AdminProbes::of_account("aws", "1").ask(&Policy::unreadable("p", "no document"));
    assert_eq!(unread, AdminGrants::UNREAD);
    assert_eq!(all.join(AdminGrants::UNREAD).verdict(None), Administrator::Yes);
    assert!(matches!(few.join(AdminGrants::UNREAD).verdict(None), Administrator::Unknown(_)));
    assert_eq!(denied.join(AdminGrants::UNREAD).verdict(None), Administrator::No);
    assert_eq!(AdminGrants::UNREAD.verdict(Some(few)), Administrator::No);
    assert!(
        matches!(all.verdict(Some(AdminGrants::UNREAD)), Administrator::Unknown(reason) if reason.contains("boundary"))
    );
    assert_eq!(few.verdict(Some(AdminGrants::UNREAD)), Administrator::No);
}
