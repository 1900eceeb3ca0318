//! `portcullis scan` against servers of AWS's protocol: what it finds, what it asks, and how it ends when AWS does not
//! play along.
//!
//! A test sets a [`Stage`], breaks something at the proxy, scans, and compares the results with the truth and with the
//! calls that the server saw.

mod budget;
mod denied;
mod errors;
mod exits;
mod privacy;
mod roles;
mod snapshots;
mod sources;
mod stale;
mod throttled;
mod truth;
mod vanishing;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::boto::{Boto, Credentials};
use crate::support::org::{Org, Size};
use crate::support::portcullis::{Output, Portcullis};
use crate::support::proxy::{On, Proxy, change};
use crate::support::server::Moto;

/// A pack of the one rule that most tests are about, as `mfa.yaml` in each run's directory.
const MFA: &str = r#"
apiVersion: portcullis/v1
kind: RulePack
metadata: { id: only-mfa, title: Console users, version: 1.0.0 }
rules:
  - id: console-user-mfa
    title: Every console user has MFA
    severity: high
    target: user
    when: { console_access: true }
    require: { mfa_devices: { count: { gte: 1 } } }
    message: "{name} has no MFA device"
"#;

/// All formats of reports.
const FORMATS: [&str; 6] = ["table", "json", "jsonl", "html", "markdown", "csv"];

/// A moto behind a proxy. Accounts, if they are those of an organization, come with their truth.
struct Stage {
    moto: Moto,
    proxy: Proxy,
    credentials: Credentials,
}

impl Stage {
    /// An empty moto, whose one account is [`Moto::ACCOUNT`].
    fn alone() -> Self {
        let moto = Moto::start();
        let credentials = Credentials::new("AKIAPORTCULLIS000000", "wJalrXUtnFEMI/K7MDENG/secret");
        Self::before(moto, credentials)
    }

    /// A seeded organization: seven members, the last of which is suspended.
    fn organization(users: usize) -> (Self, Org) {
        let moto = Moto::start();
        let org = Org::seed(&moto, Size { accounts: 7, users });
        let stage = Self::before(moto, org.credentials());
        (stage, org)
    }

    fn before(moto: Moto, credentials: Credentials) -> Self {
        let proxy = Proxy::start(moto.port());
        proxy.learn(&credentials.key, Moto::ACCOUNT);
        Self { moto, proxy, credentials }
    }

    /// Makes `GetAccountSummary` as complete as AWS's: moto's has nothing of root's credentials but its devices.
    fn complete_summaries(&self) {
        let summary = || On::action("iam", "GetAccountSummary");
        self.proxy.rule(summary().change(change::summary("AccountPasswordPresent", 1)));
        self.proxy.rule(summary().change(change::summary("AccountAccessKeysPresent", 0)));
        self.proxy.rule(summary().change(change::summary("AccountSigningCertificatesPresent", 0)));
    }

    /// Calls past the proxy, to prepare something.
    fn boto(&self) -> Boto {
        Boto::new(&self.moto.endpoint(), &self.credentials)
    }

    /// Makes users of the caller's account: name, whether with a password, and devices (`virtual` or a serial number).
    fn people(&self, people: &[(&str, bool, &[&str])]) {
        // A report that was asked for before is there at once.
        self.moto.iam(&self.credentials.key, "GenerateCredentialReport", &[]);
        for (name, password, devices) in people {
            person(&self.moto, &self.credentials.key, Moto::ACCOUNT, name, *password, devices);
        }
    }

    /// The program, with the credentials of this stage.
    fn program(&self) -> Portcullis {
        Portcullis::aws(&self.proxy.endpoint(), &self.credentials).file("mfa.yaml", MFA)
    }

    /// `portcullis scan ARGS`, whose arguments hold no spaces.
    fn run(&self, args: &str, expected: i32) -> Output {
        self.proxy.forget();
        self.program().run(words("scan", args), expected)
    }

    /// The results of a scan that tries every call once: what fails, fails for good, and soon.
    fn scan_impatiently(&self, args: &str, expected: i32) -> Value {
        self.proxy.forget();
        let program = self.program().env("AWS_MAX_ATTEMPTS", "1");
        program.run(words("scan", &format!("{args} --format json")), expected).json()
    }

    /// The results of `portcullis scan ARGS`.
    fn scan(&self, args: &str, expected: i32) -> Value {
        self.run(&format!("{args} --format json"), expected).json()
    }

    /// The names of the users about whom `action` was called in the account.
    fn asked(&self, account: &str, action: &str) -> Vec<String> {
        let calls = self.proxy.calls(account).into_iter().filter(|call| call.action == action);
        let mut names: Vec<_> = calls.filter_map(|call| call.param("UserName").map(str::to_owned)).collect();
        names.sort();
        names
    }
}

/// Makes one user of the account that the access key belongs to.
fn person(moto: &Moto, key: &str, account: &str, name: &str, password: bool, devices: &[&str]) {
    let user = ("UserName", name);
    moto.iam(key, "CreateUser", &[user]);
    if password {
        moto.iam(key, "CreateLoginProfile", &[user, ("Password", "Correct-horse-9-battery")]);
    }
    for device in devices {
        let made = format!("arn:aws:iam::{account}:mfa/{name}");
        let serial = if *device == "virtual" { made.as_str() } else { device };
        if *device == "virtual" {
            moto.iam(key, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
        }
        let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
        moto.iam(key, "EnableMFADevice", &[user, ("SerialNumber", serial), codes[0], codes[1]]);
    }
}

/// A command and its arguments.
fn words<'a>(command: &'a str, args: &'a str) -> Vec<&'a str> {
    std::iter::once(command).chain(args.split_whitespace()).collect()
}

/// The ARN of a user of [`Moto::ACCOUNT`] without a path.
fn user(name: &str) -> String {
    format!("arn:aws:iam::{}:user/{name}", Moto::ACCOUNT)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// The account in the results.
fn account<'a>(results: &'a Value, id: &str) -> &'a Value {
    list(&results["accounts"]).iter().find(|account| account["id"] == id).unwrap_or_else(|| panic!("no account {id}"))
}

/// The resources on which the rule has this status, sorted.
fn resources(results: &Value, rule: &str, status: &str) -> Vec<String> {
    let found = list(&results["findings"]).iter().filter(|found| found["rule"] == rule && found["status"] == status);
    let mut arns: Vec<_> = found.map(|found| text(&found["resource"]).to_owned()).collect();
    arns.sort();
    arns
}

/// The statuses of the accounts that are not skipped, by id.
fn statuses(results: &Value) -> Vec<&str> {
    let all = list(&results["accounts"]).iter().map(|account| text(&account["status"]));
    all.filter(|status| *status != "skipped").collect()
}

/// Rule, resource and status of every finding.
fn findings(results: &Value) -> BTreeSet<(&str, &str, &str)> {
    let all = list(&results["findings"]).iter();
    all.map(|found| (text(&found["rule"]), text(&found["resource"]), text(&found["status"]))).collect()
}

/// What was said of the account, or of the run as a whole for `None`.
fn notices<'a>(results: &'a Value, account: Option<&str>) -> Vec<&'a str> {
    let about = list(&results["notices"]).iter().filter(|notice| notice["account"].as_str() == account);
    about.map(|notice| text(&notice["message"])).collect()
}
