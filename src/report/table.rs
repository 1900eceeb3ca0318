//! `table`: for an engineer at a terminal. Reads the same without colour.
//!
//! Uses only `crate::model`. Everything that AWS or a person chose passes through [`Untrusted`], so that no name can
//! move the cursor or hide text. The last line is the summary: it is what stays on the screen.

use std::io::Write;

use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, presets};

use super::digest::{self, Digest, Verdict};
use super::error::ReportError;
use super::style::Style;
use super::text::{count, join_counts, short_resource, standing, standing_and_mode, utc, without_path};
use crate::model::evaluation::AccountResult;
use crate::model::untrusted::Untrusted;
use crate::model::{AccountStatus, Evaluation, Finding, Severity};

/// Columns where the output is no terminal: fits a CI log and a diff.
const DEFAULT_WIDTH: u16 = 100;
/// Columns below which a table of five columns cannot be read; such terminals wrap lines instead.
const MIN_WIDTH: u16 = 60;
/// Columns above which lines are too long to read.
const MAX_WIDTH: u16 = 180;
/// Findings of one rule and standing that are shown in one account.
const SHOWN: usize = 10;

/// Writes `evaluation` for a terminal of `style`.
pub(super) fn write(evaluation: &Evaluation, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let width = style.width.unwrap_or(DEFAULT_WIDTH).clamp(MIN_WIDTH, MAX_WIDTH);
    let digest = Digest::of(evaluation);
    for findings in evaluation.findings.chunk_by(|a, b| a.account == b.account) {
        write_account(evaluation, findings, width, style.colour, out)?;
    }
    write_coverage(evaluation, &digest, style.colour, out)?;
    write_verdict(evaluation, &digest, style.colour, out)?;
    writeln!(out, "{}", summary_line(evaluation, &digest))?;
    Ok(())
}

/// Writes the heading of an account and its findings, which are all of one account.
fn write_account(
    evaluation: &Evaluation,
    findings: &[Finding],
    width: u16,
    colour: bool,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let Some(first) = findings.first() else { return Ok(()) };
    let heading = match evaluation.accounts.iter().find(|account| account.id == first.account) {
        Some(account) => heading(account),
        None => Untrusted(&first.account).to_string(),
    };
    writeln!(out, "{}", painted(&heading, Ansi::new().bold(), colour))?;
    for line in findings_table(findings, width).lines() {
        writeln!(out, "{}", severity_painted(line.trim_end(), colour))?;
    }
    writeln!(out)?;
    Ok(())
}

/// What is known of an account, on one line.
fn heading(account: &AccountResult) -> String {
    let mut place = Untrusted(&account.id).to_string();
    if !account.name.is_empty() {
        place = format!("{place} {}", Untrusted(&account.name));
    }
    let mut facts = Vec::new();
    if let Some(path) = &account.ou_path {
        facts.push(Untrusted(path).to_string());
    }
    if matches!(account.status, AccountStatus::Scanned | AccountStatus::Partial) {
        facts.push(count(account.users, "user"));
        facts.push(count(account.console_users, "console user"));
    }
    facts.push(account.status.as_str().to_owned());
    format!("{place} — {}", facts.join(", "))
}

/// The findings of one account as a table, each rule cut to its first [`SHOWN`] of each standing: many failures hide
/// neither what is not known nor what is waived.
fn findings_table(findings: &[Finding], width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(["severity", "status", "rule", "resource", "message"]);
    for of_rule in findings.chunk_by(|a, b| a.rule == b.rule) {
        for wanted in ["fail", "unknown", "waived"] {
            let mut rows = of_rule.iter().filter(|finding| standing(finding) == wanted);
            for finding in rows.by_ref().take(SHOWN) {
                table.add_row(finding_row(finding));
            }
            if let Some(next) = rows.next() {
                let rest = format!("+ {} more of this rule (--format json lists all)", 1 + rows.count());
                let rule = Untrusted(&next.rule).to_string();
                let severity = next.severity.as_str().to_owned();
                table.add_row([severity, standing_and_mode(next), rule, String::new(), rest]);
            }
        }
    }
    table.set_constraints([ColumnConstraint::ContentWidth, ColumnConstraint::ContentWidth]);
    table
}

/// The cells of a finding.
fn finding_row(finding: &Finding) -> Row {
    let resource = without_path(short_resource(finding));
    let mut message = Untrusted(&finding.message).to_string();
    if let Some(waiver) = &finding.waived {
        message = format!("{message} (waived by {} until {})", Untrusted(&waiver.owner), Untrusted(&waiver.expires));
    }
    let rule = Untrusted(&finding.rule).to_string();
    let resource = Untrusted(&resource).to_string();
    Row::from([finding.severity.as_str().to_owned(), standing_and_mode(finding), rule, resource, message])
}

/// Writes what was not read, who is outside the scan, and remarks.
fn write_coverage(
    evaluation: &Evaluation,
    digest: &Digest,
    colour: bool,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    writeln!(out, "{}", painted("Coverage", Ansi::new().bold(), colour))?;
    for account in evaluation.accounts.iter().filter(|account| account.status != AccountStatus::Scanned) {
        let status = painted(account.status.as_str(), status_colour(account.status), colour);
        let reason = account.reason.as_deref().unwrap_or("no reason given");
        let (id, name) = (Untrusted(&account.id), Untrusted(&account.name));
        writeln!(out, " {status}: {id} {name}: {}", Untrusted(reason))?;
    }
    if digest.mfa.unknown > 0 {
        let users = count(digest.mfa.unknown, "console user");
        writeln!(out, " {users} with a second factor that could not be read or is of an unknown kind.")?;
    }
    writeln!(out, " {}", digest::outside(&digest.unjudged))?;
    if let Some(oldest) = digest.oldest_report {
        writeln!(out, " The oldest credential report is of {}.", utc(oldest))?;
    }
    for notice in &evaluation.notices {
        let about = notice.account.as_deref().map(|id| format!("{}: ", Untrusted(id))).unwrap_or_default();
        writeln!(out, " notice: {about}{}", Untrusted(&notice.message))?;
    }
    writeln!(out)?;
    Ok(())
}

/// Writes the plain sentences of the outcome.
fn write_verdict(
    evaluation: &Evaluation,
    digest: &Digest,
    colour: bool,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let (verdict, sentences) = digest::verdict(evaluation, digest);
    let paint = match verdict {
        Verdict::Fails => AnsiColor::Red.on_default(),
        Verdict::Unproven => AnsiColor::Yellow.on_default(),
        Verdict::Clean => AnsiColor::Green.on_default(),
    };
    for sentence in &sentences {
        writeln!(out, "{}", painted(sentence, paint, colour))?;
    }
    Ok(())
}

/// The run in one line.
fn summary_line(evaluation: &Evaluation, digest: &Digest) -> String {
    let mut parts = Vec::new();
    let statuses = digest.statuses();
    let separator = if statuses.is_empty() { "" } else { ": " };
    parts.push(format!("{}{separator}{statuses}", count(digest.accounts, "account")));
    parts.push(format!("{}, {} without MFA", count(digest.console_users, "console user"), digest.mfa.none));
    let found = count(evaluation.findings.len() as u64, "finding");
    let severities = digest::severities(evaluation);
    parts.push(if severities.is_empty() { found } else { format!("{found}: {severities}") });
    let summary = &evaluation.summary;
    let rest = [(summary.waived, "waived"), (summary.unknown, "unknown")];
    parts.extend(rest.into_iter().filter(|(number, _)| *number > 0).map(|counted| join_counts([counted])));
    if digest.has_baseline() {
        let new = (evaluation.findings.len() as u64).saturating_sub(digest.known);
        parts.push(format!("{new} new, {} known, {} fixed", digest.known, digest.fixed));
    }
    parts.join(" · ")
}

/// `line` of a table with its severity, the first column, in colour.
fn severity_painted(line: &str, colour: bool) -> String {
    let severity = Severity::ALL.into_iter().find_map(|severity| {
        let rest = line.strip_prefix(' ')?.strip_prefix(severity.as_str())?;
        rest.starts_with(' ').then_some((severity, rest))
    });
    match severity {
        Some((severity, rest)) => format!(" {}{rest}", painted(severity.as_str(), severity_colour(severity), colour)),
        None => line.to_owned(),
    }
}

/// `text` in colour, if colours are wanted.
fn painted(text: &str, paint: Ansi, colour: bool) -> String {
    if colour { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
}

/// The colour of a severity.
const fn severity_colour(severity: Severity) -> Ansi {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Informational => AnsiColor::BrightBlack.on_default(),
    }
}

/// The colour of how far an account was read.
const fn status_colour(status: AccountStatus) -> Ansi {
    match status {
        AccountStatus::Scanned => AnsiColor::Green.on_default(),
        AccountStatus::Partial => AnsiColor::Yellow.on_default(),
        AccountStatus::Failed => AnsiColor::Red.on_default(),
        AccountStatus::Skipped => AnsiColor::BrightBlack.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, fixture, tests::render};
    use super::*;
    use crate::model::{Mode, Status};

    #[test]
    fn an_organization_at_100_columns() {
        insta::assert_snapshot!(render(Format::Table, &fixture::organization()));
    }

    #[test]
    fn a_clean_account_says_so() {
        insta::assert_snapshot!(render(Format::Table, &fixture::clean()));
    }

    #[test]
    fn no_name_reaches_the_terminal_as_control_characters() {
        let mut evaluation = fixture::organization();
        let evil = "\u{1b}[2J\u{202e}\u{9b}31m\rgone";
        evaluation.accounts[0].name = evil.to_owned();
        evaluation.accounts[0].ou_path = Some(evil.to_owned());
        evaluation.accounts[10].reason = Some(evil.to_owned());
        evaluation.findings[0].message = evil.to_owned();
        evaluation.findings[0].rule = evil.to_owned();
        evaluation.findings[0].resource = evil.to_owned();
        evaluation.notices[0].message = evil.to_owned();
        let text = render(Format::Table, &evaluation);
        let unsafe_characters =
            |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(!text.contains(unsafe_characters));
        assert!(text.contains("\\u{1b}[2J"));
    }

    #[test]
    fn many_findings_of_a_rule_are_cut_and_counted() {
        let mut evaluation = fixture::small();
        let one = evaluation.findings[0].clone();
        evaluation.findings = vec![one; 33];
        let text = render(Format::Table, &evaluation);
        assert_eq!(text.matches("user/alice").count(), SHOWN);
        assert!(text.contains("+ 23 more"));
    }

    #[test]
    fn failures_hide_neither_what_is_unknown_nor_what_is_waived() {
        let mut evaluation = fixture::small();
        let fail = evaluation.findings[0].clone();
        let mut unknown = fail.clone();
        (unknown.status, unknown.resource) = (Status::Unknown, unknown.resource.replace("alice", "zoe"));
        let mut waived = fixture::organization().findings.into_iter().find(|finding| finding.waived.is_some()).unwrap();
        waived.account.clone_from(&fail.account);
        evaluation.findings = [vec![fail; 12], vec![unknown; 11], vec![waived; 13]].concat();
        let text = render(Format::Table, &evaluation);
        for (status, shown, more) in [("fail", SHOWN, 2), ("unknown", SHOWN, 1), ("waived", SHOWN, 3)] {
            let rows: Vec<&str> = text.lines().filter(|line| line.split_whitespace().nth(1) == Some(status)).collect();
            assert_eq!(rows.len(), shown + 1, "{status}");
            assert!(rows[shown].contains(&format!("+ {more} more")), "{}", rows[shown]);
        }
    }

    #[test]
    fn what_is_only_audited_says_so() {
        let mut evaluation = fixture::small();
        assert!(!render(Format::Table, &evaluation).contains("audit"));
        evaluation.findings[0].mode = Mode::Audit;
        for format in [Format::Table, Format::Markdown] {
            assert!(render(format, &evaluation).contains("fail (audit)"));
        }
        let sentence = "1 failure in audit mode, not counted for the exit status.";
        for format in [Format::Table, Format::Markdown, Format::Html] {
            assert!(render(format, &evaluation).contains(sentence));
        }
        assert!(render(Format::Html, &evaluation).contains("<i>audit</i>"));
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let mut coloured = Vec::new();
        let style = Style { width: Some(100), colour: true };
        super::super::write(Format::Table, &fixture::organization(), style, &mut coloured).unwrap();
        let coloured = String::from_utf8(coloured).unwrap();
        assert!(coloured.contains("\u{1b}[1m\u{1b}[31mcritical"));
        let plain = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(plain, render(Format::Table, &fixture::organization()));
    }

    #[test]
    fn lines_fit_the_width() {
        let mut out = Vec::new();
        let style = Style { width: Some(80), colour: false };
        super::super::write(Format::Table, &fixture::organization(), style, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let rows = text.lines().filter(|line| line.starts_with(" critical") || line.starts_with(" high"));
        assert!(rows.map(|line| line.chars().count()).max() <= Some(80));
    }
}
