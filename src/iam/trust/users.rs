//! Whether IAM users may assume a role, and whether they need MFA for it.

use std::collections::BTreeSet;

use crate::iam::context::Context;
use crate::iam::mfa::{MfaContext, PRESENT, VIA_SERVICE};
use crate::iam::request::Request;
use crate::iam::wildcard::Wildcard;

use super::caller::{CallerIdentity, is_account};
use super::policy::TrustPolicy;

/// The ways in which a user without MFA may call `AssumeRole`; a session of `GetSessionToken` without a code looks to
/// policies as the console does.
const WITHOUT_MFA: [MfaContext; 2] = [MfaContext::LongTermKey, MfaContext::ConsoleWithoutMfa];
const ANY_WAY: [MfaContext; 3] = [MfaContext::LongTermKey, MfaContext::ConsoleWithoutMfa, MfaContext::WithMfa];

/// How many conditions on who calls are looked at two at a time; of more, each by itself.
const PAIRED: usize = 8;

/// A character that no name has: it stands for a name that a trust policy does not mention.
const SOMEBODY: char = '\u{e001}';
/// Accounts that stand for one that a trust policy does not mention.
const ELSEWHERE: [&str; 2] = ["000000000000", "000000000001"];

impl TrustPolicy {
    /// Whether it keeps the user `user_arn` out without MFA, whatever else the request carries but an external id: also
    /// true of a user that it never lets in. `None` if that depends on something that cannot be evaluated, or if
    /// `user_arn` is no ARN of a principal.
    #[must_use]
    pub fn asks_for_mfa(&self, user_arn: &str) -> Option<bool> {
        let caller = CallerIdentity::from_arn(user_arn)?;
        self.lets_in(&caller, &WITHOUT_MFA).map(|lets_in| !lets_in)
    }

    /// Whether it lets some IAM user, of any account, assume the role `role_arn` without MFA: there is a request that it
    /// allows, without an external id. Those that need one are for third parties, which have no MFA to show.
    ///
    /// `None` if that depends on something that cannot be evaluated.
    #[must_use]
    pub fn users_may_assume_without_mfa(&self, role_arn: &str) -> Option<bool> {
        self.lets_users_in(role_arn, &WITHOUT_MFA)
    }

    /// As [`Self::users_may_assume_without_mfa`], with or without MFA.
    #[must_use]
    pub fn users_may_assume(&self, role_arn: &str) -> Option<bool> {
        self.lets_users_in(role_arn, &ANY_WAY)
    }

    fn lets_users_in(&self, role_arn: &str, ways: &[MfaContext]) -> Option<bool> {
        any(self.candidates(role_arn).iter().filter_map(|arn| CallerIdentity::from_arn(arn)), |caller| {
            self.lets_in(&caller, ways)
        })
    }

    fn lets_in(&self, caller: &CallerIdentity, ways: &[MfaContext]) -> Option<bool> {
        any(ways.iter(), |way| {
            let mut known = keys_of(*way).or(caller.keys()).without("sts:ExternalId");
            // A value with a variable may stand for any ARN.
            if self.callers().any(|value| value.contains("${")) {
                known = keys_of(*way).without("sts:ExternalId");
            }
            let request = Request::new("sts:AssumeRole", "*").with_context(known.or(Context::open()));
            self.may_let_in(caller, &request)
        })
    }

    /// ARNs of users that stand for all that the policy can tell apart: those that it names, and in each account that it
    /// mentions, the role's own and another one somebody whom it does not name and those that its conditions are about.
    fn candidates(&self, role_arn: &str) -> BTreeSet<String> {
        let mut fields = role_arn.split(':').skip(1);
        let (partition, own) = (fields.next().unwrap_or("aws"), fields.nth(2).unwrap_or_default());
        let named = || self.statements.iter().filter_map(|statement| statement.named.as_ref());
        let mut accounts: BTreeSet<&str> = named().flat_map(super::named::Named::accounts).collect();
        accounts.insert(own);
        accounts.extend(self.callers().flat_map(|value| value.split(':')).filter(|field| is_account(field)));
        accounts.extend(ELSEWHERE);
        let mut all: BTreeSet<String> = named().flat_map(super::named::Named::users).map(str::to_owned).collect();
        for account in accounts {
            let before = format!("arn:{partition}:iam::{account}:user/");
            all.insert(format!("{before}{SOMEBODY}"));
            all.extend(self.callers().filter(|value| !value.contains(':')).map(|name| {
                let name = Wildcard::new(name).example("", SOMEBODY);
                format!("{before}{name}")
            }));
            let users = Wildcard::new(&format!("{before}?*"));
            let about = self.callers().filter(|value| value.contains([':', '*']));
            let about: Vec<Wildcard> = about.map(|value| Wildcard::new(&in_account(value, account))).collect();
            for (index, one) in about.iter().enumerate() {
                all.extend(one.common(&users, SOMEBODY));
                // Two conditions may have to be met at once.
                let others = about.iter().take(PAIRED).skip(index + 1);
                all.extend(others.filter_map(|other| one.common(other, SOMEBODY)).filter(|arn| users.matches(arn)));
            }
        }
        all
    }

    fn callers(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| statement.callers.iter().map(AsRef::as_ref))
    }
}

/// What is known of MFA; how long ago a code was given is not said.
fn keys_of(way: MfaContext) -> Context {
    match way {
        MfaContext::WithMfa => Context::new().with(PRESENT, "true").with(VIA_SERVICE, "false"),
        _ => way.keys(),
    }
}

/// A pattern of ARNs, of those in `account` only if it has their fields.
fn in_account(pattern: &str, account: &str) -> String {
    let mut fields: Vec<&str> = pattern.splitn(6, ':').collect();
    if let [_, _, _, _, field, _] = fields.as_mut_slice()
        && Wildcard::new(field).matches(account)
    {
        *field = account;
    }
    fields.join(":")
}

/// Whether it holds of one of them; `None` if it is known of none and not known of some.
fn any<T>(all: impl Iterator<Item = T>, mut holds: impl FnMut(T) -> Option<bool>) -> Option<bool> {
    let mut known = true;
    for each in all {
        match holds(each) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

#[cfg(test)]
mod tests;
