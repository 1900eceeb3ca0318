//! What `verify` and `session` share: the caller must be the user itself, with a device that shows codes and a code.

use crate::aws::{ErrorKind, Hub, Keys, MfaCode, Principal, Secret, Settings, Signer};
use crate::cli::CodeArgs;
use crate::enroll::devices::{self, NotChosen};
use crate::enroll::verify::{Codes, Unproved, Wanted, verify};
use crate::enroll::{Person as _, Seed};
use crate::model::MfaKind;
use crate::model::untrusted::Untrusted;

use super::super::exit::Failure;
use super::remove::not_chosen;
use super::terminal::Terminal;

/// Where the code comes from, as far as the command line says.
pub(super) enum Source {
    /// This code.
    Given(MfaCode),
    /// The secret that is the next line of the input.
    Secret,
    /// Whoever answers.
    Asked,
}

impl Source {
    /// What the command line says.
    ///
    /// # Errors
    ///
    /// If the code is none. It is not repeated.
    pub(super) fn of(args: &CodeArgs) -> Result<Self, Failure> {
        match &args.code {
            Some(code) => MfaCode::parse(code)
                .map(Self::Given)
                .ok_or_else(|| Failure::Usage("--code: a code is six digits".to_owned())),
            None if args.totp_from_stdin => Ok(Self::Secret),
            None => Ok(Self::Asked),
        }
    }
}

/// Refuses credentials of a session: AWS opens none from one.
pub(super) fn refuse_session(signer: &Signer) -> Result<(), Failure> {
    if !signer.is_session {
        return Ok(());
    }
    Err(Failure::Run {
        message: "these are the credentials of a session, and AWS opens no session with MFA from one".to_owned(),
        help: Some(
            "use the user's long-term access key: name the profile that holds it with --profile, or unset \
             AWS_SESSION_TOKEN and the variables that go with it"
                .to_owned(),
        ),
    })
}

/// A user in front of AWS.
pub(super) struct Oneself {
    /// The user's account, signed with the long-term key.
    pub(super) hub: Hub,
    /// The user's name.
    pub(super) user: String,
}

impl Oneself {
    /// Signs in, as the user who is meant, if one is named.
    ///
    /// # Errors
    ///
    /// If AWS does not take the credentials, or they are no user's, or another's.
    pub(super) async fn sign_in(settings: Settings, meant: Option<&str>) -> Result<Self, Failure> {
        let hub = Box::pin(Hub::connect(settings)).await.map_err(|error| Failure::aws(&error))?;
        let is_meant = |name: &str| meant.is_none_or(|meant| meant == name);
        match hub.caller().principal() {
            Principal::User { name, .. } if is_meant(&name) => Ok(Self { hub, user: name }),
            Principal::User { .. } => Err(nobodys(&format!("{} is another user", hub.caller().arn))),
            _ => Err(nobodys(&format!("{} is no IAM user", hub.caller().arn))),
        }
    }

    /// The serial number of the device that is meant: the one named, or the only one that shows codes.
    ///
    /// # Errors
    ///
    /// If it shows none, there is none or more than one, or that cannot be read.
    pub(super) async fn device(&self, serial: Option<&str>) -> Result<String, Failure> {
        if let Some(serial) = serial {
            // Not looked up: a user need not be allowed to list devices.
            return match MfaKind::of_serial(serial) {
                MfaKind::Passkey => Err(codeless(&format!("{} is a passkey or security key", Untrusted(serial)))),
                _ => Ok(serial.to_owned()),
            };
        }
        let devices = devices::of_user(&self.hub.own(), &self.user).await.map_err(|error| match error.kind() {
            ErrorKind::Denied => Failure::Run {
                message: error.to_string(),
                help: Some("name the device with --serial: then it need not be looked up".to_owned()),
            },
            _ => Failure::aws(&error),
        })?;
        devices::choose_with_codes(&devices, &self.user, None).map(|device| device.serial).map_err(|not| match not {
            NotChosen::NoCodes(user) => {
                codeless(&format!("user {} has passkeys or security keys only", Untrusted(&user)))
            }
            not => not_chosen(&not),
        })
    }

    /// Opens the session.
    ///
    /// # Errors
    ///
    /// If AWS takes no code (something is left undone then), none comes, or the call fails.
    pub(super) async fn open(
        &self,
        wanted: &Wanted<'_>,
        source: &Source,
        person: &mut Terminal,
    ) -> Result<Keys, Failure> {
        let seed;
        let codes = match source {
            Source::Given(code) => Codes::Given(code),
            Source::Secret => {
                let line = person.ask("secret of the device: ").await.map_err(|error| Failure::run(&error))?;
                seed = secret(line.as_ref())?;
                Codes::Seed(&seed, 0)
            }
            Source::Asked => Codes::Asked,
        };
        match verify(&self.hub, wanted, codes, person).await {
            Ok(keys) => Ok(keys),
            Err(why) => Err(self.failure(wanted.serial, &why).await),
        }
    }

    /// Why no session was opened, with what to do about it.
    async fn failure(&self, serial: &str, why: &Unproved) -> Failure {
        let mut help = why.help();
        if matches!(why, Unproved::Refused { .. }) && self.has(serial).await == Some(false) {
            let user = Untrusted(&self.user);
            help = Some(format!(
                "user {user} has no device with this serial number, and a device proves itself to its own user only: that \
                 user has to run this, with its own access key"
            ));
        }
        let message = why.to_string();
        if why.is_of_codes() { Failure::Undone { message, help } } else { Failure::Run { message, help } }
    }

    /// Whether the user has the device; `None` if the devices cannot be read.
    async fn has(&self, serial: &str) -> Option<bool> {
        let devices = devices::of_user(&self.hub.own(), &self.user).await.ok()?;
        Some(devices.iter().any(|device| device.serial == serial))
    }
}

/// The seed in a line.
fn secret(line: Option<&Secret>) -> Result<Seed, Failure> {
    line.and_then(|line| Seed::parse(line.expose())).ok_or_else(|| Failure::Run {
        message: "stdin holds no secret of a device".to_owned(),
        help: Some("give it as a line: base 32, or an otpauth:// URI".to_owned()),
    })
}

/// The failure for callers that are no users: root, roles, federated people.
fn nobodys(who: &str) -> Failure {
    Failure::Run {
        message: format!("{}, and only users open sessions with their own device", Untrusted(who)),
        help: Some(
            "an administrator cannot do this for a user: tell the user to run this with its own long-term access key"
                .to_owned(),
        ),
    }
}

/// The failure for devices that show no codes (aws-facts 2.12).
fn codeless(what: &str) -> Failure {
    Failure::Run {
        message: format!("{what}: it opens no session for access keys, since STS takes codes of six digits only"),
        help: Some(
            "enroll an authenticator app beside it with `portcullis mfa enroll`, or sign in with `aws login` of the AWS CLI"
                .to_owned(),
        ),
    }
}
