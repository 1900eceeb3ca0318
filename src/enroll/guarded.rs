//! Whether a user is guarded by one of our guards at this moment, as far as the caller may see it.

use serde::Serialize;

use crate::aws::{AwsError, Operation, Reader};
use crate::iam::guard::Variant;
use crate::model::AttachedPolicy;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// What: the name of the field that is `null`.
    pub what: &'static str,
    /// The call that was refused; `None` if there is no call that tells.
    pub operation: Option<&'static str>,
    /// Why not, safe to show.
    pub reason: String,
}

impl Unread {
    /// By the failure of a call.
    #[must_use]
    pub fn of(what: &'static str, error: &AwsError) -> Self {
        Self { what, operation: error.operation().map(Operation::name), reason: error.reason() }
    }

    /// For another reason than a call's failure.
    #[must_use]
    pub fn because(what: &'static str, reason: &str) -> Self {
        Self { what, operation: None, reason: reason.to_owned() }
    }
}

/// One way in which a user is guarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// The name of the guard's policy.
    pub guard: &'static str,
    /// The group to which it is attached; `None` if it is attached to the user itself.
    pub group: Option<String>,
}

/// Whether a user is guarded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guarded {
    /// The guards that were found.
    pub attachments: Vec<Attachment>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

impl Guarded {
    /// Whether the user is guarded; `None` if no guard was found where one could be read, and not all could.
    #[must_use]
    pub const fn is(&self) -> Option<bool> {
        match (self.attachments.is_empty(), self.unread.is_empty()) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => None,
        }
    }

    /// Whether access keys without MFA are denied too; console-only guards leave them alone.
    #[must_use]
    pub fn binds_keys(&self) -> bool {
        self.attachments.iter().any(|attachment| attachment.guard == Variant::Strict.policy_name())
    }

    /// Looks at the user's policies and at those of its groups (`iam:ListAttachedUserPolicies`,
    /// `iam:ListGroupsForUser`, `iam:ListAttachedGroupPolicies`).
    pub async fn of(reader: &Reader, user: &str) -> Self {
        let mut guarded = Self::default();
        guarded.take(reader, None, reader.attached_user_policies(user).await);
        match reader.groups_of(user).await {
            Ok(groups) => {
                for group in groups {
                    let policies = reader.attached_group_policies(&group.name).await;
                    guarded.take(reader, Some(&group.name), policies);
                }
            }
            Err(error) => guarded.unread.push(Unread::of("guarded", &error)),
        }
        guarded.unread.dedup();
        guarded
    }

    fn take(&mut self, reader: &Reader, group: Option<&str>, policies: Result<Vec<AttachedPolicy>, AwsError>) {
        let account = reader.account();
        match policies {
            Ok(policies) => {
                let ours = policies
                    .iter()
                    .filter_map(|policy| Variant::of_account(&policy.arn, account.partition.as_str(), &account.id));
                self.attachments.extend(
                    ours.map(|guard| Attachment { guard: guard.policy_name(), group: group.map(str::to_owned) }),
                );
            }
            Err(error) => self.unread.push(Unread::of("guarded", &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_read_wholly_is_a_no() {
        let guard = Attachment { guard: Variant::Strict.policy_name(), group: None };
        let gap = Unread::because("guarded", "AccessDenied");
        let of = |attachments: &[Attachment], unread: &[Unread]| {
            Guarded { attachments: attachments.to_vec(), unread: unread.to_vec() }.is()
        };
        assert_eq!(of(&[], &[]), Some(false));
        assert_eq!(of(&[], std::slice::from_ref(&gap)), None);
        assert_eq!(of(std::slice::from_ref(&guard), std::slice::from_ref(&gap)), Some(true));
        assert_eq!(of(&[guard], &[]), Some(true));
    }
}
