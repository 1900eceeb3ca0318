//! MFA devices of users. Passkeys and root's devices are for the console: AWS has no call for them.

use super::{Outcome, Writer, nothing};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;
use crate::aws::secret::{MfaCode, Secret};

/// A virtual device that was just made and that nobody has yet.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Its serial number, an ARN.
    pub serial: String,
    /// The seed in base 32, as authenticator apps take it. AWS never tells it again.
    pub seed: Secret,
}

impl Writer {
    /// Makes a virtual device with the path `/`, as AWS's own policies for users who enrol themselves expect
    /// (`iam:CreateVirtualMFADevice`). Not done twice: its seed would be lost.
    ///
    /// [`Outcome::AlreadyThere`] also for a device that nobody has: deactivating a device leaves it there.
    ///
    /// # Errors
    ///
    /// If the call fails, or its answer lacks the serial number or the seed.
    pub async fn create_virtual_mfa_device(&self, name: &str) -> Result<Outcome<NewDevice>, AwsError> {
        let operation = Operation::CreateVirtualMfaDevice;
        let sent = self.once.create_virtual_mfa_device().virtual_mfa_device_name(name).send();
        self.write(operation, sent, |answer| {
            let device = answer.virtual_mfa_device.ok_or_else(|| self.incomplete(operation, "device"))?;
            // The picture of the seed is as secret as the seed.
            drop(device.qr_code_png.map(|picture| zeroize::Zeroizing::new(picture.into_inner())));
            let seed = device.base32_string_seed.and_then(|seed| Secret::of_bytes(seed.into_inner()));
            let seed = seed.filter(|seed| !seed.expose().is_empty());
            let seed = seed.ok_or_else(|| self.incomplete(operation, "seed"))?;
            if device.serial_number.is_empty() {
                return Err(self.incomplete(operation, "serial number"));
            }
            Ok(NewDevice { serial: device.serial_number, seed })
        })
        .await
    }

    /// Gives a TOTP device, virtual or hardware, to a user (`iam:EnableMFADevice`). Not done twice.
    ///
    /// `codes` are two consecutive ones. With late ones AWS gives the device to the user but out of step: see
    /// [`Writer::resync_mfa_device`].
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::InvalidCode`] for wrong codes, [`super::ErrorKind::Limit`] if the user has eight devices.
    pub async fn enable_mfa_device(&self, user: &str, serial: &str, codes: [&MfaCode; 2]) -> Result<Outcome, AwsError> {
        let [first, second] = codes.map(MfaCode::expose);
        let call = self.once.enable_mfa_device().user_name(user).serial_number(serial);
        let sent = call.authentication_code1(first).authentication_code2(second).send();
        self.write(Operation::EnableMfaDevice, sent, nothing).await
    }

    /// Brings a TOTP device into step with AWS by two consecutive codes (`iam:ResyncMFADevice`). Not done twice.
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::InvalidCode`] for wrong codes.
    pub async fn resync_mfa_device(&self, user: &str, serial: &str, codes: [&MfaCode; 2]) -> Result<Outcome, AwsError> {
        let [first, second] = codes.map(MfaCode::expose);
        let call = self.once.resync_mfa_device().user_name(user).serial_number(serial);
        let sent = call.authentication_code1(first).authentication_code2(second).send();
        self.write(Operation::ResyncMfaDevice, sent, nothing).await
    }

    /// Takes a device from a user; a virtual one stays, without an owner (`iam:DeactivateMFADevice`).
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub async fn deactivate_mfa_device(&self, user: &str, serial: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.deactivate_mfa_device().user_name(user).serial_number(serial).send();
        self.write(Operation::DeactivateMfaDevice, sent, nothing).await
    }

    /// Deletes a virtual device that nobody has (`iam:DeleteVirtualMFADevice`).
    ///
    /// # Errors
    ///
    /// [`super::ErrorKind::InUse`] if somebody has it.
    pub async fn delete_virtual_mfa_device(&self, serial: &str) -> Result<Outcome, AwsError> {
        let sent = self.iam.delete_virtual_mfa_device().serial_number(serial).send();
        self.write(Operation::DeleteVirtualMfaDevice, sent, nothing).await
    }
}
