//! Which codes are tried when: with a clock that only moves when somebody waits, and a person who reads from a list.

use std::cell::Cell;
use std::collections::VecDeque;

use super::*;
use crate::aws::Secret;

/// A step begins at this second.
const START: i64 = 1_800_000_000;
const STEP_0: u64 = START as u64 / STEP;
const SERIAL: &str = "arn:aws:iam::111122223333:mfa/kim";

struct FakeTime(Cell<i64>);

impl Time for FakeTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.get()).unwrap()
    }

    async fn pass(&self, span: Duration) {
        self.0.set(self.0.get() + i64::try_from(span.as_secs()).unwrap());
    }
}

#[derive(Default)]
struct Script {
    lines: VecDeque<&'static str>,
    told: String,
}

impl Person for Script {
    fn tell(&mut self, text: &str) {
        self.told.push_str(text);
    }

    fn show(&mut self, _: &Secret) -> io::Result<()> {
        unreachable!("nothing is shown")
    }

    async fn ask(&mut self, prompt: &str) -> io::Result<Option<Secret>> {
        self.told.push_str(prompt);
        Ok(self.lines.pop_front().map(|line| Secret::new(line.to_owned())))
    }
}

fn seed() -> Seed {
    Seed::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap()
}

fn keys() -> Keys {
    let secret = || Secret::new("s".to_owned());
    Keys { access_key_id: "ASIA".to_owned(), secret_access_key: secret(), session_token: Some(secret()), expires: None }
}

struct Ran {
    result: Result<Keys, Unproved>,
    /// Each code that was tried, and how many seconds after the start.
    tried: Vec<(String, i64)>,
    told: String,
}

impl Ran {
    fn codes(&self) -> Vec<&str> {
        self.tried.iter().map(|(code, _)| code.as_str()).collect()
    }
}

/// Runs it from `second` on; AWS refuses the first `refusals` codes, for 2 s each.
async fn run(
    second: i64,
    codes: Codes<'_>,
    lines: &[&'static str],
    spent: Option<u64>,
    most: usize,
    refusals: usize,
) -> Ran {
    let time = FakeTime(Cell::new(START + second));
    let mut person = Script { lines: lines.iter().copied().collect(), told: String::new() };
    let mut tried = Vec::new();
    let wanted = Wanted { serial: SERIAL, lasting: None, spent, tries: most };
    let open = async |code: &MfaCode| {
        tried.push((code.expose().to_owned(), time.now().as_second() - START));
        time.pass(Duration::from_secs(2)).await;
        if tried.len() > refusals { Ok(keys()) } else { Err(AwsError::of_test("AccessDenied")) }
    };
    let attempts = Attempts { time: &time, person: &mut person, spent, made: Vec::new(), used: Vec::new() };
    let result = attempts.run(&wanted, codes, open).await;
    Ran { result, tried, told: person.told }
}

fn shown(step: u64) -> String {
    seed().code(step).unwrap().expose().to_owned()
}

#[tokio::test]
async fn a_seed_gives_the_present_code_and_after_a_refusal_each_next_one_when_its_time_comes() {
    let ran = run(7, Codes::Seed(&seed(), 0), &[], None, JUST_ENABLED, 2).await;
    assert!(ran.result.is_ok());
    assert_eq!(ran.tried, [(shown(STEP_0), 7), (shown(STEP_0 + 1), 30), (shown(STEP_0 + 2), 60)]);
    assert!(ran.told.contains("waiting for the next code, 21 s\n"), "{}", ran.told);
    assert!(!ran.codes().iter().any(|code| ran.told.contains(code)), "{}", ran.told);
}

#[tokio::test]
async fn a_code_that_was_spent_on_enabling_the_device_is_not_tried() {
    let ran = run(7, Codes::Seed(&seed(), 0), &[], Some(STEP_0), JUST_ENABLED, 0).await;
    assert_eq!(ran.tried, [(shown(STEP_0 + 1), 30)]);
    // The codes of now and of the next step were spent: the one after is waited for.
    let ran = run(29, Codes::Seed(&seed(), 0), &[], Some(STEP_0 + 1), JUST_ENABLED, 0).await;
    assert_eq!(ran.tried, [(shown(STEP_0 + 2), 60)]);
    let ran = run(7, Codes::Seed(&seed(), 0), &[], Some(STEP_0 - 9), JUST_ENABLED, 0).await;
    assert_eq!(ran.tried, [(shown(STEP_0), 7)]);
}

#[tokio::test]
async fn a_clock_that_is_off_is_followed() {
    for drift in [-40_i64, 40] {
        let there = STEP_0.checked_add_signed(drift).unwrap();
        let ran = run(7, Codes::Seed(&seed(), drift), &[], Some(there), JUST_ENABLED, 1).await;
        assert_eq!(ran.tried, [(shown(there + 1), 30), (shown(there + 2), 60)]);
    }
}

#[tokio::test]
async fn tries_have_an_end() {
    let ran = run(0, Codes::Seed(&seed(), 0), &[], None, KNOWN, 99).await;
    let error = ran.result.unwrap_err();
    assert!(matches!(error, Unproved::Refused { tries: 3, .. }) && error.is_of_codes());
    assert!(error.to_string().starts_with("AWS took none of 3 codes: "), "{error}");
    assert!(error.help().unwrap().contains("portcullis mfa resync"));
}

#[tokio::test]
async fn a_given_code_is_tried_once() {
    let code = MfaCode::parse("123456").unwrap();
    let ran = run(0, Codes::Given(&code), &["654321"], None, JUST_ENABLED, 1).await;
    assert_eq!(ran.codes(), ["123456"]);
    assert!(ran.result.unwrap_err().to_string().starts_with("AWS did not take the code: "));
    assert_eq!(ran.told, "", "nothing is asked");
}

#[tokio::test]
async fn a_person_is_asked_again_and_nothing_is_spent_on_what_cannot_be_right() {
    let lines = ["12345", "abc", "111 111", "111111", "222222"];
    let ran = run(0, Codes::Asked, &lines, None, KNOWN, 1).await;
    assert!(ran.result.is_ok());
    assert_eq!(ran.codes(), ["111111", "222222"]);
    assert_eq!(ran.told.matches("a code is six digits").count(), 2);
    assert_eq!(ran.told.matches("that code was used already").count(), 1);
    assert_eq!(ran.told.matches("the next code of kim: ").count(), 2, "{}", ran.told);
    assert!(!ran.told.contains("111111") && !ran.told.contains("12345"));
}

#[tokio::test]
async fn the_end_of_the_input_ends_it() {
    let ran = run(0, Codes::Asked, &[], None, KNOWN, 0).await;
    assert!(matches!(ran.result, Err(Unproved::NoCode(None))));
    let ran = run(0, Codes::Asked, &["111111"], None, KNOWN, 1).await;
    let error = ran.result.unwrap_err();
    assert_eq!(error.to_string(), "no code was given that AWS took");
    assert!(error.help().unwrap().contains("portcullis mfa resync"));
}

#[tokio::test]
async fn never_more_than_nine_codes_in_three_minutes() {
    let lines = [
        "000000", "000001", "000002", "000003", "000004", "000005", "000006", "000007", "000008", "000009", "000010",
        "000011", "000012", "000013", "000014", "000015", "000016", "000017", "000018", "000019",
    ];
    let ran = run(0, Codes::Asked, &lines, None, 20, 99).await;
    let at: Vec<i64> = ran.tried.iter().map(|(_, at)| *at).collect();
    assert_eq!(at.len(), 20);
    for start in &at {
        let within = at.iter().filter(|other| (*start..start + 180).contains(other)).count();
        assert!(within <= 9, "{within} tries in three minutes: {at:?}");
    }
    assert!(ran.told.contains("waiting for AWS, which takes nine codes in three minutes, 164 s"), "{}", ran.told);
}

#[tokio::test]
async fn what_is_no_refusal_is_not_tried_again() {
    let time = FakeTime(Cell::new(START));
    let mut person = Script::default();
    let wanted = Wanted { serial: SERIAL, lasting: None, spent: None, tries: JUST_ENABLED };
    let mut calls = 0;
    let open = async |_: &MfaCode| {
        calls += 1;
        Err(AwsError::of_test("InternalFailure"))
    };
    let attempts = Attempts { time: &time, person: &mut person, spent: None, made: Vec::new(), used: Vec::new() };
    let error = attempts.run(&wanted, Codes::Seed(&seed(), 0), open).await.unwrap_err();
    assert!(matches!(error, Unproved::Aws(_)) && !error.is_of_codes());
    assert_eq!((calls, error.help().unwrap().as_str()), (1, "the code may be used up: take the next one"));
}

#[tokio::test]
async fn a_seed_without_codes_says_so() {
    let none = Seed::of_aws(Secret::new("abc01".to_owned()));
    let ran = run(0, Codes::Seed(&none, 0), &[], None, KNOWN, 0).await;
    assert!(matches!(ran.result, Err(Unproved::NoSeed)) && ran.tried.is_empty());
}
