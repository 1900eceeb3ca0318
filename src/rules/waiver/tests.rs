//! What a waiver covers, until when, and what is said of it.

use super::*;
use crate::yaml::render;

const NOW: &str = "2026-11-24T12:00:00Z";
const ALICE: &str = "arn:aws:iam::111122223333:user/team/alice";

fn read_at(waivers: &str, now: &str) -> Result<Waivers, Vec<Diagnostic>> {
    let text = format!("apiVersion: portcullis/v1\nkind: WaiverSet\nwaivers:\n{waivers}");
    load(&[SourceFile::new("w.yaml", &text)], now.parse().unwrap(), DEFAULT_MAX_DAYS)
}

fn read(waivers: &str) -> Result<Waivers, Vec<Diagnostic>> {
    read_at(waivers, NOW)
}

fn line(fields: &str) -> String {
    format!("  - {{ owner: a@example.org, reason: r, {fields} }}\n")
}

fn one(fields: &str) -> Waivers {
    read(&line(fields)).unwrap()
}

fn covers(waivers: &Waivers, rule: &str, account: &str, resource: &str) -> bool {
    waivers.find(rule, account, resource).is_some()
}

#[test]
fn globs_are_iams_and_account_defaults_to_all() {
    let waivers = one("rule: console-*, resource: \"arn:*:iam::*:user/team/al?ce\", expires: 2026-12-31");
    assert!(covers(&waivers, "console-user-mfa", "111122223333", ALICE));
    assert!(!covers(&waivers, "admin-mfa", "111122223333", ALICE));
    assert!(!covers(&waivers, "console-user-mfa", "111122223333", "arn:aws:iam::1:user/team/alicce"));
    let other = one("rule: x, account: 012345678901, resource: \"*\", expires: 2026-12-31");
    assert!(covers(&other, "x", "012345678901", ALICE));
    assert!(!covers(&other, "x", "111122223333", ALICE));
}

#[test]
fn a_date_counts_through_its_end_and_a_moment_to_the_second() {
    let ends = |expires: &str, now: &str| {
        let waivers = read_at(&line(&format!("rule: x, resource: y, expires: \"{expires}\"")), now).unwrap();
        !covers(&waivers, "x", "1", "y")
    };
    assert!(!ends("2026-11-24", "2026-11-24T23:59:59Z"));
    assert!(ends("2026-11-24", "2026-11-25T00:00:00Z"));
    assert!(!ends("2026-11-24T13:00:00Z", "2026-11-24T12:59:59Z"));
    assert!(ends("2026-11-24T13:00:00Z", "2026-11-24T13:00:00Z"));
    assert!(ends("2026-11-24T13:00:00.5+01:00", "2026-11-24T12:00:01Z"));
}

#[test]
fn what_is_expired_unmatched_or_over_broad_is_said() {
    let text = "  - { rule: a, resource: b, owner: o, reason: r, expires: 2026-01-01 }\n  \
        - { rule: a, resource: c, owner: o, reason: r, expires: 2026-12-01 }\n  \
        - { rule: \"*\", resource: d, owner: o, reason: r, expires: 2026-12-01 }\n";
    let remarks = read(text).unwrap().remarks(&[0, 0, 7]);
    let expected = [
        "waiver w.yaml:4 (rule a, account *, resource b) has expired (2026-01-01) and counts for nothing",
        "waiver w.yaml:5 (rule a, account *, resource c) matches no failure; remove it if it is no longer needed",
        "waiver w.yaml:6 (rule *, account *, resource d) is over-broad: it waives 7 failures; name rules and resources",
    ];
    assert_eq!(remarks, expected);
}

#[test]
fn every_problem_of_a_file_is_reported_and_none_of_it_used() {
    let problems = read(
        "  - { rule: a, resource: b, owner: o, reason: r, expires: 2030-01-01 }\n  \
           - { rule: a, resource: b, owner: '', reason: r, expires: someday }\n  \
           - { rul: a, resource: b, owner: o, expires: 2026-12-01 }\n",
    )
    .unwrap_err();
    let shown = render(&problems, false);
    let places: Vec<&str> = shown.lines().filter(|line| line.starts_with("w.yaml:")).collect();
    assert_eq!(
        places,
        [
            "w.yaml:4:59: error[bad-value]: `2030-01-01` is more than 365 days ahead",
            "w.yaml:5:36: error[bad-value]: `owner` is empty",
            "w.yaml:5:60: error[bad-value]: `someday` is no date",
            "w.yaml:6:5: error[missing-key]: a waiver lacks the key `rule`",
            "w.yaml:6:5: error[missing-key]: a waiver lacks the key `reason`",
            "w.yaml:6:7: error[unknown-key]: a waiver has no key `rul`",
        ]
    );
}

#[test]
fn only_dates_and_moments_with_an_offset_are_ends() {
    let refused = [
        "20261201",
        "2026-W49-2",
        "2026-12-01T01:00:00",
        "2026-11-20T01:00:00",
        "2026-12-01T01:00:00+09:00[Asia/Tokyo]",
        "2026-12-01[Asia/Tokyo]",
        "2026-12-01T01:00:00+09",
        "20261201T010000Z",
        "2026-02-30",
        "+002026-12-01",
    ];
    for expires in refused {
        let problems = read(&line(&format!("rule: x, resource: y, expires: \"{expires}\""))).expect_err(expires);
        assert_eq!(problems[0].message, format!("`{expires}` is no date"));
    }
    for expires in ["2026-12-01", "2026-12-01T01:00:00Z", "2026-12-01t01:00:00.25z", "2026-12-01T01:00:00+09:00"] {
        assert!(read(&line(&format!("rule: x, resource: y, expires: \"{expires}\""))).is_ok(), "{expires}");
    }
}

#[test]
fn an_account_id_is_not_negative() {
    let problems = read(&line("rule: x, account: -1, resource: y, expires: 2026-12-01")).unwrap_err();
    assert_eq!(problems[0].message, "`-1` is no account id");
}

#[test]
fn globs_that_name_nothing_are_over_broad() {
    let broad = |rule: &str, account: &str, resource: &str| {
        let fields = format!("rule: \"{rule}\", account: \"{account}\", resource: \"{resource}\", expires: 2026-12-01");
        one(&fields).remarks(&[1]).iter().any(|remark| remark.contains("over-broad"))
    };
    for (rule, account, resource) in [
        ("?*", "111122223333", "x"),
        ("x", "????????????", "?*"),
        ("x", "*", "arn:*"),
        ("x", "*", "arn:*:iam::*:*"),
        ("x", "?*", "arn:aws:iam::*"),
        ("x", "*", "arn:aws*"),
        ("x", "*", "arn:*:iam::*:user/*"),
    ] {
        assert!(broad(rule, account, resource), "{rule} {account} {resource}");
    }
    for (rule, account, resource) in [
        ("x", "111122223333", "*"),
        ("x", "*", "arn:*:iam::*:user/ci-*"),
        ("x", "*", "arn:aws:iam::111122223333:*"),
        ("x", "*", "arn:aws*alice"),
        ("x", "*", "arn:*:iam::*:user/team/*"),
        ("console-*", "*", "x"),
    ] {
        assert!(!broad(rule, account, resource), "{rule} {account} {resource}");
    }
}
