//! No output but the intended one tells a key, a token, a code or the seed.

use std::fs;
use std::path::Path;

use super::{SEED, Stage, refused, session_token, shown, step};

/// Every file below a directory, with its text.
fn files(directory: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn nothing_but_what_was_asked_for_tells_a_secret() {
    let stage = Stage::new();
    let before = step();
    let outputs = [
        stage.typed("session --totp-from-stdin --cache -vv", &[SEED], 0),
        stage.typed("session --write-profile mfa -vv", &["718293"], 0),
        stage.typed("session --format exports -vv", &["645546"], 0),
        stage.mfa("verify --code 906172 -vv", 0),
    ];
    let json = outputs[0].json();
    let secrets = ["SecretAccessKey", "SessionToken"].map(|name| json[name].as_str().unwrap().to_owned());
    let profile = fs::read_to_string(stage.credentials()).unwrap();
    let of_profile = ["aws_secret_access_key = ", "aws_session_token = "]
        .map(|key| profile.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned());
    let exported = ["export AWS_SECRET_ACCESS_KEY='", "export AWS_SESSION_TOKEN='"].map(|key| {
        let line = outputs[2].stdout.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_end_matches('\'').to_owned()
    });
    stage.proxy.rule(refused(session_token()));
    let failed = [stage.mfa("session --code 515253 -vv", 5), stage.typed("verify -vv", &["616263"], 5)];
    let typed = ["718293", "645546", "906172", "515253", "616263", SEED].map(str::to_owned);
    let codes = (before..=step()).map(shown);
    let all: Vec<String> =
        [secrets.as_slice(), &of_profile, &exported, &typed, std::slice::from_ref(&stage.kim.secret)]
            .concat()
            .into_iter()
            .chain(codes)
            .collect();
    let mut seen: Vec<(String, String)> = Vec::new();
    for (at, output) in outputs.iter().chain(&failed).enumerate() {
        assert!(output.stderr.contains("rpc.method=\"GetSessionToken\""), "the log is talkative: {}", output.stderr);
        seen.push((format!("stderr of run {at}"), output.stderr.clone()));
    }
    seen.extend([1, 3].map(|at: usize| (format!("stdout of run {at}"), outputs[at].stdout.clone())));
    seen.extend(failed.iter().map(|output| ("stdout".to_owned(), output.stdout.clone())));
    let mut written = Vec::new();
    files(stage.program.dir(), &mut written);
    assert_eq!(written.len(), 2, "the profile and the kept session: {written:?}");
    seen.extend(written.iter().cloned().map(|(path, text)| {
        // Each holds its own session and no other.
        let own = if path.ends_with("credentials") { &of_profile } else { &secrets };
        let without = own.iter().fold(text, |text, secret| text.replace(secret, ""));
        (path, without)
    }));
    for secret in &all {
        assert!(secret.len() >= 6);
        let told = seen.iter().find(|(_, text)| text.contains(secret.as_str()));
        assert!(told.is_none(), "{secret} is told: {told:?}");
    }
}
