//! What a decision about an account's users needs of its facts. Pure; taken while the facts are at hand, and small: of
//! users who fail nothing that is acted on, nothing is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::iam::guard::Variant;
use crate::iam::mfa::MfaContext;
use crate::iam::questions::{Enforcement, Subject};
use crate::iam::{Document, Policies, Policy};
use crate::model::{
    Account, AccountFacts, AccountStatus, Authorization, Finding, Gap, Group, ManagedPolicy, Mode, Status, User,
};
use crate::principals::AccountPolicies;

use super::expiry::{self, Expiry};
use super::gate::{self, Gate, gates};
use super::guard::{Guards, fingerprint, same};
use super::plan::{Expectation, Key, Row};
use super::truth::{self, Objection};

/// What to look for.
pub struct Question<'a> {
    /// Ids of the rules that a plan acts on.
    pub acting: &'a [String],
    /// The waiver in force for a failure of a rule on a user of the account, for people.
    pub waived: &'a (dyn Fn(&str, &str, &str) -> Option<String> + Sync),
    /// The guards' documents.
    pub guards: &'a Guards,
    /// The account's service control policies, level by level; none if they bind nobody, `None` if they are not known.
    pub scps: Option<&'a [Vec<Policy>]>,
    /// The moment against which ages are taken.
    pub now: Timestamp,
}

/// One account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountSurvey {
    /// Which.
    pub account: Account,
    /// How many console users were read.
    pub console_users: u64,
    /// Why nobody in it may be acted on, if so.
    pub incomplete: Option<String>,
    /// Whether it was left out on purpose, such as a suspended account: nothing lacks then.
    pub skipped: bool,
    /// Whether its service control policies are known.
    pub scps_known: bool,
    /// When the oldest fact was read.
    pub as_of: Timestamp,
    /// How many managed policies may be attached to a user.
    pub attached_quota: i64,
    /// In how many groups a user may be.
    pub groups_quota: i64,
    /// Our guard policies there.
    pub policies: BTreeMap<&'static str, PolicyState>,
    /// What their documents are now: their hashes, as plans and the ledger have them.
    pub documents: BTreeMap<&'static str, String>,
    /// The versions of them that count, such as `v3`.
    pub versions: BTreeMap<&'static str, String>,
    /// Users who fail a rule that is acted on, or may.
    pub candidates: Vec<Candidate>,
    /// Users under one of our guards.
    pub guarded: Vec<Guarded>,
    /// Roles to which somebody attached one of our guards: their ARNs.
    pub guarded_roles: Vec<(Variant, String)>,
}

/// One of our guard policies in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyState {
    /// There is none.
    Absent,
    /// It is there with its document.
    Intact,
    /// It is there with another document.
    Drifted,
    /// Another policy has its name, under another path.
    NameTaken,
}

/// A user who is under one of our guards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// The user's ARN.
    pub arn: String,
    /// Its unique id.
    pub user_id: Option<String>,
    /// Every way in which it is guarded.
    pub gates: Vec<Gate>,
    /// How many devices it has, at least; `None` if that is not known.
    pub devices: Option<usize>,
    /// Rules that are acted on and that it fails, waived or not, or that are unknown of it.
    pub failing: Vec<String>,
    /// The waiver in force for it, whatever it fails, for people.
    pub waived: Option<String>,
}

/// A user who fails a rule that is acted on, or may.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The ARN.
    pub arn: String,
    /// The friendly name.
    pub name: String,
    /// What it fails, and what is unknown of it.
    pub findings: Vec<Finding>,
    /// The waiver in force for it, if any, for people.
    pub waived: Option<String>,
    /// What could not be read of it and the decision needs.
    pub gaps: Vec<String>,
    /// Why its access keys are not known, if they are not: they are read again of whom they are needed.
    pub keys_unread: Option<String>,
    /// Access keys.
    pub keys: Vec<Key>,
    /// When its password expires or did.
    pub password_expires: Option<Expiry>,
    /// What was seen of it.
    pub seen: Expectation,
    /// Whether it is under one of our guards already.
    pub guarded: bool,
    /// The statement that denies it everything without MFA already, if one does.
    pub denied_by: Option<String>,
    /// Whether it may assume some role.
    pub assumes_roles: bool,
    /// What the evaluator shows of it under each guard.
    pub proofs: Vec<Proof>,
}

/// What the evaluator shows of a user under a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The guard.
    pub variant: Variant,
    /// The truth table.
    pub rows: Vec<Row>,
    /// What speaks against it.
    pub objection: Option<Objection>,
}

impl AccountSurvey {
    /// Why it was not read, or not completely, although it was to be.
    #[must_use]
    pub fn unread(&self) -> Option<&str> {
        self.incomplete.as_deref().filter(|_| !self.skipped)
    }
}

/// Surveys an account: `findings` are those of its evaluation.
#[must_use]
pub fn survey(facts: &AccountFacts, findings: &[Finding], question: &Question<'_>) -> AccountSurvey {
    let users = facts.users.value().map_or(&[] as &[User], Vec::as_slice);
    let compiled = AccountPolicies::of(facts);
    let guards = compiled_guards(facts, question.guards);
    let mut by_user: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| acts(finding, question.acting)) {
        by_user.entry(finding.resource.as_str()).or_default().push(finding);
    }
    let mut candidates = Vec::new();
    let mut guarded = Vec::new();
    for user in users {
        let found = by_user.get(user.arn.as_str()).map_or(&[] as &[&Finding], Vec::as_slice);
        let gates = gates_of(facts, user);
        let is_guarded = !gates.is_empty();
        if is_guarded {
            guarded.push(Guarded {
                arn: user.arn.clone(),
                user_id: user.id.clone(),
                gates,
                devices: devices(user),
                failing: found.iter().map(|finding| finding.rule.clone()).collect(),
                waived: waived(facts, user, question),
            });
        }
        if !found.is_empty() {
            candidates.push(candidate(facts, user, found, is_guarded, &compiled, &guards, question));
        }
    }
    let quota = |name: &str| facts.summary.value().and_then(|summary| summary.get(name)).copied().unwrap_or(10);
    AccountSurvey {
        account: facts.account.clone(),
        console_users: count(users.iter().filter(|user| user.console_access.value() == Some(&true)).count()),
        incomplete: incomplete(facts),
        skipped: facts.status == AccountStatus::Skipped,
        scps_known: question.scps.is_some(),
        as_of: facts.users.origin().map_or(question.now, |origin| origin.as_of),
        attached_quota: quota("AttachedPoliciesPerUserQuota"),
        groups_quota: quota("GroupsPerUserQuota"),
        policies: Variant::ALL
            .into_iter()
            .map(|variant| (variant.policy_name(), state(facts, variant, question.guards)))
            .collect(),
        documents: here(facts, |policy| policy.document.as_deref().map(|text| fingerprint(&normal(text)))),
        versions: here(facts, |policy| Some(policy.default_version.clone())),
        candidates,
        guarded,
        guarded_roles: guarded_roles(facts),
    }
}

fn waived(facts: &AccountFacts, user: &User, question: &Question<'_>) -> Option<String> {
    question.acting.iter().find_map(|rule| (question.waived)(rule, &facts.account.id, &user.arn))
}

fn guarded_roles(facts: &AccountFacts) -> Vec<(Variant, String)> {
    let mut found = Vec::new();
    for role in facts.roles.value().into_iter().flatten() {
        let gates = gate::attached(&role.attached_policies, &facts.account);
        found.extend(gates.map(|gate| (gate.variant(), role.arn.clone())));
    }
    found
}

/// How many devices a user has. Of a list that is known only in part, what is known: who has one has one.
fn devices(user: &User) -> Option<usize> {
    let known = user.mfa_devices.value().filter(|devices| !devices.is_empty());
    user.mfa_devices.complete().or(known).map(Vec::len)
}

/// Whether a finding makes its user one to be decided on: it fails, or may, a rule that acts and is in the mode to.
fn acts(finding: &Finding, acting: &[String]) -> bool {
    finding.mode == Mode::Enforce && acting.contains(&finding.rule)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Why the account was not read well enough to act on anybody in it.
fn incomplete(facts: &AccountFacts) -> Option<String> {
    const NEEDED: [&str; 5] = [
        "iam:GetAccountAuthorizationDetails",
        "iam:ListVirtualMFADevices",
        "iam:ListMFADevices",
        "iam:GetLoginProfile",
        "iam:ListUsers",
    ];
    let list = |source: &str, reason: &str| format!("{source}: {reason}");
    let gaps = [facts.users.gap(), facts.groups.gap(), facts.policies.gap()];
    let unread = gaps.into_iter().flatten().next().map(|gap| list(&gap.source, &gap.reason));
    let failed = facts.gaps.iter().find(|gap| NEEDED.contains(&gap.operation.as_str()));
    unread.or_else(|| failed.map(|gap| list(&gap.operation, &gap.reason)))
}

/// Our guards as policies, for an account.
fn compiled_guards(facts: &AccountFacts, guards: &Guards) -> Vec<(Variant, Policy)> {
    let partition = facts.account.partition.as_str();
    let compile = |variant: Variant| {
        let arn = variant.arn(partition, &facts.account.id);
        let document = guards.document(variant, partition).map_err(|error| error.to_string());
        let policy = match document.as_deref().map(crate::iam::Document::parse) {
            Ok(Ok(document)) => Policy::new(arn, &document),
            Ok(Err(error)) => Policy::unreadable(arn, error.to_string()),
            Err(error) => Policy::unreadable(arn, error.as_str()),
        };
        (variant, policy)
    };
    Variant::ALL.into_iter().map(compile).collect()
}

/// What `tell` says of each of our guard policies that is there.
fn here(facts: &AccountFacts, tell: impl Fn(&ManagedPolicy) -> Option<String>) -> BTreeMap<&'static str, String> {
    let policies = facts.policies.value().map_or(&[] as &[ManagedPolicy], Vec::as_slice);
    let ours = policies.iter().filter_map(|policy| Some((gate::ours(&policy.arn, &facts.account)?, policy)));
    ours.filter_map(|(variant, policy)| Some((variant.policy_name(), tell(policy)?))).collect()
}

/// A document as ours are written.
fn normal(text: &str) -> String {
    let written = Document::parse(text).ok().and_then(|document| serde_json::to_string(&document).ok());
    written.unwrap_or_else(|| text.to_owned())
}

fn state(facts: &AccountFacts, variant: Variant, guards: &Guards) -> PolicyState {
    let partition = facts.account.partition.as_str();
    let arn = variant.arn(partition, &facts.account.id);
    let policies = facts.policies.value().map_or(&[] as &[ManagedPolicy], Vec::as_slice);
    if let Some(policy) = policies.iter().find(|policy| policy.arn == arn) {
        let expected = guards.document(variant, partition);
        let intact = policy.document.as_deref().zip(expected.ok()).is_some_and(|(is, expected)| same(is, &expected));
        return if intact { PolicyState::Intact } else { PolicyState::Drifted };
    }
    // Names are unique in an account whatever the path and the letter case.
    let taken =
        |policy: &&ManagedPolicy| !policy.is_aws_managed() && policy.name.eq_ignore_ascii_case(variant.policy_name());
    if policies.iter().any(|policy| taken(&policy)) { PolicyState::NameTaken } else { PolicyState::Absent }
}

/// Every way in which a user is under one of our guards.
fn gates_of(facts: &AccountFacts, user: &User) -> Vec<Gate> {
    let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice);
    user.authorization.value().map_or_else(Vec::new, |authorization| gates(&facts.account, authorization, groups))
}

fn candidate(
    facts: &AccountFacts,
    user: &User,
    findings: &[&Finding],
    guarded: bool,
    compiled: &AccountPolicies,
    guards: &[(Variant, Policy)],
    question: &Question<'_>,
) -> Candidate {
    let (password_expires, unknown) = match expiry::of(facts, user) {
        Ok(expiry) => (expiry, None),
        Err(why) => (None, Some(why)),
    };
    let mut candidate = Candidate {
        arn: user.arn.clone(),
        name: user.name.clone(),
        findings: findings.iter().map(|finding| (*finding).clone()).collect(),
        waived: waived(facts, user, question),
        gaps: gaps(user, findings).into_iter().chain(unknown).collect(),
        keys_unread: user.access_keys.gap().map(|gap| told("its access keys", gap)),
        keys: keys(user),
        password_expires,
        seen: Expectation { user_id: user.id.clone(), ..Expectation::default() },
        guarded,
        denied_by: None,
        assumes_roles: false,
        proofs: Vec::new(),
    };
    if let Some(authorization) = user.authorization.complete() {
        candidate.seen = seen(user, authorization);
        let held = compiled.of_user(authorization);
        let scps = question.scps.unwrap_or_default().iter().map(|level| level.iter().collect()).collect();
        let policies = Policies { scps, ..held.policies() };
        let tags = authorization.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let subject = Subject::user(&user.arn, policies, tags);
        candidate.denied_by = denied_by(&subject);
        candidate.assumes_roles = subject.may("sts:AssumeRole", "\u{e000}", MfaContext::WithMfa);
        candidate.proofs = guards.iter().map(|(variant, policy)| prove(&subject, policy, *variant)).collect();
    }
    candidate
}

/// What the evaluator shows of a principal under a guard.
#[must_use]
pub fn prove(subject: &Subject<'_>, policy: &Policy, variant: Variant) -> Proof {
    let rows = truth::table(subject, policy, variant);
    let objection = truth::objection(&rows, variant);
    Proof { variant, rows, objection }
}

/// The statement by which everything is denied without MFA already.
fn denied_by(subject: &Subject<'_>) -> Option<String> {
    let closed = Enforcement::CONTEXTS.iter().all(|mfa| Enforcement::is_closed(subject, *mfa));
    let decision = closed.then(|| subject.decide("\u{e000}:\u{e000}", "\u{e000}", MfaContext::LongTermKey))?;
    let statement = decision.matched.first()?;
    let place =
        statement.sid.as_deref().map_or_else(|| format!("statement {}", statement.index + 1), ToOwned::to_owned);
    Some(format!("{} of {}", place, statement.policy))
}

fn seen(user: &User, authorization: &Authorization) -> Expectation {
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    Expectation {
        user_id: user.id.clone(),
        attached_policies: sorted(authorization.attached_policies.iter().map(|policy| policy.arn.clone()).collect()),
        inline_policies: sorted(authorization.inline_policies.iter().map(|policy| policy.name.clone()).collect()),
        groups: sorted(authorization.groups.clone()),
        permissions_boundary: authorization.permissions_boundary.clone(),
        default_version: None,
    }
}

/// What the decision needs and is not known.
fn gaps(user: &User, findings: &[&Finding]) -> Vec<String> {
    let unknown = findings.iter().filter(|finding| finding.status == Status::Unknown);
    let mut gaps: Vec<String> =
        unknown.map(|finding| format!("whether it fails {} could not be told", finding.rule)).collect();
    let facts = [
        ("whether it has a password", user.console_access.gap()),
        ("its MFA devices", user.mfa_devices.gap()),
        ("its groups and policies", user.authorization.gap()),
    ];
    gaps.extend(facts.into_iter().filter_map(|(what, gap)| gap.map(|gap| told(what, gap))));
    gaps
}

fn told(what: &str, gap: &Gap) -> String {
    format!("{what}: {}: {}", gap.source, gap.reason)
}

fn keys(user: &User) -> Vec<Key> {
    let source = user.access_keys.origin().map_or_else(String::new, |origin| origin.source.to_string());
    let keys = user.access_keys.value().into_iter().flatten();
    keys.map(|key| Key {
        id: key.id.clone(),
        active: key.active,
        last_used: key.last_used,
        service: key.last_used_service.clone(),
        region: key.last_used_region.clone(),
        source: source.clone(),
    })
    .collect()
}
