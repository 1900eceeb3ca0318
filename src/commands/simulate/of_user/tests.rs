//! The policies of a user of a snapshot: all of them, and what is not known.
