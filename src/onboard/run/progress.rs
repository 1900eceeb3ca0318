//! What the user is by now, and what the ledger is told of each step.

use serde_json::{Value, json};

use super::super::found::Found;
use super::super::plan::Step;
use super::super::wish::Wish;

/// What the user is by now.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) made: Vec<Step>,
    pub(super) user_id: String,
    pub(super) attached: Vec<String>,
    pub(super) groups: Vec<String>,
}

impl Progress {
    /// Keeps in mind what was made.
    pub(super) fn note(&mut self, step: &Step, detail: String, found: &Found, wish: &Wish) {
        match step {
            Step::MakeUser => self.user_id = detail,
            Step::AttachGuard => self.attached.push(found.guard_arn(wish.guard)),
            Step::AttachPolicy(arn) => self.attached.push(arn.clone()),
            Step::JoinGroup(group) => self.groups.push(group.name.clone()),
            Step::MakeGuard | Step::SetPassword => {}
        }
        self.attached.sort_unstable();
        self.groups.sort_unstable();
    }
}

/// What was there before a step, for the ledger. Of the guard as enforcement writes it.
pub(super) fn before(step: &Step, wish: &Wish, progress: &Progress) -> Value {
    let (id, guard) = (&progress.user_id, wish.guard.policy_name());
    match step {
        Step::MakeGuard | Step::MakeUser | Step::SetPassword => Value::Null,
        Step::AttachGuard => json!({ "attached_policies": progress.attached, "guard": guard, "user_id": id }),
        Step::AttachPolicy(_) => json!({ "attached_policies": progress.attached, "user_id": id }),
        Step::JoinGroup(_) => json!({ "groups": progress.groups, "user_id": id }),
    }
}

/// The same after it.
pub(super) fn after(step: &Step, wish: &Wish, progress: &Progress) -> Value {
    let id = &progress.user_id;
    match step {
        Step::MakeGuard => Value::Null,
        Step::MakeUser => {
            // Not members named by the keys: a key may be called `password`.
            let tags: Vec<Value> = wish.tags.iter().map(|tag| json!({ "key": tag.key, "value": tag.value })).collect();
            json!({ "user_id": id, "path": wish.path, "permissions_boundary": wish.boundary, "tags": tags })
        }
        Step::AttachGuard => {
            json!({ "attached_policies": progress.attached, "verified_by": "iam:ListAttachedUserPolicies" })
        }
        Step::AttachPolicy(_) => json!({ "attached_policies": progress.attached }),
        Step::JoinGroup(_) => json!({ "groups": progress.groups }),
        Step::SetPassword => json!({ "reset_required": wish.reset }),
    }
}
