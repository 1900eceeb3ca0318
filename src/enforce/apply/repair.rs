//! A guard policy that is to be repaired: who has it by now.

use crate::aws::answers::UserDetail;
use crate::enforce::gate::{attached, gates};
use crate::enforce::rearm::{Protected, shut_out};
use crate::enforce::site::Site;

use super::Run;
use super::one::One;

impl Run {
    /// Why the policy may not begin to bind again: somebody who is never touched has it now, whoever had it when the plan
    /// was made.
    pub(super) async fn rearms(&self, site: &Site, one: &One<'_>) -> Option<String> {
        let details = match site.reader.authorization_details(false).await {
            Ok(details) => details,
            Err(error) => return Some(format!("who has it attached could not be read: {error}")),
        };
        let (account, now) = (site.account(), Self::now());
        let has_it = |user: &&UserDetail| {
            let gates = gates(account, &user.authorization, &details.groups);
            gates.iter().any(|gate| gate.variant() == one.variant)
        };
        let users = details.users.iter().filter(has_it);
        let users = users.map(|user| (user.arn.as_str(), (self.context.waived)(&account.id, &user.arn, now)));
        let mut roles = details.roles.iter();
        let role =
            roles.find(|role| attached(&role.attached_policies, account).any(|gate| gate.variant() == one.variant));
        let protected = Protected {
            callers: &self.context.callers,
            break_glass: [&self.plan.settings.break_glass, &self.context.break_glass],
        };
        shut_out(users, role.map(|role| role.arn.as_str()), &protected).map(|(_, why)| why)
    }
}
