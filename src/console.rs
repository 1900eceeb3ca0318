//! The only place that writes to the terminal: data to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};

/// Writes data to stdout.
///
/// # Errors
///
/// If stdout cannot be written; a pipe that its reader closed is no error.
pub fn out(text: &str) -> io::Result<()> {
    out_with(|stdout| stdout.write_all(text.as_bytes()))
}

/// Writes a secret to stdout at once: no buffer keeps a copy of it.
///
/// # Errors
///
/// If stdout cannot be written; a pipe that its reader closed is no error.
pub fn out_unbuffered(secret: &str) -> io::Result<()> {
    #[cfg(unix)]
    let stdout = {
        use std::os::fd::AsFd;
        io::stdout().flush().and_then(|()| io::stdout().as_fd().try_clone_to_owned()).map(std::fs::File::from)
    };
    #[cfg(not(unix))]
    let stdout = Ok::<_, io::Error>(io::stdout());
    match stdout.and_then(|mut stdout| stdout.write_all(secret.as_bytes()).and_then(|()| stdout.flush())) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Lets `fill` write data to stdout.
///
/// # Errors
///
/// If stdout cannot be written; a pipe that its reader closed is no error.
pub fn out_with(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    match fill(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a message to stderr; if that fails, nobody is left to tell.
pub fn err(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Where logs go.
#[must_use]
pub fn log() -> io::Stderr {
    io::stderr()
}

/// Whether colours suit stdout: a terminal, and no wish of the user against it.
#[must_use]
pub fn stdout_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether colours suit stderr.
#[must_use]
pub fn stderr_colour() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// Columns of the terminal on stdout, if it is one.
#[must_use]
pub fn stdout_width() -> Option<u16> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0)
}

/// Whether somebody watches stderr.
#[must_use]
pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Whether somebody can be asked: stdin and stderr are terminals.
#[must_use]
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question on stderr and reads a line; only `y` and `yes` are a yes.
///
/// # Errors
///
/// If stdin cannot be read. Its end is a no.
pub fn ask(question: &str) -> io::Result<bool> {
    err(question);
    let mut answer = String::new();
    if io::stdin().read_line(&mut answer)? == 0 {
        err("\n");
    }
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Reads a line of stdin into `line`, without its end, byte by byte and without any buffer in between: nothing of it is
/// kept anywhere else. Whether there was one: at the end of the input there is none.
///
/// # Errors
///
/// If stdin cannot be read, or the line is longer than `longest` bytes.
#[cfg(unix)]
pub fn read_line(line: &mut Vec<u8>, longest: usize) -> io::Result<bool> {
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::AsFd;
    let mut stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut byte = [0];
    let mut any = false;
    loop {
        let read = match stdin.read(&mut byte) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        any |= read > 0;
        match byte {
            _ if read == 0 => break,
            [b'\n'] => break,
            _ if line.len() == longest => return Err(io::Error::other("the line is too long")),
            byte => line.extend(byte),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(any)
}

/// Reads a line of stdin into `line`, without its end. Whether there was one: at the end of the input there is none.
///
/// # Errors
///
/// If stdin cannot be read, or the line is longer than `longest` bytes.
#[cfg(not(unix))]
pub fn read_line(line: &mut Vec<u8>, longest: usize) -> io::Result<bool> {
    use std::io::BufRead;
    let read = io::stdin().lock().read_until(b'\n', line)?;
    while line.last().is_some_and(|byte| b"\r\n".contains(byte)) {
        line.pop();
    }
    if line.len() > longest { Err(io::Error::other("the line is too long")) } else { Ok(read > 0) }
}
