//! Judging a file of facts.

use super::*;
use crate::model::snapshot::SCHEMA;
use crate::model::{AccountFacts, AccountStatus};
use crate::testing::{account, baseline, now, rich_account};

fn header(accounts: usize, facts: &[&str]) -> Header {
    Header {
        schema: SCHEMA.to_owned(),
        version: "0".to_owned(),
        run_id: "run".to_owned(),
        started_at: now(),
        accounts,
        facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
        notices: Vec::new(),
    }
}

/// Many accounts, so that more than one batch is read.
fn many() -> Vec<AccountFacts> {
    (0..=2 * BATCH)
        .map(|number| {
            let mut facts = if number % 2 == 0 { rich_account() } else { account() };
            facts.account.id = format!("{number:012}");
            facts
        })
        .collect()
}

#[test]
fn every_account_is_judged_in_its_order_against_the_moment_it_was_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.zst");
    let mut file = std::fs::File::create(&path).unwrap();
    let all = many();
    crate::snapshot::write(&mut file, true, &header(all.len(), &["*"]), all.iter().cloned().map(Ok)).unwrap();
    let judged = judge(&path, &baseline(), None).unwrap();
    assert_eq!(judged.now, now());
    assert_eq!(judged.accounts.len(), all.len());
    assert!(judged.accounts.iter().map(|account| &account.result.id).is_sorted());
    let expected: Vec<AccountEvaluation> =
        all.iter().map(|facts| evaluate::account(&baseline(), facts, now())).collect();
    assert!(judged.accounts == expected);
    let later = now() + jiff::SignedDuration::from_hours(1);
    assert_eq!(judge(&path, &baseline(), Some(later)).unwrap().now, later);
    assert_eq!(judged.accounts[0].result.status, AccountStatus::Partial);
}

#[test]
fn nothing_is_judged_of_a_file_that_is_not_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.jsonl");
    let mut bytes = Vec::new();
    crate::snapshot::write(&mut bytes, false, &header(2, &["*"]), [Ok(account()), Ok(account())]).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 40]).unwrap();
    let failure = judge(&path, &baseline(), None).err().expect("refused");
    assert_eq!(failure.status(), crate::commands::ExitStatus::Failed);
    assert!(failure.render(false).contains("s.jsonl` line 3: ends in the middle"), "{}", failure.render(false));
}

#[test]
fn an_account_that_stands_there_twice_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.jsonl");
    let mut all = many();
    let last = all.len() - 1;
    all[last].account.id = "000000000001".to_owned();
    let mut bytes = Vec::new();
    crate::snapshot::write(&mut bytes, false, &header(all.len(), &["*"]), all.into_iter().map(Ok)).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    let failure = judge(&path, &baseline(), None).err().expect("refused");
    assert_eq!(failure.status(), crate::commands::ExitStatus::Failed);
    let message = format!("s.jsonl` line {}: has the account 000000000001 again, which line 3 has", last + 2);
    assert!(failure.render(false).contains(&message), "{}", failure.render(false));
}

#[test]
fn facts_that_were_not_asked_for_are_said() {
    let asked = ["user.age".to_owned(), "user.mfa_devices".to_owned()];
    let messages = |facts: &[&str]| -> Vec<String> {
        notices(&header(0, facts), &asked).into_iter().map(|notice| notice.message).collect()
    };
    assert!(messages(&["*"]).is_empty());
    assert!(messages(&["user.age", "user.mfa_devices", "user.tags"]).is_empty());
    assert_eq!(messages(&["user.age"]), ["the snapshot was taken without these facts: user.mfa_devices"]);
}
