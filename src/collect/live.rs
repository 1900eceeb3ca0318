//! Calls about single users: only where the bulk answers cannot tell, or may be stale and matter.

use std::sync::Mutex;
use std::vec::IntoIter;

use crate::aws::answers::{AccessKeyMetadata, KeyUse, LoginProfile};
use crate::aws::{AwsError, ErrorKind, Operation, Reader};
use crate::clock;
use crate::evaluate::{Demand, Wanted};
use crate::model::{AccessKey, Fact, Origin, Password, Target};
use crate::rules::subject::AccountView;

use super::failures::Failures;
use super::users::Draft;

/// Facts that need the access keys of a user.
const KEYS: &[&str] = &["access_keys", "active_access_keys"];
/// Facts that need the last sign-in of a user.
pub(super) const SIGN_IN: &[&str] = &["password_last_used", "password_unused_since"];

/// What reading a user needs to know.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    /// The account's reader.
    pub(super) reader: &'c Reader,
    /// Where failures are kept.
    pub(super) failures: &'c Failures,
    /// What the rules need.
    pub(super) demand: Demand<'c>,
    /// The account, its policies worked out.
    pub(super) view: AccountView<'c>,
    /// Whether the credential report was made before this scan began.
    pub(super) report_is_cached: bool,
}

/// The users after their reading, in their order.
#[derive(Debug)]
pub(super) struct Settled {
    /// Those who were there.
    pub(super) here: Vec<Draft>,
    /// Those whom AWS answered not to know.
    pub(super) gone: Vec<Draft>,
}

/// Reads what is wanted of each user, three at a time: IAM throttles each account by itself.
pub(super) async fn settle(context: Context<'_>, drafts: Vec<Draft>) -> Settled {
    let queue = Mutex::new(drafts.into_iter().enumerate().collect::<Vec<_>>().into_iter());
    let (one, two, three) = tokio::join!(lane(context, &queue), lane(context, &queue), lane(context, &queue));
    let mut settled: Vec<(usize, Draft)> = one.into_iter().chain(two).chain(three).collect();
    settled.sort_by_key(|(at, _)| *at);
    let (gone, here) = settled.into_iter().map(|(_, draft)| draft).partition(|draft| draft.gone);
    Settled { here, gone }
}

async fn lane(context: Context<'_>, queue: &Mutex<IntoIter<(usize, Draft)>>) -> Vec<(usize, Draft)> {
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let mut done = Vec::new();
    while let Some((at, mut draft)) = next() {
        context.user(at, &mut draft).await;
        done.push((at, draft));
    }
    done
}

impl Context<'_> {
    async fn user(self, at: usize, draft: &mut Draft) {
        if draft.without_report {
            self.replace_report(draft).await;
        }
        if !draft.without_report && self.needs(KEYS) && matches!(draft.user.access_keys, Fact::AtLeast { .. }) {
            // The report has room for two keys; this user has more.
            self.access_keys(draft).await;
        }
        let mut asked = Wanted::default();
        // Devices first, then the password of whoever would fail: each is asked for at most once.
        for _ in 0..3 {
            let wanted = self.demand.about(self.view, at, &draft.user);
            let devices = wanted.mfa_devices && !asked.mfa_devices;
            let profile = (wanted.login_profile || self.may_be_stale(draft)) && !draft.profile_read;
            if draft.gone || !(devices || profile) {
                break;
            }
            if devices {
                asked.mfa_devices = true;
                self.devices(draft).await;
            } else {
                self.profile(draft).await;
            }
        }
    }

    /// A password that was set after the report was made is in no bulk answer, and neither is one of which the report
    /// says something that nobody knows. Only who has no device is at risk of passing for a user without console.
    fn may_be_stale(self, draft: &Draft) -> bool {
        let is_open = match draft.user.console_access.value() {
            Some(console_access) => !console_access && self.report_is_cached,
            None => true,
        };
        is_open
            && !draft.without_report
            && draft.user.mfa_devices.value().is_none_or(Vec::is_empty)
            && self.demand.reads(Target::User, "console_access")
    }

    async fn devices(self, draft: &mut Draft) {
        let operation = Operation::ListMfaDevices;
        let answer = self.reader.mfa_devices(&draft.user.name).await;
        if let Some(answer) = present(answer, draft) {
            draft.user.mfa_devices =
                match (self.failures.fact(operation, answer, clock::now()), &draft.user.mfa_devices) {
                    // What the list of virtual devices showed stays known.
                    (Fact::Unknown(rest), Fact::AtLeast { value, origin, .. }) if !value.is_empty() => {
                        Fact::AtLeast { value: value.clone(), origin: origin.clone(), rest }
                    }
                    (fact, _) => fact,
                };
        }
    }

    /// Reads the password live. If that fails, a password that the report showed stands; that there is none does not.
    async fn profile(self, draft: &mut Draft) {
        draft.profile_read = true;
        let operation = Operation::GetLoginProfile;
        let answer = self.reader.login_profile(&draft.user.name).await;
        match self.failures.fact(operation, answer, clock::now()) {
            Fact::Unknown(gap) => {
                if draft.user.console_access.value() != Some(&true) {
                    draft.user.console_access = Fact::Unknown(gap);
                }
            }
            Fact::Known { value: profile, origin } | Fact::AtLeast { value: profile, origin, .. } => {
                let had_none = draft.user.console_access.value() != Some(&true);
                // Where the keys are read, or the user was, that tells a user without a password from no user.
                let is_told = had_none && (!draft.without_report || self.needs(KEYS) || draft.last_sign_in.is_ok());
                if profile.is_none() && !is_told && !self.is_there(draft).await {
                    return;
                }
                draft.user.console_access = Fact::known(profile.is_some(), origin.clone());
                if let Some(profile) = profile.as_ref().filter(|_| had_none) {
                    draft.user.password = password(draft, profile, origin);
                }
            }
        }
    }

    /// Whether the user still exists: AWS answers alike to a user without a password and to no user.
    async fn is_there(self, draft: &mut Draft) -> bool {
        match self.reader.get_user(&draft.user.name).await {
            Ok(user) => draft.gone = user.is_none(),
            Err(error) => {
                draft.user.console_access = Fact::Unknown(self.failures.note(Operation::GetUser, &error));
                return false;
            }
        }
        !draft.gone
    }

    /// Everything that the credential report would have told.
    async fn replace_report(self, draft: &mut Draft) {
        if self.needs(SIGN_IN) && draft.last_sign_in.is_err() {
            match self.reader.get_user(&draft.user.name).await {
                Ok(Some(user)) => draft.last_sign_in = Ok(user.password_last_used),
                Ok(None) => draft.gone = true,
                Err(error) => draft.last_sign_in = Err(self.failures.note(Operation::GetUser, &error)),
            }
        }
        if draft.gone {
            return;
        }
        self.profile(draft).await;
        if self.needs(KEYS) {
            self.access_keys(draft).await;
        }
        if self.needs(&["active_signing_certificates"]) {
            let answer = self.reader.signing_certificates(&draft.user.name).await;
            if let Some(answer) = present(answer, draft) {
                let operation = Operation::ListSigningCertificates;
                draft.user.signing_certificates = self.failures.fact(operation, answer, clock::now());
            }
        }
    }

    fn needs(self, facts: &[&str]) -> bool {
        facts.iter().any(|fact| self.demand.reads(Target::User, fact))
    }

    async fn access_keys(self, draft: &mut Draft) {
        let answer = self.reader.access_keys(&draft.user.name).await;
        let Some(answer) = present(answer, draft) else { return };
        let as_of = clock::now();
        let keys = match answer {
            Ok(keys) => {
                self.uses(keys).await.map_err(|error| self.failures.note(Operation::GetAccessKeyLastUsed, &error))
            }
            Err(error) => Err(self.failures.note(Operation::ListAccessKeys, &error)),
        };
        draft.user.access_keys = match keys {
            Ok(keys) => Fact::known(keys, Origin::new(Operation::ListAccessKeys.name(), as_of)),
            Err(gap) => Fact::Unknown(gap),
        };
    }

    async fn uses(self, keys: Vec<AccessKeyMetadata>) -> Result<Vec<AccessKey>, AwsError> {
        let mut read = Vec::with_capacity(keys.len());
        for key in keys {
            let KeyUse { last_used, service, region } = self.reader.access_key_last_used(&key.id).await?;
            read.push(AccessKey {
                id: Some(key.id),
                active: key.active,
                created: key.created,
                last_used,
                last_used_service: service,
                last_used_region: region,
            });
        }
        Ok(read)
    }
}

/// IAM tells when a password was created, not when it last changed: who never used it counts from its creation. A
/// password that the report of the last four hours did not know was hardly used.
fn password(draft: &Draft, profile: &LoginProfile, origin: Origin) -> Fact<Password> {
    let last_used = match &draft.last_sign_in {
        Ok(last_used) => *last_used,
        Err(_) if !draft.without_report => None,
        Err(gap) => return Fact::Unknown(gap.clone()),
    };
    Fact::known(Password { last_used, last_changed: profile.created, next_rotation: None }, origin)
}

/// An answer, unless it says that the user is gone.
fn present<T>(answer: Result<T, AwsError>, draft: &mut Draft) -> Option<Result<T, AwsError>> {
    draft.gone |= matches!(&answer, Err(error) if error.kind() == ErrorKind::NotFound);
    (!draft.gone).then_some(answer)
}
