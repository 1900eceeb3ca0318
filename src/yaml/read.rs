//! Files that people wrote, read from disk.

use std::fs;

use super::MAX_BYTES;
use super::diagnostic::{Code, Diagnostic, SourceFile};

impl SourceFile {
    /// Reads the file at `path`, which has to be UTF-8 text of at most [`MAX_BYTES`] bytes.
    ///
    /// # Errors
    ///
    /// If it is not, or cannot be read.
    pub fn read(path: &str) -> Result<Self, Box<Diagnostic>> {
        let failed = |error: std::io::Error| Box::new(Diagnostic::of_file(path, &error.to_string()));
        let size = fs::metadata(path).map_err(failed)?.len();
        if size > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
            return Err(Diagnostic::of_file(path, &format!("it is larger than {MAX_BYTES} bytes")).into());
        }
        match String::from_utf8(fs::read(path).map_err(failed)?) {
            Ok(text) => Ok(Self::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text))),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                Err(Box::new(Diagnostic {
                    code: Code::Unreadable,
                    source: Self::new(path, &String::from_utf8_lossy(error.as_bytes())),
                    span: valid..valid + 1,
                    message: "the file is not UTF-8 text".to_owned(),
                    label: "first byte that is not".to_owned(),
                    help: Some("save it as UTF-8".to_owned()),
                }))
            }
        }
    }
}

impl Diagnostic {
    /// A problem of a whole file that could not be read.
    #[must_use]
    pub fn of_file(path: &str, reason: &str) -> Self {
        Self {
            code: Code::Unreadable,
            source: SourceFile::new(path, ""),
            span: 0..0,
            message: format!("the file could not be read: {reason}"),
            label: String::new(),
            help: None,
        }
    }
}
