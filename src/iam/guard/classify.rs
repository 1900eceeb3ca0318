//! What a document does to callers without MFA, found out by asking the evaluator.

use crate::iam::context::Context;
use crate::iam::decide::{Policies, Verdict};
use crate::iam::document::Document;
use crate::iam::mfa::MfaContext;
use crate::iam::policy::Policy;
use crate::iam::questions::{ENROLLMENT, Enforcement, Subject};
use crate::iam::request::Request;

use super::Known;
use super::flaw::Flaw;

/// What a document does to callers without MFA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// Whether it is a well-known text: which, for people.
    pub known: Option<Known>,
    /// The ways to sign in without MFA in which it denies everything beyond enrolling.
    pub closes: Vec<MfaContext>,
    /// What is wrong with it, or worth knowing.
    pub flaws: Vec<Flaw>,
}

impl Classification {
    /// What `document` does to the users of `account` in `partition`.
    #[must_use]
    pub fn of(document: &Document, partition: &str, account: &str) -> Self {
        let bench = Bench::new(document, partition, account);
        let mut flaws: Vec<Flaw> = bench.enforcement().holes.into_iter().map(Flaw::Open).collect();
        flaws.extend(bench.blocked_enrollment());
        flaws.extend(bench.denied_with_mfa());
        flaws.extend(bench.denied_services());
        flaws.extend(bench.removals());
        flaws.extend(bench.enrollment_not_granted());
        let closes = MfaContext::DIRECT_WITHOUT.into_iter().filter(|mfa| bench.closes(*mfa)).collect();
        Self { known: Known::of(document, partition), closes, flaws }
    }

    /// Whether it denies everything beyond enrolling in every way to sign in without MFA, lets users enroll, and leaves
    /// those alone who signed in with MFA.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.closes.len() == MfaContext::DIRECT_WITHOUT.len() && !self.flaws.iter().any(Flaw::is_wrong)
    }
}

/// A document put to the test: beside a policy that allows everything, and alone.
struct Bench {
    guard: Policy,
    everything: Policy,
    user: String,
    path_user: String,
    device: String,
}

impl Bench {
    fn new(document: &Document, partition: &str, account: &str) -> Self {
        let arn = |resource: &str| format!("arn:{partition}:iam::{account}:{resource}");
        Self {
            guard: Policy::new("guard", document),
            everything: Policy::allowing_everything("everything"),
            user: arn("user/\u{e001}"),
            path_user: arn("user/\u{e002}/\u{e001}"),
            device: arn("mfa/\u{e003}"),
        }
    }

    /// The guard beside a policy that allows everything.
    fn tested(&self) -> Subject<'_> {
        subject(&self.user, vec![&self.guard, &self.everything])
    }

    /// The same, of a user of whom nothing is known: what exempts some by name or tag closes nothing for all.
    fn anybody(&self) -> Subject<'_> {
        Subject::anybody(&self.user, Policies { identity: vec![&self.guard, &self.everything], ..Policies::default() })
    }

    /// The guard alone.
    fn alone<'a>(&'a self, arn: &'a str) -> Subject<'a> {
        subject(arn, vec![&self.guard])
    }

    fn enforcement(&self) -> Enforcement {
        Enforcement::of(&self.anybody())
    }

    fn closes(&self, mfa: MfaContext) -> bool {
        Enforcement::is_closed(&self.anybody(), mfa)
    }

    fn own(&self, action: &str) -> &str {
        if action.eq_ignore_ascii_case("iam:CreateVirtualMFADevice") { &self.device } else { &self.user }
    }

    fn blocked_enrollment(&self) -> Option<Flaw> {
        let subject = self.tested();
        let blocked = |action: &&&str| {
            Enforcement::CONTEXTS.iter().any(|mfa| subject.can(action, self.own(action), *mfa) != Verdict::Allowed)
        };
        let actions: Vec<&str> = ENROLLMENT.iter().filter(blocked).copied().collect();
        (!actions.is_empty()).then_some(Flaw::BlocksEnrollment { actions })
    }

    fn denied_with_mfa(&self) -> Option<Flaw> {
        self.tested().possibly_denied(MfaContext::WithMfa).map(|action| Flaw::DeniesWithMfa { action })
    }

    fn denied_services(&self) -> Option<Flaw> {
        let context = MfaContext::ForwardedAccess.keys().or(Context::open());
        let request = Request::new("\u{e000}:\u{e000}", "\u{e000}").with_context(context);
        let denied = self.tested().policies().verdict(&request) == Verdict::ExplicitDeny;
        denied.then_some(Flaw::DeniesServices)
    }

    fn removals(&self) -> impl Iterator<Item = Flaw> {
        let subject = self.alone(&self.user);
        let of = [("iam:DeactivateMFADevice", &self.user), ("iam:DeleteVirtualMFADevice", &self.device)];
        let allowed = of.into_iter().filter(move |(action, resource)| {
            Enforcement::CONTEXTS.iter().any(|mfa| subject.may(action, resource, *mfa))
        });
        allowed.map(|(action, _)| Flaw::AllowsRemoval { action })
    }

    fn enrollment_not_granted(&self) -> Option<Flaw> {
        let lacking = |arn: &str| {
            let subject = self.alone(arn);
            let resource =
                |action: &str| if self.own(action) == self.device { self.device.clone() } else { arn.to_owned() };
            let lacks = |action: &&&str| {
                let resource = resource(action);
                Enforcement::CONTEXTS.iter().any(|mfa| subject.can(action, &resource, *mfa) != Verdict::Allowed)
            };
            ENROLLMENT.iter().filter(lacks).copied().collect::<Vec<&str>>()
        };
        let (plain, with_path) = (lacking(&self.user), lacking(&self.path_user));
        match (plain.is_empty(), with_path.is_empty()) {
            (true, true) => None,
            (true, false) => Some(Flaw::NotForPaths { actions: with_path }),
            (false, _) => Some(Flaw::GrantsNoEnrollment { actions: plain }),
        }
    }
}

fn subject<'a>(arn: &'a str, identity: Vec<&'a Policy>) -> Subject<'a> {
    Subject::user(arn, Policies { identity, ..Policies::default() }, [])
}
