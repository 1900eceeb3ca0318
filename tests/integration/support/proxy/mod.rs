//! A proxy in front of an emulator that records every request, knows whose it is, and makes things go wrong.
//!
//! `AWS_ENDPOINT_URL` points at it; one port serves IAM, STS and Organizations. It learns the account of an access key
//! from the answers that hand the key out (`AssumeRole` and `AssumeRoot` by the account named; `CreateAccessKey` and
//! `GetSessionToken` by the caller), and from the test for the key that the program starts with.

pub(crate) mod call;
pub(crate) mod change;
pub(crate) mod fault;
mod http;
mod paging;

use std::collections::HashMap;
use std::io::{BufReader, Result};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use call::Call;
pub(crate) use fault::{On, Rule};
pub(crate) use paging::Paging;

use call::between;
use fault::{Effect, error_answer};
use http::{Message, forward};
use paging::Whole;

/// A running proxy; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

/// A rule that was added to a proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleId(usize);

#[derive(Debug)]
struct Shared {
    upstream: u16,
    started: Instant,
    stopped: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: HashMap<String, String>,
    calls: Vec<Call>,
    rules: Vec<Rule>,
    /// Rules before this one were cleared.
    live: usize,
    paging: HashMap<String, Paging>,
    wholes: Vec<Whole>,
    clients: Vec<TcpStream>,
}

impl Proxy {
    /// Start one in front of a server's port.
    pub(crate) fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind the proxy");
        let port = listener.local_addr().expect("its address").port();
        let stopped = AtomicBool::new(false);
        let shared = Arc::new(Shared { upstream, started: Instant::now(), stopped, state: Mutex::default() });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &accepting));
        Self { port, shared }
    }

    /// What `AWS_ENDPOINT_URL` should be.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Say which account a key belongs to.
    pub(crate) fn learn(&self, access_key: &str, account: &str) {
        self.shared.lock().keys.insert(access_key.into(), account.into());
    }

    /// Make something go wrong, or differently, from now on. Of several matching rules all delays and changes count,
    /// and the first that answers or closes.
    pub(crate) fn rule(&self, rule: Rule) -> RuleId {
        let mut state = self.shared.lock();
        state.rules.push(rule);
        RuleId(state.rules.len() - 1)
    }

    /// How many calls a rule has been applied to.
    pub(crate) fn hits(&self, rule: RuleId) -> usize {
        self.shared.lock().rules[rule.0].hits()
    }

    /// Serve this action in pages from now on: `GetAccountAuthorizationDetails`, `ListUsers`,
    /// `ListVirtualMFADevices`, `ListAccounts` and the other lists of Organizations that `paging.rs` names.
    pub(crate) fn page(&self, action: &str, paging: Paging) {
        self.shared.lock().paging.insert(action.into(), paging);
    }

    /// End all rules and paging; calls and keys stay.
    pub(crate) fn clear(&self) {
        let mut state = self.shared.lock();
        state.live = state.rules.len();
        state.paging.clear();
    }

    /// Every call, in order of arrival.
    pub(crate) fn all(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// The calls signed by credentials of an account.
    pub(crate) fn calls(&self, account: &str) -> Vec<Call> {
        self.all().into_iter().filter(|call| call.account.as_deref() == Some(account)).collect()
    }

    /// How many calls were signed by credentials of an account: what `api_calls` must say.
    pub(crate) fn count(&self, account: &str) -> usize {
        self.calls(account).len()
    }

    /// The calls that nobody signed, or with a key of unknown account.
    pub(crate) fn strangers(&self) -> Vec<Call> {
        self.all().into_iter().filter(|call| call.account.is_none()).collect()
    }

    /// Forget the calls so far.
    pub(crate) fn forget(&self) {
        self.shared.lock().calls.clear();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        for client in &self.shared.lock().clients {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { continue };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            let _ = shared.serve(&client);
            let _ = client.shutdown(Shutdown::Both);
        });
    }
}

impl Shared {
    /// The state; a test that panicked elsewhere must not hide its cause behind a poisoned lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answer the requests of one connection until it ends or is dropped.
    fn serve(&self, client: &TcpStream) -> Result<()> {
        client.set_nodelay(true)?;
        self.lock().clients.push(client.try_clone()?);
        let mut reader = BufReader::new(client);
        while let Some(request) = Message::read(&mut reader)? {
            let Some(response) = self.handle(&request)? else { break };
            response.write(&mut &*client, "keep-alive")?;
        }
        Ok(())
    }

    /// The answer to a request, `None` to drop the connection.
    fn handle(&self, request: &Message) -> Result<Option<Message>> {
        let (index, call, effects) = self.record(request);
        let response = self.answer(&call, request, &effects)?;
        if let Some(response) = &response {
            let mut state = self.lock();
            state.learn_from(&call, response);
            // The calls may have been forgotten meanwhile.
            if let Some(call) = state.calls.get_mut(index).filter(|recorded| recorded.at == call.at) {
                call.answered(response);
            }
        }
        Ok(response)
    }

    fn record(&self, request: &Message) -> (usize, Call, Vec<Effect>) {
        let mut call = Call::of(request, self.started.elapsed());
        let mut state = self.lock();
        call.account = call.access_key.as_ref().and_then(|key| state.keys.get(key)).cloned();
        state.calls.push(call.clone());
        let live = state.live;
        let effects = state.rules[live..].iter_mut().filter_map(|rule| rule.apply(&call)).collect();
        (state.calls.len() - 1, call, effects)
    }

    fn answer(&self, call: &Call, request: &Message, effects: &[Effect]) -> Result<Option<Message>> {
        for effect in effects {
            match effect {
                Effect::Delay(by) => std::thread::sleep(*by),
                Effect::Error(status, code, message) => return Ok(Some(error_answer(call, *status, code, message))),
                Effect::Answer(body) => return Ok(Some(Message::response(200, "text/xml", body.clone()))),
                Effect::Hold(hold) if !hold.after => {
                    hold.wait();
                    return Ok(None);
                }
                Effect::DropRequest => return Ok(None),
                Effect::Hold(_)
                | Effect::DropAnswer
                | Effect::ErrorAfter(..)
                | Effect::Change(_)
                | Effect::Dated(_) => {}
            }
        }
        let mut response = self.ask(call, request)?;
        for effect in effects {
            match effect {
                Effect::Hold(hold) => {
                    hold.wait();
                    return Ok(None);
                }
                Effect::DropAnswer => return Ok(None),
                Effect::ErrorAfter(status, code, message) => {
                    return Ok(Some(error_answer(call, *status, code, message)));
                }
                Effect::Change(change) if response.status() == 200 => {
                    response = response.with_body(change(call, response.text()));
                }
                Effect::Dated(date) => {
                    response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("date"));
                    response.headers.push(("Date".to_owned(), date.clone()));
                }
                _ => {}
            }
        }
        Ok(Some(response))
    }

    fn ask(&self, call: &Call, request: &Message) -> Result<Message> {
        let paging = self.lock().paging.get(&call.action).copied();
        match paging {
            Some(paging) => self.paged(call, request, paging),
            None => forward(self.upstream, request),
        }
    }

    /// One page of a whole list; markers are `page-LIST-OFFSET`.
    fn paged(&self, call: &Call, request: &Message, paging: Paging) -> Result<Message> {
        let marker = call.param("Marker").or_else(|| call.param("NextToken")).and_then(parse_marker);
        let (id, range) = if let Some((id, offset)) = marker {
            (id, offset..offset + paging.size)
        } else {
            let whole = match Whole::read(call, request, |request| forward(self.upstream, request))? {
                Ok(whole) => whole,
                Err(response) => return Ok(response),
            };
            let mut state = self.lock();
            state.wholes.push(whole);
            (state.wholes.len() - 1, 0..if paging.empty_first { 0 } else { paging.size })
        };
        let state = self.lock();
        let whole = &state.wholes[id];
        let end = range.end.min(whole.len());
        let next = (end < whole.len()).then(|| format!("page-{id}-{end}"));
        Ok(whole.page(call, range.start.min(end)..end, next.as_deref()))
    }
}

fn parse_marker(marker: &str) -> Option<(usize, usize)> {
    let (id, offset) = marker.strip_prefix("page-")?.split_once('-')?;
    Some((id.parse().ok()?, offset.parse().ok()?))
}

impl State {
    /// Learn the account of a key that was just handed out.
    fn learn_from(&mut self, call: &Call, response: &Message) {
        if response.status() != 200 || !matches!(call.service.as_str(), "sts" | "iam") {
            return;
        }
        let body = response.text();
        let account = match call.action.as_str() {
            "AssumeRole" | "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML" => {
                between(&body, "<Arn>", "</Arn>").and_then(|arn| arn.split(':').nth(4)).map(str::to_owned)
            }
            "AssumeRoot" => {
                call.param("TargetPrincipal").map(|target| target.split(':').nth(4).unwrap_or(target).into())
            }
            "CreateAccessKey" | "GetSessionToken" => call.account.clone(),
            _ => None,
        };
        let key = between(&body, "<AccessKeyId>", "</AccessKeyId>");
        if let (Some(account), Some(key)) = (account, key) {
            self.keys.insert(key.to_owned(), account);
        }
    }
}

/// The time between the first and the last call of a list.
pub(crate) fn span(calls: &[Call]) -> Duration {
    match (calls.first(), calls.last()) {
        (Some(first), Some(last)) => last.at.saturating_sub(first.at),
        _ => Duration::ZERO,
    }
}
