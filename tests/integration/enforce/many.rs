//! Many accounts at once: each keeps to its pace, and none is taken for another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Stage, column, text};
use crate::support::boto::Credentials;
use crate::support::org::{Org, Size};
use crate::support::portcullis::Output;
use crate::support::proxy::On;
use crate::support::server::Moto;

impl Stage {
    /// A seeded organization, run from its management account.
    pub(super) fn organization(size: Size) -> (Self, Org) {
        let moto = Moto::start();
        let org = Org::seed(&moto, size);
        let (port, endpoint) = (moto.port(), moto.endpoint());
        (Self::before(port, endpoint, org.credentials(), Moto::ACCOUNT, (Some(moto), None)), org)
    }
}

/// How many of these stand for each account.
fn by_account(accounts: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for account in accounts {
        *counts.entry(account.as_str()).or_insert(0) += 1;
    }
    counts
}

#[test]
fn applying_keeps_to_the_rate_in_every_account() {
    let (stage, _) = Stage::organization(Size { accounts: 6, users: 72 });
    let plan = stage.plan("--org --include-active-keys");
    let planned = column(&plan["actions"], "account");
    let planned = by_account(&planned);
    // In every third account passwords expire too soon.
    assert!(planned.len() >= 4, "beside each other: {planned:?}");
    stage.proxy.forget();
    let output = stage.apply("--enforce-role-name PortcullisEnforce --max-rate 9", 0);
    let done = format!("{} done, 0 already, 0 failed, 0 skipped, 0 left", planned.values().sum::<usize>());
    assert!(output.stdout.contains(&done), "{}", output.stdout);
    for (account, users) in planned {
        let calls = stage.proxy.calls(account);
        assert!(calls.len() > 12 + 10 * users, "reads and writes, enough to tell: {} of {users}", calls.len());
        assert_eq!(calls.iter().filter(|call| call.action == "AttachUserPolicy").count(), users);
        for (call, later) in calls.iter().zip(calls.iter().skip(10)) {
            // Of requests spaced evenly, the tenth after this one leaves 10/9 s later; the network may bunch them up.
            let apart = later.at.saturating_sub(call.at);
            assert!(apart > Duration::from_millis(900), "11 requests in {apart:?} in {account}");
        }
    }
}

#[test]
fn role_sessions_tell_what_they_are_for_unless_they_are_named() {
    let (stage, _) = Stage::organization(Size { accounts: 3, users: 18 });
    let sessions = || {
        let calls = stage.proxy.all().into_iter().filter(|call| call.action == "AssumeRole");
        let names = calls.map(|call| call.param("RoleSessionName").unwrap().to_owned()).collect::<BTreeSet<_>>();
        stage.proxy.forget();
        names.into_iter().collect::<Vec<_>>()
    };
    stage.plan("--org --include-active-keys");
    assert_eq!(sessions(), ["portcullis-enforce"]);
    let write = "--enforce-role-name PortcullisEnforce";
    stage.apply(write, 0);
    let run = text(&stage.ledger("ledger.jsonl").last().unwrap()["run_id"]);
    assert_eq!(sessions(), [format!("portcullis-enforce-{run}")], "and the ledger tells of the run");
    stage.apply(&format!("{write} --session-name jane"), 0);
    assert_eq!(sessions(), ["jane"]);
    // One account is suspended: that is no gap, here or in a plan.
    assert_eq!(stage.enforce("status --org --format json", 0).json()["incomplete"], json!([]));
    stage.enforce(&format!("release --rules rules.yaml --no-break-glass --yes --org {write}"), 0);
    assert_eq!(sessions(), ["portcullis-enforce"]);
    stage.enforce(&format!("release --all --yes --org {write} --session-name jane"), 0);
    assert_eq!(sessions(), ["jane"]);
    stage.program.run("scan --org --rules rules.yaml --quiet --format json=x.json".split_whitespace(), 3);
    assert_eq!(sessions(), ["portcullis-scan"]);
}

/// A role that whoever runs the program may assume, and that may do everything.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}"#;
const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Thirty accounts of a server that decides by policies. The same names stand for other users in each of them.
struct Thirty {
    stage: Stage,
    ids: Vec<String>,
}

impl Thirty {
    fn start() -> Self {
        let thirty =
            Self { stage: Stage::ministack(), ids: (1..=30).map(|number| format!("2000000000{number:02}")).collect() };
        // Its simulator takes no context, and the guard allows a user what the user's own name is in: see `verify`.
        thirty.stage.proxy.rule(On::action("iam", "SimulatePrincipalPolicy").deny());
        for (number, id) in (1..).zip(&thirty.ids) {
            for role in ["PortcullisScan", "PortcullisEnforce"] {
                thirty.iam(id, "CreateRole", &[("RoleName", role), ("AssumeRolePolicyDocument", TRUST)]);
                let policy = [("RoleName", role), ("PolicyName", "all"), ("PolicyDocument", EVERYTHING)];
                thirty.iam(id, "PutRolePolicy", &policy);
            }
            // Of every account another choice of the same names, and one that is nowhere else.
            let own = format!("only{number}");
            for name in Self::names(number).into_iter().chain([own.as_str()]) {
                thirty.iam(id, "CreateUser", &[("UserName", name)]);
                let profile = [("UserName", name), ("Password", "Correct-horse-9-battery")];
                thirty.iam(id, "CreateLoginProfile", &profile);
            }
            if number % 3 == 0 {
                thirty.enrolls(id, "ada");
            }
        }
        thirty
    }

    /// The users of an account beside its own: who has no device but `ada` of every third account.
    fn names(number: usize) -> Vec<&'static str> {
        if number.is_multiple_of(2) { vec!["ada", "bob"] } else { vec!["ada"] }
    }

    fn iam(&self, account: &str, action: &str, params: &[(&str, &str)]) {
        let port = self.stage.endpoint.rsplit(':').next().unwrap().parse().unwrap();
        // An access key of twelve digits is the root user of the account of that number.
        crate::support::server::iam(port, account, action, params);
    }

    fn enrolls(&self, account: &str, user: &str) {
        self.iam(account, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", user)]);
        let serial = format!("arn:aws:iam::{account}:mfa/{user}");
        let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
        self.iam(account, "EnableMFADevice", &[("UserName", user), ("SerialNumber", &serial), codes[0], codes[1]]);
    }

    /// The ARNs of users for whom `wanted` holds, by number of the account and name.
    fn arns(&self, wanted: impl Fn(usize, &str) -> bool) -> Vec<String> {
        let mut arns = Vec::new();
        for (number, id) in (1..).zip(&self.ids) {
            let own = format!("only{number}");
            let names = Self::names(number).into_iter().chain([own.as_str()]);
            arns.extend(names.filter(|name| wanted(number, name)).map(|name| format!("arn:aws:iam::{id}:user/{name}")));
        }
        arns
    }

    /// Who is under the guard of its own account, as the server tells it; that nobody has another policy.
    fn guarded(&self) -> Vec<String> {
        let everybody = self.arns(|_, _| true);
        let mut calls = self.stage.boto();
        for arn in &everybody {
            let (account, name) = (arn.split(':').nth(4).unwrap(), arn.rsplit('/').next().unwrap());
            let root = Credentials::new(account, "any");
            calls = calls.signed_by(&root).call("iam", "list_attached_user_policies", &json!({ "UserName": name }));
        }
        let answers = calls.succeed();
        let guarded = everybody.into_iter().zip(answers).filter(|(arn, answer)| {
            let attached = column(&answer["AttachedPolicies"], "PolicyArn");
            let account = arn.split(':').nth(4).unwrap();
            let ours = [format!("arn:aws:iam::{account}:policy/portcullis/deny-without-mfa")];
            assert!(attached.is_empty() || attached == ours, "{arn}: {attached:?}");
            !attached.is_empty()
        });
        guarded.map(|(arn, _)| arn).collect()
    }

    fn enforce(&self, command: &str, expected: i32) -> Output {
        self.stage.enforce(&format!("{command} --accounts {} --concurrency 30", self.ids.join(",")), expected)
    }
}

#[test]
fn thirty_accounts_at_once_are_not_mixed_up() {
    let thirty = Thirty::start();
    let stage = &thirty.stage;
    let fails = |number: usize, name: &str| !(number.is_multiple_of(3) && name == "ada");
    let failing = thirty.arns(fails);
    assert_eq!(failing.len(), 65);
    let plan = stage.plan(&format!("--accounts {} --concurrency 30", thirty.ids.join(",")));
    let mut planned = column(&plan["actions"], "resource");
    planned.sort();
    let mut sorted = failing.clone();
    sorted.sort();
    assert_eq!(planned, sorted);
    stage.proxy.forget();
    let output = stage.apply("--enforce-role-name PortcullisEnforce --concurrency 30", 0);
    assert!(output.stdout.contains("65 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    let attached = stage.proxy.all().into_iter().filter(|call| call.action == "AttachUserPolicy");
    let of_others = attached.filter(|call| {
        let of = call.param("PolicyArn").and_then(|arn| arn.split(':').nth(4));
        call.account.as_deref() != of
    });
    assert_eq!(of_others.count(), 0, "each is signed by a session of its account");
    assert_eq!(thirty.guarded(), failing);

    for (number, id) in (1..).zip(&thirty.ids).filter(|(number, _)| number % 2 == 0) {
        thirty.enrolls(id, &format!("only{number}"));
    }
    let enrolled = |number: usize, name: &str| number.is_multiple_of(2) && name.starts_with("only");
    let status = thirty.enforce("status --format json", 0).json();
    let rows = status["users"].as_array().unwrap();
    let told = |is: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let mut arns: Vec<String> = rows.iter().filter(|row| is(row)).map(|row| text(&row["user"])).collect();
        arns.sort();
        arns
    };
    let of_itself = |row: &Value| text(&row["user"]).split(':').nth(4) == row["account"].as_str();
    assert_eq!(told(&|row| row["state"] == "guarded" && of_itself(row) && row["drifted"] == false), sorted);
    let mut out = thirty.arns(enrolled);
    out.sort();
    assert_eq!(told(&|row| row["enrolled_not_released"] == true), out);

    let release = "release --rules rules.yaml --no-break-glass --yes --enforce-role-name PortcullisEnforce";
    let output = thirty.enforce(release, 0);
    assert!(output.stdout.contains("15 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    assert_eq!(thirty.guarded(), thirty.arns(|number, name| fails(number, name) && !enrolled(number, name)));
    let output = thirty.enforce("release --all --yes --enforce-role-name PortcullisEnforce", 0);
    assert!(output.stdout.contains("50 done, 0 already, 0 failed, 0 skipped, 0 left"), "{}", output.stdout);
    assert_eq!(thirty.guarded(), [""; 0]);
    stage.verify_ledger();
}
