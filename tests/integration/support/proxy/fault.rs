//! Rules for what goes wrong: which calls they match, and what happens to those.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::call::Call;
use super::http::Message;

/// A change to the body of a good answer.
pub(crate) type Change = Arc<dyn Fn(&Call, String) -> String + Send + Sync>;

/// Which calls a rule is about. Begin with [`On::action`] or [`On::service`], narrow it, end with what shall happen.
#[derive(Debug, Clone)]
pub(crate) struct On {
    service: String,
    action: Option<String>,
    account: Option<String>,
    params: Vec<(String, String)>,
    occurrences: RangeInclusive<usize>,
    each_account: bool,
    writes_only: bool,
}

/// What the names of IAM's actions that change nothing begin with.
const READS: [&str; 4] = ["Get", "List", "Generate", "Simulate"];

impl On {
    /// Calls of one action.
    pub(crate) fn action(service: &str, action: &str) -> Self {
        Self { action: Some(action.into()), ..Self::service(service) }
    }

    /// All calls to a service.
    pub(crate) fn service(service: &str) -> Self {
        Self {
            service: service.into(),
            action: None,
            account: None,
            params: Vec::new(),
            occurrences: 1..=usize::MAX,
            each_account: false,
            writes_only: false,
        }
    }

    /// Only calls signed by credentials of this account. `AssumeRole` is signed by the hub: match its `RoleArn`.
    pub(crate) fn account(mut self, id: &str) -> Self {
        self.account = Some(id.into());
        self
    }

    /// Only calls with this parameter, such as `UserName` or `RoleArn`.
    pub(crate) fn param(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Only calls of IAM that change something.
    pub(crate) fn writes() -> Self {
        Self { writes_only: true, ..Self::service("iam") }
    }

    /// Only these of the matching calls, counted from 1 over all accounts.
    pub(crate) fn occurrences(mut self, which: RangeInclusive<usize>) -> Self {
        self.occurrences = which;
        self
    }

    /// Only the first `count` matching calls.
    pub(crate) fn first(self, count: usize) -> Self {
        self.occurrences(1..=count)
    }

    /// Count occurrences in each account apart.
    pub(crate) fn each_account(mut self) -> Self {
        self.each_account = true;
        self
    }

    /// Answer an error: XML, or JSON for Organizations.
    pub(crate) fn error(self, status: u16, code: &str, message: &str) -> Rule {
        self.then(Effect::Error(status, code.into(), message.into()))
    }

    /// Answer what the service answers when it is called too often.
    pub(crate) fn throttle(self) -> Rule {
        let code = if self.service == "organizations" { "TooManyRequestsException" } else { "Throttling" };
        self.error(400, code, "Rate exceeded")
    }

    /// Answer that the caller may not do this.
    pub(crate) fn deny(self) -> Rule {
        if self.service == "organizations" {
            return self.error(400, "AccessDeniedException", "You don't have permissions to access this resource.");
        }
        self.error(403, "AccessDenied", "User is not authorized to perform this operation")
    }

    /// Answer later.
    pub(crate) fn delay(self, by: Duration) -> Rule {
        self.then(Effect::Delay(by))
    }

    /// Answer this, without asking the server.
    pub(crate) fn answer(self, body: &str) -> Rule {
        self.then(Effect::Answer(body.into()))
    }

    /// Hold the call until [`Held`] is dropped, before the server is asked or after it, and then give no answer.
    pub(crate) fn hold(self, after: bool) -> (Rule, Held) {
        let (tell, arrived) = channel();
        let (release, wait) = channel();
        let hold = Hold { after, arrived: tell, released: Arc::new(Mutex::new(wait)) };
        (self.then(Effect::Hold(hold)), Held { arrived, _release: release })
    }

    /// Close the connection without doing anything.
    pub(crate) fn drop_request(self) -> Rule {
        self.then(Effect::DropRequest)
    }

    /// Let the server do it, then close the connection without an answer.
    pub(crate) fn drop_answer(self) -> Rule {
        self.then(Effect::DropAnswer)
    }

    /// Let the server do it, then answer an error all the same.
    pub(crate) fn error_after(self, status: u16, code: &str, message: &str) -> Rule {
        self.then(Effect::ErrorAfter(status, code.into(), message.into()))
    }

    /// Date the answers so, as HTTP writes dates.
    pub(crate) fn dated(self, date: &str) -> Rule {
        self.then(Effect::Dated(date.into()))
    }

    /// Change the body of good answers (status 200); see [`super::change`].
    pub(crate) fn change(self, change: impl Fn(&Call, String) -> String + Send + Sync + 'static) -> Rule {
        self.then(Effect::Change(Arc::new(change)))
    }

    fn then(self, effect: Effect) -> Rule {
        Rule { on: self, effect, seen: BTreeMap::new(), hits: 0 }
    }

    fn matches(&self, call: &Call) -> bool {
        self.service == call.service
            && self.action.as_ref().is_none_or(|action| *action == call.action)
            && !(self.writes_only && READS.iter().any(|read| call.action.starts_with(read)))
            && self.account.as_ref().is_none_or(|account| Some(account) == call.account.as_ref())
            && self.params.iter().all(|(name, value)| call.param(name) == Some(value))
    }
}

/// What a rule does.
#[derive(Clone)]
pub(crate) enum Effect {
    /// Answer an error with status, code and message.
    Error(u16, String, String),
    /// Answer this body.
    Answer(String),
    /// Wait.
    Delay(Duration),
    /// Tell the test, and wait for it.
    Hold(Hold),
    /// Close before the server is asked.
    DropRequest,
    /// Close after the server was asked.
    DropAnswer,
    /// Answer an error after the server was asked.
    ErrorAfter(u16, String, String),
    /// Change the body.
    Change(Change),
    /// Say that it is another time.
    Dated(String),
}

/// A call that is held.
#[derive(Clone)]
pub(crate) struct Hold {
    /// Whether the server is asked first.
    pub(crate) after: bool,
    arrived: Sender<()>,
    released: Arc<Mutex<Receiver<()>>>,
}

impl Hold {
    /// Tells the test, and waits until it lets go.
    pub(crate) fn wait(&self) {
        let _ = self.arrived.send(());
        let _ = self.released.lock().unwrap_or_else(PoisonError::into_inner).recv();
    }
}

/// The test's end of a held call; the call goes on when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    arrived: Receiver<()>,
    _release: Sender<()>,
}

impl Held {
    /// Waits until the call is there; whether it came in time.
    pub(crate) fn came(&self, within: Duration) -> bool {
        self.arrived.recv_timeout(within).is_ok()
    }
}

/// What happens to matching calls.
pub(crate) struct Rule {
    on: On,
    effect: Effect,
    seen: BTreeMap<Option<String>, usize>,
    hits: usize,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("on", &self.on).field("hits", &self.hits).finish_non_exhaustive()
    }
}

impl Rule {
    /// What this rule does to the call; counts it.
    pub(crate) fn apply(&mut self, call: &Call) -> Option<Effect> {
        if !self.on.matches(call) {
            return None;
        }
        let counter = if self.on.each_account { call.account.clone() } else { None };
        let seen = self.seen.entry(counter).or_default();
        *seen += 1;
        if !self.on.occurrences.contains(seen) {
            return None;
        }
        self.hits += 1;
        Some(self.effect.clone())
    }

    /// How often it did it.
    pub(crate) fn hits(&self) -> usize {
        self.hits
    }
}

/// The answer of an error in the protocol of the call.
pub(crate) fn error_answer(call: &Call, status: u16, code: &str, message: &str) -> Message {
    if call.is_json() {
        let body = json!({"__type": code, "message": message}).to_string();
        return Message::response(status, "application/x-amz-json-1.1", body);
    }
    let version =
        if call.service == "sts" { "sts.amazonaws.com/doc/2011-06-15/" } else { "iam.amazonaws.com/doc/2010-05-08/" };
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"https://{version}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error>\
         <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
    );
    Message::response(status, "text/xml", body)
}
