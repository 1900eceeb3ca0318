//! A step in words: of people, of the ledger, and of the AWS CLI where it has to be taken back by hand.

use crate::enforce::gate::group_arn;
use crate::journal::Change;
use crate::model::untrusted::Untrusted;

use super::found::Found;
use super::plan::Step;
use super::wish::Wish;

/// What a step is called, and what takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What is done, in the words of the ledger. Only what `enforce` would do itself, the guard and the guard group, has
    /// `enforce`'s words: `enforce status` and `enforce revert` go by them.
    pub action: &'static str,
    /// Its call.
    pub call: &'static str,
    /// What takes it back.
    pub undo: &'static str,
    /// The call of that.
    pub undo_call: &'static str,
}

const fn words(action: &'static str, call: &'static str, undo: &'static str, undo_call: &'static str) -> Words {
    Words { action, call, undo, undo_call }
}

impl Step {
    /// Its words.
    #[must_use]
    pub fn words(&self, found: &Found) -> Words {
        let (attach, detach) = ("iam:AttachUserPolicy", "iam:DetachUserPolicy");
        let (join, leave) = ("iam:AddUserToGroup", "iam:RemoveUserFromGroup");
        match self {
            Self::MakeGuard => words("create-policy", "iam:CreatePolicy", "delete-policy", "iam:DeletePolicy"),
            Self::MakeUser => words("create-user", "iam:CreateUser", "delete-user", "iam:DeleteUser"),
            Self::AttachGuard => words("attach-user-policy", attach, "detach-user-policy", detach),
            Self::JoinGroup(group) if group.arn == group_arn(&found.account) => {
                words("add-user-to-group", join, "remove-user-from-group", leave)
            }
            Self::JoinGroup(_) => words("join-group", join, "leave-group", leave),
            Self::AttachPolicy(_) => words("grant-policy", attach, "withdraw-policy", detach),
            Self::SetPassword => {
                let (create, delete) = ("iam:CreateLoginProfile", "iam:DeleteLoginProfile");
                words("create-login-profile", create, "delete-login-profile", delete)
            }
        }
    }

    /// It in the ledger: made, or taken back.
    #[must_use]
    pub fn change(&self, wish: &Wish, found: &Found, is_undo: bool) -> Change {
        let words = self.words(found);
        let (action, call) = if is_undo { (words.undo, words.undo_call) } else { (words.action, words.call) };
        let resource = match self {
            Self::MakeGuard => found.guard_arn(wish.guard),
            _ => found.user_arn(wish),
        };
        // Of two groups or policies each is a change of its own.
        let id = match self {
            Self::JoinGroup(group) => {
                Change::new(&found.account.id, &format!("{resource}\0{}", group.arn), action, &[]).id
            }
            Self::AttachPolicy(arn) => Change::new(&found.account.id, &format!("{resource}\0{arn}"), action, &[]).id,
            _ => return Change::new(&found.account.id, &resource, action, &[call]),
        };
        Change { id, ..Change::new(&found.account.id, &resource, action, &[call]) }
    }

    /// What there is once it is made, for people.
    #[must_use]
    pub fn told(&self, wish: &Wish, found: &Found) -> String {
        match self {
            Self::MakeGuard => format!("guard policy {}", found.guard_arn(wish.guard)),
            Self::MakeUser => format!("user {}{}", Untrusted(&found.user_arn(wish)), with(wish)),
            Self::AttachGuard => format!("guard {} on the user", wish.guard.policy_name()),
            Self::JoinGroup(group) => format!("member of group {}", Untrusted(&group.name)),
            Self::AttachPolicy(arn) => format!("policy {} on the user", Untrusted(arn)),
            Self::SetPassword if wish.reset => "console password, to be changed at the first sign-in".to_owned(),
            Self::SetPassword => "console password".to_owned(),
        }
    }

    /// The command of the AWS CLI that takes it back.
    #[must_use]
    pub fn by_hand(&self, wish: &Wish, found: &Found, profile: Option<&str>) -> String {
        let user = quoted(&wish.user);
        let command = match self {
            Self::MakeGuard => format!("delete-policy --policy-arn {}", quoted(&found.guard_arn(wish.guard))),
            Self::MakeUser => format!("delete-user --user-name {user}"),
            Self::AttachGuard => detach(&user, &found.guard_arn(wish.guard)),
            Self::JoinGroup(group) => {
                format!("remove-user-from-group --user-name {user} --group-name {}", quoted(&group.name))
            }
            Self::AttachPolicy(arn) => detach(&user, arn),
            Self::SetPassword => format!("delete-login-profile --user-name {user}"),
        };
        let profile = profile.map(|name| format!(" --profile {}", quoted(name))).unwrap_or_default();
        format!("aws iam {command}{profile}")
    }
}

fn detach(user: &str, arn: &str) -> String {
    format!("detach-user-policy --user-name {user} --policy-arn {}", quoted(arn))
}

/// Path, tags and boundary of a user to be made.
fn with(wish: &Wish) -> String {
    let tags = wish.tags.iter().map(|tag| format!(", tag {}={}", Untrusted(&tag.key), Untrusted(&tag.value)));
    let boundary = wish.boundary.iter().map(|arn| format!(", bounded by {}", Untrusted(arn)));
    tags.chain(boundary).collect()
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_+=,.@/:-".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", Untrusted(&word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_safe_in_a_shell() {
        assert_eq!(quoted("arn:aws:iam::111122223333:policy/a/b"), "arn:aws:iam::111122223333:policy/a/b");
        assert_eq!(quoted("$(id)`x`"), "'$(id)`x`'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
