//! Organizations: which of their accounts are planned, which are left, and what binds whom. Ledgers that others wrote in.

use std::collections::BTreeSet;
use std::fs;

use portcullis::ledger::{Author, Kind, Ledger, Record};
use serde_json::{Value, json};

use super::{RULES, Stage, column, column_of_text, text};
use crate::support::boto::{Boto, Credentials};
use crate::support::org::{Org, Size};
use crate::support::portcullis::Portcullis;
use crate::support::proxy::On;

const ROLE: &str = "--enforce-role-name PortcullisEnforce";

fn accounts(plan: &Value, list: &str) -> BTreeSet<String> {
    column(&plan[list], "account").into_iter().collect()
}

fn ids<'a>(org: &'a Org, wanted: impl Fn(&&'a crate::support::org::Account) -> bool) -> BTreeSet<String> {
    org.active()
        .filter(|account| !account.failing.is_empty())
        .filter(wanted)
        .map(|account| account.id.clone())
        .collect()
}

#[test]
fn a_unit_is_planned_with_all_below_it_and_nobody_else_or_suspended() {
    let (stage, org) = Stage::organization(Size { accounts: 9, users: 90 });
    let suspended = org.accounts.iter().find(|account| account.state != "ACTIVE").unwrap().id.clone();
    let looked_at = |plan: &Value| &accounts(plan, "actions") | &accounts(plan, "held_back");
    let everybody = stage.plan("--org --include-active-keys");
    assert_eq!(looked_at(&everybody), ids(&org, |_| true), "the management account is one of them");
    assert!(!looked_at(&everybody).contains(&suspended) && looked_at(&everybody).contains(&org.management));
    let note = format!("account {suspended} is left out: the account is suspended (SUSPENDED)");
    assert!(column_of_text(&everybody["notes"]).contains(&note), "{}", everybody["notes"]);
    let unit = org.ous.iter().find(|unit| unit.path == ["Workloads"]).unwrap();
    let below = stage.plan(&format!("--org --ou {} --include-active-keys", unit.id));
    let wanted = ids(&org, |account| account.ou_path.first().is_some_and(|name| name == "Workloads"));
    assert_eq!(looked_at(&below), wanted);
    assert!(accounts(&below, "actions").len() > 1);
    let console = |plan: &Value| plan["limits"]["console_users"].as_u64().unwrap();
    assert!(console(&below) < console(&everybody), "the share is of those who were read");
    let left = accounts(&below, "actions").into_iter().next().unwrap();
    let rest = stage.plan(&format!("--org --exclude {left} --include-active-keys"));
    assert!(!looked_at(&rest).contains(&left) && looked_at(&rest).len() == looked_at(&everybody).len() - 1);
    // The plan decides what is changed, and an account that cannot be entered any more is skipped, not failed.
    let closed = accounts(&rest, "actions").into_iter().next().unwrap();
    stage.proxy.forget();
    let arn = format!("arn:aws:iam::{closed}:role/PortcullisEnforce");
    stage.proxy.rule(On::action("sts", "AssumeRole").param("RoleArn", &arn).deny());
    let output = stage.apply(ROLE, 5);
    let of = |account: &str| column(&rest["actions"], "account").iter().filter(|id| *id == account).count();
    let (skipped, all) = (of(&closed), rest["actions"].as_array().unwrap().len());
    let counts = format!("{} done, 0 already, 0 failed, {skipped} skipped, 0 left", all - skipped);
    assert!(output.stdout.contains(&counts), "{}", output.stdout);
    let written: BTreeSet<String> = stage
        .proxy
        .all()
        .into_iter()
        .filter(|call| call.action == "AttachUserPolicy")
        .filter_map(|call| call.account)
        .collect();
    let mut open = accounts(&rest, "actions");
    open.remove(&closed);
    assert_eq!(written, open);
    let run = text(&stage.ledger("ledger.jsonl").last().unwrap()["run_id"]);
    stage.proxy.clear();
    stage.complete();
    let some = open.iter().next().unwrap();
    let back = stage.enforce(&format!("revert {run} --yes --accounts {some} {ROLE}"), 5);
    assert!(back.stdout.contains("is not among those that were asked for"), "{}", back.stdout);
    stage.enforce(&format!("revert {run} --yes --org {ROLE}"), 0);
    assert_eq!(stage.enforce("status --org --format json", 0).json()["summary"]["guarded"], 0);
}

/// A policy above everybody that keeps members from enrolling does not bind the management account.
#[test]
fn service_control_policies_bind_members_and_not_the_management_account() {
    let (stage, org) = Stage::organization(Size { accounts: 6, users: 42 });
    stage.people(&["zoe"]);
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "iam:EnableMFADevice", "Resource": "*"}]});
    let root = json!({"RootId": org.root, "PolicyType": "SERVICE_CONTROL_POLICY"});
    let scp = json!({"Name": "no-devices", "Description": "d", "Content": document.to_string(),
        "Type": "SERVICE_CONTROL_POLICY"});
    let made = stage
        .boto()
        .call("organizations", "enable_policy_type", &root)
        .call("organizations", "create_policy", &scp)
        .succeed();
    let id = text(&made[1]["Policy"]["PolicySummary"]["Id"]);
    stage.boto().call("organizations", "attach_policy", &json!({"PolicyId": id, "TargetId": org.root})).succeed();
    let plan = stage.plan("--org --include-active-keys");
    assert_eq!(accounts(&plan, "actions"), BTreeSet::from([org.management.clone()]));
    assert_eq!(column(&plan["actions"], "resource"), [stage.arn("zoe")]);
    assert!(accounts(&plan, "held_back").len() > 3);
    assert!(column(&plan["held_back"], "reason").iter().any(|reason| reason == "cannot-enroll"));
    let own = stage.plan("--include-active-keys");
    assert_eq!(column(&own["actions"], "resource"), column(&plan["actions"], "resource"), "also without --org");
    let output = stage.apply(ROLE, 0);
    let count = own["actions"].as_array().unwrap().len();
    assert!(output.stdout.contains(&format!("{count} done, ")), "{}", output.stdout);
}

/// Somebody in another organization, who keeps the same ledger.
struct Neighbour {
    program: Portcullis,
    credentials: Credentials,
}

impl Neighbour {
    const ACCOUNT: &str = "444455556666";

    fn of(stage: &Stage) -> Self {
        let role = json!({"RoleArn": format!("arn:aws:iam::{}:role/Any", Self::ACCOUNT), "RoleSessionName": "test"});
        let made = stage.boto().call("sts", "assume_role", &role).succeed();
        let credentials = Credentials::from_answer(&made[0]);
        stage.proxy.learn(&credentials.key, Self::ACCOUNT);
        let program = Portcullis::aws(&stage.proxy.endpoint(), &credentials);
        fs::copy(stage.path("rules.yaml"), program.dir().join("rules.yaml")).unwrap();
        let neighbour = Self { program, credentials };
        let user = json!({"UserName": "ada"});
        Boto::new(&stage.endpoint, &neighbour.credentials)
            .call("iam", "create_user", &user)
            .call("iam", "create_login_profile", &json!({"UserName": "ada", "Password": "Correct-horse-9-battery"}))
            .call("iam", "generate_credential_report", &json!({}))
            .succeed();
        neighbour
    }

    fn enforce(&self, stage: &Stage, command: &str, expected: i32) -> crate::support::portcullis::Output {
        let ledger = stage.path("ledger.jsonl").display().to_string();
        let args = command.split_whitespace().map(str::to_owned);
        let args =
            ["enforce".to_owned()].into_iter().chain(args).chain(["--quiet".to_owned(), "--ledger".to_owned(), ledger]);
        self.program.run(args, expected)
    }

    fn guarded(&self, stage: &Stage) -> Vec<String> {
        let calls = Boto::new(&stage.endpoint, &self.credentials);
        let answer = calls.call("iam", "list_attached_user_policies", &json!({"UserName": "ada"})).succeed();
        column(&answer[0]["AttachedPolicies"], "PolicyArn")
    }
}

/// The same name in two accounts; each organization sees, lets out and takes back its own.
#[test]
fn two_organizations_may_keep_one_ledger() {
    let stage = Stage::moto();
    let timed = RULES.replace("    enforce: deny-without-mfa", "    enforce: deny-without-mfa\n    grace: 0s");
    fs::write(stage.path("rules.yaml"), timed).unwrap();
    stage.people(&["ada"]);
    let next = Neighbour::of(&stage);
    let run = "run --rules rules.yaml --no-break-glass --max-percent 100 --yes";
    let announce = "announce --rules rules.yaml --format json";
    stage.enforce(announce, 0);
    let mine = next.enforce(&stage, run, 0);
    assert!(!mine.stdout.contains("1 done"), "nobody was told there: {}", mine.stdout);
    assert_eq!(next.guarded(&stage), [""; 0]);
    stage.enforce(run, 0);
    let first = text(&stage.ledger("ledger.jsonl").last().unwrap()["run_id"]);
    next.enforce(&stage, announce, 0);
    next.enforce(&stage, run, 0);
    let theirs = format!("arn:aws:iam::{}:policy/portcullis/deny-without-mfa", Neighbour::ACCOUNT);
    assert_eq!((stage.attached(&["ada"]), next.guarded(&stage)), (vec![vec![stage.guard()]], vec![theirs.clone()]));
    let status = next.enforce(&stage, "status --format json", 0).json();
    assert_eq!(column(&status["users"], "account"), [Neighbour::ACCOUNT]);
    assert_eq!((&status["elsewhere"], &status["summary"]["removed"]), (&json!(1), &json!(0)));
    stage.proxy.forget();
    let refused = next.enforce(&stage, &format!("revert {first} --yes"), 5);
    assert!(
        refused.stdout.contains("the account 123456789012 is not among those that were asked for"),
        "{}",
        refused.stdout
    );
    next.enforce(&stage, "release --all --yes", 0);
    assert_eq!((stage.attached(&["ada"]), next.guarded(&stage)), (vec![vec![stage.guard()]], vec![]));
    let kinds = stage.ledger("ledger.jsonl").iter().filter(|entry| entry["kind"] == "resolved").count();
    assert_eq!(kinds, 0, "what one does not see is not gone");
    stage.verify_ledger();
}

/// Whatever reads the ledger to decide refuses one in which an entry was edited, and changes nothing.
#[test]
fn with_an_edited_ledger_nothing_is_decided_or_changed() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    let run = text(&stage.ledger("ledger.jsonl").last().unwrap()["run_id"]);
    stage.people(&["cid"]);
    stage.enrolls("ada");
    stage.plan("");
    let whole = fs::read_to_string(stage.path("ledger.jsonl")).unwrap();
    fs::write(stage.path("ledger.jsonl"), whole.replacen("user/ada", "user/eve", 1)).unwrap();
    stage.proxy.forget();
    let free = "--rules rules.yaml --no-break-glass";
    let mut commands = vec![format!("revert {run} --yes"), format!("run {free} --max-percent 100 --yes")];
    commands.extend(["apply plan.json --yes", "status", "release --all --yes"].map(str::to_owned));
    commands.extend([format!("release {free} --yes"), format!("plan {free} --max-percent 100")]);
    for command in commands {
        let output = stage.enforce(&command, 1);
        assert!(output.stderr.contains("edited"), "{command}: {}", output.stderr);
        assert_eq!(stage.writes(), [""; 0], "{command}");
    }
    let told = stage.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 5);
    assert!(told.stdout.contains("edited"), "{}", told.stdout);
    // The way out is another ledger; the emergency exit needs nothing of the old one.
    let out = "enforce release --all --yes --quiet --ledger new.jsonl";
    stage.program.run(out.split_whitespace(), 0);
    assert_eq!(stage.attached(&["ada", "bob"]), [[""; 0]; 2]);
}

/// A ledger that CI restores from before the last run: nobody is guarded twice, and who is told is told anew.
#[test]
fn in_ci_an_old_copy_of_the_ledger_is_lived_with_and_a_missing_one_warned_of() {
    let mut stage = Stage::moto();
    let timed = RULES.replace("    enforce: deny-without-mfa", "    enforce: deny-without-mfa\n    grace: 0s");
    fs::write(stage.path("rules.yaml"), timed).unwrap();
    stage.program = stage.program.env("CI", "true");
    stage.people(&["ada"]);
    let run = "run --rules rules.yaml --no-break-glass --max-percent 100 --yes";
    let first = stage.enforce(run, 0);
    assert!(first.stderr.contains("warning: there was no ledger at ledger.jsonl"), "{}", first.stderr);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]], "and with grace nobody is acted on by it");
    stage.enforce("announce --rules rules.yaml --format json", 0);
    let old = fs::read_to_string(stage.path("ledger.jsonl")).unwrap();
    let second = stage.enforce(run, 0);
    assert!(!second.stderr.contains("there was no ledger"), "{}", second.stderr);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
    fs::write(stage.path("ledger.jsonl"), old).unwrap();
    stage.proxy.forget();
    stage.enforce(run, 0);
    assert_eq!(stage.writes(), [""; 0], "nothing twice");
    let status = stage.enforce("status --format json", 0).json();
    assert_eq!(column(&status["users"], "state"), ["unrecorded"], "what the copy lacks is said");
    stage.enrolls("ada");
    stage.enforce(run, 0);
    assert_eq!(stage.attached(&["ada"]), [[""; 0]], "and she is let out all the same");
    stage.verify_ledger();
}

/// The run before had a clock that was ahead: it is said, and everything goes on by what is written.
#[test]
fn a_ledger_from_the_future_is_warned_of() {
    let stage = Stage::moto();
    stage.people(&["ada"]);
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(90 * 24);
    let author = Author { run_id: "r".to_owned(), actor: None, at: later };
    let mut ledger = Ledger::open(&stage.path("ledger.jsonl"), &author).unwrap();
    ledger.append(&Record::new(Kind::RunStarted, later, "r")).unwrap();
    drop(ledger);
    stage.plan("");
    let output = stage.apply("", 0);
    assert!(output.stderr.starts_with("warning: the last entry of ledger.jsonl was written at "), "{}", output.stderr);
    assert_eq!(stage.attached(&["ada"]), [[stage.guard()]]);
    let again = stage.apply("", 0);
    assert!(!again.stderr.contains("warning: the last entry"), "{}", again.stderr);
    stage.verify_ledger();
}
