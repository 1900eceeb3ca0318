//! `csv`: a header, and a row for each finding of the JSON, for spreadsheets. Uses only `crate::model`.
//!
//! Columns are the keys of the JSON in its order; values that are no text are JSON in one cell, `null` an empty cell.
//! A cell that a spreadsheet would take for a formula begins with an apostrophe.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::error::ReportError;
use super::style::Style;
use super::text::status_name;
use crate::model::{Evaluation, Finding};

/// The columns.
const HEADER: [&str; 14] = [
    "id",
    "rule",
    "severity",
    "status",
    "waived",
    "state",
    "account",
    "resource",
    "resource_type",
    "message",
    "evidence",
    "controls",
    "remediation",
    "mode",
];

/// Writes the header, and a row for each finding of `evaluation`.
pub(super) fn write(evaluation: &Evaluation, _: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut rows = ::csv::Writer::from_writer(out);
    rows.write_record(HEADER).map_err(io_error)?;
    for finding in &evaluation.findings {
        rows.write_record(row(finding)?.iter().map(|cell| defused(cell).into_owned())).map_err(io_error)?;
    }
    rows.flush()?;
    Ok(())
}

/// The cells of a finding, in the order of [`HEADER`].
fn row(finding: &Finding) -> Result<[Cow<'_, str>; 14], ReportError> {
    let waived = finding.waived.as_ref().map(json).transpose()?.unwrap_or_default();
    let state = match finding.state {
        crate::model::evaluation::State::New => "new",
        crate::model::evaluation::State::Known => "known",
    };
    Ok([
        (&*finding.id).into(),
        (&*finding.rule).into(),
        finding.severity.as_str().into(),
        status_name(finding.status).into(),
        waived.into(),
        state.into(),
        (&*finding.account).into(),
        (&*finding.resource).into(),
        finding.resource_type.as_str().into(),
        (&*finding.message).into(),
        json(&finding.evidence)?.into(),
        json(&finding.controls)?.into(),
        (&*finding.remediation).into(),
        finding.mode.as_str().into(),
    ])
}

/// `value` as JSON on one line.
fn json(value: &impl Serialize) -> Result<String, ReportError> {
    Ok(serde_json::to_string(value).map_err(io::Error::from)?)
}

/// `cell`, so that no spreadsheet takes it for a formula (OWASP, CSV injection).
fn defused(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}").into() } else { cell.into() }
}

/// The input or output error in `error`, so that a closed pipe stays one.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, fixture, tests::render};
    use super::{HEADER, defused};

    #[test]
    fn rows_are_the_findings() {
        insta::assert_snapshot!(render(Format::Csv, &fixture::small()));
    }

    #[test]
    fn columns_are_the_keys_of_the_json() {
        let finding = serde_json::to_value(&fixture::small().findings[0]).unwrap();
        let mut keys: Vec<&str> = finding.as_object().unwrap().keys().map(String::as_str).collect();
        let mut columns = HEADER.to_vec();
        keys.sort_unstable();
        columns.sort_unstable();
        assert_eq!(columns, keys);
    }

    #[test]
    fn formulas_are_defused() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(defused(cell), format!("'{cell}"));
        }
        assert_eq!(defused("a=1"), "a=1");
        let mut evaluation = fixture::small();
        evaluation.findings[0].message = "=HYPERLINK(\"https://evil.example\",\"x\")".to_owned();
        let text = render(Format::Csv, &evaluation);
        assert!(text.contains("\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\""), "{text}");
    }
}
