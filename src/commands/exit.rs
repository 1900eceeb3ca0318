//! How a run ends: the exit statuses of the public contract, and what is said when it could not be run.

use crate::yaml::{Diagnostic, render};

/// How a run ended: the exit statuses of the public contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Clean, or all done.
    Clean = 0,
    /// Could not run, or refused.
    Failed = 1,
    /// The command line, or a rule, waiver or config file, is wrong.
    Usage = 2,
    /// There are findings at or above `--fail-on`.
    Findings = 3,
    /// Nothing counts for 3, but something could not be read.
    Incomplete = 4,
}

impl ExitStatus {
    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// Why a run ended before its end.
#[derive(Debug)]
pub enum Failure {
    /// Files that the user wrote are wrong.
    Diagnostics(Vec<Diagnostic>),
    /// The command line asks for something that makes no sense.
    Usage(String),
    /// It could not run: what happened, and what to do next.
    Run {
        /// What happened.
        message: String,
        /// What to do next, if there is something.
        help: Option<String>,
    },
}

impl Failure {
    /// A failure to run, without advice.
    #[must_use]
    pub fn run(error: &dyn std::error::Error) -> Self {
        Self::Run { message: chain(error), help: None }
    }

    /// A failure of AWS, or of the way to it.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn aws(error: &crate::aws::AwsError) -> Self {
        Self::Run { message: error.to_string(), help: None }
    }

    /// The exit status that it means.
    #[must_use]
    pub const fn status(&self) -> ExitStatus {
        match self {
            Self::Diagnostics(_) | Self::Usage(_) => ExitStatus::Usage,
            Self::Run { .. } => ExitStatus::Failed,
        }
    }

    /// What to show on stderr for an editor: an array with an object a problem.
    #[must_use]
    pub fn render_json(&self) -> String {
        let problems = match self {
            Self::Diagnostics(diagnostics) => diagnostics.iter().map(Diagnostic::to_json).collect(),
            Self::Usage(message) => vec![serde_json::json!({ "code": "usage", "message": message })],
            Self::Run { message, help } => {
                vec![serde_json::json!({ "code": "run", "message": message, "help": help })]
            }
        };
        format!("{}\n", serde_json::Value::Array(problems))
    }

    /// What to show on stderr.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        match self {
            Self::Diagnostics(diagnostics) => {
                let count = diagnostics.len();
                let problems = if count == 1 { "1 problem" } else { &format!("{count} problems") };
                format!("{}error: {problems}; nothing was done\n", render(diagnostics, colour))
            }
            Self::Usage(message) | Self::Run { message, help: None } => format!("error: {message}\n"),
            Self::Run { message, help: Some(help) } => format!("error: {message}\n  help: {help}\n"),
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
