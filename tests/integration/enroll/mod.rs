//! `portcullis mfa enroll` against emulators: the device that a user gets, and what is left when it gets none.

mod faults;
mod guarded;
mod keyboard;
mod walk;

use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::enroll::Seed;
use serde_json::{Value, json};

use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis, Running};
use crate::support::proxy::Proxy;
use crate::support::server::Moto;

/// A user with an access key in moto, behind a proxy.
struct Stage {
    moto: Moto,
    proxy: Proxy,
    user: Credentials,
}

impl Stage {
    fn set() -> Self {
        let moto = Moto::start();
        let admin = Credentials::new("AKIAPORTCULLIS000000", "wJalrXUtnFEMI/K7MDENG/secret");
        let boto = Boto::new(&moto.endpoint(), &admin).call("iam", "create_user", &json!({ "UserName": "kim" }));
        let answers = boto.call("iam", "create_access_key", &json!({ "UserName": "kim" })).succeed();
        let user = Credentials::from_answer(&answers[1]);
        let proxy = Proxy::start(moto.port());
        for key in [&user.key, &admin.key] {
            proxy.learn(key, Moto::ACCOUNT);
        }
        Self { moto, proxy, user }
    }

    /// The program as the user.
    fn program(&self) -> Portcullis {
        Portcullis::aws(&self.proxy.endpoint(), &self.user)
    }

    /// Serial numbers of the user's devices.
    fn devices(&self) -> Vec<String> {
        let boto = Boto::new(&self.moto.endpoint(), &self.user);
        let answers = boto.call("iam", "list_mfa_devices", &json!({ "UserName": "kim" })).succeed();
        names(&answers[0]["MFADevices"])
    }

    /// Serial numbers of all virtual devices.
    fn virtual_devices(&self) -> Vec<String> {
        let boto = Boto::new(&self.moto.endpoint(), &self.user);
        names(&boto.call("iam", "list_virtual_mfa_devices", &json!({})).succeed()[0]["VirtualMFADevices"])
    }

    /// How often an action was asked for.
    fn count(&self, action: &str) -> usize {
        self.proxy.calls(Moto::ACCOUNT).iter().filter(|call| call.action == action).count()
    }
}

fn names(devices: &Value) -> Vec<String> {
    let serial = |device: &Value| device["SerialNumber"].as_str().expect("a serial number").to_owned();
    devices.as_array().expect("a list").iter().map(serial).collect()
}

fn step() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs() / 30
}

/// A run that has shown its secret and waits for codes.
struct Waiting {
    run: Running,
    seed: Seed,
    line: String,
}

impl Waiting {
    /// Starts `mfa enroll --show-secret` and reads what it shows.
    fn start(program: &Portcullis, more: &str) -> Self {
        let args = format!("mfa enroll --show-secret {more}");
        let mut run = program.spawn(args.split_whitespace());
        // The first line in letters: what is above it is the code.
        let line = loop {
            let line = run.line_with("");
            if line.starts_with(|char: char| char.is_ascii_alphanumeric()) {
                break line;
            }
        };
        let seed = Seed::parse(&line).expect("a secret in base 32");
        Self { run, seed, line }
    }

    /// Gives the code of a step.
    fn give(&mut self, step: u64) {
        let code = self.seed.code(step).expect("a code");
        self.run.send(code.expose());
    }

    fn finish(self, expected: i32) -> Output {
        self.run.finish(expected)
    }
}
