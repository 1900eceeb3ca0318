//! From denied to compliant: the MFA devices of one user.
//!
//! A device is created ([`crate::aws::Writer`]), its secret shown as a QR code ([`qr`]), two codes are checked on this
//! side of the wire ([`codes`]) and then spent, and what AWS says afterwards is read back. [`whose`] says for whom, and
//! whether as that user or as an administrator; [`person`] is whoever sits in front of it. Secrets live in
//! [`seed::Seed`] and nowhere else, and are wiped with it.
//!
//! What cannot be done by any call: passkeys, and all of root's devices (aws-facts 2.11). Those are for the console.

pub mod advice;
pub mod codes;
pub mod devices;
pub mod enable;
pub mod guarded;
pub mod making;
pub mod passkey;
pub mod person;
pub mod qr;
pub mod record;
pub mod remove;
pub mod resync;
pub mod rights;
pub mod seed;
pub mod session;
pub mod status;
pub mod verify;
pub mod whose;

pub use advice::Situation;
pub use codes::{Pair, Wrong};
pub use person::Person;
pub use record::{Book, Trouble};
pub use seed::Seed;
pub use session::Session;
pub use verify::{Codes, Unproved, Wanted, verify};
pub use whose::{Acting, Whose};
