//! Answers of the policy evaluator about single users: worked out when a rule first asks, and kept.
//!
//! Rules are judged in parallel. An answer that is there is read without a lock; threads meet only where a user is asked
//! of for the first time. Users with the same policies share an answer where nothing but their names differs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::iam::questions::{Enforcement, Enrollment, Escalation, SOMEBODY, Subject, Targets, tell_users_apart};
use crate::model::{AccountFacts, Authorization, Fact, Group, Role, User};
use crate::principals::Held;

use super::guards::{Guard, Guards};
use super::{AccountIndex, Missing, Part, Seen, flag, nowhere, rest_of};
use crate::rules::unknown::Unknown;

/// What was asked so far.
#[derive(Debug, Default)]
pub(super) struct Answers {
    users: OnceLock<Box<[OfUser]>>,
    destinations: OnceLock<Destinations>,
    /// Answers that users with the same policies share, for a user called [`SOMEBODY`].
    shared: Mutex<HashMap<String, Arc<Shared>>>,
    pub(super) guards: OnceLock<Guards>,
}

/// What was asked of users with the same policies, if they can share an answer.
#[derive(Debug, Default)]
struct Shared {
    enforcement: OnceLock<Option<Arc<Enforced>>>,
    escalations: OnceLock<Option<Part<String>>>,
}

/// What was asked of one user so far.
#[derive(Debug, Default)]
struct OfUser {
    enforcement: OnceLock<Arc<Enforced>>,
    enrolls: OnceLock<Result<bool, Missing>>,
    escalations: OnceLock<Part<String>>,
    guards: OnceLock<Part<Guard>>,
}

/// How far MFA is enforced on a user, in few bytes.
#[derive(Debug)]
struct Enforced {
    is_enforced: Result<bool, Missing>,
    holes: Part<String>,
}

/// What makes an administrator of whoever has a hand in it, as ARNs.
#[derive(Debug)]
struct Destinations {
    roles: Vec<String>,
    groups: Vec<String>,
    rest: Option<Missing>,
}

impl AccountIndex {
    /// Whether the user at `at`, who is `user`, can do nothing without MFA but enroll a device.
    ///
    /// # Errors
    ///
    /// If that depends on something that could not be read.
    pub fn mfa_enforced(&self, at: usize, user: &User) -> Result<bool, Unknown<'_>> {
        match self.enforced(at, user) {
            Some(enforced) => flag(std::slice::from_ref(&enforced.is_enforced), 0),
            None => Err(nowhere()),
        }
    }

    /// What the user at `at`, who is `user`, can do without MFA, and why nothing denies it.
    #[must_use]
    pub fn mfa_holes(&self, at: usize, user: &User) -> Seen<'_, String> {
        self.enforced(at, user).map_or((&[], Some(nowhere())), |enforced| enforced.holes.seen())
    }

    /// Whether the user at `at`, who is `user`, can enroll an MFA device without having one.
    ///
    /// # Errors
    ///
    /// If that depends on something that could not be read, or on what a request carries.
    pub fn can_self_enroll(&self, at: usize, user: &User) -> Result<bool, Unknown<'_>> {
        let enrolls = self.of_user(at).map(|of| of.enrolls.get_or_init(|| self.enrollment(user)));
        enrolls.map_or_else(|| Err(nowhere()), |enrolls| flag(std::slice::from_ref(enrolls), 0))
    }

    /// The ways by which the user at `at`, who is `user` and no administrator, can become one.
    #[must_use]
    pub fn privilege_escalation(&self, facts: &AccountFacts, at: usize, user: &User) -> Seen<'_, String> {
        let ways = self.of_user(at).map(|of| of.escalations.get_or_init(|| self.escalations(facts, at, user)));
        ways.map_or((&[], Some(nowhere())), Part::seen)
    }

    /// The policies that apply to the user at `at`, who is `user`, and deny what has no MFA.
    #[must_use]
    pub fn user_guards(&self, facts: &AccountFacts, at: usize, user: &User) -> Seen<'_, Guard> {
        let guards = self.of_user(at).map(|of| {
            of.guards.get_or_init(|| match authorization(user) {
                Ok(authorization) => self.guards(facts).of_user(authorization),
                Err(missing) => Part { known: Vec::new(), rest: Some(missing) },
            })
        });
        guards.map_or((&[], Some(nowhere())), Part::seen)
    }

    fn of_user(&self, at: usize) -> Option<&OfUser> {
        let count = self.user_admins.len();
        self.answers.users.get_or_init(|| std::iter::repeat_with(OfUser::default).take(count).collect()).get(at)
    }

    fn enforced(&self, at: usize, user: &User) -> Option<&Enforced> {
        let of = self.of_user(at)?;
        let enforced = of.enforcement.get_or_init(|| {
            let shared = self.shared(user);
            let shared = shared.as_ref().and_then(|shared| {
                let answer = shared.enforcement.get_or_init(|| {
                    let somebody = self.somebody(user)?;
                    Some(Arc::new(self.enforcement(&somebody)))
                });
                answer.as_ref().map(|enforced| Enforced::named(enforced, &user.name))
            });
            shared.unwrap_or_else(|| Arc::new(self.enforcement(user)))
        });
        Some(enforced)
    }

    /// Where users with the same policies as `user` keep what they share; `None` if it has policies of its own.
    fn shared(&self, user: &User) -> Option<Arc<Shared>> {
        let authorization = authorization(user).ok().filter(|all| all.inline_policies.is_empty())?;
        let attached = authorization.attached_policies.iter().map(|policy| policy.arn.as_str());
        let groups = authorization.groups.iter().map(String::as_str);
        let boundary = authorization.permissions_boundary.as_deref().unwrap_or_default();
        let mut key = format!("{}\n{boundary}", user.path);
        for part in attached.chain(std::iter::once("")).chain(groups) {
            key.push('\n');
            key.push_str(part);
        }
        let mut all = self.answers.shared.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(all.entry(key).or_default()))
    }

    /// `user` under a name that nobody has, if nothing else tells it from others with its policies.
    fn somebody(&self, user: &User) -> Option<User> {
        let before = user.arn.strip_suffix(&user.name)?;
        let held = self.compiled.of_user(authorization(user).ok()?);
        if tell_users_apart(&held.policies(), &format!("{before}*")) {
            return None;
        }
        Some(User { arn: format!("{before}{SOMEBODY}"), name: SOMEBODY.to_string(), ..user.clone() })
    }

    fn enforcement(&self, user: &User) -> Enforced {
        let authorization = match authorization(user) {
            Ok(authorization) => authorization,
            Err(missing) => return Enforced::unknown(missing),
        };
        let held = self.compiled.of_user(authorization);
        let enforcement = Enforcement::of(&subject(&held, user, authorization));
        match enforcement.is_enforced() {
            Some(is_enforced) => {
                let known = enforcement.holes.iter().map(ToString::to_string).collect();
                Enforced { is_enforced: Ok(is_enforced), holes: Part { known, rest: None } }
            }
            None => Enforced::unknown(unread(&held)),
        }
    }

    fn enrollment(&self, user: &User) -> Result<bool, Missing> {
        let authorization = authorization(user)?;
        let held = self.compiled.of_user(authorization);
        let possible = Enrollment::of(&subject(&held, user, authorization)).is_possible();
        possible.ok_or_else(|| match held.unread() {
            Some(_) => unread(&held),
            None => Missing::because("it depends on conditions that a request may or may not meet"),
        })
    }

    fn escalations(&self, facts: &AccountFacts, at: usize, user: &User) -> Part<String> {
        let authorization = match authorization(user) {
            Ok(authorization) => authorization,
            Err(missing) => return Part { known: Vec::new(), rest: Some(missing) },
        };
        let rest = match self.user_admins.get(at) {
            Some(Ok(true)) => return Part::default(),
            Some(Ok(false)) => None,
            Some(Err(missing)) => Some(missing.clone()),
            None => Some(Missing::because("not among what was read")),
        };
        let destinations = self.answers.destinations.get_or_init(|| self.destinations(facts));
        let shared = self.shared(user);
        let shared = shared.as_ref().and_then(|shared| {
            let answer = shared.escalations.get_or_init(|| {
                let somebody = self.somebody(user)?;
                Some(self.ways(facts, destinations, &somebody, authorization))
            });
            answer.as_ref().map(|ways| ways.named(&user.name))
        });
        let ways = shared.unwrap_or_else(|| self.ways(facts, destinations, user, authorization));
        Part { rest: rest.or(ways.rest), known: ways.known }
    }

    fn ways(
        &self,
        facts: &AccountFacts,
        destinations: &Destinations,
        user: &User,
        authorization: &Authorization,
    ) -> Part<String> {
        let held = self.compiled.of_user(authorization);
        let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice);
        let targets = Targets {
            admin_users: self.admin_users.iter().map(String::as_str).collect(),
            admin_roles: destinations.roles.iter().map(String::as_str).collect(),
            admin_groups: destinations.groups.iter().map(String::as_str).collect(),
            own_groups: groups
                .iter()
                .filter(|group| authorization.groups.contains(&group.name))
                .map(|group| group.arn.as_str())
                .collect(),
            own_policies: held.own_managed().collect(),
        };
        let tags = authorization.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let ways = Escalation::of(&Subject::user(&user.arn, held.readable(), tags), &targets);
        let rest = held.unread().map(|_| unread(&held)).or_else(|| destinations.rest.clone());
        Part { known: ways.iter().map(ToString::to_string).collect(), rest }
    }

    /// What leads further in this account, beside users who are administrators.
    fn destinations(&self, facts: &AccountFacts) -> Destinations {
        let mut rest = self.administrators.rest.clone().or_else(|| rest_of(&facts.roles));
        rest = rest.or_else(|| rest_of(&facts.groups));
        let mut leading = |arn: &String, is_admin: Result<bool, Missing>| match is_admin {
            Ok(is_admin) => is_admin.then(|| arn.clone()),
            Err(missing) => {
                rest = Some(missing);
                None
            }
        };
        let roles = facts.roles.value().map_or(&[] as &[Role], Vec::as_slice).iter().zip(&self.role_admins);
        let roles = roles.filter_map(|(role, is_admin)| leading(&role.arn, is_admin.clone())).collect();
        let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice).iter();
        let groups = groups
            .filter_map(|group| leading(&group.arn, super::told(self.compiled.group_grants_admin(&group.name))))
            .collect();
        Destinations { roles, groups, rest }
    }
}

impl Part<String> {
    /// The same of the user called `name`.
    fn named(&self, name: &str) -> Self {
        let named = |text: &String| text.replace(SOMEBODY, name);
        Self { known: self.known.iter().map(named).collect(), rest: self.rest.clone() }
    }
}

impl Enforced {
    /// The same of the user called `name`: where it is not named, there is one for all.
    fn named(shared: &Arc<Self>, name: &str) -> Arc<Self> {
        if !shared.holes.known.iter().any(|hole| hole.contains(SOMEBODY)) {
            return Arc::clone(shared);
        }
        Arc::new(Self { is_enforced: shared.is_enforced.clone(), holes: shared.holes.named(name) })
    }

    /// Where a policy that was not read decides, also what the others leave open may be denied.
    fn unknown(missing: Missing) -> Self {
        Self { is_enforced: Err(missing.clone()), holes: Part { known: Vec::new(), rest: Some(missing) } }
    }
}

/// What is known of a user's policies, if it is all.
pub(super) fn authorization(user: &User) -> Result<&Authorization, Missing> {
    match &user.authorization {
        Fact::Known { value, .. } => Ok(value),
        Fact::AtLeast { rest, .. } => Err(rest.into()),
        Fact::Unknown(gap) => Err(gap.into()),
    }
}

fn subject<'a>(held: &'a Held<'_>, user: &'a User, authorization: &'a Authorization) -> Subject<'a> {
    let tags = authorization.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
    Subject::user(&user.arn, held.policies(), tags)
}

fn unread(held: &Held<'_>) -> Missing {
    Missing::because(match held.unread() {
        Some(name) => format!("it depends on a policy that could not be read: {name}"),
        None => "it depends on a policy that could not be read".to_owned(),
    })
}
