//! Who asks to assume a role.

use crate::iam::context::Context;

/// The sender of a request, as AWS knows it once it is authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    name: Box<str>,
    pub(super) kind: Kind,
}

/// What kind of principal it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The root user of an account.
    Root(Account),
    /// An IAM user, with its long-term key, its console session or a session of `GetSessionToken`.
    User(Account),
    /// A session of a role, with its name if that is said; of the role, the name without the path.
    Session { account: Account, role: Box<str>, session: Option<Box<str>> },
    /// A session of `GetFederationToken`.
    FederatedUser(Account),
    /// A service of AWS.
    Service,
    /// Somebody who comes with a token or an assertion of an identity provider.
    Federated,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) partition: Box<str>,
    pub(super) id: Box<str>,
}

impl CallerIdentity {
    /// The principal with this ARN: of a user, of a role (whichever session of it), of a session of a role, of a federated
    /// user, or of the root user of an account. `None` for any other text.
    #[must_use]
    pub fn from_arn(arn: &str) -> Option<Self> {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, service @ ("iam" | "sts"), "", id, resource] = fields.as_slice() else { return None };
        if !is_account(id) {
            return None;
        }
        let account = Account { partition: (*partition).into(), id: (*id).into() };
        let kind = match (*service, resource.split_once('/')) {
            ("iam", None) if *resource == "root" => Kind::Root(account),
            ("iam", Some(("user", name))) if !last(name).is_empty() => Kind::User(account),
            ("iam", Some(("role", name))) if !last(name).is_empty() => {
                Kind::Session { account, role: last(name).into(), session: None }
            }
            ("sts", Some(("assumed-role", session))) => {
                let (role, session) =
                    session.split_once('/').filter(|(role, name)| !role.is_empty() && !name.is_empty())?;
                Kind::Session { account, role: role.into(), session: Some(session.into()) }
            }
            ("sts", Some(("federated-user", name))) if !name.is_empty() => Kind::FederatedUser(account),
            _ => return None,
        };
        Some(Self { name: arn.into(), kind })
    }

    /// The service called `name`, such as `ec2.amazonaws.com`.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self { name: name.into(), kind: Kind::Service }
    }

    /// Somebody with a token or an assertion of `provider`: the ARN of a SAML or OIDC provider, or the name of a
    /// well-known web identity provider.
    #[must_use]
    pub fn federated(provider: &str) -> Self {
        Self { name: provider.into(), kind: Kind::Federated }
    }

    /// Its ARN, or the name of the service or provider.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn account(&self) -> Option<&Account> {
        match &self.kind {
            Kind::Root(account)
            | Kind::User(account)
            | Kind::FederatedUser(account)
            | Kind::Session { account, .. } => Some(account),
            Kind::Service | Kind::Federated => None,
        }
    }

    /// The condition keys that follow from who it is (IAM User Guide, `reference_policies_condition-keys`). Of a session,
    /// `aws:PrincipalArn` is the ARN of its role, whose path the session does not tell: nothing is set of it then.
    pub(super) fn keys(&self) -> Context {
        let Some(account) = self.account() else { return Context::new() };
        let context = Context::new().with("aws:PrincipalAccount", account.id.as_ref());
        let own = |context: Context, kind: &str| {
            context.with("aws:PrincipalArn", self.name.as_ref()).with("aws:PrincipalType", kind)
        };
        match &self.kind {
            Kind::Root(_) => own(context, "Account"),
            Kind::User(_) => own(context, "User").with("aws:username", last(&self.name)),
            Kind::FederatedUser(_) => own(context, "FederatedUser"),
            Kind::Session { session: None, .. } => own(context, "AssumedRole"),
            Kind::Session { .. } => context.with("aws:PrincipalType", "AssumedRole"),
            Kind::Service | Kind::Federated => context,
        }
    }
}

/// Whether `text` is the id of an account.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name behind a path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
