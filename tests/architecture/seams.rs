//! What is done in one place only, so that it can be found, replaced and forbidden.

use std::fmt::Write as _;

use crate::code::files;

/// A seam: what is written in the code, the files or folders where it may stand, and what the rule is.
const SEAMS: [(&[&str], &[&str], &str); 5] = [
    (
        &["aws_sdk_", "aws_config", "aws_smithy", "aws_types", "aws_credential_types", "aws_runtime"],
        &["src/aws/"],
        "only `aws` knows the AWS SDK",
    ),
    (
        &["io::stdout", "io::stderr", "println!", "eprintln!", "print!", "dbg!"],
        &["src/console.rs"],
        "only `console` writes to the terminal",
    ),
    (
        &["Timestamp::now", "SystemTime::now", "Zoned::now", "now_v7", "Utc::now"],
        &["src/clock.rs"],
        "only `clock` reads the wall clock",
    ),
    (&["serde_saphyr", "annotate_snippets"], &["src/yaml/"], "only `yaml` knows the YAML library"),
    (&["process::exit", "env::set_var", "ExitCode"], &["src/main.rs"], "only `main` ends the program"),
];

#[test]
fn some_things_are_done_in_one_place_only() {
    let files = files();
    let mut wrong = String::new();
    for (patterns, homes, rule) in SEAMS {
        for file in files.iter().filter(|file| !homes.iter().any(|home| file.path.starts_with(home))) {
            for pattern in patterns {
                for (at, _) in file.code.match_indices(pattern) {
                    let _ =
                        writeln!(wrong, "{}:{}: `{pattern}`: {rule} ({})", file.path, file.line(at), homes.join(", "));
                }
            }
        }
        let is_used = files.iter().any(|file| {
            homes.iter().any(|home| file.path.starts_with(home))
                && patterns.iter().any(|pattern| file.code.contains(pattern))
        });
        assert!(is_used, "nothing in {homes:?} does what only they may: {rule}");
    }
    assert!(wrong.is_empty(), "{wrong}");
}
