//! How long it takes to plan for 10,000 users: `cargo bench --no-default-features --bench plan`.
//!
//! All of them sign in without a device, so each is judged, surveyed, proved under both guards and written into the plan.
//! They are console users of the bundled example, each with a name of its own, five hundred an account.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use divan::counter::ItemsCount;
use portcullis::enforce::draft::{Bounds, Draft};
use portcullis::enforce::plan::{Plan, SCHEMA, Settings, Way};
use portcullis::enforce::survey::{AccountSurvey, Question, survey};
use portcullis::enforce::{Grace, seal};
use portcullis::evaluate;
use portcullis::model::{AccountFacts, Fact, User};
use portcullis::rules::{RuleSet, builtin, load};
use portcullis::snapshot::Reader;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USERS_AN_ACCOUNT: usize = 500;
const ACCOUNTS: usize = 20;

fn main() {
    divan::main();
}

/// The example's production account, with this id, and only with users who sign in without a device.
fn account(number: usize) -> AccountFacts {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme.jsonl");
    let reader = Reader::open(&path).unwrap_or_else(|error| unreachable!("{error}"));
    let mut accounts: Vec<AccountFacts> = reader.filter_map(|raw| raw.ok()?.parse().ok()).collect();
    let mut facts = accounts.swap_remove(4);
    facts.account.id = format!("{:012}", 100_000_000_000 + number);
    let fails = |user: &&User| {
        let has_no_device = user.mfa_devices.value().is_some_and(Vec::is_empty);
        has_no_device && user.console_access.value() == Some(&true)
    };
    let failing: Vec<User> = facts.users.value().into_iter().flatten().filter(fails).cloned().collect();
    let named = failing.into_iter().cycle().take(USERS_AN_ACCOUNT).enumerate().map(|(at, user)| {
        let (name, arn) = (format!("user-{at}"), format!("arn:aws:iam::{}:user/user-{at}", facts.account.id));
        User { id: Some(format!("AIDA{number:06}{at:06}")), name, arn, ..user }
    });
    let users: Vec<User> = named.collect();
    if let Some(origin) = facts.users.origin().cloned() {
        facts.users = Fact::known(users, origin);
    }
    facts
}

fn rules() -> RuleSet {
    let sources: Vec<_> = builtin::pack("baseline").into_iter().collect();
    load(&sources).unwrap_or_else(|_| unreachable!("built-in packs are right"))
}

fn settings() -> Settings {
    Settings {
        attach: Way::User,
        via_services: true,
        guard_document: None,
        key_window_seconds: 30 * 24 * 3600,
        include_active_keys: false,
        require_scps: false,
        break_glass: Vec::new(),
    }
}

/// From facts to the text of the plan, one account after the other: how many users it acts on or holds back, and the text.
fn planned(accounts: &[AccountFacts], rules: &RuleSet, settings: &Settings) -> (usize, String) {
    let now = "2026-11-20T06:00:00Z".parse().unwrap_or_default();
    let (acting, guards) = (vec!["console-user-mfa".to_owned()], settings.guards());
    let question = Question { acting: &acting, waived: &|_, _, _| None, guards: &guards, scps: None, now };
    let looked_at = |facts: &AccountFacts| survey(facts, &evaluate::account(rules, facts, now).findings, &question);
    let surveys: Vec<AccountSurvey> = accounts.iter().map(looked_at).collect();
    let bounds = Bounds {
        settings,
        callers: &[],
        allowed_accounts: &[],
        console_only_for_keys: false,
        max_users: u64::MAX,
        max_percent: 100.0,
        take: None,
        live_follows: false,
        repair: false,
        grace: &|_, _, _| Grace::None,
        now,
    };
    let Draft { actions, held_back, limits, .. } = Draft::new(&surveys, &BTreeMap::new(), &bounds);
    let decided = actions.len() + held_back.len();
    let plan = Plan {
        schema: SCHEMA.to_owned(),
        hash: String::new(),
        created_at: now,
        run_id: String::new(),
        tool_version: String::new(),
        caller: None,
        snapshot: None,
        facts_as_of: now,
        inputs: Vec::new(),
        acting,
        settings: settings.clone(),
        limits,
        notes: Vec::new(),
        actions,
        held_back,
    };
    let (text, _) = seal::seal(&plan).unwrap_or_else(|error| unreachable!("{error}"));
    (decided, text)
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn ten_thousand_users(bencher: divan::Bencher<'_, '_>) {
    let accounts: Vec<AccountFacts> = (0..ACCOUNTS).map(account).collect();
    let (rules, settings) = (rules(), settings());
    let (decided, text) = planned(&accounts, &rules, &settings);
    assert_eq!(decided, USERS_AN_ACCOUNT * ACCOUNTS, "everybody is decided on");
    assert!(text.matches("\"truth_table\"").count() > decided / 2, "most are acted on, each with its proof");
    bencher
        .counter(ItemsCount::new(decided))
        .bench_local(|| black_box(planned(black_box(&accounts), &rules, &settings)));
}
