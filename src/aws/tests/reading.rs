//! The reads that enforcement makes right before it writes.

use super::{connect, fault, sts, xml};
use crate::aws::answers::{ContextType, ContextValue, Decision, Simulation};
use crate::aws::test_server::{Reply, Request, Server};
use crate::aws::{ErrorKind, Reader};

const GUARD: &str = "arn:aws:iam::111122223333:policy/portcullis/guard";

async fn reader(server: &Server) -> Reader {
    connect(&server.url, None).await.unwrap().own()
}

/// A list of two pages: `first` and `second` are the members in `element`.
fn pages(request: &Request, element: &str, first: &str, second: &str) -> Reply {
    let (members, rest) = if request.body.contains("Marker=m1") {
        (second, "<IsTruncated>false</IsTruncated>")
    } else {
        (first, "<IsTruncated>true</IsTruncated><Marker>m1</Marker>")
    };
    xml(&request.action, &format!("<{element}>{members}</{element}>{rest}"))
}

#[tokio::test]
async fn a_policy_is_read_with_its_versions_and_document() {
    let server = Server::start(|request, before| match (request.action.as_str(), before) {
        ("GetPolicy", 0) => xml(
            "GetPolicy",
            "<Policy><Arn>arn:p</Arn><PolicyName>guard</PolicyName><Path>/portcullis/</Path>\
             <DefaultVersionId>v2</DefaultVersionId><AttachmentCount>3</AttachmentCount>\
             <Tags><member><Key>a</Key><Value>b</Value></member></Tags></Policy>",
        ),
        ("GetPolicyVersion", 0) => {
            xml("GetPolicyVersion", "<PolicyVersion><Document>%7B%22a+b%22%7D</Document></PolicyVersion>")
        }
        ("ListPolicyVersions", _) => {
            let version = |id: u8, default: bool| {
                format!("<member><VersionId>v{id}</VersionId><IsDefaultVersion>{default}</IsDefaultVersion></member>")
            };
            pages(request, "Versions", &version(2, true), &version(1, false))
        }
        ("GetPolicy" | "GetPolicyVersion", 1) => fault(404, "NoSuchEntity"),
        ("GetPolicy" | "GetPolicyVersion", _) => xml(&request.action, ""),
        _ => sts(request),
    });
    let reader = reader(&server).await;
    let policy = reader.policy(GUARD).await.unwrap().unwrap();
    assert_eq!((policy.path.as_str(), policy.default_version.as_str()), ("/portcullis/", "v2"));
    assert_eq!((policy.attachments, policy.tags[0].value.as_str()), (Some(3), "b"));
    assert_eq!(reader.policy_document(GUARD, "v2").await.unwrap().as_deref(), Some("{\"a+b\"}"));
    let versions = reader.policy_versions(GUARD).await.unwrap();
    let told: Vec<_> = versions.iter().map(|version| (version.id.as_str(), version.is_default)).collect();
    assert_eq!(told, [("v2", true), ("v1", false)]);
    assert_eq!(reader.policy(GUARD).await.unwrap(), None);
    assert_eq!(reader.policy_document(GUARD, "v9").await.unwrap(), None);
    assert!(reader.policy(GUARD).await.unwrap_err().to_string().ends_with("the answer has no policy"));
    assert!(reader.policy_document(GUARD, "v2").await.unwrap_err().to_string().ends_with("the answer has no document"));
}

#[tokio::test]
async fn the_rights_of_a_user_are_read_to_the_last_page() {
    let named = |name: &str| format!("<member>{name}</member>");
    let group = |name: &str| format!("<member><GroupName>{name}</GroupName><Path>/</Path></member>");
    let attached = |arn: &str| format!("<member><PolicyName>n</PolicyName><PolicyArn>{arn}</PolicyArn></member>");
    let server = Server::start(move |request, _| match request.action.as_str() {
        "ListUserPolicies" | "ListGroupPolicies" => pages(request, "PolicyNames", &named("p1"), &named("p2")),
        "ListGroupsForUser" => pages(request, "Groups", &group("g1"), &group("g2")),
        "ListAttachedUserPolicies" => pages(request, "AttachedPolicies", &attached("arn:1"), &attached("arn:2")),
        "ListAttachedGroupPolicies" => pages(request, "AttachedPolicies", &attached("arn:3"), ""),
        "GetUserPolicy" | "GetGroupPolicy" => xml(&request.action, "<PolicyDocument>%7B%7D</PolicyDocument>"),
        "GetUser" => xml(
            "GetUser",
            "<User><UserName>alice</UserName><PermissionsBoundary><PermissionsBoundaryArn>arn:b\
             </PermissionsBoundaryArn></PermissionsBoundary></User>",
        ),
        _ => sts(request),
    });
    let reader = reader(&server).await;
    assert_eq!(reader.user_policy_names("alice").await.unwrap(), ["p1", "p2"]);
    assert_eq!(reader.group_policy_names("g").await.unwrap(), ["p1", "p2"]);
    let groups: Vec<_> = reader.groups_of("alice").await.unwrap().into_iter().map(|group| group.name).collect();
    assert_eq!(groups, ["g1", "g2"]);
    let arns =
        |policies: Vec<crate::model::AttachedPolicy>| -> Vec<_> { policies.into_iter().map(|p| p.arn).collect() };
    assert_eq!(arns(reader.attached_user_policies("alice").await.unwrap()), ["arn:1", "arn:2"]);
    assert_eq!(arns(reader.attached_group_policies("g").await.unwrap()), ["arn:3"]);
    assert_eq!(reader.user_policy("alice", "p1").await.unwrap().as_deref(), Some("{}"));
    assert_eq!(reader.group_policy("g", "p1").await.unwrap().as_deref(), Some("{}"));
    let user = reader.user("alice").await.unwrap().unwrap();
    assert_eq!((user.user.name.as_str(), user.permissions_boundary.as_deref()), ("alice", Some("arn:b")));
}

#[tokio::test]
async fn members_of_a_group_are_read_to_the_last_page() {
    let member = |name: &str| format!("<member><UserName>{name}</UserName></member>");
    let server = Server::start(move |request, _| match request.action.as_str() {
        "GetGroup" if request.body.contains("GroupName=gone") => fault(404, "NoSuchEntity"),
        "GetGroup" => {
            let (status, body) = pages(request, "Users", &member("a"), &member("b"));
            (status, body.replace("<Users>", "<Group><GroupName>g</GroupName><Arn>arn:g</Arn></Group><Users>"))
        }
        _ => sts(request),
    });
    let reader = reader(&server).await;
    let group = reader.group("g").await.unwrap().unwrap();
    assert_eq!(group.group.arn, "arn:g");
    assert_eq!(group.members.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(reader.group("gone").await.unwrap(), None);
}

#[tokio::test]
async fn other_credentials_are_read_to_the_last_page() {
    let credential = |id: &str, status: &str| {
        format!(
            "<member><ServiceSpecificCredentialId>{id}</ServiceSpecificCredentialId><Status>{status}</Status>\
             <ServiceName>codecommit.amazonaws.com</ServiceName></member>"
        )
    };
    let key = |id: &str| format!("<member><SSHPublicKeyId>{id}</SSHPublicKeyId><Status>Active</Status></member>");
    let server = Server::start(move |request, _| match request.action.as_str() {
        "ListServiceSpecificCredentials" if request.body.contains("UserName=loop") => xml(
            "ListServiceSpecificCredentials",
            "<ServiceSpecificCredentials/><IsTruncated>true</IsTruncated><Marker>same</Marker>",
        ),
        "ListServiceSpecificCredentials" => pages(
            request,
            "ServiceSpecificCredentials",
            &credential("ACCA1", "Active"),
            &credential("ACCA2", "Inactive"),
        ),
        "ListSSHPublicKeys" => pages(request, "SSHPublicKeys", &key("APKA1"), &key("APKA2")),
        _ => sts(request),
    });
    let reader = reader(&server).await;
    let credentials = reader.service_credentials("alice").await.unwrap();
    let told: Vec<_> = credentials.iter().map(|credential| (credential.id.as_str(), credential.active)).collect();
    assert_eq!(told, [("ACCA1", true), ("ACCA2", false)]);
    assert_eq!(reader.ssh_keys("alice").await.unwrap().len(), 2);
    let error = reader.service_credentials("loop").await.unwrap_err();
    assert_eq!((error.kind(), server.count("ListServiceSpecificCredentials")), (ErrorKind::Other, 4));
}

#[tokio::test]
async fn a_simulation_tells_decisions_statements_and_what_is_missing() {
    let result = |action: &str, decision: &str, rest: &str| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision>{rest}</member>"
        )
    };
    let denied = result(
        "iam:CreateUser",
        "explicitDeny",
        "<MatchedStatements><member><SourcePolicyId>PolicyInputList.1</SourcePolicyId>\
         <SourcePolicyType>none</SourcePolicyType></member></MatchedStatements>\
         <OrganizationsDecisionDetail><AllowedByOrganizations>true</AllowedByOrganizations></OrganizationsDecisionDetail>",
    );
    let missing = "<MissingContextValues><member>aws:SourceIp</member></MissingContextValues>";
    let implicit = result("s3:GetObject", "implicitDeny", missing);
    let strange = result("s3:GetObject", "perhaps", "");
    let server = Server::start(move |request, before| match (request.action.as_str(), before) {
        ("SimulatePrincipalPolicy", 2) => pages(request, "EvaluationResults", &denied, "").clone(),
        ("SimulatePrincipalPolicy", 4) => {
            xml("SimulatePrincipalPolicy", &format!("<EvaluationResults>{strange}</EvaluationResults>"))
        }
        ("SimulatePrincipalPolicy", _) => pages(request, "EvaluationResults", &denied, &implicit),
        _ => sts(request),
    });
    let mut simulation = Simulation {
        user_arn: "arn:aws:iam::111122223333:user/alice".to_owned(),
        actions: vec!["iam:CreateUser".to_owned(), "s3:GetObject".to_owned()],
        policies: vec!["{}".to_owned()],
        context: vec![ContextValue {
            key: "aws:MultiFactorAuthPresent".to_owned(),
            kind: ContextType::Bool,
            values: vec!["false".to_owned()],
        }],
        ..Simulation::default()
    };
    let reader = reader(&server).await;
    let answers = reader.simulate(&simulation).await.unwrap();
    assert_eq!((answers[0].decision, answers[1].decision), (Decision::ExplicitDeny, Decision::ImplicitDeny));
    let matched = &answers[0].matched[0];
    assert_eq!((matched.policy.as_str(), matched.kind.as_str()), ("PolicyInputList.1", "none"));
    assert_eq!((answers[0].allowed_by_organizations, answers[0].allowed_by_boundary), (Some(true), None));
    assert_eq!(answers[1].missing_context, ["aws:SourceIp"]);
    let body = server.seen().pop().unwrap().body;
    assert!(body.contains("ContextEntries.member.1.ContextKeyType=boolean"), "{body}");
    assert!(!body.contains("ResourceArns"), "{body}");
    simulation.actions.push("ec2:RunInstances".to_owned());
    let error = reader.simulate(&simulation).await.unwrap_err();
    assert!(error.to_string().ends_with("the answer has no decision on ec2:RunInstances"), "{error}");
    assert!(reader.simulate(&simulation).await.unwrap_err().to_string().ends_with("no decision that is known"));
}
