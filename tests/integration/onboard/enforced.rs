//! What onboarding guarded, enforcement knows: it shows it, lets it out, and takes the guard back.

use serde_json::json;

use super::{Stage, pairs, text};
use crate::support::portcullis::Output;
use crate::support::proxy::On;

/// A pack of the one rule that acts.
const RULES: &str = r#"
apiVersion: portcullis/v1
kind: RulePack
metadata: { id: only-mfa, title: Console users, version: 1.0.0 }
rules:
  - id: console-user-mfa
    title: Every console user has MFA
    severity: high
    mode: enforce
    target: user
    when: { console_access: true }
    require: { mfa_devices: { count: { gte: 1 } } }
    enforce: deny-without-mfa
    message: "{name} has no MFA device"
"#;

impl Stage {
    fn enforce(&self, command: &str, expected: i32) -> Output {
        std::fs::write(self.path("rules.yaml"), RULES).unwrap();
        let args = format!("enforce {command} --quiet --ledger ledger.jsonl");
        self.program.run(args.split_whitespace(), expected)
    }

    fn run_id(&self) -> String {
        text(&self.ledger().last().unwrap()["run_id"])
    }
}

#[test]
fn status_and_release_know_the_guard() {
    let stage = Stage::moto();
    stage.onboard("", 0);
    let run = stage.run_id();
    let status = stage.enforce("status --format json", 0).json();
    let kim = &status["users"][0];
    assert_eq!((&kim["user"], &kim["state"], &kim["run"]), (&json!(stage.arn()), &json!("guarded"), &json!(run)));
    assert_eq!(kim["guards"], json!([{"guard": "deny-without-mfa", "way": "user", "ours": true}]));
    assert_eq!((&kim["drifted"], &status["policies"][0]["state"]), (&json!(false), &json!("intact")));
    let release = "release --rules rules.yaml --no-break-glass --yes";
    stage.enforce(release, 0);
    assert!(stage.kim().unwrap().0.contains(&stage.guard()), "without a device nobody is let out");
    let serial = format!("arn:aws:iam::{}:mfa/kim", stage.account);
    stage
        .boto()
        .call("iam", "create_virtual_mfa_device", &json!({"VirtualMFADeviceName": "kim"}))
        .call(
            "iam",
            "enable_mfa_device",
            &json!({"UserName": "kim", "SerialNumber": serial, "AuthenticationCode1": "123456",
                "AuthenticationCode2": "654321"}),
        )
        .succeed();
    stage.enforce(release, 0);
    assert_eq!(stage.told(), pairs(&[("detach-user-policy", "done")]));
    assert_eq!(stage.kim().unwrap().0, [stage.reads()]);
}

#[test]
fn a_revert_takes_back_the_guard_and_leaves_the_user() {
    let stage = Stage::moto();
    stage.onboard("", 0);
    let run = stage.run_id();
    stage.proxy.forget();
    let output = stage.enforce(&format!("revert {run} --yes"), 0);
    assert_eq!(stage.writes(), ["DetachUserPolicy"]);
    let kept = format!("stays   {} (create-login-profile): the run made it; only guards are taken back\n", stage.arn());
    assert!(output.stdout.contains(&kept), "{}", output.stdout);
    assert_eq!(stage.kim().unwrap(), (vec![stage.reads()], vec!["dev".to_owned()], true));
}

#[test]
fn of_a_run_that_took_everything_back_nothing_is_reverted() {
    let stage = Stage::moto();
    stage.proxy.rule(On::action("iam", "AddUserToGroup").deny());
    stage.onboard("", 1);
    let run = stage.run_id();
    stage.proxy.clear();
    stage.proxy.forget();
    let output = stage.enforce(&format!("revert {run} --yes"), 0);
    assert_eq!(stage.writes(), [""; 0]);
    assert!(output.stdout.contains("nothing to take back") && !output.stdout.contains("stays"), "{}", output.stdout);
}
