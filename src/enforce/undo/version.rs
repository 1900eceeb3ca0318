//! The version of a guard policy that counted before a repair counts again.

use serde_json::json;

use crate::aws;
use crate::enforce::site::Site;
use crate::enforce::wait::Waits;
use crate::journal::Told;
use crate::ledger::{LedgerError, Outcome};

use super::{Done, Run, Step, change};

/// What is done, in the words of the ledger.
pub(super) const ACTION: &str = "set-default-policy-version";
/// The call.
pub(super) const CALL: &str = "iam:SetDefaultPolicyVersion";

impl Run {
    /// Makes the version `to` count again, if the version `from` still does.
    pub(super) async fn version(
        &self,
        site: &Site,
        step: &Step,
        from: &str,
        to: &str,
    ) -> Result<Vec<Done>, LedgerError> {
        let (change, words) = (change(step, ACTION, CALL, ""), (ACTION, ""));
        match site.reader.policy(&step.resource).await {
            Ok(Some(policy)) if policy.default_version == to => {
                let told = Told::message(format!("{to} counts already"));
                return self.close_entry(&change, step, words, Outcome::Already, told).await.map(|done| vec![done]);
            }
            Ok(Some(policy)) if policy.default_version == from => {}
            Ok(Some(policy)) => {
                let why = format!("somebody changed it since: {} counts, not {from}", policy.default_version);
                return self.skip(step, why).await;
            }
            Ok(None) => return self.skip(step, "it does not exist any more".to_owned()).await,
            Err(error) => return self.skip(step, format!("it could not be read: {error}")).await,
        }
        match site.reader.policy_versions(&step.resource).await {
            Ok(versions) if versions.iter().any(|version| version.id == to) => {}
            Ok(_) => return self.skip(step, format!("its version {to} was deleted since")).await,
            Err(error) => return self.skip(step, format!("its versions could not be read: {error}")).await,
        }
        self.context.journal.intent(&change, Some(json!({ "default_version": from }))).await?;
        let (result, told) = self.set_default(site, step, to).await;
        let after = (result == Outcome::Done).then(|| json!({ "default_version": to }));
        let told = Told { before: Some(json!({ "default_version": from })), after, ..told };
        self.close_entry(&change, step, words, result, told).await.map(|done| vec![done])
    }

    async fn set_default(&self, site: &Site, step: &Step, to: &str) -> (Outcome, Told) {
        let (request_id, said) = match site.writer.set_default_policy_version(&step.resource, to).await {
            Ok(aws::Outcome::Written { request_id, .. }) => (request_id, None),
            Ok(aws::Outcome::NotThere(error) | aws::Outcome::AlreadyThere(error)) => {
                return (Outcome::Failed, Told::message(error.to_string()));
            }
            Err(error) if error.may_be_done() => (None, Some(format!("AWS said: {error}"))),
            Err(error) => return (Outcome::Failed, Told::message(error.to_string())),
        };
        let mut waits = Waits::new(self.context.patience);
        loop {
            if matches!(site.reader.policy(&step.resource).await, Ok(Some(policy)) if policy.default_version == to) {
                return (Outcome::Done, Told { request_id, message: said, ..Told::default() });
            }
            if !waits.again().await {
                let message = said.into_iter().chain([format!("{to} is not seen to count")]);
                let message = message.collect::<Vec<_>>().join("; ");
                return (Outcome::Failed, Told { request_id, ..Told::message(message) });
            }
        }
    }
}
