//! What a person sees who made a mistake: one message that says what is wrong and what to do, and nothing on stdout.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::{MFA, Stage, words};
use crate::support::boto::Credentials;
use crate::support::portcullis::{Output, Portcullis};
use crate::support::proxy::On;
use crate::support::server::Ministack;

/// Nobody answers on this port: it was free a moment ago, and nobody is told of it.
fn dead_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://127.0.0.1:{}", listener.local_addr().expect("its address").port())
}

/// The one message holds all of this, in plain text, without any log around it.
fn check(run: &Output, said: &[&str]) {
    let Output { stdout, stderr, .. } = run;
    assert_eq!(stdout, "", "{stderr}");
    for words in said {
        assert!(stderr.contains(words), "`{words}` is not said:\n{stderr}");
    }
    for noise in [" WARN ", " ERROR ", "\u{1b}", "SdkError", "DispatchFailure", "service error", "unhandled"] {
        assert!(!stderr.contains(noise), "{noise}:\n{stderr}");
    }
    assert!(stderr.ends_with('\n') && !stderr.contains("\n\n\n"), "{stderr}");
}

/// The same for a failure in one line.
fn check_line(run: &Output, said: &[&str]) {
    check(run, said);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(lines[0].starts_with("error: "), "{}", run.stderr);
    assert!(lines.len() == 1 || lines.len() == 2 && lines[1].starts_with("  help: "), "{}", run.stderr);
}

#[test]
fn wrong_rules_are_shown_with_their_place() {
    let bad = MFA.replace("mfa_devices: {", "mfa_device: {");
    let run = Portcullis::new().file("bad.yaml", &bad).run(words("scan", "--rules bad.yaml"), 2);
    check(&run, &["bad.yaml:11:16: ", "mfa_device", "mfa_devices", "^"]);
    assert!(run.stderr.starts_with("bad.yaml:11:16: "), "{}", run.stderr);
    let run = Portcullis::new().run(words("scan", "--rules missing.yaml"), 2);
    check(&run, &["missing.yaml:1:1: ", "No such file"]);
    let run = Portcullis::new().run(words("scan", "--rules basline"), 2);
    check(&run, &["basline:1:1: ", "built-in packs are baseline"]);
    // Two files, three problems, all at once.
    let program = Portcullis::new().file("bad.yaml", &bad).file("worse.yaml", "kind: RulePack\n");
    let run = program.run(words("scan", "--rules bad.yaml,worse.yaml"), 2);
    check(&run, &["bad.yaml:11:16: ", "worse.yaml:1:1: ", "nothing was done"]);
}

#[test]
fn a_missing_snapshot_is_named() {
    let run = Portcullis::new().run(words("scan", "--snapshot missing.jsonl"), 1);
    check_line(&run, &["snapshot `missing.jsonl`", "No such file"]);
    let run = Portcullis::new().run(words("scan", "--snapshot ."), 1);
    check_line(&run, &["is a directory"]);
}

#[test]
fn without_credentials_it_says_where_it_looked() {
    let run = Portcullis::new().run(words("scan", "--org"), 1);
    check_line(&run, &["no AWS credentials found", "environment variables", "AWS_PROFILE", "aws sso login"]);
    let run = Portcullis::new().run(words("scan", "--profile nobody"), 1);
    check_line(&run, &["profile `nobody`", "there are none"]);
}

#[test]
fn an_endpoint_that_nobody_serves_is_named_soon() {
    let endpoint = dead_endpoint();
    let program = Portcullis::aws(&endpoint, &Credentials::new("AKIAANYONE0000000000", "any"));
    let started = Instant::now();
    let run = program.run(words("scan", ""), 1);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    check_line(&run, &[&endpoint, "connection refused", "sts:GetCallerIdentity"]);
}

#[test]
fn credentials_that_aws_does_not_take_are_said_to_be_wrong() {
    let server = Ministack::start(true);
    let stranger = Credentials::new("AKIASTRANGER00000000", "wrong");
    let run = Portcullis::aws(&server.endpoint(), &stranger).run(words("scan", ""), 1);
    check_line(&run, &["sts:GetCallerIdentity: InvalidClientTokenId", "AWS does not know these credentials"]);

    let stage = Stage::alone();
    let identity = || On::action("sts", "GetCallerIdentity");
    stage.proxy.rule(identity().error(403, "ExpiredToken", "The security token included in the request is expired"));
    check_line(&stage.run("", 1), &["ExpiredToken", "sign in again"]);
    stage.proxy.clear();
    stage.proxy.rule(identity().error(403, "SignatureDoesNotMatch", "The request signature does not match"));
    check_line(&stage.run("", 1), &["SignatureDoesNotMatch", "check the access key"]);
}

#[test]
fn an_organization_that_cannot_be_listed_ends_the_scan() {
    let stage = Stage::alone();
    check_line(&stage.run("--org", 1), &["AWSOrganizationsNotInUseException", "scan it alone without --org"]);
    let (stage, _) = Stage::organization(60);
    stage.proxy.rule(On::action("organizations", "ListAccounts").deny());
    check_line(
        &stage.run("--org", 1),
        &["organizations:ListAccounts", "AccessDeniedException", "delegated administrator"],
    );
}

#[test]
fn organizational_units_are_a_nicety_unless_asked_for() {
    let (stage, org) = Stage::organization(60);
    stage.proxy.rule(On::action("organizations", "DescribeOrganization").deny());
    stage.proxy.rule(On::action("organizations", "ListRoots").deny());
    let results = stage.scan("--org --rules mfa.yaml", 3);
    assert_eq!(super::resources(&results, "console-user-mfa", "fail"), org.failing());
    assert!(results["accounts"][0]["ou_path"].is_null());
    let said = super::notices(&results, None).join("\n");
    assert!(said.contains("organizations:DescribeOrganization") && said.contains("organizations:ListRoots"), "{said}");
    let run = stage.run(&format!("--org --ou {} --rules mfa.yaml", org.root), 1);
    check_line(&run, &["organizations:ListRoots", "selected by OU"]);
}

#[test]
fn a_wrong_command_line_is_usage() {
    for (args, said) in [
        ("--bogus", "unexpected argument '--bogus'"),
        ("--format json --format csv", "both json and csv would go to stdout"),
        ("--format json=x --format csv=x", "two reports would go to `x`"),
        ("--format jsn", "expected one of"),
        ("--format json=", "the path after `=` is empty"),
        ("--fail-on bad", "critical"),
        ("--now yesterday", "expected a moment"),
        ("--max-rate 0", "1..=10000"),
    ] {
        let run = Portcullis::new().run(words("scan", args), 2);
        check(&run, &[said]);
        assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_report_without_a_place_is_known_before_the_scan() {
    let stage = Stage::alone();
    let run = stage.run("--format json --format html=missing/report.html", 1);
    check_line(&run, &["could not write `missing/report.html`", "No such file or directory"]);
    assert!(stage.proxy.all().is_empty(), "nothing was asked in vain");
    check_line(&stage.run("--format html=/dev/full", 1), &["could not write `/dev/full`", "No space left"]);
}

#[test]
fn something_else_than_aws_at_the_endpoint_is_suspected() {
    let stage = Stage::alone();
    stage.proxy.rule(On::action("sts", "GetCallerIdentity").change(|_, _| "<html>Sign in to the Wi-Fi</html>".into()));
    check(&stage.run("", 1), &["sts:GetCallerIdentity"]);
    let run = Portcullis::aws("ftp://example.org", &stage.credentials).run(words("scan", ""), 1);
    check_line(&run, &["`ftp://example.org`", "http://"]);
}
