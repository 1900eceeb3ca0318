//! What every `mfa` command works with: AWS, the user it is about, and a ledger if one is kept.

use std::path::Path;
use std::time::Duration;

use crate::aws::{Hub, Keys, Reader, Settings, Writer, session_name};
use crate::cli::{CodesArgs, ConnectArgs};
use crate::clock;
use crate::console;
use crate::enroll::codes::{Pair, Source};
use crate::enroll::whose::Nobody;
use crate::enroll::{Book, Whose};
use crate::journal::Journal;
use crate::ledger::{Author, Ledger};
use crate::model::untrusted::Untrusted;

use super::super::exit::Failure;

/// AWS, and for whom.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The caller's account.
    pub(crate) hub: Hub,
    /// Reads it.
    pub(crate) reader: Reader,
    /// Changes it.
    pub(crate) writer: Writer,
    /// The user it is about.
    pub(crate) whose: Whose,
    /// Where changes are written down.
    pub(crate) book: Book,
}

impl Desk {
    /// Signs in and finds out for whom.
    ///
    /// # Errors
    ///
    /// If AWS does not take the credentials, they are nobody's who has devices, or the ledger cannot be opened.
    pub(crate) async fn open(
        connect: &ConnectArgs,
        user: Option<&str>,
        ledger: Option<&Path>,
    ) -> Result<Self, Failure> {
        let run_id = clock::run_id();
        let hub = Box::pin(Hub::connect(settings(connect, &run_id))).await.map_err(|error| Failure::aws(&error))?;
        let whose = Whose::of(hub.caller(), user).map_err(|nobody| about_nobody(&nobody))?;
        let book = match ledger {
            Some(path) => Book::kept(journal(path, &run_id, &hub.caller().arn)?),
            None => Book::default(),
        };
        Ok(Self { reader: hub.own(), writer: hub.own_writer(), hub, whose, book })
    }

    /// The same, signed by other credentials of the same user.
    ///
    /// # Errors
    ///
    /// If AWS does not take them.
    pub(crate) async fn signed_by(self, keys: Keys) -> Result<Self, Failure> {
        let hub = Box::pin(self.hub.signed_by(keys)).await.map_err(|error| Failure::aws(&error))?;
        Ok(Self { reader: hub.own(), writer: hub.own_writer(), hub, ..self })
    }

    /// The account's id.
    pub(crate) fn account(&self) -> &str {
        &self.hub.caller().account
    }

    /// Says on stderr where the ledger now ends, if one is kept.
    pub(crate) fn end_of_ledger(&self, path: Option<&Path>) {
        if let (Some(journal), Some(path)) = (self.book.journal(), path) {
            let (head, entries) = journal.head();
            let entries = if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
            let path = path.display().to_string();
            console::err(&format!("ledger {}: {entries}, head {head}\n", Untrusted(&path)));
        }
    }
}

/// The failure of a command that is about nobody.
pub(crate) fn about_nobody(nobody: &Nobody) -> Failure {
    Failure::Run { message: Untrusted(&nobody.to_string()).to_string(), help: Some(nobody.help().to_owned()) }
}

/// The journal of a run in the ledger at `path`.
///
/// # Errors
///
/// If the ledger cannot be opened.
pub(crate) fn journal(path: &Path, run_id: &str, actor: &str) -> Result<Journal, Failure> {
    let author = Author { run_id: run_id.to_owned(), actor: Some(actor.to_owned()), at: clock::now() };
    let ledger = Ledger::open(path, &author).map_err(|error| Failure::ledger(&error))?;
    Ok(Journal::new(ledger, run_id, Some(actor), None))
}

/// How AWS is reached.
pub(crate) fn settings(connect: &ConnectArgs, run_id: &str) -> Settings {
    Settings {
        profile: connect.profile.clone(),
        region: connect.region.clone(),
        endpoint_url: connect.endpoint_url.clone(),
        session_name: session_name("enroll", run_id),
        ..Settings::default()
    }
}

/// Runs `work` to its end: it looks after interruptions itself, for it may have something to clean up.
///
/// # Errors
///
/// Those of `work`.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::run(&error))?;
    let result = runtime.block_on(work);
    // A line that nobody typed is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

/// Where two codes come from; `given` are those of the command line.
pub(super) fn source(args: &CodesArgs, given: Option<Pair>) -> Source {
    match given {
        Some(pair) => Source::Given(pair),
        None if args.totp_from_stdin => Source::Secret,
        None => Source::Lines,
    }
}
