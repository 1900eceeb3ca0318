//! The log of everything that the program and the SDK say tells no seed, no code and no key.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use portcullis::aws::{Hub, MfaCode};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::{Stage, made};
use crate::support::boto::Credentials;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn the_most_talkative_log_tells_neither_seed_nor_codes() {
    for stage in [Stage::moto(), Stage::ministack()] {
        let answers = stage
            .boto()
            .call("iam", "create_user", &json!({"UserName": "alice"}))
            .call("iam", "create_access_key", &json!({"UserName": "alice"}))
            .succeed();
        let alice = Credentials::from_answer(&answers[1]);
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let mut secrets = tracing::subscriber::with_default(subscriber, || enrol(&stage, &alice));
        secrets.extend([stage.credentials.secret.clone(), alice.secret.clone()]);
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(log.lines().count() > 500, "the log is talkative");
        for action in ["CreateVirtualMFADevice", "EnableMFADevice", "ResyncMFADevice", "GetSessionToken"] {
            assert!(log.contains(&format!("rpc.method=\"{action}\"")), "{action} is not in the log");
        }
        for secret in secrets.iter().filter(|secret| *secret != "test") {
            let line = log.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "the log tells {secret}: {line:?}");
        }
    }
}

/// Makes a device and a session; what of that is secret.
fn enrol(stage: &Stage, alice: &Credentials) -> Vec<String> {
    let codes = ["718293", "645546"].map(|code| MfaCode::parse(code).unwrap());
    let pair = [&codes[0], &codes[1]];
    let writer = stage.writer();
    let hub = stage.hub_of(alice);
    let mut secrets: Vec<String> = codes.iter().map(|code| code.expose().to_owned()).collect();
    stage.wait(async {
        let device = made(writer.create_virtual_mfa_device("alice").await.unwrap());
        secrets.push(device.seed.expose().to_owned());
        secrets.push(data_encoding::BASE64.encode(device.seed.expose().as_bytes()));
        made(writer.enable_mfa_device("alice", &device.serial, pair).await.unwrap());
        // Failures are logged too: moto has no such call.
        let _ = writer.resync_mfa_device("alice", &device.serial, pair).await;
        let keys = hub.session_token(&device.serial, &codes[0], None).await.unwrap();
        secrets.push(keys.secret_access_key.expose().to_owned());
        secrets.extend(keys.session_token.as_ref().map(|token| token.expose().to_owned()));
        Hub::connect(stage.settings(keys)).await.unwrap();
        let shown = format!("{device:?} {pair:?} {hub:?}");
        assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    });
    secrets
}
