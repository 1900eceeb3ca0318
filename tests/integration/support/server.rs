//! The emulators: moto, which knows organizations and many accounts but lets everyone do everything, and ministack,
//! which decides by policies.
//!
//! A server is killed when its value is dropped, and ends by itself when this process does: its standard input is a
//! leash that only we hold (see `tests/servers/serve.py`). What it printed is in a log under `target/tmp`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::boto::Credentials;
use super::python::{Venv, script};
use super::terminal::one_start_at_a_time;

/// Longer than any start seen on a busy machine of two cores.
const START: Duration = Duration::from_mins(1);

/// A running emulator process.
#[derive(Debug)]
struct Server {
    child: Child,
    port: u16,
    health: &'static str,
    log: PathBuf,
    /// Home and directory of temporary files, of this server alone.
    _home: TempDir,
}

impl Server {
    fn start(name: &str, venv: &Venv, health: &'static str, environment: &[(&str, &str)]) -> Self {
        let log = log_path(name);
        let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("make the server's home");
        let alone = one_start_at_a_time();
        let mut child = Command::new(venv.python())
            .arg(script("serve.py"))
            .arg(name)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TMPDIR", home.path())
            .env("HOME", home.path())
            .current_dir(home.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("create the server's log"))
            .spawn()
            .expect("start the server");
        drop(alone);
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("the server's output")).read_line(&mut line).expect("read its port");
        let mut server = Self { child, port: line.trim().parse().unwrap_or(0), health, log, _home: home };
        server.wait_until_it_answers();
        server
    }

    fn wait_until_it_answers(&mut self) {
        let deadline = Instant::now() + START;
        while self.port == 0 || !self.answers() {
            let ended = self.child.try_wait().expect("look at the server");
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            assert!(ended.is_none(), "the server ended ({ended:?}); {}:\n{log}", self.log.display());
            assert!(Instant::now() < deadline, "the server does not answer; {}:\n{log}", self.log.display());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        http(self.port, "GET", self.health, "", "").is_ok()
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server's log: {}", self.log.display());
        } else {
            let _ = fs::remove_file(&self.log);
        }
    }
}

/// moto: Organizations, STS and IAM of any number of accounts. It maps an access key to the account that made it
/// (users' keys, and keys from `AssumeRole` to the account in the role's ARN, whether or not the role exists) and every
/// unknown key to [`Moto::ACCOUNT`]. It checks no signature and no permission, and takes an unsigned request for one to
/// S3.
#[derive(Debug)]
pub(crate) struct Moto(Server);

impl Moto {
    /// The account of every key that moto does not know; the management account of a seeded organization.
    pub(crate) const ACCOUNT: &str = "123456789012";

    /// Start an empty moto.
    pub(crate) fn start() -> Self {
        Self(Server::start("moto", &Venv::moto(), "/harness/ping", &[]))
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        self.0.endpoint()
    }

    /// Its port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// Set what IAM has no call for, such as `{"account", "path": ["users", NAME], "set": {"create_date": TIME}}`, or
    /// path `["access_keys", ID]` with `create_date` and `last_used` `{timestamp, service, region}`, or
    /// `["account_summary"]` with `_account_mfa_enabled`.
    pub(crate) fn edit(&self, changes: &[Value]) {
        self.harness("/harness/edit", &json!(changes));
    }

    /// Make one call of IAM that must succeed, with parameters as the query protocol has them. Much faster than boto3,
    /// which takes a third of a second to start; moto asks for a signature but does not check it.
    pub(crate) fn iam(&self, access_key: &str, action: &str, params: &[(&str, &str)]) {
        iam(self.0.port, access_key, action, params);
    }

    /// Call one of `serve.py`'s own routes.
    pub(crate) fn harness(&self, path: &str, body: &Value) -> Value {
        let answer = http(self.0.port, "POST", path, "", &body.to_string()).expect("moto answers");
        let answer: Value = serde_json::from_str(&answer).expect("the harness answers JSON");
        assert!(answer.get("error").is_none(), "{path}: {answer}");
        answer
    }
}

/// One call of IAM on moto's `port` that must succeed, from wherever a test is: see [`Moto::iam`].
pub(crate) fn iam(port: u16, access_key: &str, action: &str, params: &[(&str, &str)]) {
    let scope = format!("{access_key}/20260101/us-east-1/iam/aws4_request");
    let headers = format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    );
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let params = params.iter().map(|(name, value)| format!("&{name}={}", encode(value)));
    let form = format!("Action={action}&Version=2010-05-08{}", params.collect::<String>());
    let answer = http(port, "POST", "/", &headers, &form).expect("moto answers");
    assert!(answer.contains(&format!("<{action}Response")), "{action}: {answer}");
}

/// ministack: one small IAM and STS that, with `auth`, decides every call by policies. It refuses unknown keys but
/// checks no signature of IAM and STS calls: any secret will do.
#[derive(Debug)]
pub(crate) struct Ministack(Server);

impl Ministack {
    /// The account of [`Ministack::root`].
    pub(crate) const ACCOUNT: &str = "000000000000";

    /// Start it, deciding by policies if `auth`, else letting everyone do everything.
    pub(crate) fn start(auth: bool) -> Self {
        let auth = if auth { "true" } else { "false" };
        Self(Server::start("ministack", &Venv::ministack(), "/_ministack/health", &[("AUTH", auth)]))
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        self.0.endpoint()
    }

    /// Its port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// The root user of [`Ministack::ACCOUNT`], with which to make the first users. A twelve-digit access key id with
    /// the same secret is the root user of the account of that number.
    pub(crate) fn root() -> Credentials {
        Credentials::new("test", "test")
    }
}

fn log_path(name: &str) -> PathBuf {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let serial = STARTED.fetch_add(1, Ordering::Relaxed);
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{serial}.log", std::process::id()))
}

/// A plain HTTP request; the body of the answer, whatever its status.
pub(crate) fn http(port: u16, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(START))?;
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n")?;
    write!(stream, "{headers}Content-Length: {length}\r\n\r\n{body}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
}
