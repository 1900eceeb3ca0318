//! The calls that tell of a whole account at once, three lanes beside each other.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::aws::answers::{AuthorizationDetails, ReportState, VirtualDevice};
use crate::aws::{AwsError, Operation, Reader};
use crate::clock;
use crate::model::{Fact, PasswordPolicy};

use super::failures::Failures;
use super::report::{self, Report};

/// How long to wait between looks at a report that AWS is making.
const POLLS: [u64; 10] = [1, 2, 3, 5, 8, 10, 15, 20, 25, 30];

/// A credential report and when AWS made it.
#[derive(Debug)]
pub(super) struct Dated {
    /// The report.
    pub(super) report: Report,
    /// When AWS made it.
    pub(super) generated_at: Timestamp,
}

/// What the bulk calls told.
#[derive(Debug)]
pub(super) struct Bulk {
    /// When the first call was made.
    pub(super) started: Timestamp,
    /// Whether AWS began to make the report when this scan asked: then nothing in it is older than the scan.
    pub(super) report_is_new: bool,
    /// The credential report, or why there is none.
    pub(super) report: Result<Dated, String>,
    /// Users, groups, roles and policies.
    pub(super) details: Fact<AuthorizationDetails>,
    /// The account summary.
    pub(super) summary: Fact<BTreeMap<String, i64>>,
    /// The password policy.
    pub(super) password_policy: Fact<PasswordPolicy>,
    /// All virtual MFA devices.
    pub(super) virtual_devices: Fact<Vec<VirtualDevice>>,
    /// Account aliases.
    pub(super) aliases: Fact<Vec<String>>,
}

/// Makes the bulk calls. A failure of one is kept and leaves the others alone.
pub(super) async fn read(reader: &Reader, failures: &Failures) -> Bulk {
    let started = clock::now();
    // The report takes AWS a while: ask for it before anything else.
    let asked = reader.generate_credential_report().await;
    let report_is_new = matches!(asked, Ok(ReportState::Started));
    let details = async {
        let answer = reader.authorization_details(false).await;
        failures.fact(Operation::GetAccountAuthorizationDetails, answer, clock::now())
    };
    let others = async {
        let virtual_devices = reader.virtual_mfa_devices().await;
        let virtual_devices = failures.fact(Operation::ListVirtualMfaDevices, virtual_devices, clock::now());
        let summary = failures.fact(Operation::GetAccountSummary, reader.account_summary().await, clock::now());
        let policy = failures.fact(Operation::GetAccountPasswordPolicy, reader.password_policy().await, clock::now());
        let aliases = failures.fact(Operation::ListAccountAliases, reader.account_aliases().await, clock::now());
        (virtual_devices, summary, policy, aliases)
    };
    let (report, details, (virtual_devices, summary, password_policy, aliases)) =
        tokio::join!(credential_report(reader, asked), details, others);
    Bulk { started, report_is_new, report, details, summary, password_policy, virtual_devices, aliases }
}

/// Waits for the report. An error is a reason for people: every one of them leads to the same fallback.
async fn credential_report(reader: &Reader, asked: Result<ReportState, AwsError>) -> Result<Dated, String> {
    let mut waits = POLLS.iter();
    let mut ready = match asked {
        Ok(state) => state == ReportState::Complete,
        Err(error) => return Err(told(&error)),
    };
    loop {
        if !ready {
            let Some(seconds) = waits.next() else {
                return Err("AWS did not finish the credential report in two minutes".to_owned());
            };
            tokio::time::sleep(Duration::from_secs(*seconds)).await;
        }
        match reader.credential_report().await {
            Ok(answer) => {
                let report = report::parse(&answer.content)?;
                return Ok(Dated { report, generated_at: answer.generated_at });
            }
            Err(error) => match error.code() {
                Some("ReportInProgress") => ready = false,
                Some("ReportNotPresent" | "ReportExpired") => {
                    // What was there is gone since we asked: ask again, then wait.
                    reader.generate_credential_report().await.map_err(|error| told(&error))?;
                    ready = false;
                }
                _ => return Err(told(&error)),
            },
        }
    }
}

fn told(error: &AwsError) -> String {
    let operation = error.operation().map_or("iam:GetCredentialReport", Operation::name);
    format!("{operation}: {}", error.reason())
}
