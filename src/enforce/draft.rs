//! Surveys to a plan: every guardrail, and the caps over the whole organization. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::iam::guard::Variant;
use crate::iam::wildcard::Wildcard;
use crate::model::Account;

use super::guard::{fingerprint, hex};
use super::hold::Reason;
use super::plan::{Action, HeldBack, Key, Kind, Limits, Settings, Way};
use super::survey::{AccountSurvey, Candidate, PolicyState, Proof};
use super::truth::Objection;

/// The guard group of the group way.
pub const GROUP: &str = "portcullis-guard";

/// A password that expires within this time holds its user back: the guard would deny to change it.
pub const PASSWORD_MARGIN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What is to be acted on, and within which bounds.
pub struct Bounds<'a> {
    /// The settings that the plan carries.
    pub settings: &'a Settings,
    /// ARN of the caller and, of a role session, of the user it came from if that is known.
    pub callers: &'a [String],
    /// The accounts that may be changed; all if there are none.
    pub allowed_accounts: &'a [String],
    /// Whether users held back only for their keys get the guard that leaves keys alone.
    pub console_only_for_keys: bool,
    /// Whether a user whose service control policies are not known is held back.
    pub require_scps: bool,
    /// At most so many users.
    pub max_users: u64,
    /// At most this share of the console users, in percent.
    pub max_percent: f64,
    /// The first so many, instead of refusing over a cap.
    pub take: Option<u64>,
    /// Until when each user has time: account, user, rule.
    pub deadline: &'a dyn Fn(&str, &str, &str) -> Option<Timestamp>,
    /// This moment.
    pub now: Timestamp,
}

/// What was read of a user right now, for what a scan does not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// Its access keys.
    pub keys: Vec<Key>,
    /// Active service-specific credentials: their services.
    pub service_credentials: Vec<String>,
    /// How many active SSH keys it has.
    pub ssh_keys: usize,
    /// Whether it has to set a new password at the next sign-in.
    pub password_reset: bool,
    /// What could not be read.
    pub gaps: Vec<String>,
}

/// The changes and those held back.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The changes.
    pub actions: Vec<Action>,
    /// Who is held back.
    pub held_back: Vec<HeldBack>,
    /// The caps.
    pub limits: Limits,
    /// Users who are under a guard already.
    pub guarded: u64,
}

/// A cap that the changes exceed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OverCap {
    /// Too many.
    #[error("{proposed} users would be acted on, and --max-users allows {allowed}")]
    Users {
        /// So many.
        proposed: u64,
        /// The cap.
        allowed: u64,
    },
    /// Too large a share.
    #[error("{proposed} of {console_users} console users would be acted on, and --max-percent allows {allowed} %")]
    Share {
        /// So many.
        proposed: u64,
        /// Of so many.
        console_users: u64,
        /// The cap.
        allowed: f64,
    },
}

impl Draft {
    /// Decides on every candidate; `live` has what was read of users right now, by ARN.
    #[must_use]
    pub fn new(surveys: &[AccountSurvey], live: &BTreeMap<String, Live>, bounds: &Bounds<'_>) -> Self {
        let mut draft =
            Self { actions: Vec::new(), held_back: Vec::new(), limits: limits(surveys, bounds), guarded: 0 };
        let mut ordered: Vec<&AccountSurvey> = surveys.iter().collect();
        ordered.sort_by(|one, other| one.account.id.cmp(&other.account.id));
        for survey in ordered {
            let mut candidates: Vec<&Candidate> = survey.candidates.iter().collect();
            candidates.sort_by(|one, other| (&one.name, &one.arn).cmp(&(&other.name, &other.arn)));
            for candidate in candidates {
                if candidate.guarded {
                    draft.guarded += 1;
                    continue;
                }
                match (Case { survey, candidate, live: live.get(&candidate.arn), bounds }).decide() {
                    Ok(action) => draft.actions.push(*action),
                    Err(held) => draft.held_back.push(*held),
                }
            }
        }
        draft.limits.proposed = u64::try_from(draft.actions.len()).unwrap_or(u64::MAX);
        if let Some(take) = bounds.take {
            draft.actions.truncate(usize::try_from(take).unwrap_or(usize::MAX));
            draft.limits.taken = Some(u64::try_from(draft.actions.len()).unwrap_or(u64::MAX));
        }
        draft
    }

    /// The cap that the changes exceed, if they do and no number was asked for.
    #[must_use]
    pub fn over_cap(&self) -> Option<OverCap> {
        let Limits { max_users, max_percent, console_users, proposed, taken } = self.limits;
        if taken.is_some() {
            return None;
        }
        if proposed > max_users {
            return Some(OverCap::Users { proposed, allowed: max_users });
        }
        #[expect(clippy::cast_precision_loss, reason = "no organization has 2^52 users")]
        let over = proposed as f64 * 100.0 > max_percent * console_users as f64;
        (proposed > 0 && over).then_some(OverCap::Share { proposed, console_users, allowed: max_percent })
    }
}

fn limits(surveys: &[AccountSurvey], bounds: &Bounds<'_>) -> Limits {
    Limits {
        max_users: bounds.max_users,
        max_percent: bounds.max_percent,
        console_users: surveys.iter().map(|survey| survey.console_users).sum(),
        proposed: 0,
        taken: None,
    }
}

/// One user to be decided on.
struct Case<'a> {
    survey: &'a AccountSurvey,
    candidate: &'a Candidate,
    live: Option<&'a Live>,
    bounds: &'a Bounds<'a>,
}

impl Case<'_> {
    fn decide(&self) -> Result<Box<Action>, Box<HeldBack>> {
        let mut reasons = self.never_touched();
        reasons.extend(self.unproven(Variant::Strict));
        reasons.extend(self.password());
        let keys = self.keys_in_use();
        let only_keys = reasons.is_empty() && !keys.is_empty();
        let console_only = only_keys && self.unproven(Variant::ConsoleOnly).is_empty();
        let variant = match (keys.is_empty() || self.bounds.settings.include_active_keys, console_only) {
            (true, _) => Variant::Strict,
            (false, true) if self.bounds.console_only_for_keys => Variant::ConsoleOnly,
            (false, _) => {
                reasons.extend(keys);
                Variant::Strict
            }
        };
        let deadline = self.deadline();
        if let Some(deadline) = deadline.filter(|deadline| self.bounds.now < *deadline) {
            reasons.push((Reason::Grace, format!("it has time to enroll a device until {deadline}")));
        }
        let way = self.way(variant);
        if let Err(reason) = &way {
            reasons.push(reason.clone());
        }
        match (reasons.is_empty(), way) {
            (true, Ok((kind, note))) => Ok(Box::new(self.action(variant, kind, note, deadline))),
            _ => Err(Box::new(self.held(reasons, deadline, console_only))),
        }
    }

    /// Guardrails that no flag opens.
    fn never_touched(&self) -> Vec<(Reason, String)> {
        let Self { survey, candidate, bounds, .. } = self;
        let mut reasons = Vec::new();
        let mut hold = |reason: Reason, detail: String| reasons.push((reason, detail));
        if bounds.callers.contains(&candidate.arn) {
            hold(Reason::Caller, "it is who runs this; being guarded, it could not undo it".to_owned());
        }
        if let Some(pattern) = break_glass(&bounds.settings.break_glass, &candidate.arn) {
            hold(Reason::BreakGlass, format!("`{pattern}` is a break-glass principal"));
        }
        if let Some(waiver) = &candidate.waived {
            hold(Reason::Waived, waiver.clone());
        }
        if let Some(incomplete) = &survey.incomplete {
            hold(Reason::AccountIncomplete, incomplete.clone());
        }
        if !bounds.allowed_accounts.is_empty() && !bounds.allowed_accounts.contains(&survey.account.id) {
            hold(Reason::AccountNotAllowed, format!("{} is not among the allowed accounts", survey.account.id));
        }
        let live_gaps = self.live.map_or(&[] as &[String], |live| &live.gaps);
        for gap in candidate.gaps.iter().chain(live_gaps) {
            hold(Reason::UnknownFact, gap.clone());
        }
        if let Some(statement) = &candidate.denied_by {
            hold(Reason::DeniedAlready, format!("{statement} denies it everything without MFA already"));
        }
        reasons
    }

    /// What keeps the guard from being shown right for this user, or its policy from being ours.
    fn unproven(&self, variant: Variant) -> Vec<(Reason, String)> {
        let mut reasons = Vec::new();
        let arn = self.policy_arn(variant);
        match self.survey.policies.get(variant.policy_name()) {
            Some(PolicyState::Drifted) => {
                let detail =
                    format!("{arn} has another document than ours; `enforce plan --repair` proposes to mend it");
                reasons.push((Reason::Drift, detail));
            }
            Some(PolicyState::NameTaken) => {
                let detail = format!("another policy is called {} already, under another path", variant.policy_name());
                reasons.push((Reason::Drift, detail));
            }
            Some(PolicyState::Absent | PolicyState::Intact) | None => {}
        }
        match self.proof(variant).map(|proof| &proof.objection) {
            Some(None) => {}
            Some(Some(Objection::CannotEnroll(detail))) => reasons.push((Reason::CannotEnroll, detail.clone())),
            Some(Some(Objection::NotProven(detail))) => reasons.push((Reason::NotProven, detail.clone())),
            None => reasons.push((Reason::NotProven, "its policies are not known".to_owned())),
        }
        reasons
    }

    fn password(&self) -> Vec<(Reason, String)> {
        let mut reasons = Vec::new();
        if self.live.is_some_and(|live| live.password_reset) {
            let detail = "it must set a new password at the next sign-in, which the guard would deny";
            reasons.push((Reason::PasswordReset, detail.to_owned()));
        }
        if let Some(expires) = self.candidate.password_expires
            && expires <= self.bounds.now + PASSWORD_MARGIN
        {
            let detail = format!("its password expires at {expires}; the guard would deny to change it");
            reasons.push((Reason::PasswordExpiry, detail));
        }
        reasons
    }

    fn keys(&self) -> &[Key] {
        self.live.map_or(&self.candidate.keys, |live| &live.keys)
    }

    /// Why the guard might break something that runs with the user's keys.
    fn keys_in_use(&self) -> Vec<(Reason, String)> {
        let window = SignedDuration::from_secs(self.bounds.settings.key_window_seconds);
        let since = self.bounds.now - window;
        let mut reasons = Vec::new();
        for key in self.keys().iter().filter(|key| key.active) {
            if let Some(used) = key.last_used.filter(|used| *used >= since) {
                reasons.push((Reason::KeyInUse, use_of(key, used)));
            }
        }
        if let Some(live) = self.live {
            if !live.service_credentials.is_empty() {
                let detail = format!("active service-specific credentials: {}", live.service_credentials.join(", "));
                reasons.push((Reason::ServiceCredential, detail));
            }
            if live.ssh_keys > 0 {
                reasons.push((Reason::SshKey, format!("active SSH keys: {}", live.ssh_keys)));
            }
        }
        reasons
    }

    fn deadline(&self) -> Option<Timestamp> {
        let of = |rule: &str| (self.bounds.deadline)(&self.survey.account.id, &self.candidate.arn, rule);
        // Who fails two rules has time until the first of the two deadlines: one failure is enough to act on.
        self.candidate.findings.iter().filter_map(|finding| of(&finding.rule)).min()
    }

    fn proof(&self, variant: Variant) -> Option<&Proof> {
        self.candidate.proofs.iter().find(|proof| proof.variant == variant)
    }

    fn policy_arn(&self, variant: Variant) -> String {
        variant.arn(self.survey.account.partition.as_str(), &self.survey.account.id)
    }

    /// How the guard gets to the user, and what to say of it.
    fn way(&self, variant: Variant) -> Result<(Kind, Option<String>), (Reason, String)> {
        let seen = &self.candidate.seen;
        let room = |used: usize, quota: i64| i64::try_from(used).unwrap_or(i64::MAX) < quota;
        let own = room(seen.attached_policies.len(), self.survey.attached_quota);
        let group = room(seen.groups.len(), self.survey.groups_quota) && variant == Variant::Strict;
        match (self.bounds.settings.attach, own, group) {
            (Way::User, true, _) => Ok((Kind::AttachUserPolicy, None)),
            (Way::User, false, true) => {
                let note = format!(
                    "{} policies are attached to it, which is the quota: it is put into the group {GROUP} instead",
                    seen.attached_policies.len()
                );
                Ok((Kind::AddUserToGroup, Some(note)))
            }
            (Way::Group, _, true) => Ok((Kind::AddUserToGroup, None)),
            (Way::Group, true, false) if variant == Variant::ConsoleOnly => Ok((Kind::AttachUserPolicy, None)),
            _ => {
                let detail = format!(
                    "{} attached policies (quota {}), {} groups (quota {}): no room for the guard",
                    seen.attached_policies.len(),
                    self.survey.attached_quota,
                    seen.groups.len(),
                    self.survey.groups_quota
                );
                Err((Reason::Quota, detail))
            }
        }
    }

    fn action(&self, variant: Variant, kind: Kind, note: Option<String>, deadline: Option<Timestamp>) -> Action {
        let Self { survey, candidate, .. } = self;
        let finding = candidate.findings.first();
        let mut notes: Vec<String> = note.into_iter().collect();
        notes.extend(self.remarks(variant));
        Action {
            id: action_id(&survey.account, &candidate.arn, kind),
            account: survey.account.id.clone(),
            account_name: survey.account.name.clone(),
            resource: candidate.arn.clone(),
            action: kind,
            rule: finding.map(|finding| finding.rule.clone()).unwrap_or_default(),
            message: finding.map(|finding| finding.message.clone()).unwrap_or_default(),
            guard: variant.policy_name().to_owned(),
            policy_arn: self.policy_arn(variant),
            document_sha256: self.bounds.fingerprint(variant, survey.account.partition.as_str()),
            calls: self.calls(variant, kind),
            evidence: candidate.findings.iter().flat_map(|finding| finding.evidence.clone()).collect(),
            truth_table: self.proof(variant).map(|proof| proof.rows.clone()).unwrap_or_default(),
            keys: self.keys().to_vec(),
            deadline,
            expects: candidate.seen.clone(),
            notes,
        }
    }

    fn calls(&self, variant: Variant, kind: Kind) -> Vec<String> {
        let absent = self.survey.policies.get(variant.policy_name()) == Some(&PolicyState::Absent);
        let mut calls: Vec<&str> = if absent { vec!["iam:CreatePolicy"] } else { Vec::new() };
        match kind {
            Kind::AttachUserPolicy => calls.push("iam:AttachUserPolicy"),
            Kind::AddUserToGroup => {
                calls.extend(["iam:CreateGroup", "iam:AttachGroupPolicy", "iam:AddUserToGroup"]);
            }
        }
        calls.into_iter().map(str::to_owned).collect()
    }

    fn remarks(&self, variant: Variant) -> Vec<String> {
        let mut notes = Vec::new();
        let unused = self.keys().iter().filter(|key| key.active && key.last_used.is_none()).count();
        if unused > 0 {
            notes.push(format!("{unused} active access keys were never used; the guard closes them too"));
        }
        if self.candidate.assumes_roles && variant == Variant::Strict {
            notes.push(
                "it may assume roles: with an access key it has to sign in by `portcullis mfa session` first"
                    .to_owned(),
            );
        }
        if self.live.is_none() {
            notes.push(
                "password reset, service-specific credentials and SSH keys were not read; they are when it is applied"
                    .to_owned(),
            );
        }
        notes
    }

    fn held(&self, reasons: Vec<(Reason, String)>, deadline: Option<Timestamp>, offer: bool) -> HeldBack {
        let mut reasons = reasons.into_iter();
        let (reason, detail) = reasons.next().unwrap_or((Reason::NotProven, String::new()));
        HeldBack {
            account: self.survey.account.id.clone(),
            resource: self.candidate.arn.clone(),
            reason,
            detail,
            also: reasons.collect(),
            deadline,
            keys: self.keys().to_vec(),
            offer: offer.then(|| "console-only".to_owned()),
        }
    }
}

impl Bounds<'_> {
    fn fingerprint(&self, variant: Variant, partition: &str) -> String {
        self.settings.guards().document(variant, partition).map(|document| fingerprint(&document)).unwrap_or_default()
    }
}

fn use_of(key: &Key, used: Timestamp) -> String {
    let id = key.id.as_deref().unwrap_or("an access key");
    let service = key.service.as_deref().unwrap_or("an unknown service");
    let region = key.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    format!("{id} was used for {service}{region} at {used}")
}

/// The pattern of a break-glass principal that is this one.
#[must_use]
pub fn break_glass<'p>(patterns: &'p [String], arn: &str) -> Option<&'p str> {
    patterns.iter().map(String::as_str).find(|pattern| Wildcard::new(pattern).matches(arn))
}

/// The id of a change: the same in every plan.
fn action_id(account: &Account, resource: &str, kind: Kind) -> String {
    let digest = Sha256::digest(format!("{}\0{resource}\0{}", account.id, kind.as_str()).as_bytes());
    hex(digest.get(..8).unwrap_or_default())
}
