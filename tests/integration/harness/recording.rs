//! The proxy knows what was asked, by whom, and how often.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::enter;
use crate::support::boto::Boto;
use crate::support::org::{Org, Size};
use crate::support::proxy::{Proxy, span};
use crate::support::server::Moto;

#[test]
fn calls_are_counted_for_the_account_that_signed_them() {
    let moto = Moto::start();
    let org = Org::seed(&moto, Size { accounts: 6, users: 60 });
    let hub = org.credentials();
    let proxy = Proxy::start(moto.port());
    proxy.learn(&hub.key, &org.management);
    let (first, second) = (org.accounts[1].id.as_str(), org.accounts[2].id.as_str());
    let inside = enter(&proxy.endpoint(), &hub, &[first, second]);
    let user = &org.accounts[1].users[0].name;
    Boto::new(&proxy.endpoint(), &inside[0])
        .call("iam", "list_users", &json!({}))
        .call("iam", "list_mfa_devices", &json!({"UserName": user}))
        .call("iam", "get_user", &json!({"UserName": "no+body@x"}))
        .signed_by(&inside[1])
        .call("iam", "list_users", &json!({}))
        .signed_by(&hub)
        .call("organizations", "list_parents", &json!({"ChildId": first}))
        .run();
    assert_eq!((proxy.count(first), proxy.count(second), proxy.count(&org.management)), (3, 1, 3));
    let calls = proxy.calls(first);
    assert_eq!(calls[1].param("UserName"), Some(user.as_str()));
    assert_eq!((calls[2].status, calls[2].code.as_deref()), (Some(404), Some("NoSuchEntity")));
    assert_eq!(calls[2].param("UserName"), Some("no+body@x"));
    let hubs = proxy.calls(&org.management);
    assert_eq!(hubs[0].param("RoleArn").unwrap(), format!("arn:aws:iam::{first}:role/PortcullisScan"));
    assert_eq!((hubs[2].service.as_str(), hubs[2].action.as_str()), ("organizations", "ListParents"));
    assert_eq!((hubs[2].param("ChildId"), hubs[2].status), (Some(first), Some(200)));
    assert!(proxy.strangers().is_empty() && span(&proxy.all()).as_secs() < 60);
    proxy.forget();
    assert!(proxy.all().is_empty());
}

#[test]
fn unsigned_calls_are_apart_and_chunks_and_kept_connections_work() {
    let moto = Moto::start();
    let proxy = Proxy::start(moto.port());
    let address = proxy.endpoint().replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Transfer-Encoding: chunked\r\n\r\na\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &body[..10],
        body.len() - 10,
        &body[10..]
    );
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        // moto takes the service from the signature; without one it guesses S3, whatever the body says.
        while !answer.contains("</ListAllMyBucketsResult>") {
            let mut part = [0; 4096];
            let length = stream.read(&mut part).unwrap();
            assert!(length > 0, "closed after {answer}");
            answer.push_str(&String::from_utf8_lossy(&part[..length]));
        }
    }
    let strangers = proxy.strangers();
    assert_eq!(strangers.len(), 2);
    assert_eq!((strangers[0].service.as_str(), strangers[0].action.as_str()), ("sts", "GetCallerIdentity"));
    assert_eq!((strangers[0].access_key.as_ref(), strangers[0].status), (None, Some(200)));
}
