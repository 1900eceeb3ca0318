//! The guard policies that a run attaches: their documents, names and hashes.

use sha2::{Digest, Sha256};

use crate::iam::guard::Variant;
use crate::iam::{Document, DocumentError};

/// The guard group of the group way.
pub const GROUP: &str = "portcullis-guard";

/// The documents of our guards, as the settings want them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guards {
    via_services: bool,
    own: Option<String>,
}

impl Guards {
    /// Ours; `via_services` says whether calls that services make for a user are exempt.
    #[must_use]
    pub const fn ours(via_services: bool) -> Self {
        Self { via_services, own: None }
    }

    /// A document of the user's own in the place of the strict guard. `${Partition}` in it stands for the account's
    /// partition.
    #[must_use]
    pub const fn with_own(via_services: bool, own: String) -> Self {
        Self { via_services, own: Some(own) }
    }

    /// The document of a guard in a partition: JSON without spaces between its elements.
    ///
    /// # Errors
    ///
    /// If the user's own document is none.
    pub fn document(&self, variant: Variant, partition: &str) -> Result<String, DocumentError> {
        let text = match (&self.own, variant) {
            (Some(own), Variant::Strict) => own.replace("${Partition}", partition),
            _ => variant.text(partition, self.via_services),
        };
        let document = Document::parse(&text)?;
        Ok(serde_json::to_string(&document).unwrap_or(text))
    }
}

/// The SHA-256 of a document in hexadecimal: it tells versions of a guard apart, in the policy's tag and in plans.
#[must_use]
pub fn fingerprint(document: &str) -> String {
    hex(&Sha256::digest(document.as_bytes()))
}

/// Whether two documents say the same: their elements are equal, however they are written.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one == other || matches!((Document::parse(one), Document::parse(other)), (Ok(one), Ok(other)) if one == other)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
