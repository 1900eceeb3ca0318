//! What is made, in which order, and what is told of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::json;

use super::{Stage, pairs, text};
use crate::support::proxy::On;

const IN_ORDER: [&str; 6] =
    ["CreatePolicy", "CreateUser", "AttachUserPolicy", "AddUserToGroup", "AttachUserPolicy", "CreateLoginProfile"];

#[test]
fn a_user_is_guarded_before_it_has_a_password() {
    let stage = Stage::moto();
    stage.boto().call("iam", "create_account_alias", &json!({"AccountAlias": "acme-dev"})).succeed();
    let output = stage.onboard("-vvv", 0);
    assert_eq!(stage.writes(), IN_ORDER);
    let calls = stage.proxy.all();
    let place = |action: &str, from: usize| {
        from + calls[from..].iter().position(|call| call.action == action).expect("the call")
    };
    let attached = place("AttachUserPolicy", 0);
    assert_eq!(calls[attached].param("PolicyArn"), Some(stage.guard().as_str()), "the first policy is the guard");
    let read_back = place("ListAttachedUserPolicies", attached);
    assert!(read_back < place("AddUserToGroup", 0), "the guard is seen before anything gives rights");
    let kim = stage.kim().unwrap();
    assert_eq!(kim, (vec![stage.guard(), stage.reads()], vec!["dev".to_owned()], true));
    let user = &stage.boto().call("iam", "get_user", &json!({"UserName": "kim"})).succeed()[0]["User"];
    assert_eq!(user["Arn"], stage.arn());
    let tags = json!([{"Key": "owner", "Value": "sec@example.org"}, {"Key": "team", "Value": "blue"}]);
    assert_eq!(user["Tags"], tags);
    // The password is the only line on stdout, and nowhere else.
    let password = stage.password().unwrap();
    assert_eq!(output.stdout, format!("{password}\n"));
    assert!(password.len() >= 20, "{password}");
    stage.keeps(&password, &output, None);
    let login = calls.iter().find(|call| call.action == "CreateLoginProfile").unwrap();
    assert_eq!(login.param("PasswordResetRequired"), Some("false"));
    let expected = [
        "for user kim, as an administrator (arn:aws:",
        "hint: policies are better attached to groups",
        "made    guard policy arn:aws:iam::123456789012:policy/portcullis/deny-without-mfa\n",
        "made    guard deny-without-mfa on the user\n",
        "the console password of kim, shown this once, is on stdout:\n",
        "ledger ledger.jsonl: 14 entries, head ",
        "# Your AWS user `kim`\n",
        "<https://acme-dev.signin.aws.amazon.com/console>",
        "Ask `sec@example.org`.",
    ];
    for part in expected {
        assert!(output.stderr.contains(part), "`{part}`:\n{}", output.stderr);
    }
}

#[test]
fn the_ledger_tells_of_each_change_around_it() {
    let stage = Stage::moto();
    stage.onboard("", 0);
    let done =
        ["create-policy", "create-user", "attach-user-policy", "join-group", "grant-policy", "create-login-profile"];
    assert_eq!(stage.told(), pairs(&done.map(|action| (action, "done"))));
    let entries = stage.ledger();
    let kinds: Vec<String> = entries.iter().map(|entry| text(&entry["kind"])).collect();
    let between = ["intent", "outcome"].repeat(6);
    assert_eq!(kinds, [&["run-started"], between.as_slice(), &["run-finished"]].concat());
    assert_eq!(entries[0]["message"], "onboard kim");
    let of = |action: &str| entries.iter().rfind(|entry| entry["action"] == action).unwrap();
    let made = of("create-user");
    let id = &made["after"]["user_id"];
    assert!(id.as_str().is_some_and(|id| !id.is_empty()) && made["resource"] == stage.arn());
    let tags = [("owner", "sec@example.org"), ("team", "blue")];
    assert_eq!(made["after"]["tags"], json!(tags.map(|(key, value)| json!({"key": key, "value": value}))));
    let guarded = of("attach-user-policy");
    assert_eq!(guarded["before"], json!({"attached_policies": [], "guard": "deny-without-mfa", "user_id": id}));
    assert_eq!(guarded["after"]["attached_policies"], json!([stage.guard()]));
    assert_eq!(guarded["after"]["verified_by"], "iam:ListAttachedUserPolicies");
    assert!(guarded["request_id"].is_string() && guarded["resource"] == stage.arn());
    assert_eq!(of("create-login-profile")["after"], json!({"reset_required": false}));
    assert_eq!(entries.last().unwrap()["after"], json!({"made": 6, "left": 0}));
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_nothing() {
    let stage = Stage::moto();
    let output = stage.onboard("--dry-run --require-password-reset --hand-out h.md --password-file p", 0);
    assert_eq!(stage.writes(), [""; 0]);
    for name in ["ledger.jsonl", "h.md", "p"] {
        assert!(!stage.path(name).exists(), "{name}");
    }
    let (guard, arn, reads) = (stage.guard(), stage.arn(), stage.reads());
    let plan = format!(
        "onboard user kim in account 123456789012\n\
         make    guard policy {guard}\n\
         make    user {arn}, tag owner=sec@example.org, tag team=blue\n\
         make    guard deny-without-mfa on the user\n\
         make    member of group dev\n\
         make    policy {reads} on the user\n\
         make    console password, to be changed at the first sign-in\n"
    );
    assert_eq!(output.stdout, plan);
    assert!(
        output.stderr.contains("warning: the password has to be changed at the first sign-in"),
        "{}",
        output.stderr
    );
}

#[test]
fn running_it_again_completes_what_is_missing_and_changes_nothing_else() {
    let stage = Stage::moto();
    stage.onboard("", 0);
    let first = stage.password().unwrap();
    stage.proxy.forget();
    let again = stage.onboard("--format text", 0);
    assert_eq!(stage.writes(), [""; 0]);
    assert!(again.stdout.starts_with("Your AWS user kim\n\n- Account: 123456789012\n"), "{}", again.stdout);
    assert!(again.stderr.contains("kim has a console password already: it stays"), "{}", again.stderr);
    assert_eq!(stage.told(), pairs(&[("attach-user-policy", "already")]));
    stage.keeps(&first, &again, None);
    let kim = json!({"UserName": "kim"});
    let (guard, reads) = (stage.guard(), stage.reads());
    stage
        .boto()
        .call("iam", "remove_user_from_group", &json!({"UserName": "kim", "GroupName": "dev"}))
        .call("iam", "delete_login_profile", &kim)
        .call("iam", "detach_user_policy", &json!({"UserName": "kim", "PolicyArn": guard}))
        .succeed();
    let second = stage.onboard("", 0);
    assert_eq!(stage.writes(), ["AttachUserPolicy", "AddUserToGroup", "CreateLoginProfile"]);
    assert_ne!(second.stdout.trim(), first, "a new password");
    assert_eq!(stage.kim().unwrap(), (vec![guard, reads], vec!["dev".to_owned()], true));
}

#[test]
fn the_password_goes_to_a_file_of_ones_own_and_suits_the_policy() {
    let stage = Stage::moto();
    let policy = json!({"MinimumPasswordLength": 40, "RequireSymbols": true, "RequireNumbers": true,
        "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true, "AllowUsersToChangePassword": true,
        "MaxPasswordAge": 90});
    stage.boto().call("iam", "update_account_password_policy", &policy).succeed();
    let output = stage.onboard("--password-file secret --hand-out steps.md -vvv", 0);
    let password = stage.password().unwrap();
    assert_eq!(fs::read_to_string(stage.path("secret")).unwrap(), format!("{password}\n"));
    assert_eq!(fs::metadata(stage.path("secret")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!((password.len(), output.stdout.as_str()), (40, ""));
    assert!(output.stderr.contains("warning: passwords expire after 90 days here"), "{}", output.stderr);
    stage.keeps(&password, &output, Some("secret"));
    let steps = fs::read_to_string(stage.path("steps.md")).unwrap();
    assert!(steps.contains("4. Change your password") && steps.contains("`portcullis mfa enroll`"), "{steps}");
}

#[test]
fn the_same_command_again_leaves_the_password_file_as_it_is() {
    let stage = Stage::moto();
    stage.onboard("--password-file secret --hand-out steps.md", 0);
    let password = fs::read_to_string(stage.path("secret")).unwrap();
    stage.proxy.forget();
    let again = stage.onboard("--password-file secret --hand-out steps.md", 0);
    assert_eq!(stage.writes(), [""; 0]);
    assert!(again.stderr.contains("kim has a console password already: it stays"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(stage.path("secret")).unwrap(), password);
    // A new password would replace it.
    stage.boto().call("iam", "delete_login_profile", &json!({"UserName": "kim"})).succeed();
    for more in ["", "--dry-run"] {
        let refused = stage.onboard(&format!("--password-file secret --hand-out steps.md {more}"), 1);
        assert!(
            refused.stderr.contains("secret exists already, and a password replaces nothing"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn a_run_that_was_killed_leaves_no_password_file_in_the_way() {
    let stage = Stage::moto();
    let (rule, held) = On::action("iam", "AttachUserPolicy").first(1).hold(true);
    stage.proxy.rule(rule);
    let running = stage.start("--password-file secret");
    assert!(held.came(Duration::from_secs(30)), "the call came");
    running.kill();
    drop(held);
    assert!(!stage.path("secret").exists());
    stage.onboard("--password-file secret", 0);
    assert_eq!(fs::read_to_string(stage.path("secret")).unwrap().len(), 25);
}

#[test]
fn service_control_policies_that_cannot_be_read_are_told() {
    let stage = Stage::moto();
    stage.proxy.rule(On::action("organizations", "ListParents").deny());
    let output = stage.onboard("--dry-run", 0);
    assert!(output.stderr.contains("hint: service control policies were not read ("), "{}", output.stderr);
    assert!(output.stderr.contains("taken to be FullAWSAccess"), "{}", output.stderr);
}

#[test]
fn a_user_without_a_password_is_guarded_too() {
    let stage = Stage::moto();
    let args = "onboard robo --guard console-only --tag password=none --ledger ledger.jsonl";
    let output = stage.program.run(args.split_whitespace(), 0);
    assert_eq!(stage.writes(), ["CreatePolicy", "CreateUser", "AttachUserPolicy"]);
    assert!(output.stdout.contains("You have no console password"), "{}", output.stdout);
    assert!(output.stderr.contains("hint: this guard leaves access keys alone"), "{}", output.stderr);
    let attached = stage.boto().call("iam", "list_attached_user_policies", &json!({"UserName": "robo"})).succeed();
    assert_eq!(attached[0]["AttachedPolicies"][0]["PolicyName"], "deny-without-mfa-console-only");
}

#[test]
fn the_config_says_which_guard_and_who_gets_none() {
    let stage = Stage::moto();
    let config = "enforce:\n  via_services: deny\n  break_glass: ['arn:aws:iam::*:user/spare']\nledger: mine.jsonl\n";
    fs::write(stage.path("portcullis.yaml"), config).unwrap();
    let refused = stage.program.run(["onboard", "spare"], 1);
    assert!(refused.stderr.contains("`arn:aws:iam::*:user/spare` is a break-glass principal"), "{}", refused.stderr);
    assert_eq!(stage.writes(), [""; 0]);
    stage.program.run(["onboard", "kim"], 0);
    assert!(stage.path("mine.jsonl").exists());
    let version = json!({"PolicyArn": stage.guard(), "VersionId": "v1"});
    let document =
        stage.boto().call("iam", "get_policy_version", &version).succeed()[0]["PolicyVersion"]["Document"].clone();
    assert!(document.to_string().contains("MultiFactorAuthPresent"), "{document}");
    assert!(!document.to_string().contains("ViaAWSService"), "{document}");
    // Without the config the guard is another one, which is not attached.
    fs::remove_file(stage.path("portcullis.yaml")).unwrap();
    let other = stage.program.run(["onboard", "lee"], 1);
    assert!(other.stderr.contains("another document than ours"), "{}", other.stderr);
}
