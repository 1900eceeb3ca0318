//! As much of HTTP/1.1 as the proxy needs: messages with a length or in chunks, on connections that stay open.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A whole request or response.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Request line or status line.
    pub(crate) start: String,
    /// Without those that describe the connection or the length of the body.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, no longer in chunks.
    pub(crate) body: Vec<u8>,
}

/// Headers that are about one connection; the proxy sets its own.
const OWN: [&str; 4] = ["connection", "content-length", "transfer-encoding", "keep-alive"];

impl Message {
    /// A response with a body of the given type.
    pub(crate) fn response(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![
            ("Content-Type".into(), content_type.into()),
            ("x-amzn-RequestId".into(), "00000000-0000-4000-8000-000000000000".into()),
        ];
        Self { start: format!("HTTP/1.1 {status} Proxy"), headers, body: body.into_bytes() }
    }

    /// A header by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The status of a response.
    pub(crate) fn status(&self) -> u16 {
        self.start.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The same message with another body.
    pub(crate) fn with_body(&self, body: String) -> Self {
        Self { start: self.start.clone(), headers: self.headers.clone(), body: body.into_bytes() }
    }

    /// Read one message; `None` where the connection ended between two. A response without a length reads to the end.
    pub(crate) fn read(reader: &mut impl BufRead) -> Result<Option<Self>> {
        let mut start = String::new();
        if reader.read_line(&mut start)? == 0 {
            return Ok(None);
        }
        let mut message = Self { start: start.trim_end().to_owned(), headers: Vec::new(), body: Vec::new() };
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            message.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        message.read_body(reader)?;
        message.headers.retain(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()));
        Ok(Some(message))
    }

    fn read_body(&mut self, reader: &mut impl BufRead) -> Result<()> {
        let chunked = self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        let length = self.header("content-length").and_then(|value| value.parse().ok());
        match length {
            _ if chunked => self.body = read_chunks(reader)?,
            Some(length) => {
                self.body = vec![0; length];
                reader.read_exact(&mut self.body)?;
            }
            None if self.start.starts_with("HTTP/") => {
                reader.read_to_end(&mut self.body)?;
            }
            None => {}
        }
        Ok(())
    }

    /// Write the message with its length, in one piece.
    pub(crate) fn write(&self, stream: &mut impl Write, connection: &str) -> Result<()> {
        let mut bytes = format!("{}\r\n", self.start).into_bytes();
        for (name, value) in &self.headers {
            write!(bytes, "{name}: {value}\r\n")?;
        }
        write!(bytes, "Content-Length: {}\r\nConnection: {connection}\r\n\r\n", self.body.len())?;
        bytes.extend_from_slice(&self.body);
        stream.write_all(&bytes)?;
        stream.flush()
    }
}

fn read_chunks(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = line.trim_end().split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(std::io::Error::other)?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(body);
        }
        chunk.truncate(size);
        body.append(&mut chunk);
    }
}

/// Send a request to the server behind the proxy on a connection of its own.
pub(crate) fn forward(port: u16, request: &Message) -> Result<Message> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    request.write(&mut stream, "close")?;
    Message::read(&mut BufReader::new(stream))?.ok_or_else(|| std::io::Error::other("the server gave no answer"))
}
