//! What a judgement still lacks that a call could tell: the only reason to spend a call on a single user.

use jiff::Timestamp;

use crate::model::{GapKind, Status, Target, User};
use crate::rules::subject::{AccountView, Subject};
use crate::rules::value::{Reading, Value};
use crate::rules::{Rule, RuleSet};

/// Calls about one user that would settle something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// iam:ListMFADevices: the list of devices is not known whole, and that matters.
    pub mfa_devices: bool,
    /// iam:GetLoginProfile: the user would fail by a password that only the credential report tells of.
    pub login_profile: bool,
}

/// Which facts the rules of a scan need.
#[derive(Debug, Clone, Copy)]
pub struct Demand<'r> {
    set: &'r RuleSet,
    whole_vocabulary: bool,
    now: Timestamp,
}

impl<'r> Demand<'r> {
    /// What `set` needs; with `whole_vocabulary` every fact, for a snapshot that any rules may judge later.
    #[must_use]
    pub const fn new(set: &'r RuleSet, whole_vocabulary: bool, now: Timestamp) -> Self {
        Self { set, whole_vocabulary, now }
    }

    /// Whether any rule about `target` reads `fact`.
    #[must_use]
    pub fn reads(&self, target: Target, fact: &str) -> bool {
        self.whole_vocabulary || self.rules(target).any(|rule| rule.facts.iter().any(|known| known.name == fact))
    }

    /// The names of all facts that are asked for, `*` for all of them.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        if self.whole_vocabulary {
            return vec!["*".to_owned()];
        }
        let name = |rule: &Rule| {
            let target = rule.target.as_str();
            rule.facts.iter().map(move |fact| format!("{target}.{}", fact.name)).collect::<Vec<_>>()
        };
        let mut names: Vec<String> = self.set.rules.iter().flat_map(name).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The calls about `user`, the one at place `at` of the account, that would settle a rule.
    #[must_use]
    pub fn about(&self, view: AccountView<'_>, at: usize, user: &User) -> Wanted {
        let subject = Subject::User(view, at, user);
        let mut wanted = Wanted::default();
        if self.whole_vocabulary {
            wanted.mfa_devices = user.mfa_devices.gap().is_some_and(|gap| gap.kind == GapKind::NotAsked);
        }
        for rule in self.rules(Target::User) {
            match rule.judge(subject, self.now) {
                Status::Unknown => wanted.mfa_devices |= asks_for_devices(rule, subject),
                Status::Fail => wanted.login_profile |= rests_on_report(rule, subject),
                Status::Pass | Status::NotApplicable => {}
            }
        }
        wanted
    }

    fn rules(&self, target: Target) -> impl Iterator<Item = &'r Rule> {
        self.set.rules.iter().filter(move |rule| rule.target == target)
    }
}

fn asks_for_devices(rule: &Rule, subject: Subject<'_>) -> bool {
    rule.facts.iter().any(|fact| match fact.of(subject).value {
        Err(unknown) => unknown.kind == GapKind::NotAsked && unknown.source == "iam:ListMFADevices",
        Ok(Value::List(list)) => {
            list.rest.is_some_and(|rest| rest.kind == GapKind::NotAsked && rest.source == "iam:ListMFADevices")
        }
        Ok(_) => false,
    })
}

fn rests_on_report(rule: &Rule, subject: Subject<'_>) -> bool {
    rule.facts.iter().filter(|fact| fact.name == "console_access").any(|fact| {
        let Reading { value, origin } = fact.of(subject);
        matches!(value, Ok(Value::Bool(true)))
            && origin.is_some_and(|origin| &*origin.source == "iam:GetCredentialReport")
    })
}
