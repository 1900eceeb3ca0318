//! A new IAM user who is guarded before a password exists.
