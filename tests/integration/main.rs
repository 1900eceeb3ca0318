//! The integration tests: the real program against emulators of AWS, over HTTP, in accounts whose truth is known.
//!
//! `support` is the harness: the servers, the recording proxy in front of them, the seeded organization and the
//! builder that runs the program. `harness` holds the harness's own tests, so that a red test here says which of the
//! two is wrong; `scan` tests `portcullis scan`; `aws` tests the library's half that writes; `enroll` tests `mfa enroll`; `rules` and `simulate` test
//! the commands that ask no server.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise and says where its logs are"
)]

mod aws;
mod differential;
mod enforce;
mod enroll;
mod harness;
mod ledger;
mod mfa;
mod mfa_session;
mod onboard;
mod rules;
mod scan;
mod simulate;
mod support;
mod walks;
