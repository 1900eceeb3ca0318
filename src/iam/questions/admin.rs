//! Whether a principal is an administrator: it may do everything, or it may give itself the rest.
//!
//! A handful of requests is put to every document: those of IAM by which a principal makes itself powerful, each on a
//! resource of no particular name. An administrator may have all of them allowed, by identity policies and by a boundary
//! if there is one, and denied some of them at most: each request that is *self-granting* gives the rest by itself, so
//! only who is denied all of those, by both together, is none. `AdministratorAccess` and `IAMFullAccess` make one, also
//! beside `Deny iam:PassRole`; `PowerUserAccess` does not. The requests are made with MFA, and of all other keys nothing
//! is said: an `Allow` under a condition that may be met counts, and a `Deny` only if nothing lifts it. So the answer
//! errs towards "yes", which asks for more protection, not less.

use crate::iam::context::Context;
use crate::iam::decide::Policies;
use crate::iam::mfa::MfaContext;
use crate::iam::policy::Policy;
use crate::iam::request::Request;

use super::profile::{Bits, Profile};
use super::subject::Subject;
use super::witness::ANY;

/// The requests: an action, and the resource type that it is authorised on (Service Authorization Reference, IAM). The
/// first [`SELF_GRANTING`] of them each suffice to give oneself everything.
const PROBES: [(&str, &str); 7] = [
    ("iam:AttachUserPolicy", "user"),
    ("iam:PutUserPolicy", "user"),
    ("iam:AttachRolePolicy", "role"),
    ("iam:UpdateAssumeRolePolicy", "role"),
    ("iam:CreatePolicyVersion", "policy"),
    ("iam:CreateAccessKey", "user"),
    ("iam:PassRole", "role"),
];

/// How many of the requests give the rest by themselves.
const SELF_GRANTING: usize = 5;

/// Every request is made twice: on a resource with an ordinary name, and on one with a long path.
const NAMES: usize = 2;

const ALL: Bits = (1 << (PROBES.len() * NAMES)) - 1;
const ALL_SELF_GRANTING: Bits = (1 << (SELF_GRANTING * NAMES)) - 1;

/// Stands for the name of the principal, which is not that of the resource.
const SOMEBODY: &str = "\u{e001}";

/// Whether a principal is an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Administrator {
    /// It is, perhaps only under conditions.
    Yes,
    /// It is not.
    No,
    /// It depends on a document that could not be read: which, for people.
    Unknown(&'static str),
}

/// The requests to ask of the policies of one account.
#[derive(Debug, Clone, Default)]
pub struct AdminProbes {
    requests: Vec<Request>,
}

/// What one document, or several together, grant of what makes an administrator: small, and worked out once a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdminGrants(Profile);

impl AdminProbes {
    /// For the principals of `account` in `partition`, whoever they are: right for policies that do not
    /// [depend on the principal](Policy::depends_on_principal).
    #[must_use]
    pub fn of_account(partition: &str, account: &str) -> Self {
        let context = Context::open().with("aws:username", SOMEBODY).with("aws:PrincipalAccount", account);
        Self::new(partition, account, &MfaContext::WithMfa.keys().or(context))
    }

    /// For one principal.
    #[must_use]
    pub fn of_principal(subject: &Subject<'_>) -> Self {
        let (partition, account) = subject.home();
        Self::new(partition, account, &subject.context(MfaContext::WithMfa))
    }

    fn new(partition: &str, account: &str, context: &Context) -> Self {
        let long: String = [ANY; 50].iter().collect();
        let names = [[ANY; 16].iter().collect(), format!("{long}/{long}")];
        let request = |action: &str, kind: &str, name: &str| {
            Request::new(action, format!("arn:{partition}:iam::{account}:{kind}/{name}")).with_context(context.clone())
        };
        let requests = PROBES
            .iter()
            .flat_map(|&(action, kind)| names.iter().map(move |name| (action, kind, name)))
            .map(|(action, kind, name)| request(action, kind, name))
            .collect();
        Self { requests }
    }

    /// What `policy` grants.
    #[must_use]
    pub fn ask(&self, policy: &Policy) -> AdminGrants {
        AdminGrants(Profile::of(policy, &self.requests))
    }

    /// Whether who has these policies is an administrator.
    #[must_use]
    pub fn verdict(&self, policies: &Policies<'_>) -> Administrator {
        let identity =
            policies.identity.iter().map(|policy| self.ask(policy)).fold(AdminGrants::default(), AdminGrants::join);
        identity.verdict(policies.boundary.map(|boundary| self.ask(boundary)))
    }
}

impl AdminGrants {
    /// Of a document that could not be read.
    pub const UNREAD: Self = Self(Profile { may_allow: 0, denies: 0, unread: true });

    /// What two documents grant together.
    #[must_use]
    pub const fn join(self, other: Self) -> Self {
        Self(self.0.join(other.0))
    }

    /// Whether who has these grants, from all identity policies together, is an administrator, under a permissions
    /// boundary if there is one (it grants nothing: both have to allow).
    #[must_use]
    pub fn verdict(self, boundary: Option<Self>) -> Administrator {
        let boundary = boundary.unwrap_or(Self(Profile { may_allow: ALL, ..Profile::default() }));
        // A request that is denied for one of its two names only is left for the other.
        if (self.0.denies | boundary.0.denies) & ALL_SELF_GRANTING == ALL_SELF_GRANTING {
            return Administrator::No;
        }
        match (self.allows_all(), boundary.allows_all()) {
            (Some(true), Some(true)) => Administrator::Yes,
            (Some(false), _) | (_, Some(false)) => Administrator::No,
            (None, _) => Administrator::Unknown("a policy document that applies to it could not be read"),
            (_, None) => Administrator::Unknown("the document of its permissions boundary could not be read"),
        }
    }

    /// Whether some `Allow` covers each request. An unread document can make a no open, but not a yes: it could hold a
    /// `Deny`, yet who has all the rest is treated as an administrator.
    const fn allows_all(self) -> Option<bool> {
        match (self.0.may_allow & ALL == ALL, self.0.unread) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}

#[cfg(test)]
mod tests;
