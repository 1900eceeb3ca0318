//! The hash of a plan file: an edit of a single byte is seen.
//!
//! The hash is the SHA-256 of the file's bytes with 64 zeros in the place of the hash itself.

use sha2::{Digest, Sha256};

use super::guard::hex;
use super::plan::{Plan, SCHEMA};

const LENGTH: usize = 64;

/// Why a file is no plan that may be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It is not of the format.
    #[error("it is no plan: {0}")]
    Malformed(String),
    /// It is of another version.
    #[error("its schema is `{0}`, and this version applies `portcullis/plan/v1`")]
    OtherSchema(String),
    /// It was changed after it was made.
    #[error("its hash is {found}, and it says {said}: the file was changed after it was made")]
    Edited {
        /// The hash that it has.
        found: String,
        /// The hash that stands in it.
        said: String,
    },
}

/// The text of the plan's file, and its hash.
///
/// # Errors
///
/// If it cannot be written as JSON.
pub fn seal(plan: &Plan) -> Result<(String, String), serde_json::Error> {
    let zeros = "0".repeat(LENGTH);
    let blank = Plan { hash: zeros.clone(), ..plan.clone() };
    let mut text = serde_json::to_string_pretty(&blank)?;
    text.push('\n');
    let hash = hex(&Sha256::digest(text.as_bytes()));
    Ok((text.replacen(&zeros, &hash, 1), hash))
}

/// Reads a plan and holds it against its hash.
///
/// # Errors
///
/// If it is none, of another version, or was changed.
pub fn open(text: &str) -> Result<Plan, PlanError> {
    let malformed = |error: serde_json::Error| PlanError::Malformed(error.to_string());
    let value: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => return Err(PlanError::OtherSchema(other.to_owned())),
        None => return Err(PlanError::Malformed("it has no `schema`".to_owned())),
    }
    let plan: Plan = serde_json::from_value(value).map_err(malformed)?;
    let is_hash = plan.hash.len() == LENGTH && plan.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found = is_hash.then(|| hex(&Sha256::digest(text.replacen(&plan.hash, &"0".repeat(LENGTH), 1).as_bytes())));
    match found {
        Some(found) if found == plan.hash => Ok(plan),
        found => Err(PlanError::Edited { found: found.unwrap_or_default(), said: plan.hash }),
    }
}
