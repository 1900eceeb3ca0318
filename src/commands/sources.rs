//! From names on the command line to checked rules.

use std::fs;
use std::path::Path;

use crate::rules::{RuleSet, builtin, load};
use crate::yaml::{Code, Diagnostic, MAX_BYTES, SourceFile};

use super::exit::Failure;

/// Reads and checks the rules called `names`: built-in packs, files, or directories of files.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn rules(names: &[String]) -> Result<RuleSet, Failure> {
    let default = [builtin::DEFAULT.to_owned()];
    let names = if names.is_empty() { &default } else { names };
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match files(name) {
            Ok(mut found) => sources.append(&mut found),
            Err(problem) => problems.push(*problem),
        }
    }
    match load(&sources) {
        Ok(set) if problems.is_empty() => Ok(set),
        Ok(_) => Err(Failure::Diagnostics(problems)),
        Err(mut wrong) => {
            problems.append(&mut wrong);
            Err(Failure::Diagnostics(problems))
        }
    }
}

/// A problem of a whole file; in a box, for it is seldom and large.
type Problem = Box<Diagnostic>;

fn files(name: &str) -> Result<Vec<SourceFile>, Problem> {
    let path = Path::new(name);
    if path.is_dir() {
        return directory(name, path);
    }
    if !path.exists()
        && let Some(pack) = builtin::pack(name)
    {
        return Ok(vec![pack]);
    }
    read(name).map(|source| vec![source])
}

/// All rule files of a directory by name; files of cases stand beside them.
fn directory(name: &str, path: &Path) -> Result<Vec<SourceFile>, Problem> {
    let entries = fs::read_dir(path).map_err(|error| unreadable(name, &error.to_string(), None))?;
    let mut found: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().into_os_string().into_string().ok())
        .filter(|file| is_rule_file(Path::new(file)))
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(unreadable(name, "the directory has no .yaml files", None).into());
    }
    found.iter().map(|file| read(file)).collect()
}

fn is_rule_file(path: &Path) -> bool {
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let is_cases = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".cases."));
    is_yaml && !is_cases
}

fn read(name: &str) -> Result<SourceFile, Problem> {
    let failed = |error: std::io::Error| {
        let help = if error.kind() == std::io::ErrorKind::NotFound && !name.contains(['/', '\\', '.']) {
            Some(format!("built-in packs are {}", builtin::names().join(", ")))
        } else {
            None
        };
        Problem::from(unreadable(name, &error.to_string(), help))
    };
    let size = fs::metadata(name).map_err(failed)?.len();
    if size > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
        return Err(unreadable(name, &format!("is larger than {MAX_BYTES} bytes"), None).into());
    }
    let bytes = fs::read(name).map_err(failed)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile::new(name, text.strip_prefix('\u{feff}').unwrap_or(&text))),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Err(Problem::from(Diagnostic {
                code: Code::Unreadable,
                source: SourceFile::new(name, &text),
                span: valid..valid + 1,
                message: "the file is not UTF-8 text".to_owned(),
                label: "first byte that is not".to_owned(),
                help: Some("save it as UTF-8".to_owned()),
            }))
        }
    }
}

fn unreadable(name: &str, reason: &str, help: Option<String>) -> Diagnostic {
    Diagnostic {
        code: Code::Unreadable,
        source: SourceFile::new(name, ""),
        span: 0..0,
        message: format!("rules could not be read: {reason}"),
        label: String::new(),
        help,
    }
}

#[cfg(test)]
mod tests;
