//! Whether a user can enroll an MFA device without having one.

use crate::iam::decide::Verdict;
use crate::iam::mfa::MfaContext;

use super::enforced::Enforcement;
use super::subject::Subject;
use super::witness::ANY;

/// What it takes to enroll a virtual device and to bring it in step again.
pub const ENROLLMENT: [&str; 4] =
    ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"];

/// What keeps a user from enrolling a device, by the way it is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enrollment {
    /// Each action that is not allowed for certain, and what becomes of it.
    pub obstacles: Vec<(MfaContext, &'static str, Verdict)>,
}

impl Enrollment {
    /// What keeps `subject` from enrolling a device for itself.
    #[must_use]
    pub fn of(subject: &Subject<'_>) -> Self {
        let contexts = Enforcement::CONTEXTS;
        let all = contexts
            .into_iter()
            .flat_map(|mfa| ENROLLMENT.map(|action| (mfa, action, enrollment_in(subject, action, mfa))));
        Self { obstacles: all.filter(|(_, _, verdict)| *verdict != Verdict::Allowed).collect() }
    }

    /// Whether it can; `None` if that depends on what could not be read or on what a request carries.
    #[must_use]
    pub fn is_possible(&self) -> Option<bool> {
        let denied = |verdict: &Verdict| matches!(verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny);
        match self.obstacles.as_slice() {
            [] => Some(true),
            obstacles if obstacles.iter().any(|(_, _, verdict)| denied(verdict)) => Some(false),
            _ => None,
        }
    }
}

/// What becomes of `action` on the user itself, or on a new device: one with a name of its own choice, or else one with
/// the name of the user, which older policies ask for (aws-facts 3.3, 3.15).
#[must_use]
pub fn enrollment_in(subject: &Subject<'_>, action: &str, mfa: MfaContext) -> Verdict {
    if action != "iam:CreateVirtualMFADevice" {
        return subject.can(action, subject.arn(), mfa);
    }
    let (partition, account) = subject.home();
    let name = subject.arn().rsplit('/').next().unwrap_or_default();
    let of = |device: &str| subject.can(action, &format!("arn:{partition}:iam::{account}:mfa/{device}"), mfa);
    match of(&ANY.to_string()) {
        Verdict::Allowed => Verdict::Allowed,
        chosen => match of(name) {
            Verdict::Allowed => Verdict::Allowed,
            Verdict::Unknown => Verdict::Unknown,
            _ => chosen,
        },
    }
}
