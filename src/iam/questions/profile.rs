//! What a policy says to a fixed list of requests, in a few bits: worked out once a document, joined for each principal.

use crate::iam::document::Effect;
use crate::iam::policy::Policy;
use crate::iam::request::Request;
use crate::iam::truth::Truth;

/// One bit a request.
pub(super) type Bits = u64;

/// What one policy, or several together, say to the requests of a list of at most 64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// Some statement allows it, at least under conditions that may be met.
    pub(super) may_allow: Bits,
    /// Some statement denies it, whatever else the request carries.
    pub(super) denies: Bits,
    /// Some policy could not be read: it may allow or deny anything.
    pub(super) unread: bool,
}

impl Profile {
    /// What `policy` says to `requests`.
    pub(super) fn of(policy: &Policy, requests: &[Request]) -> Self {
        if policy.is_unreadable() {
            return Self { unread: true, ..Self::default() };
        }
        let mut profile = Self::default();
        for (bit, request) in requests.iter().enumerate() {
            for statement in policy.statements() {
                match (statement.effect, statement.matches(request, &mut ())) {
                    (Effect::Allow, Truth::Yes | Truth::Unknown) => profile.may_allow |= 1 << bit,
                    (Effect::Deny, Truth::Yes) => profile.denies |= 1 << bit,
                    _ => {}
                }
            }
        }
        profile
    }

    /// What two say together.
    pub(super) const fn join(self, other: Self) -> Self {
        Self {
            may_allow: self.may_allow | other.may_allow,
            denies: self.denies | other.denies,
            unread: self.unread || other.unread,
        }
    }
}
