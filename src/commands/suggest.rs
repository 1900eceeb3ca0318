//! `scan --suggest-waivers`: a file of waivers to review, one for each open failure.
//!
//! It is not valid as it is: owner and reason are empty, so that nobody accepts what nobody read.

use std::fmt::Write as _;
use std::path::Path;

use crate::model::evaluation::{Evaluation, Finding, Status};
use crate::report::sink;

use super::exit::Failure;

const HEADER: &str = "\
# Suggested by `portcullis scan --suggest-waivers`. Keep what you accept, fill in owner, reason and expires, delete the
# rest, and pass the file to --waivers. As it stands it is refused, on purpose.
apiVersion: portcullis/v1
kind: WaiverSet
waivers:
";

/// Writes the file.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(evaluation: &Evaluation, path: &Path) -> Result<(), Failure> {
    let text = text(evaluation);
    sink::replace_file(path, |out| out.write_all(text.as_bytes())).map_err(|error| Failure::run(&error))
}

fn text(evaluation: &Evaluation) -> String {
    let open = |finding: &&Finding| finding.status == Status::Fail && finding.waived.is_none();
    let mut text = HEADER.to_owned();
    for finding in evaluation.findings.iter().filter(open) {
        let Finding { rule, account, resource, message, .. } = finding;
        // Strings of JSON are strings of YAML, whatever is in them. Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "  - rule: {}\n    account: {}\n    resource: {}\n    owner: \"\"\n    reason: \"\" # {}\n    expires: \"\"",
            quoted(rule),
            quoted(account),
            quoted(&escaped(resource)),
            crate::model::untrusted::Untrusted(message),
        );
    }
    if text.len() == HEADER.len() {
        text.push_str("  []\n");
    }
    text
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A resource as a glob that fits it alone: IAM's names have no `*` or `?`, but whoever wrote a snapshot may.
fn escaped(resource: &str) -> String {
    resource.replace(['*', '?'], "?")
}
