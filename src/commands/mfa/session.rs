//! `portcullis mfa session`: credentials with MFA for the CLI and SDKs.
//!
//! Data goes to stdout and nothing else does: a `credential_process` is read by a program.

mod files;

use std::path::Path;

use crate::aws::Signer;
use crate::cli::{SessionArgs, SessionFormat};
use crate::clock;
use crate::enroll::session::{kept, lasting, profile};
use crate::enroll::verify::{KNOWN, Wanted};
use crate::enroll::{Person as _, Session};
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::super::live::interrupted;
use super::desk::block_on;
use super::desk::settings;
use super::terminal::Terminal;
use super::token::{Oneself, Source, refuse_session};

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, or AWS took no code.
pub(super) fn run(args: &SessionArgs) -> Result<ExitStatus, Failure> {
    let lasts = lasting(args.duration).map_err(|wrong| Failure::Usage(format!("--duration: {wrong}")))?;
    let source = Source::of(&args.code)?;
    if let Some(name) = &args.write_profile
        && !profile::is_name(name)
    {
        let message = format!("--write-profile: `{}` is no name of a profile", Untrusted(name));
        return Err(Failure::Usage(message));
    }
    block_on(async {
        tokio::select! {
            biased;
            () = interrupted() => Err(Failure::Undone { message: "interrupted; no session was opened".to_owned(), help: None }),
            done = session(args, lasts, &source) => done,
        }
    })
}

async fn session(args: &SessionArgs, lasts: std::time::Duration, source: &Source) -> Result<ExitStatus, Failure> {
    let settings = settings(&args.connect, &clock::run_id());
    let signer = Box::pin(Signer::of(&settings)).await.map_err(|error| Failure::aws(&error))?;
    let target = args.write_profile.as_deref().map(|name| Target::of(name, &signer)).transpose()?;
    refuse_session(&signer)?;
    let mut person = Terminal::default();
    let cache = args.cache.then(|| cache(args, &signer)).flatten();
    let kept = cache.as_deref().and_then(|path| from_cache(path, &mut person));
    let session = if let Some(session) = kept {
        session
    } else {
        let oneself = Oneself::sign_in(settings, args.whose.user.as_deref()).await?;
        let serial = oneself.device(args.serial.as_deref()).await?;
        let wanted = Wanted { serial: &serial, lasting: Some(lasts), spent: None, tries: KNOWN };
        let keys = oneself.open(&wanted, source, &mut person).await?;
        let session = Session::of(keys).map_err(|unfit| Failure::run(&unfit))?;
        if let Some(path) = &cache {
            keep(path, &session, &mut person);
        }
        session
    };
    match (target, args.format) {
        (Some(target), _) => target.write(&session, &mut person)?,
        (None, format) => {
            let text = match format {
                SessionFormat::CredentialProcess => session.credential_process(),
                SessionFormat::Exports => session.exports(),
            };
            person.show(&text).map_err(|error| Failure::run(&error))?;
        }
    }
    Ok(ExitStatus::Clean)
}

/// A profile of the credentials file that may be written.
struct Target<'a> {
    name: &'a str,
    path: std::path::PathBuf,
}

impl<'a> Target<'a> {
    /// The profile `name`, before anybody is asked for a code.
    fn of(name: &'a str, signer: &Signer) -> Result<Self, Failure> {
        let path = files::credentials().ok_or_else(|| Failure::Run {
            message: "it is not known where the AWS credentials file is".to_owned(),
            help: Some("set HOME or AWS_SHARED_CREDENTIALS_FILE".to_owned()),
        })?;
        if signer.profile.as_deref() == Some(name) {
            return Err(Failure::Run {
                message: format!("profile `{name}` is the one that signs in here: its key would be lost"),
                help: Some("choose another name for the session, such as `mfa`".to_owned()),
            });
        }
        let target = Self { name, path };
        let file = files::read(&target.path).map_err(|error| target.unread(&error))?;
        profile::check(&file, name).map_err(|why| target.refused(why))?;
        if let Some(path) = files::config() {
            let config = Self { name, path };
            let file = files::read(&config.path).map_err(|error| config.unread(&error))?;
            profile::check_config(&file, name).map_err(|why| config.refused(why))?;
        }
        Ok(target)
    }

    fn write(&self, session: &Session, person: &mut Terminal) -> Result<(), Failure> {
        // Read again: the person took a while, and another program may have written meanwhile.
        let file = files::read(&self.path).map_err(|error| self.unread(&error))?;
        let file = profile::put(&file, self.name, session).map_err(|why| self.refused(why))?;
        files::write(&self.path, &file).map_err(|error| Failure::run(&error))?;
        let (name, path) = (self.name, self.path.display().to_string());
        person.tell(&format!("profile {name} in {} holds a session until {}\n", Untrusted(&path), session.expires()));
        Ok(())
    }

    fn unread(&self, error: &std::io::Error) -> Failure {
        let path = self.path.display().to_string();
        Failure::Run { message: format!("could not read `{}`: {error}", Untrusted(&path)), help: None }
    }

    fn refused(&self, why: profile::Untouchable) -> Failure {
        let path = self.path.display().to_string();
        Failure::Run {
            message: format!("profile `{}` of `{}` is not written: {why}", self.name, Untrusted(&path)),
            help: Some("choose another name for the session, such as `mfa`".to_owned()),
        }
    }
}

/// Where a session of the signer is kept; `None` if there is nobody who could sign, or no place.
fn cache(args: &SessionArgs, signer: &Signer) -> Option<std::path::PathBuf> {
    let id = signer.access_key_id.as_deref()?;
    let (serial, endpoint) = (args.serial.as_deref().unwrap_or(""), signer.endpoint.as_deref().unwrap_or(""));
    Some(files::cache()?.join(kept::file_name(id, serial, endpoint)))
}

/// The session that is kept, if it can be used.
fn from_cache(path: &Path, person: &mut Terminal) -> Option<Session> {
    let why = match files::read_private(path) {
        Ok(Some(bytes)) => match kept::read(&bytes, clock::now()) {
            Ok(session) => return Some(session),
            Err(kept::Unusable::Ended) => return None,
            Err(why) => why.to_string(),
        },
        Ok(None) => return None,
        Err(error) => error.to_string(),
    };
    let path = path.display().to_string();
    person.tell(&format!("the session kept in {} is not used: {why}\n", Untrusted(&path)));
    None
}

/// Keeps a session; that it cannot be kept is no reason not to hand it out.
fn keep(path: &Path, session: &Session, person: &mut Terminal) {
    if let Err(error) = files::keep(path, session.credential_process().expose().as_bytes()) {
        let cause = error.source.to_string();
        person.tell(&format!("the session could not be kept: {error}: {}\n", Untrusted(&cause)));
    }
}
