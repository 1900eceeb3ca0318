//! From bulk answers to users: who exists, and what is known of each before a single call about them. Pure.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::aws::Operation;
use crate::aws::answers::{ListedUser, UserDetail, VirtualDevice};
use crate::model::{Fact, Gap, MfaDevice, MfaKind, Origin, User};

use super::bulk::{Bulk, Dated};
use super::report::{Field, Row};

/// A user as it is being read.
#[derive(Debug)]
pub(super) struct Draft {
    /// What is known so far.
    pub(super) user: User,
    /// Whether the credential report has nothing of the user, so that single calls must tell it.
    pub(super) without_report: bool,
    /// The last console sign-in as another call than the report told it, or why none did.
    pub(super) last_sign_in: Result<Option<Timestamp>, Gap>,
    /// Whether iam:GetLoginProfile was already called.
    pub(super) profile_read: bool,
    /// Whether AWS no longer knows the user.
    pub(super) gone: bool,
}

/// The virtual devices of the account, by owner.
pub(super) struct Devices {
    by_owner: HashMap<String, Vec<MfaDevice>>,
    /// Those of root.
    pub(super) root: Fact<Vec<MfaDevice>>,
    /// Those of nobody.
    pub(super) orphans: Fact<Vec<MfaDevice>>,
    listed: Fact<()>,
}

impl Devices {
    /// Sorts the devices by owner.
    pub(super) fn new(all: &Fact<Vec<VirtualDevice>>, root_arn: &str) -> Self {
        let mut nameless = false;
        let (mut by_owner, mut root, mut orphans) = (HashMap::<String, Vec<MfaDevice>>::new(), Vec::new(), Vec::new());
        for device in all.value().into_iter().flatten() {
            let seen = MfaDevice {
                kind: MfaKind::of_serial(&device.serial),
                serial: device.serial.clone(),
                enabled_at: device.enabled_at,
            };
            match &device.owner_arn {
                Some(owner) if owner == root_arn => root.push(seen),
                Some(owner) => by_owner.entry(owner.clone()).or_default().push(seen),
                None if device.is_assigned() => nameless = true,
                None => orphans.push(seen),
            }
        }
        let mut root = put(all, root);
        if let (true, Fact::Known { value, origin }) = (nameless, &root) {
            // It may be root's.
            let rest = Gap::not_in_answer(&origin.source, "a device is assigned, but the answer does not say to whom");
            root = Fact::AtLeast { value: value.clone(), origin: origin.clone(), rest };
        }
        Self { by_owner, root, orphans: put(all, orphans), listed: put(all, ()) }
    }

    /// What is known of the devices of `arn`: at least the virtual ones. Passkeys and tokens are in no list of the
    /// whole account, so that only iam:ListMFADevices tells all.
    fn of(&self, arn: &str) -> Fact<Vec<MfaDevice>> {
        let rest = Gap::not_asked(Operation::ListMfaDevices.name());
        match self.listed.origin() {
            Some(origin) => Fact::AtLeast {
                value: self.by_owner.get(arn).cloned().unwrap_or_default(),
                origin: origin.clone(),
                rest,
            },
            None => Fact::Unknown(rest),
        }
    }
}

/// `value` with the provenance of `fact`.
fn put<T, U>(fact: &Fact<T>, value: U) -> Fact<U> {
    match fact {
        Fact::Known { origin, .. } => Fact::known(value, origin.clone()),
        Fact::AtLeast { origin, rest, .. } => Fact::AtLeast { value, origin: origin.clone(), rest: rest.clone() },
        Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
    }
}

/// Drafts of `details`' users.
pub(super) fn from_details(users: Vec<UserDetail>, as_of: &Origin, bulk: &Bulk, devices: &Devices) -> Vec<Draft> {
    let draft = |detail: UserDetail| {
        let authorization = Fact::known(detail.authorization, as_of.clone());
        let user = blank(detail.arn, detail.name, detail.path, detail.id, detail.created, authorization, devices);
        with_report(user, bulk.report.as_ref().ok())
    };
    distinct(users, |user| &user.arn).into_iter().map(draft).collect()
}

/// `users`, each once: an answer that comes in pages while the account changes may name one twice.
pub(super) fn distinct<T>(users: Vec<T>, arn: impl Fn(&T) -> &String) -> Vec<T> {
    let mut seen = HashSet::new();
    users.into_iter().filter(|user| seen.insert(arn(user).clone())).collect()
}

/// Drafts of users of whom only the names could be listed, because the authorization details left `gap`.
pub(super) fn from_list(users: Vec<ListedUser>, gap: &Gap, bulk: &Bulk, devices: &Devices) -> Vec<Draft> {
    let draft = |listed: ListedUser| {
        let authorization = Fact::Unknown(gap.clone());
        let user = blank(listed.arn, listed.name, listed.path, listed.id, listed.created, authorization, devices);
        Draft { last_sign_in: Ok(listed.password_last_used), ..with_report(user, bulk.report.as_ref().ok()) }
    };
    distinct(users, |user| &user.arn).into_iter().map(draft).collect()
}

fn blank(
    arn: String,
    name: String,
    path: String,
    id: String,
    created: Option<Timestamp>,
    authorization: Fact<crate::model::Authorization>,
    devices: &Devices,
) -> User {
    User {
        mfa_devices: devices.of(&arn),
        arn,
        name,
        path,
        id: Some(id).filter(|id| !id.is_empty()),
        created,
        console_access: Fact::Unknown(Gap::not_asked(Operation::GetLoginProfile.name())),
        password: Fact::Unknown(Gap::not_asked(Operation::GetUser.name())),
        access_keys: Fact::Unknown(Gap::not_asked(Operation::ListAccessKeys.name())),
        signing_certificates: Fact::Unknown(Gap::not_asked(Operation::ListSigningCertificates.name())),
        authorization,
    }
}

/// Adds what the credential report says of the user, if it speaks of this user and not of an earlier one of that name.
fn with_report(mut user: User, dated: Option<&Dated>) -> Draft {
    let row = dated.and_then(|dated| Some((dated, dated.report.users.get(&user.arn)?)));
    let row = row.filter(|(_, row)| same_moment(row.created, user.created));
    let without_report = row.is_none();
    if let Some((dated, row)) = row {
        let origin = Origin::new(Operation::GetCredentialReport.name(), dated.generated_at);
        user.console_access = told(row.password_enabled.clone().and_then(known), &origin);
        user.password = told(row.password.clone(), &origin);
        user.access_keys = keys(row, &origin);
        user.signing_certificates = told(certificates(row), &origin);
    }
    let last_sign_in = Err(Gap::not_asked(Operation::GetUser.name()));
    Draft { user, without_report, last_sign_in, profile_read: false, gone: false }
}

fn known(enabled: Option<bool>) -> Field<bool> {
    enabled.ok_or_else(|| "the credential report does not say".to_owned())
}

fn told<T>(field: Field<T>, origin: &Origin) -> Fact<T> {
    match field {
        Ok(value) => Fact::known(value, origin.clone()),
        Err(reason) => Fact::Unknown(Gap::not_in_answer(&origin.source, &reason)),
    }
}

/// The report has room for two certificates; where there is more of something, it does not say of what.
fn certificates(row: &Row) -> Field<u32> {
    if row.has_more {
        return Err("the credential report shows two certificates and names more credentials".to_owned());
    }
    row.certificates.clone()
}

fn keys(row: &Row, origin: &Origin) -> Fact<Vec<crate::model::AccessKey>> {
    match told(row.access_keys.clone(), origin) {
        Fact::Known { value, origin } if row.has_more => {
            let reason = "the credential report shows two keys of more";
            let rest = Gap::not_in_answer(Operation::ListAccessKeys.name(), reason);
            Fact::AtLeast { value, origin, rest }
        }
        fact => fact,
    }
}

/// A user of the same name who was created at another time is another user.
fn same_moment(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.duration_since(other).abs() <= jiff::SignedDuration::from_secs(2),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(owner: Option<&str>, enabled: bool) -> VirtualDevice {
        VirtualDevice {
            serial: "arn:aws:iam::111122223333:mfa/x".to_owned(),
            owner_arn: owner.map(str::to_owned),
            owner_name: None,
            enabled_at: enabled.then_some(Timestamp::UNIX_EPOCH),
        }
    }

    fn devices(all: Vec<VirtualDevice>) -> Devices {
        let origin = Origin::new("iam:ListVirtualMFADevices", Timestamp::UNIX_EPOCH);
        Devices::new(&Fact::known(all, origin), "arn:aws:iam::111122223333:root")
    }

    #[test]
    fn a_device_of_somebody_unnamed_leaves_roots_list_open() {
        let nameless = devices(vec![listed(None, true)]);
        assert!(matches!(&nameless.root, Fact::AtLeast { value, .. } if value.is_empty()));
        assert_eq!(nameless.orphans.complete().map(Vec::len), Some(0), "it belongs to somebody");
        let orphan = devices(vec![listed(None, false)]);
        assert_eq!((orphan.root.complete().map(Vec::len), orphan.orphans.complete().map(Vec::len)), (Some(0), Some(1)));
        let of_root = devices(vec![listed(Some("arn:aws:iam::111122223333:root"), true)]);
        assert_eq!(of_root.root.complete().map(Vec::len), Some(1));
    }
}
