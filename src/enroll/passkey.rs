//! Passkeys and security keys: AWS has no call that enrolls one (aws-facts 2.11), so the console does, and we wait.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::aws::{AwsError, ErrorKind, Reader};
use crate::model::{MfaKind, Partition};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(3);

/// The steps in the console, for the user.
#[must_use]
pub fn steps(user: &str, account: &str, partition: &Partition) -> String {
    let console = match partition.as_str() {
        "aws-cn" => format!("https://{account}.signin.amazonaws.cn/console"),
        "aws-us-gov" => format!("https://{account}.signin.amazonaws-us-gov.com/console"),
        _ => format!("https://{account}.signin.aws.amazon.com/console"),
    };
    format!(
        "AWS enrolls passkeys and security keys only in the console. As user {user}:\n\
         \x20 1. Sign in at {console}\n\
         \x20 2. Open the account menu at the top right, and \"Security credentials\"\n\
         \x20 3. Under \"Multi-factor authentication (MFA)\" choose \"Assign MFA device\"\n\
         \x20 4. Name the device, choose \"Passkey or security key\", and follow the browser\n\
         Under a guard other pages of the console show errors until you have signed out and in again with the device.\n\
         A passkey signs in to the console; for the CLI add an authenticator app or a token too.\n"
    )
}

/// Waits until the user has a passkey that is none of `before`, by serial number: its serial number, or none in time.
///
/// # Errors
///
/// If the devices cannot be listed, other than for a moment.
pub async fn wait(
    reader: &Reader,
    user: &str,
    before: &BTreeSet<String>,
    patience: Duration,
) -> Result<Option<String>, AwsError> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match Box::pin(reader.mfa_devices(user)).await {
            Ok(devices) => {
                let is_new = |serial: &String| !before.contains(serial);
                let passkeys = devices.into_iter().filter(|device| device.kind == MfaKind::Passkey);
                if let Some(serial) = passkeys.map(|device| device.serial).find(is_new) {
                    return Ok(Some(serial));
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Unreachable) => {}
            Err(error) => return Err(error),
        }
        if tokio::time::Instant::now() + PAUSE > deadline {
            return Ok(None);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
