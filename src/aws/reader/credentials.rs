//! What one user signs in with.

use aws_sdk_iam::types::{MfaDevice as SdkDevice, StatusType};

use super::whole::listed_user;
use super::{Reader, optional};
use crate::aws::answers::{AccessKeyMetadata, KeyUse, ListedUser, LoginProfile, ServiceCredential};
use crate::aws::convert::{filled, time};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::model::{MfaDevice, MfaKind};

impl Reader {
    /// The MFA devices of a user, of every kind (`iam:ListMFADevices`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a device has no serial number or is another user's: then nothing was seen.
    pub async fn mfa_devices(&self, user_name: &str) -> Result<Vec<MfaDevice>, AwsError> {
        self.list_devices(Some(user_name)).await
    }

    /// The MFA devices of whoever signs the call, of every kind: for root the only way (`iam:ListMFADevices`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a device has no serial number: then nothing was seen.
    pub async fn own_mfa_devices(&self) -> Result<Vec<MfaDevice>, AwsError> {
        self.list_devices(None).await
    }

    async fn list_devices(&self, user_name: Option<&str>) -> Result<Vec<MfaDevice>, AwsError> {
        let mut devices = Vec::new();
        let mut strange = None;
        let call = self.iam.list_mfa_devices().set_user_name(user_name.map(str::to_owned));
        let pages = call.into_paginator().send();
        self.pages(Operation::ListMfaDevices, pages, |page| {
            for device in page.mfa_devices {
                if device.serial_number.is_empty() {
                    strange = Some("serial number of a device");
                } else if user_name.is_some_and(|name| !device.user_name.is_empty() && device.user_name != name) {
                    strange = Some("device of this user");
                }
                devices.push(mfa_device(device));
            }
            page.is_truncated
        })
        .await?;
        match strange {
            Some(what) => Err(self.incomplete(Operation::ListMfaDevices, what)),
            None => Ok(devices),
        }
    }

    /// The console password of a user; `None` without one, or without such a user (`iam:GetLoginProfile`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no login profile.
    pub async fn login_profile(&self, user_name: &str) -> Result<Option<LoginProfile>, AwsError> {
        let operation = Operation::GetLoginProfile;
        let sent = self.iam.get_login_profile().user_name(user_name).send();
        let Some(answer) = optional(self.answer(operation, sent).await)? else { return Ok(None) };
        let profile = answer.login_profile.ok_or_else(|| self.incomplete(operation, "login profile"))?;
        Ok(Some(LoginProfile { created: time(&profile.create_date), reset_required: profile.password_reset_required }))
    }

    /// The access keys of a user (`iam:ListAccessKeys`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a key has no id.
    pub async fn access_keys(&self, user_name: &str) -> Result<Vec<AccessKeyMetadata>, AwsError> {
        let mut keys = Vec::new();
        let pages = self.iam.list_access_keys().user_name(user_name).into_paginator().send();
        self.pages(Operation::ListAccessKeys, pages, |page| {
            keys.extend(page.access_key_metadata.into_iter().map(|key| {
                Some(AccessKeyMetadata {
                    id: key.access_key_id?,
                    active: key.status? == StatusType::Active,
                    created: key.create_date.as_ref().and_then(time),
                })
            }));
            page.is_truncated
        })
        .await?;
        let keys: Option<Vec<_>> = keys.into_iter().collect();
        keys.ok_or_else(|| self.incomplete(Operation::ListAccessKeys, "id or status of a key"))
    }

    /// The last use of an access key (`iam:GetAccessKeyLastUsed`), which AWS records at most every 15 minutes.
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer says nothing of the use.
    pub async fn access_key_last_used(&self, key_id: &str) -> Result<KeyUse, AwsError> {
        let operation = Operation::GetAccessKeyLastUsed;
        let sent = self.iam.get_access_key_last_used().access_key_id(key_id).send();
        let answer = self.answer(operation, sent).await?;
        let used = answer.access_key_last_used.ok_or_else(|| self.incomplete(operation, "last use"))?;
        let known = |text: &str| filled(text).filter(|text| text != "N/A");
        Ok(KeyUse {
            last_used: used.last_used_date.as_ref().and_then(time),
            service: known(&used.service_name),
            region: known(&used.region),
        })
    }

    /// How many active X.509 signing certificates a user has (`iam:ListSigningCertificates`).
    ///
    /// # Errors
    ///
    /// If any page fails.
    pub async fn signing_certificates(&self, user_name: &str) -> Result<u32, AwsError> {
        let mut active = 0;
        let pages = self.iam.list_signing_certificates().user_name(user_name).into_paginator().send();
        self.pages(Operation::ListSigningCertificates, pages, |page| {
            for certificate in &page.certificates {
                active += u32::from(certificate.status == StatusType::Active);
            }
            page.is_truncated
        })
        .await?;
        Ok(active)
    }

    /// The credentials of a user for single services, such as Git of `CodeCommit` (`iam:ListServiceSpecificCredentials`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a credential has no id.
    pub async fn service_credentials(&self, user_name: &str) -> Result<Vec<ServiceCredential>, AwsError> {
        let operation = Operation::ListServiceSpecificCredentials;
        let (mut credentials, mut marker) = (Vec::new(), None);
        // The SDK has no paginator for it.
        loop {
            let call = self.iam.list_service_specific_credentials().user_name(user_name).set_marker(marker.clone());
            let page = self.answer(operation, call.send()).await?;
            let found = page.service_specific_credentials.unwrap_or_default();
            credentials.extend(found.into_iter().map(|credential| ServiceCredential {
                active: credential.status == StatusType::Active,
                created: time(&credential.create_date),
                id: credential.service_specific_credential_id,
                service: credential.service_name,
            }));
            let next = page.marker.filter(|marker| !marker.is_empty());
            if !page.is_truncated && next.is_none() {
                break;
            }
            if next.is_none() || next == marker {
                return Err(self.incomplete(operation, "new page although it says that there is more"));
            }
            marker = next;
        }
        if credentials.iter().any(|credential| credential.id.is_empty()) {
            return Err(self.incomplete(operation, "id of a credential"));
        }
        Ok(credentials)
    }

    /// The SSH keys of a user for `CodeCommit` (`iam:ListSSHPublicKeys`).
    ///
    /// # Errors
    ///
    /// If any page fails, or a key has no id.
    pub async fn ssh_keys(&self, user_name: &str) -> Result<Vec<AccessKeyMetadata>, AwsError> {
        let operation = Operation::ListSshPublicKeys;
        let mut keys = Vec::new();
        let pages = self.iam.list_ssh_public_keys().user_name(user_name).into_paginator().send();
        self.pages(operation, pages, |page| {
            keys.extend(page.ssh_public_keys.unwrap_or_default().into_iter().map(|key| AccessKeyMetadata {
                active: key.status == StatusType::Active,
                created: time(&key.upload_date),
                id: key.ssh_public_key_id,
            }));
            page.is_truncated
        })
        .await?;
        if keys.iter().any(|key| key.id.is_empty()) {
            return Err(self.incomplete(operation, "id of a key"));
        }
        Ok(keys)
    }

    /// A user; `None` if there is none of that name (`iam:GetUser`).
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer has no user.
    pub async fn get_user(&self, user_name: &str) -> Result<Option<ListedUser>, AwsError> {
        let operation = Operation::GetUser;
        let sent = self.iam.get_user().user_name(user_name).send();
        let Some(answer) = optional(self.answer(operation, sent).await)? else { return Ok(None) };
        let user = answer.user.as_ref().ok_or_else(|| self.incomplete(operation, "user"))?;
        Ok(Some(listed_user(user)))
    }
}

fn mfa_device(device: SdkDevice) -> MfaDevice {
    MfaDevice {
        kind: MfaKind::of_serial(&device.serial_number),
        enabled_at: time(&device.enable_date),
        serial: device.serial_number,
    }
}
