//! The harness's own tests: it must be right before it can say that the program is wrong.

mod emulators;
mod faults;
mod organization;
mod pages;
mod recording;
mod runs;

use serde_json::{Value, json};

use crate::support::boto::{Boto, Credentials};

/// The text of a field.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// The named field of each member of a list, in order.
fn column(list: &Value, name: &str) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|member| text(member, name).to_owned()).collect()
}

/// Credentials in each of these accounts.
fn enter(endpoint: &str, hub: &Credentials, accounts: &[&str]) -> Vec<Credentials> {
    let mut calls = Boto::new(endpoint, hub);
    for account in accounts {
        let role = format!("arn:aws:iam::{account}:role/PortcullisScan");
        calls = calls.call("sts", "assume_role", &json!({"RoleArn": role, "RoleSessionName": "harness"}));
    }
    calls.succeed().iter().map(Credentials::from_answer).collect()
}
