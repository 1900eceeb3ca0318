//! A guarded user on a server that decides by policies: denied, enrolled, released.

use serde_json::json;

use super::step;
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::Portcullis;
use crate::support::server::Ministack;

/// A guarded user, who may otherwise do everything, with an access key.
fn guarded(server: &Ministack) -> (Portcullis, Credentials) {
    let admin = Portcullis::aws(&server.endpoint(), &Ministack::root());
    let everything = "arn:aws:iam::aws:policy/AdministratorAccess";
    let boto = Boto::new(&server.endpoint(), &Ministack::root());
    let boto = boto.call("iam", "create_user", &json!({ "UserName": "kim" }));
    let boto = boto.call("iam", "attach_user_policy", &json!({ "UserName": "kim", "PolicyArn": everything }));
    let guard = portcullis::iam::guard::Variant::Strict;
    let (name, text) = (guard.policy_name(), guard.text("aws", true));
    let policy = json!({ "PolicyName": name, "Path": "/portcullis/", "PolicyDocument": text });
    let boto = boto.call("iam", "create_policy", &policy);
    let arn = guard.arn("aws", Ministack::ACCOUNT);
    let boto = boto.call("iam", "attach_user_policy", &json!({ "UserName": "kim", "PolicyArn": arn }));
    let answers = boto.call("iam", "create_access_key", &json!({ "UserName": "kim" })).succeed();
    let user = Credentials::from_answer(answers.last().expect("a key"));
    (admin, user)
}

fn may_list_users(server: &Ministack, user: &Credentials) -> bool {
    Boto::new(&server.endpoint(), user).call("iam", "list_users", &json!({})).run()[0].is_ok()
}

#[test]
fn a_guarded_user_goes_from_denied_to_enrolled() {
    let server = Ministack::start(true);
    let (_, user) = guarded(&server);
    assert!(!may_list_users(&server, &user), "the guard denies");
    let program = Portcullis::aws(&server.endpoint(), &user);
    let output = program.run(["mfa", "enroll", "--codes", "123456,654321"], 0);
    assert!(output.stderr.contains("Enabled: user kim has the device"), "{}", output.stderr);
    let listed = Boto::new(&server.endpoint(), &Ministack::root());
    let listed = listed.call("iam", "list_mfa_devices", &json!({ "UserName": "kim" })).succeed();
    assert_eq!(listed[0]["MFADevices"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_a_guarded_user_may_not_delete_is_named_with_the_command_that_does() {
    let server = Ministack::start(true);
    let (_, user) = guarded(&server);
    let program = Portcullis::aws(&server.endpoint(), &user);
    let mut run = program.spawn(["mfa", "enroll", "--device-name", "phone"]);
    run.send(&format!("{:06}", step() % 1_000_000));
    let output = run.finish(5);
    let serial = format!("arn:aws:iam::{}:mfa/phone", Ministack::ACCOUNT);
    assert!(output.stderr.contains(&format!("{serial} remains, and nobody has it")), "{}", output.stderr);
    let command = format!("aws iam delete-virtual-mfa-device --serial-number {serial}");
    assert!(output.stderr.contains(&command), "{}", output.stderr);
    // A new try goes on with another name; the same one is in the way.
    let again = program.run(["mfa", "enroll", "--device-name", "phone", "--codes", "123456,654321"], 5);
    assert!(again.stderr.contains("left over from an earlier try"), "{}", again.stderr);
    program.run(["mfa", "enroll", "--codes", "123456,654321"], 0);
}
