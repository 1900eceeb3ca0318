//! AWS: sessions, discovery of accounts, the calls that collectors need, and the few that change something.
//!
//! The only place that knows the AWS SDK: nothing of its types leaves this module, which returns nouns of
//! [`crate::model`] and the plain structs of [`answers`]. It may use `crate::model` and nothing else of the crate.
//!
//! What a [`Reader`] offers changes nothing in AWS (`iam:GenerateCredentialReport` makes a report, which is a read for
//! our purposes). A [`Writer`] is another type, which only enforcement, enrolment and onboarding are handed. Every call goes
//! through `call`, which knows its [`Operation`], and every list through a paginator.

pub mod answers;
mod call;
mod caller;
mod convert;
pub mod discover;
mod error;
mod http;
mod meter;
mod operation;
mod profile;
mod reader;
mod retry;
mod role;
mod scps;
mod secret;
mod session;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;
mod wire;
mod writer;

pub use caller::{Caller, Principal};
pub use discover::{Discovered, Listed, skip_reason};
pub use error::{AwsError, ErrorKind};
pub use meter::Meter;
pub use operation::{Access, Operation, Purpose, Site, actions};
pub use reader::Reader;
pub use scps::{Scp, ScpLevel, ScpReader, Scps};
pub use secret::{MfaCode, Secret};
pub use session::{Hub, Keys, Settings, Signer, WriteRole, session_name};
pub use writer::{MadeUser, NewDevice, NewPolicy, NewUser, Outcome, PATH, Writer};
