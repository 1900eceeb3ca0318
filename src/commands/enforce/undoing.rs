//! Changes that are taken back, as commands do it: with a ledger, to the end of the change under way, and told.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::aws::{Hub, WriteRole};
use crate::cli::{AwsArgs, BreakGlassArgs, EnforceRoleArgs, LedgerArgs};
use crate::console;
use crate::enforce::step::Step;
use crate::enforce::undo::{self, Context, Done, Undone};
use crate::enforce::wait::PATIENCE;
use crate::journal::Journal;
use crate::ledger::Outcome;
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::super::live;
use super::apply::end_after_the_change;
use super::book;
use super::tell::Tell;
use super::writing::{of_caller, write_role};

/// With what a command takes changes back.
pub(super) struct Hands<'a> {
    pub(super) aws: &'a AwsArgs,
    pub(super) role: &'a EnforceRoleArgs,
    pub(super) ledger: &'a LedgerArgs,
    pub(super) run_id: &'a str,
    pub(super) never: &'a BreakGlassArgs,
    /// Where what became of it is told.
    pub(super) tell: Tell,
}

impl Hands<'_> {
    /// The role to write with.
    pub(super) fn write_role(&self) -> Option<WriteRole> {
        write_role(self.role, self.aws, self.run_id)
    }

    /// Takes everything back and tells what became of it; `notes` are told too.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be opened or written, or the caller has no credentials.
    pub(super) fn carry_out(&self, steps: Vec<Step>, title: &str, notes: &str) -> Result<ExitStatus, Failure> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::run(&error))?;
        let hub = runtime
            .block_on(Hub::connect(live::settings(self.aws, live::ENFORCING)))
            .map_err(|error| Failure::aws(&error))?;
        let caller = hub.caller().arn.clone();
        let ledger = book::open(self.ledger, self.run_id, Some(&caller))?;
        let journal = Journal::new(ledger, self.run_id, Some(&caller), None);
        let context = Context {
            role: self.write_role(),
            journal: journal.clone(),
            callers: of_caller(hub.caller()),
            break_glass: self.never.named().unwrap_or_default().to_vec(),
            interrupted: Arc::new(AtomicBool::new(false)),
            concurrency: usize::from(self.aws.concurrency),
            patience: PATIENCE,
            hub,
        };
        let undone = runtime.block_on(async {
            tokio::spawn(end_after_the_change(Arc::clone(&context.interrupted)));
            undo::carry_out(steps, context, title).await
        });
        runtime.shutdown_timeout(Duration::from_millis(100));
        self.tell(&undone, &journal, notes)
    }

    fn tell(&self, undone: &Undone, journal: &Journal, notes: &str) -> Result<ExitStatus, Failure> {
        let (head, entries) = journal.head();
        let mut text = String::new();
        for done in &undone.results {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{}", line(done));
        }
        text.push_str(notes);
        let counts: Vec<String> =
            Outcome::ALL.iter().map(|result| format!("{} {}", undone.count(result), result.as_str())).collect();
        let _ = writeln!(text, "{}, {} left; run {}", counts.join(", "), undone.left, self.run_id);
        text.push_str(&book::end(self.ledger, entries, &head));
        self.tell.results(&text)?;
        if let Some(error) = &undone.ledger {
            return Err(Failure::ledger(error));
        }
        if let Some(why) = &undone.stopped {
            console::err(&format!("stopped: {why}; run this again to go on\n"));
        }
        Ok(if undone.is_complete() { ExitStatus::Clean } else { ExitStatus::Undone })
    }
}

fn line(done: &Done) -> String {
    let remarks = done.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let remarks = Untrusted(&remarks).to_string();
    let guard = if done.guard.is_empty() { String::new() } else { format!(" {}", done.guard) };
    format!("{:<7} {} {}{guard}{remarks}", done.result.as_str(), done.action, Untrusted(&done.resource))
}
