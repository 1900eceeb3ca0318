//! `portcullis enforce status` and `announce`: they tell, and change nothing in AWS.

use serde_json::{Value, json};

use super::{RULES, Stage, column, text};
use crate::support::proxy::On;

#[test]
fn who_is_guarded_is_told_with_run_and_time() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob", "cid"], "");
    let run = text(&stage.ledger("ledger.jsonl").last().unwrap()["run_id"]);
    stage.enrolls("bob");
    stage.iam("DetachUserPolicy", &[("UserName", "cid"), ("PolicyArn", &stage.guard())]);
    stage.people(&["dan"]);
    stage.iam("AttachUserPolicy", &[("UserName", "dan"), ("PolicyArn", &stage.guard())]);
    let scan = "scan --rules rules.yaml --save-snapshot snapshot.jsonl --quiet --format json=x.json";
    stage.program.run(scan.split_whitespace(), 3);
    let entries = stage.ledger("ledger.jsonl").len();
    stage.proxy.forget();
    for source in ["", "--snapshot snapshot.jsonl"] {
        let status = stage.enforce(&format!("status --format json {source}"), 0).json();
        assert_eq!(column(&status["users"], "user"), ["ada", "bob", "cid", "dan"].map(|user| stage.arn(user)));
        assert_eq!(column(&status["users"], "state"), ["guarded", "guarded", "removed", "unrecorded"]);
        let enrolled: Vec<&Value> =
            status["users"].as_array().unwrap().iter().map(|user| &user["enrolled_not_released"]).collect();
        assert_eq!(enrolled, [false, true, false, false]);
        let runs: Vec<&Value> = status["users"].as_array().unwrap().iter().map(|user| &user["run"]).collect();
        assert_eq!(runs, [&json!(run), &json!(run), &json!(run), &Value::Null]);
        let guard = json!([{"guard": "deny-without-mfa", "way": "user", "ours": true}]);
        assert_eq!(status["users"][0]["guards"], guard);
        assert_eq!(status["ledger"]["entries"], entries);
    }
    let table = stage.enforce("status", 0).stdout;
    let line = "3 guarded: 1 enrolled and not released, 0 drifted, 1 not in the ledger; 1 removed by somebody";
    assert!(table.contains(line), "{table}");
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.ledger("ledger.jsonl").len(), entries);
}

/// No rule needs to know the devices of a user without a password: of a guarded one they are asked for all the same.
#[test]
fn devices_that_no_rule_needs_are_asked_for_of_guarded_users_alone() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob", "cid"], "");
    stage.enrolls("bob");
    stage.people(&["dan"]);
    for user in ["ada", "bob", "dan"] {
        stage.iam("DeleteLoginProfile", &[("UserName", user)]);
    }
    let scan = "scan --rules rules.yaml --save-snapshot snapshot.jsonl --quiet --format json=x.json";
    let devices = || On::action("iam", "ListMFADevices");
    let unknown = |name: &'static str| devices().param("UserName", name);
    // The whole vocabulary is read for a snapshot: what was refused then is unknown in it for ever.
    stage.proxy.rule(unknown("ada").deny());
    stage.program.run(scan.split_whitespace(), 3);
    stage.mend();
    stage.proxy.forget();
    let told = |args: &str, expected: i32| {
        let status = stage.enforce(&format!("status --format json {args}"), expected).json();
        let users = status["users"].as_array().unwrap();
        let devices: Vec<Value> = users.iter().map(|user| user["devices"].clone()).collect();
        (devices, status["summary"]["devices_unknown"].clone())
    };
    let asked = || {
        let calls = stage.proxy.all().into_iter().filter(|call| call.action == "ListMFADevices");
        let mut users: Vec<String> = calls.filter_map(|call| call.param("UserName").map(str::to_owned)).collect();
        users.sort();
        users
    };
    assert_eq!(told("--snapshot snapshot.jsonl", 4), (vec![Value::Null, json!(1), json!(0)], json!(1)));
    assert_eq!(asked(), [""; 0]);
    assert_eq!(told("", 0), (vec![json!(0), json!(1), json!(0)], json!(0)));
    assert!(asked().contains(&"ada".to_owned()) && !asked().contains(&"dan".to_owned()), "{:?}", asked());
    let release = stage.release("", 0);
    assert!(release.stdout.contains(&format!("stays   {}: no-device", stage.arn("ada"))), "{}", release.stdout);
    stage.proxy.rule(unknown("ada").deny());
    let table = stage.enforce("status", 4).stdout;
    assert!(table.contains("guarded, devices-unknown\n"), "{table}");
    assert!(table.contains("whether 1 of them have enrolled is not known"), "{table}");
    let release = stage.release("", 4);
    assert!(release.stdout.contains(&format!("stays   {}: devices-unknown", stage.arn("ada"))), "{}", release.stdout);
}

#[test]
fn an_announcement_is_written_down_once_and_opens_the_way_when_its_time_is_up() {
    let stage = Stage::moto();
    let grace = RULES.replace("enforce: deny-without-mfa", "enforce: deny-without-mfa\n    grace: 7d");
    std::fs::write(stage.path("rules.yaml"), grace).unwrap();
    let announce = "announce --rules rules.yaml";
    let nobody = stage.enforce(announce, 0);
    assert!(nobody.stdout.contains("there is nothing to announce"), "{}", nobody.stdout);
    stage.people(&["ada", "a_b"]);
    let first = stage.enforce(&format!("{announce} --format json"), 0).json();
    assert_eq!(column(&first["people"], "user"), ["a_b", "ada"]);
    let told = |entries: &[Value]| entries.iter().filter(|entry| entry["kind"] == "announced").count();
    let entries = stage.ledger("ledger.jsonl");
    assert_eq!(told(&entries), 2);
    let deadlines = |announcement: &Value| column(&announcement["people"], "deadline");
    let of_ledger: Vec<String> =
        entries.iter().filter(|entry| entry["kind"] == "announced").map(|entry| text(&entry["deadline"])).collect();
    assert_eq!(of_ledger, deadlines(&first));
    let second = stage.enforce(&format!("{announce} --format json"), 0).json();
    assert_eq!(deadlines(&second), deadlines(&first), "a deadline stands");
    assert!(second["people"].as_array().unwrap().iter().all(|person| person["is_new"] == false));
    assert_eq!(told(&stage.ledger("ledger.jsonl")), 2);
    let markdown = stage.enforce(announce, 0).stdout;
    assert!(markdown.contains(r"| a\_b |"), "{markdown}");
    let glass = format!("{announce} --format json --break-glass {}", stage.arn("ada"));
    let glass = stage.enforce(&glass, 0).json();
    assert_eq!((column(&glass["people"], "user"), &glass["not_told"]), (vec!["a_b".to_owned()], &json!(1)));
    let plan = "enforce plan --rules rules.yaml --no-break-glass --max-percent 100 --exit-zero --quiet --format json \
                --ledger ledger.jsonl";
    let plan = stage.program.run(plan.split_whitespace(), 0).json();
    assert_eq!(column(&plan["held_back"], "reason"), ["grace", "grace"]);
    assert_eq!(column(&plan["held_back"], "deadline"), deadlines(&first));
    assert_eq!(stage.writes(), [""; 0]);
    stage.verify_ledger();
}
