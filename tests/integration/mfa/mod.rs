//! `portcullis mfa` against emulators: one user on the way to a second factor, as that user and as an administrator.

mod kept;
mod remove;
mod resync;
mod status;

use std::fs;

use serde_json::{Value, json};

use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis};
use crate::support::proxy::{On, Proxy};
use crate::support::server::{Ministack, Moto};

/// A token and a passkey, as AWS has their serial numbers.
const TOKEN: &str = "GAHT12345678";
const PASSKEY: &str = "arn:aws:iam::123456789012:u2f/user/kim/yubi-ABCDEFGHIJKLMNOP";

/// An emulator behind a proxy, with an administrator in front of it.
struct Stage {
    proxy: Proxy,
    account: &'static str,
    endpoint: String,
    administrator: Credentials,
    program: Portcullis,
    moto: Option<Moto>,
    _ministack: Option<Ministack>,
}

impl Stage {
    /// moto, with the user `kim`.
    fn moto() -> Self {
        let moto = Moto::start();
        let administrator = Credentials::new("AKIAPORTCULLIS000000", "wJalrXUtnFEMI/K7MDENG/secret");
        let (port, endpoint) = (moto.port(), moto.endpoint());
        let stage = Self::before(port, endpoint, administrator, Moto::ACCOUNT, (Some(moto), None));
        stage.iam("CreateUser", &[("UserName", "kim")]);
        stage
    }

    /// ministack, which decides by policies, with the user `kim`, who may do everything where nothing denies it: what our
    /// guard allows by `${aws:username}`, ministack does not understand. The administrator is root.
    fn ministack() -> Self {
        let ministack = Ministack::start(true);
        let (port, endpoint) = (ministack.port(), ministack.endpoint());
        let stage = Self::before(port, endpoint, Ministack::root(), Ministack::ACCOUNT, (None, Some(ministack)));
        let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        let policy = json!({"UserName": "kim", "PolicyName": "all", "PolicyDocument": all.to_string()});
        let calls = stage.boto().call("iam", "create_user", &json!({"UserName": "kim"}));
        calls.call("iam", "put_user_policy", &policy).succeed();
        stage
    }

    fn before(
        port: u16,
        endpoint: String,
        administrator: Credentials,
        account: &'static str,
        (moto, ministack): (Option<Moto>, Option<Ministack>),
    ) -> Self {
        let proxy = Proxy::start(port);
        let program = Portcullis::aws(&proxy.endpoint(), &administrator);
        Self { proxy, account, endpoint, administrator, program, moto, _ministack: ministack }
    }

    /// Calls past the proxy, by the administrator.
    fn boto(&self) -> Boto {
        Boto::new(&self.endpoint, &self.administrator)
    }

    fn iam(&self, action: &str, params: &[(&str, &str)]) {
        self.moto.as_ref().expect("moto").iam(&self.administrator.key, action, params);
    }

    /// The program with credentials of the user `kim` itself.
    fn kim(&self) -> Portcullis {
        let answers = self.boto().call("iam", "create_access_key", &json!({"UserName": "kim"})).succeed();
        Portcullis::aws(&self.proxy.endpoint(), &Credentials::from_answer(&answers[0]))
    }

    fn serial(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:mfa/{name}", self.account)
    }

    /// Gives `kim` an authenticator app of this name; its serial number.
    fn app(&self, name: &str) -> String {
        self.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
        self.device(&self.serial(name));
        self.serial(name)
    }

    /// Gives `kim` the device with this serial number, which moto takes for any.
    fn device(&self, serial: &str) {
        let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
        self.iam("EnableMFADevice", &[("UserName", "kim"), ("SerialNumber", serial), codes[0], codes[1]]);
    }

    fn password(&self) {
        self.iam("CreateLoginProfile", &[("UserName", "kim"), ("Password", "Correct-horse-9-battery")]);
    }

    /// Our guard, strict; its ARN.
    fn guard(&self) -> String {
        let document = include_str!("../../../policies/guards/deny-without-mfa.json").replace("${Partition}", "aws");
        let policy = json!({"PolicyName": "deny-without-mfa", "Path": "/portcullis/", "PolicyDocument": document});
        self.boto().call("iam", "create_policy", &policy).succeed();
        format!("arn:aws:iam::{}:policy/portcullis/deny-without-mfa", self.account)
    }

    /// Attaches our guard to `kim`.
    fn guarded(&self) {
        let guard = self.guard();
        let attach = json!({"UserName": "kim", "PolicyArn": guard});
        self.boto().call("iam", "attach_user_policy", &attach).succeed();
    }

    /// `mfa COMMAND` by the administrator.
    fn mfa(&self, command: &str, expected: i32) -> Output {
        mfa(&self.program, command, expected)
    }

    /// The serial numbers of the devices of `kim`, and of those that nobody has, as another client sees them.
    fn devices(&self) -> [Vec<String>; 2] {
        let answers = self
            .boto()
            .pages("iam", "list_mfa_devices", &json!({"UserName": "kim"}))
            .pages("iam", "list_virtual_mfa_devices", &json!({"AssignmentStatus": "Unassigned"}))
            .succeed();
        [column(&answers[0]["MFADevices"]), column(&answers[1]["VirtualMFADevices"])]
    }

    /// The calls of these actions, in order.
    fn writes(&self) -> Vec<String> {
        let reads = ["Get", "List"];
        let all = self.proxy.all().into_iter().map(|call| call.action);
        all.filter(|action| !reads.iter().any(|read| action.starts_with(read))).collect()
    }

    /// Kind, action and result of the entries of `ledger.jsonl`, of the outcomes the result.
    fn ledger(&self) -> Vec<String> {
        let text = fs::read_to_string(self.program.dir().join("ledger.jsonl")).expect("a ledger");
        let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
        let told = entries.map(|entry| {
            let parts = ["kind", "action", "result"].map(|name| entry[name].as_str().unwrap_or_default().to_owned());
            parts.join(" ").trim_end().to_owned()
        });
        told.collect()
    }
}

fn mfa(program: &Portcullis, command: &str, expected: i32) -> Output {
    program.run(format!("mfa {command}").split_whitespace(), expected)
}

/// The serial numbers of a list of devices, sorted.
fn column(list: &Value) -> Vec<String> {
    let mut serials: Vec<String> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|device| device["SerialNumber"].as_str().expect("a serial number").to_owned())
        .collect();
    serials.sort_unstable();
    serials
}

/// The rule by which the caller is whoever has this ARN.
fn caller(account: &str, arn: &str) -> crate::support::proxy::Rule {
    On::action("sts", "GetCallerIdentity").answer(&format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{arn}</Arn><UserId>X</UserId><Account>{account}</Account></GetCallerIdentityResult>\
         </GetCallerIdentityResponse>"
    ))
}
