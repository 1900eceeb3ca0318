//! Nobody slips through: users who are listed twice, or are gone under one name and there under another, answers that
//! are cut off, and answers that leave out whose something is.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Stage, resources, text, user};
use crate::support::proxy::{Call, On, Rule, change};
use crate::support::server::iam;

const NOT_FOUND: (u16, &str) = (404, "NoSuchEntity");

/// A stage with two users who sign in without a second factor, and one with.
fn stage() -> Stage {
    let stage = Stage::alone();
    stage.people(&[("ann", true, &["virtual"]), ("bob", true, &[]), ("cy", true, &[])]);
    stage
}

fn failing(results: &Value) -> Vec<String> {
    resources(results, "console-user-mfa", "fail")
}

fn gone(action: &str, name: &str) -> On {
    On::action("iam", action).param("UserName", name)
}

fn no_such_entity(on: On) -> Rule {
    on.error(NOT_FOUND.0, NOT_FOUND.1, "The user with name bob cannot be found.")
}

#[test]
fn a_user_listed_twice_does_not_stand_for_another() {
    let stage = stage();
    // The first listing has ann twice and bob not at all: as many entries as there are users.
    let seen = AtomicUsize::new(0);
    let change = move |_: &Call, body: String| {
        if seen.fetch_add(1, Ordering::Relaxed) > 0 {
            return body;
        }
        let member = |name: &str| {
            let at = body.find(&format!("<UserName>{name}</UserName>")).expect("a user");
            let start = body[..at].rfind("<member>").expect("its start");
            (start, start + body[start..].find("</Arn>").expect("its end"))
        };
        let (ann, bob) = (member("ann"), member("bob"));
        let swapped = body[bob.0..bob.1].replace("bob", "ann");
        assert!(ann.0 != bob.0);
        format!("{}{swapped}{}", &body[..bob.0], &body[bob.1..])
    };
    stage.proxy.rule(On::action("iam", "GetAccountAuthorizationDetails").change(change));
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(failing(&results), [user("bob"), user("cy")]);
    assert_eq!(results["accounts"][0]["status"], "scanned", "the second look explains it");
}

#[test]
fn a_user_who_was_not_seen_once_is_looked_for_again() {
    let stage = stage();
    stage.proxy.rule(no_such_entity(gone("ListMFADevices", "bob").first(1)));
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(failing(&results), [user("bob"), user("cy")]);
    assert_eq!(results["accounts"][0]["status"], "scanned");
}

#[test]
fn a_user_who_is_listed_and_never_found_is_unknown() {
    let stage = stage();
    stage.proxy.rule(no_such_entity(gone("ListMFADevices", "bob")));
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(failing(&results), [user("cy")]);
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), [user("bob")]);
    let account = &results["accounts"][0];
    assert_eq!((&account["status"], &account["users"]), (&"partial".into(), &3.into()));
    assert!(text(&account["reason"]).contains("listed, but answered as not found"), "{account}");
}

/// Renamed between the list of devices and the look at the password: "no such entity" is no "no password".
#[test]
fn a_user_renamed_in_between_is_judged_under_the_new_name() {
    let stage = stage();
    let (key, port) = (stage.credentials.key.clone(), stage.moto.port());
    let rename = move |_: &Call, body| {
        iam(port, &key, "UpdateUser", &[("UserName", "bob"), ("NewUserName", "bobby")]);
        body
    };
    stage.proxy.rule(gone("ListMFADevices", "bob").first(1).change(rename));
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(failing(&results), [user("bobby"), user("cy")]);
}

#[test]
fn a_report_that_was_there_before_may_be_stale_however_young_it_looks() {
    let stage = stage();
    let report = || On::action("iam", "GetCredentialReport");
    let no_password = change::report(|_, csv| {
        let header = csv.lines().next().expect("a header").split(',').position(|name| name == "password_enabled");
        let at = header.expect("the column");
        let line = |line: &str| {
            let cells = line.split(',').enumerate();
            let cells = cells.map(|(column, cell)| if column == at && cell == "true" { "false" } else { cell });
            cells.collect::<Vec<_>>().join(",") + "\n"
        };
        csv.lines().map(line).collect()
    });
    stage.proxy.rule(report().change(no_password));
    for offset in [-30, 3_600] {
        let made = (Timestamp::now() + SignedDuration::from_secs(offset)).strftime("%FT%TZ").to_string();
        stage.proxy.rule(report().change(change::element("GeneratedTime", &made)));
        assert_eq!(failing(&stage.scan("--rules mfa.yaml", 3)), [user("bob"), user("cy")], "{offset} s");
    }
}

#[test]
fn an_answer_that_is_cut_off_is_no_answer() {
    let stage = stage();
    let cut = |_: &Call, body: String| body[..body.find("</UserDetailList>").expect("users") + 17].to_owned();
    stage.proxy.rule(On::action("iam", "GetAccountAuthorizationDetails").change(cut));
    let results = stage.scan_impatiently("--rules mfa.yaml", 3);
    let account = &results["accounts"][0];
    assert_eq!(account["status"], "partial", "{account}");
    assert!(text(&account["reason"]).contains("cut off"), "{account}");
    assert_eq!(failing(&results), [user("bob"), user("cy")], "users are listed another way");
}

#[test]
fn a_device_without_a_serial_number_or_of_somebody_else_is_none() {
    let stage = stage();
    let devices = |xml: &'static str| {
        move |_: &Call, body: String| {
            let (before, rest) =
                body.split_once("<MFADevices>").or_else(|| body.split_once("<MFADevices/>")).expect("a list");
            let after = rest.split_once("</MFADevices>").map_or(rest, |(_, after)| after);
            format!("{before}<MFADevices><member>{xml}</member></MFADevices>{after}")
        }
    };
    for xml in ["", "<UserName>ann</UserName><SerialNumber>GAHT12345678</SerialNumber>"] {
        stage.proxy.clear();
        stage.proxy.rule(On::action("iam", "ListMFADevices").change(devices(xml)));
        let results = stage.scan("--rules mfa.yaml", 4);
        assert_eq!(resources(&results, "console-user-mfa", "unknown"), [user("bob"), user("cy")], "{xml}");
    }
}

#[test]
fn a_password_that_may_not_be_looked_up_is_not_taken_for_none() {
    let stage = Stage::alone();
    stage.people(&[("kim", false, &[])]);
    stage.proxy.rule(On::action("iam", "GetLoginProfile").deny());
    let results = stage.scan("--rules mfa.yaml", 4);
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), [user("kim")]);
    assert_eq!(results["accounts"][0]["status"], "partial");
}
