//! A small HTTP server in the place of AWS: answers by operation name, remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that came in.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The operation's name: `Action` of a form, or the end of `x-amz-target`.
    pub(super) action: String,
    /// The body.
    pub(super) body: String,
    /// The access key that signed it.
    pub(super) key: String,
}

/// Status and body of an answer.
pub(super) type Reply = (u16, String);

type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// The server; it lives as long as the test process.
pub(super) struct Server {
    /// Its endpoint.
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// A server that answers with `handler`, which is told how many requests of the same operation came before.
    pub(super) fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (handler, log): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                std::thread::spawn(move || serve(stream.unwrap(), &*handler, &log));
            }
        });
        Self { url, seen }
    }

    /// How many requests of `action` came in.
    pub(super) fn count(&self, action: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|request| request.action == action).count()
    }

    /// All requests so far.
    pub(super) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, handler: &Handler, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader) else { return };
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|earlier| earlier.action == request.action).count();
        log.push(request.clone());
        before
    };
    let (status, body) = handler(&request, before);
    let answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let _ = reader.get_mut().write_all(answer.as_bytes());
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let (mut length, mut target, mut key) = (0, None, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-target" => target = value.rsplit('.').next().map(str::to_owned),
            "authorization" => {
                let credential = value.split("Credential=").nth(1).unwrap_or_default();
                credential.split('/').next().unwrap_or_default().clone_into(&mut key);
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let of_form = || Some(body.split("Action=").nth(1)?.split('&').next()?.to_owned());
    let action = target.or_else(of_form).unwrap_or_default();
    Some(Request { action, body, key })
}
