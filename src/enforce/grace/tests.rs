use super::*;
use crate::ledger::{Author, Ledger, MemoryStore, Record};

const SUBJECT: (&str, &str, &str) = ("111122223333", "arn:aws:iam::111122223333:user/ann", "console-user-mfa");

fn day(day: i64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day)
}

/// A ledger in which these things happened to one user, each on a day.
fn ledger(happened: &[(Kind, i64)]) -> Ledger {
    let author = Author { run_id: "r".to_owned(), actor: None, at: day(0) };
    let mut ledger = Ledger::over(Box::new(MemoryStore::default()), &author).unwrap();
    for (kind, on) in happened {
        let text = |text: &str| Some(text.to_owned());
        let record = Record {
            account: text(SUBJECT.0),
            resource: text(SUBJECT.1),
            rule: text(SUBJECT.2),
            deadline: Some(day(*on)),
            ..Record::new(kind.clone(), day(*on), "r")
        };
        ledger.append(&record).unwrap();
    }
    ledger
}

fn grace(happened: &[(Kind, i64)]) -> Grace {
    let ledger = ledger(happened);
    let calendar = Calendar::new(ledger.history());
    calendar.grace(SUBJECT.0, SUBJECT.1, SUBJECT.2, Some(SignedDuration::from_hours(14 * 24)))
}

#[test]
fn the_period_begins_when_it_was_announced() {
    assert_eq!(grace(&[]), Grace::Unannounced);
    assert_eq!(grace(&[(Kind::Observed, 1)]), Grace::Unannounced);
    assert_eq!(grace(&[(Kind::Observed, 1), (Kind::Announced, 3)]), Grace::Until(day(17)));
    // To tell somebody again moves nothing.
    assert_eq!(grace(&[(Kind::Observed, 1), (Kind::Announced, 3), (Kind::Announced, 9)]), Grace::Until(day(17)));
    let ledger = ledger(&[]);
    assert_eq!(Calendar::new(ledger.history()).grace(SUBJECT.0, SUBJECT.1, SUBJECT.2, None), Grace::None);
}

#[test]
fn to_remove_the_device_again_gives_no_new_period() {
    let seen = [(Kind::Observed, 1), (Kind::Announced, 2), (Kind::Resolved, 5)];
    let with = |on| grace(&[seen.as_slice(), &[(Kind::Observed, on)]].concat());
    assert_eq!(with(6), Grace::Until(day(16)));
    assert_eq!(with(95), Grace::Until(day(16)));
    assert_eq!(with(96), Grace::Unannounced);
}
