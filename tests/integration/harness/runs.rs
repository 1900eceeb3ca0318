//! The program runs in the environment it is given.

use std::process::Command;

use serde_json::json;

use crate::support::boto::Credentials;
use crate::support::portcullis::{Output, Portcullis, Running};
use crate::support::terminal::{CTRL_C, CTRL_D, Terminal};

#[test]
fn a_run_has_its_own_directory_and_its_status_is_checked() {
    let credentials = Credentials { token: Some("token".into()), ..Credentials::new("AKIA", "secret") };
    let run = Portcullis::aws("http://127.0.0.1:9", &credentials).env("X", "y").file("a.yaml", "a: 1");
    let output = run.run(["--version"], 0);
    assert!(run.dir().join("a.yaml").exists() && output.stderr.is_empty() && output.code == 0);
    let wrong = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run.run(["--version"], 3)));
    assert!(wrong.is_err(), "an unexpected status must fail the test");
}

#[test]
fn a_run_can_be_talked_to_and_killed() {
    let run = Portcullis::new();
    let output = run.spawn(["--version"]).finish(0);
    assert!(output.stderr.is_empty());
    run.spawn(["--version"]).kill();
    let script = "echo hello; echo prompt; read answer; echo got $answer; exit 3";
    let mut shell = Running::start(Command::new("sh").args(["-c", script]));
    assert_eq!(shell.line_with("pro"), "prompt");
    shell.send("yes");
    assert_eq!(shell.finish(3).stdout, "hello\nprompt\ngot yes\n");
}

#[test]
fn a_terminal_is_one_and_is_talked_to() {
    let script = "test -t 0 && test -t 1 && test -t 2 && echo three; printf 'really? '; read answer; \
                  echo got $answer; cat; echo end of input; sleep 60";
    let shell = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Terminal::start(command)
    };
    let mut run = shell(script);
    assert_eq!(run.wait_for("really? "), "three\nreally? ");
    run.line("yes");
    assert_eq!(run.wait_for("\n"), "got yes\n");
    run.keys(CTRL_D);
    run.wait_for("end of input");
    run.keys(CTRL_C);
    let shown = run.finish(128 + 2);
    assert_eq!(shown.lines().take(2).collect::<Vec<_>>(), ["three", "really? got yes"]);
    assert_eq!(shell("echo out; echo err >&2; exit 3").finish(3), "out\nerr\n");
}

#[test]
fn results_are_read_from_stdout() {
    let output = Output { stdout: "{\"schema\": 1}".into(), stderr: String::new(), code: 0 };
    assert_eq!(output.json(), json!({"schema": 1}));
}
