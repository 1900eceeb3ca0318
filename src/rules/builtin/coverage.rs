//! Every rule of every pack has its cases, its texts and known controls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::model::Status;
use crate::rules::cases::{self, Suite};
use crate::rules::{RuleSet, load};
use crate::yaml::{SourceFile, render};

use super::{names, pack};

/// The ids of controls that aws-facts of each framework know; a mapping to anything else is a slip.
const KNOWN: [(&str, &str); 12] = [
    ("cis-aws-1.5", "1.4 1.5 1.6 1.7 1.8 1.9 1.10 1.11 1.12 1.13 1.14 1.15 1.16 1.17 1.22"),
    ("cis-aws-3.0", "1.4 1.5 1.6 1.7 1.8 1.9 1.10 1.11 1.12 1.13 1.14 1.15 1.16 1.17 1.22"),
    ("cis-aws-5.0", "1.3 1.4 1.5 1.6 1.7 1.8 1.9 1.10 1.11 1.12 1.13 1.14 1.15 1.16 1.21"),
    ("cis-aws-6.0", "2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13 2.14 2.15 2.16 2.21"),
    ("cis-aws-7.0", "2.1.1 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13 2.14 2.15 2.20 2.21"),
    ("aws-fsbp", "IAM.1 IAM.2 IAM.3 IAM.4 IAM.5 IAM.6 IAM.7 IAM.8 IAM.21"),
    (
        "aws-security-hub",
        "IAM.9 IAM.11 IAM.12 IAM.13 IAM.14 IAM.15 IAM.16 IAM.17 IAM.18 IAM.19 IAM.22 IAM.24 IAM.25 IAM.27",
    ),
    (
        "aws-config",
        "access-keys-rotated iam-group-has-users-check iam-no-inline-policy-check iam-password-policy \
         iam-policy-blacklisted-check iam-policy-in-use iam-policy-no-statements-with-admin-access \
         iam-policy-no-statements-with-full-access iam-root-access-key-check iam-user-group-membership-check \
         iam-user-mfa-enabled iam-user-no-policies-check iam-user-unused-credentials-check \
         mfa-enabled-for-iam-console-access root-account-hardware-mfa-enabled root-account-mfa-enabled",
    ),
    (
        "nist-800-53-r5",
        "AC-2 AC-2(1) AC-2(3) AC-3 AC-3(7) AC-3(15) AC-5 AC-6 AC-6(2) AC-6(3) AC-6(10) IA-2(1) IA-2(2) IA-2(6) \
         IA-2(8) IA-5(1)",
    ),
    ("pci-dss-4.0.1", "8.2.6 8.3.6 8.3.7 8.3.9 8.3.10.1 8.4.2 8.6.3 12.10.3"),
    ("soc-2", "CC1.3 CC3.2 CC6.1 CC6.2 CC6.3 CC6.6"),
    ("iso-27001-2022", "A.5.15 A.5.17 A.5.18 A.8.2 A.8.5"),
];
const CSF: &str = "PR.AA-01 PR.AA-02 PR.AA-03 PR.AA-04 PR.AA-05 PR.IR-01 DE.CM-03 GV.RR-04 RS.MA-04";

/// The rules that the pack called `name` has of its own, with their cases; those it takes of others have theirs there.
pub(super) fn with_cases(name: &str) -> (RuleSet, Suite) {
    let source = pack(name).expect("a built-in pack");
    let mut set = load(&[source]).unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
    set.rules.retain(|rule| &*rule.pack == name);
    let file = format!("policies/{name}.cases.yaml");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).expect("a file of cases");
    let suite = cases::load(&SourceFile::new(&file, &text), &set);
    let suite = suite.unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
    (set, suite)
}

#[test]
fn all_packs_load_together() {
    let sources: Vec<SourceFile> = names().into_iter().filter_map(pack).collect();
    let set = load(&sources).unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
    assert!(set.rules.len() >= 45, "{} rules", set.rules.len());
    for name in names() {
        assert!(set.rules.iter().any(|rule| &*rule.pack == name), "the pack `{name}` has another id");
    }
}

#[test]
fn every_rule_says_why_and_how() {
    for name in names() {
        let source = pack(name).expect("a built-in pack");
        assert!(source.text.lines().all(|line| line.chars().count() <= 120), "{name} has a long line");
        let rules = source.text.split("\n  - id: ").skip(1);
        for rule in rules {
            let id = rule.lines().next().unwrap_or_default();
            for key in ["message", "rationale", "remediation"] {
                assert!(rule.contains(&format!("\n    {key}: ")), "{id} has no {key}");
            }
            assert!(rule.contains('`'), "{id} names no command");
        }
    }
}

#[test]
fn every_rule_has_cases_for_every_outcome_and_they_are_met() {
    for name in names() {
        let (set, suite) = with_cases(name);
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for outcome in cases::run(&suite, &set) {
            assert!(outcome.is_met(), "{name}: {} on `{}`: {:?}", outcome.rule.id, outcome.case.name, outcome.status);
            found.entry(&outcome.rule.id).or_default().insert(cases::outcome_name(outcome.status));
        }
        for rule in &set.rules {
            let found = found.remove(rule.id.as_str()).unwrap_or_default();
            let possible = [Status::Pass, Status::Fail, Status::Unknown, Status::NotApplicable];
            for status in possible.into_iter().filter(|s| rule.when.is_some() || *s != Status::NotApplicable) {
                assert!(found.contains(cases::outcome_name(status)), "{} has no case for {status:?}", rule.id);
            }
        }
        let mut names: Vec<_> = suite.cases.iter().map(|case| (case.target, case.name.as_str())).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(all, names.len(), "{name} has two cases of one target and name");
    }
}

#[test]
fn controls_are_those_that_the_frameworks_have() {
    let known: BTreeMap<&str, &str> = KNOWN.into_iter().chain([("nist-csf-2.0", CSF)]).collect();
    let sources: Vec<SourceFile> = names().into_iter().filter_map(pack).collect();
    for rule in load(&sources).expect("right packs").rules {
        for (framework, ids) in &rule.controls {
            let known = known.get(framework.as_str()).unwrap_or_else(|| panic!("{}: {framework}", rule.id));
            for id in ids {
                assert!(known.split(' ').any(|other| other == id), "{}: {framework} has no {id}", rule.id);
            }
        }
    }
}
