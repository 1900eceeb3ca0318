//! How a run ends: the exit statuses of the public contract, and what is said when it could not be run.

use crate::ledger::LedgerError;
use crate::model::untrusted::Untrusted;
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
    /// A change was left undone, a plan has changes, or the ledger's chain is broken.
    Undone = 5,
}

impl ExitStatus {
    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of a run of which one part ended so and another so: 1 and 2 beat 5 beats 3 beats 4.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let rank = |status: Self| match status {
            Self::Clean => 0,
            Self::Incomplete => 1,
            Self::Findings => 2,
            Self::Undone => 3,
            Self::Failed | Self::Usage => 4,
        };
        if rank(other) > rank(self) { other } else { self }
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
    /// Something was left undone, or the evidence is broken: what, and what to do next.
    Undone {
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

    /// A failure of the ledger of a command that needs one. That its chain is broken is a reason not to run like any
    /// other: where 5 says that there is something to apply, it must not say that too.
    #[must_use]
    pub fn ledger(error: &LedgerError) -> Self {
        Self::Run { message: Untrusted(&chain(error)).to_string(), help: error.help().map(str::to_owned) }
    }

    /// The same of a command that looks at the ledger itself: a broken chain is what it found.
    #[must_use]
    pub fn of_ledger(error: &LedgerError) -> Self {
        match (error, Self::ledger(error)) {
            (LedgerError::Broken { .. }, Self::Run { message, help }) => Self::Undone { message, help },
            (_, failure) => failure,
        }
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
            Self::Undone { .. } => ExitStatus::Undone,
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
            Self::Undone { message, help } => {
                vec![serde_json::json!({ "code": "undone", "message": message, "help": help })]
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
            Self::Usage(message) | Self::Run { message, help: None } | Self::Undone { message, help: None } => {
                format!("error: {message}\n")
            }
            Self::Run { message, help: Some(help) } | Self::Undone { message, help: Some(help) } => {
                format!("error: {message}\n  help: {help}\n")
            }
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

#[cfg(test)]
mod tests {
    use super::ExitStatus::{Clean, Failed, Findings, Incomplete, Undone, Usage};

    #[test]
    fn the_statuses_are_those_of_the_contract_and_the_graver_one_wins() {
        assert_eq!(
            [Clean, Failed, Usage, Findings, Incomplete, Undone].map(super::ExitStatus::code),
            [0, 1, 2, 3, 4, 5]
        );
        let by_weight = [Clean, Incomplete, Findings, Undone, Failed];
        for (index, lighter) in by_weight.into_iter().enumerate() {
            for graver in by_weight.into_iter().skip(index) {
                assert_eq!((lighter.and(graver), graver.and(lighter)), (graver, graver));
            }
        }
        assert_eq!((Usage.and(Undone), Undone.and(Usage)), (Usage, Usage));
        assert_eq!((Usage.and(Failed), Failed.and(Usage)), (Usage, Failed), "what was found first");
    }
}
