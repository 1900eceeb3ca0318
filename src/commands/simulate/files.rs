//! The policy files of the command line.

use crate::iam::Policy;
use crate::yaml::Diagnostic;

use super::super::exit::Failure;
use super::super::policy_files;

/// Reads files and keeps what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Files {
    problems: Vec<Diagnostic>,
}

impl Files {
    /// The policy at `path`, called by that path; none if it is wrong.
    pub(super) fn read(&mut self, path: &str) -> Option<Policy> {
        // AWS decides by policies that it would not take today as well.
        match policy_files::read_stored(path) {
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
