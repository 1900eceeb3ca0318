//! Guard policies that somebody edited.

use crate::enforce::hold::Reason;
use crate::enforce::plan::{Action, Expectation, HeldBack, Kind};
use crate::enforce::rearm::{Protected, shut_out};
use crate::enforce::survey::{AccountSurvey, Guarded, PolicyState};
use crate::iam::guard::Variant;

use super::Bounds;
use super::case::action_id;

/// What is done to the guard policies of an account.
pub(super) fn repairs(survey: &AccountSurvey, bounds: &Bounds<'_>) -> (Vec<Action>, Vec<HeldBack>) {
    let (mut actions, mut held) = (Vec::new(), Vec::new());
    for variant in Variant::ALL {
        if survey.policies.get(variant.policy_name()) == Some(&PolicyState::Drifted) {
            match objection(survey, variant, bounds) {
                None => actions.push(action(survey, variant, bounds)),
                Some((reason, detail)) => held.push(HeldBack {
                    account: survey.account.id.clone(),
                    resource: arn(survey, variant),
                    reason,
                    detail,
                    also: Vec::new(),
                    deadline: None,
                    keys: Vec::new(),
                    offer: None,
                }),
            }
        }
    }
    (actions, held)
}

fn arn(survey: &AccountSurvey, variant: Variant) -> String {
    variant.arn(survey.account.partition.as_str(), &survey.account.id)
}

fn objection(survey: &AccountSurvey, variant: Variant, bounds: &Bounds<'_>) -> Option<(Reason, String)> {
    let account = &survey.account.id;
    if !bounds.allowed_accounts.is_empty() && !bounds.allowed_accounts.contains(account) {
        return Some((Reason::AccountNotAllowed, format!("{account} is not among the allowed accounts")));
    }
    if let Some(incomplete) = &survey.incomplete {
        return Some((Reason::AccountIncomplete, incomplete.clone()));
    }
    if !survey.versions.contains_key(variant.policy_name()) {
        return Some((Reason::UnknownFact, "which version of it counts is not known".to_owned()));
    }
    never_touched(survey, variant, bounds)
}

/// Somebody who may never be guarded and has the guard attached all the same.
fn never_touched(survey: &AccountSurvey, variant: Variant, bounds: &Bounds<'_>) -> Option<(Reason, String)> {
    let has_it = |user: &&Guarded| user.gates.iter().any(|gate| gate.variant() == variant);
    let users = survey.guarded.iter().filter(has_it).map(|user| (user.arn.as_str(), user.waived.clone()));
    let role = survey.guarded_roles.iter().find(|(guard, _)| *guard == variant).map(|(_, role)| role.as_str());
    let protected = Protected { callers: bounds.callers, break_glass: [&bounds.settings.break_glass, &[]] };
    shut_out(users, role, &protected)
}

fn action(survey: &AccountSurvey, variant: Variant, bounds: &Bounds<'_>) -> Action {
    let arn = arn(survey, variant);
    let is_by_it = |user: &&Guarded| user.gates.iter().any(|gate| gate.variant() == variant);
    let users = survey.guarded.iter().filter(is_by_it).count();
    Action {
        id: action_id(&survey.account, &arn, Kind::RepairGuardPolicy),
        account: survey.account.id.clone(),
        account_name: survey.account.name.clone(),
        resource: arn.clone(),
        action: Kind::RepairGuardPolicy,
        rule: String::new(),
        message: "somebody edited the guard policy".to_owned(),
        guard: variant.policy_name().to_owned(),
        policy_arn: arn,
        document_sha256: bounds.fingerprint(variant, survey.account.partition.as_str()),
        calls: vec!["iam:CreatePolicyVersion".to_owned()],
        evidence: Vec::new(),
        truth_table: Vec::new(),
        keys: Vec::new(),
        deadline: None,
        expects: Expectation {
            default_version: survey.versions.get(variant.policy_name()).cloned(),
            ..Expectation::default()
        },
        notes: vec![format!(
            "{users} users are guarded by it; where it has 5 versions the oldest that does not count is deleted"
        )],
    }
}
