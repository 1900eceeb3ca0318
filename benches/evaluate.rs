//! How long it takes to judge users: `cargo bench --no-default-features --bench evaluate`.
//!
//! The users are those of the bundled example, repeated; a million of them are judged by all rules of all built-in packs.

use std::hint::black_box;
use std::path::Path;

use divan::counter::ItemsCount;
use portcullis::evaluate;
use portcullis::model::{AccountFacts, Fact, User};
use portcullis::rules::{RuleSet, builtin, load};
use portcullis::snapshot::Reader;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler<mimalloc::MiMalloc> = divan::AllocProfiler::new(mimalloc::MiMalloc);

const USERS_AN_ACCOUNT: usize = 5_000;
const ACCOUNTS: usize = 200;

fn main() {
    divan::main();
}

fn example() -> Vec<AccountFacts> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme.jsonl");
    let reader = Reader::open(&path).unwrap_or_else(|error| unreachable!("{error}"));
    reader.filter_map(|raw| raw.ok()?.parse().ok()).collect()
}

/// The example's production account with as many users as IAM allows, all of whom have a device or none has.
fn account(compliant: bool) -> AccountFacts {
    let mut accounts = example();
    let mut facts = accounts.swap_remove(4);
    let is_kept = |user: &&User| user.mfa_devices.value().is_some_and(|devices| devices.is_empty() != compliant);
    let kept: Vec<User> = facts.users.value().into_iter().flatten().filter(is_kept).cloned().collect();
    let users: Vec<User> = kept.into_iter().cycle().take(USERS_AN_ACCOUNT).collect();
    if let (Some(origin), true) = (facts.users.origin().cloned(), !users.is_empty()) {
        facts.users = Fact::known(users, origin);
    }
    facts
}

fn rules() -> RuleSet {
    let sources: Vec<_> = builtin::names().into_iter().filter_map(builtin::pack).collect();
    load(&sources).unwrap_or_else(|_| unreachable!("built-in packs are right"))
}

/// A million users, five thousand an account, by all rules; `compliant` users give few findings, the others many.
#[divan::bench(args = [true, false], sample_count = 5, sample_size = 1)]
fn a_million_users(bencher: divan::Bencher<'_, '_>, compliant: bool) {
    let (facts, rules) = (account(compliant), rules());
    let now = "2026-11-20T06:00:00Z".parse().unwrap_or_default();
    bencher.counter(ItemsCount::new(USERS_AN_ACCOUNT * ACCOUNTS)).bench_local(|| {
        for _ in 0..ACCOUNTS {
            black_box(evaluate::account(&rules, black_box(&facts), now));
        }
    });
}

/// The whole example, from its text to its findings.
#[divan::bench]
fn the_example_from_text(bencher: divan::Bencher<'_, '_>) {
    let rules = rules();
    let now = "2026-11-20T06:00:00Z".parse().unwrap_or_default();
    bencher.bench_local(|| {
        example().iter().map(|facts| evaluate::account(&rules, facts, now).findings.len()).sum::<usize>()
    });
}

/// Checking and compiling the built-in packs: what every start-up pays.
#[divan::bench]
fn loading_the_packs() -> usize {
    rules().rules.len()
}
