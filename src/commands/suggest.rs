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
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "  - rule: {}\n    account: {}\n    resource: {}\n    owner: \"\"\n    reason: \"\" # {}\n    expires: \"\"",
            quoted(rule),
            quoted(account),
            quoted(&escaped(resource)),
            ascii(message),
        );
    }
    if text.len() == HEADER.len() {
        text.push_str("  []\n");
    }
    text
}

/// `text` as a quoted string of YAML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", ascii(&text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// `text` with everything but printable ASCII as YAML escapes it: a file of YAML may not hold all characters, and what
/// looks alike would not fit the resource.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let code = u32::from(character);
        let _ = match code {
            0x20..=0x7e => write!(out, "{character}"),
            0..=0xffff => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\U{code:08x}"),
        };
    }
    out
}

/// A resource as a glob that fits it alone: IAM's names have no `*` or `?`, but whoever wrote a snapshot may.
fn escaped(resource: &str) -> String {
    resource.replace(['*', '?'], "?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::{self, Run};
    use crate::rules::waiver;
    use crate::testing::{now, rules, user, with_users};
    use crate::yaml::{SourceFile, render};

    const NAMES: [&str; 12] = [
        "alice",
        "Zo\u{eb}",
        "key\u{1f511}",
        "bell\u{7}\u{1}\u{1b}",
        "del\u{7f}",
        "nel\u{85}",
        "line\u{2028}\u{2029}",
        "bom\u{feff}",
        "none\u{ffff}\u{fffe}",
        "quote\"\\ ' # x",
        "two\nlines\r",
        "glob*?",
    ];

    #[test]
    fn what_is_suggested_is_accepted_once_it_is_filled_in() {
        let set = rules(&["severity: high, target: user, require: { console_access: true }, message: \"{name}: bad\""]);
        let facts = with_users(NAMES.map(user).into());
        let run =
            Run { id: String::new(), started_at: now(), finished_at: now(), evaluated_at: now(), notices: Vec::new() };
        let evaluation = evaluate::assemble(&set, run, vec![evaluate::account(&set, &facts, now())]);
        assert_eq!(evaluation.findings.len(), NAMES.len());
        let suggested = text(&evaluation);
        assert!(suggested.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)));
        let load = |text: &str| waiver::load(&[SourceFile::new("w.yaml", text)], now(), 365);
        assert!(load(&suggested).is_err(), "nobody has reviewed it yet");
        let expires = now().strftime("expires: %Y-%m-%d").to_string();
        let filled = suggested
            .replace("owner: \"\"", "owner: o")
            .replace("reason: \"\"", "reason: r")
            .replace("expires: \"\"", &expires);
        let waivers = load(&filled).unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
        assert_eq!(waivers.all.len(), NAMES.len());
        for finding in &evaluation.findings {
            let found = waivers.find(&finding.rule, &finding.account, &finding.resource);
            assert!(found.is_some(), "{:?}", finding.resource);
        }
    }
}
