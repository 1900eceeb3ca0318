//! Whoever sits in front of the program, or another program in their place.

use std::io;

use crate::aws::Secret;

/// Somebody who is told things, shown data and asked for lines.
pub trait Person {
    /// Tells them something, on stderr.
    fn tell(&mut self, text: &str);

    /// Shows data, on stdout, and sees that it is out before anything is asked.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn show(&mut self, data: &Secret) -> io::Result<()>;

    /// Asks on stderr and reads a line; `None` at the end of the input. What is typed is never logged.
    ///
    /// # Errors
    ///
    /// If the input cannot be read.
    fn ask(&mut self, prompt: &str) -> impl Future<Output = io::Result<Option<Secret>>> + Send;
}

/// Whether an answer to a yes-or-no question is a yes: only `y` and `yes` are, and the end of the input is a no.
#[must_use]
pub fn is_yes(answer: Option<&Secret>) -> bool {
    answer.is_some_and(|answer| matches!(answer.expose().trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
