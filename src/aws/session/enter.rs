//! From the caller's own account into the others: readers for all, writers for enforcement and enrolment.

use aws_sdk_iam::config::Builder;

use super::{Hub, identity_cache};
use crate::aws::caller::Caller;
use crate::aws::error::{AwsError, ErrorKind};
use crate::aws::meter::Meter;
use crate::aws::reader::Reader;
use crate::aws::retry::{self, Patience};
use crate::aws::role::{AssumedRole, RoleRequest};
use crate::aws::writer::Writer;
use crate::model::Account;

/// The longest name of a role session.
const SESSION_NAME: usize = 64;

/// The role that may write in each account.
#[derive(Debug, Clone)]
pub struct WriteRole {
    /// Its name, with its path if it has one.
    pub name: String,
    /// The external id for it.
    pub external_id: Option<String>,
    /// The name of its sessions; see [`session_name`].
    pub session_name: String,
}

/// The name of the sessions of a run, which `CloudTrail` shows: `portcullis-enforce-RUN` for the purpose `enforce`, at
/// most 64 characters of `[\w+=,.@-]`; what is none of these becomes `-`.
#[must_use]
pub fn session_name(purpose: &str, run: &str) -> String {
    let is_allowed = |char: &char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(*char);
    let name = format!("portcullis-{purpose}-{run}");
    name.chars().map(|char| if is_allowed(&char) { char } else { '-' }).take(SESSION_NAME).collect()
}

impl Hub {
    /// A reader of the caller's own account, with the caller's own credentials.
    #[must_use]
    pub fn own(&self) -> Reader {
        self.read_as_caller(self.own_account())
    }

    /// A writer of the caller's own account, with the caller's own credentials.
    #[must_use]
    pub fn own_writer(&self) -> Writer {
        Writer::new(self.own_account(), self.own_iam(), self.meter.clone())
    }

    fn own_account(&self) -> Account {
        let Caller { account, partition, .. } = &self.caller;
        Account { id: account.clone(), partition: partition.clone(), ..Account::default() }
    }

    fn own_iam(&self) -> Builder {
        Builder::from(&self.config).retry_partition(self.retries.clone()).retry_classifier(Patience)
    }

    fn read_as_caller(&self, account: Account) -> Reader {
        Reader::new(account, aws_sdk_iam::Client::from_conf(self.own_iam().build()), self.meter.clone(), true)
    }

    /// A reader of `account`, with the role of the settings assumed there: one `sts:AssumeRole`.
    ///
    /// In the caller's own account, where the role is often missing, the caller's own credentials do as well.
    ///
    /// # Errors
    ///
    /// If the role cannot be assumed.
    pub async fn enter(&self, account: &Account) -> Result<Reader, AwsError> {
        let own = account.id == self.caller.account;
        let role = WriteRole {
            name: self.settings.role_name.clone(),
            external_id: self.settings.external_id.clone(),
            session_name: self.settings.session_name.clone(),
        };
        match self.inside(account, &role).await {
            Ok((iam, meter)) => {
                Ok(Reader::new(account.clone(), aws_sdk_iam::Client::from_conf(iam.build()), meter, false))
            }
            Err(error) if own && matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => {
                Ok(self.read_as_caller(account.clone()))
            }
            Err(error) => Err(error),
        }
    }

    /// A reader and a writer of `account`, both with `role` assumed there: one `sts:AssumeRole`, one meter.
    ///
    /// The caller's own credentials never stand in for the role: whoever wants to write with them says so by
    /// [`Hub::own_writer`].
    ///
    /// # Errors
    ///
    /// If the role cannot be assumed.
    pub async fn enter_to_write(&self, account: &Account, role: &WriteRole) -> Result<(Reader, Writer), AwsError> {
        let (iam, meter) = self.inside(account, role).await?;
        let client = aws_sdk_iam::Client::from_conf(iam.clone().build());
        let reader = Reader::new(account.clone(), client, meter.clone(), false);
        Ok((reader, Writer::new(account.clone(), iam, meter)))
    }

    /// IAM of `account` as `role` sees it, and what counts its requests.
    async fn inside(&self, account: &Account, role: &WriteRole) -> Result<(Builder, Meter), AwsError> {
        let resource = format!("role/{}", role.name.trim_start_matches('/'));
        let request = RoleRequest {
            account: account.id.clone(),
            arn: account.partition.iam_arn(&account.id, &resource),
            session_name: role.session_name.clone(),
            external_id: role.external_id.clone(),
        };
        let assumed = AssumedRole::enter(self.sts.clone(), request).await?;
        let own = account.id == self.caller.account;
        let meter = if own { self.meter.clone() } else { Meter::default() };
        let retries = if own { self.retries.clone() } else { retry::partition(&account.id) };
        let iam = Builder::from(&self.config)
            .http_client(if own { self.http() } else { self.metered(&meter) })
            .credentials_provider(assumed)
            .identity_cache(identity_cache())
            .retry_partition(retries)
            .retry_classifier(Patience);
        Ok((iam, meter))
    }
}

#[cfg(test)]
mod tests {
    use super::session_name;

    #[test]
    fn a_session_is_named_after_its_run() {
        let run = "01979b7e-8f3a-7c1d-9e52-3b8f0a6d4c21";
        assert_eq!(session_name("enforce", run), format!("portcullis-enforce-{run}"));
        assert_eq!(session_name("enroll", "a b/ü:c"), "portcullis-enroll-a-b---c");
        let long = session_name("enforce", &"x".repeat(100));
        assert_eq!(long.len(), 64);
    }
}
