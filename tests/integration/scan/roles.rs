//! Into the accounts: roles that are missing, closed, or ask for an external id.

use serde_json::{Value, json};

use super::{FORMATS, MFA, Stage, account, findings, list, notices, resources, text, truth, words};
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::{On, Proxy};
use crate::support::server::Ministack;

fn deny_role(stage: &Stage, id: &str) {
    let role = format!("arn:aws:iam::{id}:role/PortcullisScan");
    stage.proxy.rule(On::action("sts", "AssumeRole").param("RoleArn", &role).deny());
}

#[test]
fn an_account_that_cannot_be_entered_is_failed_and_seen_in_every_format() {
    let (stage, org) = Stage::organization(60);
    stage.complete_summaries();
    let closed = &org.accounts[4];
    deny_role(&stage, &closed.id);
    let results = stage.scan("--org", 3);
    let found = account(&results, &closed.id);
    assert_eq!((&found["status"], &found["users"], &found["api_calls"]), (&json!("failed"), &json!(0), &json!(0)));
    let reason = text(&found["reason"]);
    assert!(reason.contains("sts:AssumeRole") && reason.contains("AccessDenied"), "{reason}");
    check_findings(&results, &closed.id);
    let of_others: Vec<_> = org.failing().into_iter().filter(|arn| !closed.failing.contains(arn)).collect();
    assert_eq!(resources(&results, "console-user-mfa", "fail"), of_others);
    assert_eq!(account(&results, &org.management)["api_calls"], stage.proxy.count(&org.management));
    let program = stage.program();
    let files = FORMATS.map(|format| format!("--format {format}={format}.out"));
    program.run(words("scan", &format!("--org {}", files.join(" "))), 3);
    for format in FORMATS {
        let report = std::fs::read_to_string(program.dir().join(format!("{format}.out"))).unwrap();
        for word in [closed.id.as_str(), "AccessDenied"] {
            assert!(report.contains(word), "{format} does not show {word}:\n{report}");
        }
        // csv and jsonl are findings and nothing else.
        let word = if ["csv", "jsonl"].contains(&format) { "unknown" } else { "failed" };
        assert!(report.to_lowercase().contains(word), "{format} does not say {word}:\n{report}");
    }
}

/// One unknown finding for each rule about the account or its root, none about users nobody could count.
fn check_findings(results: &Value, id: &str) {
    let mut expected = Vec::new();
    for rule in list(&results["rules"]) {
        let resource = match text(&rule["target"]) {
            "account" => format!("AWS::::Account:{id}"),
            "root" => format!("arn:aws:iam::{id}:root"),
            _ => continue,
        };
        expected.push((text(&rule["id"]).to_owned(), resource, "unknown".to_owned()));
    }
    let of_account = list(&results["findings"]).iter().filter(|found| found["account"] == id);
    let field = |found: &Value, name: &str| text(&found[name]).to_owned();
    let mut found: Vec<_> =
        of_account.map(|found| (field(found, "rule"), field(found, "resource"), field(found, "status"))).collect();
    expected.sort();
    found.sort();
    assert!(!expected.is_empty());
    assert_eq!(found, expected);
}

#[test]
fn a_failed_account_alone_makes_the_scan_incomplete() {
    let (stage, org) = Stage::organization(60);
    deny_role(&stage, &org.accounts[4].id);
    stage.scan("--org --rules mfa.yaml --fail-on critical", 4);
}

#[test]
fn the_own_account_needs_no_role() {
    let (stage, org) = Stage::organization(60);
    deny_role(&stage, &org.management);
    let results = stage.scan("--org --rules mfa.yaml", 3);
    truth::check(&stage, &org, &results);
    let said = notices(&results, Some(&org.management));
    assert!(said.iter().any(|notice| notice.contains("the caller's own credentials")), "{said:?}");
    assert!(notices(&results, Some(&org.accounts[1].id)).is_empty());
}

#[test]
fn role_session_name_and_external_id_are_sent_as_told() {
    let (stage, org) = Stage::organization(60);
    let args = "--role-name audit/Portcullis --external-id shared:secret/1 --session-name nightly --rules mfa.yaml";
    stage.scan(&format!("--org {args}"), 3);
    let calls = stage.proxy.calls(&org.management);
    let entries: Vec<_> = calls.iter().filter(|call| call.action == "AssumeRole").collect();
    assert_eq!(entries.len(), 7, "one for each active account");
    for call in entries {
        let role = call.param("RoleArn").expect("a role");
        assert!(role.ends_with(":role/audit/Portcullis"), "{role}");
        assert_eq!(call.param("ExternalId"), Some("shared:secret/1"));
        assert_eq!(call.param("RoleSessionName"), Some("nightly"));
    }
}

/// Two accounts of a server that decides by policies: a hub, and a member with a role that asks for an external id.
struct Guarded {
    proxy: Proxy,
    hub: Credentials,
    _server: Ministack,
}

const MEMBER: &str = "111111111111";
const ELSEWHERE: &str = "222222222222";

impl Guarded {
    fn set() -> Self {
        let server = Ministack::start(true);
        let proxy = Proxy::start(server.port());
        let allow = |action: Value| {
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
                .to_string()
        };
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{}:root", Ministack::ACCOUNT)},
            "Condition": {"StringEquals": {"sts:ExternalId": "right"}}}]});
        let reads = json!(["iam:Get*", "iam:List*", "iam:GenerateCredentialReport"]);
        let made = Boto::new(&server.endpoint(), &Ministack::root())
            .call("iam", "create_user", &json!({"UserName": "hub"}))
            .call("iam", "create_access_key", &json!({"UserName": "hub"}))
            .call(
                "iam",
                "put_user_policy",
                &json!({"UserName": "hub", "PolicyName": "p",
                "PolicyDocument": allow(json!("sts:AssumeRole"))}),
            )
            .signed_by(&Credentials::new(MEMBER, MEMBER))
            .call(
                "iam",
                "create_role",
                &json!({"RoleName": "PortcullisScan",
                "AssumeRolePolicyDocument": trust.to_string()}),
            )
            .call(
                "iam",
                "put_role_policy",
                &json!({"RoleName": "PortcullisScan", "PolicyName": "p",
                "PolicyDocument": allow(reads)}),
            )
            .call("iam", "create_user", &json!({"UserName": "kim"}))
            .call("iam", "create_login_profile", &json!({"UserName": "kim", "Password": "Correct-horse-9-battery"}))
            .succeed();
        let hub = Credentials::from_answer(&made[1]);
        proxy.learn(&hub.key, Ministack::ACCOUNT);
        Self { proxy, hub, _server: server }
    }

    fn scan(&self, args: &str, expected: i32) -> Value {
        self.proxy.forget();
        let program = Portcullis::aws(&self.proxy.endpoint(), &self.hub).file("mfa.yaml", MFA);
        program.run(words("scan", &format!("--rules mfa.yaml --format json {args}")), expected).json()
    }
}

#[test]
fn a_server_that_decides_by_policies_lets_the_right_role_in() {
    let stage = Guarded::set();
    let results = stage.scan(&format!("--accounts {MEMBER} --external-id right"), 3);
    let found = account(&results, MEMBER);
    assert_eq!(found["api_calls"], stage.proxy.count(MEMBER));
    assert_eq!(resources(&results, "console-user-mfa", "fail"), [format!("arn:aws:iam::{MEMBER}:user/kim")]);
}

#[test]
fn a_server_that_decides_by_policies_refuses_the_rest() {
    let stage = Guarded::set();
    for (accounts, external_id) in [(MEMBER, "wrong"), (ELSEWHERE, "right")] {
        let results = stage.scan(&format!("--accounts {accounts} --external-id {external_id}"), 4);
        let found = account(&results, accounts);
        assert_eq!(found["status"], "failed");
        assert!(text(&found["reason"]).contains("AccessDenied"), "{found}");
        assert!(findings(&results).is_empty(), "no user was seen");
    }
    let both = stage.scan(&format!("--accounts {MEMBER},{ELSEWHERE} --external-id right"), 3);
    assert_eq!(account(&both, ELSEWHERE)["status"], "failed");
    assert_eq!(resources(&both, "console-user-mfa", "fail").len(), 1);
}
