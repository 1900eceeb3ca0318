//! Facts × rules → findings. Pure: no I/O, no clock; nothing else in the program judges anything.
//!
//! May use `rules` and `model`. Resources of an account are judged in parallel; the order of the findings is the same
//! in every run.

mod assemble;
mod demand;
mod summary;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::evaluation::{AccountResult, Counts, Finding, Notice};
use crate::model::{AccountFacts, AccountStatus, Fact, Status, Target, arn};
use crate::rules::index::AccountIndex;
use crate::rules::modes::mode_of;
use crate::rules::subject::{AccountView, Subject};
use crate::rules::{Rule, RuleSet};

pub use assemble::{Run, assemble};
pub use demand::{Demand, Wanted};

/// The judgement of one account: everything of it that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvaluation {
    /// The account as results show it.
    pub result: AccountResult,
    /// Outcomes, one entry a rule of the set, in its order.
    pub counts: Vec<Counts>,
    /// How many failures each waiver of the set waived, in its order.
    pub waived: Vec<u64>,
    /// Failures and unknowns.
    pub findings: Vec<Finding>,
    /// Remarks.
    pub notices: Vec<Notice>,
}

/// Judges one account.
#[must_use]
pub fn account(set: &RuleSet, facts: &AccountFacts, now: Timestamp) -> AccountEvaluation {
    let index = AccountIndex::new(facts);
    let view = AccountView { facts, index: &index };
    let mut counts = Vec::with_capacity(set.rules.len());
    let mut waived = vec![0; set.waivers.all.len()];
    let mut findings = Vec::new();
    for rule in &set.rules {
        let (count, mut found) = match facts.status {
            AccountStatus::Skipped => (Counts::default(), Vec::new()),
            AccountStatus::Failed => failed(rule, facts),
            AccountStatus::Scanned | AccountStatus::Partial => judge(rule, view, now),
        };
        let mode = mode_of(&set.modes, &rule.id, rule.mode, &facts.account);
        for finding in &mut found {
            finding.mode = mode;
        }
        counts.push(waive(set, count, &mut found, &mut waived));
        findings.append(&mut found);
    }
    findings.sort_by(|one, other| {
        let by_severity = other.severity.cmp(&one.severity);
        by_severity.then_with(|| (&one.rule, &one.resource).cmp(&(&other.rule, &other.resource)))
    });
    let notices = summary::notices(facts);
    AccountEvaluation { result: summary::account(facts), counts, waived, findings, notices }
}

/// Marks the failures that are waived. They stay findings; they count apart.
fn waive(set: &RuleSet, mut counts: Counts, findings: &mut [Finding], tally: &mut [u64]) -> Counts {
    for finding in findings.iter_mut().filter(|finding| finding.status == Status::Fail) {
        let Some((at, waiver)) = set.waivers.find(&finding.rule, &finding.account, &finding.resource) else {
            continue;
        };
        finding.waived = Some(waiver.by.clone());
        counts.fail -= 1;
        counts.waived += 1;
        if let Some(count) = tally.get_mut(at) {
            *count += 1;
        }
    }
    counts
}

fn judge(rule: &Rule, view: AccountView<'_>, now: Timestamp) -> (Counts, Vec<Finding>) {
    let facts = view.facts;
    match rule.target {
        Target::Account => over(rule, facts, now, 1, |_| Some(Subject::Account(view))),
        Target::Root => over(rule, facts, now, 1, |_| Some(Subject::Root(view))),
        Target::User => all(rule, facts, now, &facts.users, |at, user| Subject::User(view, at, user)),
        Target::Group => all(rule, facts, now, &facts.groups, |at, group| Subject::Group(view, at, group)),
        Target::Role => all(rule, facts, now, &facts.roles, |at, role| Subject::Role(view, at, role)),
        Target::Policy => all(rule, facts, now, &facts.policies, |at, policy| Subject::Policy(view, at, policy)),
    }
}

/// Judges every entry of a list; a list that is not known whole adds one unknown for what was not seen.
fn all<'a, T: Sync>(
    rule: &Rule,
    facts: &'a AccountFacts,
    now: Timestamp,
    list: &'a Fact<Vec<T>>,
    subject: impl Fn(usize, &'a T) -> Subject<'a> + Sync,
) -> (Counts, Vec<Finding>) {
    let items = list.value().map_or(&[] as &[T], Vec::as_slice);
    let (mut counts, mut findings) =
        over(rule, facts, now, items.len(), |at| items.get(at).map(|item| subject(at, item)));
    if let Some(gap) = list.gap() {
        counts.unknown += 1;
        findings.push(assemble::unread(rule, facts, &gap.source, &gap.reason));
    }
    (counts, findings)
}

fn over<'a>(
    rule: &Rule,
    facts: &AccountFacts,
    now: Timestamp,
    count: usize,
    subject: impl Fn(usize) -> Option<Subject<'a>> + Sync,
) -> (Counts, Vec<Finding>) {
    let judged = (0..count).into_par_iter().with_min_len(256).fold(
        || (Counts::default(), Vec::new()),
        |(mut counts, mut findings), at| {
            if let Some(subject) = subject(at) {
                let status = rule.judge(subject, now);
                counts.add(status);
                if matches!(status, Status::Fail | Status::Unknown) {
                    findings.push(assemble::finding(rule, facts, subject, status));
                }
            }
            (counts, findings)
        },
    );
    judged.reduce(
        || (Counts::default(), Vec::new()),
        |(mut counts, mut findings), (more, mut found)| {
            counts.join(more);
            findings.append(&mut found);
            (counts, findings)
        },
    )
}

/// An account that could not be entered: one unknown for each rule about the account or its root, none for users that
/// nobody could count.
fn failed(rule: &Rule, facts: &AccountFacts) -> (Counts, Vec<Finding>) {
    if !matches!(rule.target, Target::Account | Target::Root) {
        return (Counts::default(), Vec::new());
    }
    let reason = facts.reason.as_deref().unwrap_or("the account could not be entered");
    let mut finding = assemble::unread(rule, facts, "sts:AssumeRole", reason);
    if rule.target == Target::Root {
        finding = assemble::on(finding, facts.root_arn(), Target::Root);
    }
    (Counts { unknown: 1, ..Counts::default() }, vec![finding])
}

/// The resource that stands for an account whose list could not be read.
fn account_resource(facts: &AccountFacts) -> String {
    arn::account_resource(&facts.account.id)
}

#[cfg(test)]
mod tests;
