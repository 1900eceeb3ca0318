//! The guards of an account: policies that deny what has no MFA, and what they are worth.
//!
//! A document is classified once an account: managed policies and those embedded in groups when a rule first asks for any
//! guard, those embedded in users by their text.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::iam::Document;
use crate::iam::guard::{Classification, Known, Variant, asks_for_mfa};
use crate::iam::mfa::MfaContext;
use crate::model::{AccountFacts, Authorization, Group, InlinePolicy, ManagedPolicy};

use super::{AccountIndex, Missing, Part, Seen, nowhere};
use crate::rules::unknown::Unknown;

/// A guard that applies to a user.
#[derive(Debug)]
pub struct Guard {
    /// The ARN of a managed policy, or the name of an embedded one.
    pub policy: String,
    /// By what it applies: `user`, `group NAME` or `boundary`.
    pub holder: String,
    /// What it is worth.
    pub worth: Arc<Worth>,
}

/// What a guard is worth.
#[derive(Debug)]
pub struct Worth {
    /// Whether its ARN is that of one of ours in this account.
    pub ours: bool,
    told: Result<Told, Missing>,
}

/// What its document says.
#[derive(Debug)]
struct Told {
    variant: Option<String>,
    intact: bool,
    flaws: Vec<String>,
    closes: Vec<String>,
}

/// The guards of an account.
#[derive(Debug)]
pub(super) struct Guards {
    /// Partition and account.
    home: (String, String),
    /// By place in the account's list: what is a guard.
    managed: Vec<Option<Arc<Worth>>>,
    places: HashMap<String, Result<usize, Missing>>,
    groups: HashMap<String, Part<(String, Arc<Worth>)>>,
    attached: HashMap<String, Vec<String>>,
    /// Of policies embedded in users: each text is classified once. Most accounts never come here.
    embedded: Mutex<HashMap<String, Arc<Worth>>>,
}

impl Worth {
    /// Which well-known text its document is, for people.
    ///
    /// # Errors
    ///
    /// If it could not be read.
    pub fn variant(&self) -> Result<Option<&str>, Unknown<'_>> {
        self.told().map(|told| told.variant.as_deref())
    }

    /// Whether it does what a guard should: of ours, whether it is one of our texts.
    ///
    /// # Errors
    ///
    /// If its document could not be read.
    pub fn intact(&self) -> Result<bool, Unknown<'_>> {
        self.told().map(|told| told.intact)
    }

    /// Whether it is ours and somebody changed it.
    ///
    /// # Errors
    ///
    /// If it is ours and its document could not be read.
    pub fn drifted(&self) -> Result<bool, Unknown<'_>> {
        if self.ours { self.intact().map(|intact| !intact) } else { Ok(false) }
    }

    /// What is wrong with it, or worth knowing.
    #[must_use]
    pub fn flaws(&self) -> Seen<'_, String> {
        self.told().map_or_else(|unknown| (&[] as &[String], Some(unknown)), |told| (told.flaws.as_slice(), None))
    }

    /// The ways to sign in without MFA in which it denies everything beyond enrolling.
    #[must_use]
    pub fn closes(&self) -> Seen<'_, String> {
        self.told().map_or_else(|unknown| (&[] as &[String], Some(unknown)), |told| (told.closes.as_slice(), None))
    }

    fn told(&self) -> Result<&Told, Unknown<'_>> {
        self.told.as_ref().map_err(Missing::unknown)
    }

    fn of(document: &Document, ours: Option<Variant>, (partition, account): (&str, &str)) -> Self {
        let classified = Classification::of(document, partition, account);
        let told = Told {
            variant: classified.known.map(|known| known.to_string()),
            intact: match ours {
                Some(variant) => classified.known == Some(Known::Ours(variant)),
                None => classified.is_right(),
            },
            flaws: classified.flaws.iter().map(ToString::to_string).collect(),
            closes: classified.closes.iter().copied().map(MfaContext::label).map(str::to_owned).collect(),
        };
        Self { ours: ours.is_some(), told: Ok(told) }
    }
}

impl AccountIndex {
    /// What the managed policy at `at` is worth as a guard; `None` if it is none.
    ///
    /// # Errors
    ///
    /// If its document could not be read and its ARN is not one of ours.
    pub fn policy_guard(&self, facts: &AccountFacts, at: usize) -> Result<Option<&Worth>, Unknown<'_>> {
        match (self.guards(facts).managed.get(at), self.policies.get(at)) {
            (Some(Some(worth)), _) => Ok(Some(worth)),
            (Some(None), Some(Ok(_))) => Ok(None),
            (_, Some(Err(missing))) => Err(missing.unknown()),
            _ => Err(nowhere()),
        }
    }

    pub(super) fn guards(&self, facts: &AccountFacts) -> &Guards {
        self.answers.guards.get_or_init(|| Guards::new(facts, &self.policies))
    }
}

impl Guards {
    fn new(facts: &AccountFacts, documents: &[Result<Document, Missing>]) -> Self {
        let home = (facts.account.partition.as_str(), facts.account.id.as_str());
        let policies = facts.policies.value().map_or(&[] as &[ManagedPolicy], Vec::as_slice);
        let worth = |policy: &ManagedPolicy, document: &Result<Document, Missing>| {
            let ours = Variant::of_account(&policy.arn, home.0, home.1);
            match document {
                Ok(document) if ours.is_some() || asks_for_mfa(document) => Some(Worth::of(document, ours, home)),
                Err(missing) if ours.is_some() => Some(Worth { ours: true, told: Err(missing.clone()) }),
                _ => None,
            }
        };
        let managed: Vec<Option<Arc<Worth>>> =
            policies.iter().zip(documents).map(|(policy, document)| worth(policy, document).map(Arc::new)).collect();
        let place = |(at, (policy, document)): (usize, (&ManagedPolicy, &Result<Document, Missing>))| {
            let is_guard = managed.get(at).is_some_and(Option::is_some);
            let read = document.as_ref().err().filter(|_| !is_guard);
            (policy.arn.clone(), read.map_or(Ok(at), |missing| Err(missing.clone())))
        };
        let places = policies.iter().zip(documents).enumerate().map(place).collect();
        let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice);
        let attached = groups.iter().map(|group| {
            let arns = group.attached_policies.iter().map(|policy| policy.arn.clone()).collect();
            (group.name.clone(), arns)
        });
        let attached = attached.collect();
        let embedded = Mutex::default();
        let home = (home.0.to_owned(), home.1.to_owned());
        let mut all = Self { home, managed, places, groups: HashMap::new(), attached, embedded };
        all.groups = groups.iter().map(|group| (group.name.clone(), all.embedded(&group.inline_policies))).collect();
        all
    }

    /// The guards among the policies of a user.
    pub(super) fn of_user(&self, authorization: &Authorization) -> Part<Guard> {
        let mut found = Part::default();
        for policy in &authorization.attached_policies {
            self.add(&mut found, &policy.arn, "user");
        }
        let own = self.embedded(&authorization.inline_policies);
        let guard = |policy: &str, holder: &str, worth: &Arc<Worth>| Guard {
            policy: policy.to_owned(),
            holder: holder.to_owned(),
            worth: Arc::clone(worth),
        };
        found.known.extend(own.known.iter().map(|(name, worth)| guard(name, "user", worth)));
        found.rest = found.rest.or(own.rest);
        for name in &authorization.groups {
            let holder = format!("group {name}");
            for arn in self.attached.get(name).into_iter().flatten() {
                self.add(&mut found, arn, &holder);
            }
            match self.groups.get(name) {
                Some(embedded) => {
                    found.known.extend(embedded.known.iter().map(|(name, worth)| guard(name, &holder, worth)));
                    found.rest = found.rest.or_else(|| embedded.rest.clone());
                }
                None => found.rest = Some(Missing::because(format!("{holder} is not among what was read"))),
            }
        }
        if let Some(arn) = &authorization.permissions_boundary {
            self.add(&mut found, arn, "boundary");
        }
        found
    }

    fn add(&self, found: &mut Part<Guard>, arn: &str, holder: &str) {
        match self.places.get(arn) {
            Some(Ok(at)) => {
                let worth = self.managed.get(*at).into_iter().flatten();
                let guard = |worth| Guard { policy: arn.to_owned(), holder: holder.to_owned(), worth };
                found.known.extend(worth.map(Arc::clone).map(guard));
            }
            Some(Err(missing)) => found.rest = Some(missing.clone()),
            None => found.rest = Some(Missing::because(format!("the document of {arn} was not read"))),
        }
    }

    /// The guards among embedded policies.
    fn embedded(&self, policies: &[InlinePolicy]) -> Part<(String, Arc<Worth>)> {
        let mut found = Part::default();
        for policy in policies {
            match super::document(Some(&policy.document)) {
                Ok(document) if asks_for_mfa(&document) => {
                    found.known.push((policy.name.clone(), self.classified(&policy.document, &document)));
                }
                Ok(_) => {}
                Err(missing) => found.rest = Some(missing),
            }
        }
        found
    }

    fn classified(&self, text: &str, document: &Document) -> Arc<Worth> {
        let known = self.embedded.lock().unwrap_or_else(PoisonError::into_inner).get(text).map(Arc::clone);
        known.unwrap_or_else(|| {
            let worth = Arc::new(Worth::of(document, None, (&self.home.0, &self.home.1)));
            let mut all = self.embedded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(text.to_owned()).or_insert(worth))
        })
    }
}
