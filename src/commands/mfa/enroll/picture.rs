//! The QR code on its way to an authenticator app: on the terminal, or in a file that only its owner can read.

use std::io::{self, Write};
use std::path::Path;

use crate::cli::Theme;
use crate::console;
use crate::enroll::Person;
use crate::enroll::qr::{Picture, QrError};
use crate::model::untrusted::Untrusted;

use super::super::super::exit::Failure;

/// Columns where there is no terminal.
const COLUMNS: usize = 80;

/// Shows the code, or waits until the window is wide enough for it. Whether it was shown: not if the input ended.
///
/// # Errors
///
/// If it cannot be drawn or written.
pub(super) async fn show(picture: &Picture, theme: Theme, person: &mut impl Person) -> Result<bool, Failure> {
    loop {
        let columns = console::stdout_width().map_or(COLUMNS, usize::from);
        match picture.blocks(columns, is_dark(theme, std::env::var("COLORFGBG").ok().as_deref())) {
            Ok(blocks) => {
                person.show(&blocks).map_err(|error| unshown(&error))?;
                return Ok(true);
            }
            Err(error @ QrError::TooNarrow { .. }) => {
                person.tell(&format!(
                    "{error}: make it wider or its letters smaller. Or end this with Ctrl-C, and use --qr-png FILE or \
                     --show-secret.\n"
                ));
                let answer = person.ask("Press Enter when it is wider. ").await.map_err(|error| unshown(&error))?;
                if answer.is_none() {
                    return Ok(false);
                }
            }
            Err(error) => return Err(unshown(&error)),
        }
    }
}

/// The failure where the terminal or pipe does not take the code, or the secret.
pub(super) fn unshown(error: &dyn std::error::Error) -> Failure {
    Failure::Undone { message: format!("the secret could not be shown: {error}"), help: None }
}

/// Makes sure that [`write()`] can write to `path`, before there is anything to be written. Leaves nothing behind.
///
/// # Errors
///
/// If it cannot, or there is a file already.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let made = match path.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => tempfile::tempfile_in(folder(path)).map(drop),
    };
    made.map_err(|error| Failure::Run {
        message: format!("{}; nothing was done", unwritable(path, &error)),
        help: Some("name another file with --qr-png".to_owned()),
    })
}

/// Writes the code as a PNG that only its owner can read, whole or not at all.
///
/// # Errors
///
/// If it cannot be written, or there is a file already.
pub(super) fn write(picture: &Picture, path: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Undone { message: unwritable(path, &error), help: None };
    let png = picture.png().map_err(failed)?;
    // Made for its owner only, on every system that knows owners.
    let mut file = tempfile::NamedTempFile::new_in(folder(path)).map_err(failed)?;
    file.write_all(&png).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist_noclobber(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("{} could not be written: {error}", Untrusted(&path.display().to_string()))
}

/// Whether the terminal shows light text on a dark background: as it says of itself (`COLORFGBG`, the background last, by
/// its number among the 16 colours), else as most do.
fn is_dark(theme: Theme, says: Option<&str>) -> bool {
    match theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::Auto => !matches!(says.and_then(|says| says.rsplit(';').next()), Some("7" | "15")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_says_itself_whether_it_is_dark() {
        for (says, dark) in [(None, true), (Some("15;0"), true), (Some("0;default;15"), false), (Some("0;7"), false)] {
            assert_eq!(is_dark(Theme::Auto, says), dark, "{says:?}");
            assert!(is_dark(Theme::Dark, says) && !is_dark(Theme::Light, says));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_picture_is_for_its_owner_and_replaces_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("qr.png");
        let picture = Picture::of(&crate::aws::Secret::new("otpauth://totp/x?secret=AAAA".to_owned())).unwrap();
        write(&picture, &path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write(&picture, &path).unwrap_err().render(false).contains("could not be written"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
