//! What does not suit is refused before anything is written.

use std::fs;

use serde_json::json;

use super::Stage;

#[test]
fn what_does_not_exist_is_told_all_at_once() {
    let stage = Stage::moto();
    let missing = "arn:aws:iam::123456789012:policy/none";
    let output = stage.onboard(&format!("--group nobody --policy {missing} --boundary {missing}-either"), 1);
    for part in ["the group nobody does not exist", &format!("the policy {missing} does not exist"), "-either does not"]
    {
        assert!(output.stderr.contains(part), "`{part}`: {}", output.stderr);
    }
    assert!(output.stderr.contains("; nothing was done"), "{}", output.stderr);
    assert_eq!((stage.writes().len(), stage.path("ledger.jsonl").exists()), (0, false));
}

#[test]
fn another_user_or_another_guard_of_that_name_is_refused() {
    let stage = Stage::moto();
    let tags = json!([{"Key": "owner", "Value": "ops"}]);
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    stage
        .boto()
        .call("iam", "create_user", &json!({"UserName": "kim", "Tags": tags}))
        .call("iam", "create_access_key", &json!({"UserName": "kim"}))
        .call(
            "iam",
            "create_policy",
            &json!({"PolicyName": "deny-without-mfa", "Path": "/portcullis/", "PolicyDocument": document}),
        )
        .succeed();
    let output = stage.onboard("", 1);
    for part in [
        "its path is /, not /people/",
        "its tag `owner` is `ops`, not `sec@example.org`",
        "its tag `team` is absent, not `blue`",
        "1 active access key(s)",
        "another document than ours: `enforce plan --repair`",
    ] {
        assert!(output.stderr.contains(part), "`{part}`: {}", output.stderr);
    }
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn who_could_not_enroll_is_not_made() {
    let stage = Stage::moto();
    let boundary = json!({"PolicyName": "bound", "PolicyDocument": super::READS});
    let made = stage.boto().call("iam", "create_policy", &boundary).succeed();
    let output = stage.onboard(&format!("--boundary {}", made[0]["Policy"]["Arn"].as_str().unwrap()), 1);
    assert!(output.stderr.contains("it could not enroll a device: iam:"), "{}", output.stderr);
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn a_password_replaces_no_file_and_bad_flags_are_usage() {
    let stage = Stage::moto();
    fs::write(stage.path("secret"), "mine").unwrap();
    let output = stage.onboard("--password-file secret", 1);
    assert!(output.stderr.contains("secret exists already"), "{}", output.stderr);
    assert_eq!(fs::read_to_string(stage.path("secret")).unwrap(), "mine");
    assert_eq!((stage.writes().len(), stage.path("ledger.jsonl").exists()), (0, false));
    stage.proxy.forget();
    let output = stage.onboard("--hand-out no/such/dir.md", 1);
    assert!(output.stderr.contains("dir.md"), "{}", output.stderr);
    for flags in ["--tag Owner=x", "--tag a=<b>", "--policy x", "--password-file x --hand-out x", "--group a/b"] {
        stage.onboard(flags, 2);
    }
    stage.program.run("onboard kim --require-password-reset".split(' '), 2);
    assert_eq!(stage.proxy.all().len(), 0, "nobody was asked");
}
