//! Guards: policies that deny what a caller without MFA asks for.
//!
//! Ours come from `policies/guards/`. Somebody's own, or one copied from AWS's documentation, is classified by what it
//! does: asked of the evaluator beside a policy that allows everything, in every way to sign in.

use std::fmt;

use super::context::Context;
use super::decide::{Policies, Verdict};
use super::document::{Document, Effect, Statement};
use super::mfa::{MfaContext, PRESENT, VIA_SERVICE};
use super::policy::Policy;
use super::questions::{ENROLLMENT, Enforcement, Hole, Subject};
use super::request::Request;

/// The path of our guards.
pub const PATH: &str = "/portcullis/";

/// One of our guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// Denies every caller without MFA, access keys included.
    Strict,
    /// Denies console sessions without MFA, and leaves access keys alone.
    ConsoleOnly,
}

impl Variant {
    /// All.
    pub const ALL: [Self; 2] = [Self::Strict, Self::ConsoleOnly];

    /// The name of its policy.
    #[must_use]
    pub const fn policy_name(self) -> &'static str {
        match self {
            Self::Strict => "deny-without-mfa",
            Self::ConsoleOnly => "deny-without-mfa-console-only",
        }
    }

    /// The ARN of its policy in an account.
    #[must_use]
    pub fn arn(self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:policy{PATH}{}", self.policy_name())
    }

    /// The ways to sign in without MFA that it denies.
    #[must_use]
    pub const fn covers(self) -> &'static [MfaContext] {
        match self {
            Self::Strict => &[MfaContext::LongTermKey, MfaContext::ConsoleWithoutMfa, MfaContext::SessionWithoutMfa],
            Self::ConsoleOnly => &[MfaContext::ConsoleWithoutMfa, MfaContext::SessionWithoutMfa],
        }
    }

    /// Its document for a partition, pretty-printed; `via_services` says whether calls that services make for the user
    /// are exempt, as by default.
    ///
    /// Without the exemption also a user who signed in with MFA is denied what a service does in their name
    /// (aws-facts 3.10).
    #[must_use]
    pub fn text(self, partition: &str, via_services: bool) -> String {
        let template = match self {
            Self::Strict => include_str!("../../policies/guards/deny-without-mfa.json"),
            Self::ConsoleOnly => include_str!("../../policies/guards/deny-without-mfa-console-only.json"),
        };
        let text = template.replace("${Partition}", partition);
        if via_services { text } else { without_exemption(&text) }
    }

    /// Which of ours has this ARN, in whatever account.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (_, resource) = arn.split_once(":policy")?;
        let name = resource.strip_prefix(PATH)?;
        Self::ALL.into_iter().find(|variant| variant.policy_name() == name)
    }
}

/// Takes the lines about `aws:ViaAWSService` out of a template.
fn without_exemption(text: &str) -> String {
    let Ok(mut document) = Document::parse(text) else { return text.to_owned() };
    for condition in document.statements.iter_mut().filter_map(|statement| statement.condition.as_mut()) {
        for block in &mut condition.blocks {
            block.keys.retain(|key| !key.key.eq_ignore_ascii_case(VIA_SERVICE));
        }
        condition.blocks.retain(|block| !block.keys.is_empty());
    }
    serde_json::to_string_pretty(&document).unwrap_or_else(|_| text.to_owned())
}

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

/// A guard that is told by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Ours.
    Ours(Variant),
    /// The deny of AWS's pages "my-sec-creds-self-manage" and "…-mfa-only" (aws-facts 3.1, 3.2).
    AwsSelfManage,
    /// The same with `iam:GetMFADevice`, as in newer copies (3.3).
    AwsSelfManageNewer,
    /// The deny of AWS's page "iam_mfa-selfmanage" (3.2).
    AwsMfaSelfManage,
}

/// What is wrong with a guard, or worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Something can be done without MFA.
    Open(Hole),
    /// It denies what it takes to enroll a device, so that whoever it binds never gets in again.
    BlocksEnrollment {
        /// The actions.
        actions: Vec<&'static str>,
    },
    /// It denies callers who signed in with MFA, too.
    DeniesWithMfa {
        /// An action that it denies them.
        action: String,
    },
    /// It denies what services do for a user, even one who signed in with MFA (aws-facts 3.10).
    DeniesServices,
    /// It allows what no caller without MFA should be able to do to a device: whoever has the password could take the
    /// owner's device away.
    AllowsRemoval {
        /// The action.
        action: &'static str,
    },
    /// It does not allow what it takes to enroll a device, and relies on other policies for it.
    GrantsNoEnrollment {
        /// The actions.
        actions: Vec<&'static str>,
    },
    /// It lets users enroll a device, but not those with a path: `user/${aws:username}` is not their ARN (3.16).
    NotForPaths {
        /// The actions.
        actions: Vec<&'static str>,
    },
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
        self.subject(&self.user, vec![&self.guard, &self.everything])
    }

    /// The guard alone.
    fn alone<'a>(&'a self, arn: &'a str) -> Subject<'a> {
        self.subject(arn, vec![&self.guard])
    }

    fn subject<'a>(&self, arn: &'a str, identity: Vec<&'a Policy>) -> Subject<'a> {
        Subject::user(arn, Policies { identity, ..Policies::default() }, [])
    }

    fn enforcement(&self) -> Enforcement {
        Enforcement::of(&self.tested())
    }

    fn closes(&self, mfa: MfaContext) -> bool {
        Enforcement::is_closed(&self.tested(), mfa)
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
        let subject = self.tested();
        let mut witnesses = subject.witnesses(MfaContext::WithMfa).into_iter();
        let denied = witnesses.find(|(action, resource)| {
            subject.can(action, resource, MfaContext::WithMfa) != Verdict::Allowed
        });
        denied.map(|(action, _)| Flaw::DeniesWithMfa { action: for_people(&action) })
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
            Enforcement::CONTEXTS.iter().any(|mfa| may(subject.can(action, resource, *mfa)))
        });
        allowed.map(|(action, _)| Flaw::AllowsRemoval { action })
    }

    fn enrollment_not_granted(&self) -> Option<Flaw> {
        let lacking = |arn: &str| {
            let subject = self.alone(arn);
            let resource = |action: &str| if self.own(action) == self.device { self.device.clone() } else { arn.to_owned() };
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

fn may(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Allowed | Verdict::Unknown)
}

fn for_people(pattern: &str) -> String {
    pattern.replace('\u{e000}', "*")
}

impl Flaw {
    /// Whether it makes the guard wrong; others are worth knowing only.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        match self {
            Self::Open(_) | Self::BlocksEnrollment { .. } | Self::DeniesWithMfa { .. } | Self::AllowsRemoval { .. } => true,
            Self::DeniesServices | Self::GrantsNoEnrollment { .. } | Self::NotForPaths { .. } => false,
        }
    }
}

impl Known {
    /// Which well-known text `document` is, in a partition.
    #[must_use]
    pub fn of(document: &Document, partition: &str) -> Option<Self> {
        let ours = Variant::ALL.into_iter().find(|variant| {
            [true, false].iter().any(|via| Document::parse(&variant.text(partition, *via)).as_ref() == Ok(document))
        });
        if let Some(variant) = ours {
            return Some(Self::Ours(variant));
        }
        let mut denies = document.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let (Some(deny), None) = (denies.next(), denies.next()) else { return None };
        is_aws_deny(deny).then(|| Self::of_exempted(deny.not_actions()))?
    }

    fn of_exempted(actions: &[String]) -> Option<Self> {
        let with = |more: &'static [&'static str]| SHARED.iter().chain(more.iter()).copied();
        let texts: [(Self, &'static [&'static str]); 3] = [
            (Self::AwsSelfManage, &["iam:getuser", "sts:getsessiontoken"]),
            (Self::AwsSelfManageNewer, &["iam:getmfadevice", "iam:getuser", "sts:getsessiontoken"]),
            (Self::AwsMfaSelfManage, &["iam:listusers"]),
        ];
        let mut exempted: Vec<String> = actions.iter().map(|action| action.to_ascii_lowercase()).collect();
        exempted.sort_unstable();
        exempted.dedup();
        let same = |more: &'static [&'static str]| {
            let mut expected: Vec<&str> = with(more).collect();
            expected.sort_unstable();
            expected == exempted
        };
        texts.into_iter().find(|(_, more)| same(more)).map(|(known, _)| known)
    }
}

/// What all of AWS's guards exempt.
const SHARED: [&str; 5] = [
    "iam:createvirtualmfadevice",
    "iam:enablemfadevice",
    "iam:listmfadevices",
    "iam:listvirtualmfadevices",
    "iam:resyncmfadevice",
];

/// Whether the statement is `Deny … Resource * BoolIfExists aws:MultiFactorAuthPresent false`, and no more.
fn is_aws_deny(statement: &Statement) -> bool {
    let [block] = statement.conditions() else { return false };
    let [key] = block.keys.as_slice() else { return false };
    let is_false = matches!(key.values.as_slice(), [value] if value.eq_ignore_ascii_case("false"));
    matches!(statement.resources(), [resource] if resource == "*")
        && block.operator == "BoolIfExists"
        && key.key.eq_ignore_ascii_case(PRESENT)
        && is_false
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ours(Variant::Strict) => "portcullis, strict",
            Self::Ours(Variant::ConsoleOnly) => "portcullis, console only",
            Self::AwsSelfManage => "AWS, my-sec-creds-self-manage",
            Self::AwsSelfManageNewer => "AWS, my-sec-creds-self-manage with GetMFADevice",
            Self::AwsMfaSelfManage => "AWS, iam_mfa-selfmanage",
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(hole) => write!(formatter, "left open without MFA: {hole}"),
            Self::BlocksEnrollment { actions } => {
                write!(formatter, "it denies what it takes to enroll a device: {}", actions.join(", "))
            }
            Self::DeniesWithMfa { action } => {
                write!(formatter, "it denies {action} also to who signed in with MFA")
            }
            Self::DeniesServices => formatter.write_str(
                "it denies what services do in the name of a user, even one who signed in with MFA; \
                 `aws:ViaAWSService` `false` in the same block exempts that",
            ),
            Self::AllowsRemoval { action } => {
                write!(formatter, "it allows {action} without MFA: whoever has the password can take the device away")
            }
            Self::GrantsNoEnrollment { actions } => {
                write!(formatter, "it does not allow {}; without another policy nobody can enroll", actions.join(", "))
            }
            Self::NotForPaths { actions } => write!(
                formatter,
                "users with a path cannot enroll: {} on `user/*/${{aws:username}}` is not allowed",
                actions.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests;
