//! Questions about what a principal really may do, answered with the evaluator.
//!
//! They are asked in open contexts: of keys other than those of the principal and of MFA nothing is said, so "denied"
//! means denied whatever else a request carries, and "may" that there is a request that is allowed.

mod admin;
mod axis;
mod enforced;
mod enroll;

mod escalation;
mod names;
mod profile;
mod regions;
mod subject;
mod witness;

pub use admin::{AdminGrants, AdminProbes, Administrator};
pub use enforced::{Cause, Enforcement, Hole, is_harmless};
pub use enroll::{ENROLLMENT, Enrollment, enrollment_in};
pub use escalation::{Escalation, Targets};
pub use names::{SOMEBODY, tell_users_apart};

pub use subject::{Asking, Subject, principal_keys};
