//! The header line of a snapshot file. The file format itself is in `crate::snapshot`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The schema name of the header line, version included.
pub const SCHEMA: &str = "portcullis/snapshot/v1";

/// The first line of a snapshot; every further line is an `AccountFacts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of Portcullis that wrote it.
    pub version: String,
    /// The run that took it.
    pub run_id: String,
    /// When the scan began.
    pub started_at: Timestamp,
    /// How many account lines follow; fewer mean that the file was cut off.
    pub accounts: usize,
    /// Which facts were asked for: `["*"]` for the whole vocabulary.
    pub facts: Vec<String>,
    /// What the scan remarked before it read any account.
    #[serde(default)]
    pub notices: Vec<super::evaluation::Notice>,
}
