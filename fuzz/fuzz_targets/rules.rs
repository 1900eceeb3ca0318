//! Packs, waivers, cases and config files: whatever is in them is either right or gets diagnostics that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::rules::{cases, load, waiver};
use portcullis::yaml::{SourceFile, render};

fuzz_target!(|text: &str| {
    let source = SourceFile::new("fuzz.yaml", text);
    let set = match load(std::slice::from_ref(&source)) {
        Ok(set) => {
            assert!(!set.rules.is_empty(), "a pack without rules would find everybody compliant");
            set
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            drop(render(&problems, false));
            load(&[portcullis::rules::builtin::pack("baseline").expect("built in")]).expect("right")
        }
    };
    let now = "2026-01-01T00:00:00Z".parse().expect("a moment");
    if let Err(problems) = waiver::load(std::slice::from_ref(&source), now, 365) {
        drop(render(&problems, false));
    }
    match cases::load(&source, &set) {
        Ok(suite) => drop(cases::run(&suite, &set)),
        Err(problems) => drop(render(&problems, true)),
    }
});
