use jiff::{SignedDuration, Timestamp};

use super::{Announcement, announce, markdown};
use crate::enforce::Guards;
use crate::enforce::grace::Calendar;
use crate::enforce::survey::{AccountSurvey, Question, survey};
use crate::evaluate;
use crate::ledger::{Author, History, Kind, Ledger, MemoryStore, Record};
use crate::model::User;
use crate::testing::{baseline, now, user, with_users};

const RULE: &str = "console-user-mfa";
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn failing(name: &str) -> User {
    user(name).signs_in(Some(1), Some(100)).devices(&[])
}

fn surveyed(users: Vec<User>, waived: &str) -> Vec<AccountSurvey> {
    let facts = with_users(users);
    let findings = evaluate::account(&baseline(), &facts, now()).findings;
    let waived = |_: &str, _: &str, arn: &str| arn.ends_with(waived).then(|| "waived".to_owned());
    let (acting, guards) = (vec![RULE.to_owned()], Guards::ours(true));
    let question = Question { acting: &acting, waived: &waived, guards: &guards, scps: None, now: now() };
    vec![survey(&facts, &findings, &question)]
}

/// A ledger in which `arn` was announced then.
fn told(announced: Option<(&AccountSurvey, &str, Timestamp)>) -> History {
    let store = MemoryStore::default();
    let author = Author { run_id: "test".to_owned(), actor: None, at: now() };
    let mut ledger = Ledger::over(Box::new(store.clone()), &author).unwrap();
    if let Some((survey, arn, at)) = announced {
        let record = Record {
            account: Some(survey.account.id.clone()),
            resource: Some(arn.to_owned()),
            rule: Some(RULE.to_owned()),
            deadline: Some(at),
            ..Record::new(Kind::Announced, at, "earlier")
        };
        ledger.append(&record).unwrap();
    }
    History::of_bytes("test", &store.bytes()).unwrap()
}

fn made(surveys: &[AccountSurvey], history: &History, grace: Option<SignedDuration>) -> Announcement {
    let never = ["arn:aws:iam::*:user/glass?".to_owned()];
    announce(surveys, &never, &Calendar::new(history, now()), &|_| grace, now(), "run")
}

#[test]
fn a_failure_is_announced_once_and_its_deadline_stands() {
    let surveys = surveyed(vec![failing("bob"), failing("ann"), failing("waived")], "/waived");
    let ann = surveys[0].candidates.iter().find(|candidate| candidate.name == "ann").unwrap().arn.clone();
    let before = now() - DAY * 3;
    let history = told(Some((&surveys[0], &ann, before)));
    let announcement = made(&surveys, &history, Some(DAY * 7));
    let lines: Vec<_> = announcement
        .people
        .iter()
        .map(|person| (person.user.as_str(), person.is_new, person.announced, person.deadline))
        .collect();
    assert_eq!(
        lines,
        [("ann", false, Some(before), Some(before + DAY * 7)), ("bob", true, Some(now()), Some(now() + DAY * 7)),]
    );
    assert_eq!(announcement.not_told, 1);
}

#[test]
fn break_glass_principals_are_not_told() {
    let announcement = made(&surveyed(vec![failing("glass1"), failing("ann")], "/nobody"), &told(None), Some(DAY));
    assert_eq!(announcement.people.iter().map(|person| person.user.as_str()).collect::<Vec<_>>(), ["ann"]);
    assert_eq!(announcement.not_told, 1);
}

#[test]
fn a_rule_without_grace_has_no_deadline_and_nothing_to_write_down() {
    let announcement = made(&surveyed(vec![failing("ann")], "/nobody"), &told(None), None);
    let ann = &announcement.people[0];
    assert_eq!((ann.is_new, ann.announced, ann.deadline), (false, None, None));
    assert!(markdown(&announcement).contains("| at once | not needed |"), "{}", markdown(&announcement));
}

#[test]
fn nobody_to_tell_is_said() {
    let announcement = made(&surveyed(vec![user("ann")], "/nobody"), &told(None), Some(DAY));
    assert_eq!(announcement.people, []);
    assert!(markdown(&announcement).contains("there is nothing to announce"));
}

#[test]
fn hostile_names_are_shown_as_they_are() {
    let mut announcement = made(&surveyed(vec![failing("ann")], "/nobody"), &told(None), Some(DAY));
    announcement.people[0].user = "a|b_[x](http://evil)<img>\u{1b}[31m\n@all".to_owned();
    let text = markdown(&announcement);
    let row = text.lines().last().unwrap();
    assert!(row.contains(r"a\|b\_\[x\](http://evil)\<img\>\\u{1b}\[31m\\u{a}\@all"), "{row}");
}
