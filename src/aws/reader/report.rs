//! The credential report: AWS makes it on request and keeps it for four hours.

use aws_sdk_iam::types::ReportStateType;

use super::Reader;
use crate::aws::answers::{CredentialReportAnswer, ReportState};
use crate::aws::convert;
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;

impl Reader {
    /// Asks AWS to make a credential report (`iam:GenerateCredentialReport`).
    ///
    /// # Errors
    ///
    /// Codes `LimitExceeded` and `ServiceFailure` mean that there may be none for now.
    pub async fn generate_credential_report(&self) -> Result<ReportState, AwsError> {
        let operation = Operation::GenerateCredentialReport;
        let answer = self.answer(operation, self.iam.generate_credential_report().send()).await?;
        match answer.state {
            Some(ReportStateType::Started) => Ok(ReportState::Started),
            Some(ReportStateType::Complete) => Ok(ReportState::Complete),
            // A state that is new to us is not complete: fetching the report will tell.
            Some(_) => Ok(ReportState::InProgress),
            None => Err(self.incomplete(operation, "state of the report")),
        }
    }

    /// The credential report (`iam:GetCredentialReport`).
    ///
    /// # Errors
    ///
    /// Code `ReportInProgress` while AWS makes it, `ReportNotPresent` if nobody asked for one, `ReportExpired` if it is
    /// older than four hours.
    pub async fn credential_report(&self) -> Result<CredentialReportAnswer, AwsError> {
        let operation = Operation::GetCredentialReport;
        let answer = self.answer(operation, self.iam.get_credential_report().send()).await?;
        let content = answer.content.ok_or_else(|| self.incomplete(operation, "report"))?.into_inner();
        let generated_at = answer
            .generated_time
            .as_ref()
            .and_then(convert::time)
            .ok_or_else(|| self.incomplete(operation, "time at which the report was made"))?;
        Ok(CredentialReportAnswer { content, generated_at })
    }
}
