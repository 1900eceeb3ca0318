use super::*;
use crate::iam::decide::Policies;
use crate::iam::document::Document;
use crate::iam::policy::Policy;

const ANN: &str = "arn:aws:iam::111122223333:user/ann";

fn ways(statements: &str, boundary: Option<&str>, targets: &Targets<'_>) -> Vec<String> {
    let read = |statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Policy::new("p", &Document::parse(&text).unwrap())
    };
    let policy = read(statements);
    let boundary = boundary.map(read);
    let policies = Policies { identity: vec![&policy], boundary: boundary.as_ref(), scps: Vec::new() };
    Escalation::of(&Subject::user(ANN, policies, []), targets).iter().map(Escalation::to_string).collect()
}

fn allow(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":[{action}],"Resource":"{resource}"}}"#)
}

#[test]
fn keys_for_oneself_lead_nowhere_and_for_an_administrator_do() {
    let none = Targets::default();
    let keys = r#""iam:CreateAccessKey""#;
    assert!(ways(&allow(keys, "arn:aws:iam::*:user/${aws:username}"), None, &none).is_empty());
    assert_eq!(ways(&allow(keys, "*"), None, &none), ["iam:CreateAccessKey on arn:aws:iam::111122223333:user/*"]);
    let root = "arn:aws:iam::111122223333:user/ops/root";
    let ops = allow(keys, "arn:aws:iam::*:user/ops/*");
    assert!(ways(&ops, None, &none).is_empty());
    let targets = Targets { admin_users: vec![root], ..Targets::default() };
    assert_eq!(ways(&ops, None, &targets), ["iam:CreateAccessKey on arn:aws:iam::111122223333:user/ops/root"]);
}

#[test]
fn a_boundary_and_a_deny_close_a_way() {
    let none = Targets::default();
    let attach = allow(r#""iam:AttachUserPolicy""#, "*");
    assert_eq!(ways(&attach, None, &none).len(), 1);
    assert!(ways(&attach, Some(&allow(r#""s3:*""#, "*")), &none).is_empty());
    let deny = r#"{"Effect":"Deny","Action":"iam:Attach*","Resource":"*"}"#;
    assert!(ways(&format!("{attach},{deny}"), None, &none).is_empty());
}

#[test]
fn conditions_on_the_policy_and_on_the_service_are_respected() {
    let none = Targets::default();
    let only = |arn: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*",
            "Condition":{{"ArnEquals":{{"iam:PolicyARN":"{arn}"}}}}}}"#
        )
    };
    assert!(ways(&only("arn:aws:iam::aws:policy/ReadOnlyAccess"), None, &none).is_empty());
    assert_eq!(ways(&only("arn:aws:iam::aws:policy/*"), None, &none).len(), 1);
    let pass = |service: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",
            "Condition":{{"StringEquals":{{"iam:PassedToService":"{service}"}}}}}},{}"#,
            allow(r#""ec2:RunInstances","lambda:CreateFunction","lambda:InvokeFunction""#, "*")
        )
    };
    assert_eq!(
        ways(&pass("ec2.amazonaws.com"), None, &none),
        ["iam:PassRole + ec2:RunInstances on arn:aws:iam::111122223333:role/*"]
    );
    assert_eq!(
        ways(&pass("lambda.amazonaws.com"), None, &none),
        ["iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction on arn:aws:iam::111122223333:role/*"]
    );
    assert!(ways(&pass("monitoring.rds.amazonaws.com"), None, &none).is_empty());
}

#[test]
fn every_way_is_found_and_none_without_each_of_its_steps() {
    let none = Targets::default();
    for way in WAYS {
        let actions: Vec<String> = way.iter().map(|step| format!(r#""{}""#, step.action)).collect();
        let name = way.iter().map(|step| step.action).collect::<Vec<_>>().join(" + ");
        let open = ways(&allow(&actions.join(","), "*"), None, &none);
        assert!(open.iter().any(|open| open.starts_with(&format!("{name} on "))), "{name}: {open:?}");
        for left_out in 0..actions.len() {
            let mut fewer = actions.clone();
            fewer.remove(left_out);
            let open = if fewer.is_empty() { Vec::new() } else { ways(&allow(&fewer.join(","), "*"), None, &none) };
            assert!(!open.iter().any(|open| open.starts_with(&format!("{name} on "))), "{name} without {left_out}");
        }
    }
}

#[test]
fn own_groups_and_policies_lead_further() {
    let statement = format!(
        "{},{}",
        allow(r#""iam:PutGroupPolicy""#, "arn:aws:iam::111122223333:group/dev"),
        allow(r#""iam:CreatePolicyVersion""#, "arn:aws:iam::111122223333:policy/dev")
    );
    assert!(ways(&statement, None, &Targets::default()).is_empty());
    let own = Targets {
        own_groups: vec!["arn:aws:iam::111122223333:group/dev"],
        own_policies: vec!["arn:aws:iam::111122223333:policy/dev"],
        ..Targets::default()
    };
    assert_eq!(ways(&statement, None, &own).len(), 2);
}
