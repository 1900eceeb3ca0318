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
    let calendar = Calendar::new(ledger.history(), day(1_000));
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
    assert_eq!(Calendar::new(ledger.history(), day(1_000)).grace(SUBJECT.0, SUBJECT.1, SUBJECT.2, None), Grace::None);
}

#[test]
fn to_remove_the_device_again_gives_no_new_period() {
    let seen = [(Kind::Observed, 1), (Kind::Announced, 2), (Kind::Resolved, 5)];
    let with = |on| grace(&[seen.as_slice(), &[(Kind::Observed, on)]].concat());
    assert_eq!(with(6), Grace::Until(day(16)));
    assert_eq!(with(95), Grace::Until(day(16)));
    assert_eq!(with(96), Grace::Unannounced);
}

/// What happened to users of these names, with these unique ids.
fn of_many(happened: &[(Kind, i64, &str, Option<&str>)]) -> Ledger {
    let author = Author { run_id: "r".to_owned(), actor: None, at: day(0) };
    let mut ledger = Ledger::over(Box::new(MemoryStore::default()), &author).unwrap();
    for (kind, on, name, id) in happened {
        let record = Record {
            account: Some(SUBJECT.0.to_owned()),
            resource: Some((*name).to_owned()),
            rule: Some(SUBJECT.2.to_owned()),
            deadline: (*kind == Kind::Announced).then(|| day(on + 14)),
            after: with_id(*id),
            ..Record::new(kind.clone(), day(*on), "r")
        };
        ledger.append(&record).unwrap();
    }
    ledger
}

#[test]
fn another_name_gives_no_new_period_and_another_user_of_that_name_has_its_own() {
    let told = [(Kind::Observed, 1, "ann", Some("AIDA1")), (Kind::Announced, 2, "ann", None)];
    let with = |more: &[(Kind, i64, &'static str, Option<&'static str>)], name: &str| {
        let ledger = of_many(&[told.as_slice(), more].concat());
        let calendar = Calendar::new(ledger.history(), day(1_000));
        calendar.grace(SUBJECT.0, name, SUBJECT.2, Some(SignedDuration::from_hours(14 * 24)))
    };
    let renamed = [(Kind::Observed, 5, "eve", Some("AIDA1")), (Kind::Resolved, 5, "ann", None)];
    assert_eq!(with(&renamed, "eve"), Grace::Until(day(16)));
    let back = [renamed.as_slice(), &[(Kind::Observed, 7, "ann", Some("AIDA1"))]].concat();
    assert_eq!(with(&back, "ann"), Grace::Until(day(16)));
    let other = [(Kind::Observed, 5, "ann", Some("AIDA2"))];
    assert_eq!(with(&other, "ann"), Grace::Unannounced);
    let gone = [(Kind::Resolved, 5, "ann", None), (Kind::Observed, 6, "ann", Some("AIDA2"))];
    assert_eq!(with(&gone, "ann"), Grace::Unannounced);
    // Ledgers of before, and accounts of which AWS does not tell it.
    assert_eq!(with(&[(Kind::Observed, 5, "ann", None)], "ann"), Grace::Until(day(16)));
    let ledger = of_many(&told);
    let calendar = Calendar::new(ledger.history(), day(1_000));
    let is_open = |id| calendar.is_open(SUBJECT.0, "ann", SUBJECT.2, id);
    assert_eq!([is_open(Some("AIDA1")), is_open(None), is_open(Some("AIDA2"))], [true, true, false]);
}

#[test]
fn what_was_told_holds_although_the_period_is_shorter_by_now() {
    let ledger = of_many(&[(Kind::Announced, 2, "ann", None)]);
    let calendar = Calendar::new(ledger.history(), day(1_000));
    let grace = |days: i64| calendar.grace(SUBJECT.0, "ann", SUBJECT.2, Some(SignedDuration::from_hours(24 * days)));
    assert_eq!([grace(1), grace(14), grace(20)], [16, 16, 22].map(|on| Grace::Until(day(on))));
}

/// Of clocks that were wrong between runs.
#[test]
fn a_clock_that_was_behind_takes_nobody_its_time_and_one_ahead_gives_others_none() {
    let behind = [(Kind::Observed, 100), (Kind::Observed, 100), (Kind::Announced, 3)];
    let ledger = ledger(&behind);
    let calendar = Calendar::new(ledger.history(), day(101));
    let fortnight = Some(SignedDuration::from_hours(14 * 24));
    let grace = |calendar: &Calendar<'_>, name: &str| calendar.grace(SUBJECT.0, name, SUBJECT.2, fortnight);
    assert_eq!(grace(&calendar, SUBJECT.1), Grace::Until(day(114)), "told after day 100, whatever the entry says");
    let ledger = of_many(&[
        (Kind::Observed, 1, "ann", None),
        (Kind::Announced, 900, "ann", None),
        (Kind::Announced, 2, "bob", None),
    ]);
    let calendar = Calendar::new(ledger.history(), day(50));
    assert_eq!(grace(&calendar, "bob"), Grace::Until(day(16)), "an entry from the future says nothing of others");
    assert_eq!(grace(&calendar, "ann"), Grace::Until(day(914)), "and what was told holds");
}
