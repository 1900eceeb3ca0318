//! What a session with MFA may do that the access key alone may not, by the user's own policies.
//!
//! A user may seldom read them; then only what is true of every guard is said. Service control policies, which nobody
//! in a member account can read, only take away.

use crate::aws::{AwsError, Reader};
use crate::iam::MfaContext;
use crate::iam::questions::{Enforcement, Subject};
use crate::iam::{Document, Policies, Policy};
use crate::model::untrusted::Untrusted;
use crate::model::{AttachedPolicy, Tag};

/// The policies of a user and its groups, the boundary and the tags.
#[derive(Debug, Default)]
pub struct Rights {
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    tags: Vec<Tag>,
}

impl Rights {
    /// Reads what applies to `user`.
    ///
    /// # Errors
    ///
    /// If not all of it can be read.
    pub async fn of(reader: &Reader, user: &str) -> Result<Self, AwsError> {
        let mut rights = Self::default();
        rights.attached(reader, reader.attached_user_policies(user).await?).await?;
        for name in reader.user_policy_names(user).await? {
            let document = reader.user_policy(user, &name).await?;
            rights.identity.push(policy(name, document.as_deref()));
        }
        for group in reader.groups_of(user).await? {
            rights.attached(reader, reader.attached_group_policies(&group.name).await?).await?;
            for name in reader.group_policy_names(&group.name).await? {
                let document = reader.group_policy(&group.name, &name).await?;
                rights.identity.push(policy(name, document.as_deref()));
            }
        }
        if let Some(answer) = reader.user(user).await? {
            rights.tags = answer.tags;
            if let Some(arn) = answer.permissions_boundary {
                rights.boundary = Some(managed(reader, arn).await?);
            }
        }
        Ok(rights)
    }

    async fn attached(&mut self, reader: &Reader, attached: Vec<AttachedPolicy>) -> Result<(), AwsError> {
        for AttachedPolicy { arn, .. } in attached {
            self.identity.push(managed(reader, arn).await?);
        }
        Ok(())
    }

    /// What the user `arn` may do with a session that it may not with the key alone, in a sentence.
    #[must_use]
    pub fn told(&self, arn: &str) -> String {
        let policies =
            Policies { identity: self.identity.iter().collect(), boundary: self.boundary.as_ref(), scps: Vec::new() };
        let tags = self.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let subject = Subject::user(arn, policies, tags);
        if Enforcement::is_closed(&subject, MfaContext::LongTermKey) {
            return "The access key alone may do nothing but see and enroll devices: a guard asks for MFA. A session with \
                    a code may do all that your policies allow."
                .to_owned();
        }
        let enforcement = Enforcement::of(&subject);
        match enforcement.holes.iter().find(|hole| hole.context == MfaContext::LongTermKey) {
            Some(hole) => format!(
                "Your policies let the access key alone do more than enroll devices, such as {} on {}. A session with a \
                 code may also do what they allow with MFA only.",
                Untrusted(&hole.action),
                Untrusted(&hole.resource)
            ),
            None if enforcement.unread => unknown("a policy could not be understood"),
            None => {
                "Your policies let the access key alone do nothing beyond enrolling devices. A session with a code may \
                     do what they allow with MFA only."
                    .to_owned()
            }
        }
    }
}

/// What is true where the policies are not known; `why` they are not.
#[must_use]
pub fn unknown(why: &str) -> String {
    format!(
        "What the access key alone may do is not known ({}). Where a guard asks for MFA it may do nothing but see and \
         enroll devices, and a session opened without a code may call nothing of IAM.",
        Untrusted(why)
    )
}

/// A managed policy with the document of its default version.
async fn managed(reader: &Reader, arn: String) -> Result<Policy, AwsError> {
    let document = match reader.policy(&arn).await? {
        Some(known) => reader.policy_document(&arn, &known.default_version).await?,
        None => None,
    };
    Ok(policy(arn, document.as_deref()))
}

fn policy(name: String, document: Option<&str>) -> Policy {
    match document.map(Document::parse) {
        Some(Ok(document)) => Policy::new(name, &document),
        Some(Err(error)) => Policy::unreadable(name, error.to_string()),
        None => Policy::unreadable(name, "it is gone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:user/kim";
    const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    const GUARD: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Resource":"*",
        "NotAction":["iam:EnableMFADevice","iam:ListMFADevices","sts:GetSessionToken"],
        "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}"#;

    fn told(documents: &[&str]) -> String {
        let policies = documents.iter().enumerate();
        let identity = policies.map(|(at, text)| policy(format!("p{at}"), Some(text))).collect();
        Rights { identity, ..Rights::default() }.told(ARN)
    }

    #[test]
    fn a_guard_that_binds_keys_makes_the_difference() {
        assert!(told(&[ALL, GUARD]).starts_with("The access key alone may do nothing but see and enroll devices"));
        let for_the_console = GUARD.replace("BoolIfExists", "Bool");
        let open = told(&[ALL, &for_the_console]);
        assert!(
            open.starts_with("Your policies let the access key alone do more than enroll devices, such as "),
            "{open}"
        );
    }

    #[test]
    fn nothing_is_claimed_of_what_is_not_known() {
        assert!(told(&[]).starts_with("Your policies let the access key alone do nothing beyond enrolling"));
        assert!(told(&["{"]).starts_with("What the access key alone may do is not known"));
        assert!(told(&["{", GUARD]).starts_with("The access key alone may do nothing but"), "a deny counts over all");
        assert!(unknown("a\u{1b}b").contains("a\\u{1b}b"));
    }
}
