//! A new IAM user who is guarded before a password exists.
//!
//! What is wanted ([`wish`]) and what is there ([`found`], all of it read before anything is written) make a [`plan`],
//! which is pure; [`run`] carries it out, and takes back what it made if it cannot end. The [`password`] goes nowhere but
//! to whoever runs this; the [`handout`] tells the user what to do, and holds no secret.

pub mod found;
pub mod handout;
pub mod password;
pub mod plan;
pub mod run;
pub mod show;
pub mod wish;
pub mod words;

pub use found::{Existing, Found, GuardPolicy, Unread};
pub use handout::{Format, HandOut};
pub use plan::{Plan, Step};
pub use run::{Delivery, End, Left, Run};
pub use wish::Wish;
