//! One thing to be taken back: of a user who is let out, or of a run that is reverted.

use jiff::Timestamp;

use crate::model::Account;

use super::gate::Gate;

/// One thing to be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The account.
    pub account: Account,
    /// ARN of the user, or of the policy.
    pub resource: String,
    /// Which user it has to be.
    pub identity: Identity,
    /// What is done.
    pub what: What,
    /// Why, for the ledger.
    pub note: String,
}

/// Which user it has to be: one deleted and made again under the same name is another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its unique id, if it is known.
    pub user_id: Option<String>,
    /// When it was there already; asked only of a user whose id is not known.
    pub existed: Option<Timestamp>,
}

/// What is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The user is let out by each of these gates.
    Open {
        /// The gates; ours.
        gates: Vec<Gate>,
        /// Whether only if it has a device, read right before.
        only_with_device: bool,
    },
    /// The user is put under the guard again, if nothing speaks against it.
    Close {
        /// The gate; ours.
        gate: Gate,
        /// Since when it was open.
        since: Timestamp,
    },
    /// Another version of a policy counts again.
    Version {
        /// The one that counts since the change.
        from: String,
        /// The one that counted before.
        to: String,
    },
}

impl Identity {
    /// Whether the user with this unique id, created then, is another one.
    #[must_use]
    pub fn is_other(&self, id: &str, created: Option<Timestamp>) -> bool {
        // An id is never given twice. Times are of two clocks, and a new user is guarded within seconds.
        match &self.user_id {
            Some(known) => known != id,
            None => self.existed.zip(created).is_some_and(|(existed, created)| created > existed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_told_by_its_id_and_by_times_only_without_one() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let known = Identity { user_id: Some("AIDA1".to_owned()), existed: Some(at(100)) };
        assert!(!known.is_other("AIDA1", Some(at(101))), "AWS's clock is ahead of ours");
        assert!(known.is_other("AIDA2", Some(at(1))));
        let unknown = Identity { user_id: None, existed: Some(at(100)) };
        assert!(unknown.is_other("AIDA1", Some(at(101))) && !unknown.is_other("AIDA1", Some(at(100))));
        assert!(!unknown.is_other("AIDA1", None) && !Identity::default().is_other("AIDA1", Some(at(1))));
    }
}
