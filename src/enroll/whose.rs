//! For whom, and as whom: the user whose devices it is about, and the caller.

use thiserror::Error;

use crate::aws::{Caller, Principal};

/// As whom the caller acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acting {
    /// As the user itself.
    Oneself,
    /// As somebody who may manage the devices of others.
    Administrator,
}

/// The user whose devices it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The user's friendly name.
    pub user: String,
    /// As whom the caller acts.
    pub acting: Acting,
}

/// Why it is about nobody.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Nobody {
    /// Root asks for itself.
    #[error("these are root's credentials, and AWS has no call that manages root's devices")]
    Root,
    /// A session of a role, or of a federated user, asks for itself.
    #[error("these credentials are of {0}, which is no IAM user and has no MFA devices in IAM")]
    NoUser(String),
}

impl Nobody {
    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Root => {
                "sign in to the console as root, open \"Security credentials\" from the account menu, and choose \"Assign \
                 MFA device\"; for an IAM user, name it with --user"
            }
            Self::NoUser(_) => {
                "name the user with --user; people who come through Identity Center, SAML or OIDC have their second factor \
                 where they sign in"
            }
        }
    }
}

impl Whose {
    /// Whom it is about: `wanted`, or else the caller.
    ///
    /// # Errors
    ///
    /// If nobody is wanted and the caller is no IAM user.
    pub fn of(caller: &Caller, wanted: Option<&str>) -> Result<Self, Nobody> {
        let own = match caller.principal() {
            Principal::User { name, .. } => Some(name),
            _ => None,
        };
        match (wanted, own) {
            (Some(wanted), Some(own)) if wanted == own => Ok(Self { user: own, acting: Acting::Oneself }),
            (Some(wanted), _) => Ok(Self { user: wanted.to_owned(), acting: Acting::Administrator }),
            (None, Some(own)) => Ok(Self { user: own, acting: Acting::Oneself }),
            (None, None) if caller.principal() == Principal::Root => Err(Nobody::Root),
            (None, None) => Err(Nobody::NoUser(caller.arn.clone())),
        }
    }

    /// Who acts for whom, in a line for people.
    #[must_use]
    pub fn told(&self, caller: &Caller) -> String {
        let (user, arn) = (&self.user, &caller.arn);
        match self.acting {
            Acting::Oneself => format!("as user {user} itself ({arn})"),
            Acting::Administrator => format!("for user {user}, as an administrator ({arn})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Partition;

    fn caller(arn: &str) -> Caller {
        let account = "111122223333".to_owned();
        Caller { account, arn: arn.to_owned(), user_id: String::new(), partition: Partition::default() }
    }

    #[test]
    fn a_user_acts_for_itself_and_an_administrator_for_others() {
        let kim = caller("arn:aws:iam::111122223333:user/people/kim");
        let whose = |wanted| Whose::of(&kim, wanted).unwrap();
        assert_eq!(whose(None), Whose { user: "kim".to_owned(), acting: Acting::Oneself });
        assert_eq!(whose(Some("kim")), whose(None));
        assert_eq!(whose(Some("ana")), Whose { user: "ana".to_owned(), acting: Acting::Administrator });
        assert!(whose(None).told(&kim).starts_with("as user kim itself"));
    }

    #[test]
    fn who_is_no_user_has_to_name_one() {
        let role = caller("arn:aws:sts::111122223333:assumed-role/Admin/kim");
        assert!(matches!(Whose::of(&role, None), Err(Nobody::NoUser(arn)) if arn.ends_with("Admin/kim")));
        assert_eq!(Whose::of(&role, Some("kim")).unwrap().acting, Acting::Administrator);
        let root = caller("arn:aws:iam::111122223333:root");
        assert_eq!(Whose::of(&root, None), Err(Nobody::Root));
        assert_eq!(Whose::of(&root, Some("kim")).unwrap().user, "kim");
    }
}
