//! Snapshot files: the facts of one scan, to be judged again later, offline.
//!
//! Format v1 is JSON Lines: a header ([`Header`]), then one [`AccountFacts`] a line. A file whose name ends in `.zst` is
//! compressed with Zstandard. The header says how many accounts follow, so that a file that was cut off is noticed
//! even where the cut falls between two lines. May use `model`; where files are put is the caller's business.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::model::AccountFacts;
use crate::model::snapshot::{Header, SCHEMA};
use crate::model::untrusted::Untrusted;

/// The longest line that is read, in bytes: an account of 5,000 users takes some 15 MB.
const MAX_LINE: u64 = 512 * 1024 * 1024;

/// What is wrong with a line that has no end.
const CUT_OFF: &str = "ends in the middle of an account: the file was cut off; take the snapshot again";

/// Why a snapshot could not be read. Line 0 stands for the file as a whole.
#[derive(Debug, thiserror::Error)]
#[error("snapshot `{}`{}: {message}", path.display(), place(*line))]
pub struct SnapshotError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

fn place(line: usize) -> String {
    if line == 0 { String::new() } else { format!(" line {line}") }
}

/// A snapshot being read: its header, and an iterator over its raw account lines.
pub struct Reader {
    path: PathBuf,
    header: Header,
    input: Box<dyn BufRead + Send>,
    line: usize,
    seen: usize,
    failed: bool,
}

/// An account line that has not been parsed yet.
pub struct RawAccount {
    path: PathBuf,
    line: usize,
    text: String,
}

impl Reader {
    /// Opens the snapshot at `path` and reads its header.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or does not begin with the header of a v1 snapshot.
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        let whole = |message: String| SnapshotError { path: path.to_owned(), line: 0, message };
        let file = File::open(path).map_err(|error| whole(format!("could not be opened: {error}")))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(whole("is a directory, not a snapshot file".to_owned()));
        }
        let input: Box<dyn BufRead + Send> = if is_compressed(path) {
            let decoder = zstd::Decoder::new(file).map_err(|error| whole(format!("could not be opened: {error}")))?;
            Box::new(BufReader::with_capacity(1 << 16, decoder))
        } else {
            Box::new(BufReader::with_capacity(1 << 16, file))
        };
        let header = Header {
            schema: String::new(),
            version: String::new(),
            run_id: String::new(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            accounts: 0,
            facts: Vec::new(),
            notices: Vec::new(),
        };
        let mut reader = Self { path: path.to_owned(), header, input, line: 0, seen: 0, failed: false };
        reader.header = reader.read_header()?;
        Ok(reader)
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    fn read_header(&mut self) -> Result<Header, SnapshotError> {
        let Some(text) = self.read_line()? else {
            return Err(self.error("the file is empty".to_owned()));
        };
        let value: serde_json::Value = serde_json::from_str(&text)
            .map_err(|_| self.error("is not the header of a portcullis snapshot; is this another file?".to_owned()))?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {}
            Some(other) if other.starts_with("portcullis/snapshot/") => {
                let other = Untrusted(other);
                return Err(self.error(format!("has the schema `{other}`; this version reads `{SCHEMA}`")));
            }
            _ => {
                let message = format!("is not the header of a portcullis snapshot: no `\"schema\": \"{SCHEMA}\"`");
                return Err(self.error(message));
            }
        }
        serde_json::from_value(value)
            .map_err(|error| self.error(format!("the header is not right: {}", reason(&error))))
    }

    fn read_line(&mut self) -> Result<Option<String>, SnapshotError> {
        self.line += 1;
        let mut bytes = Vec::new();
        let mut limited = io::Read::take(&mut self.input, MAX_LINE);
        limited.read_until(b'\n', &mut bytes).map_err(|error| SnapshotError {
            path: self.path.clone(),
            line: self.line,
            message: format!("could not be read, the file is cut off or damaged: {error}"),
        })?;
        if bytes.is_empty() {
            return Ok(None);
        }
        String::from_utf8(bytes).map(Some).map_err(|_| self.error("is not UTF-8 text".to_owned()))
    }

    fn next_account(&mut self) -> Result<Option<RawAccount>, SnapshotError> {
        let expected = self.header.accounts;
        let Some(text) = self.read_line()? else {
            if self.seen == expected {
                return Ok(None);
            }
            let seen = self.seen;
            return Err(self.error(format!(
                "the file ends after {seen} of {expected} accounts: it was cut off; take the snapshot again"
            )));
        };
        if self.seen == expected {
            return Err(self.error(format!("there are more lines than the {expected} accounts of the header")));
        }
        self.seen += 1;
        if self.seen < expected && !text.ends_with('\n') {
            return Err(self.error(CUT_OFF.to_owned()));
        }
        Ok(Some(RawAccount { path: self.path.clone(), line: self.line, text }))
    }

    fn error(&self, message: String) -> SnapshotError {
        SnapshotError { path: self.path.clone(), line: self.line, message }
    }
}

impl Iterator for Reader {
    type Item = Result<RawAccount, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_account();
        self.failed = next.is_err();
        next.transpose()
    }
}

impl RawAccount {
    /// Parses the line.
    ///
    /// # Errors
    ///
    /// If it is not an account, naming line and column.
    pub fn parse(&self) -> Result<AccountFacts, SnapshotError> {
        serde_json::from_str(&self.text).map_err(|error| {
            let message = if self.text.trim().is_empty() {
                "is empty; every line but the first is an account".to_owned()
            } else if error.is_eof() {
                CUT_OFF.to_owned()
            } else {
                format!("is not an account: {}", reason(&error))
            };
            self.problem(message)
        })
    }

    /// A problem of this line.
    #[must_use]
    pub fn problem(&self, message: String) -> SnapshotError {
        SnapshotError { path: self.path.clone(), line: self.line, message }
    }

    /// The number of this line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }
}

/// The JSON library's message, which may quote the file, without its own line number: it is always 1 here.
fn reason(error: &serde_json::Error) -> String {
    let text = Untrusted(&error.to_string()).to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(message) if error.column() > 0 => format!("{message} at column {}", error.column()),
        Some(message) => message.to_owned(),
        None => text,
    }
}

/// Whether the snapshot at `path` is compressed: its name ends in `.zst`.
#[must_use]
pub fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zst")
}

/// Writes a snapshot, account by account as they come.
///
/// # Errors
///
/// If `out` cannot be written or `accounts` yields an error, which ends the snapshot.
pub fn write(
    out: &mut dyn Write,
    compressed: bool,
    header: &Header,
    accounts: impl IntoIterator<Item = io::Result<AccountFacts>>,
) -> io::Result<()> {
    if compressed {
        let mut encoder = zstd::Encoder::new(out, 3)?;
        write_lines(&mut encoder, header, accounts)?;
        encoder.finish()?.flush()
    } else {
        write_lines(out, header, accounts)?;
        out.flush()
    }
}

fn write_lines(
    out: &mut dyn Write,
    header: &Header,
    accounts: impl IntoIterator<Item = io::Result<AccountFacts>>,
) -> io::Result<()> {
    write_line(out, header)?;
    for account in accounts {
        write_line(out, &account?)?;
    }
    Ok(())
}

fn write_line(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
