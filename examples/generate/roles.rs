//! Roles: of services, of Identity Center, of federations, of vendors.

use portcullis::model::{AttachedPolicy, Role};

use crate::chance::Chance;
use crate::documents::trust;
use crate::plan::Plan;
use crate::users::aws;

/// Service-linked roles: name, service.
const LINKED: [(&str, &str); 4] = [
    ("AWSServiceRoleForOrganizations", "organizations.amazonaws.com"),
    ("AWSServiceRoleForSSO", "sso.amazonaws.com"),
    ("AWSServiceRoleForSupport", "support.amazonaws.com"),
    ("AWSServiceRoleForTrustedAdvisor", "trustedadvisor.amazonaws.com"),
];

/// The roles of an account.
pub(crate) fn all(plan: &Plan, chance: &mut Chance) -> Vec<Role> {
    let mut roles = Vec::new();
    for (name, service) in LINKED {
        roles.push(role(plan, &format!("/aws-service-role/{service}/"), name, &service_trust(service), &[], chance));
    }
    for set in ["AdministratorAccess", "ReadOnlyAccess"] {
        let name = format!("AWSReservedSSO_{set}_{}", chance.text("0123456789abcdef", 16));
        let provider = "AWSSSO_0123456789abcdef_DO_NOT_DELETE";
        let path = "/aws-reserved/sso.amazonaws.com/eu-west-1/";
        roles.push(role(plan, path, &name, &saml_trust(plan, provider), &[aws(set)], chance));
    }
    let scanner = trust(
        r#"{"AWS":"arn:aws:iam::111111111102:role/portcullis-hub"}"#,
        "sts:AssumeRole",
        r#"{"StringEquals":{"sts:ExternalId":"acme-portcullis"}}"#,
    );
    roles.push(role(plan, "/portcullis/", "portcullis-scan", &scanner, &[], chance));
    if !plan.is_management() {
        let trusted = trust(r#"{"AWS":"arn:aws:iam::111111111101:root"}"#, "sts:AssumeRole", "");
        let rights = [aws("AdministratorAccess")];
        roles.push(role(plan, "/", "OrganizationAccountAccessRole", &trusted, &rights, chance));
    }
    if plan.robots > 3 {
        workload(plan, &mut roles, chance);
    }
    roles.sort_by(|one, other| one.name.cmp(&other.name));
    roles
}

/// The roles of an account where something runs.
fn workload(plan: &Plan, roles: &mut Vec<Role>, chance: &mut Chance) {
    let lambda = [aws("AWSLambdaBasicExecutionRole")];
    roles.push(role(
        plan,
        "/service-role/",
        "thumbnails-lambda",
        &service_trust("lambda.amazonaws.com"),
        &lambda,
        chance,
    ));
    roles.push(role(plan, "/", "web-instance", &service_trust("ec2.amazonaws.com"), &[], chance));
    let subject =
        if plan.is_hostile() { "repo:acme-fictional/*" } else { "repo:acme-fictional/shop:ref:refs/heads/main" };
    let github = trust(
        &format!(r#"{{"Federated":"{}"}}"#, plan.arn("oidc-provider/token.actions.githubusercontent.com")),
        "sts:AssumeRoleWithWebIdentity",
        &format!(
            r#"{{"StringEquals":{{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}},
                "StringLike":{{"token.actions.githubusercontent.com:sub":"{subject}"}}}}"#
        ),
    );
    roles.push(role(plan, "/ci/", "github-deploy", &github, &[aws("PowerUserAccess")], chance));
    if chance.happens(60) {
        roles.push(role(plan, "/", "OktaDevelopers", &saml_trust(plan, "Okta"), &[aws("PowerUserAccess")], chance));
    }
    let vendor = trust(r#"{"AWS":"arn:aws:iam::999988887777:root"}"#, "sts:AssumeRole", "");
    roles.push(role(plan, "/vendors/", "observability-vendor", &vendor, &[aws("ReadOnlyAccess")], chance));
    if plan.is_hostile() {
        let anyone = trust(r#""*""#, "sts:AssumeRole", "");
        roles.push(role(plan, "/", "migration-temp", &anyone, &[aws("AdministratorAccess")], chance));
    }
}

fn service_trust(service: &str) -> String {
    trust(&format!(r#"{{"Service":"{service}"}}"#), "sts:AssumeRole", "")
}

fn saml_trust(plan: &Plan, provider: &str) -> String {
    trust(
        &format!(r#"{{"Federated":"{}"}}"#, plan.arn(&format!("saml-provider/{provider}"))),
        "sts:AssumeRoleWithSAML",
        r#"{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#,
    )
}

fn role(plan: &Plan, path: &str, name: &str, trust: &str, rights: &[AttachedPolicy], chance: &mut Chance) -> Role {
    Role {
        arn: plan.arn(&format!("role{path}{name}")),
        name: name.to_owned(),
        path: path.to_owned(),
        created: Some(chance.days_ago(200, 2_500)),
        trust_policy: Some(trust.to_owned()),
        last_used: chance.happens(75).then(|| chance.days_ago(1, 200)),
        attached_policies: rights.to_vec(),
        inline_policies: Vec::new(),
        permissions_boundary: None,
        tags: Vec::new(),
    }
}
