//! What is there already: everything that the plan rests on, read before anything is written.

use std::collections::BTreeMap;

use crate::aws::answers::{ListedGroup, LoginProfile, UserAnswer};
use crate::aws::{AwsError, Hub, Reader, ScpReader};
use crate::enforce::guard::{Guards, same};
use crate::enforce::site::{self, Site};
use crate::iam::guard::Variant;
use crate::model::untrusted::Untrusted;
use crate::model::{Account, AttachedPolicy, Authorization, Group, InlinePolicy, ManagedPolicy, PasswordPolicy};

use super::wish::{Wish, once};

/// What AWS says where a quota is not in the account's summary.
const QUOTA: i64 = 10;

/// What is there already.
#[derive(Debug, Clone)]
pub struct Found {
    /// The account.
    pub account: Account,
    /// ARN of the caller.
    pub caller: String,
    /// The account's alias, if it has one that may be read.
    pub alias: Option<String>,
    /// The user, if there is one of that name.
    pub user: Option<Existing>,
    /// What the guard's ARN stands for.
    pub guard: GuardPolicy,
    /// The groups that were asked for and are there.
    pub groups: Vec<ListedGroup>,
    /// What was asked for and is not there, for people.
    pub missing: Vec<String>,
    /// The account's password policy.
    pub password_policy: PasswordPolicy,
    /// How many managed policies may be attached to a user.
    pub attached_quota: i64,
    /// In how many groups a user may be.
    pub groups_quota: i64,
    /// Why the service control policies are not known, if they are not.
    pub scps_unread: Option<String>,
    /// Why the user could not enroll a device, or the guard would not do what it should.
    pub objection: Option<String>,
}

/// A user who is there already.
#[derive(Debug, Clone)]
pub struct Existing {
    /// The user, its tags and boundary.
    pub user: UserAnswer,
    /// ARNs of the managed policies attached to it.
    pub attached: Vec<String>,
    /// The names of its groups.
    pub groups: Vec<String>,
    /// Its policies of its own.
    pub inline: Vec<InlinePolicy>,
    /// Its password, if it has one.
    pub login: Option<LoginProfile>,
    /// How many access keys of it can sign.
    pub active_keys: usize,
}

/// What the guard's ARN stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardPolicy {
    /// Nothing.
    Absent,
    /// A policy with our document.
    Intact,
    /// A policy with another document.
    Drifted,
}

/// Why the account could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// AWS refused, or gave no answer.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// It could not be read well enough.
    #[error("{0}")]
    Other(String),
}

impl Found {
    /// The ARN that the user has, or will have.
    #[must_use]
    pub fn user_arn(&self, wish: &Wish) -> String {
        match &self.user {
            Some(existing) => existing.user.user.arn.clone(),
            None => self.account.partition.iam_arn(&self.account.id, &format!("user{}{}", wish.path, wish.user)),
        }
    }

    /// The ARN of the guard.
    #[must_use]
    pub fn guard_arn(&self, variant: Variant) -> String {
        variant.arn(self.account.partition.as_str(), &self.account.id)
    }
}

/// Reads what the plan rests on. Beside it the account as it is changed.
///
/// # Errors
///
/// If something could not be read that the plan needs.
pub async fn read(hub: &Hub, wish: &Wish, guards: Guards) -> Result<(Found, Site), Unread> {
    let reader = hub.own();
    let user = existing(&reader, &wish.user).await?;
    let guard_arn = wish.guard.arn(reader.account().partition.as_str(), &reader.account().id);
    let mut shelf = Shelf::default();
    let mut groups = Vec::new();
    for name in &wish.groups {
        groups.extend(shelf.group(&reader, name).await?);
    }
    for name in user.iter().flat_map(|user| &user.groups) {
        shelf.group(&reader, name).await?;
    }
    let held = user.iter().flat_map(|user| &user.attached);
    let boundary = user.as_ref().and_then(|user| user.user.permissions_boundary.as_ref());
    for arn in wish.policies.iter().chain(held).chain(&wish.boundary).chain(boundary) {
        // The guard is what is asked about.
        if *arn != guard_arn {
            shelf.policy(&reader, arn).await?;
        }
    }
    let (scps, scps_unread) =
        site::scps(&ScpReader::new(hub.clone()), &reader.account().id).await.map_err(Unread::Other)?;
    let summary = reader.account_summary().await.unwrap_or_default();
    let quota = |name: &str| summary.get(name).copied().unwrap_or(QUOTA);
    let mut found = Found {
        account: reader.account().clone(),
        caller: hub.caller().arn.clone(),
        alias: reader.account_aliases().await.unwrap_or_default().into_iter().next(),
        guard: look(&reader, &guards, wish.guard).await?,
        groups,
        missing: std::mem::take(&mut shelf.missing),
        password_policy: reader.password_policy().await?,
        attached_quota: quota("AttachedPoliciesPerUserQuota"),
        groups_quota: quota("GroupsPerUserQuota"),
        scps_unread,
        objection: None,
        user,
    };
    let site = Site::of_one((reader, hub.own_writer()), guards, scps, (shelf.groups(), shelf.policies()));
    found.objection = site.disproof(&found.user_arn(wish), &rights(wish, &found), wish.guard);
    Ok((found, site))
}

/// What the guard's ARN stands for.
///
/// # Errors
///
/// If it cannot be read.
pub async fn look(reader: &Reader, guards: &Guards, variant: Variant) -> Result<GuardPolicy, AwsError> {
    let partition = reader.account().partition.as_str();
    let arn = variant.arn(partition, &reader.account().id);
    let Some(policy) = reader.policy(&arn).await? else { return Ok(GuardPolicy::Absent) };
    let Some(document) = reader.policy_document(&arn, &policy.default_version).await? else {
        return Ok(GuardPolicy::Absent);
    };
    let is_ours = guards.document(variant, partition).is_ok_and(|expected| same(&document, &expected));
    Ok(if is_ours { GuardPolicy::Intact } else { GuardPolicy::Drifted })
}

async fn existing(reader: &Reader, name: &str) -> Result<Option<Existing>, AwsError> {
    let Some(user) = reader.user(name).await? else { return Ok(None) };
    let mut inline = Vec::new();
    for policy in reader.user_policy_names(name).await? {
        if let Some(document) = reader.user_policy(name, &policy).await? {
            inline.push(InlinePolicy { name: policy, document });
        }
    }
    Ok(Some(Existing {
        attached: reader.attached_user_policies(name).await?.into_iter().map(|policy| policy.arn).collect(),
        groups: reader.groups_of(name).await?.into_iter().map(|group| group.name).collect(),
        login: reader.login_profile(name).await?,
        active_keys: reader.access_keys(name).await?.iter().filter(|key| key.active).count(),
        inline,
        user,
    }))
}

/// The rights that the user will have, without the guard.
fn rights(wish: &Wish, found: &Found) -> Authorization {
    let guard = found.guard_arn(wish.guard);
    let user = found.user.as_ref();
    let held = |names: Option<&Vec<String>>| names.cloned().unwrap_or_default();
    let wanted = found.groups.iter().map(|group| group.name.clone()).collect();
    let groups = once(&[held(user.map(|user| &user.groups)), wanted].concat());
    let mut attached = once(&[held(user.map(|user| &user.attached)), wish.policies.clone()].concat());
    attached.retain(|arn| *arn != guard);
    Authorization {
        groups,
        attached_policies: attached.into_iter().map(|arn| AttachedPolicy { name: String::new(), arn }).collect(),
        inline_policies: user.map(|user| user.inline.clone()).unwrap_or_default(),
        permissions_boundary: wish.boundary.clone(),
        tags: wish.tags.clone(),
    }
}

/// Groups and policies that were read, each once.
#[derive(Default)]
struct Shelf {
    groups: BTreeMap<String, Option<(ListedGroup, Group)>>,
    policies: BTreeMap<String, Option<ManagedPolicy>>,
    missing: Vec<String>,
}

impl Shelf {
    fn groups(&self) -> Vec<Group> {
        self.groups.values().flatten().map(|(_, group)| group.clone()).collect()
    }

    fn policies(&self) -> Vec<ManagedPolicy> {
        self.policies.values().flatten().cloned().collect()
    }

    /// Reads a group with its policies; what it is called and where it is, if it is there.
    async fn group(&mut self, reader: &Reader, name: &str) -> Result<Option<ListedGroup>, AwsError> {
        if !self.groups.contains_key(name) {
            let read = Box::pin(self.read_group(reader, name)).await?;
            if read.is_none() {
                self.missing.push(format!("the group {}", Untrusted(name)));
            }
            self.groups.insert(name.to_owned(), read);
        }
        Ok(self.groups.get(name).and_then(|read| read.as_ref()).map(|(listed, _)| listed.clone()))
    }

    async fn read_group(&mut self, reader: &Reader, name: &str) -> Result<Option<(ListedGroup, Group)>, AwsError> {
        let Some(answer) = reader.group(name).await? else { return Ok(None) };
        let attached = reader.attached_group_policies(name).await?;
        let mut inline = Vec::new();
        for policy in reader.group_policy_names(name).await? {
            if let Some(document) = reader.group_policy(name, &policy).await? {
                inline.push(InlinePolicy { name: policy, document });
            }
        }
        for policy in &attached {
            self.policy(reader, &policy.arn).await?;
        }
        let listed = answer.group;
        let group = Group {
            arn: listed.arn.clone(),
            name: listed.name.clone(),
            path: listed.path.clone(),
            created: None,
            attached_policies: attached,
            inline_policies: inline,
        };
        Ok(Some((listed, group)))
    }

    async fn policy(&mut self, reader: &Reader, arn: &str) -> Result<(), AwsError> {
        if self.policies.contains_key(arn) {
            return Ok(());
        }
        let read = if let Some(policy) = reader.policy(arn).await? {
            let document = reader.policy_document(arn, &policy.default_version).await?;
            Some(ManagedPolicy {
                arn: arn.to_owned(),
                name: policy.name,
                path: policy.path,
                default_version: policy.default_version,
                versions: 1,
                attachments: policy.attachments.unwrap_or_default(),
                boundaries: 0,
                created: None,
                updated: None,
                document,
            })
        } else {
            self.missing.push(format!("the policy {}", Untrusted(arn)));
            None
        };
        self.policies.insert(arn.to_owned(), read);
        Ok(())
    }
}
