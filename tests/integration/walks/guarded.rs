//! `docs/enroll.md`: a guarded user goes from denied to enrolled, and is then released, on a server that decides by
//! policies.

use serde_json::json;

use super::{Walk, commands};
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::Proxy;
use crate::support::server::Ministack;

#[test]
fn the_page_takes_a_guarded_user_from_denied_to_free() {
    let server = Ministack::start(true);
    let proxy = Proxy::start(server.port());
    crate::enforce::what_ministack_lacks(&proxy);
    let root = Ministack::root();
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let everything = json!({"UserName": "kim", "PolicyName": "all", "PolicyDocument": everything.to_string()});
    let boto = Boto::new(&server.endpoint(), &root).call("iam", "create_user", &json!({ "UserName": "kim" }));
    let boto = boto.call("iam", "put_user_policy", &everything);
    let password = json!({ "UserName": "kim", "Password": "correct horse battery 9" });
    let boto = boto.call("iam", "create_login_profile", &password);
    let answers = boto.call("iam", "create_access_key", &json!({ "UserName": "kim" })).succeed();
    let kim = Credentials::from_answer(answers.last().expect("a key"));
    let may_list = || Boto::new(&server.endpoint(), &kim).call("iam", "list_users", &json!({})).run()[0].is_ok();
    assert!(may_list());
    let admin = Portcullis::aws(&proxy.endpoint(), &root);
    let mut told = Vec::new();
    for args in ["plan --out plan.json --exit-zero --include-active-keys --max-percent 100", "apply plan.json --yes"] {
        let shared = if args.starts_with("plan") {
            "--no-break-glass --rules baseline --mode console-user-mfa=enforce"
        } else {
            ""
        };
        let args = format!("enforce {args} {shared} --ledger ledger.jsonl");
        told.push(admin.run(args.split_whitespace(), 0));
    }
    assert!(!may_list(), "the guard denies: {told:?}");

    let mut walk = Walk::new(&proxy.endpoint(), &[("kim", &kim), ("admin", &root)]);
    let mut shown = Vec::new();
    for command in commands("enroll.md", "guarded") {
        shown.push(walk.run(&command));
    }
    assert!(shown[0].stdout.contains("portcullis mfa enroll"), "{}", shown[0].stdout);
    assert!(shown[1].stderr.contains("Enabled: user kim has the device"), "{}", shown[1].stderr);
    assert!(may_list(), "and Kim is free");
}
