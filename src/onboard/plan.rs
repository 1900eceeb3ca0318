//! What is to be done, in order, and why not. Pure.

use crate::aws::answers::ListedGroup;
use crate::enforce::draft::break_glass;
use crate::iam::guard::Variant;
use crate::model::Tag;
use crate::model::untrusted::Untrusted;

use super::found::{Existing, Found, GuardPolicy};
use super::wish::{Wish, once};

/// One change. Their order is the point: the guard is on the user before there is a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The guard policy is made.
    MakeGuard,
    /// The user is made.
    MakeUser,
    /// The guard is attached to it, and read back.
    AttachGuard,
    /// It is put into a group.
    JoinGroup(ListedGroup),
    /// A policy is attached to it.
    AttachPolicy(String),
    /// It gets a console password.
    SetPassword,
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in order.
    pub steps: Vec<Step>,
    /// What is there already and stays as it is, for people.
    pub kept: Vec<String>,
    /// What whoever runs this has to know.
    pub warnings: Vec<String>,
    /// What would be better.
    pub hints: Vec<String>,
}

impl Plan {
    /// Whether a password is made.
    #[must_use]
    pub fn sets_password(&self) -> bool {
        self.steps.contains(&Step::SetPassword)
    }
}

/// Makes the plan.
///
/// # Errors
///
/// Everything that speaks against it, for people.
pub fn plan(wish: &Wish, found: &Found) -> Result<Plan, Vec<String>> {
    let objections = objections(wish, found);
    if !objections.is_empty() {
        return Err(objections);
    }
    let mut plan = Plan { warnings: warnings(wish, found), hints: hints(wish, found), ..Plan::default() };
    let guard = found.guard_arn(wish.guard);
    let user = found.user.as_ref();
    let (attached, groups) = user.map(|user| (user.attached.as_slice(), user.groups.as_slice())).unwrap_or_default();
    let mut add = |is_there: bool, step: Step, kept: String| {
        if is_there { plan.kept.push(kept) } else { plan.steps.push(step) }
    };
    add(found.guard == GuardPolicy::Intact, Step::MakeGuard, format!("guard policy {guard}"));
    add(user.is_some(), Step::MakeUser, format!("user {}", found.user_arn(wish)));
    add(attached.contains(&guard), Step::AttachGuard, format!("{guard} is attached"));
    for group in &found.groups {
        add(groups.contains(&group.name), Step::JoinGroup(group.clone()), format!("in group {}", group.name));
    }
    for policy in wish.policies.iter().filter(|policy| **policy != guard) {
        add(attached.contains(policy), Step::AttachPolicy(policy.clone()), format!("{policy} is attached"));
    }
    if wish.console {
        let has_password = user.is_some_and(|user| user.login.is_some());
        add(has_password, Step::SetPassword, "its console password".to_owned());
    }
    Ok(plan)
}

/// Everything that speaks against it.
fn objections(wish: &Wish, found: &Found) -> Vec<String> {
    let mut all: Vec<String> = found.missing.iter().map(|what| format!("{what} does not exist")).collect();
    let guard = found.guard_arn(wish.guard);
    if found.guard == GuardPolicy::Drifted {
        all.push(format!(
            "{guard} has another document than ours: `enforce plan --repair` proposes to mend it; if it was made with \
             --guard-document or --via-services deny, give the same here"
        ));
    }
    if let Some(pattern) = break_glass(&wish.break_glass, &found.user_arn(wish)) {
        all.push(format!("`{}` is a break-glass principal, which is never guarded", Untrusted(pattern)));
    }
    if let Some(user) = &found.user {
        all.extend(differences(wish, user));
        all.extend(dangers(wish, found, user));
    }
    all.extend(room(wish, found));
    // What is missing is told already, and would only be found to be unreadable.
    if found.missing.is_empty() {
        all.extend(found.objection.clone());
    }
    all
}

/// In what a user who is there already is another than the one that is wanted.
fn differences(wish: &Wish, existing: &Existing) -> Vec<String> {
    let mut all = Vec::new();
    let mut differs = |what: &str, is: &str, wanted: &str| {
        if is != wanted {
            let (is, wanted) = (Untrusted(is), Untrusted(wanted));
            all.push(format!("the user is there already, and its {what} is {is}, not {wanted}"));
        }
    };
    let user = &existing.user;
    differs("name", &user.user.name, &wish.user);
    differs("path", &user.user.path, &wish.path);
    let shown = |arn: &Option<String>| arn.clone().unwrap_or_else(|| "none".to_owned());
    differs("permissions boundary", &shown(&user.permissions_boundary), &shown(&wish.boundary));
    let value = |tags: &[Tag], key: &str| {
        let tag = tags.iter().find(|tag| tag.key == key);
        tag.map_or_else(|| "absent".to_owned(), |tag| format!("`{}`", tag.value))
    };
    // AWS's own tags nobody can set.
    let theirs = user.tags.iter().filter(|tag| !tag.key.starts_with("aws:"));
    let mut keys: Vec<&str> = theirs.chain(&wish.tags).map(|tag| tag.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        differs(&format!("tag `{}`", Untrusted(key)), &value(&user.tags, key), &value(&wish.tags, key));
    }
    all
}

/// What putting the guard on a user who is there already would break.
fn dangers(wish: &Wish, found: &Found, existing: &Existing) -> Vec<String> {
    let mut all = Vec::new();
    if existing.attached.contains(&found.guard_arn(wish.guard)) {
        return all;
    }
    let others = Variant::ALL.into_iter().filter(|other| *other != wish.guard);
    if let Some(other) = others.map(|other| found.guard_arn(other)).find(|arn| existing.attached.contains(arn)) {
        all.push(format!(
            "the user has another guard already, {other}: choose that one with --guard, or `enforce release` takes it off"
        ));
    }
    if existing.user.user.arn == found.caller {
        all.push("the user is who runs this, and would be guarded itself".to_owned());
    }
    let keys = existing.active_keys;
    if keys > 0 && wish.guard == Variant::Strict {
        all.push(format!(
            "the user is there already, without the guard and with {keys} active access key(s), which the guard would make \
             useless: `enforce plan` shows what they are used for, and `--guard console-only` leaves them alone"
        ));
    }
    if existing.login.as_ref().is_some_and(|login| login.reset_required) {
        all.push(
            "the user is there already and has to set a new password at the next sign-in, which the guard would deny"
                .to_owned(),
        );
    }
    all
}

/// Which quota is used up.
fn room(wish: &Wish, found: &Found) -> Vec<String> {
    let user = found.user.as_ref();
    let guard = found.guard_arn(wish.guard);
    let count = |held: Option<&Vec<String>>, wanted: &[String]| {
        let held = held.map(Vec::as_slice).unwrap_or_default();
        i64::try_from(once(&[held, wanted].concat()).len()).unwrap_or(i64::MAX)
    };
    let policies = count(user.map(|user| &user.attached), &[wish.policies.as_slice(), &[guard]].concat());
    let groups = count(user.map(|user| &user.groups), &wish.groups);
    let mut all = Vec::new();
    if policies > found.attached_quota {
        let quota = found.attached_quota;
        all.push(format!("with the guard {policies} policies would be attached to the user, and {quota} may be"));
    }
    if groups > found.groups_quota {
        all.push(format!("the user would be in {groups} groups, and may be in {}", found.groups_quota));
    }
    all
}

fn warnings(wish: &Wish, found: &Found) -> Vec<String> {
    let mut all = Vec::new();
    let has_password = found.user.as_ref().is_some_and(|user| user.login.is_some());
    if wish.console && has_password {
        all.push(format!(
            "{user} has a console password already: it stays, and nobody is shown it. If nobody knows it: `aws iam \
             delete-login-profile --user-name {user}`, and run this again",
            user = wish.user
        ));
        return all;
    }
    if wish.console && wish.reset {
        all.push(
            "the password has to be changed at the first sign-in, and the guard denies that without MFA: the user cannot \
             get in until the guard is taken off or the reset is (`aws iam update-login-profile \
             --no-password-reset-required`)"
                .to_owned(),
        );
    }
    if let Some(days) = found.password_policy.max_age_days.filter(|_| wish.console) {
        all.push(format!(
            "passwords expire after {days} days here, and the guard denies to change one without MFA: the user has to assign \
             a device before that"
        ));
    }
    all
}

fn hints(wish: &Wish, found: &Found) -> Vec<String> {
    let mut all = Vec::new();
    let guard = found.guard_arn(wish.guard);
    if let Some(why) = &found.scps_unread {
        all.push(format!(
            "service control policies were not read ({}): they are taken to be FullAWSAccess, and whether one keeps the user \
             from enrolling is not known",
            Untrusted(why)
        ));
    }
    if wish.policies.iter().any(|policy| *policy != guard) {
        all.push("policies are better attached to groups than to users (CIS 1.15): see --group".to_owned());
    }
    if wish.groups.is_empty() && wish.policies.is_empty() && found.user.is_none() {
        all.push("without --group or --policy the user may do nothing but assign a device".to_owned());
    }
    if wish.owner().is_none() {
        all.push("with --owner the tag `owner` says who answers for the user, and whom it can ask".to_owned());
    }
    if wish.console && !wish.reset && !found.password_policy.allow_users_to_change {
        all.push(
            "the account does not let users change their passwords, so whoever ran this goes on knowing this one: `aws iam \
             update-account-password-policy --allow-users-to-change-password` (and the policy's other settings), or let a \
             policy allow iam:ChangePassword"
                .to_owned(),
        );
    }
    if wish.guard == Variant::ConsoleOnly {
        all.push("this guard leaves access keys alone: they work without MFA".to_owned());
    }
    all
}

#[cfg(test)]
mod tests;
