//! Account lines of snapshots: parsed and judged, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::evaluate;
use portcullis::model::AccountFacts;
use portcullis::rules::{builtin, load};

fuzz_target!(|text: &str| {
    if let Ok(facts) = serde_json::from_str::<AccountFacts>(text) {
        let set = load(&[builtin::pack("baseline").expect("built in")]).expect("right");
        let now = "2026-01-01T00:00:00Z".parse().expect("a moment");
        let judged = evaluate::account(&set, &facts, now);
        assert_eq!(judged.counts.len(), set.rules.len());
    }
});
