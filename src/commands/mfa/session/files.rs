//! The files with keys in them: where they are, and that nobody else can read what is written.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::report::sink::{SinkError, replace_own_private_file, replace_private_file};

/// More than any credentials file has.
const LARGEST: u64 = 4 << 20;

/// The credentials file of the AWS CLI; `None` if no home is known.
pub(super) fn credentials() -> Option<PathBuf> {
    of_aws("AWS_SHARED_CREDENTIALS_FILE", "credentials")
}

/// The config file of the AWS CLI; `None` if no home is known.
pub(super) fn config() -> Option<PathBuf> {
    of_aws("AWS_CONFIG_FILE", "config")
}

fn of_aws(name: &str, usual: &str) -> Option<PathBuf> {
    match variable(name) {
        // As the SDKs read it.
        Some(path) => match path.strip_prefix("~") {
            Ok(rest) => Some(env::home_dir()?.join(rest)),
            Err(_) => Some(path),
        },
        None => Some(env::home_dir()?.join(".aws").join(usual)),
    }
}

/// The directory where sessions are kept; `None` if no home is known.
pub(super) fn cache() -> Option<PathBuf> {
    // The XDG specification: a relative path does not count.
    let base = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(env::home_dir()?.join(".cache")))?;
    Some(base.join("portcullis"))
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What is in a file; nothing if there is none.
///
/// # Errors
///
/// If it cannot be read, is no file, or is too large to be one with keys.
pub(super) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::default()),
        Err(error) => Err(error),
        Ok(found) if !found.is_file() => Err(io::Error::other("it is no file")),
        Ok(_) => whole(&File::open(path)?),
    }
}

/// What is in a file that nobody else can read; `None` if there is none.
///
/// # Errors
///
/// If others can read or write it, it is a link or no file, or it cannot be read.
pub(super) fn read_private(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(found) if !found.is_file() => return Err(io::Error::other("it is no file of ours")),
        Ok(_) => {}
    }
    let file = File::open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Of the file that was opened: the one at the path may have changed.
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            return Err(io::Error::other("others may read or write it"));
        }
    }
    whole(&file).map(Some)
}

/// All of a file, in a buffer that never moves.
fn whole(file: &File) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = file.metadata()?.len();
    if length > LARGEST {
        return Err(io::Error::other("it is too large"));
    }
    // A byte more than needed, so that reading to the end does not ask for more room.
    let room = usize::try_from(length).unwrap_or(0) + 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that only its owner can read, and the directory for it if there is none.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), SinkError> {
    make_directory(path)?;
    replace_private_file(path, bytes)
}

/// The same for a file whose name is ours: a symbolic link in its place was put there by somebody else, and is not
/// followed.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<(), SinkError> {
    make_directory(path)?;
    replace_own_private_file(path, bytes)
}

/// Makes the directory of a file for its owner only, if there is none.
fn make_directory(path: &Path) -> Result<(), SinkError> {
    let Some(directory) = path.parent() else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| SinkError { path: path.to_owned(), source: error.into() })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_written_is_for_its_owner_only() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a").join("b").join("keys");
        write(&path, b"secret").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(read_private(&path).unwrap().unwrap().as_slice(), b"secret");
        let (link, kept) = (home.path().join("link"), home.path().join("c").join("kept"));
        symlink(&path, &link).unwrap();
        keep(&link, b"session").unwrap();
        keep(&kept, b"session").unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::read(&link).unwrap()), (b"secret".to_vec(), b"session".to_vec()));
        assert_eq!((mode(&kept), mode(kept.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_file_that_others_may_read_or_write_is_not_trusted() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keys");
        assert!(read_private(&path).unwrap().is_none());
        for others in [0o640, 0o604, 0o602, 0o620, 0o644] {
            fs::write(&path, "secret").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(others)).unwrap();
            assert_eq!(read_private(&path).unwrap_err().to_string(), "others may read or write it", "{others:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let link = home.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(read_private(&path).unwrap().is_some() && read_private(&link).is_err());
        assert!(read_private(home.path()).is_err());
    }

    #[test]
    fn a_missing_file_is_empty_and_a_large_one_is_none() {
        let home = tempfile::tempdir().unwrap();
        assert!(read(&home.path().join("none")).unwrap().is_empty());
        assert!(read(home.path()).is_err());
        let large = home.path().join("large");
        File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(read(&large).is_err());
    }
}
