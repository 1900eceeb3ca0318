//! `portcullis enforce revert`: exactly what a run changed is taken back, and nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::aws::Hub;
use crate::cli::RevertArgs;
use crate::clock;
use crate::console;
use crate::enforce::revert::{Reversal, Settled, invert};
use crate::enforce::step::{Step, What};
use crate::ledger::Outcome;
use crate::model::untrusted::Untrusted;

use super::super::exit::{ExitStatus, Failure};
use super::super::live;
use super::super::targets;
use super::book;
use super::consent;
use super::tell::Tell;
use super::undoing::Hands;

/// Runs the command.
///
/// # Errors
///
/// If the ledger does not know the run; if it could not be run, or nobody said yes.
pub(super) fn run(args: &RevertArgs) -> Result<ExitStatus, Failure> {
    if args.source.snapshot.is_some() {
        return Err(Failure::Usage("revert changes AWS: --snapshot names none of its accounts".to_owned()));
    }
    consent::can_be_had(args.yes)?;
    let book = book::Book::read(&args.ledger)?;
    let Some(reversal) = invert(book.history(), &args.run) else {
        let ledger = args.ledger.ledger.display();
        return Err(Failure::Run {
            message: format!("the ledger {ledger} has no run `{}`; nothing was done", Untrusted(&args.run)),
            help: Some("`portcullis ledger show` names the runs".to_owned()),
        });
    };
    let accounts = accounts(args)?;
    let may_be_changed = |step: &Step| accounts.contains(&step.account.id) && args.allow.allows(&step.account.id);
    let (steps, outside): (Vec<Step>, Vec<Step>) = reversal.steps.iter().cloned().partition(may_be_changed);
    let notes = notes(&reversal, &outside, args);
    let is_left = |settled: &Settled| settled.result == Outcome::Skipped;
    let left = !outside.is_empty() || reversal.settled.iter().any(is_left);
    let status = if left { ExitStatus::Undone } else { ExitStatus::Clean };
    if steps.is_empty() {
        let head = book.history().head();
        let text = format!("{notes}nothing to take back\n{}", book::end(&args.ledger, head.count, head.hash));
        console::out(&text).map_err(|error| Failure::run(&error))?;
        return Ok(status);
    }
    if !args.progress.quiet {
        console::err(&summary(&steps));
    }
    let question = format!("Take back {} changes of the run {}?", steps.len(), Untrusted(&args.run));
    if !consent::given(args.yes, &question)? {
        return Ok(ExitStatus::Undone);
    }
    let run_id = clock::run_id();
    let hands = Hands {
        aws: &args.aws,
        role: &args.role,
        ledger: &args.ledger,
        run_id: &run_id,
        never: &args.never,
        tell: Tell::Stdout,
    };
    let title = format!("revert of the run {}: {} changes", args.run, steps.len());
    Ok(hands.carry_out(steps, &title, &notes)?.and(status))
}

/// The accounts that may be entered.
fn accounts(args: &RevertArgs) -> Result<BTreeSet<String>, Failure> {
    let named = targets::named(&args.source)?;
    live::block_on("nothing was taken back", async {
        let hub =
            Hub::connect(live::settings(&args.aws, live::ENFORCING)).await.map_err(|error| Failure::aws(&error))?;
        let targets = targets::choose(&args.source, named, &hub).await?;
        Ok(targets.accounts.into_iter().map(|account| account.id).collect())
    })
}

/// What is about to be done.
fn summary(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let what = match &step.what {
            What::Open { .. } => "take the guard off",
            What::Close { .. } => "put the guard back on",
            What::Version { to, .. } => &format!("make the version {} count again of", Untrusted(to)),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {what} {}", Untrusted(&step.resource));
    }
    text
}

/// What is not taken back: a line each.
fn notes(reversal: &Reversal, outside: &[Step], args: &RevertArgs) -> String {
    let mut text = String::new();
    for settled in &reversal.settled {
        let Settled { resource, action, result, why, .. } = settled;
        let (resource, why) = (Untrusted(resource), Untrusted(why));
        let _ = writeln!(text, "{:<7} {} {resource}: {why}", result.as_str(), Untrusted(action));
    }
    for step in outside {
        let (resource, account) = (Untrusted(&step.resource), Untrusted(&step.account.id));
        let which = if args.allow.allows(&step.account.id) { "those that were asked for" } else { "the allowed ones" };
        let _ = writeln!(text, "left    {resource}: the account {account} is not among {which}");
    }
    for made in &reversal.stays {
        let _ = writeln!(text, "stays   {}: the run made it; only guards are taken back", Untrusted(made));
    }
    text
}
