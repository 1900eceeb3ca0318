//! Writes that are cut off, refused, or disturbed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

/// A disk that has room for so many bytes, and may fail to give any back.
#[derive(Clone, Default)]
struct FullDisk {
    inner: MemoryStore,
    room: Arc<AtomicUsize>,
    is_stuck: Arc<AtomicBool>,
}

impl FullDisk {
    fn with_room(room: usize) -> Self {
        Self { room: Arc::new(AtomicUsize::new(room)), ..Self::default() }
    }
}

impl Store for FullDisk {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn existed(&self) -> bool {
        self.inner.existed()
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.inner.read()
    }

    fn length(&mut self) -> io::Result<u64> {
        self.inner.length()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = self.room.load(Ordering::Relaxed);
        let fits = &bytes[..bytes.len().min(room)];
        self.inner.append(fits)?;
        self.room.store(room - fits.len(), Ordering::Relaxed);
        if fits.len() < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        if self.is_stuck.load(Ordering::Relaxed) {
            return Err(io::Error::other("stuck"));
        }
        self.inner.truncate(length)
    }

    fn set_aside(&mut self, bytes: &[u8]) -> io::Result<String> {
        self.inner.set_aside(bytes)
    }
}

/// A crash at every byte of the last write, alone or with zeros behind it as some file systems leave them.
#[test]
fn a_write_cut_off_at_any_byte_is_repaired_and_loses_no_entry() {
    let bytes = bytes_of(&[intent(0, "a"), outcome(1, "a", Outcome::Done), intent(2, "b")]);
    let start = lines(&bytes)[..2].concat().len();
    for zeros in [0, 7] {
        for cut in start + 1..bytes.len() - 1 {
            let torn = [&bytes[start..cut], &[0; 7][..zeros]].concat();
            let store = MemoryStore::holding(&[&bytes[..start], &torn].concat());
            let mut ledger = open(&store).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
            assert_eq!(store.aside(), [torn.as_slice()], "cut at {cut}");
            assert_eq!(ledger.head().count, 3);
            assert_eq!(lines(&store.bytes())[..2].concat(), bytes[..start]);
            let entry = ledger.history().entries()[2].clone();
            assert_eq!((entry.record.kind, entry.record.run_id.as_str()), (Kind::Recovered, "run-2"));
            let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&torn));
            let told = json!({ "torn": "memory.torn-1", "bytes": torn.len(), "sha256": sha256 });
            assert_eq!((entry.record.after, entry.record.actor), (Some(told), author().actor));
            ledger.append(&intent(3, "b")).unwrap();
            assert_eq!((walk(&store.bytes()).damage(), walk(&store.bytes()).links.len()), (None, 4));
        }
    }
    let store = MemoryStore::holding(&bytes[..start]);
    assert_eq!(open(&store).unwrap().head().count, 2, "a crash between two writes leaves nothing to repair");
    assert_eq!((store.bytes().len(), store.aside().len()), (start, 0));
}

#[test]
fn a_whole_entry_that_lacks_only_its_newline_is_kept() {
    let bytes = bytes_of(&[intent(0, "a"), intent(1, "b")]);
    let store = MemoryStore::holding(&bytes[..bytes.len() - 1]);
    assert_eq!(walk(&store.bytes()).damage(), None);
    assert_eq!(open(&store).unwrap().head().count, 2);
    assert_eq!((store.bytes(), store.aside()), (bytes, vec![]));
}

/// A write that is cut off never leaves a whole object with something behind it, nor one with a wrong hash.
#[test]
fn an_edited_end_is_no_torn_end() {
    let bytes = bytes_of(&[intent(0, "a"), intent(1, "b")]);
    let whole = &bytes[..bytes.len() - 1];
    let text = String::from_utf8(whole.to_vec()).unwrap();
    let last = text.rfind("closes").unwrap();
    let edited = format!("{}opened{}", &text[..last], &text[last + 6..]).into_bytes();
    for damaged in [[whole, b"x"].concat(), [whole, b" "].concat(), edited] {
        let store = MemoryStore::holding(&damaged);
        let Err(LedgerError::Broken { damage, .. }) = open(&store) else { panic!("opened") };
        assert_eq!((damage.kind, damage.seq, damage.line), (DamageKind::Edited, 2, 2));
        assert_eq!((store.bytes(), store.aside()), (damaged, vec![]), "nothing was written");
    }
}

#[test]
fn a_full_disk_leaves_a_whole_chain_and_says_so() {
    let (first, second) = (bytes_of(&[intent(0, "a")]).len(), bytes_of(&[intent(0, "a"), intent(1, "b")]).len());
    for room in first..second {
        let disk = FullDisk::with_room(room);
        let mut ledger = Ledger::over(Box::new(disk.clone()), &author()).unwrap();
        ledger.append(&intent(0, "a")).unwrap();
        let whole = disk.inner.bytes();
        let error = ledger.append(&intent(1, "b")).unwrap_err();
        assert_eq!(error.to_string(), "the ledger `disk` took no new entry and is as it was (entries: 1)");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no storage space");
        assert_eq!((disk.inner.bytes(), ledger.head().count), (whole, 1), "room for {room} bytes");
        disk.room.store(10_000, Ordering::Relaxed);
        assert_eq!(ledger.append(&intent(1, "b")).unwrap().seq, 2, "it goes on when there is room again");
        assert_eq!(walk(&disk.inner.bytes()).damage(), None);
    }
}

#[test]
fn a_write_that_cannot_be_taken_back_is_the_last_until_the_next_run_repairs_it() {
    let disk = FullDisk::with_room(50);
    disk.is_stuck.store(true, Ordering::Relaxed);
    let mut ledger = Ledger::over(Box::new(disk.clone()), &author()).unwrap();
    let error = ledger.append(&intent(0, "a")).unwrap_err().to_string();
    assert!(error.contains("could not be taken back; the next run sets it aside"), "{error}");
    disk.room.store(10_000, Ordering::Relaxed);
    disk.is_stuck.store(false, Ordering::Relaxed);
    let error = ledger.append(&intent(0, "a")).unwrap_err().to_string();
    assert!(error.contains("was not written to"), "{error}");
    drop(ledger);
    let mut ledger = Ledger::over(Box::new(disk.clone()), &author()).unwrap();
    assert_eq!((disk.inner.aside().len(), ledger.head().count), (1, 1));
    ledger.append(&intent(0, "a")).unwrap();
    assert_eq!(walk(&disk.inner.bytes()).damage(), None);
}

/// Editors and log shippers know nothing of locks.
#[test]
fn what_someone_else_wrote_meanwhile_is_not_written_over() {
    let store = MemoryStore::default();
    let mut ledger = open(&store).unwrap();
    ledger.append(&intent(0, "a")).unwrap();
    store.clone().append(b"foreign\n").unwrap();
    let before = store.bytes();
    let error = ledger.append(&intent(1, "b")).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.ends_with("something else wrote to it"), "{cause}");
    assert_eq!(store.bytes(), before);
}
