//! Where reports go. The only place of the program that replaces files. Uses only the standard library and `tempfile`.
//!
//! A file is replaced whole or not at all: whoever reads it while we write sees the old one, and a full disk or a kill
//! leaves the old one in place.

use std::error::Error;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many symbolic links in a row are followed; Linux itself stops at 40.
const MAX_LINKS: usize = 40;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write `{}`", path.display())]
pub struct SinkError {
    /// The path as the user gave it.
    pub path: PathBuf,
    /// The cause.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

/// Replaces the file at `path` by what `fill` writes, atomically and durably.
///
/// A symbolic link stays and its target is replaced; a pipe or device (`/dev/stdout`) is written as it is. A new file
/// has the permissions that the umask leaves, a replaced one keeps its own.
///
/// # Errors
/// If `fill` fails or the file cannot be written; a file that was there is then unchanged.
pub fn replace_file<E>(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), SinkError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let fill = |out: &mut dyn Write| fill(out).map_err(Into::into);
    let written = match destination(path) {
        Ok(Destination::Stream) => stream(path, fill),
        Ok(Destination::File(target, old)) => replace(&target, old.as_ref(), fill),
        Err(error) => Err(error.into()),
    };
    written.map_err(|source| SinkError { path: path.to_owned(), source })
}

/// Replaces the file at `path` by a secret, atomically and durably: the file can be read by its owner only, also where
/// the one before could be by others. A symbolic link stays and its target is replaced.
///
/// # Errors
/// If the file cannot be written, or no file stands there; a file that was there is then unchanged.
pub fn replace_private_file(path: &Path, secret: &[u8]) -> Result<(), SinkError> {
    let written = match destination(path) {
        Ok(Destination::Stream) => Err(io::Error::other("it is no file").into()),
        Ok(Destination::File(target, _)) => replace_private(&target, secret).map_err(Into::into),
        Err(error) => Err(error.into()),
    };
    written.map_err(|source| SinkError { path: path.to_owned(), source })
}

/// Replaces what stands at `path` itself by a secret, as [`replace_private_file`] does, but follows no symbolic link: a
/// link is replaced too. For files whose name this program chose, where nobody can have meant another file.
///
/// # Errors
/// If the file cannot be written, or a directory stands there.
pub fn replace_own_private_file(path: &Path, secret: &[u8]) -> Result<(), SinkError> {
    replace_private(path, secret).map_err(|error| SinkError { path: path.to_owned(), source: error.into() })
}

/// Makes sure that [`replace_file`] may write beside `path`. Leaves nothing behind.
///
/// # Errors
/// If it may not, or the directory does not exist.
pub fn check(path: &Path) -> Result<(), SinkError> {
    let checked = match destination(path) {
        Ok(Destination::File(target, _)) => tempfile::tempfile_in(directory(&target)).map(drop),
        Ok(Destination::Stream) => Ok(()),
        Err(error) => Err(error),
    };
    checked.map_err(|error| SinkError { path: path.to_owned(), source: error.into() })
}

/// What stands at a path.
enum Destination {
    /// A file to be replaced, symbolic links followed, and what is known of it if it exists.
    File(PathBuf, Option<Metadata>),
    /// Something that can only be written to.
    Stream,
}

/// Finds what stands at `path`.
fn destination(path: &Path) -> io::Result<Destination> {
    let old = match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Ok(Destination::Stream),
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        // `/dev/stdout` may lead to a file, but it is a stream that someone else opened.
        if target.starts_with("/dev") || target.starts_with("/proc") {
            return Ok(Destination::Stream);
        }
        match fs::read_link(&target) {
            Ok(link) => target = directory(&target).join(link),
            Err(_) => return Ok(Destination::File(target, old)),
        }
    }
    Err(io::Error::other("too many symbolic links; name the file itself"))
}

/// The directory that holds `path`.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// The outcome of writing, before the path is named.
type Written = Result<(), Box<dyn Error + Send + Sync>>;

/// Writes to the pipe or device at `path`.
fn stream(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Written) -> Written {
    let mut out = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    fill(&mut out)?;
    out.flush()?;
    Ok(())
}

/// Writes a file beside `target` and puts it in its place.
fn replace(target: &Path, old: Option<&Metadata>, fill: impl FnOnce(&mut dyn Write) -> Written) -> Written {
    let home = directory(target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".portcullis-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut made = builder.tempfile_in(home)?;
    if let Some(old) = old {
        made.as_file().set_permissions(old.permissions())?;
    }
    let mut out = BufWriter::new(made.as_file_mut());
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    put_in_place(made, target)?;
    Ok(())
}

/// Writes a file that only its owner can read beside `target` and puts it in its place. Nothing is buffered: a buffer
/// would keep a copy of the secret.
fn replace_private(target: &Path, secret: &[u8]) -> io::Result<()> {
    let mut made = tempfile::Builder::new().prefix(".portcullis-").tempfile_in(directory(target))?;
    // A umask may take away what the owner needs, never add what others must not have.
    #[cfg(unix)]
    made.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    made.as_file_mut().write_all(secret)?;
    put_in_place(made, target)
}

fn put_in_place(made: tempfile::NamedTempFile, target: &Path) -> io::Result<()> {
    made.as_file().sync_all()?;
    made.persist(target).map_err(|failed| failed.error)?;
    // Without this a power cut may bring the old file back. Directories cannot be opened on Windows.
    if cfg!(unix) {
        File::open(directory(target))?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn put(path: &Path, text: &str) -> Result<(), SinkError> {
        replace_file(path, |out| out.write_all(text.as_bytes()))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_has_the_permissions_that_the_umask_leaves() {
        let home = tempfile::tempdir().unwrap();
        let ordinary = home.path().join("ordinary");
        fs::write(&ordinary, "").unwrap();
        let path = home.path().join("report.html");
        put(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(mode(&path), mode(&ordinary));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("report.html");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        put(&path, "new").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o600));
    }

    #[test]
    fn a_private_file_is_for_its_owner_only_whatever_was_there() {
        let home = tempfile::tempdir().unwrap();
        let (path, link) = (home.path().join("t"), home.path().join("l"));
        symlink(&path, &link).unwrap();
        replace_private_file(&link, b"secret").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("secret", 0o600));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace_private_file(&link, b"another").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("another", 0o600));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "no temporary file stays");
        assert!(replace_private_file(Path::new("/dev/null"), b"").is_err());
    }

    #[test]
    fn a_link_in_place_of_a_private_file_of_ours_is_replaced_and_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let (victim, path) = (home.path().join("victim"), home.path().join("kept"));
        fs::write(&victim, "theirs").unwrap();
        symlink(&victim, &path).unwrap();
        replace_own_private_file(&path, b"secret").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "theirs");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("secret", 0o600));
        assert!(replace_own_private_file(home.path(), b"secret").is_err());
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_names_the_path() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("report.html");
        fs::write(&path, "old").unwrap();
        let failed = replace_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("no space left on device"))
        });
        let error = failed.unwrap_err();
        assert!(error.to_string().ends_with("report.html`"), "{error}");
        assert_eq!(error.source.to_string(), "no space left on device");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_stay_and_their_target_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let (target, link, outer) = (other.path().join("t"), home.path().join("l"), home.path().join("m"));
        symlink(&target, &link).unwrap();
        symlink("l", &outer).unwrap();
        put(&outer, "through a link to nothing").unwrap();
        put(&outer, "again").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "again");
        assert!(
            fs::symlink_metadata(&link).unwrap().is_symlink() && fs::symlink_metadata(&outer).unwrap().is_symlink()
        );
    }

    #[test]
    fn links_in_a_circle_and_missing_directories_are_errors() {
        let home = tempfile::tempdir().unwrap();
        let circle = home.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(put(&circle, "").is_err());
        assert!(put(&home.path().join("no/such/report.html"), "").is_err());
        assert!(put(home.path(), "").is_err(), "a directory is no file");
    }

    #[test]
    fn devices_are_written_not_replaced() {
        put(Path::new("/dev/null"), "gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
