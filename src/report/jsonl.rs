//! `jsonl`: the findings of the JSON, one a line, for log pipelines. Uses only `crate::model`.

use std::io::{self, Write};

use super::error::ReportError;
use super::style::Style;
use crate::model::Evaluation;

/// Writes a line for each finding of `evaluation`.
pub(super) fn write(evaluation: &Evaluation, _: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    for finding in &evaluation.findings {
        serde_json::to_writer(&mut *out, finding).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Format, fixture, tests::render};
    use crate::model::Finding;

    #[test]
    fn each_line_is_a_finding() {
        let evaluation = fixture::organization();
        let text = render(Format::Jsonl, &evaluation);
        let findings: Vec<Finding> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(findings, evaluation.findings);
    }
}
