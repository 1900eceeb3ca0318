//! What the proxy is told to break, it breaks, and nothing else.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{enter, text};
use crate::support::boto::{AwsError, Boto, Credentials};
use crate::support::org::{Org, Size};
use crate::support::proxy::{On, Proxy, change, span};
use crate::support::server::Moto;

struct Stage {
    moto: Moto,
    org: Org,
    proxy: Proxy,
}

impl Stage {
    fn set() -> Self {
        let moto = Moto::start();
        let org = Org::seed(&moto, Size { accounts: 6, users: 60 });
        let proxy = Proxy::start(moto.port());
        proxy.learn(&org.credentials().key, &org.management);
        Self { moto, org, proxy }
    }

    fn boto(&self, credentials: &Credentials) -> Boto {
        Boto::new(&self.proxy.endpoint(), credentials)
    }
}

fn codes(outcomes: &[Result<Value, AwsError>]) -> Vec<&str> {
    outcomes.iter().map(|outcome| outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "")).collect()
}

#[test]
fn errors_hit_the_calls_they_are_about() {
    let stage = Stage::set();
    let (proxy, hub) = (&stage.proxy, stage.org.credentials());
    let [first, second] = [1, 2].map(|index| stage.org.accounts[index].id.as_str());
    let inside = enter(&proxy.endpoint(), &hub, &[first, second]);
    let throttled = proxy.rule(On::action("iam", "ListUsers").first(2).each_account().throttle());
    let broken = proxy.rule(On::action("iam", "ListRoles").occurrences(2..=2).error(500, "ServiceFailure", "no"));
    proxy.rule(On::action("iam", "GetAccountSummary").account(second).deny());
    proxy.rule(On::service("organizations").first(1).throttle());
    proxy.rule(On::action("organizations", "ListAccounts").deny());
    let role = format!("arn:aws:iam::{second}:role/PortcullisScan");
    proxy.rule(On::action("sts", "AssumeRole").param("RoleArn", &role).deny());

    let mut calls = stage.boto(&hub);
    for credentials in &inside {
        calls = calls.signed_by(credentials);
        for operation in ["list_users", "list_users", "list_users", "list_roles", "get_account_summary"] {
            calls = calls.call("iam", operation, &json!({}));
        }
    }
    let assume = json!({"RoleArn": role, "RoleSessionName": "harness"});
    let calls = calls.signed_by(&hub).call("organizations", "describe_organization", &json!({}));
    let calls = calls.call("organizations", "list_accounts", &json!({})).call("sts", "assume_role", &assume);
    let outcomes = calls.run();
    let one = ["Throttling", "Throttling", "", "", ""];
    let two = ["Throttling", "Throttling", "", "ServiceFailure", "AccessDenied"];
    let three = ["TooManyRequestsException", "AccessDeniedException", "AccessDenied"];
    assert_eq!(codes(&outcomes), [one.as_slice(), &two, &three].concat());
    assert_eq!((proxy.hits(throttled), proxy.hits(broken)), (4, 1));
    let error = outcomes[0].as_ref().unwrap_err();
    assert_eq!((error.status, error.message.as_str()), (400, "Rate exceeded"));

    proxy.clear();
    let outcomes = stage.boto(&inside[1]).call("iam", "get_account_summary", &json!({})).run();
    assert_eq!(codes(&outcomes), [""]);
}

#[test]
fn connections_break_before_or_after_the_server_acted() {
    let stage = Stage::set();
    let hub = stage.org.credentials();
    stage.proxy.rule(On::action("iam", "CreateUser").param("UserName", "before").drop_request());
    stage.proxy.rule(On::action("iam", "CreateUser").param("UserName", "after").drop_answer());
    let failing = On::action("iam", "CreateUser").param("UserName", "failed");
    stage.proxy.rule(failing.error_after(500, "ServiceFailure", "no"));
    stage.proxy.rule(On::action("iam", "GetUser").delay(Duration::from_millis(300)));
    let mut calls = stage.boto(&hub);
    for operation in ["create_user", "get_user"] {
        for name in ["before", "after", "failed"] {
            calls = calls.call("iam", operation, &json!({"UserName": name}));
        }
    }
    let outcomes = calls.run();
    let closed = "ConnectionClosedError";
    assert_eq!(codes(&outcomes), [closed, closed, "ServiceFailure", "NoSuchEntity", "", ""]);
    let calls = stage.proxy.calls(&stage.org.management);
    assert_eq!(calls[0].status, None);
    assert!(span(&calls) >= Duration::from_millis(300));
}

#[test]
fn answers_are_changed() {
    let stage = Stage::set();
    let hub = stage.org.credentials();
    let report = || On::action("iam", "GetCredentialReport");
    let row =
        "true,no_information,N/A,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
    stage.proxy.rule(report().change(change::root_row(row)));
    stage.proxy.rule(report().change(change::element("GeneratedTime", "2026-01-02T03:04:05Z")));
    let summary = || On::action("iam", "GetAccountSummary");
    stage.proxy.rule(summary().change(change::summary("AccountPasswordPresent", 1)));
    stage.proxy.rule(summary().change(change::summary("AccountMFAEnabled", 7)));
    let answers = stage
        .boto(&hub)
        .call("iam", "generate_credential_report", &json!({}))
        .call("iam", "get_credential_report", &json!({}))
        .call("iam", "get_account_summary", &json!({}))
        .succeed();
    let csv = String::from_utf8(BASE64.decode(text(&answers[1], "Content").as_bytes()).unwrap()).unwrap();
    let (header, root) = (csv.lines().next().unwrap(), csv.lines().nth(1).unwrap());
    assert!(root.starts_with(&format!("<root_account>,arn:aws:iam::{}:root,", stage.org.management)), "{root}");
    assert_eq!(header.split(',').count(), root.split(',').count());
    assert_eq!(csv.lines().count(), stage.org.accounts[0].users.len() + 2);
    assert!(text(&answers[1], "GeneratedTime").starts_with("2026-01-02T03:04:05"));
    let summary = &answers[2]["SummaryMap"];
    assert_eq!((&summary["AccountPasswordPresent"], &summary["AccountMFAEnabled"]), (&json!(1), &json!(7)));
    assert!(summary["Users"].is_number());
    assert!(stage.moto.port() > 0, "the server lives as long as the stage");
}
