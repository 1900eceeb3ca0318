//! `portcullis mfa verify`: the proof that a device works.

use crate::aws::{Keys, Signer};
use crate::cli::VerifyMfaArgs;
use crate::clock;
use crate::console;
use crate::enroll::rights::{self, Rights};
use crate::enroll::verify::{KNOWN, Wanted};
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::super::live::interrupted;
use super::desk::block_on;
use super::desk::settings;
use super::terminal::Terminal;
use super::token::{Oneself, Source, refuse_session};

/// The session is only a proof, so it is as short as AWS makes them.
const LASTING: std::time::Duration = std::time::Duration::from_mins(15);

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, or AWS took no code.
pub(super) fn run(args: &VerifyMfaArgs) -> Result<ExitStatus, Failure> {
    let source = Source::of(&args.code)?;
    block_on(async {
        tokio::select! {
            biased;
            () = interrupted() => {
                let message = "interrupted; the device was not proved to work".to_owned();
                Err(Failure::Undone { message, help: None })
            }
            done = prove(args, &source) => done,
        }
    })
}

async fn prove(args: &VerifyMfaArgs, source: &Source) -> Result<ExitStatus, Failure> {
    let settings = settings(&args.connect, &clock::run_id());
    let signer = Box::pin(Signer::of(&settings)).await.map_err(|error| Failure::aws(&error))?;
    refuse_session(&signer)?;
    let oneself = Oneself::sign_in(settings, args.whose.user.as_deref()).await?;
    let serial = oneself.device(args.serial.as_deref()).await?;
    let wanted = Wanted { serial: &serial, lasting: Some(LASTING), spent: None, tries: KNOWN };
    let keys = oneself.open(&wanted, source, &mut Terminal::default()).await?;
    let user = Untrusted(&oneself.user);
    let rights = Box::pin(difference(&oneself, keys)).await;
    console::out(&format!(
        "{} works: AWS took a code of it from user {user}.\nIn the console, sign out and in again with a code. For the \
         CLI, `portcullis mfa session` opens a session.\n{rights}\n",
        Untrusted(&serial)
    ))
    .map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

/// What a session may do that the key may not. Read with the session: a guard would not let the key.
async fn difference(oneself: &Oneself, keys: Keys) -> String {
    let hub = match Box::pin(oneself.hub.signed_by(keys)).await {
        Ok(hub) => hub,
        Err(error) => return rights::unknown(&error.reason()),
    };
    match Rights::of(&hub.own(), &oneself.user).await {
        Ok(rights) => rights.told(&oneself.hub.caller().arn),
        Err(error) => {
            let operation = error.operation().map(|operation| format!("{}: ", operation.name())).unwrap_or_default();
            rights::unknown(&format!("{operation}{}", error.reason()))
        }
    }
}
