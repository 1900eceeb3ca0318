//! Sums over an [`Evaluation`] and the sentences drawn from them, the same in every format for people.
//!
//! Uses only `crate::model`. The sentences never call compliant what was not read.

use std::collections::HashSet;

use jiff::Timestamp;

use super::text::{count, join_counts};
use crate::model::evaluation::{BySeverity, MfaCounts, State, Summary, Unjudged};
use crate::model::{AccountStatus, Evaluation, Mode, Severity, Status, Target};

/// Sums over accounts and findings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Digest {
    /// All accounts.
    pub accounts: u64,
    /// Accounts read as a whole.
    pub scanned: u64,
    /// Accounts read in part.
    pub partial: u64,
    /// Accounts that could not be entered.
    pub failed: u64,
    /// Accounts left out on purpose.
    pub skipped: u64,
    /// Users read.
    pub users: u64,
    /// Console users read.
    pub console_users: u64,
    /// Console users by strongest device.
    pub mfa: MfaCounts,
    /// Who is outside the scan.
    pub unjudged: Unjudged,
    /// The age of the oldest credential report.
    pub oldest_report: Option<Timestamp>,
    /// Accounts whose root user has a failure that is not waived.
    pub roots_failing: usize,
    /// Accounts whose root user has a check that could not be decided.
    pub roots_unknown: usize,
    /// Failures that are not waived but only audited: they do not count for the exit status.
    pub audited: BySeverity,
    /// Findings that were in the baseline.
    pub known: u64,
    /// Findings of the baseline that are gone.
    pub fixed: usize,
}

impl Digest {
    /// The sums over `evaluation`.
    pub(super) fn of(evaluation: &Evaluation) -> Self {
        let mut digest = Self { fixed: evaluation.fixed.len(), ..Self::default() };
        for account in &evaluation.accounts {
            digest.accounts += 1;
            *match account.status {
                AccountStatus::Scanned => &mut digest.scanned,
                AccountStatus::Partial => &mut digest.partial,
                AccountStatus::Failed => &mut digest.failed,
                AccountStatus::Skipped => &mut digest.skipped,
            } += 1;
            digest.users += account.users;
            digest.console_users += account.console_users;
            digest.add_mfa(&account.mfa);
            digest.unjudged.sso_roles += account.unjudged.sso_roles;
            digest.unjudged.saml_trusts += account.unjudged.saml_trusts;
            digest.unjudged.oidc_trusts += account.unjudged.oidc_trusts;
            digest.oldest_report = [digest.oldest_report, account.credential_report_as_of].into_iter().flatten().min();
        }
        let (mut failing, mut unknown) = (HashSet::new(), HashSet::new());
        for finding in &evaluation.findings {
            digest.known += u64::from(finding.state == State::Known);
            if finding.status == Status::Fail && finding.waived.is_none() && finding.mode == Mode::Audit {
                *digest.audited.of_mut(finding.severity) += 1;
            }
            match (finding.resource_type, finding.status, &finding.waived) {
                (Target::Root, Status::Fail, None) => failing.insert(&finding.account),
                (Target::Root, Status::Unknown, _) => unknown.insert(&finding.account),
                _ => false,
            };
        }
        (digest.roots_failing, digest.roots_unknown) = (failing.len(), unknown.len());
        digest
    }

    fn add_mfa(&mut self, counts: &MfaCounts) {
        self.mfa.none += counts.none;
        self.mfa.sms += counts.sms;
        self.mfa.virtual_device += counts.virtual_device;
        self.mfa.hardware_totp += counts.hardware_totp;
        self.mfa.passkey += counts.passkey;
        self.mfa.unknown += counts.unknown;
    }

    /// Console users that are known to have a second factor.
    pub(super) const fn with_mfa(&self) -> u64 {
        self.mfa.sms + self.mfa.virtual_device + self.mfa.hardware_totp + self.mfa.passkey
    }

    /// Their share of the console users read, rounded down so that 100 means all; `None` if there are none.
    pub(super) fn percent_with_mfa(&self) -> Option<u64> {
        (self.with_mfa() * 100).checked_div(self.console_users)
    }

    /// Whether everything that the run set out to read was read.
    pub(super) const fn is_complete(&self) -> bool {
        self.scanned > 0 && self.partial == 0 && self.failed == 0
    }

    /// Whether there was a baseline that says anything about this run.
    pub(super) const fn has_baseline(&self) -> bool {
        self.known > 0 || self.fixed > 0
    }

    /// How many accounts got how far: `9 scanned, 1 partial`.
    pub(super) fn statuses(&self) -> String {
        join_counts([
            (self.scanned, "scanned"),
            (self.partial, "partial"),
            (self.failed, "failed"),
            (self.skipped, "skipped"),
        ])
    }
}

/// Failures that are not waived, by severity, worst first: `3 critical, 12 high`.
pub(super) fn severities(evaluation: &Evaluation) -> String {
    counted(evaluation, BySeverity::default())
}

/// Failures that are not waived and not among `less`, by severity.
fn counted(evaluation: &Evaluation, mut less: BySeverity) -> String {
    let mut all = evaluation.summary.by_severity;
    join_counts(Severity::ALL.into_iter().rev().map(|severity| {
        let number = all.of_mut(severity).saturating_sub(*less.of_mut(severity));
        (number, severity.as_str())
    }))
}

/// How the run as a whole came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Something fails.
    Fails,
    /// Nothing fails, but something is not known.
    Unproven,
    /// Everything that applies passes.
    Clean,
}

/// The outcome of `evaluation`, and the plain sentences that say so.
pub(super) fn verdict(evaluation: &Evaluation, digest: &Digest) -> (Verdict, Vec<String>) {
    let summary = &evaluation.summary;
    let mut by_severity = digest.audited;
    let audited: u64 = Severity::ALL.into_iter().map(|severity| *by_severity.of_mut(severity)).sum();
    let open = summary.fail.saturating_sub(audited);
    let unproven = !digest.is_complete() || summary.unknown > 0 || summary.pass + summary.waived + audited == 0;
    let verdict = match (open > 0, unproven) {
        (true, _) => Verdict::Fails,
        (false, true) => Verdict::Unproven,
        (false, false) => Verdict::Clean,
    };
    let mut sentences = Vec::new();
    sentences.push(match verdict {
        Verdict::Fails => format!("{} open: {}.", count(open, "failure"), counted(evaluation, digest.audited)),
        Verdict::Unproven if audited > 0 => {
            "No failure but audited ones in what could be read, which does not prove compliance.".to_owned()
        }
        Verdict::Unproven => "No failure in what could be read, which does not prove compliance.".to_owned(),
        Verdict::Clean if audited > 0 => "No failure but audited or waived ones: the rest passed.".to_owned(),
        Verdict::Clean if summary.waived > 0 => "No failure but the waived ones: the rest passed.".to_owned(),
        Verdict::Clean => "No findings: every rule passed on everything it applies to.".to_owned(),
    });
    sentences.extend(remarks(digest, summary, audited));
    (verdict, sentences)
}

/// What has to be said beside the outcome.
fn remarks(digest: &Digest, summary: &Summary, audited: u64) -> Vec<String> {
    let mut sentences = Vec::new();
    if audited > 0 {
        sentences.push(format!("{} in audit mode, not counted for the exit status.", count(audited, "failure")));
    }
    if summary.unknown > 0 {
        sentences.push(format!("{} could not be decided; treat as open.", count(summary.unknown, "check")));
    }
    if summary.waived > 0 {
        sentences.push(format!("{} waived until a set date.", count(summary.waived, "failure")));
    }
    if digest.partial + digest.failed > 0 {
        let gaps = join_counts([(digest.partial, "read only in part"), (digest.failed, "not read at all")]);
        sentences.push(format!("Accounts: {gaps}. Nothing is claimed about what was not read."));
    }
    if digest.skipped > 0 {
        sentences.push(format!("{} left out on purpose.", count(digest.skipped, "account")));
    }
    if digest.accounts == 0 {
        sentences.push("No account was scanned.".to_owned());
    }
    sentences
}

/// Who is outside every scan of IAM users: a sentence that each report carries, even where the numbers are zero.
pub(super) fn outside(unjudged: &Unjudged) -> String {
    format!(
        "Outside this scan: people who come through Identity Center ({}), SAML ({}) or OIDC ({}); their second factor \
         lives at their identity provider.",
        count(unjudged.sso_roles, "role"),
        count(unjudged.saml_trusts, "trust"),
        count(unjudged.oidc_trusts, "trust"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_gap_is_never_called_clean() {
        let mut evaluation = fixture::clean();
        assert_eq!(verdict(&evaluation, &Digest::of(&evaluation)).0, Verdict::Clean);
        for status in [AccountStatus::Partial, AccountStatus::Failed] {
            evaluation.accounts[0].status = status;
            assert_eq!(verdict(&evaluation, &Digest::of(&evaluation)).0, Verdict::Unproven);
        }
        evaluation = fixture::clean();
        evaluation.summary.unknown = 1;
        assert_eq!(verdict(&evaluation, &Digest::of(&evaluation)).0, Verdict::Unproven);
        evaluation = fixture::clean();
        evaluation.summary.pass = 0;
        assert_eq!(verdict(&evaluation, &Digest::of(&evaluation)).0, Verdict::Unproven);
        evaluation = fixture::clean();
        evaluation.accounts.clear();
        assert_eq!(verdict(&evaluation, &Digest::of(&evaluation)).0, Verdict::Unproven);
    }

    #[test]
    fn audited_failures_are_counted_apart() {
        let mut evaluation = fixture::small();
        let mut other = evaluation.findings[0].clone();
        other.mode = Mode::Audit;
        evaluation.findings.push(other);
        (evaluation.summary.fail, evaluation.summary.by_severity.high) = (2, 2);
        let (found, sentences) = verdict(&evaluation, &Digest::of(&evaluation));
        assert_eq!(found, Verdict::Fails);
        let audited = "1 failure in audit mode, not counted for the exit status.";
        assert_eq!(sentences[..2], ["1 failure open: 1 high.", audited]);
        evaluation.findings[0].mode = Mode::Audit;
        assert_eq!(verdict(&evaluation, &Digest::of(&evaluation)).0, Verdict::Unproven);
        evaluation = fixture::clean();
        evaluation.findings = vec![fixture::small().findings[0].clone()];
        evaluation.findings[0].mode = Mode::Audit;
        (evaluation.summary.fail, evaluation.summary.by_severity.high) = (1, 1);
        let (found, sentences) = verdict(&evaluation, &Digest::of(&evaluation));
        assert_eq!(found, Verdict::Clean);
        assert_eq!(sentences, ["No failure but audited or waived ones: the rest passed.", audited]);
    }

    #[test]
    fn the_share_with_a_second_factor_is_rounded_down() {
        let mut digest = Digest { console_users: 1000, ..Digest::default() };
        digest.mfa.virtual_device = 999;
        assert_eq!(digest.percent_with_mfa(), Some(99));
        assert_eq!(Digest::default().percent_with_mfa(), None);
    }
}
