//! Too many requests, too little time, and numbers that do not add up.

use std::time::Duration;

use serde_json::json;

use super::{MFA, Stage, account, findings, list, notices, resources, statuses, text, truth, words};
use crate::support::boto::Credentials;
use crate::support::portcullis::Portcullis;
use crate::support::proxy::{On, change};
use crate::support::server::Moto;

#[test]
fn throttled_calls_are_repeated_and_counted() {
    let (stage, org) = Stage::organization(60);
    stage.proxy.rule(On::service("iam").first(2).each_account().throttle());
    for action in ["GetAccountAuthorizationDetails", "ListVirtualMFADevices", "GetAccountSummary"] {
        stage.proxy.rule(On::action("iam", action).first(1).each_account().throttle());
    }
    stage.proxy.rule(On::action("sts", "AssumeRole").first(1).throttle());
    stage.proxy.rule(On::action("organizations", "ListAccounts").first(1).throttle());
    let results = stage.scan("--org --rules mfa.yaml", 3);
    truth::check(&stage, &org, &results);
    for told in org.active() {
        let calls = stage.proxy.calls(&told.id);
        let codes = calls.iter().filter_map(|call| call.code.as_deref());
        let throttled = codes.filter(|code| ["Throttling", "TooManyRequestsException"].contains(code)).count();
        assert!(throttled >= 5, "{throttled}");
        assert_eq!(account(&results, &told.id)["throttled"], throttled);
    }
}

#[test]
fn throttled_for_good_is_a_gap() {
    let (stage, org) = Stage::organization(60);
    let busy = &org.accounts[2];
    stage.proxy.rule(On::action("iam", "GetAccountAuthorizationDetails").account(&busy.id).throttle());
    stage.proxy.forget();
    let program = stage.program().env("AWS_MAX_ATTEMPTS", "2");
    let results = program.run(words("scan", "--org --rules mfa.yaml --format json"), 3).json();
    let found = account(&results, &busy.id);
    assert_eq!((&found["status"], &found["throttled"]), (&json!("partial"), &json!(2)));
    assert_eq!(found["reason"], "iam:GetAccountAuthorizationDetails: Throttling");
    assert_eq!(found["api_calls"], stage.proxy.count(&busy.id));
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing(), "the plain list tells the users");
    assert_eq!(statuses(&results).iter().filter(|status| **status == "scanned").count(), 6);
}

#[test]
fn no_second_sees_more_requests_than_allowed() {
    let (stage, org) = Stage::organization(60);
    let results = stage.scan("--org --rules mfa.yaml --max-rate 9", 3);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing());
    for told in org.active() {
        let calls = stage.proxy.calls(&told.id);
        assert!(calls.len() > 12, "enough to tell: {}", calls.len());
        for (call, later) in calls.iter().zip(calls.iter().skip(10)) {
            // Of requests spaced evenly, the tenth after this one leaves 10/9 s later; the network may bunch them up.
            let apart = later.at.saturating_sub(call.at);
            assert!(apart > Duration::from_millis(900), "11 requests in {apart:?} in {}", told.id);
        }
    }
}

#[test]
fn an_account_not_finished_in_time_is_failed() {
    let (stage, org) = Stage::organization(60);
    let slow = &org.accounts[2];
    stage.proxy.rule(On::action("iam", "ListVirtualMFADevices").account(&slow.id).delay(Duration::from_secs(30)));
    let results = stage.scan("--org --rules mfa.yaml --fail-on critical --timeout 5s", 4);
    let found = account(&results, &slow.id);
    assert_eq!(found["status"], "failed");
    assert!(text(&found["reason"]).contains("--timeout"), "{found}");
    assert_eq!(found["api_calls"], stage.proxy.count(&slow.id), "requests were made all the same");
    assert_eq!(statuses(&results).iter().filter(|status| **status == "scanned").count(), 6);
    let of_others: Vec<_> = org.failing().into_iter().filter(|arn| !slow.failing.contains(arn)).collect();
    assert_eq!(resources(&results, "console-user-mfa", "fail"), of_others);
}

#[test]
fn the_time_is_over_for_the_own_account_too() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[])]);
    stage.proxy.rule(On::action("iam", "GetAccountSummary").delay(Duration::from_secs(30)));
    let results = stage.scan("--rules mfa.yaml --timeout 2s", 4);
    let found = &results["accounts"][0];
    assert_eq!((&found["status"], &found["api_calls"]), (&json!("failed"), &json!(stage.proxy.count(Moto::ACCOUNT))));
}

#[test]
fn a_count_that_differs_is_looked_at_twice() {
    let (stage, org) = Stage::organization(60);
    let odd = &org.accounts[1];
    let summary = || On::action("iam", "GetAccountSummary").account(&odd.id);
    let whole = stage.scan("--org --rules mfa.yaml", 3);
    let looks = |action: &str| stage.proxy.calls(&odd.id).iter().filter(|call| call.action == action).count();

    stage.proxy.rule(summary().first(1).change(change::summary("Users", 99)));
    let results = stage.scan("--org --rules mfa.yaml", 3);
    assert_eq!((looks("GetAccountSummary"), looks("GetAccountAuthorizationDetails")), (2, 2));
    assert_eq!(account(&results, &odd.id)["status"], "scanned", "users come and go");
    assert_eq!(findings(&results), findings(&whole));

    // The first list was taken before somebody made all these users.
    stage.proxy.clear();
    let details = On::action("iam", "GetAccountAuthorizationDetails").account(&odd.id).first(1);
    stage.proxy.rule(details.change(change::element("UserDetailList", "")));
    let results = stage.scan("--org --rules mfa.yaml", 3);
    assert_eq!(account(&results, &odd.id)["status"], "scanned");
    assert_eq!(findings(&results), findings(&whole), "the second list counts");

    stage.proxy.clear();
    stage.proxy.rule(summary().change(change::summary("Users", 99)));
    let results = stage.scan("--org --rules mfa.yaml", 3);
    assert_eq!((looks("GetAccountSummary"), looks("GetAccountAuthorizationDetails")), (2, 2));
    let found = account(&results, &odd.id);
    assert_eq!(found["status"], "partial");
    let listed = odd.users.len();
    let reason = format!("{listed} users were listed, but iam:GetAccountSummary counts 99");
    assert!(text(&found["reason"]).contains(&reason), "{found}");
    assert!(notices(&results, Some(&odd.id)).iter().any(|notice| notice.contains(&reason)));
    let unseen = format!("AWS::::Account:{}", odd.id);
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), [unseen], "of the users nobody saw");
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing());
}

#[test]
fn answers_that_never_come_are_gaps_and_no_hang() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[])]);
    stage.proxy.rule(On::action("iam", "ListAccountAliases").drop_answer());
    let results = stage.scan_impatiently("--rules mfa.yaml", 3);
    let found = &results["accounts"][0];
    assert_eq!(found["status"], "partial", "{found}");
    assert!(text(&found["reason"]).starts_with("iam:ListAccountAliases: "), "{found}");
    assert_eq!(found["api_calls"], stage.proxy.count(Moto::ACCOUNT));
    assert_eq!(list(&results["findings"]).len(), 1);
}

#[test]
fn a_session_that_expires_halfway_leaves_an_account_partial() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[]), ("lou", true, &["virtual"])]);
    stage.proxy.rule(On::action("iam", "ListMFADevices").error(403, "ExpiredToken", "The security token is expired"));
    let program = Portcullis::aws(&stage.proxy.endpoint(), &Credentials::new(&stage.credentials.key, "any"));
    let run = program.file("mfa.yaml", MFA).run(words("scan", "--rules mfa.yaml --format json"), 4);
    let results = run.json();
    assert_eq!(results["accounts"][0]["reason"], "iam:ListMFADevices: ExpiredToken");
    assert_eq!(results["summary"]["pass"], 1);
}
