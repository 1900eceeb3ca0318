//! The AWS layer against a small server in the place of AWS.

mod reading;
mod scps;
mod writing;

use aws_config::{Region, retry::RetryConfig};
use aws_credential_types::Credentials;

use super::meter::{Meter, Metered};
use super::session::{Hub, Settings, base};
use super::test_server::{Reply, Request, Server};
use super::{AwsError, ErrorKind, http};
use crate::model::{Account, MfaKind};

const OWN: &str = "111122223333";

fn xml(action: &str, inner: &str) -> Reply {
    (200, format!("<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"))
}

fn fault(status: u16, code: &str) -> Reply {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>");
    (status, format!("<ErrorResponse>{error}<RequestId>req-1</RequestId></ErrorResponse>"))
}

/// Answers what every test needs: who we are, and a role in every account but our own.
fn sts(request: &Request) -> Reply {
    sts_until(request, "2199-01-01T00:00:00Z")
}

/// The same, with role credentials that expire at `expiry`.
fn sts_until(request: &Request, expiry: &str) -> Reply {
    if request.action == "GetCallerIdentity" {
        return xml("GetCallerIdentity", &format!("<Account>{OWN}</Account><Arn>arn:aws:iam::{OWN}:user/me</Arn>"));
    }
    if request.body.contains(OWN) {
        return fault(403, "AccessDenied");
    }
    let keys = "<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>very-secret</SecretAccessKey>\
                <SessionToken>t</SessionToken>";
    xml("AssumeRole", &format!("<Credentials>{keys}<Expiration>{expiry}</Expiration></Credentials>"))
}

async fn connect(url: &str, max_rate: Option<u32>) -> Result<Hub, AwsError> {
    let settings = Settings {
        role_name: "audit/portcullis".to_owned(),
        session_name: "test".to_owned(),
        external_id: Some("secret-7".to_owned()),
        max_rate,
        ..Settings::default()
    };
    let (pool, meter) = (http::pool(None)?, Meter::default());
    let caller =
        Credentials::builder().access_key_id("AKIAHUB").secret_access_key("very-secret").provider_name("test").build();
    let config = base(Metered::new(pool.clone(), meter.clone(), max_rate))
        .credentials_provider(caller)
        .region(Region::from_static("us-east-1"))
        .endpoint_url(url)
        .retry_config(
            RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)).with_max_attempts(5),
        )
        .load()
        .await;
    Hub::sign_in(settings, config, pool, meter).await
}

fn account(id: &str) -> Account {
    Account { id: id.to_owned(), ..Account::default() }
}

#[tokio::test]
async fn a_role_is_assumed_once_and_each_account_counts_its_own() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "ListAccountAliases" => xml("ListAccountAliases", "<AccountAliases><member>x</member></AccountAliases>"),
        _ => sts(request),
    });
    let hub = connect(&server.url, None).await.unwrap();
    assert_eq!(hub.caller().account, OWN);
    let reader = hub.enter(&account("444455556666")).await.unwrap();
    for _ in 0..3 {
        assert_eq!(reader.account_aliases().await.unwrap(), ["x"]);
    }
    assert_eq!(server.count("AssumeRole"), 1);
    assert_eq!((reader.meter().api_calls(), hub.meter().api_calls()), (3, 2));
    assert!(!reader.used_own_credentials());
    let role = "RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Faudit%2Fportcullis";
    for request in server.seen() {
        let hub_signs = request.action != "ListAccountAliases";
        assert_eq!(request.key, if hub_signs { "AKIAHUB" } else { "ASIAROLE" }, "{}", request.action);
        if request.action == "AssumeRole" {
            assert!(request.body.contains(role) && request.body.contains("ExternalId=secret-7"), "{}", request.body);
        }
    }
}

#[tokio::test]
async fn only_our_own_account_is_read_without_the_role() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "ListAccountAliases" => xml("ListAccountAliases", ""),
        "AssumeRole" => fault(403, "AccessDenied"),
        _ => sts(request),
    });
    let hub = connect(&server.url, None).await.unwrap();
    let own = hub.enter(&account(OWN)).await.unwrap();
    assert!(own.used_own_credentials());
    own.account_aliases().await.unwrap();
    assert_eq!(own.meter().api_calls(), 3, "the caller's account counts its STS calls");
    let error = hub.enter(&account("444455556666")).await.unwrap_err();
    let text = "sts:AssumeRole in account 444455556666: AccessDenied: no (request id req-1)";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Denied, text));
}

#[tokio::test]
async fn retries_and_throttling_are_counted() {
    let server = Server::start(|request, before| match request.action.as_str() {
        "ListMFADevices" if before < 2 => fault(400, "Throttling"),
        "ListMFADevices" => xml(
            "ListMFADevices",
            "<IsTruncated>false</IsTruncated><MFADevices><member><UserName>a</UserName>\
             <SerialNumber>GAHT1</SerialNumber><EnableDate>2026-01-02T03:04:05Z</EnableDate></member></MFADevices>",
        ),
        "GetUser" => fault(404, "NoSuchEntity"),
        "ListAccountAliases" => fault(400, "Throttling"),
        _ => sts(request),
    });
    let reader = connect(&server.url, None).await.unwrap().enter(&account("444455556666")).await.unwrap();
    let devices = reader.mfa_devices("a").await.unwrap();
    assert_eq!(devices[0].kind, MfaKind::HardwareTotp);
    assert_eq!((reader.meter().api_calls(), reader.meter().throttled()), (3, 2));
    assert_eq!(reader.get_user("gone").await.unwrap(), None);
    let error = reader.account_aliases().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Throttled, Some("Throttling")));
    assert_eq!((reader.meter().api_calls(), reader.meter().throttled()), (9, 7));
}

#[tokio::test]
async fn what_does_not_exist_is_told_apart() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "GetCredentialReport" => fault(404, "ReportInProgress"),
        "AssumeRole" | "GetCallerIdentity" => sts(request),
        _ => fault(404, "NoSuchEntity"),
    });
    let reader = connect(&server.url, None).await.unwrap().own();
    assert_eq!(reader.login_profile("a").await.unwrap(), None);
    let policy = reader.password_policy().await.unwrap();
    assert_eq!((policy.exists, policy.min_length, policy.max_age_days), (false, 8, None));
    let error = reader.access_keys("gone").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(reader.credential_report().await.unwrap_err().code(), Some("ReportInProgress"));
}

#[tokio::test]
async fn authorization_details_are_read_to_the_last_page_and_decoded() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "GetAccountAuthorizationDetails" if request.body.contains("Marker=m1") => xml(
            "GetAccountAuthorizationDetails",
            "<IsTruncated>false</IsTruncated><Policies><member><Arn>arn:aws:iam::1:policy/p</Arn>\
             <PolicyVersionList><member><Document>%7Bnew%7D</Document><VersionId>v2</VersionId>\
             <IsDefaultVersion>false</IsDefaultVersion></member><member><Document>%7B%22a+b%22%7D</Document>\
             <VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion></member></PolicyVersionList>\
             </member></Policies>",
        ),
        "GetAccountAuthorizationDetails" => xml(
            "GetAccountAuthorizationDetails",
            "<IsTruncated>true</IsTruncated><Marker>m1</Marker><UserDetailList><member><UserName>a</UserName>\
             <GroupList><member>g</member></GroupList></member></UserDetailList>",
        ),
        "ListUsers" => xml("ListUsers", "<IsTruncated>true</IsTruncated><Marker>same</Marker><Users/>"),
        _ => sts(request),
    });
    let reader = connect(&server.url, None).await.unwrap().own();
    let details = reader.authorization_details(false).await.unwrap();
    assert_eq!(details.users[0].authorization.groups, ["g"]);
    let policy = &details.policies[0];
    assert_eq!((policy.name.as_str(), policy.default_version.as_str(), policy.versions), ("p", "v1", 2));
    assert_eq!(policy.document.as_deref(), Some("{\"a+b\"}"));
    let cut_off = reader.list_users().await.unwrap_err();
    assert!(cut_off.to_string().contains("the answer is incomplete"), "{cut_off}");
}

#[tokio::test]
async fn accounts_are_listed_past_an_empty_page_and_placed_in_the_tree() {
    let server = Server::start(|request, before| {
        let json = |text: &str| (200, text.to_owned());
        match (request.action.as_str(), before) {
            ("ListAccounts", 0) => json(r#"{"Accounts":[{"Id":"1","Name":"one","Status":"ACTIVE"}],"NextToken":"a"}"#),
            ("ListAccounts", 1) => json(r#"{"Accounts":[],"NextToken":"b"}"#),
            ("ListAccounts", _) => json(
                r#"{"Accounts":[{"Id":"2","Status":"ACTIVE","State":"PENDING_CLOSURE"},{"Id":"3","State":"ACTIVE",
                    "Paths":["o-a/r-b/ou-b-z/3/"]}]}"#,
            ),
            ("DescribeOrganization", _) => json(r#"{"Organization":{"Id":"o-a","MasterAccountId":"1"}}"#),
            ("ListRoots", _) => json(r#"{"Roots":[{"Id":"r-b"}]}"#),
            ("ListAccountsForParent", _) if request.body.contains("r-b") => json(r#"{"Accounts":[{"Id":"1"}]}"#),
            ("ListAccountsForParent", _) => json(r#"{"Accounts":[{"Id":"2"}]}"#),
            ("ListOrganizationalUnitsForParent", _) => json(r#"{"OrganizationalUnits":[{"Id":"ou-b-y"}]}"#),
            _ => sts(request),
        }
    });
    let hub = connect(&server.url, None).await.unwrap();
    let found = hub.discover(&[]).await.unwrap();
    let told: Vec<_> = found
        .accounts
        .iter()
        .map(|listed| (listed.account.id.as_str(), listed.state.as_str(), listed.account.ou_path.as_deref().unwrap()))
        .collect();
    let expected =
        [("1", "ACTIVE", "o-a/r-b/"), ("2", "PENDING_CLOSURE", "o-a/r-b/ou-b-y/"), ("3", "ACTIVE", "o-a/r-b/ou-b-z/")];
    assert_eq!(told, expected);
    assert_eq!(found.accounts[0].account.management, Some(true));
    assert_eq!(found.notices, Vec::<String>::new());
}

#[tokio::test]
async fn an_account_outside_any_organization_is_told_what_to_do() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "DescribeOrganization" => (400, r#"{"__type":"AWSOrganizationsNotInUseException","Message":"no"}"#.to_owned()),
        _ => sts(request),
    });
    let error = connect(&server.url, None).await.unwrap().discover(&[]).await.unwrap_err();
    assert!(error.to_string().contains("scan it alone without --org"), "{error}");
}

#[tokio::test]
async fn requests_keep_to_the_rate() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "ListAccountAliases" => xml("ListAccountAliases", ""),
        _ => sts(request),
    });
    let reader = connect(&server.url, Some(20)).await.unwrap().enter(&account("444455556666")).await.unwrap();
    let start = std::time::Instant::now();
    for _ in 0..5 {
        reader.account_aliases().await.unwrap();
    }
    assert!(start.elapsed() >= std::time::Duration::from_millis(200), "four waits of 50 ms");
}

#[tokio::test]
async fn a_refused_connection_is_told_in_words() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = connect(&format!("http://{free}"), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert_eq!(error.to_string(), format!("sts:GetCallerIdentity: cannot reach http://{free}: connection refused"));
}

#[tokio::test]
async fn a_failing_server_is_asked_longer_if_it_speaks_as_aws_does() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "GenerateCredentialReport" => fault(500, "ServiceFailure"),
        "ListOrganizationsFeatures" => (500, "<html>".to_owned()),
        _ => sts(request),
    });
    let reader = connect(&server.url, None).await.unwrap().own();
    let error = reader.generate_credential_report().await.unwrap_err();
    assert_eq!((error.code(), server.count("GenerateCredentialReport")), (Some("ServiceFailure"), 5));
    let error = reader.organizations_features().await.unwrap_err();
    assert!(error.to_string().contains("HTTP status 500 without an error code of AWS"), "{error}");
    assert_eq!(server.count("ListOrganizationsFeatures"), 4);
}

#[tokio::test]
async fn ous_need_the_tree_where_aws_names_no_paths() {
    let server = Server::start(|request, _| match request.action.as_str() {
        "ListAccounts" => (200, r#"{"Accounts":[{"Id":"1","State":"ACTIVE"}]}"#.to_owned()),
        "DescribeOrganization" => (200, r#"{"Organization":{"Id":"o-a","MasterAccountId":"1"}}"#.to_owned()),
        "ListRoots" => (400, r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned()),
        _ => sts(request),
    });
    let hub = connect(&server.url, None).await.unwrap();
    let found = hub.discover(&[]).await.unwrap();
    assert_eq!(found.accounts[0].account.ou_path, None);
    assert!(found.notices[0].starts_with("the OUs of the accounts are not known: organizations:ListRoots"));
    let error = hub.discover(&["ou-b-x".to_owned()]).await.unwrap_err();
    assert!(error.to_string().contains("accounts cannot be selected by OU"), "{error}");
}

#[tokio::test]
async fn expiring_credentials_are_renewed_once() {
    let server = Server::start(|request, before| match request.action.as_str() {
        "ListAccountAliases" => xml("ListAccountAliases", ""),
        "AssumeRole" if before == 0 => sts_until(request, "2001-01-01T00:00:00Z"),
        _ => sts(request),
    });
    let reader = connect(&server.url, None).await.unwrap().enter(&account("444455556666")).await.unwrap();
    for _ in 0..4 {
        reader.account_aliases().await.unwrap();
    }
    assert_eq!(server.count("AssumeRole"), 2);
}

#[tokio::test]
async fn secrets_are_in_no_debug_output() {
    let server = Server::start(|request, _| sts(request));
    let hub = connect(&server.url, None).await.unwrap();
    let reader = hub.enter(&account("444455556666")).await.unwrap();
    let shown = format!("{hub:?} {reader:?}");
    assert!(!shown.contains("SecretAccessKey>") && !shown.contains("very-secret"), "{shown}");
}
