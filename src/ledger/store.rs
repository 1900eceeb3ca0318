//! Where the bytes of a ledger are: one small trait, and a store in memory.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A place for the bytes of a ledger that one writer holds alone, from its making until it is dropped.
pub trait Store: Send {
    /// What people call it: a path.
    fn name(&self) -> &str;

    /// Whether it was there before this writer.
    fn existed(&self) -> bool;

    /// All bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// How many bytes there are now.
    ///
    /// # Errors
    ///
    /// If that cannot be told.
    fn length(&mut self) -> io::Result<u64>;

    /// Writes `bytes` behind the others, durably: after this returns, no crash loses them.
    ///
    /// # Errors
    ///
    /// If they cannot be written; some of them may then be there, and [`Self::truncate`] takes them away.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Keeps the first `length` bytes only, durably.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// Keeps a copy of `bytes` beside the ledger, durably, and gives its name.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    fn set_aside(&mut self, bytes: &[u8]) -> io::Result<String>;
}

/// A ledger in memory, for tests: all clones share the bytes.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    bytes: Arc<Mutex<Vec<u8>>>,
    aside: Arc<Mutex<Vec<Vec<u8>>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryStore {
    /// A store that holds `bytes`.
    #[must_use]
    pub fn holding(bytes: &[u8]) -> Self {
        Self { bytes: Arc::new(Mutex::new(bytes.to_vec())), aside: Arc::default() }
    }

    /// A copy of all bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        locked(&self.bytes).clone()
    }

    /// What was set aside, in order.
    #[must_use]
    pub fn aside(&self) -> Vec<Vec<u8>> {
        locked(&self.aside).clone()
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn existed(&self) -> bool {
        !locked(&self.bytes).is_empty()
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes())
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(locked(&self.bytes).len() as u64)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        locked(&self.bytes).extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        locked(&self.bytes).truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }

    fn set_aside(&mut self, bytes: &[u8]) -> io::Result<String> {
        let mut aside = locked(&self.aside);
        aside.push(bytes.to_vec());
        Ok(format!("memory.torn-{}", aside.len()))
    }
}
