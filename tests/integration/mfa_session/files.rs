//! What a session is handed on as: JSON, exports, a profile.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use jiff::Timestamp;
use serde_json::json;

use super::{Stage, session_token, typed};
use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::Portcullis;
use crate::support::server::Ministack;

/// A credentials file as people have them.
const FILE: &str = "# work\r\n[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = d\n\n\
                    [mfa]  ; filled by hand\nregion = eu-west-1\naws_access_key_id = ASIAOLD\n# a comment\n\
                    aws_secret_access_key = o\naws_session_token = old\noutput = json\n\n[last]\nx = 1";

#[test]
fn a_credential_process_gets_a_session_that_works() {
    let stage = Stage::new();
    let output = stage.mfa("session --code 123456 --duration 1h", 0);
    let json = output.json();
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(names, ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken", "Version"]);
    assert_eq!((output.stdout.lines().count(), output.stderr.as_str()), (1, ""));
    assert_eq!(stage.asked()[0].param("DurationSeconds"), Some("3600"));
    assert_eq!(stage.asked()[0].param("SerialNumber"), Some(stage.serial.as_str()));
    let ends: Timestamp = json["Expiration"].as_str().unwrap().parse().unwrap();
    let left = ends.duration_since(Timestamp::now()).as_secs();
    assert!((3_000..=3_600).contains(&left), "{left}");
    // The key that moto gives everybody.
    assert_eq!(json["AccessKeyId"], "AKIAIOSFODNN7EXAMPLE");
    // The longest and the usual one.
    stage.mfa("session --code 123456 --duration 36h", 0);
    stage.mfa("session --code 123456", 0);
    let asked: Vec<_> = stage.asked().iter().map(|call| call.param("DurationSeconds").unwrap().to_owned()).collect();
    assert_eq!(asked, ["3600", "129600", "43200"]);
}

#[test]
fn the_session_is_one_of_the_user() {
    let ministack = Ministack::start(true);
    let answers = Boto::new(&ministack.endpoint(), &Ministack::root())
        .call("iam", "create_user", &json!({"UserName": "kim"}))
        .call("iam", "create_access_key", &json!({"UserName": "kim"}))
        .succeed();
    let program = Portcullis::aws(&ministack.endpoint(), &Credentials::from_answer(&answers[1]));
    let serial = format!("arn:aws:iam::{}:mfa/kim", Ministack::ACCOUNT);
    let json = typed(&program, &format!("session --code 123456 --serial {serial}"), &[], 0).json();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let opened =
        Credentials { key: text("AccessKeyId"), secret: text("SecretAccessKey"), token: Some(text("SessionToken")) };
    let who = Boto::new(&ministack.endpoint(), &opened).call("sts", "get_caller_identity", &json!({})).succeed();
    assert_eq!(who[0]["Arn"], format!("arn:aws:iam::{}:user/kim", Ministack::ACCOUNT));
}

#[test]
fn a_shell_takes_the_exports() {
    let stage = Stage::new();
    let output = stage.mfa("session --code 123456 --format exports", 0);
    let script = format!("{}env", output.stdout);
    let ran = Command::new("sh").args(["-c", &script]).env_clear().output().unwrap();
    let ran = String::from_utf8(ran.stdout).unwrap();
    for name in ["AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", "AWS_CREDENTIAL_EXPIRATION=20"]
    {
        assert!(ran.lines().any(|line| line.starts_with(name) && line.len() > name.len()), "{name}");
    }
    assert!(output.stdout.lines().all(|line| line.starts_with("export AWS_")));
}

#[test]
fn a_profile_is_written_and_nothing_else_of_the_file() {
    let stage = Stage::new();
    let path = stage.credentials();
    fs::create_dir(path.parent().unwrap()).unwrap();
    let real = stage.program.dir().join("real");
    fs::write(&real, FILE).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&real, &path).unwrap();
    let output = stage.mfa("session --code 123456 --write-profile mfa", 0);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.starts_with("profile mfa in ") && output.stderr.lines().count() == 1, "{}", output.stderr);
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink(), "the link stays");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&real).unwrap();
    let (before, after) = FILE.split_once("aws_access_key_id = ASIAOLD\n").unwrap();
    let after = after.replace("aws_secret_access_key = o\naws_session_token = old\n", "");
    assert!(text.starts_with(before) && text.ends_with(&after), "{text}");
    let ours: Vec<&str> = text[before.len()..text.len() - after.len()].lines().collect();
    let keys: Vec<&str> = ours.iter().map(|line| line.split(" = ").next().unwrap()).collect();
    assert_eq!(keys, ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]);
    // The SDK reads it: this is now a session, and so opens none.
    let reader = Portcullis::new()
        .env("AWS_ENDPOINT_URL", &stage.proxy.endpoint())
        .env("AWS_SHARED_CREDENTIALS_FILE", real.to_str().unwrap());
    let output = typed(&reader, "session --code 123456 --profile mfa", &[], 1);
    assert!(output.stderr.contains("these are the credentials of a session"), "{}", output.stderr);
    // Once more, into a file and a directory that do not exist yet.
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    stage.mfa("session --code 123456 --write-profile mfa", 0);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert!(fs::read_to_string(&path).unwrap().starts_with("[mfa]\naws_access_key_id = A"));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn profiles_with_long_term_keys_are_refused_before_a_code_is_spent() {
    let stage = Stage::new();
    let path = stage.credentials();
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, FILE).unwrap();
    let output = stage.mfa("session --code 123456 --write-profile default", 1);
    assert!(output.stderr.contains("it holds a long-term access key, which would be lost"), "{}", output.stderr);
    // The one that signs in.
    let signs = Portcullis::new()
        .env("AWS_ENDPOINT_URL", &stage.proxy.endpoint())
        .env("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap());
    for (profile, by) in [("last", " --profile last"), ("default", "")] {
        let output = typed(&signs, &format!("session --code 123456 --write-profile {profile}{by}"), &[], 1);
        assert!(output.stderr.contains("is the one that signs in here"), "{}", output.stderr);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    assert!(stage.proxy.all().is_empty());
}

#[test]
fn an_answer_that_holds_no_keys_is_not_handed_on() {
    for (from, to) in
        [("<SessionToken>", "<SessionToken>\n[default]\n"), ("<Expiration>", "<X>"), ("<AccessKeyId>", "<Y>")]
    {
        let stage = Stage::new();
        stage.proxy.rule(session_token().change(move |_, body| {
            body.replace(from, to)
                .replace(&from.replace('<', "</"), &to.replace('<', "</").replace("\n[default]\n", ""))
        }));
        let output = stage.mfa("session --code 123456 --write-profile mfa --cache", 1);
        assert!(
            output.stderr.contains("credentials") || output.stderr.contains("could not be read"),
            "{}",
            output.stderr
        );
        assert!(!stage.credentials().exists() && !stage.program.dir().join(".home/.cache").exists());
    }
}
