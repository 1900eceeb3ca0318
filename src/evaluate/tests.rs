//! From facts and rules to findings, counts and controls; and what a judgement still asks for.

mod demand;
mod numbers;

use super::*;
use crate::model::{AccountFacts, Evaluation, Severity, User};
use crate::rules::RuleSet;
use crate::testing::{
    ACCOUNT, account as facts, at_least, baseline, denied, group, known, now, policy, rich_account, role, rules, user,
    with_users,
};

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// One rule a target.
fn one_rule_a_target() -> RuleSet {
    rules(&[
        "target: account, require: { password_policy_exists: false }",
        "target: root, severity: critical, require: { mfa_active: false }",
        "target: user, severity: low, require: { console_access: true }",
        "target: group, require: { members: 1 }",
        "target: role, require: { is_service_linked: true }",
        "target: policy, require: { attachments: 9 }",
    ])
}

/// An account with one group, role and policy, and with these users.
fn full(users: Vec<User>) -> AccountFacts {
    let mut facts = with_users(users);
    facts.groups = known(vec![group("ops", &[])], DETAILS);
    facts.roles = known(vec![role("ec2", None)], DETAILS);
    facts
}

fn run() -> Run {
    Run { id: "run".to_owned(), started_at: now(), finished_at: now(), evaluated_at: now(), notices: Vec::new() }
}

fn evaluation(set: &RuleSet, accounts: &[AccountFacts]) -> Evaluation {
    assemble(set, run(), accounts.iter().map(|facts| account(set, facts, now())).collect())
}

/// Rule, status and resource of each finding.
fn shown(findings: &[Finding]) -> Vec<(&str, Status, &str)> {
    findings.iter().map(|finding| (finding.rule.as_str(), finding.status, finding.resource.as_str())).collect()
}

#[test]
fn every_target_is_judged_and_named_as_the_contract_says() {
    let evaluated = account(&one_rule_a_target(), &full(vec![user("a"), user("b")]), now());
    assert_eq!(
        shown(&evaluated.findings),
        [
            ("rule-1", Status::Fail, "arn:aws:iam::111122223333:root"),
            ("rule-0", Status::Fail, "AWS::::Account:111122223333"),
            ("rule-3", Status::Fail, "arn:aws:iam::111122223333:group/ops"),
            ("rule-4", Status::Fail, "arn:aws:iam::111122223333:role/ec2"),
            ("rule-5", Status::Fail, "arn:aws:iam::aws:policy/AdministratorAccess"),
            ("rule-2", Status::Fail, "arn:aws:iam::111122223333:user/a"),
            ("rule-2", Status::Fail, "arn:aws:iam::111122223333:user/b"),
        ]
    );
    let types: Vec<Target> = evaluated.findings.iter().map(|finding| finding.resource_type).collect();
    assert_eq!(&types[..5], [Target::Root, Target::Account, Target::Group, Target::Role, Target::Policy]);
}

#[test]
fn a_failure_says_what_and_shows_what_it_rests_on() {
    let set = rules(&[
        "id: r, target: user, when: { console_access: true }, require: { mfa_devices: { count: { gte: 1 } } }, \
        message: '{name} has {mfa_devices} devices, last seen {password_last_used}', remediation: Mend it., controls: { cis: ['1.1'] }",
    ]);
    let evaluated = account(&set, &with_users(vec![user("alice").signs_in(Some(1), Some(2))]), now());
    insta::assert_json_snapshot!(evaluated.findings);
}

#[test]
fn an_unknown_says_which_fact_is_missing_and_why() {
    let set = rules(&["id: r, target: user, require: { mfa_devices: { count: { gte: 2 } }, console_access: true }"]);
    let seen = user("seen").signs_in(Some(1), None).some_devices(&[crate::model::MfaKind::Virtual]);
    let unread = user("unread").with(|user| user.console_access = denied("iam:GetCredentialReport"));
    let unread = unread.devices(&[crate::model::MfaKind::Virtual; 2]);
    let evaluated = account(&set, &with_users(vec![seen, unread]), now());
    insta::assert_json_snapshot!(evaluated.findings);
}

#[test]
fn an_unknown_inside_an_entry_is_named_by_its_list() {
    let undated = user("a").keys(vec![crate::testing::key(None, None)]);
    let set = rules(&["target: user, require: { access_keys: { none: { age: { older_than: 1d } } } }"]);
    let evaluated = account(&set, &with_users(vec![undated]), now());
    assert_eq!(
        evaluated.findings[0].message,
        "could not be judged (Rule 0): access_keys: an entry lacks what decides it"
    );
}

/// Nobody could count the users of an account that could not be entered: one unknown a rule about account or root.
#[test]
fn a_failed_account_has_one_unknown_for_each_rule_about_itself() {
    let set = one_rule_a_target();
    let facts = AccountFacts::unread(facts().account, AccountStatus::Failed, "AccessDenied: not authorized");
    let evaluated = account(&set, &facts, now());
    assert_eq!(
        shown(&evaluated.findings),
        [
            ("rule-1", Status::Unknown, "arn:aws:iam::111122223333:root"),
            ("rule-0", Status::Unknown, "AWS::::Account:111122223333"),
        ]
    );
    let root = &evaluated.findings[0];
    assert_eq!((root.resource_type, evaluated.findings[1].resource_type), (Target::Root, Target::Account));
    assert_eq!(root.message, "could not be judged (Rule 1): the account could not be entered");
    assert_eq!(root.evidence[0].unknown.as_deref(), Some("AccessDenied: not authorized"));
    assert_eq!(root.evidence[0].source.as_deref(), Some("sts:AssumeRole"));
    assert_eq!(evaluated.counts.iter().map(|counts| counts.unknown).sum::<u64>(), 2);
}

/// The ids are those that the same rules have once the account can be read: a baseline holds across.
#[test]
fn an_unknown_of_a_failed_account_has_the_id_of_the_later_failure() {
    let set = one_rule_a_target();
    let failed = AccountFacts::unread(facts().account, AccountStatus::Failed, "x");
    let ids = |facts: &AccountFacts| -> Vec<String> {
        account(&set, facts, now()).findings.iter().take(2).map(|finding| finding.id.clone()).collect()
    };
    assert_eq!(ids(&failed), ids(&facts()));
}

#[test]
fn a_skipped_account_is_named_and_not_judged() {
    let facts = AccountFacts::unread(facts().account, AccountStatus::Skipped, "suspended");
    let evaluated = account(&baseline(), &facts, now());
    assert!(evaluated.findings.is_empty());
    assert!(evaluated.counts.iter().all(|counts| *counts == Counts::default()));
    assert_eq!(
        (evaluated.result.status, evaluated.result.reason.as_deref()),
        (AccountStatus::Skipped, Some("suspended"))
    );
}

#[test]
fn lists_that_could_not_be_read_are_one_unknown_a_rule() {
    let set = one_rule_a_target();
    let mut facts = facts();
    facts.status = AccountStatus::Partial;
    (facts.users, facts.groups, facts.roles, facts.policies) =
        (denied(DETAILS), denied(DETAILS), denied(DETAILS), denied(DETAILS));
    let evaluated = account(&set, &facts, now());
    let unknown: Vec<_> = evaluated.findings.iter().filter(|finding| finding.status == Status::Unknown).collect();
    assert_eq!(unknown.len(), 4);
    for finding in unknown {
        assert_eq!(finding.resource, format!("AWS::::Account:{ACCOUNT}"));
        assert_eq!(finding.resource_type, Target::Account);
        assert!(finding.message.contains("could not all be listed: AccessDenied"), "{}", finding.message);
    }
    assert_eq!(evaluated.result.users, 0);
}

#[test]
fn a_list_known_in_part_is_judged_and_adds_one_unknown_for_the_rest() {
    let mut facts = facts();
    facts.users = at_least(vec![user("a"), user("b").signs_in(None, None)], DETAILS);
    let evaluated = account(&rules(&["target: user, require: { console_access: true }"]), &facts, now());
    assert_eq!(evaluated.counts, [Counts { pass: 1, fail: 1, waived: 0, unknown: 1, not_applicable: 0 }]);
    assert_eq!(
        shown(&evaluated.findings),
        [
            ("rule-0", Status::Unknown, "AWS::::Account:111122223333"),
            ("rule-0", Status::Fail, "arn:aws:iam::111122223333:user/a"),
        ]
    );
}

#[test]
fn ids_are_stable_and_of_rule_account_and_resource_alone() {
    // A change here breaks every baseline that users have saved.
    let id = assemble::finding_id("console-user-mfa", ACCOUNT, "arn:aws:iam::111122223333:user/alice");
    assert_eq!(id, "5daa8445316d3813012e4acc5802eb29");
    let parts = ["r", "a", "x", "ra", "ax"];
    let mut ids = std::collections::HashSet::new();
    for rule in parts {
        for account in parts {
            for resource in parts {
                assert!(ids.insert(assemble::finding_id(rule, account, resource)), "{rule} {account} {resource}");
            }
        }
    }
    let older = user("alice").signs_in(Some(1), Some(2));
    let newer = older.clone().signs_in(Some(100), Some(200));
    let ids = |user: User| -> Vec<String> {
        let of_mfa = |finding: &Finding| finding.rule == "console-user-mfa";
        account(&baseline(), &with_users(vec![user]), now())
            .findings
            .into_iter()
            .filter(of_mfa)
            .map(|finding| finding.id)
            .collect()
    };
    assert_eq!(ids(older), ids(newer), "evidence is no part of it");
}

#[test]
fn findings_of_a_run_have_distinct_ids() {
    let mut second = rich_account();
    second.account.id = "999999999999".to_owned();
    let evaluation = evaluation(&baseline(), &[rich_account(), second]);
    let ids: std::collections::HashSet<&str> = evaluation.findings.iter().map(|finding| finding.id.as_str()).collect();
    assert!(evaluation.findings.len() > 10, "{}", evaluation.findings.len());
    assert_eq!(ids.len(), evaluation.findings.len());
}

/// Neither the order in which AWS lists, nor the number of threads, shows in the results.
#[test]
fn results_are_the_same_in_every_run() {
    let names: Vec<String> = (0..1200).map(|number| format!("user-{:04}", (number * 7919) % 1200)).collect();
    let users = |names: &[String]| names.iter().map(|name| user(name).signs_in(Some(400), Some(500))).collect();
    let mut reversed = names.clone();
    reversed.reverse();
    let set = baseline();
    let with_threads = |threads: usize, names: &[String]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| evaluation(&set, &[with_users(users(names))]))
    };
    let first = with_threads(1, &names);
    assert_eq!(first.findings.len(), 2400, "no MFA, and a password not in use");
    for (threads, names) in [(4, &names), (1, &reversed), (4, &reversed)] {
        assert!(first == with_threads(threads, names), "{threads} threads");
    }
}

#[test]
fn accounts_come_by_id_and_findings_worst_first() {
    let with_id = |id: &str| {
        let mut facts = full(vec![user("b"), user("a")]);
        facts.account.id = id.to_owned();
        facts
    };
    let evaluation = evaluation(&one_rule_a_target(), &[with_id("333333333333"), with_id("111111111111")]);
    let ids: Vec<&str> = evaluation.accounts.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, ["111111111111", "333333333333"]);
    let keys: Vec<_> = evaluation
        .findings
        .iter()
        .map(|finding| (&finding.account, std::cmp::Reverse(finding.severity), &finding.rule, &finding.resource))
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(evaluation.findings[0].severity, Severity::Critical);
}

#[test]
fn a_policy_is_judged_where_it_is_used() {
    let set = rules(&["target: policy, require: { name: own }"]);
    let mut facts = facts();
    facts.policies = known(vec![policy("arn:aws:iam::aws:policy/job-function/Billing", "{}")], DETAILS);
    let evaluated = account(&set, &facts, now());
    assert_eq!(shown(&evaluated.findings), [("rule-0", Status::Fail, "arn:aws:iam::aws:policy/job-function/Billing")]);
    assert_eq!(evaluated.findings[0].account, ACCOUNT);
}
