//! `markdown`: for a pull request or a job summary, in GitHub's dialect.
//!
//! Uses only `crate::model`. Text that AWS or a person chose is escaped so that it can be neither markup nor a link nor
//! a mention. GitHub cuts a summary at 1 MiB, so that only the worst findings are listed.

use std::io::Write;

use super::digest::{self, Digest};
use super::error::ReportError;
use super::style::Style;
use super::text::{short_resource, standing_and_mode, utc, without_path};
use crate::model::untrusted::Untrusted;
use crate::model::{AccountStatus, Evaluation, Finding};

/// Findings that are listed.
const SHOWN: usize = 500;

/// Writes `evaluation` as Markdown.
pub(super) fn write(evaluation: &Evaluation, _: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let digest = Digest::of(evaluation);
    writeln!(out, "## Portcullis: MFA of IAM users and root\n")?;
    for sentence in digest::verdict(evaluation, &digest).1 {
        writeln!(out, "- {sentence}")?;
    }
    write_numbers(evaluation, &digest, out)?;
    write_accounts(evaluation, out)?;
    write_findings(evaluation, out)?;
    if !evaluation.notices.is_empty() {
        writeln!(out, "\n### Notices\n")?;
    }
    for notice in &evaluation.notices {
        let about = notice.account.as_deref().map(|id| format!("{}: ", escaped(id))).unwrap_or_default();
        writeln!(out, "- Notice: {about}{}", escaped(&notice.message))?;
    }
    Ok(())
}

/// Writes the sums and who is outside the scan.
fn write_numbers(evaluation: &Evaluation, digest: &Digest, out: &mut dyn Write) -> Result<(), ReportError> {
    writeln!(out, "\n| | |\n|---|---|")?;
    writeln!(out, "| Accounts | {}: {} |", digest.accounts, digest.statuses())?;
    let mfa = &digest.mfa;
    let (users, with) = (digest.console_users, digest.with_mfa());
    writeln!(out, "| Console users | {users}: {with} with MFA, {} without, {} unknown |", mfa.none, mfa.unknown)?;
    if digest.has_baseline() {
        let new = (evaluation.findings.len() as u64).saturating_sub(digest.known);
        writeln!(out, "| Against the baseline | {new} new, {} known, {} fixed |", digest.known, digest.fixed)?;
    }
    let (id, version) = (escaped(&evaluation.run_id), escaped(&evaluation.tool.version));
    writeln!(out, "| Run | {}, {id}, portcullis {version} |", utc(evaluation.finished_at))?;
    writeln!(out, "\n{}", digest::outside(&digest.unjudged))?;
    Ok(())
}

/// Writes the accounts that were not read as a whole.
fn write_accounts(evaluation: &Evaluation, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut gaps = evaluation.accounts.iter().filter(|account| account.status != AccountStatus::Scanned).peekable();
    if gaps.peek().is_some() {
        writeln!(out, "\n### Accounts not read as a whole\n\n| Account | Name | Status | Reason |\n|---|---|---|---|")?;
    }
    for account in gaps {
        let (id, name) = (escaped(&account.id), escaped(&account.name));
        let reason = escaped(account.reason.as_deref().unwrap_or("no reason given"));
        writeln!(out, "| {id} | {name} | **{}** | {reason} |", account.status.as_str())?;
    }
    Ok(())
}

/// Writes the findings, worst first.
fn write_findings(evaluation: &Evaluation, out: &mut dyn Write) -> Result<(), ReportError> {
    if evaluation.findings.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n### Findings\n\n| Severity | Status | Account | Resource | Rule | Message |\n|---|---|---|---|---|---|"
    )?;
    let mut findings: Vec<&Finding> = evaluation.findings.iter().collect();
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.waived.is_some()));
    for finding in findings.iter().take(SHOWN) {
        let resource = escaped(&without_path(short_resource(finding)));
        let (account, rule) = (escaped(&finding.account), escaped(&finding.rule));
        let mut message = escaped(&finding.message);
        if let Some(waiver) = &finding.waived {
            message = format!("{message} (waived by {} until {})", escaped(&waiver.owner), escaped(&waiver.expires));
        }
        let severity = finding.severity.as_str();
        writeln!(out, "| {severity} | {} | {account} | {resource} | {rule} | {message} |", standing_and_mode(finding))?;
    }
    if let Some(more) = findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        writeln!(out, "\n{more} more; the JSON and HTML reports list all.")?;
    }
    Ok(())
}

/// `text` so that Markdown shows it to the letter.
fn escaped(text: &str) -> String {
    let text = Untrusted(text).to_string();
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Entities, for GitHub reads HTML, mentions and bare links even behind a backslash.
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("<span>@</span>"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '>' | '|' | '~' | '#' | '$' | ':' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out.replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use super::super::{Format, fixture, tests::render};
    use super::escaped;

    #[test]
    fn an_organization() {
        insta::assert_snapshot!(render(Format::Markdown, &fixture::organization()));
    }

    #[test]
    fn text_is_no_markup_link_or_mention() {
        assert_eq!(escaped("a|b"), "a\\|b");
        assert_eq!(escaped("<script>"), "&lt;script\\>");
        assert_eq!(escaped("[x](https://evil.example)"), "\\[x\\](https\\://evil.example)");
        assert_eq!(escaped("@team www.evil.example"), "<span>@</span>team www\\.evil.example");
        assert_eq!(escaped("line\nbreak"), "line\\\\u{a}break");
    }
}
