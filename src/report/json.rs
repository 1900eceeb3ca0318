//! `json`: the public contract `portcullis/results/v1`, to which [`Evaluation`] serialises. Uses only `crate::model`.

use std::io::{self, Write};

use super::error::ReportError;
use super::style::Style;
use crate::model::Evaluation;

/// Writes `evaluation`, indented, with a newline at the end.
pub(super) fn write(evaluation: &Evaluation, _: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    serde_json::to_writer_pretty(&mut *out, evaluation).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Format, fixture, tests::render};
    use serde_json::Value;

    #[test]
    fn results_are_the_contract() {
        insta::assert_snapshot!(render(Format::Json, &fixture::small()));
    }

    #[test]
    fn every_key_is_there_even_where_there_is_no_value() {
        let json: Value = serde_json::from_str(&render(Format::Json, &fixture::small())).unwrap();
        for key in ["/accounts/0/reason", "/accounts/1/credential_report_as_of", "/findings/0/waived"] {
            assert_eq!(json.pointer(key), Some(&Value::Null), "{key}");
        }
        for key in ["/fixed", "/notices", "/controls", "/summary/by_severity/informational", "/accounts/0/mfa/passkey"]
        {
            assert!(json.pointer(key).is_some(), "{key}");
        }
    }

    #[test]
    fn results_read_back_are_the_same() {
        let evaluation = fixture::organization();
        let text = render(Format::Json, &evaluation);
        assert_eq!(serde_json::from_str::<crate::model::Evaluation>(&text).unwrap(), evaluation);
        assert!(text.ends_with("}\n"));
    }
}
