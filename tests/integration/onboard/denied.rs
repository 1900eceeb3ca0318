//! On a server that decides by policies: the new user can enroll and nothing else, and onboarding needs no more than it says.

use portcullis::aws::{Purpose, Site, actions};
use serde_json::json;

use super::Stage;
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::Portcullis;

#[test]
fn the_new_user_can_enroll_and_nothing_else() {
    let stage = Stage::ministack();
    // Its group may do everything, so that only the guard denies. (The server asks for `*` where AWS asks for the device.)
    let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let grant = json!({"GroupName": "dev", "PolicyName": "all", "PolicyDocument": all.to_string()});
    stage.boto().call("iam", "put_group_policy", &grant).succeed();
    let output = stage.onboard("", 0);
    assert_eq!(output.stdout.lines().count(), 1, "{}", output.stdout);
    assert!(output.stderr.contains("warning: this runs as root"), "{}", output.stderr);
    let kim = json!({"UserName": "kim"});
    let key = Credentials::from_answer(&stage.boto().call("iam", "create_access_key", &kim).succeed()[0]);
    let device = json!({"VirtualMFADeviceName": "kim-phone"});
    let answers = Boto::new(&stage.endpoint, &key)
        .call("s3", "list_buckets", &json!({}))
        .call("iam", "list_users", &json!({}))
        .call("iam", "change_password", &json!({"OldPassword": output.stdout.trim(), "NewPassword": "Other-9-words-x"}))
        .call("iam", "delete_login_profile", &kim)
        .call("iam", "detach_user_policy", &json!({"UserName": "kim", "PolicyArn": stage.guard()}))
        .call("iam", "list_mfa_devices", &kim)
        .call("iam", "create_virtual_mfa_device", &device)
        .run();
    let codes: Vec<String> =
        answers.into_iter().map(|answer| answer.err().map_or_else(|| "ok".to_owned(), |error| error.code)).collect();
    assert_eq!(codes[..5], ["AccessDenied"; 5].map(str::to_owned));
    assert_eq!(codes[5..], ["ok", "ok"].map(str::to_owned));
    // Without the guard it may: the guard it was that denied it.
    stage.boto().call("iam", "detach_user_policy", &json!({"UserName": "kim", "PolicyArn": stage.guard()})).succeed();
    Boto::new(&stage.endpoint, &key).call("s3", "list_buckets", &json!({})).succeed();
}

#[test]
fn an_administrator_needs_the_calls_of_the_table_and_no_others() {
    let stage = Stage::ministack();
    assert!(stage.ministack.is_some());
    let mut allowed = actions(Purpose::Onboard, Site::Account);
    // Of CreateUser with tags; it is no call of its own.
    allowed.push("iam:TagUser");
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]});
    let answers = stage
        .boto()
        .call("iam", "create_user", &json!({"UserName": "hr"}))
        .call(
            "iam",
            "put_user_policy",
            &json!({"UserName": "hr", "PolicyName": "p", "PolicyDocument": policy.to_string()}),
        )
        .call("iam", "create_access_key", &json!({"UserName": "hr"}))
        .succeed();
    let hr = Portcullis::aws(&stage.proxy.endpoint(), &Credentials::from_answer(&answers[2]));
    let args = stage.args("");
    let output = hr.run(&args, 0);
    assert!(output.stderr.contains(":user/hr)"), "{}", output.stderr);
    assert_eq!(stage.kim().unwrap().0, [stage.guard(), stage.reads()]);
    // Nobody onboards who runs this.
    let own = format!("onboard hr --ledger {}", hr.dir().join("l").display());
    let refused = hr.run(own.split_whitespace(), 1);
    assert!(refused.stderr.contains("the user is who runs this"), "{}", refused.stderr);
}
