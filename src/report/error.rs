//! Why a report could not be written.

use std::io;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The output took no more.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An embedded template is wrong: a defect of this build.
    #[error("could not render the template `{template}`; this is a defect of portcullis, please report it")]
    Template {
        /// Its file under `reports/`.
        template: &'static str,
        /// What the template engine says.
        #[source]
        source: Box<tera::Error>,
    },
}

impl ReportError {
    /// Whether the reader of the output went away, which is no failure for a command in a pipe.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
