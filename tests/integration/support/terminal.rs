//! The program on a terminal of its own (a pseudo-terminal), as somebody at a keyboard has it: what it shows is read,
//! what it asks is answered. Its stdout and stderr are one there, as on any terminal.

use std::io::{ErrorKind, Write};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;

/// Long enough for any run of a test on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(2);

/// What a terminal's read fails with on Linux once nobody has its other end open.
const EIO: i32 = 5;

/// What Ctrl-C sends: the terminal makes an interrupt of it.
pub(crate) const CTRL_C: &[u8] = &[3];

/// What Ctrl-D sends: at the beginning of a line, the terminal makes an end of input of it.
pub(crate) const CTRL_D: &[u8] = &[4];

/// Held while a long-lived process is started: making a pseudo-terminal passes descriptors that a process which another
/// test starts at the same moment would inherit and keep open.
pub(crate) fn one_start_at_a_time() -> MutexGuard<'static, ()> {
    static STARTING: Mutex<()> = Mutex::new(());
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program on a terminal. Killed when dropped.
pub(crate) struct Terminal {
    session: OsSession,
    seen: Vec<u8>,
    /// How much of what was seen was waited for.
    read: usize,
    is_reaped: bool,
}

impl Terminal {
    /// Start a command, such as [`Portcullis::command`](super::portcullis::Portcullis::command).
    pub(crate) fn start(command: Command) -> Self {
        let _alone = one_start_at_a_time();
        let session = OsSession::spawn(command).expect("start the program on a pseudo-terminal");
        Self { session, seen: Vec::new(), read: 0, is_reaped: false }
    }

    /// Make its window so wide.
    pub(crate) fn resize(&mut self, columns: u16) {
        self.session.get_process_mut().set_window_size(columns, 60).expect("resize the window");
    }

    /// Wait until it has shown `text`, after what was waited for before; everything up to there since then, with `\n` at
    /// the ends of lines.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let new = &self.seen[self.read..];
            if let Some(at) = new.windows(text.len()).position(|window| window == text.as_bytes()) {
                let (from, to) = (self.read, self.read + at + text.len());
                self.read = to;
                return lines(&self.seen[from..to]);
            }
            assert!(Instant::now() < deadline, "`{text}` was not shown:\n{}", lines(&self.seen));
            assert!(self.more(), "it ended and did not show `{text}`:\n{}", lines(&self.seen));
        }
    }

    /// Type keys, as [`CTRL_C`].
    pub(crate) fn keys(&mut self, keys: &[u8]) {
        self.session.write_all(keys).and_then(|()| self.session.flush()).expect("type");
    }

    /// Type a line and Return.
    pub(crate) fn line(&mut self, line: &str) {
        self.keys(format!("{line}\n").as_bytes());
    }

    /// Wait for its end and check the exit status, or the signal that ended it as a shell tells it (130 for an
    /// interrupt); everything that it showed.
    pub(crate) fn finish(mut self, expected: i32) -> String {
        let deadline = Instant::now() + TIMEOUT;
        while self.more() {
            assert!(Instant::now() < deadline, "it does not end:\n{}", lines(&self.seen));
        }
        let code = match self.session.get_process().wait().expect("wait for the program") {
            WaitStatus::Exited(_, code) => code,
            WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
            other => panic!("it did not end: {other:?}"),
        };
        self.is_reaped = true;
        let seen = lines(&self.seen);
        assert_eq!(code, expected, "exit status {code} instead of {expected}\n{seen}");
        assert!(!seen.contains("panicked at"), "the program panicked:\n{seen}");
        seen
    }

    /// Read what there is, or wait for a moment; `false` once the program has closed the terminal.
    fn more(&mut self) -> bool {
        let mut part = [0; 4096];
        match self.session.try_read(&mut part) {
            Ok(0) => return false,
            Ok(length) => self.seen.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(10)),
            Err(error) if error.raw_os_error() == Some(EIO) => return false,
            Err(error) => panic!("read the terminal: {error}"),
        }
        true
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !self.is_reaped {
            let _ = self.session.get_process_mut().exit(true);
        }
    }
}

/// Text of a terminal, which ends lines with a carriage return too.
fn lines(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}
