//! The policy files of the command line.

use crate::iam::{Document, Policy};
use crate::yaml::{Code, Diagnostic, SourceFile};

use super::super::exit::Failure;

/// Reads files and keeps what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Files {
    problems: Vec<Diagnostic>,
}

impl Files {
    /// The policy at `path`, called by that path; none if it is wrong.
    pub(super) fn read(&mut self, path: &str) -> Option<Policy> {
        match document(path) {
            Ok(document) => Some(Policy::new(path, &document)),
            Err(problem) => {
                // The same file for two layers is wrong once.
                if !self.problems.contains(&problem) {
                    self.problems.push(*problem);
                }
                None
            }
        }
    }

    /// Whether all files were right.
    ///
    /// # Errors
    ///
    /// Every problem of every file.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.problems.is_empty() { Ok(()) } else { Err(Failure::Diagnostics(self.problems)) }
    }
}

fn document(path: &str) -> Result<Document, Box<Diagnostic>> {
    let source = SourceFile::read(path)?;
    Document::parse(&source.text).map_err(|error| {
        let line_start: usize =
            source.text.split_inclusive('\n').take(error.line.saturating_sub(1)).map(str::len).sum();
        let at = (line_start + error.column.saturating_sub(1)).min(source.text.len());
        Box::new(Diagnostic {
            code: Code::Syntax,
            span: at..at,
            source,
            message: error.message,
            label: String::new(),
            help: None,
        })
    })
}
