//! Nothing secret is told, and names follow the partition.

use std::sync::{Arc, Mutex};

use super::{FORMATS, Stage, account, list, resources, text, words};
use crate::support::boto::Credentials;
use crate::support::portcullis::Portcullis;
use crate::support::proxy::call::between;
use crate::support::proxy::{On, Proxy, change};
use crate::support::server::{Ministack, Moto};

/// What the answers to `AssumeRole` hold and nobody may see: secrets and session tokens.
fn record_secrets(proxy: &Proxy) -> Arc<Mutex<Vec<String>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let secrets = Arc::clone(&seen);
    proxy.rule(On::action("sts", "AssumeRole").change(move |_, body| {
        for tag in ["SecretAccessKey", "SessionToken"] {
            let secret = between(&body, &format!("<{tag}>"), &format!("</{tag}>")).expect("credentials");
            secrets.lock().unwrap().push(secret.to_owned());
        }
        body
    }));
    seen
}

#[test]
fn the_most_talkative_log_tells_no_secrets() {
    let (stage, org) = Stage::organization(60);
    let given = record_secrets(&stage.proxy);
    let (one, two) = (&org.accounts[1].id, &org.accounts[2].id);
    let args = format!("-vvv --accounts {one},{two} --external-id tell-nobody-7 --rules mfa.yaml");
    let run = stage.run(&args, 3);
    assert!(run.stderr.lines().count() > 100, "the log is talkative");
    let given = given.lock().unwrap().clone();
    assert_eq!(given.len(), 4);
    for secret in given.iter().chain([&stage.credentials.secret, &"tell-nobody-7".to_owned()]) {
        for (place, whole) in [("stderr", &run.stderr), ("stdout", &run.stdout)] {
            let line = whole.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{place} tells {secret}: {line:?}");
        }
    }
}

/// `PORTCULLIS_LOG` takes any filter: it must not open what `-vvv` keeps shut.
#[test]
fn a_filter_of_the_user_tells_no_secrets_either() {
    let (stage, org) = Stage::organization(60);
    let given = record_secrets(&stage.proxy);
    let program = stage.program().env("PORTCULLIS_LOG", "trace");
    let args = format!("--accounts {} --external-id tell-nobody-7 --rules mfa.yaml", org.accounts[1].id);
    let run = program.run(words("scan", &args), 3);
    let given = given.lock().unwrap().clone();
    assert_eq!(given.len(), 2);
    for secret in given.iter().chain([&stage.credentials.secret, &"tell-nobody-7".to_owned()]) {
        let line = run.stderr.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "the log tells {secret}: {line:?}");
    }
}

/// These make the SDK log the bodies of requests and answers, which hold codes, seeds and credentials.
#[test]
fn variables_that_open_the_log_are_refused() {
    for name in ["LOG_SENSITIVE_BODIES", "LOG_SIGNABLE_BODY"] {
        let program = Portcullis::aws("http://127.0.0.1:9", &Credentials::new("AKIAANYONE0000000000", "any"));
        let run = program.env(name, "true").run(words("scan", "-vvv"), 1);
        let text = format!("{name} is set: the AWS SDK would write secrets to the log; unset it and run again");
        assert!(run.stderr.contains(&text), "{}", run.stderr);
        assert!(!run.stderr.contains("transmitting request"), "nothing was sent");
    }
}

#[test]
fn roles_and_roots_are_named_in_the_partition_of_the_caller() {
    for partition in ["aws-us-gov", "aws-cn"] {
        let (stage, org) = Stage::organization(60);
        let arn = format!("arn:{partition}:iam::{}:user/hub", Moto::ACCOUNT);
        stage.proxy.rule(On::action("sts", "GetCallerIdentity").change(change::element("Arn", &arn)));
        let closed = &org.accounts[1];
        let role = format!("arn:{partition}:iam::{}:role/PortcullisScan", closed.id);
        stage.proxy.rule(On::action("sts", "AssumeRole").param("RoleArn", &role).deny());
        let open = &org.accounts[2].id;
        let results = stage.scan(&format!("--accounts {},{open}", closed.id), 3);
        assert_eq!(account(&results, &closed.id)["status"], "failed", "the role was asked for by that name");
        let calls = stage.proxy.calls(Moto::ACCOUNT);
        let roles: Vec<_> = calls.iter().filter_map(|call| call.param("RoleArn")).collect();
        assert_eq!(roles.len(), 2);
        assert!(roles.iter().all(|role| role.starts_with(&format!("arn:{partition}:iam::"))), "{roles:?}");
        // Moto does not tell whether root has a password, and the second of these roots has no device.
        let roots = resources(&results, "root-mfa", "unknown");
        let prefix = format!("arn:{partition}:iam::");
        assert!(roots.len() == 2 && roots.iter().all(|root| root.starts_with(&prefix)), "{roots:?}");
    }
}

#[test]
fn names_that_people_chose_cannot_talk_to_the_terminal() {
    let (stage, org) = Stage::organization(60);
    let name = "prod\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}".to_owned();
    stage.proxy.rule(On::action("organizations", "ListAccounts").change(move |_, body| {
        let mut page: serde_json::Value = serde_json::from_str(&body).unwrap();
        page["Accounts"][0]["Name"] = name.clone().into();
        page.to_string()
    }));
    let program = stage.program();
    let files = FORMATS.map(|format| format!("--format {format}={format}.out"));
    let run = program.run(words("scan", &format!("--org --rules mfa.yaml {}", files.join(" "))), 3);
    for format in FORMATS {
        let report = std::fs::read_to_string(program.dir().join(format!("{format}.out"))).unwrap();
        for control in ['\u{1b}', '\u{7}', '\u{202e}'].into_iter().filter(|_| format != "json" && format != "jsonl") {
            assert!(!report.contains(control) && !run.stderr.contains(control), "{format} lets {control:?} out");
        }
    }
    let json = std::fs::read_to_string(program.dir().join("json.out")).unwrap();
    assert!(!json.contains(['\u{1b}', '\u{7}']), "JSON escapes them");
    let results: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list(&results["accounts"]).len(), org.accounts.len());
    assert!(text(&account(&results, &org.accounts[0].id)["name"]).starts_with("prod\u{1b}"), "JSON keeps it, escaped");
}

#[test]
fn what_a_server_says_in_an_error_cannot_talk_to_the_terminal() {
    let server = Ministack::start(false);
    let proxy = Proxy::start(server.port());
    proxy.rule(On::service("sts").error(403, "AccessDenied", "no\u{9b}2J\u{202e} way"));
    let program = Portcullis::aws(&proxy.endpoint(), &Credentials::new("AKIAANYONE0000000000", "any"));
    let run = program.run(words("scan", ""), 1);
    assert!(run.stderr.contains("AccessDenied: no"), "{}", run.stderr);
    assert!(!run.stderr.contains(['\u{9b}', '\u{202e}']), "{}", run.stderr);
}
