//! `portcullis enforce release`: users who have a second factor by now are let out; in an emergency, everybody.

mod everybody;

use std::fmt::Write as _;

use crate::cli::{AfterEnrolment, GuardArgs, ReleaseArgs};
use crate::clock;
use crate::console;
use crate::enforce::release::{Candidate, Selection, Terms, Why, select};
use crate::enforce::step::{Identity, Step, What};
use crate::enforce::survey::AccountSurvey;
use crate::enforce::user_name;
use crate::model::untrusted::Untrusted;
use crate::yaml::SourceFile;

use super::super::exit::{ExitStatus, Failure};
use super::super::live;
use super::consent;
use super::plan;
use super::surveys::{self, Order, Rules};
use super::tell::Tell;
use super::undoing::Hands;

/// Runs the command.
///
/// # Errors
///
/// If it could not be run, or nobody said yes.
pub(super) fn run(args: &ReleaseArgs, config: Option<&SourceFile>) -> Result<ExitStatus, Failure> {
    if args.source.snapshot.is_some() {
        return Err(Failure::Usage("release changes AWS: --snapshot names none of its accounts".to_owned()));
    }
    consent::can_be_had(args.yes)?;
    let run_id = clock::run_id();
    let hands = Hands {
        aws: &args.aws,
        role: &args.role,
        ledger: &args.ledger,
        run_id: &run_id,
        never: &args.guard.never,
        tell: Tell::Stdout,
    };
    let (selection, unread) = if args.all { everybody::of(args, &hands)? } else { enrolled(args, config, &run_id)? };
    let notes = notes(&selection, &unread);
    let status = left(&selection, &unread, args.all);
    if selection.out.is_empty() {
        let text = format!("{notes}nobody to release, {} stay guarded\n", selection.stays.len());
        console::out(&text).map_err(|error| Failure::run(&error))?;
        return Ok(status);
    }
    if !args.progress.quiet {
        console::err(&summary(&selection));
    }
    if !consent::given(args.yes, &question(&selection, args.all))? {
        return Ok(ExitStatus::Undone);
    }
    let title = title(&selection, args.all);
    Ok(hands.carry_out(steps(&selection, args.all), &title, &notes)?.and(status))
}

/// Who is let out by the rules.
fn enrolled(
    args: &ReleaseArgs,
    config: Option<&SourceFile>,
    run_id: &str,
) -> Result<(Selection, Vec<(String, String)>), Failure> {
    let rules = Rules::read(&args.rules, config)?;
    let order = Order {
        source: &args.source,
        aws: &args.aws,
        rules: &args.rules,
        progress: !args.progress.no_progress && !args.progress.quiet,
        guards: plan::guards(&args.guard)?,
        devices: true,
    };
    let found = live::block_on("nobody was released", surveys::of_aws(&order, &rules, run_id))?;
    Ok(of_surveys(&found.seen.surveys, &args.guard))
}

/// Who is let out, and the accounts that could not be read.
pub(super) fn of_surveys(surveys: &[AccountSurvey], guard: &GuardArgs) -> (Selection, Vec<(String, String)>) {
    let terms = Terms {
        all: false,
        keep: guard.after_enrolment == AfterEnrolment::Keep,
        break_glass: guard.break_glass().unwrap_or_default(),
        allowed_accounts: &guard.allow.allowed_accounts,
    };
    let guarded = surveys.iter().flat_map(|survey| survey.guarded.iter().map(|user| (&survey.account, user)));
    let unread = surveys.iter().filter_map(|survey| Some((survey.account.id.clone(), survey.unread()?.to_owned())));
    (select(guarded, &terms), unread.collect())
}

/// What is to be done for those who are let out.
pub(super) fn steps(selection: &Selection, all: bool) -> Vec<Step> {
    let step = |user: &Candidate| Step {
        account: user.account.clone(),
        resource: user.resource.clone(),
        // An emergency asks nothing: whoever has this name now is let out.
        identity: Identity { user_id: user.user_id.clone().filter(|_| !all), existed: None },
        what: What::Open { gates: user.gates.clone(), only_with_device: !all },
        note: if all { "released with everybody" } else { "has enrolled" }.to_owned(),
    };
    selection.out.iter().map(step).collect()
}

/// What the ledger says that the run is.
pub(super) fn title(selection: &Selection, all: bool) -> String {
    format!("release{} {} users", if all { " --all:" } else { "" }, selection.out.len())
}

/// Who is about to be let out.
pub(super) fn summary(selection: &Selection) -> String {
    let mut text = String::new();
    for user in &selection.out {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  release {}", Untrusted(&user.resource));
    }
    text
}

fn question(selection: &Selection, all: bool) -> String {
    let whom = match selection.out.as_slice() {
        [only] => format!("user {}", Untrusted(user_name(&only.resource))),
        several => format!("{} users", several.len()),
    };
    if all { format!("Take the guard off {whom}, whatever they fail or have?") } else { format!("Release {whom}?") }
}

/// Who is not let out, and what could not be read: a line each.
pub(super) fn notes(selection: &Selection, unread: &[(String, String)]) -> String {
    let mut text = String::new();
    for user in &selection.stays {
        let _ =
            writeln!(text, "stays   {}: {}: {}", Untrusted(&user.resource), user.why.as_str(), Untrusted(&user.detail));
    }
    for user in selection.out.iter().filter(|user| !user.foreign.is_empty()) {
        let groups = user.foreign.join(", ");
        let user = Untrusted(&user.resource);
        let _ = writeln!(text, "note    {user} is also guarded by {}, which is not ours to change", Untrusted(&groups));
    }
    for (account, why) in unread {
        let _ = writeln!(text, "unread  account {}: {}", Untrusted(account), Untrusted(why));
    }
    text
}

/// How it ends for those who were not looked at or stay guarded.
pub(super) fn left(selection: &Selection, unread: &[(String, String)], all: bool) -> ExitStatus {
    let is_free = selection.stays.is_empty() && selection.out.iter().all(|user| user.foreign.is_empty());
    let is_unknown = !unread.is_empty() || selection.stays.iter().any(|user| user.why == Why::DevicesUnknown);
    match (all, is_free, is_unknown) {
        (true, true, false) | (false, _, false) => ExitStatus::Clean,
        (true, ..) => ExitStatus::Undone,
        (false, _, true) => ExitStatus::Incomplete,
    }
}
