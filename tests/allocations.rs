//! Judging allocates nothing on the way to a pass.

use std::path::Path;

use portcullis::model::Status;
use portcullis::rules::index::AccountIndex;
use portcullis::rules::subject::{AccountView, Subject};
use portcullis::rules::{builtin, load};
use portcullis::snapshot::Reader;

#[test]
fn a_pass_allocates_nothing() {
    let sources: Vec<_> = builtin::names().into_iter().filter_map(builtin::pack).collect();
    let set = load(&sources).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme.jsonl");
    let mut passes = 0;
    for raw in Reader::open(&example).unwrap() {
        let facts = raw.unwrap().parse().unwrap();
        let index = AccountIndex::new(&facts);
        let view = AccountView { facts: &facts, index: &index };
        let now = "2026-11-20T06:00:00Z".parse().unwrap();
        for (at, user) in facts.users.value().into_iter().flatten().enumerate() {
            for rule in &set.rules {
                let mut status = None;
                // A regular expression makes its scratch space at its first use, once a thread.
                let _ = rule.judge(Subject::User(view, at, user), now);
                let counted =
                    allocation_counter::measure(|| status = Some(rule.judge(Subject::User(view, at, user), now)));
                if status == Some(Status::Pass) {
                    passes += 1;
                    assert_eq!(counted.count_total, 0, "{} on {}", rule.id, user.arn);
                }
            }
        }
    }
    assert!(passes > 500, "{passes} passes");
}
