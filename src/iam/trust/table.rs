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
    CallerIdentity::from_arn(name).unwrap_or_else(|| {
        let is_service = name.ends_with(".amazonaws.com");
        if is_service { CallerIdentity::service(name) } else { CallerIdentity::federated(name) }
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
