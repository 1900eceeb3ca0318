//! The servers start, answer, decide, and end.

use std::net::TcpStream;

use serde_json::json;

use super::text;
use crate::support::boto::{Boto, Credentials};
use crate::support::proxy::Proxy;
use crate::support::server::{Ministack, Moto};

#[test]
fn moto_starts_answers_and_ends() {
    let moto = Moto::start();
    let stranger = Credentials::new("AKIAUNKNOWN000000000", "any");
    let answers = Boto::new(&moto.endpoint(), &stranger)
        .call("sts", "get_caller_identity", &json!({}))
        .call("iam", "create_user", &json!({"UserName": "alice"}))
        .call("iam", "create_access_key", &json!({"UserName": "alice"}))
        .succeed();
    assert_eq!(text(&answers[0], "Account"), Moto::ACCOUNT);
    let key = Credentials::from_answer(&answers[2]);
    let used = json!({"timestamp": "2020-02-02T00:00:00Z", "service": "s3", "region": "eu-central-1"});
    moto.edit(&[json!({"account": Moto::ACCOUNT, "path": ["access_keys", key.key],
        "set": {"create_date": "2020-01-01T00:00:00Z", "last_used": used}})]);
    let keys = Boto::new(&moto.endpoint(), &stranger)
        .call("iam", "list_access_keys", &json!({"UserName": "alice"}))
        .call("iam", "get_access_key_last_used", &json!({"AccessKeyId": key.key}))
        .succeed();
    assert!(text(&keys[0]["AccessKeyMetadata"][0], "CreateDate").starts_with("2020-01-01"));
    assert_eq!(text(&keys[1]["AccessKeyLastUsed"], "Region"), "eu-central-1");
    let port = moto.port();
    drop(moto);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "moto outlived its value");
}

#[test]
fn ministack_decides_by_policies_through_the_proxy() {
    let ministack = Ministack::start(true);
    let proxy = Proxy::start(ministack.port());
    let root = Ministack::root();
    proxy.learn(&root.key, Ministack::ACCOUNT);
    let made = Boto::new(&proxy.endpoint(), &root)
        .call("iam", "create_user", &json!({"UserName": "bob"}))
        .call("iam", "create_access_key", &json!({"UserName": "bob"}))
        .succeed();
    let bob = Credentials::from_answer(&made[1]);
    let policy = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]});
    let grant = json!({"UserName": "bob", "PolicyName": "p", "PolicyDocument": policy.to_string()});
    let outcomes = Boto::new(&proxy.endpoint(), &bob)
        .call("iam", "list_users", &json!({}))
        .call("sts", "get_caller_identity", &json!({}))
        .signed_by(&root)
        .call("iam", "put_user_policy", &grant)
        .signed_by(&bob)
        .call("iam", "list_users", &json!({}))
        .call("iam", "create_user", &json!({"UserName": "mallory"}))
        .run();
    let denied = outcomes[0].as_ref().expect_err("no policy allows it");
    assert_eq!((denied.code.as_str(), denied.status), ("AccessDenied", 403));
    assert!(denied.message.contains("iam:ListUsers"), "{}", denied.message);
    assert!(text(outcomes[1].as_ref().unwrap(), "Arn").ends_with(":user/bob"));
    assert!(outcomes[2].is_ok() && outcomes[3].is_ok());
    assert_eq!(outcomes[4].as_ref().expect_err("not allowed").code, "AccessDenied");
    assert_eq!(proxy.count(Ministack::ACCOUNT), 7, "the proxy learned bob's key as it was made");
}

#[test]
fn ministack_without_auth_lets_everyone_in() {
    let ministack = Ministack::start(false);
    let made = Boto::new(&ministack.endpoint(), &Credentials::new("AKIAUNKNOWN000000000", "any"))
        .call("iam", "create_user", &json!({"UserName": "carol"}))
        .run();
    assert!(made[0].is_ok(), "{made:?}");
}
