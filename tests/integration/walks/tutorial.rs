//! `docs/tutorial.md`: a new user, its device, and the guard off again.

use std::fs;

use super::{Walk, commands};
use crate::support::boto::Credentials;
use crate::support::proxy::{On, Proxy};
use crate::support::server::Moto;

/// What AWS answers to `ResyncMFADevice`, which moto does not know.
const RESYNCED: &str = "<ResyncMFADeviceResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
    <ResponseMetadata><RequestId>resynced</RequestId></ResponseMetadata></ResyncMFADeviceResponse>";

#[test]
fn the_page_takes_a_new_user_to_a_second_factor() {
    let moto = Moto::start();
    let admin = Credentials::new("AKIAPORTCULLIS000000", "wJalrXUtnFEMI/K7MDENG/secret");
    moto.iam(&admin.key, "GenerateCredentialReport", &[]);
    let proxy = Proxy::start(moto.port());
    proxy.learn(&admin.key, Moto::ACCOUNT);
    crate::enforce::what_ministack_lacks(&proxy);
    proxy.rule(On::action("iam", "ResyncMFADevice").answer(RESYNCED));
    let mut walk = Walk::new(&proxy.endpoint(), &[("admin", &admin)]);
    let mut shown = Vec::new();
    for command in commands("tutorial.md", "tutorial") {
        let output = walk.run(&command);
        if command.starts_with("aws iam create-access-key") {
            let key = Credentials::from_answer(&serde_json::from_str(&output.stdout).expect("its answer"));
            proxy.learn(&key.key, Moto::ACCOUNT);
            walk.has("ann", &key);
        }
        shown.push((command, output));
    }
    let of = |part: &str| &shown.iter().find(|(command, _)| command.contains(part)).expect("the command").1;
    assert!(of("mfa enroll").stderr.contains("Enabled: user ann has the device"), "{}", of("mfa enroll").stderr);
    let status = &of("enforce status").stdout;
    assert!(status.contains("ann"), "{status}");
    let released = &of("enforce release").stdout;
    assert!(released.contains("1 done"), "{released}");
    let password = fs::read_to_string(walk.program.dir().join("ann.password")).expect("the password");
    let seed = walk.seed.as_ref().expect("a secret").text().expose().to_owned();
    for (command, output) in &shown {
        assert!(!output.stdout.contains(password.trim()) && !output.stderr.contains(password.trim()), "{command}");
        assert!(!output.stderr.contains(&seed), "{command}");
    }
    for file in ["ann.md", "portcullis-ledger.jsonl"] {
        let text = fs::read_to_string(walk.program.dir().join(file)).expect("the file");
        assert!(!text.contains(password.trim()) && !text.contains(&seed), "{file}");
    }
}
