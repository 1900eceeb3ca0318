//! `portcullis simulate --lint`: what is wrong with policy files, dead in them, or probably not meant.

use serde_json::{Value, json};

use crate::cli::SimulateArgs;
use crate::console;
use crate::iam::lint::{Finding, Given, Severity, lint};
use crate::yaml::{self, Code, Diagnostic, SourceFile, render};

use super::exit::{ExitStatus, Failure};
use super::policy_files;

/// A finding in a file.
struct Found {
    finding: Finding,
    diagnostic: Diagnostic,
}

/// Looks at the files, and writes what was found.
///
/// # Errors
///
/// Every file that cannot be read; if the command line makes no sense, or stdout cannot be written.
pub(super) fn run(args: &SimulateArgs, as_json: bool) -> Result<ExitStatus, Failure> {
    let partition = partition(args)?;
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for path in &args.lint {
        match look(path, partition) {
            Ok(findings) => found.extend(findings),
            Err(problem) => problems.push(*problem),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Diagnostics(problems));
    }
    let text = if as_json { as_array(&found) } else { for_people(&found, args.lint.len()) };
    console::out(&text).map_err(|error| Failure::run(&error))?;
    let is_clean = found.iter().all(|found| found.finding.lint.severity() == Severity::Note);
    Ok(if is_clean { ExitStatus::Clean } else { ExitStatus::Findings })
}

/// The partition that the policies are for, if it is said.
fn partition(args: &SimulateArgs) -> Result<Option<&str>, Failure> {
    let of_principal = match &args.principal_arn {
        Some(arn) => {
            let found = arn.strip_prefix("arn:").and_then(|rest| rest.split_once(':'));
            Some(found.ok_or_else(|| Failure::Usage(format!("--principal-arn: `{arn}` is no ARN of a principal")))?.0)
        }
        None => None,
    };
    Ok(args.partition.as_deref().or(of_principal))
}

fn look(path: &str, partition: Option<&str>) -> Result<Vec<Found>, Box<Diagnostic>> {
    let source = SourceFile::read(path)?;
    let (document, tree) = policy_files::with_tree(&source)?;
    // What is written in YAML is stored as JSON, which then is what counts.
    let json = policy_files::is_json(&source).then_some(&*source.text);
    let findings = lint(&document, &Given { tree: Some(&tree), json, partition });
    Ok(findings.into_iter().map(|finding| Found { diagnostic: diagnostic(&source, &finding), finding }).collect())
}

fn diagnostic(source: &SourceFile, finding: &Finding) -> Diagnostic {
    let severity = match finding.lint.severity() {
        Severity::Error => yaml::Severity::Error,
        Severity::Warning => yaml::Severity::Warning,
        Severity::Note => yaml::Severity::Note,
    };
    Diagnostic {
        code: Code::Lint { name: finding.lint.as_str(), severity },
        source: source.clone(),
        span: finding.span.clone().unwrap_or(0..0),
        message: finding.told(),
        label: finding.lint.why().to_owned(),
        help: Some(finding.lint.fix().to_owned()),
    }
}

fn for_people(found: &[Found], files: usize) -> String {
    let diagnostics: Vec<Diagnostic> = found.iter().map(|found| found.diagnostic.clone()).collect();
    let count = |severity: Severity, one: &str| {
        let count = found.iter().filter(|found| found.finding.lint.severity() == severity).count();
        (count > 0).then(|| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") })
    };
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let counts: Vec<String> =
        severities.into_iter().filter_map(|severity| count(severity, severity.as_str())).collect();
    let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    let summary = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    format!("{}{files}: {summary}\n", render(&diagnostics, console::stdout_colour()))
}

/// As the checker of rules writes problems for editors, with what a lint has beside.
fn as_array(found: &[Found]) -> String {
    let object = |Found { finding, diagnostic }: &Found| {
        let mut object = diagnostic.to_json();
        let more = json!({
            "severity": finding.lint.severity().as_str(),
            "statement": finding.statement,
            "sid": finding.sid,
        });
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more);
        }
        object
    };
    format!("{}\n", found.iter().map(object).collect::<Value>())
}
