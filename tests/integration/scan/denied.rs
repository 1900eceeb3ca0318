//! What the role may not read is unknown, never compliant, and everything else is judged as before.

use serde_json::{Value, json};

use super::{Stage, account, findings, list, notices, resources, statuses, text};
use crate::support::org::{Org, User};
use crate::support::proxy::On;

fn console(org: &Org) -> impl Iterator<Item = &User> {
    org.active().flat_map(|account| &account.users).filter(|user| user.console)
}

/// Sorted ARNs of the console users whom the list of virtual devices does not show to have one.
fn left_open(org: &Org) -> Vec<String> {
    let users = console(org).filter(|user| !user.mfa.iter().any(|kind| kind == "virtual"));
    let mut arns: Vec<_> = users.map(|user| user.arn.clone()).collect();
    arns.sort();
    arns
}

/// Every account is partial for `reason`, and says so.
fn check_partial(results: &Value, reason: &str) {
    for account in list(&results["accounts"]).iter().filter(|account| account["status"] != "skipped") {
        assert_eq!(account["status"], "partial", "{account}");
        assert_eq!(text(&account["reason"]), reason);
        let said = notices(results, account["id"].as_str());
        assert!(said.iter().any(|notice| notice.contains(reason.split(':').nth(1).unwrap_or(reason))), "{said:?}");
    }
}

#[test]
fn without_the_devices_of_users_nobody_passes_unseen() {
    let (stage, org) = Stage::organization(84);
    stage.proxy.rule(On::action("iam", "ListMFADevices").deny());
    let results = stage.scan("--org --rules mfa.yaml", 4);
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), left_open(&org));
    assert_eq!(resources(&results, "console-user-mfa", "fail"), [""; 0]);
    assert_eq!(results["summary"]["pass"], console(&org).count() - left_open(&org).len());
    check_partial(&results, "iam:ListMFADevices: AccessDenied");
    for finding in list(&results["findings"]) {
        let message = text(&finding["message"]);
        assert!(message.contains("AccessDenied") && message.contains("iam:ListMFADevices"), "{message}");
        let mut evidence = list(&finding["evidence"]).iter();
        assert!(evidence.any(|fact| fact["unknown"].as_str().is_some_and(|why| why.contains("AccessDenied"))));
    }
}

#[test]
fn a_denial_in_one_account_leaves_the_others_alone() {
    let (stage, org) = Stage::organization(84);
    let closed = &org.accounts[3];
    stage.proxy.rule(On::action("iam", "ListMFADevices").account(&closed.id).deny());
    let results = stage.scan("--org --rules mfa.yaml", 3);
    let failing: Vec<_> = org.failing().into_iter().filter(|arn| !closed.failing.contains(arn)).collect();
    assert_eq!(resources(&results, "console-user-mfa", "fail"), failing);
    for told in org.active() {
        let expected = if told.id == closed.id { "partial" } else { "scanned" };
        assert_eq!(account(&results, &told.id)["status"], expected);
    }
}

#[test]
fn the_credential_report_can_be_done_without() {
    let (stage, org) = Stage::organization(84);
    stage.complete_summaries();
    let [one, two] = [&org.accounts[1].id, &org.management];
    let args = format!("--accounts {one},{two}");
    let whole = stage.scan(&args, 3);
    assert!(!resources(&whole, "console-user-mfa", "fail").is_empty());
    let generate = || On::action("iam", "GenerateCredentialReport");
    let get = || On::action("iam", "GetCredentialReport");
    for (rule, said) in [
        (generate().deny(), "iam:GenerateCredentialReport: AccessDenied"),
        (generate().error(409, "LimitExceeded", "no more"), "iam:GenerateCredentialReport: LimitExceeded"),
        (generate().error(500, "ServiceFailure", "Unknown"), "iam:GenerateCredentialReport: ServiceFailure"),
        (get().deny(), "iam:GetCredentialReport: AccessDenied"),
        (get().error(500, "ServiceFailure", "Unknown"), "iam:GetCredentialReport: ServiceFailure"),
    ] {
        stage.proxy.clear();
        stage.complete_summaries();
        stage.proxy.rule(rule);
        let results = stage.scan_impatiently(&args, 3);
        assert_eq!(findings(&results), findings(&whole), "{said}");
        assert_eq!(results["summary"], whole["summary"], "{said}");
        assert_eq!(statuses(&results), ["scanned"; 2], "{said}");
        for account in [one, two] {
            let notices = notices(&results, Some(account));
            assert!(notices.iter().any(|notice| notice.contains(said)), "{said}: {notices:?}");
        }
    }
}

#[test]
fn a_report_that_takes_its_time_is_waited_for() {
    let stage = Stage::alone();
    stage.people(&[("kim", true, &[])]);
    let get = || On::action("iam", "GetCredentialReport");
    stage.proxy.rule(get().first(1).error(410, "ReportExpired", "Unknown"));
    stage.proxy.rule(get().occurrences(2..=2).error(404, "ReportInProgress", "Unknown"));
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(results["accounts"][0]["status"], "scanned");
    assert!(results["accounts"][0]["credential_report_as_of"].is_string());
    assert_eq!(results["notices"], json!([]));
}

#[test]
fn without_authorization_details_the_plain_list_tells_who_there_is() {
    let (stage, org) = Stage::organization(84);
    stage.proxy.rule(On::action("iam", "GetAccountAuthorizationDetails").deny());
    let results = stage.scan("--org", 3);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing());
    check_partial(&results, "iam:GetAccountAuthorizationDetails: AccessDenied");
    // Who is an administrator, nobody knows: no device, no verdict.
    assert_eq!(resources(&results, "admin-mfa", "fail"), [""; 0]);
    assert!(org.failing().iter().all(|arn| resources(&results, "admin-mfa", "unknown").contains(arn)));
    assert_eq!(resources(&results, "no-star-star-policy", "unknown").len(), 7, "one for each account");

    stage.proxy.rule(On::action("iam", "ListUsers").deny());
    let results = stage.scan("--org", 3);
    let of_users = list(&results["rules"]).iter().filter(|rule| rule["target"] == "user");
    for rule in of_users.map(|rule| text(&rule["id"])) {
        let mut told: Vec<_> = org.active().map(|account| format!("AWS::::Account:{}", account.id)).collect();
        told.sort();
        assert_eq!(resources(&results, rule, "unknown"), told, "{rule}");
        assert_eq!(resources(&results, rule, "fail"), [""; 0]);
    }
    assert_eq!(statuses(&results), ["partial"; 7]);
}

#[test]
fn without_the_list_of_virtual_devices_every_console_user_is_asked_about() {
    let (stage, org) = Stage::organization(84);
    stage.complete_summaries();
    stage.proxy.rule(On::action("iam", "ListVirtualMFADevices").deny());
    let results = stage.scan("--org", 3);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing());
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), [""; 0]);
    check_partial(&results, "iam:ListVirtualMFADevices: AccessDenied");
    assert_eq!(resources(&results, "orphan-virtual-mfa", "unknown").len(), 7);
    let with_device = org.active().filter(|account| account.root.as_ref().is_some_and(|root| root.mfa_enabled));
    assert_eq!(resources(&results, "root-hardware-mfa", "unknown").len(), with_device.count());
}

#[test]
fn without_the_summary_root_is_unknown_and_users_are_not() {
    let (stage, org) = Stage::organization(84);
    stage.proxy.rule(On::action("iam", "GetAccountSummary").deny());
    let results = stage.scan("--org", 3);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing());
    check_partial(&results, "iam:GetAccountSummary: AccessDenied");
    let mut roots: Vec<_> = org.active().map(|account| format!("arn:aws:iam::{}:root", account.id)).collect();
    roots.sort();
    for rule in ["root-mfa", "root-no-access-keys"] {
        assert_eq!(resources(&results, rule, "unknown"), roots, "{rule}");
        assert_eq!(resources(&results, rule, "fail"), [""; 0]);
    }
}

#[test]
fn without_live_passwords_a_report_of_before_shows_passwords_but_not_their_absence() {
    let (stage, org) = Stage::organization(84);
    stage.proxy.rule(On::action("iam", "GetLoginProfile").deny());
    let results = stage.scan("--org --rules mfa.yaml", 3);
    // Moto does not quote names with commas, so that the report has no row of those users.
    let (unreported, reported): (Vec<_>, Vec<_>) = org.failing().into_iter().partition(|arn| arn.contains(','));
    assert_eq!(resources(&results, "console-user-mfa", "fail"), reported);
    // A password may have been set since the report was made: who has neither password nor device there is open.
    let bare = |user: &&User| !user.console && !user.mfa.iter().any(|kind| kind == "virtual");
    let bare = org.active().flat_map(|account| &account.users).filter(bare).map(|user| user.arn.clone());
    let mut open: Vec<_> = bare.chain(unreported).collect();
    open.sort();
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), open);
    check_partial(&results, "iam:GetLoginProfile: AccessDenied");

    stage.proxy.rule(On::action("iam", "GenerateCredentialReport").deny());
    let results = stage.scan("--org --rules mfa.yaml", 4);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), [""; 0]);
    for finding in list(&results["findings"]) {
        let message = text(&finding["message"]);
        assert!(message.contains("console_access: AccessDenied (iam:GetLoginProfile)"), "{message}");
    }
    let unknown = resources(&results, "console-user-mfa", "unknown");
    assert!(org.failing().iter().all(|arn| unknown.contains(arn)), "{unknown:?}");
    for told in org.active() {
        assert_eq!(account(&results, &told.id)["console_users"], 0, "nobody is known to have a password");
    }
}

#[test]
fn without_anything_nothing_passes() {
    let (stage, _) = Stage::organization(84);
    stage.proxy.rule(On::service("iam").deny());
    let results = stage.scan("--org", 4);
    assert_eq!(statuses(&results), ["partial"; 7]);
    assert_eq!((&results["summary"]["pass"], &results["summary"]["fail"]), (&json!(0), &json!(0)));
    assert_eq!(results["summary"]["unknown"], list(&results["rules"]).len() * 7);
}
