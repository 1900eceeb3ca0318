//! `portcullis enforce revert`: exactly that run, and nothing that came after it.

use serde_json::{Value, json};

use super::{Stage, column, text};
use crate::support::portcullis::Output;

impl Stage {
    fn revert(&self, run: &str, expected: i32) -> Output {
        self.enforce(&format!("revert {run} --yes"), expected)
    }

    /// The run of the last entry.
    fn last_run_id(&self) -> String {
        text(&self.ledger("ledger.jsonl").last().expect("an entry")["run_id"])
    }
}

#[test]
fn of_two_runs_one_is_taken_back() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    let first = stage.last_run_id();
    stage.guarded(&["cid"], "--attach group");
    let second = stage.last_run_id();
    let unknown = stage.revert("01999999-0000-7000-8000-000000000000", 1);
    assert!(unknown.stderr.contains("has no run `01999999-0000-7000-8000-000000000000`"), "{}", unknown.stderr);
    let refused = stage.enforce(&format!("revert {first}"), 2);
    assert!(refused.stderr.contains("nobody can be asked here"), "{}", refused.stderr);
    assert_eq!(stage.writes(), [""; 0]);
    let output = stage.revert(&first, 0);
    assert_eq!(stage.writes(), ["DetachUserPolicy", "DetachUserPolicy"]);
    let [ada, bob] = ["ada", "bob"].map(|user| ["detach-user-policy", user, "done"].map(str::to_owned));
    assert_eq!(stage.last_run(), [bob, ada], "the last change first");
    assert!(
        output.stdout.contains("stays   arn:aws:iam::123456789012:policy/portcullis/deny-without-mfa (create-policy)")
    );
    assert_eq!(stage.attached(&["ada", "bob"]), [[""; 0], [""; 0]]);
    let group = json!({"GroupName": "portcullis-guard"});
    let members = || column(&stage.boto().call("iam", "get_group", &group).succeed()[0]["Users"], "UserName");
    assert_eq!(members(), ["cid"]);
    let again = stage.revert(&first, 0);
    assert!(
        again.stdout.contains("took it back\n") && again.stdout.contains("nothing to take back"),
        "{}",
        again.stdout
    );
    stage.revert(&second, 0);
    assert_eq!(members(), [""; 0]);
    stage.verify_ledger();
}

#[test]
fn later_changes_are_respected() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob", "cid", "dan"], "");
    let run = stage.last_run_id();
    // Somebody frees ada; bob is deleted and made again, and guarded by hand; cid enrolls, is released, and loses it.
    stage.iam("DetachUserPolicy", &[("UserName", "ada"), ("PolicyArn", &stage.guard())]);
    stage.iam("DetachUserPolicy", &[("UserName", "bob"), ("PolicyArn", &stage.guard())]);
    stage.iam("DeleteLoginProfile", &[("UserName", "bob")]);
    stage.iam("DeleteUser", &[("UserName", "bob")]);
    stage.people(&["bob"]);
    stage.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", &stage.guard())]);
    stage.enrolls("cid");
    stage.release("", 0);
    stage.proxy.forget();
    let output = stage.revert(&run, 5);
    assert!(output.stdout.contains("it was deleted and made again since: it is another user"), "{}", output.stdout);
    assert!(output.stdout.contains("somebody took it away already"), "{}", output.stdout);
    assert!(output.stdout.contains("took it back\n"), "{}", output.stdout);
    assert_eq!(stage.writes(), ["DetachUserPolicy"], "only of dan");
    let guard = stage.guard();
    assert_eq!(stage.attached(&["ada", "bob", "cid", "dan"]), [vec![], vec![guard], vec![], vec![]]);
}

#[test]
fn who_an_emergency_freed_is_guarded_again_unless_it_enrolled() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    stage.guarded(&["cid"], "--attach group");
    stage.enforce("release --all --yes", 0);
    let run = stage.last_run_id();
    stage.enrolls("ada");
    let output = stage.revert(&run, 5);
    assert!(output.stdout.contains("it has 1 MFA device(s): it was let out rightly"), "{}", output.stdout);
    assert_eq!(stage.attached(&["ada", "bob", "cid"]), [vec![], vec![stage.guard()], vec![]]);
    let members = stage.boto().call("iam", "get_group", &json!({"GroupName": "portcullis-guard"})).succeed();
    assert_eq!(column(&members[0]["Users"], "UserName"), ["cid"]);
    stage.verify_ledger();
}

/// What an emergency opened stays open for break-glass principals of now, by a flag or the config file; a guard on one is
/// taken off all the same.
#[test]
fn break_glass_principals_are_not_guarded_again() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob", "cid"], "");
    stage.enforce("release --all --yes", 0);
    let run = stage.last_run_id();
    let config = format!("enforce:\n  break_glass: ['{}']\n", stage.arn("bob"));
    std::fs::write(stage.path("portcullis.yaml"), config).unwrap();
    let output = stage.enforce(&format!("revert {run} --yes --break-glass {}", stage.arn("a*")), 5);
    let reason = format!("user/ada deny-without-mfa: `{}` is a break-glass principal", stage.arn("a*"));
    assert!(output.stdout.contains(&reason), "{}", output.stdout);
    assert!(output.stdout.contains("2 done, 0 already, 0 failed, 1 skipped, 0 left"), "{}", output.stdout);
    let guard = stage.guard();
    assert_eq!(stage.attached(&["ada", "bob", "cid"]), [vec![], vec![guard.clone()], vec![guard]]);
    stage.enforce("release --all --yes", 0);
    let run = stage.last_run_id();
    let output = stage.revert(&run, 5);
    assert!(
        output.stdout.contains("user/bob deny-without-mfa: `arn:aws:iam::123456789012:user/bob` is"),
        "{}",
        output.stdout
    );
    assert_eq!(stage.attached(&["bob", "cid"]), [vec![], vec![stage.guard()]]);
    let guarding = stage.last_run_id();
    stage.enforce(&format!("revert {guarding} --yes --break-glass {}", stage.arn("cid")), 0);
    assert_eq!(stage.attached(&["cid"]), [[""; 0]]);
}

#[test]
fn accounts_that_were_not_asked_for_are_left() {
    let stage = Stage::moto();
    stage.guarded(&["ada"], "");
    let run = stage.last_run_id();
    let output = stage.enforce(&format!("revert {run} --yes --accounts 444455556666"), 5);
    assert!(
        output.stdout.contains("the account 123456789012 is not among those that were asked for"),
        "{}",
        output.stdout
    );
    let output = stage.enforce(&format!("revert {run} --yes --allowed-accounts 444455556666"), 5);
    let said = "the account 123456789012 is not among the allowed ones";
    assert!(output.stdout.contains(said), "{}", output.stdout);
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
}

/// The versions of the guard and the document that counts.
fn versions(stage: &Stage) -> (Vec<String>, Value) {
    let policy = json!({"PolicyArn": stage.guard()});
    let answers =
        stage.boto().call("iam", "list_policy_versions", &policy).call("iam", "get_policy", &policy).succeed();
    let mut ids = column(&answers[0]["Versions"], "VersionId");
    ids.sort();
    let default = json!({"PolicyArn": stage.guard(), "VersionId": answers[1]["Policy"]["DefaultVersionId"]});
    let version = stage.boto().call("iam", "get_policy_version", &default).succeed();
    (ids, version[0]["PolicyVersion"]["Document"].clone())
}

#[test]
fn an_edited_guard_is_shown_and_repaired_on_request_and_the_repair_taken_back() {
    let stage = Stage::moto();
    stage.guarded(&["ada"], "");
    let (_, ours) = versions(&stage);
    let edited = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    for _ in 0..4 {
        let version = [("PolicyArn", stage.guard()), ("PolicyDocument", edited.to_owned())];
        let version: Vec<(&str, &str)> = version.iter().map(|(name, value)| (*name, value.as_str())).collect();
        stage.iam("CreatePolicyVersion", &[&version[..], &[("SetAsDefault", "true")]].concat());
    }
    let status = stage.enforce("status --format json", 0).json();
    assert_eq!((&status["users"][0]["drifted"], &status["policies"][0]["state"]), (&json!(true), &json!("drifted")));
    assert_eq!(stage.plan("")["actions"], json!([]));
    let plan = stage.plan("--repair");
    assert_eq!(column(&plan["actions"], "action"), ["repair-guard-policy"]);
    assert_eq!(column(&plan["actions"], "resource"), [stage.guard()]);
    stage.proxy.forget();
    stage.apply("", 0);
    assert_eq!(stage.writes(), ["DeletePolicyVersion", "CreatePolicyVersion"]);
    assert_eq!(versions(&stage), (["v2", "v3", "v4", "v5", "v6"].map(str::to_owned).to_vec(), ours));
    let status = stage.enforce("status --format json", 0).json();
    assert_eq!((&status["users"][0]["drifted"], &status["policies"][0]["state"]), (&json!(false), &json!("intact")));
    let run = stage.last_run_id();
    let output = stage.revert(&run, 5);
    assert!(output.stdout.contains("`delete-policy-version` cannot be taken back"), "{}", output.stdout);
    assert_eq!(versions(&stage).1, serde_json::from_str::<Value>(edited).unwrap());
    stage.verify_ledger();
}
