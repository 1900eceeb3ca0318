//! `portcullis enforce run`: release, plan and apply in one go, within the limits.
//!
//! Accounts are read once, for both; each part is a run of its own in the ledger, and applying is that of the plan. Nobody
//! is both let out and planned: who is let out fails no rule that acts. A plan that is refused does not keep anybody in.

use std::path::PathBuf;

use crate::cli::{ApplyArgs, PlanArgs, RunArgs};
use crate::clock;
use crate::console;
use crate::enforce::plan::Plan;
use crate::enforce::release::Selection;
use crate::enforce::show;
use crate::yaml::SourceFile;

use super::super::exit::{ExitStatus, Failure};
use super::apply;
use super::consent;
use super::plan;
use super::release;
use super::tell::Tell;
use super::undoing::Hands;

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, nobody said yes, or the plan is refused.
pub(super) fn run(args: &RunArgs, config: Option<&SourceFile>) -> Result<ExitStatus, Failure> {
    if args.source.snapshot.is_some() {
        return Err(Failure::Usage("run changes AWS: --snapshot names none of its accounts".to_owned()));
    }
    let yes = args.apply_limits.yes;
    consent::can_be_had(yes)?;
    let plan_args = plan_args(args);
    let sinks = plan::sinks(&plan_args.view.formats)?;
    let reading = plan::read(&plan_args, config, true)?;
    let (selection, unread) = release::of_surveys(reading.surveys(), &args.guard);
    let planned = plan::decide(&plan_args, &reading).and_then(|made| plan::publish(made, &plan_args, &sinks));
    if !args.progress.quiet {
        console::err(&summary(&selection, planned.as_ref().ok()));
    }
    let has_changes = planned.as_ref().is_ok_and(|plan| !plan.actions.is_empty());
    if (has_changes || !selection.out.is_empty()) && !consent::given(yes, "Release and apply this?")? {
        return Ok(ExitStatus::Undone);
    }
    let tell = Tell::beside(&sinks);
    let released = let_out(args, &selection, &unread, tell)?;
    let plan = planned?;
    if !has_changes {
        return Ok(released);
    }
    // The run of the plan, so that the plan's JSON tells which run to revert.
    let run_id = plan.run_id.clone();
    Ok(released.and(apply::carry_out(plan, &apply_args(args), &run_id, tell)?))
}

fn let_out(
    args: &RunArgs,
    selection: &Selection,
    unread: &[(String, String)],
    tell: Tell,
) -> Result<ExitStatus, Failure> {
    let (notes, status) = (release::notes(selection, unread), release::left(selection, unread, false));
    if selection.out.is_empty() {
        tell.results(&notes)?;
        return Ok(status);
    }
    let run_id = clock::run_id();
    let hands = Hands {
        aws: &args.aws,
        role: &args.role,
        ledger: &args.ledger,
        run_id: &run_id,
        never: &args.guard.never,
        tell,
    };
    let title = release::title(selection, false);
    Ok(hands.carry_out(release::steps(selection, false), &title, &notes)?.and(status))
}

/// What is about to be done.
fn summary(selection: &Selection, plan: Option<&Plan>) -> String {
    let planned = plan.map_or_else(|| "the plan is refused".to_owned(), show::summary);
    format!("{} users to be released\n{}{planned}\n", selection.out.len(), release::summary(selection))
}

fn plan_args(args: &RunArgs) -> PlanArgs {
    PlanArgs {
        source: args.source.clone(),
        aws: args.aws.clone(),
        rules: args.rules.clone(),
        guard: args.guard.clone(),
        limits: args.plan_limits.clone(),
        ledger: args.ledger.clone(),
        out: None,
        view: args.view.clone(),
        progress: args.progress.clone(),
    }
}

fn apply_args(args: &RunArgs) -> ApplyArgs {
    let mut limits = args.apply_limits.clone();
    // Whoever was asked said yes to both.
    limits.yes = true;
    ApplyArgs {
        plan: PathBuf::new(),
        aws: args.aws.clone(),
        role: args.role.clone(),
        limits,
        never: args.guard.never.clone(),
        allow: args.guard.allow.clone(),
        ledger: args.ledger.clone(),
        progress: args.progress.clone(),
    }
}
