//! Which trust policies let users in, and which without MFA.

use super::*;
use crate::iam::Document;

const ROLE: &str = "arn:aws:iam::111122223333:role/target";

fn policy(statements: &str) -> TrustPolicy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    TrustPolicy::new("trust", &Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// What it is about, the statements, whether users may assume the role, and whether they may without MFA.
const USERS: &[(&str, &str, bool, bool)] = &[
    (
        "an account without a condition",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}]"#,
        true,
        true,
    ),
    (
        "an account by its number",
        r#"[{"Effect":"Allow","Principal":{"AWS":["111122223333"]},"Action":["sts:AssumeRole"]}]"#,
        true,
        true,
    ),
    (
        "a user",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/alice"]},"Action":["sts:AssumeRole"]}]"#,
        true,
        true,
    ),
    ("everybody", r#"[{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}]"#, true, true),
    (
        "an account, by another spelling of the action",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["STS:assumerole"]}]"#,
        true,
        true,
    ),
    (
        "an account, by all actions",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:*"]}]"#,
        true,
        true,
    ),
    (
        "an account, with MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}}]"#,
        true,
        false,
    ),
    (
        "an account, with MFA in other letters",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"AWS:multifactorauthpresent":["True"]}}}]"#,
        true,
        false,
    ),
    (
        "an account, with recent MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":["3600"]}}}]"#,
        true,
        false,
    ),
    (
        "an account, with old MFA only",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":["3600"]}}}]"#,
        true,
        false,
    ),
    (
        "a number that is no age of MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"NumericLessThan":{"aws:EpochTime":["1800000000"]}}}]"#,
        true,
        true,
    ),
    (
        "keys carry no MFA key, so an IfExists lets them in",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["true"]}}}]"#,
        true,
        true,
    ),
    (
        "MFA forbidden",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["false"]}}}]"#,
        true,
        true,
    ),
    (
        "MFA or no MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true","false"]}}}]"#,
        true,
        true,
    ),
    (
        "a condition on something else",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}]"#,
        true,
        true,
    ),
    (
        "a second statement without MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/alice"]},"Action":["sts:AssumeRole"]}]"#,
        true,
        true,
    ),
    (
        "roles and services beside users with MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/build"]},"Action":["sts:AssumeRole"]}]"#,
        true,
        false,
    ),
    (
        "tagging needs no MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:TagSession"]}]"#,
        true,
        false,
    ),
    (
        "another Deny needs no MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}},{"Effect":"Deny","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}}]"#,
        true,
        false,
    ),
    (
        "a third party beside users with MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root"]},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":["x1"]}}}]"#,
        true,
        false,
    ),
    (
        "machines beside users with MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}}},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/ci-*"]}}}]"#,
        true,
        false,
    ),
    (
        "roles only",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/build"]},"Action":["sts:AssumeRole"]}]"#,
        false,
        false,
    ),
    (
        "nobody may assume it",
        r#"[{"Effect":"Deny","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}]"#,
        false,
        false,
    ),
    (
        "users may only tag",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:TagSession"]}]"#,
        false,
        false,
    ),
    (
        "a third party only",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root"]},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":["x1"]}}}]"#,
        false,
        false,
    ),
    (
        "machines only",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/ci-*","arn:aws:iam::111122223333:role/cd"]}}}]"#,
        false,
        false,
    ),
    (
        "users pass where the external id is not required",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"StringEqualsIfExists":{"sts:ExternalId":["x1"]}}}]"#,
        true,
        true,
    ),
    (
        "users pass where only some roles are kept out",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/ci-*"]}}}]"#,
        true,
        true,
    ),
    (
        "a text that is no external id",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1"]}}}]"#,
        true,
        true,
    ),
    (
        "users are among the ARNs",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/ci-*","arn:aws:iam::111122223333:user/*"]}}}]"#,
        true,
        true,
    ),
    (
        "a condition on a role that is not the caller",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:iam::111122223333:role/ci-*"]}}}]"#,
        true,
        true,
    ),
    (
        "a Deny for who has no MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["false"]}}}]"#,
        true,
        false,
    ),
    (
        "a Deny that keys slip through",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["false"]}}}]"#,
        true,
        true,
    ),
    (
        "a Deny for who has MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["true"]}}}]"#,
        true,
        true,
    ),
    (
        "a Deny for something else",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:SecureTransport":["false"]}}}]"#,
        true,
        true,
    ),
    (
        "a Deny of something else",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":"*","Action":["sts:TagSession"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["false"]}}}]"#,
        true,
        true,
    ),
    (
        "a Deny for one user",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":{"AWS":["arn:aws:iam::111122223333:user/alice"]},"Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["false"]}}}]"#,
        true,
        true,
    ),
    (
        "a Deny that something else limits",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["false"]},"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}}]"#,
        true,
        true,
    ),
    (
        "an Allow for who has no MFA",
        r#"[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]},{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["false"]}}}]"#,
        true,
        true,
    ),
    (
        "users by a variable",
        r#"[{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:user/*"}}}]"#,
        true,
        true,
    ),
    (
        "an unnamed user of two conditions",
        r#"[{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"},"StringLike":{"aws:PrincipalArn":"*:user/*z"}}}]"#,
        true,
        true,
    ),
    (
        "users by name",
        r#"[{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:username":"kim"}}}]"#,
        true,
        true,
    ),
    (
        "deleted users only",
        r#"[{"Effect":"Allow","Principal":{"AWS":"AIDAIOSFODNN7EXAMPLE"},"Action":"*"}]"#,
        false,
        false,
    ),
];

#[test]
fn users_and_their_mfa() {
    let mut wrong = Vec::new();
    for (what, statements, may, without) in USERS {
        let policy = policy(statements);
        let answers = (policy.users_may_assume(ROLE), policy.users_may_assume_without_mfa(ROLE));
        if answers != (Some(*may), Some(*without)) {
            wrong.push((what, answers));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
