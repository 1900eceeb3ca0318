//! The password on its one way out: a line on stdout, or a file that was not there before.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::aws::Secret;
use crate::console;
use crate::model::untrusted::Untrusted;
use crate::onboard::Delivery;

use super::super::exit::Failure;

/// Shows it once on stdout.
pub(super) struct ToStdout<'a> {
    /// Whose it is.
    pub(super) user: &'a str,
}

impl Delivery for ToStdout<'_> {
    fn before(&mut self, _: &Secret) -> io::Result<()> {
        Ok(())
    }

    fn after(&mut self, password: &Secret) -> io::Result<()> {
        console::err(&format!("the console password of {}, shown this once, is on stdout:\n", self.user));
        // Also that nobody reads the pipe is a failure here: then nobody knows the password.
        let mut shown = Ok(());
        console::out_with(|stdout| {
            shown = line(stdout, password);
            Ok(())
        })?;
        shown
    }

    fn withdraw(&mut self) {}
}

/// Writes it to a file for the caller's eyes only, which must not exist.
pub(super) struct ToFile {
    path: PathBuf,
    /// Whether there is a file, and it is ours.
    is_made: bool,
}

impl ToFile {
    /// A file that is made once there is a password: a run that is killed before leaves none in the way of the next.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), is_made: false }
    }
}

/// Makes sure that a file for the password can be made. Leaves nothing behind.
///
/// # Errors
///
/// If it exists or cannot be made.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let made = match path.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => tempfile::tempfile_in(folder).map(drop),
    };
    made.map_err(|error| unwritable(path, &error))
}

impl Delivery for ToFile {
    fn before(&mut self, password: &Secret) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        self.is_made = true;
        line(&mut file, password)?;
        file.sync_all()
    }

    fn after(&mut self, _: &Secret) -> io::Result<()> {
        let path = self.path.display().to_string();
        console::err(&format!("the console password is in {}, which only you can read\n", Untrusted(&path)));
        Ok(())
    }

    fn withdraw(&mut self) {
        if self.is_made
            && let Err(error) = fs::remove_file(&self.path)
        {
            let path = self.path.display().to_string();
            console::err(&format!("warning: {} could not be removed: {error}\n", Untrusted(&path)));
        }
    }
}

/// Nothing to be delivered.
pub(super) struct Nothing;

impl Delivery for Nothing {
    fn before(&mut self, _: &Secret) -> io::Result<()> {
        Ok(())
    }

    fn after(&mut self, _: &Secret) -> io::Result<()> {
        Ok(())
    }

    fn withdraw(&mut self) {}
}

/// Why a file for the password cannot be made.
fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display().to_string();
    let (message, help) = if error.kind() == io::ErrorKind::AlreadyExists {
        (
            format!("{} exists already, and a password replaces nothing", Untrusted(&path)),
            "name another --password-file",
        )
    } else {
        (format!("{} could not be made: {error}", Untrusted(&path)), "name a --password-file that can be made")
    };
    Failure::Run { message: format!("{message}; nothing was done"), help: Some(help.to_owned()) }
}

fn line(out: &mut dyn Write, password: &Secret) -> io::Result<()> {
    out.write_all(password.expose().as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
