//! The credential report may be four hours old: what happened since is seen where it matters, and nowhere else is a
//! call spent on it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Stage, resources, user};
use crate::support::boto::Credentials;
use crate::support::proxy::{Call, On, change};
use crate::support::server::{Moto, iam};

const PASSKEY: &str = "arn:aws:iam::123456789012:u2f/user/kim/key-AAAABBBB";

/// Replaces cells of the row of one user of the report.
fn cells(name: &str, cells: &[(&str, &str)]) -> impl Fn(&Call, String) -> String + use<> {
    let name = name.to_owned();
    let cells: BTreeMap<String, String> = cells.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    change::report(move |_, csv| {
        let header: Vec<_> = csv.lines().next().expect("a header").split(',').map(str::to_owned).collect();
        let of_user = format!("{name},");
        let line = |line: &str| {
            if !line.starts_with(&of_user) {
                return format!("{line}\n");
            }
            let fields = header.iter().zip(line.split(','));
            let fields = fields.map(|(column, field)| cells.get(column).map_or(field, String::as_str));
            fields.collect::<Vec<_>>().join(",") + "\n"
        };
        csv.lines().map(line).collect()
    })
}

/// Adds a row of a user without anything but a password.
fn extra_row(name: &str) -> impl Fn(&Call, String) -> String + use<> {
    let row = format!(
        "{name},{},2020-01-01T00:00:00+00:00,true,no_information,2020-01-01T00:00:00+00:00,N/A,false,false,N/A,N/A,\
         N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
        user(name)
    );
    change::report(move |_, csv| format!("{}\n{row}\n", csv.trim_end()))
}

/// Removes the row of a user.
fn without_row(name: &str) -> impl Fn(&Call, String) -> String + use<> {
    let of_user = format!("{name},");
    change::report(move |_, csv| {
        let lines: Vec<_> = csv.lines().filter(|line| !line.starts_with(&of_user)).collect();
        lines.join("\n")
    })
}

/// A stage with one user, and a report of two hours ago that `change` makes different from what is so now.
fn two_hours_later(
    password: bool,
    devices: &[&str],
    change: impl Fn(&Call, String) -> String + Send + Sync + 'static,
) -> Stage {
    let stage = Stage::alone();
    stage.people(&[("kim", password, devices)]);
    let report = || On::action("iam", "GetCredentialReport");
    stage.proxy.rule(report().change(change));
    let made = Timestamp::now() - SignedDuration::from_hours(2);
    stage.proxy.rule(report().change(change::element("GeneratedTime", &made.strftime("%FT%TZ").to_string())));
    stage
}

/// The users who fail and the calls about users, after a scan by the MFA rule that ends as `expected`.
fn failing(stage: &Stage, expected: i32) -> (Vec<String>, Vec<String>) {
    let results = stage.scan("--rules mfa.yaml", expected);
    let account = &results["accounts"][0];
    assert_eq!(account["status"], "scanned", "{account}");
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), [""; 0]);
    let mut calls = Vec::new();
    for call in stage.proxy.calls(Moto::ACCOUNT) {
        calls.extend(call.param("UserName").map(|name| format!("{} {name}", call.action)));
    }
    (resources(&results, "console-user-mfa", "fail"), calls)
}

#[test]
fn a_device_removed_since_no_longer_counts() {
    let stage = two_hours_later(true, &[], cells("kim", &[("mfa_active", "true")]));
    let (failing, calls) = failing(&stage, 3);
    assert_eq!(failing, [user("kim")]);
    assert_eq!(calls, ["ListMFADevices kim", "GetLoginProfile kim"]);
}

#[test]
fn a_virtual_device_assigned_since_counts_without_a_call() {
    let stage = two_hours_later(true, &["virtual"], cells("kim", &[("mfa_active", "false")]));
    assert_eq!(failing(&stage, 0), (vec![], vec![]));
}

#[test]
fn a_passkey_enrolled_since_counts() {
    let stage = two_hours_later(true, &[PASSKEY], cells("kim", &[("mfa_active", "false")]));
    assert_eq!(failing(&stage, 0), (vec![], vec!["ListMFADevices kim".to_owned()]));
}

#[test]
fn a_user_deleted_since_is_not_reported() {
    let stage = two_hours_later(true, &["virtual"], extra_row("gone"));
    let (failing, calls) = failing(&stage, 0);
    assert_eq!((failing, calls), (vec![], vec![]));
}

#[test]
fn a_user_deleted_while_the_scan_runs_is_not_reported() {
    let stage = two_hours_later(true, &[], cells("kim", &[]));
    let (key, port) = (stage.credentials.key.clone(), stage.moto.port());
    let delete = move |_: &Call, body| {
        iam(port, &key, "DeleteLoginProfile", &[("UserName", "kim")]);
        iam(port, &key, "DeleteUser", &[("UserName", "kim")]);
        body
    };
    // The server answers the scan before the user is gone, and knows nobody of the name when it looks again.
    stage.proxy.rule(On::action("iam", "ListMFADevices").first(1).change(delete));
    let (failing, calls) = failing(&stage, 0);
    assert_eq!(failing, [""; 0]);
    assert_eq!(calls, ["ListMFADevices kim", "GetLoginProfile kim", "GetUser kim"]);
}

#[test]
fn a_user_created_since_is_judged_live() {
    let stage = two_hours_later(true, &[], without_row("kim"));
    let (failing, calls) = failing(&stage, 3);
    assert_eq!(failing, [user("kim")]);
    assert_eq!(calls, ["GetLoginProfile kim", "ListMFADevices kim"]);
}

#[test]
fn a_user_created_again_under_the_same_name_is_another_one() {
    let old = [("user_creation_time", "2020-01-01T00:00:00+00:00"), ("password_enabled", "false")];
    let (failing, _) = failing(&two_hours_later(true, &[], cells("kim", &old)), 3);
    assert_eq!(failing, [user("kim")]);
}

#[test]
fn the_keys_of_a_namesake_are_not_those_of_the_user() {
    let old = [
        ("user_creation_time", "2020-01-01T00:00:00+00:00"),
        ("access_key_1_active", "true"),
        ("access_key_1_last_rotated", "2020-01-01T00:00:00+00:00"),
    ];
    let stage = two_hours_later(false, &[], cells("kim", &old));
    stage.complete_summaries();
    let results = stage.scan("--fail-on critical", 3);
    assert_eq!(resources(&results, "access-key-max-age-90", "fail"), [""; 0]);
}

#[test]
fn a_password_deleted_since_is_no_way_in() {
    let stage = two_hours_later(false, &[], cells("kim", &[("password_enabled", "true")]));
    let (failing, calls) = failing(&stage, 0);
    assert_eq!(failing, [""; 0]);
    assert_eq!(calls, ["ListMFADevices kim", "GetLoginProfile kim", "GetUser kim"]);
}

/// AWS says in a column of its own where a user has more keys than the report has room for.
#[test]
fn keys_beyond_those_of_the_report_are_read() {
    let more = change::report(|_, csv| {
        let line = |line: &str| match line.split(',').next() {
            Some("user") => format!("{line},additional_credentials_info\n"),
            Some("kim") => format!("{line},1 more access key\n"),
            _ => format!("{line},N/A\n"),
        };
        csv.lines().map(line).collect()
    });
    let stage = two_hours_later(false, &[], more);
    let kim = [("UserName", "kim")];
    stage.moto.iam(&stage.credentials.key, "CreateAccessKey", &kim);
    stage.moto.iam(&stage.credentials.key, "CreateAccessKey", &kim);
    stage.complete_summaries();
    let results = stage.scan("--rules baseline", 3);
    assert_eq!(resources(&results, "one-active-access-key", "fail"), [user("kim")]);
    assert_eq!(stage.asked(Moto::ACCOUNT, "ListAccessKeys"), ["kim"]);
    let of_kim = |finding: &&Value| finding["rule"] == "one-active-access-key";
    let finding = results["findings"].as_array().unwrap().iter().find(of_kim).unwrap();
    assert_eq!(finding["evidence"][0]["source"], "iam:ListAccessKeys");
}

#[test]
fn a_password_of_which_the_report_says_nothing_known_is_looked_up() {
    let stage = two_hours_later(true, &[], cells("kim", &[("password_enabled", "perhaps")]));
    let (failing, calls) = failing(&stage, 3);
    assert_eq!(failing, [user("kim")]);
    assert!(calls.contains(&"GetLoginProfile kim".to_owned()), "{calls:?}");
}

#[test]
fn a_password_created_since_is_a_way_in() {
    let stage = two_hours_later(true, &[], cells("kim", &[("password_enabled", "false")]));
    let (failing, calls) = failing(&stage, 3);
    assert_eq!(failing, [user("kim")]);
    assert_eq!(calls, ["GetLoginProfile kim", "ListMFADevices kim"]);
}

#[test]
fn a_report_made_for_this_scan_is_believed() {
    let stage = two_hours_later(false, &[], cells("kim", &[]));
    let now = Timestamp::now().strftime("%FT%TZ").to_string();
    stage.proxy.rule(On::action("iam", "GetCredentialReport").change(change::element("GeneratedTime", &now)));
    stage.proxy.rule(On::action("iam", "GenerateCredentialReport").change(change::element("State", "STARTED")));
    assert_eq!(failing(&stage, 0), (vec![], vec![]));
}

/// The report tells of a device, the live answer does not come: nobody passes by the report alone.
#[test]
fn the_report_alone_never_shows_a_device() {
    let stage = two_hours_later(true, &[PASSKEY], cells("kim", &[("mfa_active", "true")]));
    stage.proxy.rule(On::action("iam", "ListMFADevices").deny());
    let results = stage.scan("--rules mfa.yaml", 4);
    assert_eq!(resources(&results, "console-user-mfa", "unknown"), [user("kim")]);
    assert_eq!(results["summary"]["pass"], 0);
}

/// Reports come in other dialects too; the scan reads them all, and says what it could not read.
#[test]
fn a_damaged_report_is_replaced_by_live_calls() {
    for damage in ["", "user,password_enabled\nkim,true\n", "not,a\nreport"] {
        let stage = two_hours_later(true, &[], change::report(move |_, _| damage.to_owned()));
        let results = stage.scan("--rules mfa.yaml", 3);
        assert_eq!(resources(&results, "console-user-mfa", "fail"), [user("kim")], "{damage:?}");
        let notices = super::notices(&results, Some(Moto::ACCOUNT));
        assert!(notices.iter().any(|notice| notice.contains("credential report")), "{damage:?}: {notices:?}");
        assert_eq!(
            (&results["accounts"][0]["status"], &results["accounts"][0]["credential_report_as_of"]),
            (&json!("scanned"), &Value::Null)
        );
    }
}

/// Moto has the same report for whoever asks, so that a member is read as the caller's account is.
#[test]
fn a_role_session_reads_its_own_account() {
    let stage = two_hours_later(true, &[], cells("kim", &[]));
    let made = stage.boto().call("sts", "get_session_token", &json!({})).succeed();
    let session = Credentials::from_answer(&made[0]);
    stage.proxy.learn(&session.key, Moto::ACCOUNT);
    let program = crate::support::portcullis::Portcullis::aws(&stage.proxy.endpoint(), &session);
    let run = program.file("mfa.yaml", super::MFA).run(["scan", "--rules", "mfa.yaml", "--format", "json"], 3);
    assert_eq!(resources(&run.json(), "console-user-mfa", "fail"), [user("kim")]);
}
