//! How many requests an account costs: a handful, and one more for each user who needs it.

use serde_json::json;

use super::{Stage, account, person, resources};
use crate::support::boto::Credentials;
use crate::support::server::Moto;

/// An account of no organization; moto lets everyone assume any role in it.
const MEMBER: &str = "222233334444";

/// Users with a password and a virtual device, in the account of the access key.
fn six_compliant(stage: &Stage, key: &str, account: &str) {
    for name in ["ann", "bea", "cai", "dee", "eva", "fay"] {
        person(&stage.moto, key, account, name, true, &["virtual"]);
    }
}

/// Calls of the account that are not part of waiting for the report.
fn without_polls(stage: &Stage, account: &str) -> Vec<String> {
    let calls = stage.proxy.calls(account).into_iter().filter(|call| call.status == Some(200));
    calls.map(|call| call.action).collect()
}

#[test]
fn an_account_whose_users_all_comply_costs_at_most_eight_requests() {
    let stage = Stage::alone();
    six_compliant(&stage, &stage.credentials.key, Moto::ACCOUNT);
    let role = json!({"RoleArn": format!("arn:aws:iam::{MEMBER}:role/any"), "RoleSessionName": "harness"});
    let inside = Credentials::from_answer(&stage.boto().call("sts", "assume_role", &role).succeed()[0]);
    six_compliant(&stage, &inside.key, MEMBER);

    let own = stage.scan("--fail-on critical --rules baseline", 4);
    assert_eq!(account(&own, Moto::ACCOUNT)["console_users"], 6);
    let calls = without_polls(&stage, Moto::ACCOUNT);
    assert!(calls.len() <= 8, "{calls:?}");
    assert_eq!(own["accounts"][0]["api_calls"], stage.proxy.count(Moto::ACCOUNT));

    let both = stage.scan(&format!("--accounts {MEMBER},{} --rules mfa.yaml", Moto::ACCOUNT), 0);
    for (id, most) in [(MEMBER, 7), (Moto::ACCOUNT, 10)] {
        assert_eq!(account(&both, id)["mfa"]["virtual"], 6);
        let calls = without_polls(&stage, id);
        assert!(calls.len() <= most, "{id}: {calls:?}");
        assert_eq!(stage.asked(id, "ListMFADevices"), [""; 0]);
    }
}

#[test]
fn only_users_whom_the_bulk_calls_leave_open_are_asked_about() {
    let stage = Stage::alone();
    stage.people(&[
        ("app", true, &["virtual"]),
        ("key", true, &["arn:aws:iam::123456789012:u2f/user/key/k-AAAA"]),
        ("token", true, &["GAHT00000001"]),
        ("none", true, &[]),
        ("robot", false, &[]),
        ("robot-with-device", false, &["virtual"]),
    ]);
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), [super::user("none")]);
    assert_eq!(stage.asked(Moto::ACCOUNT, "ListMFADevices"), ["key", "none", "token"]);
    // The report is old: who has no password and no device may have got a password since; `none` would fail by it.
    assert_eq!(stage.asked(Moto::ACCOUNT, "GetLoginProfile"), ["none", "robot"]);
    let kinds = &results["accounts"][0]["mfa"];
    assert_eq!(
        (&kinds["virtual"], &kinds["passkey"], &kinds["hardware-totp"], &kinds["none"]),
        (&json!(1), &json!(1), &json!(1), &json!(1))
    );
}
