//! What the page shows: an [`Evaluation`] in the shape of its templates. Uses only `crate::model`.

use serde::Serialize;

use super::accounts::AccountRow;
use super::findings::{FixedRow, RuleSection, sections};
use crate::model::evaluation::{ControlResult, Notice};
use crate::model::{Evaluation, Severity};
use crate::report::digest::{self, Digest, Verdict};
use crate::report::text::{count, join_counts, utc};

/// The page.
#[derive(Serialize)]
pub(super) struct View<'a> {
    /// The version of Portcullis.
    version: &'a str,
    /// The run.
    run_id: &'a str,
    /// When it began.
    started: String,
    /// When it ended.
    finished: String,
    /// The moment against which ages were judged.
    evaluated: String,
    /// The rule packs.
    packs: Vec<&'a str>,
    /// `bad`, `unsure` or `good`.
    tone: &'static str,
    /// The outcome in sentences.
    sentences: Vec<String>,
    /// The big numbers.
    figures: Vec<Figure>,
    /// Failures by severity, worst first.
    severities: Vec<SeverityCount>,
    /// Who is outside the scan.
    outside: String,
    /// The age of the oldest credential report.
    oldest_report: Option<String>,
    /// How many accounts got how far.
    statuses: String,
    /// The accounts.
    accounts: Vec<AccountRow<'a>>,
    /// Findings by rule, worst first; rules without findings are last.
    sections: Vec<RuleSection<'a>>,
    /// Number of findings.
    total: usize,
    /// What became of the baseline's findings.
    baseline: Option<String>,
    /// Findings of the baseline that are gone.
    fixed: Vec<FixedRow<'a>>,
    /// Controls by framework.
    frameworks: Vec<Framework<'a>>,
    /// Remarks.
    notices: &'a [Notice],
}

/// A big number.
#[derive(Serialize)]
struct Figure {
    /// The number.
    value: String,
    /// What it is a part of.
    of: Option<String>,
    /// What it counts.
    label: &'static str,
    /// What else to know.
    note: String,
    /// `bad`, `unsure` or `plain`.
    tone: &'static str,
}

/// Failures of one severity.
#[derive(Serialize)]
struct SeverityCount {
    /// The severity.
    name: &'static str,
    /// How many.
    count: u64,
}

/// Controls of one framework.
#[derive(Serialize)]
struct Framework<'a> {
    /// Its name.
    name: &'a str,
    /// Its controls.
    controls: Vec<&'a ControlResult>,
}

impl<'a> View<'a> {
    /// The page of `evaluation`.
    pub(super) fn of(evaluation: &'a Evaluation) -> Self {
        let digest = Digest::of(evaluation);
        let (verdict, sentences) = digest::verdict(evaluation, &digest);
        let new = (evaluation.findings.len() as u64).saturating_sub(digest.known);
        let baseline = format!("{new} new, {} known, {} fixed", digest.known, digest.fixed);
        Self {
            version: &evaluation.tool.version,
            run_id: &evaluation.run_id,
            started: utc(evaluation.started_at),
            finished: utc(evaluation.finished_at),
            evaluated: utc(evaluation.evaluated_at),
            packs: packs(evaluation),
            tone: match verdict {
                Verdict::Fails => "bad",
                Verdict::Unproven => "unsure",
                Verdict::Clean => "good",
            },
            sentences,
            figures: figures(&digest),
            severities: severities(evaluation),
            outside: digest::outside(&digest.unjudged),
            oldest_report: digest.oldest_report.map(utc),
            statuses: digest.statuses(),
            accounts: AccountRow::all(evaluation),
            sections: sections(evaluation),
            total: evaluation.findings.len(),
            baseline: digest.has_baseline().then_some(baseline),
            fixed: evaluation.fixed.iter().map(FixedRow::of).collect(),
            frameworks: frameworks(&evaluation.controls),
            notices: &evaluation.notices,
        }
    }
}

/// The names of the rule packs, each once.
fn packs(evaluation: &Evaluation) -> Vec<&str> {
    let mut packs: Vec<&str> = evaluation.rules.iter().map(|rule| &*rule.pack).collect();
    packs.sort_unstable();
    packs.dedup();
    packs
}

/// The big numbers.
fn figures(digest: &Digest) -> Vec<Figure> {
    let tone = |count: u64, tone| if count > 0 { tone } else { "plain" };
    let figure = |value: String, label, note, tone| Figure { value, of: None, label, note, tone };
    let gaps = [(digest.partial, "partial"), (digest.failed, "failed"), (digest.skipped, "skipped")];
    let gaps_tone = tone(digest.partial + digest.failed, "unsure");
    let mfa = &digest.mfa;
    let percent = digest.percent_with_mfa().map_or("–".to_owned(), |percent| format!("{percent} %"));
    let unknown_roots = digest.roots_unknown as u64;
    let roots_tone = if digest.roots_failing > 0 { "bad" } else { tone(unknown_roots, "unsure") };
    vec![
        Figure {
            of: Some(digest.accounts.to_string()),
            ..figure(digest.scanned.to_string(), "accounts read in full", join_counts(gaps), gaps_tone)
        },
        figure(
            digest.console_users.to_string(),
            "console users",
            format!("of {} read", count(digest.users, "IAM user")),
            "plain",
        ),
        figure(percent, "with a second factor", count(digest.with_mfa(), "user"), "plain"),
        figure(mfa.none.to_string(), "without a second factor", "console users".to_owned(), tone(mfa.none, "bad")),
        figure(
            mfa.unknown.to_string(),
            "not known",
            "devices unread or of unknown kind".to_owned(),
            tone(mfa.unknown, "unsure"),
        ),
        figure(
            digest.roots_failing.to_string(),
            "root users failing a rule",
            format!("{unknown_roots} more not decided"),
            roots_tone,
        ),
    ]
}

/// Failures by severity, worst first.
fn severities(evaluation: &Evaluation) -> Vec<SeverityCount> {
    let mut counts = evaluation.summary.by_severity;
    let of = |severity: Severity| SeverityCount { name: severity.as_str(), count: *counts.of_mut(severity) };
    Severity::ALL.into_iter().rev().map(of).collect()
}

/// `controls` by framework, in their order.
fn frameworks(controls: &[ControlResult]) -> Vec<Framework<'_>> {
    let mut frameworks: Vec<Framework<'_>> = Vec::new();
    for control in controls {
        match frameworks.iter_mut().find(|framework| framework.name == control.framework) {
            Some(framework) => framework.controls.push(control),
            None => frameworks.push(Framework { name: &control.framework, controls: vec![control] }),
        }
    }
    frameworks
}
