//! Whoever sits at the terminal, or the program at the other end of the pipes.

use std::io;

use zeroize::Zeroizing;

use crate::aws::Secret;
use crate::console;
use crate::enroll::Person;

/// The longest line that is read: longer ones hold no code and no seed.
const LONGEST: usize = 4096;

/// The terminal of the program.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    /// Whether only questions and errors are told.
    pub(crate) quiet: bool,
}

impl Person for Terminal {
    fn tell(&mut self, text: &str) {
        if !self.quiet {
            console::err(text);
        }
    }

    fn show(&mut self, data: &Secret) -> io::Result<()> {
        console::out_unbuffered(data.expose())
    }

    async fn ask(&mut self, prompt: &str) -> io::Result<Option<Secret>> {
        console::err(prompt);
        tokio::task::spawn_blocking(|| {
            let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
            if !console::read_line(&mut line, LONGEST)? {
                return Ok(None);
            }
            let text = std::str::from_utf8(&line).map_err(|_| io::Error::other("the input is not UTF-8"))?;
            Ok(Some(Secret::new(text.to_owned())))
        })
        .await
        .map_err(io::Error::other)?
    }
}
