//! `portcullis mfa remove`: a device goes wholly, or it is said what remains, and nobody is locked out by mistake.

use std::time::Duration;

use super::{PASSKEY, Stage, TOKEN, mfa};
use crate::support::proxy::On;

fn delete() -> On {
    On::action("iam", "DeleteVirtualMFADevice")
}

fn deactivate() -> On {
    On::action("iam", "DeactivateMFADevice")
}

#[test]
fn a_device_goes_wholly_and_it_is_written_down() {
    let stage = Stage::moto();
    let (app, spare) = (stage.app("kim"), stage.app("kim-spare"));
    let error = stage.mfa("remove --user kim", 1).stderr;
    assert!(error.contains("user kim has 2 devices") && error.contains("say which with --serial"), "{error}");
    assert_eq!(stage.writes(), [""; 0]);
    let output = stage.mfa(&format!("remove --user kim --serial {spare} --ledger ledger.jsonl"), 0);
    assert_eq!(output.stdout, format!("removed {spare} from user kim\n"));
    assert!(output.stderr.contains("kim has one device left, and no way in if it is lost"), "{}", output.stderr);
    assert_eq!(stage.devices(), [vec![app], vec![]]);
    assert_eq!(stage.writes(), ["DeactivateMFADevice", "DeleteVirtualMFADevice"]);
    let entries = [
        "run-started",
        "intent deactivate-mfa-device",
        "outcome deactivate-mfa-device done",
        "intent delete-virtual-mfa-device",
        "outcome delete-virtual-mfa-device done",
        "run-finished",
    ];
    assert_eq!(stage.ledger(), entries);
    stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
    let error = stage.mfa("remove --user kim --serial x", 1).stderr;
    assert!(error.contains("no device with the serial number x") && error.contains("mfa status kim"), "{error}");
}

#[test]
fn tokens_and_passkeys_are_only_deactivated() {
    let stage = Stage::moto();
    let app = stage.app("kim");
    stage.device(TOKEN);
    stage.device(PASSKEY);
    stage.mfa(&format!("remove --user kim --serial {TOKEN}"), 0);
    let output = stage.mfa(&format!("remove --user kim --serial {app}"), 0);
    assert!(output.stderr.contains("what is left shows no codes"), "{}", output.stderr);
    assert_eq!(stage.devices(), [vec![PASSKEY.to_owned()], vec![]]);
    assert_eq!(stage.writes(), ["DeactivateMFADevice", "DeactivateMFADevice", "DeleteVirtualMFADevice"]);
}

#[test]
fn the_last_device_of_a_guarded_user_stays_unless_an_administrator_insists() {
    let stage = Stage::moto();
    stage.app("kim");
    stage.guarded();
    let kim = stage.kim();
    let error = stage.mfa("remove --user kim", 1).stderr;
    assert!(error.contains("the last device of user kim, who is guarded") && error.contains("--allow-last"), "{error}");
    let error = mfa(&kim, "remove --allow-last", 1).stderr;
    assert!(error.contains("who is guarded") && error.contains("enroll another device first"), "{error}");
    stage.proxy.rule(On::action("iam", "ListAttachedUserPolicies").deny());
    let error = stage.mfa("remove --user kim", 1).stderr;
    assert!(error.contains("who may be guarded (that could not be read)"), "{error}");
    stage.proxy.clear();
    assert_eq!(stage.writes(), [""; 0]);
    let output = stage.mfa("remove --user kim --allow-last", 0);
    assert!(output.stderr.contains("is denied everything else until there is one"), "{}", output.stderr);
    assert_eq!(stage.devices(), [[""; 0]; 2]);
    let error = stage.mfa("remove --user kim", 1).stderr;
    assert!(error.contains("user kim has no MFA device"), "{error}");
}

#[test]
fn the_guard_of_a_group_counts_and_so_does_a_password() {
    let stage = Stage::moto();
    stage.app("kim");
    let guard = stage.guard();
    stage.iam("CreateGroup", &[("GroupName", "staff")]);
    stage.iam("AddUserToGroup", &[("GroupName", "staff"), ("UserName", "kim")]);
    stage.iam("AttachGroupPolicy", &[("GroupName", "staff"), ("PolicyArn", &guard)]);
    assert!(stage.mfa("remove --user kim", 1).stderr.contains("who is guarded"));
    stage.iam("DetachGroupPolicy", &[("GroupName", "staff"), ("PolicyArn", &guard)]);
    stage.password();
    let error = stage.mfa("remove --user kim", 1).stderr;
    assert!(error.contains("the only second factor beside the console password"), "{error}");
    assert_eq!(stage.writes(), [""; 0]);
    stage.iam("DeleteLoginProfile", &[("UserName", "kim")]);
    stage.mfa("remove --user kim", 0);
    assert_eq!(stage.devices(), [[""; 0]; 2]);
}

#[test]
fn what_remains_is_said_and_the_command_that_is_printed_finishes_it() {
    let stage = Stage::moto();
    let (app, _) = (stage.app("kim"), stage.app("kim-spare"));
    stage.proxy.rule(delete().deny());
    let error = stage.mfa(&format!("remove --user kim --serial {app} --ledger ledger.jsonl"), 5).stderr;
    assert!(error.contains(&format!("{app} is no longer a device of user kim, but it was not deleted")), "{error}");
    assert_eq!(stage.devices(), [vec![stage.serial("kim-spare")], vec![app.clone()]]);
    assert!(stage.ledger().contains(&"outcome delete-virtual-mfa-device failed".to_owned()));
    let command = error.split('`').nth(1).unwrap().strip_prefix("portcullis ").unwrap().to_owned();
    stage.proxy.clear();
    let output = stage.program.run(command.split_whitespace(), 0);
    assert_eq!(output.stdout, format!("deleted {app}\n"));
    assert_eq!(stage.devices(), [vec![stage.serial("kim-spare")], vec![]]);
    // A device of somebody else's is no leftover.
    stage.iam("CreateUser", &[("UserName", "ana")]);
    let params = [("UserName", "ana"), ("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
    stage.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "ana")]);
    let serial = stage.serial("ana");
    stage.iam("EnableMFADevice", &[params[0], params[1], params[2], ("SerialNumber", &serial)]);
    assert!(stage.mfa(&format!("remove --user kim --serial {serial}"), 1).stderr.contains("no device with the serial"));
}

#[test]
fn a_device_that_is_in_use_again_is_not_lost() {
    let stage = Stage::moto();
    let (app, _) = (stage.app("kim"), stage.app("kim-spare"));
    stage.proxy.rule(delete().error(409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first."));
    let error = stage.mfa(&format!("remove --user kim --serial {app}"), 5).stderr;
    assert!(error.contains("DeleteConflict") && error.contains("finishes it"), "{error}");
}

/// aws-facts 2.10.
#[test]
fn users_need_mfa_to_take_away_their_own_device() {
    let stage = Stage::moto();
    let (app, _) = (stage.app("kim"), stage.app("kim-spare"));
    let kim = stage.kim();
    let text = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for \
                this user.";
    stage.proxy.rule(deactivate().error(403, "AccessDenied", text));
    let error = mfa(&kim, &format!("remove --serial {app}"), 1).stderr;
    assert!(error.contains("nothing was changed"), "{error}");
    assert!(error.contains("help: a user who has a device may add or remove own devices only when signed in with MFA"));
    assert_eq!(stage.writes(), ["DeactivateMFADevice"]);
    let error = stage.mfa(&format!("remove --user kim --serial {app}"), 1).stderr;
    assert!(error.contains("help: you need iam:DeactivateMFADevice on user kim"), "{error}");
}

#[test]
fn a_lost_answer_is_looked_into() {
    let stage = Stage::moto();
    let (app, spare) = (stage.app("kim"), stage.app("kim-spare"));
    // It was done, and the second attempt finds nothing.
    stage.proxy.rule(deactivate().first(1).drop_answer());
    stage.mfa(&format!("remove --user kim --serial {app}"), 0);
    assert_eq!(stage.devices(), [vec![spare.clone()], vec![]]);
    // It was not done, and never answered.
    stage.proxy.clear();
    stage.app("kim");
    stage.proxy.rule(deactivate().error(503, "ServiceUnavailable", "no"));
    let error = stage.mfa(&format!("remove --user kim --serial {spare}"), 1).stderr;
    assert!(error.contains("nothing was changed"), "{error}");
    // Nor can it be looked into.
    let lists = On::action("iam", "ListMFADevices").occurrences(2..=9);
    stage.proxy.rule(lists.error(403, "AccessDenied", "no"));
    let error = stage.mfa(&format!("remove --user kim --serial {spare}"), 5).stderr;
    assert!(error.contains("was taken away is not known") && error.contains("`portcullis mfa status kim`"), "{error}");
    assert_eq!(stage.devices(), [vec![app, spare], vec![]]);
}

#[test]
fn an_interruption_says_how_far_it_came() {
    let stage = Stage::moto();
    let (app, _) = (stage.app("kim"), stage.app("kim-spare"));
    for (on, told) in [
        (deactivate(), format!("interrupted; whether {app} was taken away is not known")),
        (delete(), format!("{app} is no longer a device of user kim, and whether it was deleted is not known")),
    ] {
        stage.proxy.clear();
        let (rule, held) = on.hold(false);
        stage.proxy.rule(rule);
        let run = stage.program.spawn(format!("mfa remove --user kim --serial {app}").split_whitespace());
        assert!(held.came(Duration::from_secs(30)));
        run.signal("INT");
        let error = run.finish(5).stderr;
        assert!(error.contains(&told), "{error}");
        assert!(error.contains(&format!("portcullis mfa remove --user kim --serial {app}")), "{error}");
    }
}
