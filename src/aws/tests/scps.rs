//! Service control policies, level by level.

use super::{connect, sts};
use crate::aws::test_server::{Reply, Request, Server};
use crate::aws::{ErrorKind, ScpReader, Scps};

fn json(text: &str) -> Reply {
    (200, text.to_owned())
}

/// Accounts 1 and 2 are in `ou-b-x`, which is in the root; each level has `p-all`, account 2 also a policy of its own.
fn organization(request: &Request) -> Reply {
    let about = |id: &str| request.body.contains(&format!("\"{id}\""));
    match request.action.as_str() {
        "ListParents" if about("ou-b-x") => json(r#"{"Parents":[{"Id":"r-b","Type":"ROOT"}]}"#),
        "ListParents" => json(r#"{"Parents":[{"Id":"ou-b-x","Type":"ORGANIZATIONAL_UNIT"}]}"#),
        "ListPoliciesForTarget" if about("2") && !about("more") => {
            json(r#"{"Policies":[{"Id":"p-all","Name":"FullAWSAccess"}],"NextToken":"more"}"#)
        }
        "ListPoliciesForTarget" if about("2") => json(r#"{"Policies":[{"Id":"p-own","Name":"own"}]}"#),
        "ListPoliciesForTarget" => json(r#"{"Policies":[{"Id":"p-all","Name":"FullAWSAccess"}]}"#),
        "DescribePolicy" if about("p-own") => json(r#"{"Policy":{"Content":"{\"own\":1}"}}"#),
        "DescribePolicy" => json(r#"{"Policy":{"Content":"{}"}}"#),
        _ => sts(request),
    }
}

#[tokio::test]
async fn levels_come_from_the_root_down_and_are_read_once() {
    let server = Server::start(|request, _| organization(request));
    let reader = ScpReader::new(connect(&server.url, None).await.unwrap());
    let mut told = Vec::new();
    for account in ["1", "2", "1"] {
        let Scps::Levels(levels) = reader.of_account(account).await.unwrap() else { panic!("readable") };
        told.push(
            levels
                .iter()
                .map(|level| {
                    let policies: Vec<_> =
                        level.policies.iter().map(|scp| format!("{}{}", scp.id, scp.document)).collect();
                    format!("{} {}", level.target, policies.join(" "))
                })
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(told[0], ["r-b p-all{}", "ou-b-x p-all{}", "1 p-all{}"]);
    assert_eq!(told[1], ["r-b p-all{}", "ou-b-x p-all{}", "2 p-all{} p-own{\"own\":1}"]);
    assert_eq!(told[2], told[0]);
    let counts = ["ListParents", "ListPoliciesForTarget", "DescribePolicy"].map(|action| server.count(action));
    assert_eq!(counts, [3, 5, 2]);
}

/// Policies above the management account do not bind it; who cannot be told apart from it is taken for a member.
#[tokio::test]
async fn none_binds_the_management_account() {
    for (answer, unbound) in [
        (json(r#"{"Organization":{"Id":"o-1","MasterAccountId":"1"}}"#), true),
        ((400, r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned()), false),
    ] {
        let server = Server::start(move |request, _| match request.action.as_str() {
            "DescribeOrganization" => answer.clone(),
            _ => organization(request),
        });
        let reader = ScpReader::new(connect(&server.url, None).await.unwrap());
        let mut levels = Vec::new();
        for account in ["1", "2", "1"] {
            let Scps::Levels(found) = reader.of_account(account).await.unwrap() else { panic!("readable") };
            levels.push(found.len());
        }
        assert_eq!(levels, if unbound { [0, 3, 0] } else { [3; 3] });
        assert_eq!(server.count("DescribeOrganization"), 1);
    }
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_no_organization_has_no_levels() {
    let code = std::sync::Arc::new(std::sync::Mutex::new("AccessDeniedException"));
    let said = std::sync::Arc::clone(&code);
    let server = Server::start(move |request, _| match request.action.as_str() {
        "ListParents" => (400, format!(r#"{{"__type":"{}","Message":"no"}}"#, said.lock().unwrap())),
        _ => sts(request),
    });
    let reader = ScpReader::new(connect(&server.url, None).await.unwrap());
    let Scps::NotReadable(error) = reader.of_account("1").await.unwrap() else { panic!("readable") };
    assert!(
        error.to_string().starts_with("organizations:ListParents in account 111122223333: AccessDenied"),
        "{error}"
    );
    *code.lock().unwrap() = "AWSOrganizationsNotInUseException";
    assert_eq!(reader.of_account("1").await.unwrap(), Scps::Levels(Vec::new()));
    *code.lock().unwrap() = "ChildNotFoundException";
    assert_eq!(reader.of_account("1").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_way_up_that_does_not_end_is_an_error() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "ListParents" if request.body.contains("ou-b-x") => json(r#"{"Parents":[{"Id":"ou-b-y"}]}"#),
        "ListParents" => json(r#"{"Parents":[{"Id":"ou-b-x"}]}"#),
        _ => sts(request),
    });
    let reader = ScpReader::new(connect(&server.url, None).await.unwrap());
    let error = reader.of_account("1").await.unwrap_err();
    assert!(error.to_string().ends_with("the answer has no way up to the root"), "{error}");
}
