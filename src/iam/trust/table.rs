//! Decisions of trust policies. Sources: IAM User Guide, `reference_policies_elements_principal` (P),
//! `reference_policies_elements_notprincipal` (N), `reference_policies_condition-keys` and
//! `reference_policies_elements_condition_operators` (C).

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::iam::decide::Verdict::{self, Allowed, ExplicitDeny, ImplicitDeny, Unknown};
use crate::iam::{Context, Request};

const ROLE: &str = "arn:aws:iam::111122223333:role/target";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const BOB: &str = "arn:aws:iam::111122223333:user/team/bob";
const OTHER: &str = "arn:aws:iam::444455556666:user/ann";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const BUILD: &str = "arn:aws:iam::111122223333:role/ci/build";
const JOB: &str = "arn:aws:sts::111122223333:assumed-role/build/job";
const RUN: &str = "arn:aws:sts::111122223333:assumed-role/build/run";
const FED: &str = "arn:aws:sts::111122223333:federated-user/ann";
const SAML: &str = "arn:aws:iam::111122223333:saml-provider/okta";

fn caller(name: &str) -> CallerIdentity {
    CallerIdentity::from_arn(name).unwrap_or_else(|| match name.ends_with(".amazonaws.com") {
        true => CallerIdentity::service(name),
        false => CallerIdentity::federated(name),
    })
}

fn policy(statements: &str) -> TrustPolicy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    TrustPolicy::new("trust", &Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn verdict(policy: &TrustPolicy, name: &str) -> Verdict {
    policy.decide(&caller(name), &Request::new("sts:AssumeRole", ROLE)).verdict
}

#[test]
fn principals_by_their_form() {
    let cases: &[(&str, &str, Verdict)] = &[
        (r#""*""#, ANN, Allowed),
        (r#"{"AWS":"*"}"#, OTHER, Allowed),
        (r#"{"AWS":"*"}"#, "ec2.amazonaws.com", Unknown),
        (r#""*""#, SAML, Unknown),
        (r#"{"AWS":"111122223333"}"#, ANN, Allowed),
        (r#"{"AWS":"111122223333"}"#, JOB, Allowed),
        (r#"{"AWS":"111122223333"}"#, FED, Allowed),
        (r#"{"AWS":"111122223333"}"#, ROOT, Allowed),
        (r#"{"AWS":"111122223333"}"#, OTHER, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, BOB, Allowed),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, OTHER, ImplicitDeny),
        (r#"{"AWS":"arn:aws-cn:iam::111122223333:root"}"#, ANN, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "ec2.amazonaws.com", ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, ANN, Allowed),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/Ann"}"#, ANN, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, OTHER, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, FED, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/bob"}"#, BOB, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/ci/build"}"#, JOB, Allowed),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/ci/build"}"#, BUILD, Allowed),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/ci/other"}"#, JOB, ImplicitDeny),
        (r#"{"AWS":"arn:aws:iam::444455556666:role/build"}"#, JOB, ImplicitDeny),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/build/job"}"#, JOB, Allowed),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/build/job"}"#, RUN, ImplicitDeny),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/build/job"}"#, BUILD, Unknown),
        (r#"{"AWS":"arn:aws:sts::111122223333:federated-user/ann"}"#, FED, Allowed),
        (r#"{"AWS":"arn:aws:sts::111122223333:federated-user/ann"}"#, ANN, ImplicitDeny),
        (r#"{"Service":"ec2.amazonaws.com"}"#, "ec2.amazonaws.com", Allowed),
        (r#"{"Service":"ec2.amazonaws.com"}"#, "lambda.amazonaws.com", ImplicitDeny),
        (r#"{"Service":"ec2.amazonaws.com"}"#, ANN, ImplicitDeny),
        (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/okta"}"#, SAML, Allowed),
        (r#"{"Federated":"accounts.google.com"}"#, "accounts.google.com", Allowed),
        (r#"{"Federated":"accounts.google.com"}"#, SAML, ImplicitDeny),
        (r#"{"CanonicalUser":"79a59df900b949e5"}"#, ANN, Unknown),
        (r#"{"AWS":"AIDAIOSFODNN7EXAMPLE"}"#, ANN, ImplicitDeny),
        (r#"{"AWS":["AROAIOSFODNN7EXAMPLE","111122223333"]}"#, JOB, Allowed),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#, ANN, Unknown),
        (r#"{"AWS":"arn:aws:iam::111122223333:group/ops"}"#, ANN, Unknown),
    ];
    for (principal, name, expected) in cases {
        let policy = policy(&format!(r#"[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]"#));
        assert_eq!(verdict(&policy, name), *expected, "{principal} {name}");
    }
}

#[test]
fn all_but_these() {
    let deny = |list: &str| {
        policy(&format!(
            r#"[{{"Effect":"Allow","Principal":"*","Action":"*"}},
            {{"Effect":"Deny","NotPrincipal":{{"AWS":[{list}]}},"Action":"*"}}]"#
        ))
    };
    let cases = [
        (vec![ANN, ROOT], ANN, Allowed),
        (vec![ANN, "111122223333"], ANN, Allowed),
        (vec![ANN, ROOT], BOB, ExplicitDeny),
        (vec![ANN, ROOT], OTHER, ExplicitDeny),
        (vec![ANN, ROOT], ROOT, Allowed),
        // "might deny access to the entire account" (N)
        (vec![ANN], ANN, Unknown),
        (vec![ROOT], ANN, ExplicitDeny),
        (vec![JOB, BUILD, ROOT], JOB, Allowed),
        (vec![BUILD, ROOT], JOB, Allowed),
        (vec![JOB, ROOT], JOB, Unknown),
        (vec![JOB, BUILD, ROOT], RUN, Unknown),
        (vec![JOB, ROOT], RUN, ExplicitDeny),
        (vec!["*"], OTHER, Allowed),
    ];
    for (list, name, expected) in cases {
        let text: Vec<String> = list.iter().map(|arn| format!("{arn:?}")).collect();
        assert_eq!(verdict(&deny(&text.join(",")), name), expected, "{list:?} {name}");
    }
    let allow = policy(r#"[{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]"#);
    assert_eq!([ANN, OTHER].map(|name| verdict(&allow, name)), [ImplicitDeny, Allowed]);
}

#[test]
fn what_makes_a_statement_malformed() {
    let faults = [
        (r#""Principal":"*","Resource":"*""#, "it has a resource, which trust policies have not"),
        (r#""Sid":"x""#, "it has neither `Principal` nor `NotPrincipal`"),
        (r#""Principal":"*","Foo":1"#, "the policy language has no element `Foo`"),
    ];
    for (elements, reason) in faults {
        let policy = policy(&format!(r#"[{{"Effect":"Allow","Action":"sts:AssumeRole",{elements}}}]"#));
        let decision = policy.decide(&caller(ANN), &Request::new("sts:AssumeRole", ROLE));
        assert_eq!(decision.verdict, Unknown, "{elements}");
        assert_eq!(decision.unknown[0].reasons, [reason]);
        assert_eq!(policy.users_may_assume_without_mfa(ROLE), None, "{elements}");
    }
}

#[test]
fn actions_and_keys() {
    let policy = policy(
        r#"[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["STS:assumerole","sts:TagSession","s3:*"],
        "Condition":{"StringEquals":{"sts:ExternalId":"x"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"}}}]"#,
    );
    let ask = |name: &str, action: &str, id: &str| {
        let context = Context::new().with("sts:ExternalId", id);
        policy.decide(&caller(name), &Request::new(action, ROLE).with_context(context)).verdict
    };
    assert_eq!(ask(ANN, "sts:AssumeRole", "x"), Allowed);
    assert_eq!(ask(ANN, "sts:tagsession", "x"), Allowed);
    assert_eq!(ask(ANN, "sts:AssumeRole", "y"), ImplicitDeny);
    assert_eq!(ask(ANN, "sts:SetSourceIdentity", "x"), ImplicitDeny);
    assert_eq!(ask(ANN, "s3:GetObject", "x"), ImplicitDeny);
    assert_eq!(ask(BOB, "sts:AssumeRole", "x"), ImplicitDeny);
    let decision = policy.decide(&caller(ANN), &Request::new("sts:AssumeRole", ROLE));
    assert_eq!((decision.verdict, decision.missing_keys), (ImplicitDeny, vec!["sts:ExternalId".to_owned()]));
    let request = Request::new("sts:AssumeRole", ROLE).with_context(Context::open());
    assert!(!policy.names(&caller(ANN), &request), "only the account is named");
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
        "a Deny with a variable",
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

#[test]
fn one_user_and_its_mfa() {
    let policy = policy(
        r#"[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole",
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/team/bob"},"Action":"sts:AssumeRole"}]"#,
    );
    assert_eq!(
        [ANN, BOB, OTHER, "ann"].map(|arn| policy.asks_for_mfa(arn)),
        [Some(true), Some(false), Some(true), None]
    );
    let request = Request::new("sts:AssumeRole", ROLE).with_context(Context::open());
    assert_eq!([ANN, BOB].map(|arn| policy.names(&caller(arn), &request)), [false, true]);
}

proptest! {
    /// `NotPrincipal` is the complement of `Principal`: always with `Allow`. With `Deny`, whom it spares is listed, and
    /// whom it denies is not listed by its own ARN.
    #[test]
    fn not_principal_is_the_complement(
        list in subsequence(vec![ANN, BOB, OTHER, ROOT, BUILD, JOB, FED, "444455556666", "AIDAIOSFODNN7EXAMPLE"], 1..6),
        name in select(vec![ANN, BOB, OTHER, ROOT, JOB, RUN, FED, "ec2.amazonaws.com"]),
    ) {
        let ask = |effect: &str, element: &str| {
            let list: Vec<String> = list.iter().map(|arn| format!("{arn:?}")).collect();
            let all = r#"{"Effect":"Allow","Principal":{"AWS":["111122223333","444455556666"],"Service":"ec2.amazonaws.com"},"Action":"*"}"#;
            let all = if effect == "Deny" { format!("{all},") } else { String::new() };
            let list = list.join(",");
            verdict(&policy(&format!(r#"[{all}{{"Effect":"{effect}","{element}":{{"AWS":[{list}]}},"Action":"*"}}]"#)), name)
        };
        let listed = ask("Allow", "Principal") == Allowed;
        prop_assert_eq!(ask("Allow", "NotPrincipal") == Allowed, !listed);
        match ask("Deny", "NotPrincipal") {
            Allowed => prop_assert!(listed),
            ExplicitDeny => prop_assert!(!list.contains(&name)),
            other => prop_assert_eq!(other, Unknown),
        }
    }
}
