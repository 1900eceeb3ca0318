//! The decision on one user: every guardrail.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::enforce::expiry::Expiry;
use crate::enforce::grace::Grace;
use crate::enforce::guard::hex;
use crate::enforce::hold::Reason;
use crate::enforce::plan::{Action, HeldBack, Key, Kind, Way};
use crate::enforce::survey::{AccountSurvey, Candidate, PolicyState, Proof};
use crate::enforce::truth::Objection;
use crate::iam::guard::Variant;
use crate::model::{Account, Evidence, Finding, Status};

use super::{Bounds, GROUP, Live, PASSWORD_MARGIN, break_glass};

/// One user to be decided on.
pub(super) struct Case<'a> {
    pub(super) survey: &'a AccountSurvey,
    pub(super) candidate: &'a Candidate,
    pub(super) live: Option<&'a Live>,
    pub(super) bounds: &'a Bounds<'a>,
}

impl Case<'_> {
    /// What is done to the user, or why nothing is.
    pub(super) fn decide(&self) -> Result<Box<Action>, Box<HeldBack>> {
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
        let turn = self.turn();
        reasons.extend(turn.wait.clone().map(|detail| (Reason::Grace, detail)));
        let way = self.way(variant);
        if let Err(reason) = &way {
            reasons.push(reason.clone());
        }
        match (reasons.is_empty(), way) {
            (true, Ok((kind, note))) => Ok(Box::new(self.action(variant, kind, note, &turn))),
            _ => Err(Box::new(self.held(reasons, turn.deadline, console_only))),
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
        // What is read right now of a user counts in the place of what a scan did not read of its keys.
        let (unread, live_gaps) = match self.live {
            Some(live) => (None, live.gaps.as_slice()),
            None => (candidate.keys_unread.as_ref().filter(|_| !bounds.live_follows), &[] as &[String]),
        };
        for gap in candidate.gaps.iter().chain(unread).chain(live_gaps) {
            hold(Reason::UnknownFact, gap.clone());
        }
        if bounds.settings.require_scps && !survey.scps_known {
            hold(Reason::UnknownFact, "the service control policies of its account could not be read".to_owned());
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
        let expires = self.candidate.password_expires.as_ref().map(|expiry| expiry.at);
        if let Some(expires) = expires.filter(|expires| *expires <= self.bounds.now + PASSWORD_MARGIN) {
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

    /// When it may be acted on, and for which failure. Who fails several rules is acted on by the first that lets: at
    /// once where one of them gives no time.
    fn turn(&self) -> Turn<'_> {
        let failures = self.candidate.findings.iter().filter(|finding| finding.status == Status::Fail);
        let grace =
            |finding: &Finding| (self.bounds.grace)(&self.survey.account.id, &self.candidate.arn, &finding.rule);
        let mut turns: Vec<(Grace, &Finding)> = failures.map(|finding| (grace(finding), finding)).collect();
        turns.sort_by_key(|(grace, _)| match grace {
            Grace::None => Timestamp::MIN,
            Grace::Until(until) => *until,
            Grace::Unannounced => Timestamp::MAX,
        });
        let mut turns = turns.into_iter();
        let Some((grace, by)) = turns.next() else {
            return Turn { by: self.candidate.findings.first(), ..Turn::default() };
        };
        let (deadline, wait) = match grace {
            Grace::None => (None, None),
            Grace::Until(until) if until <= self.bounds.now => (Some(until), None),
            Grace::Until(until) => (Some(until), Some(format!("it has time to enroll a device until {until}"))),
            Grace::Unannounced => (None, Some("it was not told yet: run `portcullis enforce announce`".to_owned())),
        };
        let also = turns.map(|(grace, finding)| also(grace, &finding.rule, self.bounds.now)).collect();
        Turn { deadline, wait, by: Some(by), also }
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

    fn action(&self, variant: Variant, kind: Kind, note: Option<String>, turn: &Turn<'_>) -> Action {
        let Self { survey, candidate, .. } = self;
        let finding = turn.by;
        let mut notes: Vec<String> = turn.also.iter().cloned().chain(note).collect();
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
            evidence: self.evidence(),
            truth_table: self.proof(variant).map(|proof| proof.rows.clone()).unwrap_or_default(),
            keys: self.keys().to_vec(),
            deadline: turn.deadline,
            expects: candidate.seen.clone(),
            notes,
        }
    }

    /// What the rules rest on, and when the password expires: apply has no credential report, and looks here.
    fn evidence(&self) -> Vec<Evidence> {
        let found = self.candidate.findings.iter().flat_map(|finding| finding.evidence.clone());
        found.chain(self.candidate.password_expires.as_ref().map(Expiry::evidence)).collect()
    }

    fn calls(&self, variant: Variant, kind: Kind) -> Vec<String> {
        let absent = self.survey.policies.get(variant.policy_name()) == Some(&PolicyState::Absent);
        let mut calls: Vec<&str> = if absent { vec!["iam:CreatePolicy"] } else { Vec::new() };
        match kind {
            Kind::AttachUserPolicy => calls.push("iam:AttachUserPolicy"),
            Kind::AddUserToGroup => {
                calls.extend(["iam:CreateGroup", "iam:AttachGroupPolicy", "iam:AddUserToGroup"]);
            }
            Kind::RepairGuardPolicy => {}
        }
        calls.into_iter().map(str::to_owned).collect()
    }

    fn remarks(&self, variant: Variant) -> Vec<String> {
        let mut notes = Vec::new();
        let unused = self.keys().iter().filter(|key| key.active && key.last_used.is_none()).count();
        if unused > 0 {
            notes.push(format!("the guard closes {unused} keys that were never used"));
        }
        if self.candidate.assumes_roles && variant == Variant::Strict && self.keys().iter().any(|key| key.active) {
            notes.push("may assume roles: with its key only after `portcullis mfa session`".to_owned());
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

/// When a user may be acted on.
#[derive(Default)]
struct Turn<'a> {
    /// Until when it had time, or has.
    deadline: Option<Timestamp>,
    /// Why not yet.
    wait: Option<String>,
    /// The failure for which it is acted on.
    by: Option<&'a Finding>,
    /// What else it fails.
    also: Vec<String>,
}

/// What to say of another rule that the user fails.
fn also(grace: Grace, rule: &str, now: Timestamp) -> String {
    match grace {
        Grace::Until(until) if until > now => format!("fails {rule} too, which alone would give it time until {until}"),
        Grace::Unannounced => format!("fails {rule} too, which alone would have it told first"),
        Grace::None | Grace::Until(_) => format!("fails {rule} too"),
    }
}

fn use_of(key: &Key, used: Timestamp) -> String {
    let id = key.id.as_deref().unwrap_or("an access key");
    let service = key.service.as_deref().unwrap_or("an unknown service");
    let region = key.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    format!("{id} was used for {service}{region} at {used}")
}

/// The id of a change: the same in every plan.
pub(super) fn action_id(account: &Account, resource: &str, kind: Kind) -> String {
    let digest = Sha256::digest(format!("{}\0{resource}\0{}", account.id, kind.as_str()).as_bytes());
    hex(digest.get(..8).unwrap_or_default())
}
