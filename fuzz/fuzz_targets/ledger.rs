//! Bytes as a ledger: read, or refused; and what can be opened is whole after that.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::ledger::{Author, History, Ledger, MemoryStore, seal, walk};

fn check(bytes: &[u8]) {
    let author = Author { run_id: "r".to_owned(), actor: None, at: "2026-01-01T00:00:00Z".parse().expect("a moment") };
    let store = MemoryStore::holding(bytes);
    match Ledger::over(Box::new(store.clone()), &author) {
        Ok(ledger) => {
            let count = ledger.head().count;
            let bytes = store.bytes();
            assert!(walk(&bytes).damage().is_none());
            assert_eq!(History::of_bytes("x", &bytes).expect("whole").entries().len(), count);
        }
        Err(_) => assert_eq!(store.bytes(), bytes, "nothing is written to what is refused"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // Past the hash, so that what stands in an entry is reached too.
    if let Ok(text) = std::str::from_utf8(bytes) {
        let sealed: String = text.lines().map(|line| seal(line).0 + "\n").collect();
        check(sealed.as_bytes());
    }
});
