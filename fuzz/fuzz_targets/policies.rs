//! Policy documents: parsed or refused, never a panic, and never an administrator by a document that was refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::iam::admin::Verdict;
use portcullis::iam::{Document, Grants, trust};

fuzz_target!(|text: &str| {
    let verdict = Grants::read(Some(text)).verdict(None);
    if Document::parse(text).is_err() {
        assert!(verdict != Verdict::Yes);
    }
    trust::kinds_of(text);
});
