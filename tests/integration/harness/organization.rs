//! The truth that the seeder tells is what AWS's API says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{column, enter, text};
use crate::support::boto::Boto;
use crate::support::org::{Account, Org, Size, User};
use crate::support::server::Moto;

/// Of a truth, `f` of every active account's users.
fn users(org: &Org) -> impl Iterator<Item = &User> {
    org.active().flat_map(|account| &account.users)
}

#[test]
fn the_tree_is_as_told_and_the_same_every_time() {
    let size = Size { accounts: 7, users: 300 };
    let (moto, twin) = (Moto::start(), Moto::start());
    let (org, other) = (Org::seed(&moto, size), Org::seed(&twin, size));
    assert_eq!(org.failing(), other.failing());
    assert_eq!(users(&org).count(), 301, "and the hub");
    let answers = Boto::new(&moto.endpoint(), &org.credentials())
        .call("sts", "get_caller_identity", &json!({}))
        .pages("organizations", "list_accounts", &json!({}))
        .call("organizations", "list_roots", &json!({}))
        .call("organizations", "list_parents", &json!({"ChildId": org.accounts[1].id}))
        .succeed();
    assert_eq!(
        (text(&answers[0], "Arn"), text(&answers[0], "Account")),
        (org.hub.arn.as_str(), org.management.as_str())
    );
    assert_eq!(text(&answers[2]["Roots"][0], "Id"), org.root);
    assert_eq!(text(&answers[3]["Parents"][0], "Id"), org.accounts[1].ou);
    let listed = &answers[1]["Accounts"];
    for (field, told) in [
        ("Id", org.accounts.iter().map(|account| &account.id).collect::<Vec<_>>()),
        ("Name", org.accounts.iter().map(|account| &account.name).collect()),
        ("State", org.accounts.iter().map(|account| &account.state).collect()),
        ("Status", org.accounts.iter().map(|account| &account.state).collect()),
    ] {
        assert_eq!(column(listed, field).iter().collect::<Vec<_>>(), told);
    }
    assert_eq!((org.accounts[7].state.as_str(), org.active().count()), ("SUSPENDED", 7));
    assert!(org.accounts.iter().any(|account| account.name.contains("<script>")));
    let paths: BTreeMap<_, _> = org.ous.iter().map(|unit| (&unit.id, &unit.path)).collect();
    assert!(org.accounts.iter().all(|account| paths[&account.ou] == &account.ou_path));
    assert!(org.accounts.iter().any(|account| account.ou_path == ["Workloads", "Prod"]));
}

#[test]
fn every_account_holds_what_is_told() {
    let moto = Moto::start();
    let org = Org::seed(&moto, Size { accounts: 7, users: 140 });
    let ids: Vec<_> = org.active().map(|account| account.id.as_str()).collect();
    let inside = enter(&moto.endpoint(), &org.credentials(), &ids);
    for (account, credentials) in org.active().zip(inside) {
        let mut calls = Boto::new(&moto.endpoint(), &credentials)
            .pages("iam", "get_account_authorization_details", &json!({}))
            .pages("iam", "list_virtual_mfa_devices", &json!({}))
            .call("iam", "get_account_summary", &json!({}))
            .call("iam", "get_account_password_policy", &json!({}));
        for user in &account.users {
            let name = json!({"UserName": user.name});
            calls = calls.call("iam", "list_mfa_devices", &name).call("iam", "get_login_profile", &name);
            calls = calls.call("iam", "list_access_keys", &name);
        }
        let mut answers = calls.run();
        let of_users = answers.split_off(4);
        let policy = answers.pop().unwrap();
        let whole: Vec<Value> = answers.into_iter().map(Result::unwrap).collect();
        check_account(account, &whole[0], &whole[1], &whole[2]["SummaryMap"]);
        assert_eq!(policy.is_ok(), account.password_policy.is_some());
        if let (Ok(answer), Some(told)) = (policy, &account.password_policy) {
            assert_eq!(answer["PasswordPolicy"]["MinimumPasswordLength"], told.minimum_length);
            assert_eq!(
                answer["PasswordPolicy"]["PasswordReusePrevention"].as_u64(),
                told.reuse_prevention.map(u64::from)
            );
        }
        for (user, answers) in account.users.iter().zip(of_users.chunks(3)) {
            let kinds: Vec<_> = column(&answers[0].as_ref().unwrap()["MFADevices"], "SerialNumber");
            let kinds: Vec<_> = kinds.iter().map(|serial| kind_of(serial)).collect();
            assert_eq!(kinds, user.mfa, "{}", user.arn);
            assert_eq!(answers[1].is_ok(), user.console, "{}", user.arn);
            check_keys(user, &answers[2].as_ref().unwrap()["AccessKeyMetadata"]);
        }
    }
    check_variety(&org);
}

fn check_account(account: &Account, details: &Value, devices: &Value, summary: &Value) {
    let names: Vec<_> = account.users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(column(&details["UserDetailList"], "UserName"), names);
    let arns: Vec<_> = account.users.iter().map(|user| user.arn.as_str()).collect();
    assert_eq!(column(&details["UserDetailList"], "Arn"), arns);
    let roles = details["RoleDetailList"].to_string();
    let count = |text: &str| roles.matches(text).count();
    assert_eq!(count("\"Arn\":\"arn:aws:iam::"), count("\"RoleName\""));
    assert_eq!(count("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_"), account.sso_roles);
    assert_eq!(count(":saml-provider/"), account.saml_trusts + account.sso_roles);
    assert_eq!(count(":oidc-provider/"), account.oidc_trusts);
    let root = account.root.as_ref().expect("an active account has a root");
    assert_eq!(summary["AccountMFAEnabled"], u32::from(root.mfa_enabled));
    let devices = devices["VirtualMFADevices"].as_array().unwrap();
    let owner = |device: &&Value| device["User"]["Arn"].as_str() == Some(&format!("arn:aws:iam::{}:root", account.id));
    assert_eq!(devices.iter().any(|device| owner(&device)), root.kind == "virtual");
    let mut orphans: Vec<_> = devices.iter().filter(|device| device["User"].is_null()).collect();
    orphans.sort_by_key(|device| text(device, "SerialNumber"));
    assert_eq!(column(&json!(orphans), "SerialNumber"), account.orphans);
}

fn check_keys(user: &User, listed: &Value) {
    let ids: Vec<_> = user.keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(column(listed, "AccessKeyId"), ids);
    let active: Vec<_> = user.keys.iter().map(|key| if key.active { "Active" } else { "Inactive" }).collect();
    assert_eq!(column(listed, "Status"), active);
}

/// Every kind of user that tests rely on is there.
fn check_variety(org: &Org) {
    let kinds: BTreeSet<_> = users(org).map(|user| user.kind.as_str()).collect();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    let ways: BTreeSet<_> = users(org).flat_map(|user| &user.admin).map(String::as_str).collect();
    assert_eq!(ways, BTreeSet::from(["group", "attached", "customer-policy"]));
    let roots: BTreeSet<_> = org.active().filter_map(|account| account.root.as_ref()).map(|root| &root.kind).collect();
    assert_eq!(roots.len(), 3);
    let keys = || users(org).flat_map(|user| &user.keys);
    assert!(keys().any(|key| key.age_days > 365 && key.last_used_days.is_none()));
    assert!(keys().any(|key| key.age_days > 365 && key.last_used_days.is_some()));
    assert!(users(org).any(|user| user.name.contains("+=,.@_-")));
}

/// The kind of a device is in the form of its serial number.
fn kind_of(serial: &str) -> &'static str {
    let kinds = [(":mfa/", "virtual"), (":u2f/", "passkey"), (":sms-mfa/", "sms")];
    kinds.iter().find(|(part, _)| serial.contains(part)).map_or("hardware-totp", |(_, kind)| kind)
}
