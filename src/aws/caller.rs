//! Who we are: the answer of `sts:GetCallerIdentity`, and what its ARN says of the caller.

use super::call::answer;
use super::error::{AwsError, ErrorKind};
use super::operation::Operation;
use crate::model::Partition;

/// Who we are (`sts:GetCallerIdentity`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account, twelve digits.
    pub account: String,
    /// The ARN of the user, role session or root.
    pub arn: String,
    /// The unique id: `AIDA…` of a user, `AROA…:SESSION` of a role session, the account's number of root; empty where
    /// the answer has none.
    pub user_id: String,
    /// The partition.
    pub partition: Partition,
}

/// What kind of principal the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user, or a session that the organization's management opened for root (`sts:AssumeRoot`).
    Root,
    /// An IAM user, with its own key or a session of itself (`sts:GetSessionToken`).
    User {
        /// The path, `/` if none was chosen.
        path: String,
        /// The friendly name.
        name: String,
    },
    /// A session of a role: assumed, of an instance or a function, or of IAM Identity Center.
    Role {
        /// The role's name; AWS leaves its path out.
        name: String,
        /// The session's name, which for people is often a user name or an e-mail address.
        session: String,
    },
    /// A session that a user federated (`sts:GetFederationToken`).
    Federated {
        /// The session's name.
        name: String,
    },
    /// Something that is new to us.
    Other,
}

impl Caller {
    /// What kind of principal the caller is, from its ARN.
    #[must_use]
    pub fn principal(&self) -> Principal {
        let mut fields = self.arn.splitn(6, ':').skip(2);
        let service = fields.next().unwrap_or_default();
        let resource = fields.nth(2).unwrap_or_default();
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        match (service, kind) {
            ("iam", "root") | ("sts", "assumed-root") => Principal::Root,
            ("iam", "user") if !rest.is_empty() => user(rest),
            ("sts", "assumed-role") => match rest.split_once('/') {
                Some((name, session)) if !name.is_empty() => {
                    Principal::Role { name: name.to_owned(), session: session.to_owned() }
                }
                _ => Principal::Other,
            },
            ("sts", "federated-user") if !rest.is_empty() => Principal::Federated { name: rest.to_owned() },
            _ => Principal::Other,
        }
    }
}

/// A user by what follows `user/` in its ARN: path and name.
fn user(rest: &str) -> Principal {
    let (path, name) = match rest.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), rest),
    };
    Principal::User { path, name: name.to_owned() }
}

/// Asks AWS who signs the calls of `sts`.
pub(super) async fn identify(sts: &aws_sdk_sts::Client) -> Result<Caller, AwsError> {
    let operation = Operation::GetCallerIdentity;
    let identity = answer(operation, None, sts.get_caller_identity().send()).await?;
    let incomplete = || AwsError::new(ErrorKind::Other, "the answer names no account and ARN").at(operation, None);
    let account = identity.account.ok_or_else(incomplete)?;
    let arn = identity.arn.ok_or_else(incomplete)?;
    let partition = Partition::of_arn(&arn).unwrap_or_default();
    Ok(Caller { account, arn, user_id: identity.user_id.unwrap_or_default(), partition })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(arn: &str) -> Principal {
        let caller = Caller {
            account: "111122223333".to_owned(),
            arn: arn.to_owned(),
            user_id: String::new(),
            partition: Partition::default(),
        };
        caller.principal()
    }

    #[test]
    fn users_have_paths_and_names() {
        let user = |path: &str, name: &str| Principal::User { path: path.to_owned(), name: name.to_owned() };
        assert_eq!(principal("arn:aws:iam::111122223333:user/alice"), user("/", "alice"));
        assert_eq!(principal("arn:aws-cn:iam::111122223333:user/a/b/alice"), user("/a/b/", "alice"));
    }

    #[test]
    fn sessions_have_the_name_of_their_role() {
        let role = Principal::Role { name: "Admin".to_owned(), session: "a@b.example".to_owned() };
        assert_eq!(principal("arn:aws:sts::111122223333:assumed-role/Admin/a@b.example"), role);
        let federated = Principal::Federated { name: "bob".to_owned() };
        assert_eq!(principal("arn:aws:sts::111122223333:federated-user/bob"), federated);
    }

    #[test]
    fn root_is_root_and_nonsense_is_nobody() {
        assert_eq!(principal("arn:aws:iam::111122223333:root"), Principal::Root);
        assert_eq!(principal("arn:aws:sts::111122223333:assumed-root/x"), Principal::Root);
        for other in
            ["", "root", "arn:aws:iam::111122223333:user/", "arn:aws:sts::1:assumed-role/x", "arn:aws:s3:::root"]
        {
            assert_eq!(principal(other), Principal::Other, "{other}");
        }
    }
}
