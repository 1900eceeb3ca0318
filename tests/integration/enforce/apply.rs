//! `portcullis enforce apply`: it does what the plan says, once, and nothing else.

mod faults;
mod refused;

use serde_json::{Value, json};

use super::{Stage, column, text};
use crate::support::boto::{Boto, Credentials};
use crate::support::proxy::{Call, On};

/// The result of each outcome of the ledger, by action and user or policy.
fn outcomes(entries: &[Value]) -> Vec<[String; 3]> {
    let outcomes = entries.iter().filter(|entry| entry["kind"] == "outcome");
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    outcomes.map(|entry| [text(&entry["action"]), last(&text(&entry["resource"])), text(&entry["result"])]).collect()
}

fn row(action: &str, resource: &str, result: &str) -> [String; 3] {
    [action, resource, result].map(str::to_owned)
}

#[test]
fn users_are_guarded_and_everything_is_written_down() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    let plan = stage.plan("");
    assert_eq!(column(&plan["actions"], "resource"), [stage.arn("ada"), stage.arn("bob")]);
    stage.proxy.forget();
    let output = stage.apply("", 0);
    let guard = stage.guard();
    assert_eq!(stage.attached(&["ada", "bob"]), [[guard.clone()], [guard.clone()]]);
    assert_eq!(stage.writes(), ["DetachUserPolicy", "CreatePolicy", "AttachUserPolicy", "AttachUserPolicy"]);
    let entries = stage.ledger("ledger.jsonl");
    let kinds: Vec<String> = entries.iter().map(|entry| text(&entry["kind"])).collect();
    let pair = ["intent", "outcome"];
    assert_eq!(kinds, [&["run-started"][..], &pair, &pair, &pair, &["run-finished"]].concat());
    assert_eq!(
        outcomes(&entries),
        [
            row("create-policy", "deny-without-mfa", "done"),
            row("attach-user-policy", "ada", "done"),
            row("attach-user-policy", "bob", "done")
        ]
    );
    assert!(entries.iter().all(|entry| entry["plan"] == plan["hash"]));
    let ada = &entries[4];
    assert_eq!(
        (&ada["before"]["attached_policies"], &ada["after"]["attached_policies"]),
        (&json!([]), &json!([guard]))
    );
    assert_eq!(ada["after"]["verified_by"], "evaluator", "moto has no simulator");
    assert!(ada["request_id"].is_string() && ada["rule"] == "console-user-mfa");
    let head = text(&entries.last().unwrap()["hash"]);
    assert!(output.stdout.contains("2 done, 0 already, 0 failed, 0 skipped, 0 left; run "), "{}", output.stdout);
    assert!(output.stdout.ends_with(&format!("ledger ledger.jsonl: 8 entries, head {head}\n")), "{}", output.stdout);
    stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl", "--head", &head], 0);
    let policy = stage.boto().call("iam", "list_policy_tags", &json!({"PolicyArn": guard})).succeed();
    assert_eq!(column(&policy[0]["Tags"], "Key"), ["portcullis:document-sha256", "portcullis:version"]);

    stage.proxy.forget();
    let again = stage.apply("", 0);
    assert!(again.stdout.contains("0 done, 2 already"), "{}", again.stdout);
    assert_eq!(stage.writes(), [""; 0], "nothing twice");
    assert_eq!(outcomes(&stage.ledger("ledger.jsonl")).len(), 3);
}

#[test]
fn the_server_itself_denies_and_allows_what_the_guard_says() {
    let stage = Stage::ministack();
    let admin = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let grant = json!({"UserName": "ada", "PolicyName": "all", "PolicyDocument": admin.to_string()});
    let user = json!({"UserName": "ada"});
    let made = stage
        .boto()
        .call("iam", "create_user", &user)
        .call("iam", "create_login_profile", &json!({"UserName": "ada", "Password": "Correct-horse-9-battery"}))
        .call("iam", "put_user_policy", &grant)
        .call("iam", "create_access_key", &user)
        .succeed();
    let ada = Credentials::from_answer(&made[3]);
    let ask = |operations: &[(&str, &str, Value)]| {
        let mut calls = Boto::new(&stage.endpoint, &ada);
        for (service, operation, params) in operations {
            calls = calls.call(service, operation, params);
        }
        let outcomes = calls.run().into_iter();
        outcomes.map(|outcome| outcome.map_or_else(|error| error.code, |_| "ok".to_owned())).collect::<Vec<_>>()
    };
    let everyday = [
        ("s3", "list_buckets", json!({})),
        ("iam", "list_users", json!({})),
        ("iam", "list_access_keys", user.clone()),
    ];
    assert_eq!(ask(&everyday), ["ok"; 3]);
    stage.plan("--include-active-keys");
    let output = stage.apply("", 0);
    assert!(output.stdout.contains("verified by iam:SimulatePrincipalPolicy\n1 done"), "{}", output.stdout);
    // AWS's simulator knows no `aws:username` that it is not told, without which the guard lets nobody enroll.
    let asked: Vec<_> = stage.proxy.all().into_iter().filter(|call| call.action == "SimulatePrincipalPolicy").collect();
    let name = |call: &Call| {
        let entry = |part: &str| call.param(&format!("ContextEntries.member.3.{part}")).map(str::to_owned);
        [entry("ContextKeyName"), entry("ContextKeyType"), entry("ContextKeyValues.member.1")].map(Option::unwrap)
    };
    assert_eq!(asked.iter().map(name).collect::<Vec<_>>(), [["aws:username", "string", "ada"]; 2]);
    assert_eq!(ask(&everyday[1..]), ["AccessDenied"; 2]);
    assert!(ask(&everyday[..1])[0].contains("AccessDenied"), "{:?}", ask(&everyday));
    let serial = format!("arn:aws:iam::{}:mfa/ada", stage.account);
    let codes = json!({"UserName": "ada", "SerialNumber": serial, "AuthenticationCode1": "123456",
        "AuthenticationCode2": "654321"});
    let enrolling = [
        ("iam", "create_virtual_mfa_device", json!({"VirtualMFADeviceName": "ada"})),
        ("iam", "enable_mfa_device", codes),
        ("iam", "list_mfa_devices", user.clone()),
    ];
    assert_eq!(ask(&enrolling), ["ok"; 3]);
    assert_eq!(
        ask(&[("iam", "deactivate_mfa_device", json!({"UserName": "ada", "SerialNumber": serial}))]),
        ["AccessDenied"]
    );
}

#[test]
fn who_changed_since_the_plan_is_skipped_and_the_others_are_not() {
    let stage = Stage::moto();
    let people = ["ann", "ben", "cat", "dan", "eve", "fay", "gus", "hal"];
    stage.people(&people);
    stage.plan("");
    let device = ("VirtualMFADeviceName", "ann");
    stage.iam("CreateVirtualMFADevice", &[device]);
    let serial = format!("arn:aws:iam::{}:mfa/ann", stage.account);
    let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
    stage.iam("EnableMFADevice", &[("UserName", "ann"), ("SerialNumber", &serial), codes[0], codes[1]]);
    stage.iam("DeleteLoginProfile", &[("UserName", "ben")]);
    stage.iam("DeleteUser", &[("UserName", "ben")]);
    stage.people(&["ben"]);
    stage.iam("DeleteLoginProfile", &[("UserName", "cat")]);
    stage.iam("DeleteUser", &[("UserName", "cat")]);
    stage.iam("DeleteLoginProfile", &[("UserName", "dan")]);
    let admin = &format!("arn:aws:iam::{}:policy/admin", stage.account);
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    stage.iam("CreatePolicy", &[("PolicyName", "admin"), ("PolicyDocument", document)]);
    stage.iam("AttachUserPolicy", &[("UserName", "eve"), ("PolicyArn", admin)]);
    stage.iam(
        "UpdateLoginProfile",
        &[("UserName", "fay"), ("Password", "Other-horse-8-battery"), ("PasswordResetRequired", "true")],
    );
    let ssh = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 gus";
    stage.iam("UploadSSHPublicKey", &[("UserName", "gus"), ("SSHPublicKeyBody", ssh)]);
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("1 done, 0 already, 0 failed, 7 skipped, 0 left"), "{}", output.stdout);
    let why = [
        ("ann", "it complies now: it has 1 MFA device(s)"),
        ("ben", "it was deleted and made again since the plan: it is another user"),
        ("cat", "iam:ListAttachedUserPolicies"),
        ("dan", "it has no console password any more"),
        ("eve", "its attached policies changed since the plan: +arn:aws:iam::123456789012:policy/admin"),
        ("fay", "it must set a new password at the next sign-in, which the guard would deny"),
        ("gus", "active SSH keys: 1"),
    ];
    for (user, reason) in why {
        let line = output.stdout.lines().find(|line| line.contains(&format!("user/{user} "))).unwrap();
        assert!(line.starts_with("skipped ") && line.contains(reason), "{line}");
    }
    let guard = stage.guard();
    let expected = [vec![], vec![], vec![], vec![admin.to_owned()], vec![], vec![], vec![guard]];
    assert_eq!(stage.attached(&["ann", "ben", "dan", "eve", "fay", "gus", "hal"]), expected);
}

#[test]
fn drift_and_a_taken_name_keep_an_account_as_it_is() {
    let other = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    for (path, reason) in
        [("/portcullis/", "has another document than ours"), ("/other/", "is called deny-without-mfa")]
    {
        let stage = Stage::moto();
        stage.people(&["ada"]);
        stage.plan("");
        let name = ("PolicyName", "deny-without-mfa");
        stage.iam("CreatePolicy", &[name, ("Path", path), ("PolicyDocument", other)]);
        stage.proxy.forget();
        let output = stage.apply("", 5);
        assert!(output.stdout.contains(reason), "{}", output.stdout);
        assert_eq!(stage.writes(), ["DetachUserPolicy"], "only to show that it may be taken off");
        assert_eq!(stage.attached(&["ada"]), [[""; 0]]);
    }
}

#[test]
fn without_the_permission_to_take_it_off_nothing_is_put_on() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    stage.plan("");
    stage.proxy.rule(On::action("iam", "DetachUserPolicy").deny());
    stage.proxy.forget();
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("0 done, 0 already, 0 failed, 2 skipped"), "{}", output.stdout);
    assert!(output.stdout.contains("\"Action\": \"iam:DetachUserPolicy\""), "{}", output.stdout);
    assert_eq!(stage.writes(), ["DetachUserPolicy"]);
    assert_eq!(stage.attached(&["ada", "bob"]), [[""; 0]; 2]);
}

#[test]
fn the_group_way_makes_one_group_and_refuses_one_that_is_something_else() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    stage.plan("--attach group");
    stage.proxy.forget();
    stage.apply("", 0);
    let group = json!({"GroupName": "portcullis-guard"});
    let calls = stage.boto().call("iam", "get_group", &group).call("iam", "list_attached_group_policies", &group);
    let answers = calls.succeed();
    assert_eq!(column(&answers[0]["Users"], "UserName"), ["ada", "bob"]);
    assert_eq!(answers[0]["Group"]["Path"], "/portcullis/");
    assert_eq!(column(&answers[1]["AttachedPolicies"], "PolicyArn"), [stage.guard()]);
    let made = ["CreatePolicy", "CreateGroup", "AttachGroupPolicy", "AddUserToGroup", "AddUserToGroup"];
    assert_eq!(stage.writes(), [&["RemoveUserFromGroup"][..], &made].concat());
    let results = outcomes(&stage.ledger("ledger.jsonl"));
    let actions: Vec<&str> = results.iter().map(|[action, ..]| action.as_str()).collect();
    assert_eq!(
        actions,
        ["create-policy", "create-group", "attach-group-policy", "add-user-to-group", "add-user-to-group"]
    );

    let stage = Stage::moto();
    stage.people(&["ada", "carol"]);
    stage.plan("--attach group --take 1");
    stage.iam("CreateGroup", &[("GroupName", "portcullis-guard"), ("Path", "/portcullis/")]);
    stage.iam("AddUserToGroup", &[("GroupName", "portcullis-guard"), ("UserName", "carol")]);
    stage.proxy.forget();
    let output = stage.apply("", 5);
    assert!(output.stdout.contains("the guard is not attached to it, and 1 users are in it"), "{}", output.stdout);
    assert_eq!(stage.writes(), ["RemoveUserFromGroup"]);
}

#[test]
fn a_user_at_the_quota_is_put_into_the_group() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    for number in 0..10 {
        let name = format!("p{number}");
        stage.iam("CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", document)]);
        let arn = format!("arn:aws:iam::{}:policy/{name}", stage.account);
        stage.iam("AttachUserPolicy", &[("UserName", "ada"), ("PolicyArn", &arn)]);
    }
    stage.plan("");
    stage.apply("", 0);
    let groups = stage.boto().call("iam", "list_groups_for_user", &json!({"UserName": "ada"})).succeed();
    assert_eq!(column(&groups[0]["Groups"], "GroupName"), ["portcullis-guard"]);
    assert_eq!(stage.attached(&["ada"])[0].len(), 10);
}
