//! `portcullis mfa verify` and `mfa session` against moto, which takes any code, behind a proxy that does not.

mod cache;
mod files;
mod refusals;
mod secrets;
mod tries;
mod verify;

use std::path::PathBuf;

use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis};
use crate::support::proxy::{Call, On, Proxy};
use crate::support::server::Moto;

const ADMINISTRATOR: &str = "AKIAPORTCULLIS000000";
const PASSKEY: &str = "arn:aws:iam::123456789012:u2f/user/kim/yubi-ABCDEFGHIJKLMNOP";
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// moto behind a proxy, with the user `kim`, the user's key and a device.
struct Stage {
    proxy: Proxy,
    moto: Moto,
    kim: Credentials,
    program: Portcullis,
    /// The serial number of the device.
    serial: String,
}

impl Stage {
    fn new() -> Self {
        let moto = Moto::start();
        let proxy = Proxy::start(moto.port());
        let administrator = Credentials::new(ADMINISTRATOR, "wJalrXUtnFEMI/K7MDENG/secret");
        let answers = Boto::new(&moto.endpoint(), &administrator)
            .call("iam", "create_user", &json!({"UserName": "kim"}))
            .call("iam", "create_access_key", &json!({"UserName": "kim"}))
            .succeed();
        let kim = Credentials::from_answer(&answers[1]);
        let program = Portcullis::aws(&proxy.endpoint(), &kim);
        let stage = Self { proxy, kim, program, serial: format!("arn:aws:iam::{}:mfa/kim", Moto::ACCOUNT), moto };
        stage.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "kim")]);
        stage.device(&stage.serial);
        stage
    }

    fn iam(&self, action: &str, params: &[(&str, &str)]) {
        self.moto.iam(ADMINISTRATOR, action, params);
    }

    /// Gives `kim` a device.
    fn device(&self, serial: &str) {
        let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
        self.iam("EnableMFADevice", &[("UserName", "kim"), ("SerialNumber", serial), codes[0], codes[1]]);
    }

    /// `mfa COMMAND` with nothing on stdin.
    fn mfa(&self, command: &str, expected: i32) -> Output {
        self.typed(command, &[], expected)
    }

    /// `mfa COMMAND` with these lines on stdin.
    fn typed(&self, command: &str, lines: &[&str], expected: i32) -> Output {
        typed(&self.program, command, lines, expected)
    }

    /// The calls that ask for a session, in order.
    fn asked(&self) -> Vec<Call> {
        self.proxy.all().into_iter().filter(|call| call.action == "GetSessionToken").collect()
    }

    /// The codes of these calls.
    fn codes(&self) -> Vec<String> {
        self.asked().iter().map(|call| call.param("TokenCode").expect("a code").to_owned()).collect()
    }

    /// The credentials file of the program.
    fn credentials(&self) -> PathBuf {
        self.program.dir().join(".home/.aws/credentials")
    }
}

fn typed(program: &Portcullis, command: &str, lines: &[&str], expected: i32) -> Output {
    let mut run = program.spawn(format!("mfa {command}").split_whitespace());
    for line in lines {
        run.send(line);
    }
    run.finish(expected)
}

/// Calls that ask for a session.
fn session_token() -> On {
    On::action("sts", "GetSessionToken")
}

/// What AWS answers to wrong codes, and while a new device is not known everywhere.
fn refused(on: On) -> crate::support::proxy::Rule {
    on.error(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
}

/// The code that an app shows in a step.
fn shown(step: u64) -> String {
    let secret = Secret::try_from_base32(SEED).expect("base 32");
    Builder::new().with_secret(secret).with_step_duration(30).build_noncompliant().generate(step * 30).to_string()
}

/// The present step.
fn step() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs() / 30
}
