//! The service control policies above an account, level by level (AWS Organizations, from the management account or a
//! delegated administrator).

use std::collections::HashMap;

use aws_sdk_organizations::types::{Parent, ParentType, PolicySummary, PolicyType};
use tokio::sync::{Mutex, OnceCell};

use super::call::{answer, pages};
use super::error::{AwsError, ErrorKind};
use super::operation::Operation;
use super::session::Hub;

/// The deepest that AWS lets an organization be: root, five OUs, account.
const LEVELS: usize = 7;

/// A service control policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scp {
    /// Its id, `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The document: JSON.
    pub document: String,
}

/// The root, an OU or the account itself, and what is attached right there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScpLevel {
    /// `r-…`, `ou-…` or the account's id.
    pub target: String,
    /// Its policies. Where the organization has service control policies turned on, AWS keeps at least one on every
    /// level: none means that they are off.
    pub policies: Vec<Scp>,
}

/// What could be learned of an account's service control policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scps {
    /// The levels from the root down to the account; none outside any organization, and none of the management account,
    /// which has policies above it that do not bind it.
    Levels(Vec<ScpLevel>),
    /// The caller may not read them, or is no administrator of the organization.
    NotReadable(AwsError),
}

/// Reads service control policies, each OU and policy once for all accounts. One call at a time: AWS Organizations
/// throttles soon.
#[derive(Debug)]
pub struct ScpReader {
    hub: Hub,
    /// The management account, if that could be told.
    management: OnceCell<Option<String>>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    parents: HashMap<String, Option<String>>,
    attached: HashMap<String, Vec<PolicySummary>>,
    documents: HashMap<String, String>,
}

impl ScpReader {
    /// A reader that knows nothing yet; its calls are the hub's.
    #[must_use]
    pub fn new(hub: Hub) -> Self {
        Self { hub, management: OnceCell::new(), known: Mutex::default() }
    }

    /// The service control policies above `account`.
    ///
    /// # Errors
    ///
    /// If a call fails other than by a refusal, or an answer is incomplete.
    pub async fn of_account(&self, account: &str) -> Result<Scps, AwsError> {
        match self.levels(account).await {
            Ok(_) if self.is_management(account).await => Ok(Scps::Levels(Vec::new())),
            Ok(levels) => Ok(Scps::Levels(levels)),
            Err(error) if error.code() == Some("AWSOrganizationsNotInUseException") => Ok(Scps::Levels(Vec::new())),
            Err(error) if error.kind() == ErrorKind::Denied => Ok(Scps::NotReadable(error)),
            Err(error) => Err(error),
        }
    }

    /// Whether it is the management account. Where that cannot be told it is taken for a member: then more is refused.
    async fn is_management(&self, account: &str) -> bool {
        let told = async {
            // Boxed: it is asked once.
            let organization = Box::pin(self.hub.organization()).await;
            organization.ok().and_then(|organization| organization.management_account)
        };
        self.management.get_or_init(|| told).await.as_deref() == Some(account)
    }

    async fn levels(&self, account: &str) -> Result<Vec<ScpLevel>, AwsError> {
        let mut known = self.known.lock().await;
        let mut targets = vec![account.to_owned()];
        let mut next = self.parent(&mut known, account).await?;
        while let Some(target) = next {
            if targets.len() >= LEVELS || targets.contains(&target) {
                return Err(self.incomplete(Operation::ListParents, "way up to the root"));
            }
            next = self.parent(&mut known, &target).await?;
            targets.push(target);
        }
        let mut levels = Vec::with_capacity(targets.len());
        for target in targets.into_iter().rev() {
            let policies = self.policies(&mut known, &target).await?;
            levels.push(ScpLevel { target, policies });
        }
        Ok(levels)
    }

    /// The OU or root above `child`; `None` above the root.
    async fn parent(&self, known: &mut Known, child: &str) -> Result<Option<String>, AwsError> {
        if let Some(parent) = known.parents.get(child) {
            return Ok(parent.clone());
        }
        let operation = Operation::ListParents;
        let stream = self.hub.organizations().list_parents().child_id(child).into_paginator().send();
        let mut parents: Vec<Parent> = Vec::new();
        pages(operation, Some(self.account()), stream, |page| {
            parents.extend(page.parents.unwrap_or_default());
            page.next_token.is_some_and(|token| !token.is_empty())
        })
        .await?;
        // AWS allows one.
        let parent = parents.into_iter().next().ok_or_else(|| self.incomplete(operation, "parent"))?;
        let id = parent.id.ok_or_else(|| self.incomplete(operation, "id of a parent"))?;
        if parent.r#type == Some(ParentType::Root) || id.starts_with("r-") {
            known.parents.insert(id.clone(), None);
        }
        known.parents.insert(child.to_owned(), Some(id.clone()));
        Ok(Some(id))
    }

    /// The policies attached right at `target`, with their documents.
    async fn policies(&self, known: &mut Known, target: &str) -> Result<Vec<Scp>, AwsError> {
        if !known.attached.contains_key(target) {
            let found = self.attached(target).await?;
            known.attached.insert(target.to_owned(), found);
        }
        let mut policies = Vec::new();
        for summary in known.attached.get(target).cloned().unwrap_or_default() {
            let id = summary.id.ok_or_else(|| self.incomplete(Operation::ListPoliciesForTarget, "id of a policy"))?;
            let document = match known.documents.get(&id) {
                Some(document) => document.clone(),
                None => self.document(&id).await?,
            };
            known.documents.insert(id.clone(), document.clone());
            policies.push(Scp { id, name: summary.name.unwrap_or_default(), document });
        }
        Ok(policies)
    }

    async fn attached(&self, target: &str) -> Result<Vec<PolicySummary>, AwsError> {
        let call = self.hub.organizations().list_policies_for_target().target_id(target);
        let stream = call.filter(PolicyType::ServiceControlPolicy).into_paginator().send();
        let mut found = Vec::new();
        pages(Operation::ListPoliciesForTarget, Some(self.account()), stream, |page| {
            found.extend(page.policies.unwrap_or_default());
            page.next_token.is_some_and(|token| !token.is_empty())
        })
        .await?;
        Ok(found)
    }

    async fn document(&self, id: &str) -> Result<String, AwsError> {
        let operation = Operation::DescribePolicy;
        let sent = self.hub.organizations().describe_policy().policy_id(id).send();
        let answer = answer(operation, Some(self.account()), sent).await?;
        let content = answer.policy.and_then(|policy| policy.content);
        content.ok_or_else(|| self.incomplete(operation, "content of the policy"))
    }

    fn account(&self) -> &str {
        &self.hub.caller().account
    }

    fn incomplete(&self, operation: Operation, what: &str) -> AwsError {
        AwsError::new(ErrorKind::Other, format!("the answer has no {what}")).at(operation, Some(self.account()))
    }
}
