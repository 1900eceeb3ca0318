//! `portcullis enforce` against emulators: what it changes, what it leaves alone, and what it writes down.

mod apply;
mod between;
mod many;
mod orgs;
mod plan;
mod prompt;
mod release;
mod revert;
mod schemas;
mod status;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis, Running};
use crate::support::proxy::{On, Proxy};
use crate::support::server::{Ministack, Moto};

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

/// What AWS answers, and the emulators do not know, for a user without such credentials.
const NO_SERVICE_CREDENTIALS: &str = "<ListServiceSpecificCredentialsResponse \
    xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListServiceSpecificCredentialsResult>\
    <ServiceSpecificCredentials/></ListServiceSpecificCredentialsResult></ListServiceSpecificCredentialsResponse>";

/// The same for SSH keys, which ministack does not know.
const NO_SSH_KEYS: &str = "<ListSSHPublicKeysResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
    <ListSSHPublicKeysResult><SSHPublicKeys/><IsTruncated>false</IsTruncated></ListSSHPublicKeysResult>\
    </ListSSHPublicKeysResponse>";

/// Answers in the place of ministack what enforcement asks and it does not know.
pub(crate) fn what_ministack_lacks(proxy: &Proxy) {
    proxy.rule(On::action("iam", "ListSSHPublicKeys").answer(NO_SSH_KEYS));
    proxy.rule(On::action("iam", "ListServiceSpecificCredentials").answer(NO_SERVICE_CREDENTIALS));
}

/// An emulator behind a proxy, and a working directory for the program.
struct Stage {
    proxy: Proxy,
    credentials: Credentials,
    account: &'static str,
    endpoint: String,
    program: Portcullis,
    moto: Option<Moto>,
    _ministack: Option<Ministack>,
}

impl Stage {
    fn moto() -> Self {
        let moto = Moto::start();
        let credentials = Credentials::new("AKIAPORTCULLIS000000", "wJalrXUtnFEMI/K7MDENG/secret");
        moto.iam(&credentials.key, "GenerateCredentialReport", &[]);
        let (port, endpoint) = (moto.port(), moto.endpoint());
        Self::before(port, endpoint, credentials, Moto::ACCOUNT, (Some(moto), None))
    }

    /// It decides by policies; the caller is root.
    fn ministack() -> Self {
        let ministack = Ministack::start(true);
        let (port, endpoint) = (ministack.port(), ministack.endpoint());
        let stage = Self::before(port, endpoint, Ministack::root(), Ministack::ACCOUNT, (None, Some(ministack)));
        stage.proxy.rule(On::action("iam", "ListSSHPublicKeys").answer(NO_SSH_KEYS));
        stage
    }

    fn before(
        port: u16,
        endpoint: String,
        credentials: Credentials,
        account: &'static str,
        (moto, ministack): (Option<Moto>, Option<Ministack>),
    ) -> Self {
        let proxy = Proxy::start(port);
        proxy.learn(&credentials.key, account);
        let program = Portcullis::aws(&proxy.endpoint(), &credentials).file("rules.yaml", RULES);
        let stage = Self { proxy, credentials, account, endpoint, program, moto, _ministack: ministack };
        stage.complete();
        stage
    }

    /// Answers in the place of the emulators what they do not know.
    fn complete(&self) {
        self.proxy.rule(On::action("iam", "ListServiceSpecificCredentials").answer(NO_SERVICE_CREDENTIALS));
    }

    /// Ends the faults of a test.
    fn mend(&self) {
        self.proxy.clear();
        self.complete();
    }

    /// Calls past the proxy, by the caller.
    fn boto(&self) -> Boto {
        Boto::new(&self.endpoint, &self.credentials)
    }

    fn iam(&self, action: &str, params: &[(&str, &str)]) {
        self.moto.as_ref().expect("moto").iam(&self.credentials.key, action, params);
    }

    /// Console users without a device.
    fn people(&self, names: &[&str]) {
        for name in names {
            self.iam("CreateUser", &[("UserName", name)]);
            self.iam("CreateLoginProfile", &[("UserName", name), ("Password", "Correct-horse-9-battery")]);
        }
    }

    fn arn(&self, user: &str) -> String {
        format!("arn:aws:iam::{}:user/{user}", self.account)
    }

    fn guard(&self) -> String {
        format!("arn:aws:iam::{}:policy/portcullis/deny-without-mfa", self.account)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.program.dir().join(name)
    }

    /// `enforce plan`, over no cap, to `plan.json`; the plan.
    fn plan(&self, more: &str) -> Value {
        let args = "enforce plan --rules rules.yaml --no-break-glass --max-users 10000 --max-percent 100 --exit-zero \
                    --quiet --ledger plan-ledger.jsonl --out plan.json --format json";
        self.program.run(args.split_whitespace().chain(more.split_whitespace()), 0).json()
    }

    /// `enforce apply plan.json --yes` with a ledger of its own.
    fn apply(&self, more: &str, expected: i32) -> Output {
        self.program.run(apply_args(more), expected)
    }

    fn start(&self, more: &str) -> Running {
        self.program.spawn(apply_args(more))
    }

    /// The entries of the ledger.
    fn ledger(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The policies attached to each of these users, as another client sees them.
    fn attached(&self, users: &[&str]) -> Vec<Vec<String>> {
        let mut calls = self.boto();
        for user in users {
            calls = calls.call("iam", "list_attached_user_policies", &json!({"UserName": user}));
        }
        calls.succeed().iter().map(|answer| column(&answer["AttachedPolicies"], "PolicyArn")).collect()
    }

    /// The calls of these actions, in order.
    fn writes(&self) -> Vec<String> {
        let reads = ["Get", "List", "Generate", "Simulate", "Describe", "Assume"];
        let all = self.proxy.all().into_iter().map(|call| call.action);
        all.filter(|action| !reads.iter().any(|read| action.starts_with(read))).collect()
    }
}

fn apply_args(more: &str) -> Vec<String> {
    let mut args: Vec<String> = "enforce apply plan.json --quiet".split_whitespace().map(str::to_owned).collect();
    if !more.contains("--ask") {
        args.push("--yes".to_owned());
    }
    if !more.contains("--ledger") {
        args.extend(["--ledger", "ledger.jsonl"].map(str::to_owned));
    }
    args.extend(more.split_whitespace().filter(|arg| *arg != "--ask").map(str::to_owned));
    args
}

/// The named field of each member of a list, in order.
fn column(list: &Value, name: &str) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|member| text(&member[name])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn column_of_text(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(text).collect()
}
