//! An account that is being changed: entered, its policies read, and what has been shown of it so far.

use std::collections::{BTreeMap, HashMap};

use crate::aws::answers::UserDetail;
use crate::aws::{ErrorKind, Reader, ScpReader, Scps, Writer};
use crate::clock;
use crate::iam::guard::Variant;
use crate::iam::questions::Subject;
use crate::iam::{Document, Policies, Policy};
use crate::model::fact::{Fact, Origin};
use crate::model::{Account, AccountFacts, AccountStatus, Authorization, Group, ManagedPolicy};
use crate::principals::AccountPolicies;

use super::check::{Facts, sorted};
use super::guard::Guards;
use super::survey::prove;
use super::truth::Objection;

/// What AWS says where a quota is not in the account's summary.
const QUOTA: i64 = 10;

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// An account that is being changed.
pub struct Site {
    /// What reads it.
    pub reader: Reader,
    /// What changes it.
    pub writer: Writer,
    /// How many managed policies may be attached to a user.
    pub attached_quota: i64,
    /// In how many groups a user may be.
    pub groups_quota: i64,
    /// The account's own managed policies and AWS's in use, as they were when it was entered.
    pub managed: Vec<ManagedPolicy>,
    /// The guards' documents.
    pub guards: Guards,
    /// What was prepared for a way and a guard, or why it was refused.
    pub prepared: BTreeMap<(&'static str, &'static str), Result<(), String>>,
    /// Why AWS's simulator is not asked here any more.
    pub no_simulator: Option<String>,
    /// Why its service control policies are not known, if they are not: then they are taken to allow everything.
    pub scps_unread: Option<String>,
    policies: AccountPolicies,
    users: HashMap<String, UserDetail>,
    scps: Vec<Vec<Policy>>,
    compiled: Vec<(Variant, Policy)>,
}

impl Site {
    /// Reads what an account's changes are held against.
    ///
    /// # Errors
    ///
    /// Why nothing in it may be changed.
    pub async fn open(reader: Reader, writer: Writer, guards: Guards, scps: Vec<Vec<Policy>>) -> Result<Self, String> {
        let details = reader.authorization_details(false).await.map_err(|error| error.to_string())?;
        let summary = reader.account_summary().await.unwrap_or_default();
        let quota = |name: &str| summary.get(name).copied().unwrap_or(QUOTA);
        let account = reader.account().clone();
        let compiled = Variant::ALL.into_iter().map(|variant| (variant, compile(&guards, variant, &account)));
        let origin = Origin::new(DETAILS, clock::now());
        let mut facts = AccountFacts::unread(account.clone(), AccountStatus::Scanned, "");
        facts.groups = Fact::known(details.groups, origin.clone());
        facts.policies = Fact::known(details.policies.clone(), origin);
        Ok(Self {
            attached_quota: quota("AttachedPoliciesPerUserQuota"),
            groups_quota: quota("GroupsPerUserQuota"),
            policies: AccountPolicies::of(&facts),
            compiled: compiled.collect(),
            users: details.users.into_iter().map(|user| (user.arn.clone(), user)).collect(),
            managed: details.policies,
            prepared: BTreeMap::new(),
            no_simulator: None,
            scps_unread: None,
            guards,
            scps,
            reader,
            writer,
        })
    }

    /// An account in which things are only taken back: nothing of it is read.
    #[must_use]
    pub fn bare(reader: Reader, writer: Writer, guards: Guards) -> Self {
        let facts = AccountFacts::unread(reader.account().clone(), AccountStatus::Scanned, "");
        Self {
            attached_quota: QUOTA,
            groups_quota: QUOTA,
            policies: AccountPolicies::of(&facts),
            compiled: Vec::new(),
            users: HashMap::new(),
            managed: Vec::new(),
            prepared: BTreeMap::new(),
            no_simulator: None,
            scps_unread: None,
            guards,
            scps: Vec::new(),
            reader,
            writer,
        }
    }

    /// An account of which only these groups and policies were read: what one user has, or is to have.
    #[must_use]
    pub fn of_one(
        (reader, writer): (Reader, Writer),
        guards: Guards,
        scps: Vec<Vec<Policy>>,
        (groups, managed): (Vec<Group>, Vec<ManagedPolicy>),
    ) -> Self {
        let account = reader.account().clone();
        let compiled = Variant::ALL.into_iter().map(|variant| (variant, compile(&guards, variant, &account))).collect();
        let mut facts = AccountFacts::unread(account, AccountStatus::Scanned, "");
        let origin = Origin::new("iam:GetPolicyVersion", clock::now());
        facts.groups = Fact::known(groups, origin.clone());
        facts.policies = Fact::known(managed.clone(), origin);
        Self { policies: AccountPolicies::of(&facts), compiled, managed, scps, ..Self::bare(reader, writer, guards) }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &Account {
        self.reader.account()
    }

    /// The ARN of a guard here.
    #[must_use]
    pub fn policy_arn(&self, variant: Variant) -> String {
        variant.arn(self.account().partition.as_str(), &self.account().id)
    }

    /// What speaks against guarding the user `arn`, of whom `facts` were read just now: its rights are not what they
    /// were when the account was entered, or the truth table does not hold.
    #[must_use]
    pub fn objection(&self, arn: &str, facts: &Facts, variant: Variant) -> Option<String> {
        let Some(user) = self.users.get(arn) else { return Some(format!("{DETAILS} does not tell of it")) };
        let rights = &user.authorization;
        let seen = [
            sorted(rights.attached_policies.iter().map(|policy| policy.arn.clone())),
            sorted(rights.inline_policies.iter().map(|policy| policy.name.clone())),
            sorted(rights.groups.clone()),
        ];
        if seen != [facts.attached.clone(), facts.inline.clone(), facts.groups.clone()] {
            return Some("its policies changed while the account was read; try again".to_owned());
        }
        self.disproof(arn, rights, variant)
    }

    /// What speaks against the guard being right for the user `arn`, by what was read when the account was entered. The
    /// guard itself is not counted among the user's policies: it is what is asked about.
    #[must_use]
    pub fn disproof_of(&self, arn: &str, variant: Variant) -> Option<String> {
        let Some(user) = self.users.get(arn) else { return Some(format!("{DETAILS} does not tell of it")) };
        let ours = self.policy_arn(variant);
        let mut rights = user.authorization.clone();
        rights.attached_policies.retain(|policy| policy.arn != ours);
        rights.groups.retain(|group| group != super::draft::GROUP);
        self.disproof(arn, &rights, variant)
    }

    /// What speaks against the guard being right for a user `arn` with these rights.
    #[must_use]
    pub fn disproof(&self, arn: &str, rights: &Authorization, variant: Variant) -> Option<String> {
        let Some((_, guard)) = self.compiled.iter().find(|(known, _)| *known == variant) else {
            return Some("there is no such guard".to_owned());
        };
        let held = self.policies.of_user(rights);
        let scps = self.scps.iter().map(|level| level.iter().collect()).collect();
        let policies = Policies { scps, ..held.policies() };
        let tags = rights.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        match prove(&Subject::user(arn, policies, tags), guard, variant).objection? {
            Objection::CannotEnroll(detail) => Some(format!("it could not enroll a device: {detail}")),
            Objection::NotProven(detail) => Some(format!("it cannot be shown that the guard is right: {detail}")),
        }
    }
}

/// The service control policies that bind an account, level by level, and why they are not known if they are not.
///
/// # Errors
///
/// Why they could not be read, where another attempt could.
pub async fn scps(reader: &ScpReader, account: &str) -> Result<(Vec<Vec<Policy>>, Option<String>), String> {
    let levels = match reader.of_account(account).await {
        Ok(Scps::Levels(levels)) => levels,
        Ok(Scps::NotReadable(error)) => return Ok((Vec::new(), Some(error.to_string()))),
        // As in a plan, which says so. What another attempt could read is no reason to go on without it.
        Err(error) if !matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Unreachable) => {
            return Ok((Vec::new(), Some(error.to_string())));
        }
        Err(error) => return Err(format!("its service control policies could not be read: {error}")),
    };
    let compile = |name: &str, text: &str| match Document::parse(text) {
        Ok(document) => Policy::new(format!("scp {name}"), &document),
        Err(error) => Policy::unreadable(format!("scp {name}"), error.to_string()),
    };
    let levels = levels.iter().filter(|level| !level.policies.is_empty());
    let compiled = levels.map(|level| level.policies.iter().map(|scp| compile(&scp.name, &scp.document)).collect());
    Ok((compiled.collect(), None))
}

fn compile(guards: &Guards, variant: Variant, account: &Account) -> Policy {
    let partition = account.partition.as_str();
    let arn = variant.arn(partition, &account.id);
    match guards.document(variant, partition).map(|document| Document::parse(&document)) {
        Ok(Ok(document)) => Policy::new(arn, &document),
        Ok(Err(error)) | Err(error) => Policy::unreadable(arn, error.to_string()),
    }
}
