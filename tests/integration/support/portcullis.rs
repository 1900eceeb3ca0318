//! Run the program: in an environment with nothing but what the test says, in a directory of its own.
//!
//! Every run names the exit status it expects; none may panic.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::boto::Credentials;
use super::terminal::one_start_at_a_time;

/// Long enough for any run of a test on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A run to be. The working directory lives as long as this value, so several runs can share it.
#[derive(Debug)]
pub(crate) struct Portcullis {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Output {
    /// Data.
    pub(crate) stdout: String,
    /// Logs, progress and diagnostics.
    pub(crate) stderr: String,
    /// The exit status.
    pub(crate) code: i32,
}

impl Portcullis {
    /// Nothing in the environment but `PATH`, a fresh home, no colour, no instance metadata.
    pub(crate) fn new() -> Self {
        let dir = TempDir::with_prefix("portcullis-").expect("make a working directory");
        let home = dir.path().join(".home");
        std::fs::create_dir(&home).expect("make a home directory");
        let text = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
        let path = std::env::var("PATH").expect("PATH");
        let environment = [
            ("PATH", path.as_str()),
            ("HOME", &text(&home)),
            ("TMPDIR", &text(dir.path())),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_COLOR", "1"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { dir, environment }
    }

    /// With credentials, a region and an endpoint that reaches all services.
    pub(crate) fn aws(endpoint: &str, credentials: &Credentials) -> Self {
        let run = Self::new()
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", &credentials.key)
            .env("AWS_SECRET_ACCESS_KEY", &credentials.secret);
        match &credentials.token {
            Some(token) => run.env("AWS_SESSION_TOKEN", token),
            None => run,
        }
    }

    /// Set a variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The working directory.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Write a file into the working directory.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.dir().join(name), text).expect("write a file for the run");
        self
    }

    /// Run to the end and check the exit status.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, expected: i32) -> Output {
        let run = assert_cmd::cargo::cargo_bin_cmd!("portcullis")
            .args(args)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(self.dir())
            .timeout(TIMEOUT)
            .output()
            .expect("run the program");
        let output = Output {
            stdout: String::from_utf8(run.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(run.stderr).expect("UTF-8 on stderr"),
            code: run.status.code().unwrap_or(-1),
        };
        output.check(expected);
        output
    }

    /// The command, to be started in another way than [`Self::run`] and [`Self::spawn`] do.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(args).env_clear().envs(self.environment.iter().cloned()).current_dir(self.dir());
        command
    }

    /// Start it and talk to it; see [`Running`].
    pub(crate) fn spawn<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Running {
        Running::start(&mut self.command(args))
    }
}

impl Output {
    /// The results on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{}\n{}", self.stdout, self.stderr))
    }

    fn check(&self, expected: i32) {
        let Self { stdout, stderr, code } = self;
        assert_eq!(*code, expected, "exit status {code} instead of {expected} (-1: killed)\n{stdout}\n{stderr}");
        for trace in ["panicked at", "RUST_BACKTRACE"] {
            assert!(!stderr.contains(trace), "the program panicked:\n{stderr}");
        }
    }
}

/// The program while it runs: to answer its questions, or to kill it halfway. Killed when dropped. Keep its stderr
/// short (`--quiet`): it is read only at the end.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    read: String,
    said: Vec<u8>,
}

impl Running {
    /// Start a command.
    pub(crate) fn start(command: &mut Command) -> Self {
        let _alone = one_start_at_a_time();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start the program");
        let stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        Self { child, stdout, read: String::new(), said: Vec::new() }
    }

    /// Read stdout up to the first line that contains `text`, and return that line.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.stdout.read_line(&mut line).expect("read stdout");
            assert!(length > 0, "stdout ended without `{text}`:\n{}", self.read);
            self.read.push_str(&line);
            if line.contains(text) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Read stderr until it has `text` in it, and return it so far.
    pub(crate) fn stderr_with(&mut self, text: &str) -> String {
        let mut byte = [0];
        loop {
            let said = String::from_utf8_lossy(&self.said);
            if said.contains(text) {
                return said.into_owned();
            }
            let read = self.child.stderr.as_mut().expect("its stderr").read(&mut byte).expect("read stderr");
            assert!(read > 0, "stderr ended without `{text}`:\n{said}");
            self.said.extend(byte);
        }
    }

    /// Send a line to stdin.
    pub(crate) fn send(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("its stdin");
        writeln!(stdin, "{line}").expect("write to stdin");
    }

    /// Send it a signal by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("run kill");
        assert!(sent.success(), "the program is gone already");
    }

    /// Kill it now.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("kill the program");
        self.child.wait().expect("wait for the program");
    }

    /// End stdin, wait for the end and check the exit status. Stdout holds all of it, read lines included.
    pub(crate) fn finish(mut self, expected: i32) -> Output {
        drop(self.child.stdin.take());
        self.wait(expected)
    }

    /// Send it a signal, wait for the end and check the exit status, as [`Self::finish`] does; stdin stays open.
    pub(crate) fn end_by(self, signal: &str, expected: i32) -> Output {
        self.signal(signal);
        self.wait(expected)
    }

    fn wait(mut self, expected: i32) -> Output {
        let mut stdout = std::mem::take(&mut self.read);
        self.stdout.read_to_string(&mut stdout).expect("read stdout");
        let mut stderr = std::mem::take(&mut self.said);
        self.child.stderr.take().expect("its stderr").read_to_end(&mut stderr).expect("read stderr");
        let stderr = String::from_utf8(stderr).expect("UTF-8 on stderr");
        let code = self.child.wait().expect("wait for the program").code().unwrap_or(-1);
        let output = Output { stdout, stderr, code };
        output.check(expected);
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
