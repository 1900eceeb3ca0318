//! Reports: an [`Evaluation`] written in one of several formats.
//!
//! Each format is one file with one function of one signature, and one arm of [`fn@write`]. May use only `crate::model`;
//! no report evaluates, reads a clock or talks to AWS: what it says is in the [`Evaluation`], or a sum over it.

mod csv;
mod digest;
pub mod documents;
mod error;
#[cfg(test)]
mod fixture;
mod html;
mod json;
mod jsonl;
mod markdown;
pub mod sink;
mod style;
mod table;
mod text;

use std::io::Write;

use crate::model::Evaluation;

pub use error::ReportError;
pub use style::Style;

/// A way to write results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For an engineer at a terminal.
    Table,
    /// `portcullis/results/v1`, the public contract.
    Json,
    /// The findings of the JSON, one a line.
    Jsonl,
    /// One self-contained page for a reviewer.
    Html,
    /// For a pull request or a job summary.
    Markdown,
    /// The findings of the JSON, one a row.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Table, Self::Json, Self::Jsonl, Self::Html, Self::Markdown, Self::Csv];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
        }
    }

    /// The format called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// Writes `evaluation` as `format`.
///
/// # Errors
/// If `out` fails.
pub fn write(format: Format, evaluation: &Evaluation, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let writer = match format {
        Format::Table => table::write,
        Format::Json => json::write,
        Format::Jsonl => jsonl::write,
        Format::Html => html::write,
        Format::Markdown => markdown::write,
        Format::Csv => csv::write,
    };
    writer(evaluation, style, out)?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// `evaluation` as `format`, at 100 columns and without colour.
    pub(super) fn render(format: Format, evaluation: &Evaluation) -> String {
        let mut out = Vec::new();
        write(format, evaluation, Style { width: Some(100), colour: false }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_round_trip() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
        }
        assert_eq!(Format::parse("yaml"), None);
        assert_eq!(Format::parse("HTML"), None);
    }

    #[test]
    fn an_account_that_was_not_read_shows_in_every_format() {
        let evaluation = fixture::organization();
        for format in Format::ALL {
            let text = render(format, &evaluation);
            for account in ["100000000010", "100000000011"] {
                assert!(text.contains(account), "{} does not show {account}", format.as_str());
            }
        }
    }

    #[test]
    fn a_closed_pipe_is_told_from_other_failures() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for format in Format::ALL {
            let error = write(format, &fixture::organization(), Style::default(), &mut Closed).unwrap_err();
            assert!(error.is_broken_pipe(), "{}: {error}", format.as_str());
        }
    }
}
