//! The end of a scan: reports written, and the exit status told from the evaluation alone.

use std::io;
use std::path::Path;

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
    let mut paths: Vec<_> = args.formats.iter().filter_map(|sink| sink.path.as_ref()).collect();
    paths.sort();
    if let Some([same, _]) = paths.array_windows().find(|[one, other]| one == other) {
        return Err(Failure::Usage(format!("two reports would go to `{}`", same.display())));
    }
    Ok(args.formats.clone())
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
