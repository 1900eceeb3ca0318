//! `portcullis onboard` against emulators: what it makes and in which order, what it takes back, and what it tells.

mod denied;
mod enforced;
mod faults;
mod ledger;
mod made;
mod refused;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis, Running};
use crate::support::proxy::Proxy;
use crate::support::server::{Ministack, Moto};

/// What may be read by who is in the group, or has the policy.
const READS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"#;

/// The user of most tests, with everything that a user can have.
const WHOLE: &str = "--path /people/ --owner sec@example.org --tag team=blue --group dev --console";

/// An emulator behind a proxy, with a group and a policy, and a working directory for the program.
struct Stage {
    proxy: Proxy,
    credentials: Credentials,
    account: &'static str,
    endpoint: String,
    program: Portcullis,
    _moto: Option<Moto>,
    ministack: Option<Ministack>,
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
        Self::before(port, endpoint, Ministack::root(), Ministack::ACCOUNT, (None, Some(ministack)))
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
        let program = Portcullis::aws(&proxy.endpoint(), &credentials);
        let stage = Self { proxy, credentials, account, endpoint, program, _moto: moto, ministack };
        let answers = stage
            .boto()
            .call("iam", "create_group", &json!({"GroupName": "dev"}))
            .call("iam", "create_policy", &json!({"PolicyName": "reads", "PolicyDocument": READS}))
            .succeed();
        assert_eq!(answers[1]["Policy"]["Arn"], stage.reads());
        stage
    }

    /// Calls past the proxy, by the caller.
    fn boto(&self) -> Boto {
        Boto::new(&self.endpoint, &self.credentials)
    }

    fn reads(&self) -> String {
        format!("arn:aws:iam::{}:policy/reads", self.account)
    }

    fn guard(&self) -> String {
        format!("arn:aws:iam::{}:policy/portcullis/deny-without-mfa", self.account)
    }

    fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user/people/kim", self.account)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.program.dir().join(name)
    }

    /// `onboard kim` with the whole user and these flags.
    fn onboard(&self, more: &str, expected: i32) -> Output {
        self.program.run(self.args(more), expected)
    }

    fn start(&self, more: &str) -> Running {
        self.program.spawn(self.args(more))
    }

    fn args(&self, more: &str) -> Vec<String> {
        let args = format!("onboard kim {WHOLE} --policy {} --ledger ledger.jsonl {more}", self.reads());
        args.split_whitespace().map(str::to_owned).collect()
    }

    /// The entries of the ledger.
    fn ledger(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("ledger.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Action and result of the outcomes of the last run, whose chain must be whole.
    fn told(&self) -> Vec<(String, String)> {
        self.program.run(["ledger", "verify", "--ledger", "ledger.jsonl"], 0);
        let entries = self.ledger();
        let run = entries.last().expect("an entry")["run_id"].clone();
        let outcomes = entries.iter().filter(|entry| entry["run_id"] == run && entry["kind"] == "outcome");
        outcomes.map(|entry| (text(&entry["action"]), text(&entry["result"]))).collect()
    }

    /// The calls that change something, in order.
    fn writes(&self) -> Vec<String> {
        let reads = ["Get", "List", "Generate", "Simulate", "Describe", "Assume"];
        let all = self.proxy.all().into_iter().map(|call| call.action);
        all.filter(|action| !reads.iter().any(|read| action.starts_with(read))).collect()
    }

    /// The policies attached to kim, its groups, and whether it has a password; `None` if there is no kim.
    fn kim(&self) -> Option<(Vec<String>, Vec<String>, bool)> {
        let kim = json!({"UserName": "kim"});
        let mut answers = self
            .boto()
            .call("iam", "get_user", &kim)
            .call("iam", "list_attached_user_policies", &kim)
            .call("iam", "list_groups_for_user", &kim)
            .call("iam", "get_login_profile", &kim)
            .run()
            .into_iter();
        let mut next = || answers.next().expect("an answer");
        if let Err(error) = next() {
            assert_eq!(error.code, "NoSuchEntity");
            return None;
        }
        let policies = column(&next().expect("its policies")["AttachedPolicies"], "PolicyArn");
        let groups = column(&next().expect("its groups")["Groups"], "GroupName");
        Some((policies, groups, next().is_ok()))
    }

    /// Whether the guard policy is there.
    fn has_guard(&self) -> bool {
        self.boto().call("iam", "get_policy", &json!({"PolicyArn": self.guard()})).run()[0].is_ok()
    }

    /// The password as it was sent to AWS.
    fn password(&self) -> Option<String> {
        let calls = self.proxy.all();
        let call = calls.iter().find(|call| call.action == "CreateLoginProfile")?;
        call.param("Password").map(str::to_owned)
    }

    /// Nothing of what the run left holds the password but what may.
    fn keeps(&self, password: &str, output: &Output, may_be_in: Option<&str>) {
        assert!(!output.stderr.contains(password), "{}", output.stderr);
        let mut seen = 0;
        for entry in fs::read_dir(self.program.dir()).expect("read the directory").flatten() {
            let name = entry.file_name().into_string().expect("a name");
            if entry.path().is_file() {
                let text = String::from_utf8_lossy(&fs::read(entry.path()).expect("read a file")).into_owned();
                assert_eq!(text.contains(password), may_be_in == Some(name.as_str()), "{name}");
                seen += 1;
            }
        }
        assert!(seen > 0, "no file was looked at");
    }
}

/// The named field of each member of a list, sorted.
fn column(list: &Value, name: &str) -> Vec<String> {
    let mut column: Vec<String> = list.as_array().expect("a list").iter().map(|member| text(&member[name])).collect();
    column.sort_unstable();
    column
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Actions and results, as [`Stage::told`] gives them.
fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(action, result)| ((*action).to_owned(), (*result).to_owned())).collect()
}
