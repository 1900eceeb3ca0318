//! The results over a known organization are the truth about it, in one page or in many.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Stage, account, list, resources, text};
use crate::support::org::{Account, Key, Org, User};
use crate::support::proxy::{On, Paging};

/// Whether what the scan says of accounts and their users is so.
pub(super) fn check(stage: &Stage, org: &Org, results: &Value) {
    assert_eq!(resources(results, "console-user-mfa", "fail"), org.failing());
    assert_eq!(resources(results, "console-user-mfa", "unknown"), [""; 0]);
    let ids: Vec<_> = list(&results["accounts"]).iter().map(|account| text(&account["id"])).collect();
    let mut told: Vec<_> = org.accounts.iter().map(|account| account.id.as_str()).collect();
    told.sort_unstable();
    assert_eq!(ids, told);
    let mut organizations = BTreeSet::new();
    for told in &org.accounts {
        let found = account(results, &told.id);
        assert_eq!(text(&found["name"]), told.name);
        organizations.insert(check_path(org, told, text(&found["ou_path"])));
        let calls = stage.proxy.count(&told.id);
        assert_eq!(found["api_calls"], calls, "requests of {} that the server saw", told.id);
        if told.state == "ACTIVE" {
            check_active(stage, told, found);
        } else {
            check_skipped(found);
        }
    }
    assert_eq!(organizations.len(), 1, "{organizations:?}");
    assert!(stage.proxy.strangers().is_empty(), "every request is signed by a known key");
}

fn check_active(stage: &Stage, told: &Account, found: &Value) {
    let console: Vec<_> = told.users.iter().filter(|user| user.console).collect();
    assert_eq!((&found["status"], &found["reason"]), (&json!("scanned"), &Value::Null));
    assert_eq!((&found["users"], &found["console_users"]), (&json!(told.users.len()), &json!(console.len())));
    let asked: BTreeSet<_> = stage.asked(&told.id, "ListMFADevices").into_iter().collect();
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for user in console {
        *kinds.entry(strongest(user, asked.contains(&user.name))).or_default() += 1;
    }
    for (kind, count) in found["mfa"].as_object().expect("counts by kind") {
        assert_eq!(count.as_u64(), Some(kinds.get(kind.as_str()).copied().unwrap_or(0)), "{kind} in {}", told.id);
    }
    let outside =
        json!({"sso_roles": told.sso_roles, "saml_trusts": told.saml_trusts, "oidc_trusts": told.oidc_trusts});
    assert_eq!(found["unjudged"], outside);
    assert!(text(&found["credential_report_as_of"]).ends_with('Z'));
}

/// The strongest kind of device that the scan had reason to see: all of who was asked about, else the virtual ones.
fn strongest(user: &User, asked: bool) -> &str {
    let has = |kind: &str| user.mfa.iter().any(|device| device == kind);
    let kinds: &[_] = if asked { &["passkey", "hardware-totp", "virtual", "sms"] } else { &["virtual"] };
    kinds.iter().copied().find(|kind| has(kind)).unwrap_or("none")
}

fn check_skipped(found: &Value) {
    assert_eq!(found["status"], "skipped");
    assert!(text(&found["reason"]).contains("SUSPENDED"), "{found}");
    assert_eq!((&found["users"], &found["credential_report_as_of"]), (&json!(0), &Value::Null));
}

/// `o-…/r-…/ou-…/` is where the account sits. Gives the organization's id.
fn check_path<'p>(org: &Org, told: &Account, path: &'p str) -> &'p str {
    let above = |depth: usize| {
        let unit = org.ous.iter().find(|unit| unit.path == told.ou_path[..depth]).expect("a unit of that path");
        unit.id.as_str()
    };
    let units: Vec<_> = (0..=told.ou_path.len()).map(above).collect();
    let (organization, rest) = path.split_once('/').expect("a path");
    assert!(organization.starts_with("o-"), "{path}");
    assert_eq!(rest, units.join("/") + "/");
    organization
}

#[test]
fn the_whole_organization_is_judged_as_it_is() {
    let (stage, org) = Stage::organization(300);
    stage.complete_summaries();
    let results = stage.scan("--org --role-name PortcullisScan", 3);
    check(&stage, &org, &results);
    for (rule, is_failing) in user_rules() {
        let users = org.active().flat_map(|account| &account.users).filter(|user| is_failing(user));
        let mut told: Vec<_> = users.map(|user| user.arn.clone()).collect();
        told.sort();
        assert_eq!(resources(&results, rule, "fail"), told, "{rule}");
    }
    for (rule, resource, is_failing) in account_rules() {
        let mut told: Vec<_> = org.active().filter(|account| is_failing(account)).map(resource).collect();
        told.sort();
        assert_eq!(resources(&results, rule, "fail"), told, "{rule}");
    }
    assert_eq!(results["summary"]["unknown"], 0, "nothing was left open");
    assert_eq!(results["notices"], json!([]));
}

type IsFailing<T> = fn(&T) -> bool;
type Resource = fn(&Account) -> String;

/// Rules about users, and who fails them.
fn user_rules() -> [(&'static str, IsFailing<User>); 5] {
    fn active(user: &User) -> impl Iterator<Item = &Key> {
        user.keys.iter().filter(|key| key.active)
    }
    [
        ("console-user-mfa", |user| user.console && user.mfa.is_empty()),
        ("admin-mfa", |user| {
            !user.admin.is_empty() && (user.console || active(user).count() > 0) && user.mfa.is_empty()
        }),
        ("access-key-max-age-90", |user| active(user).any(|key| key.age_days > 90)),
        ("access-key-unused-90", |user| active(user).any(|key| key.last_used_days.unwrap_or(key.age_days) > 90)),
        ("one-active-access-key", |user| active(user).count() > 1),
    ]
}

/// Rules with one resource an account: which it is, and which accounts fail.
fn account_rules() -> [(&'static str, Resource, IsFailing<Account>); 7] {
    let root: Resource = |account| format!("arn:aws:iam::{}:root", account.id);
    let whole: Resource = |account| format!("AWS::::Account:{}", account.id);
    [
        ("root-mfa", root, |account| account.root.as_ref().is_some_and(|root| root.kind == "none")),
        ("root-hardware-mfa", root, |account| {
            account.root.as_ref().is_some_and(|root| root.kind == "virtual" || root.kind == "none")
        }),
        ("root-no-access-keys", root, |_| false),
        ("password-policy-exists", whole, |account| account.password_policy.is_none()),
        ("password-min-length-14", whole, |account| {
            account.password_policy.as_ref().is_none_or(|policy| policy.minimum_length < 14)
        }),
        ("password-reuse-24", whole, |account| {
            account.password_policy.as_ref().and_then(|policy| policy.reuse_prevention) < Some(24)
        }),
        ("orphan-virtual-mfa", whole, |account| !account.orphans.is_empty()),
    ]
}

#[test]
fn pages_change_nothing() {
    let (stage, org) = Stage::organization(84);
    stage.complete_summaries();
    let whole = stage.scan("--org", 3);
    for action in ["GetAccountAuthorizationDetails", "ListVirtualMFADevices", "ListUsers"] {
        stage.proxy.page(action, Paging { size: 7, empty_first: true });
    }
    stage.proxy.page("ListAccounts", Paging { size: 3, empty_first: true });
    stage.proxy.page("ListAccountsForParent", Paging { size: 1, empty_first: true });
    stage.proxy.page("ListOrganizationalUnitsForParent", Paging { size: 1, empty_first: true });
    let paged = stage.scan("--org", 3);
    check(&stage, &org, &paged);
    assert_eq!(super::findings(&paged), super::findings(&whole));
    let answers = |action: &str| stage.proxy.all().iter().filter(|call| call.action == action).count();
    assert!(answers("ListAccounts") >= 4 && answers("GetAccountAuthorizationDetails") > 7 * 4, "it was paged");
}

#[test]
fn pages_of_the_plain_list_of_users_are_read_to_the_end() {
    let (stage, org) = Stage::organization(80);
    stage.proxy.rule(On::action("iam", "GetAccountAuthorizationDetails").deny());
    stage.proxy.page("ListUsers", Paging { size: 3, empty_first: true });
    let results = stage.scan("--org --rules mfa.yaml", 3);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.failing());
}

#[test]
fn the_results_have_the_shape_of_the_contract() {
    let (stage, _) = Stage::organization(60);
    let results = stage.scan("--org", 3);
    let account = json!({"id": "", "name": "", "ou_path": "?", "status": "", "reason": "?", "users": 0,
        "console_users": 0, "mfa": {"none": 0, "virtual": 0, "hardware-totp": 0, "passkey": 0, "unknown": 0},
        "api_calls": 0, "throttled": 0, "credential_report_as_of": "?",
        "unjudged": {"sso_roles": 0, "saml_trusts": 0, "oidc_trusts": 0}});
    let evidence = json!({"fact": "", "value": "any", "source": "?", "as_of": "?"});
    let finding = json!({"id": "", "rule": "", "severity": "", "status": "", "waived": null, "state": "",
        "account": "", "resource": "", "resource_type": "", "message": "", "evidence": [evidence],
        "controls": {}, "remediation": ""});
    let shape = json!({"schema": "", "tool": {"name": "", "version": ""}, "run_id": "", "started_at": "",
        "finished_at": "", "rules": [{"id": "", "title": "", "severity": "", "target": "", "pack": "", "controls": {}}],
        "accounts": [account], "controls": [{"framework": "", "control": "", "pass": 0, "fail": 0, "waived": 0,
        "unknown": 0}], "fixed": [], "notices": [{"account": "?", "message": ""}],
        "summary": {"pass": 0, "fail": 0, "waived": 0, "unknown": 0, "not_applicable": 0,
        "by_severity": {"critical": 0, "high": 0, "medium": 0, "low": 0, "informational": 0}}, "findings": [finding]});
    check_shape("$", &results, &shape);
    assert_eq!((&results["schema"], &results["tool"]["name"]), (&json!("portcullis/results/v1"), &json!("portcullis")));
    let is_time = |value: &Value| text(value).parse::<jiff::Timestamp>().is_ok();
    assert!(is_time(&results["started_at"]) && is_time(&results["finished_at"]));
    let ids: BTreeSet<_> = list(&results["findings"]).iter().map(|found| text(&found["id"])).collect();
    assert_eq!(ids.len(), list(&results["findings"]).len(), "ids are unique");
    let again = stage.scan("", 3);
    let mut again = list(&again["findings"]).iter().map(|found| text(&found["id"]));
    assert!(again.all(|id| ids.contains(id)), "and the same in every scan");
}

/// `shape` is an example: `"?"` stands for text or null, `"any"` for anything.
fn check_shape(at: &str, value: &Value, shape: &Value) {
    match shape {
        Value::Object(fields) => {
            for (name, shape) in fields {
                let inner = value.get(name).unwrap_or_else(|| panic!("{at} has no {name}: {value}"));
                check_shape(&format!("{at}.{name}"), inner, shape);
            }
            assert!(value.is_object(), "{at}: {value}");
        }
        Value::Array(shapes) if !shapes.is_empty() => {
            for (place, inner) in list(value).iter().enumerate() {
                check_shape(&format!("{at}[{place}]"), inner, &shapes[0]);
            }
        }
        Value::String(kind) if kind == "any" => {}
        Value::String(kind) if kind == "?" => assert!(value.is_string() || value.is_null(), "{at}: {value}"),
        other => assert_eq!(std::mem::discriminant(value), std::mem::discriminant(other), "{at}: {value}"),
    }
}
