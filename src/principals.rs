//! The policies that apply to each principal of an account: what was read, compiled for the evaluator.
//!
//! Policies that principals share are compiled once for the account. A policy that applies and could not be read is held
//! as one that may allow or deny anything.

use std::collections::HashMap;

use crate::iam::questions::{AdminGrants, AdminProbes, Administrator, Subject};
use crate::iam::{Document, Policies, Policy};
use crate::model::{AccountFacts, AttachedPolicy, Authorization, Group, InlinePolicy, ManagedPolicy, Role};

/// The compiled policies of an account.
#[derive(Debug, Default)]
pub struct AccountPolicies {
    probes: AdminProbes,
    managed: HashMap<String, Compiled>,
    groups: HashMap<String, GroupPolicies>,
}

/// The policies that apply to one principal.
#[derive(Debug)]
pub struct Held<'a> {
    shared: Vec<&'a Compiled>,
    own: Vec<Compiled>,
    boundary: Option<Boundary<'a>>,
}

/// A policy, and what it grants to whoever holds it.
#[derive(Debug)]
struct Compiled {
    policy: Policy,
    grants: AdminGrants,
    /// Whether it has to be asked again for each principal.
    personal: bool,
}

#[derive(Debug)]
struct GroupPolicies {
    inline: Vec<Compiled>,
    attached: Vec<String>,
}

#[derive(Debug)]
enum Boundary<'a> {
    Shared(&'a Compiled),
    Missing(Box<Compiled>),
}

impl AccountPolicies {
    /// Compiles the policies of an account; `documents` are those of its managed policies, in their order, parsed, or
    /// why they could not be.
    #[must_use]
    pub fn new(facts: &AccountFacts, documents: &[Result<Document, String>]) -> Self {
        let probes = AdminProbes::of_account(facts.account.partition.as_str(), &facts.account.id);
        let managed = facts.policies.value().map_or(&[] as &[ManagedPolicy], Vec::as_slice);
        let managed = managed.iter().zip(documents).map(|(policy, document)| {
            (policy.arn.clone(), Compiled::of(&policy.arn, document.as_ref().map_err(String::as_str), &probes))
        });
        let managed = managed.collect();
        let groups = facts.groups.value().map_or(&[] as &[Group], Vec::as_slice);
        let groups = groups.iter().map(|group| {
            let inline = compile_inline(&format!("group {}", group.name), &group.inline_policies, &probes);
            let attached = group.attached_policies.iter().map(|policy| policy.arn.clone()).collect();
            (group.name.clone(), GroupPolicies { inline, attached })
        });
        let groups = groups.collect();
        Self { probes, managed, groups }
    }

    /// Compiles the policies of an account.
    #[must_use]
    pub fn of(facts: &AccountFacts) -> Self {
        let managed = facts.policies.value().into_iter().flatten();
        let documents: Vec<_> = managed.map(|policy| parse(policy.document.as_deref())).collect();
        Self::new(facts, &documents)
    }

    /// The policies of a user: its own, attached ones, and those of its groups.
    #[must_use]
    pub fn of_user(&self, authorization: &Authorization) -> Held<'_> {
        let mut held = self.of_principal(
            "user",
            &authorization.attached_policies,
            &authorization.inline_policies,
            authorization.permissions_boundary.as_deref(),
        );
        for name in &authorization.groups {
            match self.groups.get(name) {
                Some(group) => {
                    held.shared.extend(&group.inline);
                    for arn in &group.attached {
                        self.attach(&mut held, arn);
                    }
                }
                None => held.own.push(self.missing(&format!("group {name}"), "the group is not among what was read")),
            }
        }
        held
    }

    /// The policies of a role.
    #[must_use]
    pub fn of_role(&self, role: &Role) -> Held<'_> {
        self.of_principal("role", &role.attached_policies, &role.inline_policies, role.permissions_boundary.as_deref())
    }

    /// Whether the group called `name` alone makes administrators of its members.
    #[must_use]
    pub fn group_grants_admin(&self, name: &str) -> Administrator {
        let Some(group) = self.groups.get(name) else { return AdminGrants::UNREAD.verdict(None) };
        let attached = group.attached.iter().map(|arn| self.managed.get(arn));
        let grants = attached.chain(group.inline.iter().map(Some));
        grants
            .map(|compiled| compiled.map_or(AdminGrants::UNREAD, |compiled| compiled.grants))
            .fold(AdminGrants::default(), AdminGrants::join)
            .verdict(None)
    }

    /// Whether the managed policy `arn` alone makes an administrator of whoever holds it.
    #[must_use]
    pub fn grants_admin(&self, arn: &str) -> Administrator {
        self.managed.get(arn).map_or(AdminGrants::UNREAD, |compiled| compiled.grants).verdict(None)
    }

    fn of_principal(
        &self,
        kind: &str,
        attached: &[AttachedPolicy],
        inline: &[InlinePolicy],
        boundary: Option<&str>,
    ) -> Held<'_> {
        let boundary = boundary.map(|arn| match self.managed.get(arn) {
            Some(compiled) => Boundary::Shared(compiled),
            None => Boundary::Missing(Box::new(self.missing(arn, NOT_READ))),
        });
        let own = compile_inline(kind, inline, &self.probes);
        let mut held = Held { shared: Vec::new(), own, boundary };
        for policy in attached {
            self.attach(&mut held, &policy.arn);
        }
        held
    }

    fn attach<'a>(&'a self, held: &mut Held<'a>, arn: &str) {
        match self.managed.get(arn) {
            Some(compiled) => held.shared.push(compiled),
            None => held.own.push(self.missing(arn, NOT_READ)),
        }
    }

    fn missing(&self, name: &str, reason: &str) -> Compiled {
        Compiled::of(name, Err(reason), &self.probes)
    }
}

impl Held<'_> {
    /// The policies, for the evaluator. Service control policies are not among them: a scan does not read them.
    #[must_use]
    pub fn policies(&self) -> Policies<'_> {
        Policies {
            identity: self.all().map(|compiled| &compiled.policy).collect(),
            boundary: self.bound().map(|compiled| &compiled.policy),
            scps: Vec::new(),
        }
    }

    /// Those of them that could be read.
    #[must_use]
    pub fn readable(&self) -> Policies<'_> {
        let mut policies = self.policies();
        policies.identity.retain(|policy| !policy.is_unreadable());
        policies.boundary = policies.boundary.filter(|boundary| !boundary.is_unreadable());
        policies
    }

    /// The name of the first of them that could not be read, if there is one.
    #[must_use]
    pub fn unread(&self) -> Option<&str> {
        let mut all = self.all().chain(self.bound()).map(|compiled| &compiled.policy);
        all.find(|policy| policy.is_unreadable()).map(Policy::name)
    }

    /// ARNs of the managed policies among them that are not AWS's own; the boundary is not counted.
    pub fn own_managed(&self) -> impl Iterator<Item = &str> {
        let names = self.shared.iter().map(|compiled| compiled.policy.name());
        names.filter(|name| name.starts_with("arn:") && name.split(':').nth(4) != Some("aws"))
    }

    /// Whether the user `arn`, who holds them, is an administrator; `tags` are the user's.
    #[must_use]
    pub fn administrator<'s>(
        &'s self,
        arn: &'s str,
        tags: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Administrator {
        if self.all().chain(self.bound()).any(|compiled| compiled.personal) {
            let subject = Subject::user(arn, self.policies(), tags);
            return AdminProbes::of_principal(&subject).verdict(subject.policies());
        }
        let identity = self.all().map(|compiled| compiled.grants).fold(AdminGrants::default(), AdminGrants::join);
        identity.verdict(self.bound().map(|compiled| compiled.grants))
    }

    fn all(&self) -> impl Iterator<Item = &Compiled> {
        self.shared.iter().copied().chain(&self.own)
    }

    fn bound(&self) -> Option<&Compiled> {
        self.boundary.as_ref().map(|boundary| match boundary {
            Boundary::Shared(compiled) => *compiled,
            Boundary::Missing(compiled) => compiled,
        })
    }
}

const NOT_READ: &str = "its document was not read";

impl Compiled {
    fn of(name: &str, document: Result<&Document, &str>, probes: &AdminProbes) -> Self {
        let policy = match document {
            Ok(document) => Policy::new(name, document),
            Err(reason) => Policy::unreadable(name, reason),
        };
        Self { grants: probes.ask(&policy), personal: policy.depends_on_principal(), policy }
    }
}

fn compile_inline(holder: &str, policies: &[InlinePolicy], probes: &AdminProbes) -> Vec<Compiled> {
    let compile = |policy: &InlinePolicy| {
        let document = parse(Some(&policy.document));
        let name = format!("{holder} inline {}", policy.name);
        Compiled::of(&name, document.as_ref().map_err(String::as_str), probes)
    };
    policies.iter().map(compile).collect()
}

/// Parses the document of a policy, if there is one, or says why it cannot be read.
///
/// # Errors
///
/// Why, for people.
pub fn parse(text: Option<&str>) -> Result<Document, String> {
    let text = text.ok_or("AWS sent no policy document")?;
    Document::parse(text).map_err(|error| format!("the policy document is malformed: {error}"))
}
