//! Virtual environments for the emulators, made once under `target/test-servers` and shared by every test process.
//!
//! The name of the directory carries the pinned version, so a new pin is a new environment. A lock file keeps parallel
//! processes (nextest runs each test in its own) from building the same one twice; a marker written last tells a
//! finished environment from one whose making was interrupted, which is made again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What moto's environment holds: the server, and boto3 with it.
const MOTO: (&str, &str) = ("moto-5.2.5", "moto[server]==5.2.5");
/// ministack, apart, since the two pin different versions of botocore.
const MINISTACK: (&str, &str) = ("ministack-1.5.33", "ministack==1.5.33");

/// A finished virtual environment.
#[derive(Debug, Clone)]
pub(crate) struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// The environment with moto's server and boto3.
    pub(crate) fn moto() -> Self {
        Self::ensure(MOTO)
    }

    /// The environment with ministack.
    pub(crate) fn ministack() -> Self {
        Self::ensure(MINISTACK)
    }

    /// Its Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.dir.join("bin/python")
    }

    fn ensure((name, requirement): (&str, &str)) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("test-servers");
        fs::create_dir_all(&home).expect("create target/test-servers");
        let venv = Self { dir: home.join(name) };
        if venv.is_complete() {
            return venv;
        }
        let lock = File::create(home.join(format!("{name}.lock"))).expect("create the lock file");
        lock.lock().expect("lock the virtual environment");
        if !venv.is_complete() {
            venv.build(requirement);
        }
        venv
    }

    fn marker(&self) -> PathBuf {
        self.dir.join(".complete")
    }

    fn is_complete(&self) -> bool {
        self.marker().exists()
    }

    fn build(&self, requirement: &str) {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir).expect("remove a half-made virtual environment");
        }
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&self.dir));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement];
        succeed(Command::new(self.python()).args(pip));
        fs::write(self.marker(), requirement).expect("mark the virtual environment as complete");
    }
}

/// The scripts that run inside the environments.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(name)
}

/// Run a command of the making; its output is in the panic if it fails.
fn succeed(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("the integration tests need python3 with venv and pip: {command:?}: {error}"));
    assert!(
        output.status.success(),
        "making a virtual environment failed: {command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
