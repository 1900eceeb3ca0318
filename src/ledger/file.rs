//! A ledger in a file, which one process at a time may write.
//!
//! The lock is on the file itself, so that it holds whatever path leads there, and ends with the process. `PATH.lock`
//! beside it is only a note of who holds it, for the message that another process shows.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::LedgerError;
use super::store::Store;

/// A file, locked.
#[derive(Debug)]
pub struct FileStore {
    name: String,
    path: PathBuf,
    file: File,
    existed: bool,
}

impl FileStore {
    /// Opens the file at `path`, or makes it, and locks it. `holder` is what others are told while it is locked.
    ///
    /// # Errors
    ///
    /// If another process has locked it, it is no file, or it cannot be opened, made or locked.
    pub fn open(path: &Path, holder: &str) -> Result<Self, LedgerError> {
        let name = path.display().to_string();
        let failed = |what: &str| {
            let (ledger, what) = (name.clone(), what.to_owned());
            move |source| LedgerError::Io { ledger, what, source }
        };
        let found = fs::metadata(path).ok();
        if found.as_ref().is_some_and(|found| !found.is_file()) {
            return Err(failed("cannot be opened")(io::Error::other("it is no ordinary file")));
        }
        let existed = found.is_some();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).map_err(failed("cannot be opened"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let note = fs::read_to_string(beside(path, "lock")).unwrap_or_default();
                let holder = if note.trim().is_empty() { "another process" } else { note.trim() };
                return Err(LedgerError::Locked { ledger: name, holder: holder.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed("cannot be locked")(error)),
        }
        if !existed {
            sync_directory(path).map_err(failed("cannot be made"))?;
        }
        // A note that cannot be written costs others a word of explanation, no more.
        let _ = leave_note(&beside(path, "lock"), holder);
        Ok(Self { name, path: path.to_owned(), file, existed })
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        let _ = fs::remove_file(beside(&self.path, "lock"));
    }
}

impl Store for FileStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn existed(&self) -> bool {
        self.existed
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.sync_data()
    }

    fn set_aside(&mut self, bytes: &[u8]) -> io::Result<String> {
        for number in 1_u32.. {
            let path = beside(&self.path, &format!("torn-{number}"));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(bytes)?;
                    file.sync_all()?;
                    sync_directory(&path)?;
                    return Ok(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("there are too many files of torn entries"))
    }
}

/// Writes who holds the lock. Replaces the note of a killed process, and never follows a link that stands there.
fn leave_note(path: &Path, holder: &str) -> io::Result<()> {
    let _ = fs::remove_file(path);
    writeln!(OpenOptions::new().write(true).create_new(true).open(path)?, "{holder}")
}

/// The bytes of the file at `path`, which is not locked.
///
/// # Errors
///
/// If there is none, or it cannot be read.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, LedgerError> {
    let ledger = path.display().to_string();
    fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LedgerError::Missing { ledger },
        _ => LedgerError::Io { ledger, what: "cannot be read".to_owned(), source },
    })
}

/// `PATH.extension`.
fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// Makes the name of a new file at `path` last. Directories cannot be opened on Windows.
fn sync_directory(path: &Path) -> io::Result<()> {
    let home = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or_else(|| Path::new("."));
    if cfg!(unix) { File::open(home)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests;
