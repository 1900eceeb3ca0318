//! From names on the command line to checked rules.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::rules::params::Setting;
use crate::rules::waiver::{self, Waivers};
use crate::rules::{Loader, RuleSet, builtin};
use crate::yaml::{Diagnostic, SourceFile};

use super::exit::Failure;

/// Reads and checks the rules called `names`: built-in packs, files, or directories of files.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn rules(names: &[String]) -> Result<RuleSet, Failure> {
    rules_with(names, &[])
}

/// Like [`rules`], with parameters set.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn rules_with(names: &[String], settings: &[Setting]) -> Result<RuleSet, Failure> {
    rules_and_files(names, settings).map(|(set, _)| set)
}

/// Like [`rules_with`], with every file that was read for it, those that packs extend included.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn rules_and_files(names: &[String], settings: &[Setting]) -> Result<(RuleSet, Vec<SourceFile>), Failure> {
    let default = [builtin::DEFAULT.to_owned()];
    let names = if names.is_empty() { &default } else { names };
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match files(name) {
            Ok(mut found) => sources.append(&mut found),
            Err(problem) => problems.push(*problem),
        }
    }
    // A file named twice, alone and in its directory say, is the same file.
    let mut seen = HashSet::new();
    sources.retain(|source| seen.insert(identity(&source.path)));
    let below = RefCell::new(Vec::new());
    let resolve = |name: &str, from: &SourceFile| {
        let found = extended(name, from)?;
        below.borrow_mut().push(found.clone());
        Ok(found)
    };
    let loaded = Loader { settings, resolve: &resolve }.load(&sources);
    match loaded {
        Ok(set) if problems.is_empty() => {
            sources.extend(below.take());
            let mut seen = HashSet::new();
            sources.retain(|source| seen.insert(identity(&source.path)));
            Ok((set, sources))
        }
        Ok(_) => Err(Failure::Diagnostics(problems)),
        Err(mut wrong) => {
            problems.append(&mut wrong);
            Err(Failure::Diagnostics(problems))
        }
    }
}

/// What tells a file from others, however it is written; a built-in pack is told by its name.
fn identity(path: &str) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path))
}

/// A problem of a whole file; in a box, for it is seldom and large.
type Problem = Box<Diagnostic>;

/// A pack that another one extends: a built-in one, or a file named relative to the other's.
fn extended(name: &str, from: &SourceFile) -> Result<SourceFile, String> {
    if let Some(pack) = builtin::pack(name) {
        return Ok(pack);
    }
    let path = Path::new(&*from.path).parent().unwrap_or_else(|| Path::new("")).join(name);
    if !path.is_file() {
        return Err(builtin::unknown(name));
    }
    read(&path.to_string_lossy()).map_err(|problem| problem.message)
}

/// The names of all built-in packs.
pub(super) fn all_builtin() -> Vec<String> {
    builtin::names().into_iter().map(str::to_owned).collect()
}

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
    let entries = fs::read_dir(path).map_err(|error| unreadable(name, &error.to_string()))?;
    let mut found: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().into_os_string().into_string().ok())
        .filter(|file| is_rule_file(Path::new(file)))
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(unreadable(name, "the directory has no .yaml files").into());
    }
    found.iter().map(|file| read(file)).collect()
}

fn is_rule_file(path: &Path) -> bool {
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let is_cases = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".cases."));
    is_yaml && !is_cases
}

/// Reads and checks the files of waivers called `names`, for a run at `now`.
///
/// # Errors
///
/// Every problem of every file.
pub(super) fn waivers(names: &[String], now: Timestamp, max_days: i64) -> Result<Waivers, Failure> {
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match read(name) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(*problem),
        }
    }
    match waiver::load(&sources, now, max_days) {
        Ok(waivers) if problems.is_empty() => Ok(waivers),
        Ok(_) => Err(Failure::Diagnostics(problems)),
        Err(mut wrong) => {
            problems.append(&mut wrong);
            Err(Failure::Diagnostics(problems))
        }
    }
}

/// The files of cases that `paths` mean, each with the rules of the pack beside it.
///
/// # Errors
///
/// Every problem of every pack; if a path has no cases.
pub(super) fn cases(paths: &[String]) -> Result<Vec<(SourceFile, RuleSet)>, Failure> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match case_files(path) {
            Ok(files) if !files.is_empty() => {
                for file in files {
                    let set = rules(&[file.replace(CASES, ".")])?;
                    match read(&file) {
                        Ok(source) => found.push((source, set)),
                        Err(problem) => problems.push(*problem),
                    }
                }
            }
            Ok(_) => problems.push(unreadable(path, "there are no cases (NAME.cases.yaml) here")),
            Err(error) => problems.push(unreadable(path, &error.to_string())),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Failure::Diagnostics(problems)) }
}

/// What a file of cases has in its name where its pack has a dot.
const CASES: &str = ".cases.";

fn case_files(name: &str) -> std::io::Result<Vec<String>> {
    let path = Path::new(name);
    if path.is_dir() {
        let mut files: Vec<String> = fs::read_dir(path)?
            .filter_map(|entry| entry.ok()?.path().into_os_string().into_string().ok())
            .filter(|file| file.contains(CASES))
            .collect();
        files.sort();
        return Ok(files);
    }
    if name.contains(CASES) {
        return Ok(vec![name.to_owned()]);
    }
    let beside = path.with_extension("cases.yaml").to_string_lossy().into_owned();
    Ok(if Path::new(&beside).exists() { vec![beside] } else { Vec::new() })
}

pub(super) fn read(name: &str) -> Result<SourceFile, Problem> {
    let source = SourceFile::read(name);
    let looks_like_a_pack = !name.contains(['/', '\\', '.']);
    source.map_err(|mut problem| {
        if looks_like_a_pack {
            problem.help = Some(format!("built-in packs are {}", builtin::names().join(", ")));
        }
        problem
    })
}

fn unreadable(name: &str, reason: &str) -> Diagnostic {
    Diagnostic::of_file(name, reason)
}

#[cfg(test)]
mod tests;
