//! From outcomes to findings, and from accounts to the whole evaluation.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::evaluation::{
    ControlResult, Counts, Evaluation, Evidence, Finding, Notice, SCHEMA, State, Status, Summary, Tool,
};
use crate::model::{AccountFacts, AccountStatus, Target};
use crate::rules::subject::Subject;
use crate::rules::value::{Reading, Value};
use crate::rules::vocabulary::FactDef;
use crate::rules::{Rule, RuleSet};

use super::{AccountEvaluation, account_resource};

/// Whose results these are.
#[derive(Debug, Clone)]
pub struct Run {
    /// The run's id.
    pub id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The moment against which ages were judged.
    pub evaluated_at: Timestamp,
    /// What has to be said of it as a whole.
    pub notices: Vec<Notice>,
}

/// The finding of `rule` on `subject`.
pub(super) fn finding(rule: &Rule, facts: &AccountFacts, subject: Subject<'_>, status: Status) -> Finding {
    let evidence: Vec<Evidence> = rule.facts.iter().map(|fact| evidence(fact, subject)).collect();
    let message = match status {
        Status::Unknown => undecided(rule, &evidence),
        _ => rule.message(subject),
    };
    build(rule, &facts.account.id, subject.resource(), rule.target, status, message, evidence)
}

fn undecided(rule: &Rule, evidence: &[Evidence]) -> String {
    let missing = |evidence: &Evidence| evidence.unknown.as_ref().map(|reason| format!("{}: {reason}", evidence.fact));
    let mut reasons: Vec<String> = evidence.iter().filter_map(missing).collect();
    if reasons.is_empty() {
        // All facts of the resource are known: then it is a fact of an entry, such as the date of an access key.
        let lists = evidence.iter().filter(|evidence| evidence.value.is_array());
        reasons = lists.map(|evidence| format!("{}: an entry lacks what decides it", evidence.fact)).collect();
    }
    format!("could not be judged ({}): {}", rule.title, reasons.join("; "))
}

fn evidence(fact: &FactDef, subject: Subject<'_>) -> Evidence {
    let Reading { value, origin } = fact.of(subject);
    let origin = origin.or_else(|| subject.origin());
    let shown = value.map_or(serde_json::Value::Null, Value::to_json);
    let unknown = match value {
        Err(unknown) => Some(unknown),
        Ok(Value::List(list)) => list.rest,
        Ok(_) => None,
    };
    Evidence {
        fact: fact.name.to_owned(),
        value: shown,
        source: Some(match (value, origin) {
            (Ok(_), Some(origin)) => origin.source.to_string(),
            (Err(unknown), _) => unknown.source.to_owned(),
            (Ok(_), None) => fact.source.to_owned(),
        }),
        as_of: value.ok().and(origin).map(|origin| origin.as_of),
        unknown: unknown.map(|unknown| format!("{} ({})", unknown.reason, unknown.source)),
    }
}

/// The finding for resources of the account that could not be listed.
pub(super) fn unread(rule: &Rule, facts: &AccountFacts, source: &str, reason: &str) -> Finding {
    // Why an account could not be entered is said once, of the account; here the evidence has it.
    let what = match rule.target {
        Target::Account | Target::Root => "the account could not be entered".to_owned(),
        Target::User => format!("users of the account could not all be listed: {reason}"),
        Target::Group => format!("groups of the account could not all be listed: {reason}"),
        Target::Role => format!("roles of the account could not all be listed: {reason}"),
        Target::Policy => format!("policies of the account could not all be listed: {reason}"),
    };
    let message = format!("could not be judged ({}): {what}", rule.title);
    let evidence = vec![Evidence {
        fact: rule.target.as_str().to_owned(),
        value: serde_json::Value::Null,
        source: Some(source.to_owned()),
        as_of: None,
        unknown: Some(reason.to_owned()),
    }];
    let resource = account_resource(facts);
    build(rule, &facts.account.id, resource, Target::Account, Status::Unknown, message, evidence)
}

/// `finding`, about another resource.
pub(super) fn on(finding: Finding, resource: String, target: Target) -> Finding {
    Finding { id: finding_id(&finding.rule, &finding.account, &resource), resource, resource_type: target, ..finding }
}

fn build(
    rule: &Rule,
    account: &str,
    resource: String,
    resource_type: Target,
    status: Status,
    message: String,
    evidence: Vec<Evidence>,
) -> Finding {
    Finding {
        id: finding_id(&rule.id, account, &resource),
        rule: rule.id.clone(),
        severity: rule.severity,
        status,
        mode: rule.mode,
        waived: None,
        state: State::New,
        account: account.to_owned(),
        resource,
        resource_type,
        message,
        evidence,
        controls: rule.controls.clone(),
        remediation: rule.remediation.clone(),
    }
}

/// The id of a finding: a hash of rule, account and resource, and so the same in every run.
#[must_use]
pub(super) fn finding_id(rule: &str, account: &str, resource: &str) -> String {
    let mut hash = Sha256::new();
    for part in [rule, account, resource] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    data_encoding::HEXLOWER.encode(digest.get(..16).unwrap_or_default())
}

/// Joins the judgements of all accounts.
#[must_use]
pub fn assemble(set: &RuleSet, run: Run, mut accounts: Vec<AccountEvaluation>) -> Evaluation {
    accounts.sort_by(|one, other| one.result.id.cmp(&other.result.id));
    let mut notices = run.notices;
    let was_read =
        |account: &AccountEvaluation| matches!(account.result.status, AccountStatus::Scanned | AccountStatus::Partial);
    if !accounts.iter().any(was_read) {
        notices.push(Notice { account: None, message: "no account was scanned".to_owned() });
    }
    let (mut results, mut findings) = (Vec::with_capacity(accounts.len()), Vec::new());
    let mut totals = vec![Counts::default(); set.rules.len()];
    let mut waived = vec![0; set.waivers.all.len()];
    for account in accounts {
        for (total, counts) in totals.iter_mut().zip(&account.counts) {
            total.join(*counts);
        }
        for (total, count) in waived.iter_mut().zip(&account.waived) {
            *total += count;
        }
        notices.extend(account.notices);
        results.push(account.result);
        findings.extend(account.findings);
    }
    let remarks = set.waivers.remarks(&waived);
    notices.extend(remarks.into_iter().map(|message| Notice { account: None, message }));
    Evaluation {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "portcullis".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        run_id: run.id,
        started_at: run.started_at,
        finished_at: run.finished_at,
        evaluated_at: run.evaluated_at,
        rules: set.rules.iter().zip(&totals).map(|(rule, counts)| rule.info(*counts)).collect(),
        controls: controls(set, &totals),
        summary: summary(&totals, &findings),
        accounts: results,
        fixed: Vec::new(),
        notices,
        findings,
    }
}

fn summary(totals: &[Counts], findings: &[Finding]) -> Summary {
    let mut summary = Summary::default();
    for counts in totals {
        summary.pass += counts.pass;
        summary.fail += counts.fail;
        summary.waived += counts.waived;
        summary.unknown += counts.unknown;
        summary.not_applicable += counts.not_applicable;
    }
    for finding in findings.iter().filter(|finding| finding.status == Status::Fail && finding.waived.is_none()) {
        *summary.by_severity.of_mut(finding.severity) += 1;
    }
    summary
}

fn controls(set: &RuleSet, totals: &[Counts]) -> Vec<ControlResult> {
    let mut controls: BTreeMap<(&str, &str), Counts> = BTreeMap::new();
    for (rule, counts) in set.rules.iter().zip(totals) {
        for (framework, ids) in &rule.controls {
            for id in ids {
                controls.entry((framework, id)).or_default().join(*counts);
            }
        }
    }
    let declared = set.frameworks.iter().flat_map(|(framework, ids)| ids.iter().map(move |id| (framework, id)));
    let covered: HashSet<(&str, &str)> = controls.keys().copied().collect();
    for (framework, id) in declared {
        controls.entry((framework, id)).or_default();
    }
    controls
        .into_iter()
        .map(|((framework, control), counts)| ControlResult {
            framework: framework.to_owned(),
            control: control.to_owned(),
            covered: covered.contains(&(framework, control)),
            pass: counts.pass,
            fail: counts.fail,
            waived: counts.waived,
            unknown: counts.unknown,
        })
        .collect()
}
