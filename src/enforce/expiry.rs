//! When a user's password expires. The guard denies to change it: whoever is late could never sign in again.

use jiff::{SignedDuration, Timestamp};

use crate::model::{AccountFacts, Evidence, Origin, User};

/// What the evidence of a plan calls it, as rules do.
const FACT: &str = "password_next_rotation";

/// The call that tells of every password when it expires.
const REPORT: &str = "iam:GetCredentialReport";

/// When a password expires or did, and what told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The moment.
    pub at: Timestamp,
    /// Where it is from.
    pub origin: Origin,
}

impl Expiry {
    /// It as plans have it.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence {
            fact: FACT.to_owned(),
            value: self.at.to_string().into(),
            source: Some(self.origin.source.to_string()),
            as_of: Some(self.origin.as_of),
            unknown: None,
        }
    }
}

/// When the password of `user` expires; nothing if never, or if it has none.
///
/// The credential report tells it, but not of a password that is younger than the report, not where there is no report,
/// and not if the password policy was changed since: then it is the password's age and the policy that count.
///
/// # Errors
///
/// Why it is not known.
pub fn of(facts: &AccountFacts, user: &User) -> Result<Option<Expiry>, String> {
    if user.console_access.value() == Some(&false) {
        return Ok(None);
    }
    let password = user.password.value().zip(user.password.origin());
    if let Some((at, origin)) = password.and_then(|(password, origin)| Some((password.next_rotation?, origin))) {
        return Ok(Some(Expiry { at, origin: origin.clone() }));
    }
    let days = match facts.password_policy.complete() {
        Some(policy) => policy.max_age_days,
        // It says of each password that it never expires.
        None if password.is_some_and(|(_, origin)| &*origin.source == REPORT) => None,
        None => {
            let gap = facts.password_policy.gap().map(|gap| format!(": {}: {}", gap.source, gap.reason));
            return Err(format!("when its password expires{}", gap.unwrap_or_default()));
        }
    };
    let Some(days) = days else { return Ok(None) };
    let changed = password.and_then(|(password, origin)| Some((password.last_changed?, origin)));
    let Some((changed, origin)) = changed else {
        return Err(format!("when its password expires: the account's do after {days} days, and its age is not known"));
    };
    let age = SignedDuration::from_hours(days.saturating_mul(24));
    let at = changed.checked_add(age).unwrap_or(Timestamp::MAX);
    Ok(Some(Expiry { at, origin: origin.clone() }))
}

/// When a password expires by the evidence of a plan; nothing if it does not tell.
#[must_use]
pub fn told(evidence: &[Evidence]) -> Option<Timestamp> {
    evidence.iter().filter(|evidence| evidence.fact == FACT).find_map(|evidence| evidence.value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{account, days_ago, denied, known, now, user};

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    /// An account whose passwords expire after 90 days, and a user whose password is 80 days old by `source`.
    fn aged(source: &str) -> (AccountFacts, User) {
        let mut facts = account();
        facts.password_policy.value_mut().unwrap().max_age_days = Some(90);
        let mut ann = user("ann").signs_in(Some(1), Some(80));
        ann.password = known(ann.password.value().unwrap().clone(), source);
        (facts, ann)
    }

    #[test]
    fn the_report_tells_it_and_else_age_and_policy_do() {
        let (facts, mut ann) = aged("iam:GetLoginProfile");
        let expiry = of(&facts, &ann).unwrap().unwrap();
        assert_eq!((expiry.at, &*expiry.origin.source), (now() + DAY * 10, "iam:GetLoginProfile"));
        assert_eq!(told(&[expiry.evidence()]), Some(now() + DAY * 10));
        ann.password.value_mut().unwrap().next_rotation = days_ago(3);
        assert_eq!(of(&facts, &ann).unwrap().map(|expiry| expiry.at), days_ago(3));
        ann.console_access = known(false, "iam:GetLoginProfile");
        assert_eq!(of(&facts, &ann), Ok(None), "it has none");
        let mut forever = account();
        forever.password_policy.value_mut().unwrap().max_age_days = None;
        assert_eq!(of(&forever, &aged("iam:GetLoginProfile").1), Ok(None));
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn what_nothing_tells_is_not_known() {
        let (mut facts, mut ann) = aged(REPORT);
        ann.password.value_mut().unwrap().last_changed = None;
        let why = of(&facts, &ann).unwrap_err();
        assert_eq!(why, "when its password expires: the account's do after 90 days, and its age is not known");
        let (_, ann) = aged(REPORT);
        facts.password_policy = denied("iam:GetAccountPasswordPolicy");
        assert_eq!(of(&facts, &ann), Ok(None), "the report says that it never does");
        let (_, mut ann) = aged("iam:GetLoginProfile");
        let why = "when its password expires: iam:GetAccountPasswordPolicy: AccessDenied";
        assert_eq!(of(&facts, &ann), Err(why.to_owned()));
        ann.password = denied("iam:GetUser");
        assert_eq!(of(&facts, &ann), Err(why.to_owned()));
    }
}
