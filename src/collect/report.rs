//! The credential report: CSV to rows, by the names in its header.
//!
//! Columns that are not known are passed over, columns that are missing make their field unknown, and every spelling of
//! "nothing" that AWS uses is understood (IAM User Guide, "Getting credential reports"). Pure.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::{AccessKey, Password, RootCredentials};

/// A field of a row: its value, or why it is not known.
pub(super) type Field<T> = Result<T, String>;

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// When the user was created.
    pub(super) created: Option<Timestamp>,
    /// Whether there is a password; `None` where the report says `not_supported`.
    pub(super) password_enabled: Field<Option<bool>>,
    /// Use and age of the password.
    pub(super) password: Field<Password>,
    /// Access keys, active or not.
    pub(super) access_keys: Field<Vec<AccessKey>>,
    /// How many signing certificates are active.
    pub(super) certificates: Field<u32>,
    /// Whether there are keys or certificates beyond those of the row.
    pub(super) has_more: bool,
}

/// A parsed report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// Root's row.
    pub(super) root: Option<Row>,
    /// The users' rows, by ARN.
    pub(super) users: HashMap<String, Row>,
}

/// Parses a report.
///
/// # Errors
///
/// If it is not CSV, or has no column `arn`: then it tells nothing of anybody.
pub(super) fn parse(content: &[u8]) -> Result<Report, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(content);
    let headers = reader.headers().map_err(|error| format!("the credential report is not CSV: {error}"))?;
    let columns: HashMap<String, usize> =
        headers.iter().enumerate().map(|(at, name)| (name.trim().to_ascii_lowercase(), at)).collect();
    if !columns.contains_key("arn") {
        return Err("the credential report has no column `arn`".to_owned());
    }
    let mut report = Report::default();
    for record in reader.records() {
        let record = record.map_err(|error| format!("the credential report is not CSV: {error}"))?;
        let cells = Cells { columns: &columns, record: &record };
        let arn = cells.get("arn").unwrap_or_default();
        if cells.get("user") == Some("<root_account>") || arn.ends_with(":root") {
            report.root = Some(row(cells));
        } else if !arn.is_empty() {
            report.users.insert(arn.to_owned(), row(cells));
        }
    }
    Ok(report)
}

fn row(cells: Cells<'_>) -> Row {
    Row {
        created: cells.time("user_creation_time").ok().flatten(),
        password_enabled: cells.flag("password_enabled"),
        password: password(cells),
        access_keys: access_keys(cells),
        certificates: certificates(cells),
        has_more: cells.get("additional_credentials_info").is_some_and(|text| !is_nothing(text)),
    }
}

fn password(cells: Cells<'_>) -> Field<Password> {
    Ok(Password {
        last_used: cells.time("password_last_used")?,
        last_changed: cells.time("password_last_changed")?,
        next_rotation: cells.time("password_next_rotation")?,
    })
}

/// Slots are in the order of key ids, not of age. A slot with neither activity nor a date holds no key.
fn access_keys(cells: Cells<'_>) -> Field<Vec<AccessKey>> {
    let mut keys = Vec::new();
    for slot in 1..=2 {
        let column = |name: &str| format!("access_key_{slot}_{name}");
        let active = cells.flag(&column("active"))?.unwrap_or(false);
        let created = cells.time(&column("last_rotated"))?;
        if active || created.is_some() {
            let text = |name: &str| cells.get(&column(name)).filter(|text| !is_nothing(text)).map(str::to_owned);
            keys.push(AccessKey {
                id: None,
                active,
                created,
                last_used: cells.time(&column("last_used_date"))?,
                last_used_service: text("last_used_service"),
                last_used_region: text("last_used_region"),
            });
        }
    }
    Ok(keys)
}

fn certificates(cells: Cells<'_>) -> Field<u32> {
    let one = u32::from(cells.flag("cert_1_active")?.unwrap_or(false));
    Ok(one + u32::from(cells.flag("cert_2_active")?.unwrap_or(false)))
}

impl Row {
    /// Root's row as the model has it; `None` if a column that it needs is missing.
    pub(super) fn root(&self) -> Field<RootCredentials> {
        Ok(RootCredentials {
            password_enabled: self.password_enabled.clone()?,
            password_last_used: self.password.clone()?.last_used,
            access_keys: self.access_keys.clone()?,
            signing_certificates: self.certificates.clone()?,
        })
    }
}

#[derive(Clone, Copy)]
struct Cells<'r> {
    columns: &'r HashMap<String, usize>,
    record: &'r csv::StringRecord,
}

impl<'r> Cells<'r> {
    fn get(self, column: &str) -> Option<&'r str> {
        self.columns.get(column).and_then(|at| self.record.get(*at)).map(str::trim)
    }

    fn need(self, column: &str) -> Field<&'r str> {
        self.get(column).ok_or_else(|| format!("the credential report has no column `{column}`"))
    }

    fn flag(self, column: &str) -> Field<Option<bool>> {
        let text = self.need(column)?;
        if text.eq_ignore_ascii_case("true") {
            Ok(Some(true))
        } else if text.eq_ignore_ascii_case("false") {
            Ok(Some(false))
        } else if is_nothing(text) {
            Ok(None)
        } else {
            Err(format!("the credential report has an unknown value in column `{column}`"))
        }
    }

    fn time(self, column: &str) -> Field<Option<Timestamp>> {
        let text = self.need(column)?;
        if is_nothing(text) {
            return Ok(None);
        }
        let without_zone = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse().ok()?).ok();
        match text.parse::<Timestamp>().ok().or_else(without_zone) {
            Some(time) => Ok(Some(time)),
            None => Err(format!("the credential report has an unknown value in column `{column}`")),
        }
    }
}

/// The ways in which the report says that there is nothing.
fn is_nothing(text: &str) -> bool {
    ["", "n/a", "no_information", "not_supported"].iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
        password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
        cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

    #[expect(clippy::unnecessary_wraps, reason = "what it is compared with may be absent")]
    fn time(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_live_report_is_understood() {
        let text = format!(
            "{HEADER}\n<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00Z,not_supported,\
             2026-01-02T03:04:05+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,\
             false,N/A,false,N/A\nzoë,arn:aws:iam::111122223333:user/a/zoë,2026-09-11T12:00:00Z,TRUE,no_information,\
             2026-09-11T12:00:00Z,N/A,FALSE,false,2021-01-01T00:00:00Z,N/A,N/A,N/A,true,2026-01-01T00:00:00Z,\
             2026-02-01T00:00:00Z,N/A,s3,true,2020-01-01T00:00:00Z,false,N/A"
        );
        let report = parse(text.as_bytes()).unwrap();
        let root = report.root.unwrap().root().unwrap();
        assert_eq!((root.password_enabled, root.password_last_used), (None, time("2026-01-02T03:04:05Z")));
        assert!(root.access_keys.is_empty());
        let user = &report.users["arn:aws:iam::111122223333:user/a/zoë"];
        assert_eq!(user.password_enabled, Ok(Some(true)));
        assert_eq!(user.password.as_ref().unwrap().last_used, None);
        let keys = user.access_keys.as_ref().unwrap();
        assert_eq!(keys.len(), 2, "an inactive key keeps its date and counts");
        assert_eq!((keys[0].active, keys[1].last_used_service.as_deref()), (false, Some("s3")));
        assert_eq!((keys[1].last_used_region.as_deref(), user.certificates.clone()), (None, Ok(1)));
        assert!(!user.has_more);
    }

    #[test]
    fn columns_are_found_by_name_and_missing_ones_are_unknown() {
        let text = "new_column,password_enabled,arn,user\nx,false,arn:aws:iam::1:user/a,a\n";
        let report = parse(text.as_bytes()).unwrap();
        let user = &report.users["arn:aws:iam::1:user/a"];
        assert_eq!(user.password_enabled, Ok(Some(false)));
        assert!(user.access_keys.is_err() && user.password.is_err() && user.certificates.is_err());
        assert!(parse(b"a,b\n1,2\n").is_err());
    }

    #[test]
    fn a_value_outside_the_vocabulary_is_unknown_and_never_nothing() {
        let text = "user,arn,password_enabled,password_last_used,password_last_changed,password_next_rotation\n\
            a,arn:aws:iam::1:user/a,maybe,yesterday,N/A,N/A\n";
        let report = parse(text.as_bytes()).unwrap();
        let user = &report.users["arn:aws:iam::1:user/a"];
        assert!(user.password_enabled.is_err() && user.password.is_err());
    }

    #[test]
    fn more_credentials_than_the_row_holds_are_noticed() {
        let text = "user,arn,additional_credentials_info\na,arn:aws:iam::1:user/a,2 more access keys\n\
            b,arn:aws:iam::1:user/b,N/A\n";
        let report = parse(text.as_bytes()).unwrap();
        assert!(report.users["arn:aws:iam::1:user/a"].has_more);
        assert!(!report.users["arn:aws:iam::1:user/b"].has_more);
    }
}
