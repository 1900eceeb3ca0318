//! A principal and the policies that apply to it.

use crate::iam::context::Context;
use crate::iam::decide::{Decision, Policies, Verdict};
use crate::iam::mfa::MfaContext;
use crate::iam::request::Request;

/// An IAM user (or another principal) and its policies.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    arn: &'a str,
    policies: Policies<'a>,
    known: Context,
}

impl<'a> Subject<'a> {
    /// The user `arn` with `policies`; `tags` are those that its requests carry as `aws:PrincipalTag/…`.
    #[must_use]
    pub fn user(arn: &'a str, policies: Policies<'a>, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let known = principal_keys(arn).or(Context::open());
        let known =
            tags.into_iter().fold(known, |known, (key, value)| known.with(&format!("aws:PrincipalTag/{key}"), value));
        Self { arn, policies, known }
    }

    /// Any user of the account of `arn`: nothing is said of its name, tags or ARN, so that what is denied it is denied
    /// everyone who has `policies`.
    #[must_use]
    pub fn anybody(arn: &'a str, policies: Policies<'a>) -> Self {
        Self { arn, policies, known: Context::open() }
    }

    /// Its ARN.
    #[must_use]
    pub const fn arn(&self) -> &'a str {
        self.arn
    }

    /// Its policies.
    #[must_use]
    pub const fn policies(&self) -> &Policies<'a> {
        &self.policies
    }

    /// The same principal with other policies.
    #[must_use]
    pub fn with_policies(&self, policies: Policies<'a>) -> Self {
        Self { policies, ..self.clone() }
    }

    /// The partition and the account id of its ARN; `aws` and nothing if it is no ARN.
    #[must_use]
    pub fn home(&self) -> (&'a str, &'a str) {
        let mut fields = self.arn.split(':').skip(1);
        (fields.next().unwrap_or("aws"), fields.nth(2).unwrap_or_default())
    }

    /// Whether it can have `action` done on `resource`, signed in like this, whatever else the request carries:
    /// [`Verdict::Unknown`] if that depends on it.
    #[must_use]
    pub fn can(&self, action: &str, resource: &str, mfa: MfaContext) -> Verdict {
        if mfa.is_refused_by_aws(action) {
            return Verdict::ImplicitDeny;
        }
        self.policies.verdict(&self.request(action, resource, mfa))
    }

    /// Whether there is a request for `action` on `resource` that it may make, signed in like this.
    #[must_use]
    pub fn may(&self, action: &str, resource: &str, mfa: MfaContext) -> bool {
        !mfa.is_refused_by_aws(action) && self.policies.may_allow(&self.request(action, resource, mfa))
    }

    /// Like [`Self::can`], and by what. What AWS itself refuses in a session without MFA is not told here.
    #[must_use]
    pub fn decide(&self, action: &str, resource: &str, mfa: MfaContext) -> Decision {
        self.policies.decide(&self.request(action, resource, mfa))
    }

    /// An action that one of its policies denies, signed in like this, if only under conditions that may be met; `*`
    /// stands in it for any text.
    #[must_use]
    pub fn possibly_denied(&self, mfa: MfaContext) -> Option<String> {
        let denied = super::regions::possibly_denied(&self.policies, &self.context(mfa));
        denied.map(|action| super::witness::for_people(&action))
    }

    /// Requests, as action and resource, that stand for all that its policies may allow, signed in like this. The
    /// character U+E000 in them stands for any text.
    #[must_use]
    pub fn witnesses(&self, mfa: MfaContext) -> Vec<(String, String)> {
        let all = super::witness::witnesses(&self.policies, &self.context(mfa));
        all.into_iter().map(|witness| (witness.action, witness.resource)).collect()
    }

    /// The same questions many times, signed in like this.
    #[must_use]
    pub fn asking(&self, mfa: MfaContext) -> Asking<'_> {
        Asking { policies: &self.policies, mfa, request: self.request("", "", mfa) }
    }

    pub(super) fn request(&self, action: &str, resource: &str, mfa: MfaContext) -> Request {
        Request::new(action, resource).with_context(self.context(mfa))
    }

    /// What is known of its requests, signed in like this.
    pub(super) fn context(&self, mfa: MfaContext) -> Context {
        mfa.keys().or(self.known.clone())
    }
}

/// A principal that is signed in in one way, to be asked many questions: nothing is copied for each.
#[derive(Debug)]
pub struct Asking<'a> {
    policies: &'a Policies<'a>,
    mfa: MfaContext,
    request: Request,
}

impl Asking<'_> {
    /// As [`Subject::may`].
    #[must_use]
    pub fn may(&mut self, action: &str, resource: &str) -> bool {
        action.clone_into(&mut self.request.action);
        resource.clone_into(&mut self.request.resource);
        !self.mfa.is_refused_by_aws(action) && self.policies.may_allow(&self.request)
    }
}

/// The condition keys that follow from the ARN of a principal: `aws:PrincipalArn`, `aws:PrincipalAccount` and, of IAM
/// users only, `aws:username`, which is the name without the path (IAM User Guide, `reference_policies_condition-keys`).
///
/// The ARN of a role session stands for its role: `aws:PrincipalArn` is the ARN of the role then, whose path the session
/// does not tell.
#[must_use]
pub fn principal_keys(arn: &str) -> Context {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, _, _, account, resource] = fields.as_slice() else { return Context::new() };
    let context = Context::new().with("aws:PrincipalAccount", *account);
    match resource.split_once('/') {
        Some(("user", name)) => {
            let name = name.rsplit('/').next().unwrap_or(name);
            context.with("aws:PrincipalArn", arn).with("aws:username", name)
        }
        Some(("assumed-role", session)) => {
            let role = session.split('/').next().unwrap_or(session);
            context.with("aws:PrincipalArn", format!("arn:{partition}:iam::{account}:role/{role}"))
        }
        _ => context.with("aws:PrincipalArn", arn),
    }
}
