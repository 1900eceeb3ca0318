//! The findings by rule. What is the same for all findings of a rule is said once. Uses only `crate::model`.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use crate::model::evaluation::{Controls, RuleInfo, State, WaivedBy};
use crate::model::{Evaluation, Evidence, Finding, Mode, Severity, Status};
use crate::report::text::{short_resource, standing, utc, value, without_path};

/// A rule and its findings.
#[derive(Serialize)]
pub(super) struct RuleSection<'a> {
    /// The rule's id.
    id: &'a str,
    /// Its title.
    title: &'a str,
    /// Its severity.
    severity: Severity,
    /// What it judges.
    target: &'static str,
    /// What a failure may lead to.
    mode: Option<&'static str>,
    /// The pack it is in.
    pack: &'a str,
    /// Why it matters.
    rationale: &'a str,
    /// How to mend it, where that is the same for all its findings.
    remediation: Option<&'a str>,
    /// Controls that it serves.
    controls: Vec<String>,
    /// How often it passed.
    pass: u64,
    /// To how many resources it does not apply.
    not_applicable: u64,
    /// Open failures.
    fail: usize,
    /// Findings that could not be decided.
    unknown: usize,
    /// Waived failures.
    waived: usize,
    /// The findings.
    findings: Vec<FindingRow<'a>>,
}

/// A finding.
#[derive(Serialize)]
struct FindingRow<'a> {
    /// Its id.
    id: &'a str,
    /// `fail`, `unknown` or `waived`.
    standing: &'static str,
    /// Whether it is only audited, and does not count for the exit status.
    audit: bool,
    /// Whether the baseline had it.
    known: bool,
    /// The account's id.
    account: &'a str,
    /// The account's name.
    account_name: &'a str,
    /// The resource, short.
    name: String,
    /// The resource.
    resource: &'a str,
    /// What is wrong.
    message: &'a str,
    /// The waiver.
    waived: Option<&'a WaivedBy>,
    /// How to mend it, where that is not the same for all findings of the rule.
    remediation: Option<&'a str>,
    /// The facts it rests on.
    evidence: Vec<EvidenceRow<'a>>,
}

/// A fact that a finding rests on.
#[derive(Serialize)]
struct EvidenceRow<'a> {
    /// Its name.
    fact: &'a str,
    /// Its value, or nothing if it is unknown.
    value: Option<String>,
    /// Why it, or a part of it, is unknown.
    unknown: Option<&'a str>,
    /// The call that told it, or would have.
    source: Option<&'a str>,
    /// How old it is.
    as_of: Option<String>,
}

/// A finding of the baseline that is gone.
#[derive(Serialize)]
pub(super) struct FixedRow<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The account's id.
    account: &'a str,
    /// The resource, short.
    name: String,
    /// What was wrong.
    message: &'a str,
}

impl<'a> FixedRow<'a> {
    /// The row of `finding`.
    pub(super) fn of(finding: &'a Finding) -> Self {
        let name = without_path(short_resource(finding));
        Self { rule: &finding.rule, account: &finding.account, name, message: &finding.message }
    }
}

/// The rules of `evaluation` with their findings: first those with findings, worst first, then the others.
pub(super) fn sections(evaluation: &Evaluation) -> Vec<RuleSection<'_>> {
    let names = evaluation.accounts.iter().map(|account| (&*account.id, &*account.name)).collect();
    let mut by_rule: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in &evaluation.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let mut sections = Vec::new();
    for rule in &evaluation.rules {
        let findings = by_rule.remove(&*rule.id).unwrap_or_default();
        sections.push(RuleSection::of(rule, &findings, &names));
    }
    // Results that were merged or written by another version may name a rule that they do not list.
    sections.extend(by_rule.values().filter_map(|findings| RuleSection::unlisted(findings, &names)));
    sections
        .sort_by_key(|section| (section.findings.is_empty(), Reverse(section.severity), section.fail == 0, section.id));
    sections
}

impl<'a> RuleSection<'a> {
    fn of(rule: &'a RuleInfo, findings: &[&'a Finding], names: &HashMap<&str, &'a str>) -> Self {
        let mut section = Self {
            id: &rule.id,
            title: &rule.title,
            severity: rule.severity,
            target: rule.target.as_str(),
            mode: Some(rule.mode.as_str()),
            pack: &rule.pack,
            rationale: &rule.rationale,
            remediation: None,
            controls: control_names(&rule.controls),
            pass: rule.counts.pass,
            not_applicable: rule.counts.not_applicable,
            fail: 0,
            unknown: 0,
            waived: 0,
            findings: Vec::new(),
        };
        section.fill(findings, names);
        section
    }

    fn unlisted(findings: &[&'a Finding], names: &HashMap<&str, &'a str>) -> Option<Self> {
        let first = findings.first()?;
        let mut section = Self {
            id: &first.rule,
            title: &first.rule,
            severity: first.severity,
            target: first.resource_type.as_str(),
            mode: None,
            pack: "",
            rationale: "",
            remediation: None,
            controls: control_names(&first.controls),
            pass: 0,
            not_applicable: 0,
            fail: 0,
            unknown: 0,
            waived: 0,
            findings: Vec::new(),
        };
        section.fill(findings, names);
        Some(section)
    }

    fn fill(&mut self, findings: &[&'a Finding], names: &HashMap<&str, &'a str>) {
        self.remediation = findings.first().map(|finding| &*finding.remediation);
        if findings.iter().any(|finding| Some(&*finding.remediation) != self.remediation) {
            self.remediation = None;
        }
        for finding in findings {
            match (finding.status, &finding.waived) {
                (Status::Fail, None) => self.fail += 1,
                (Status::Fail, Some(_)) => self.waived += 1,
                _ => self.unknown += 1,
            }
            let name = names.get(&*finding.account).copied().unwrap_or_default();
            self.findings.push(FindingRow::of(finding, name, self.remediation.is_some()));
        }
        self.findings.sort_by_key(|finding| finding.standing == "waived");
    }
}

impl<'a> FindingRow<'a> {
    fn of(finding: &'a Finding, account_name: &'a str, remedy_said: bool) -> Self {
        Self {
            id: &finding.id,
            standing: standing(finding),
            audit: finding.mode == Mode::Audit,
            known: finding.state == State::Known,
            account: &finding.account,
            account_name,
            name: without_path(short_resource(finding)),
            resource: &finding.resource,
            message: &finding.message,
            waived: finding.waived.as_ref(),
            remediation: (!remedy_said).then_some(&*finding.remediation),
            evidence: finding.evidence.iter().map(EvidenceRow::of).collect(),
        }
    }
}

impl<'a> EvidenceRow<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let nothing = evidence.unknown.is_some() && evidence.value.is_null();
        Self {
            fact: &evidence.fact,
            value: (!nothing).then(|| value(&evidence.value)),
            unknown: evidence.unknown.as_deref(),
            source: evidence.source.as_deref(),
            as_of: evidence.as_of.map(utc),
        }
    }
}

/// Controls as `framework control, control`.
fn control_names(controls: &Controls) -> Vec<String> {
    controls.iter().map(|(framework, ids)| format!("{framework} {}", ids.join(", "))).collect()
}
