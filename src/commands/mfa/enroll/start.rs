//! What is there before anything is made.

use std::collections::BTreeSet;

use crate::aws::ErrorKind;
use crate::enroll::Situation;
use crate::enroll::advice::MOST_DEVICES;
use crate::model::untrusted::Untrusted;

use super::super::super::exit::Failure;
use super::super::desk::Desk;

/// What a run knows when it begins.
pub(super) struct Start {
    pub(super) desk: Desk,
    /// How many devices the user has.
    pub(super) devices: usize,
    /// Whether the caller's credentials are those of a session.
    pub(super) session: bool,
}

impl Start {
    /// For advice.
    pub(super) fn situation(&self) -> Situation<'_> {
        Situation { whose: &self.desk.whose, devices: self.devices, session: self.session }
    }
}

/// Looks at what is there before anything is made: the serial numbers of the devices that the user has.
///
/// # Errors
///
/// If there is no such user, it has all the devices that it may have, or that cannot be read.
pub(super) async fn look(desk: Desk) -> Result<(Start, BTreeSet<String>), Failure> {
    let session = desk.hub.signs_with_session().await.map_err(|error| Failure::aws(&error))?;
    let user = desk.whose.user.clone();
    let devices = match Box::pin(desk.reader.mfa_devices(&user)).await {
        Ok(devices) => devices,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!("there is no user {} in account {}", Untrusted(&user), desk.account());
            let help = "names are case-sensitive here; a new user is made with `portcullis onboard`".to_owned();
            return Err(Failure::Run { message, help: Some(help) });
        }
        Err(error) => {
            let help = Situation { whose: &desk.whose, devices: 0, session }.advice(&error);
            return Err(Failure::Run { message: error.to_string(), help });
        }
    };
    if devices.len() >= MOST_DEVICES {
        return Err(Failure::Undone {
            message: format!("user {} has {} devices, and AWS allows {MOST_DEVICES}", Untrusted(&user), devices.len()),
            help: Some(format!("take one away first: `portcullis mfa status {user}` shows them")),
        });
    }
    let start = Start { desk, devices: devices.len(), session };
    Ok((start, devices.into_iter().map(|device| device.serial).collect()))
}
