//! Keeping what a scan reads: the snapshot is written beside the reading, and is whole or not there.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::model::AccountFacts;
use crate::model::snapshot::Header;
use crate::report::sink;
use crate::snapshot;

use super::exit::Failure;

/// How many accounts' facts may wait for the snapshot's disk.
const SNAPSHOT_QUEUE: usize = 4;

/// A thread that writes the snapshot as accounts come in. Its file appears only when all of them did.
pub(super) struct SnapshotWriter {
    sender: Option<SyncSender<AccountFacts>>,
    thread: Option<JoinHandle<Result<(), sink::SinkError>>>,
}

impl SnapshotWriter {
    /// Starts to write the snapshot of `header.accounts` accounts to `path`.
    pub(super) fn start(path: &Path, header: Header) -> Self {
        let (sender, receiver) = sync_channel(SNAPSHOT_QUEUE);
        let path = path.to_owned();
        let thread = std::thread::spawn(move || {
            let compressed = snapshot::is_compressed(&path);
            sink::replace_file(&path, |out| {
                snapshot::write(out, compressed, &header, counted(&receiver, header.accounts))
            })
        });
        Self { sender: Some(sender), thread: Some(thread) }
    }

    /// Where accounts go. Sending fails once the file cannot be written.
    pub(super) fn sender(&self) -> Option<SyncSender<AccountFacts>> {
        self.sender.clone()
    }

    /// Waits until the file is in its place.
    ///
    /// # Errors
    ///
    /// If it could not be written.
    pub(super) async fn finish(mut self) -> Result<(), Failure> {
        let joined = tokio::task::spawn_blocking(move || self.join()).await.map_err(|error| Failure::run(&error))?;
        match joined {
            Some(Ok(written)) => written.map_err(|error| Failure::run(&error)),
            Some(Err(_)) => Err(Failure::Run { message: "the snapshot could not be written".to_owned(), help: None }),
            None => Ok(()),
        }
    }

    fn join(&mut self) -> Option<std::thread::Result<Result<(), sink::SinkError>>> {
        self.sender = None;
        self.thread.take().map(JoinHandle::join)
    }
}

/// A scan that is called off waits until its half-written file is gone.
impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        let _ = self.join();
    }
}

/// The accounts as they come; fewer than `expected` mean that the scan was given up, and so is the file.
fn counted(receiver: &Receiver<AccountFacts>, expected: usize) -> impl Iterator<Item = io::Result<AccountFacts>> + '_ {
    (0..expected).map(|_| receiver.recv().map_err(|_| io::Error::other("the scan ended before all accounts were read")))
}
