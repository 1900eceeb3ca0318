//! The end of a scan: reports written, and the exit status told from the evaluation alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cli::{OutputArgs, Sink};
use crate::console;
use crate::model::evaluation::{Finding, State};
use crate::model::{AccountStatus, Evaluation, Mode, Severity, Status};
use crate::report::{self, Format, ReportError, Style, sink};

use super::exit::{ExitStatus, Failure};

/// The reports that the user asked for; a table on stdout if none.
///
/// # Errors
///
/// If two of them would mix on stdout.
pub(super) fn sinks(args: &OutputArgs) -> Result<Vec<Sink>, Failure> {
    if args.formats.is_empty() {
        return Ok(vec![Sink { format: Format::Table, path: None }]);
    }
    let to_stdout: Vec<&str> =
        args.formats.iter().filter(|sink| sink.path.is_none()).map(|sink| sink.format.as_str()).collect();
    if let [first, second, ..] = to_stdout.as_slice() {
        let message = format!("both {first} and {second} would go to stdout; give one a path: --format {first}=PATH");
        return Err(Failure::Usage(message));
    }
    Ok(args.formats.clone())
}

/// Makes sure that each file is written once, and that none is the snapshot that is read.
///
/// # Errors
///
/// If two of them are one file, however written.
pub(super) fn check_distinct(sinks: &[Sink], args: &OutputArgs, input: Option<&Path>) -> Result<(), Failure> {
    let reports = sinks.iter().filter_map(|sink| sink.path.as_deref()).map(|path| (path, "a report"));
    let snapshot = args.save_snapshot.as_deref().map(|path| (path, "the snapshot"));
    let suggested = args.suggest_waivers.as_deref().map(|path| (path, "the suggested waivers"));
    let mut seen: HashMap<PathBuf, &str> = HashMap::new();
    let input = input.map(identity);
    for (path, what) in reports.chain(snapshot).chain(suggested) {
        let place = identity(path);
        let shown = path.display();
        if input.as_ref() == Some(&place) {
            return Err(Failure::Usage(format!("{what} would replace the snapshot that it is made of, `{shown}`")));
        }
        match seen.insert(place, what) {
            None => {}
            Some("a report") if what == "a report" => {
                return Err(Failure::Usage(format!("two reports would go to `{shown}`")));
            }
            Some(other) => return Err(Failure::Usage(format!("{other} and {what} would both go to `{shown}`"))),
        }
    }
    Ok(())
}

/// What tells a file from others, however its path is written, also one that does not exist yet.
fn identity(path: &Path) -> PathBuf {
    let beside = || {
        let directory = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or_else(|| Path::new("."));
        Some(fs::canonicalize(directory).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(beside).unwrap_or_else(|| path.to_owned())
}

/// Makes sure that all files can be written, before a long scan finds that its results have no place to go.
///
/// # Errors
///
/// If one of them cannot be.
pub(super) fn check_paths(sinks: &[Sink], snapshot: Option<&Path>) -> Result<(), Failure> {
    let mut paths = sinks.iter().filter_map(|sink| sink.path.as_deref()).chain(snapshot);
    paths.try_for_each(sink::check).map_err(|error| Failure::run(&error))
}

/// Writes all reports, files first.
///
/// # Errors
///
/// If one of them cannot be written.
pub(super) fn write(evaluation: &Evaluation, sinks: &[Sink]) -> Result<(), Failure> {
    for Sink { format, path } in sinks {
        if let Some(path) = path {
            let style = Style { width: None, colour: false };
            sink::replace_file(path, |out| report::write(*format, evaluation, style, out))
                .map_err(|error| Failure::run(&error))?;
        }
    }
    for Sink { format, .. } in sinks.iter().filter(|sink| sink.path.is_none()) {
        let style = Style { width: console::stdout_width(), colour: console::stdout_colour() };
        console::out_with(|out| report::write(*format, evaluation, style, out).map_err(into_io))
            .map_err(|error| Failure::Run { message: format!("stdout could not be written: {error}"), help: None })?;
    }
    Ok(())
}

/// A closed pipe stays recognisable.
fn into_io(error: ReportError) -> io::Error {
    match error {
        ReportError::Io(error) => error,
        error @ ReportError::Template { .. } => io::Error::other(error),
    }
}

/// The exit status that the evaluation means.
#[must_use]
pub(super) fn status(evaluation: &Evaluation, fail_on: Severity) -> ExitStatus {
    let counts = |finding: &&Finding| {
        finding.severity >= fail_on
            && finding.state == State::New
            && finding.waived.is_none()
            && finding.mode != Mode::Audit
    };
    let unread = |status| matches!(status, AccountStatus::Partial | AccountStatus::Failed);
    if evaluation.findings.iter().filter(counts).any(|finding| finding.status == Status::Fail) {
        ExitStatus::Findings
    } else if evaluation.findings.iter().any(|finding| counts(&finding))
        || evaluation.accounts.iter().any(|account| unread(account.status))
    {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Clean
    }
}

#[cfg(test)]
mod tests;
