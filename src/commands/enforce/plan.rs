//! `portcullis enforce plan`: who would be guarded, who is held back and why. Changes nothing in AWS.

use std::collections::BTreeMap;
use std::path::Path;

#[cfg(feature = "aws")]
use crate::cli::GuardArgs;
use crate::cli::{Attach, KeysInUse, PlanArgs, Sink, ViaServices, View};
use crate::clock;
use crate::console;
#[cfg(feature = "aws")]
use crate::enforce::Guards;
use crate::enforce::draft::{Bounds, Draft, Live};
use crate::enforce::grace::Calendar;
use crate::enforce::plan::{Plan, SCHEMA, Settings, Way};
use crate::enforce::{seal, show};
use crate::report::sink;
use crate::yaml::SourceFile;

use super::super::exit::{ExitStatus, Failure};
use super::book;
use super::surveys::{Order, Rules, Seen, of_snapshot};

/// Columns where the output is no terminal.
const DEFAULT_WIDTH: u16 = 120;

/// Runs the command.
///
/// # Errors
///
/// Why there is no plan.
pub(super) fn run(args: &PlanArgs, config: Option<&SourceFile>) -> Result<ExitStatus, Failure> {
    let sinks = sinks(&args.view.formats)?;
    let reading = read(args, config, false)?;
    let plan = publish(decide(args, &reading)?, args, &sinks)?;
    let is_to_be_applied = !plan.actions.is_empty() && !args.view.exit_zero;
    let status = if is_to_be_applied { ExitStatus::Undone } else { ExitStatus::Clean };
    Ok(status.and(reading.read.seen.status()))
}

/// What a plan is made of.
pub(super) struct Reading {
    rules: Rules,
    settings: Settings,
    run_id: String,
    read: Read,
}

impl Reading {
    /// The accounts.
    #[cfg(feature = "aws")]
    pub(super) fn surveys(&self) -> &[crate::enforce::survey::AccountSurvey] {
        &self.read.seen.surveys
    }
}

/// Reads what a plan is made of, and, for a release before it, the devices of everybody who is guarded.
///
/// # Errors
///
/// If something could not be read, or the settings refuse any plan.
pub(super) fn read(args: &PlanArgs, config: Option<&SourceFile>, releases: bool) -> Result<Reading, Failure> {
    let settings = settings(args)?;
    let rules = Rules::read(&args.rules, config)?;
    let order = Order {
        source: &args.source,
        aws: &args.aws,
        rules: &args.rules,
        progress: !args.progress.no_progress && !args.progress.quiet,
        guards: settings.guards(),
        devices: releases,
    };
    let run_id = clock::run_id();
    let read = match &args.source.snapshot {
        Some(path) => Read { seen: of_snapshot(&order, &rules, path)?, callers: Vec::new(), live: BTreeMap::new() },
        None => live(&order, &rules, args, &settings, &run_id)?,
    };
    Ok(Reading { rules, settings, run_id, read })
}

/// Makes the plan of what was read.
///
/// # Errors
///
/// If the plan is refused, or the ledger cannot be read or written.
pub(super) fn decide(args: &PlanArgs, reading: &Reading) -> Result<Plan, Failure> {
    let Reading { rules, settings, run_id, read } = reading;
    // First, so that a user who has the name of an earlier one does not have its deadline.
    if rules.set.rules.iter().any(|rule| rule.grace.is_some()) {
        let caller = read.callers.first().map(String::as_str);
        book::observe(&args.ledger, rules, &read.seen, caller, run_id)?;
    }
    let book = book::Book::read(&args.ledger)?;
    let calendar = Calendar::new(book.history(), clock::now());
    let period = |rule: &str| rules.set.rules.iter().find(|known| known.id == rule).and_then(|rule| rule.grace);
    let grace = |account: &str, user: &str, rule: &str| calendar.grace(account, user, rule, period(rule));
    let bounds = bounds(args, settings, read, &grace);
    let draft = Draft::new(&read.seen.surveys, &read.live, &bounds);
    if let Some(over) = draft.over_cap() {
        return Err(Failure::Run {
            message: format!("the plan is refused: {over}"),
            help: Some("--take N plans for the first N; raise the cap if so many is what you mean".to_owned()),
        });
    }
    Ok(plan(args, rules, read, settings.clone(), draft, run_id.clone()))
}

/// What was read for a plan.
struct Read {
    seen: Seen,
    callers: Vec<String>,
    live: BTreeMap<String, Live>,
}

#[cfg(feature = "aws")]
fn live(order: &Order<'_>, rules: &Rules, args: &PlanArgs, settings: &Settings, run_id: &str) -> Result<Read, Failure> {
    use super::surveys;
    use super::users;
    use super::writing::of_caller;
    crate::commands::live::block_on("no plan was written", async {
        let found = surveys::of_aws(order, rules, run_id).await?;
        let callers = of_caller(found.hub.caller());
        let read = Read { seen: found.seen, callers, live: BTreeMap::new() };
        // Calls for single users are made only for those whom nothing that is known already holds back.
        let no_grace = |_: &str, _: &str, _: &str| crate::enforce::Grace::None;
        // Of all of them, whatever --take says: who comes next if one of the first turns out to be held back is not known.
        let everybody = Bounds { take: None, live_follows: true, ..bounds(args, settings, &read, &no_grace) };
        let first = Draft::new(&read.seen.surveys, &read.live, &everybody);
        let wanted = users::wanted(&first);
        let live = users::read(&found.hub, order, &read.seen.surveys, &wanted).await;
        Ok(Read { live, ..read })
    })
}

#[cfg(not(feature = "aws"))]
fn live(_: &Order<'_>, _: &Rules, _: &PlanArgs, _: &Settings, _: &str) -> Result<Read, Failure> {
    Err(super::without_aws())
}

fn bounds<'a>(
    args: &'a PlanArgs,
    settings: &'a Settings,
    read: &'a Read,
    grace: &'a dyn Fn(&str, &str, &str) -> crate::enforce::Grace,
) -> Bounds<'a> {
    Bounds {
        settings,
        callers: &read.callers,
        allowed_accounts: &args.guard.allow.allowed_accounts,
        console_only_for_keys: args.guard.keys_in_use == KeysInUse::ConsoleOnly,
        max_users: u64::from(args.limits.max_users),
        max_percent: args.limits.max_percent,
        take: args.limits.take.map(u64::from),
        live_follows: false,
        repair: args.limits.repair,
        grace,
        now: read.seen.now,
    }
}

/// The settings that the plan carries.
///
/// # Errors
///
/// If the break-glass principals are not named, or the user's own guard is not right.
fn settings(args: &PlanArgs) -> Result<Settings, Failure> {
    let Some(break_glass) = args.guard.break_glass() else {
        return Err(Failure::Run {
            message: "the plan is refused: no break-glass principal is named".to_owned(),
            help: Some(
                "name those who must always get in with --break-glass ARN or `enforce: { break_glass: [ARN] }` in \
                 portcullis.yaml; if there are none, say so: --no-break-glass or `break_glass: []`"
                    .to_owned(),
            ),
        });
    };
    Ok(Settings {
        attach: match args.guard.attach {
            Attach::User => Way::User,
            Attach::Group => Way::Group,
        },
        via_services: args.guard.via_services == ViaServices::Allow,
        guard_document: own_document(args.guard.guard_document.as_deref())?,
        key_window_seconds: args.limits.key_window.as_secs(),
        include_active_keys: args.limits.include_active_keys,
        require_scps: args.limits.require_scps,
        break_glass: break_glass.to_vec(),
    })
}

/// The documents of the guards.
///
/// # Errors
///
/// If the user's own guard is not right.
#[cfg(feature = "aws")]
pub(super) fn guards(guard: &GuardArgs) -> Result<Guards, Failure> {
    guards_of(guard.via_services, guard.guard_document.as_deref())
}

/// The same, by the flags themselves.
///
/// # Errors
///
/// If the user's own guard cannot be read, or must not be attached.
#[cfg(feature = "aws")]
pub(in crate::commands) fn guards_of(via_services: ViaServices, own: Option<&Path>) -> Result<Guards, Failure> {
    let via_services = via_services == ViaServices::Allow;
    Ok(match own_document(own)? {
        Some(own) => Guards::with_own(via_services, own),
        None => Guards::ours(via_services),
    })
}

/// The user's own guard, if there is one, once the evaluator has found it right.
fn own_document(path: Option<&Path>) -> Result<Option<String>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let name = path.to_string_lossy();
    let document = super::super::policy_files::read(&name).map_err(|problem| Failure::Diagnostics(vec![*problem]))?;
    let classified = crate::iam::guard::Classification::of(&document, "aws", "111122223333");
    if !classified.is_right() {
        let wrong: Vec<String> =
            classified.flaws.iter().filter(|flaw| flaw.is_wrong()).map(ToString::to_string).collect();
        return Err(Failure::Run {
            message: format!("{name} is no guard that may be attached: {}", wrong.join("; ")),
            help: Some("`portcullis simulate --lint` tells more; without --guard-document ours is used".to_owned()),
        });
    }
    serde_json::to_string(&document).map(Some).map_err(|error| Failure::run(&error))
}

fn plan(args: &PlanArgs, rules: &Rules, read: &Read, settings: Settings, draft: Draft, run_id: String) -> Plan {
    let mut notes = read.seen.notes.clone();
    let unread = read.seen.unread();
    notes.extend(
        unread.map(|(account, why)| format!("nobody in account {account} is acted on: not read completely: {why}")),
    );
    if draft.guarded > 0 {
        notes.push(format!("{} users who fail are under a guard already", draft.guarded));
    }
    notes.push(
        "sessions of roles that a user opened before the guard live on until they expire; the guard binds the user only"
            .to_owned(),
    );
    if args.source.snapshot.is_some() {
        notes.push(
            "made from a snapshot: password resets, service-specific credentials and SSH keys are not in it; these and \
             everything else are read, live, before anything is changed"
                .to_owned(),
        );
    }
    Plan {
        schema: SCHEMA.to_owned(),
        hash: String::new(),
        created_at: clock::now(),
        run_id,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        caller: read.callers.first().cloned(),
        snapshot: args.source.snapshot.as_ref().map(|path| path.display().to_string()),
        facts_as_of: read.seen.surveys.iter().map(|survey| survey.as_of).min().unwrap_or(read.seen.now),
        inputs: rules.inputs.clone(),
        acting: rules.acting(),
        settings,
        limits: draft.limits,
        notes,
        actions: draft.actions,
        held_back: draft.held_back,
    }
}

/// Seals the plan and writes it where it was asked for.
///
/// # Errors
///
/// If an output cannot be written.
pub(super) fn publish(plan: Plan, args: &PlanArgs, sinks: &[Sink<View>]) -> Result<Plan, Failure> {
    let (text, hash) = seal::seal(&plan).map_err(|error| Failure::run(&error))?;
    let plan = Plan { hash, ..plan };
    write(&plan, &text, args, sinks)?;
    Ok(plan)
}

/// The outputs; a table on stdout if none is named.
pub(super) fn sinks(formats: &[Sink<View>]) -> Result<Vec<Sink<View>>, Failure> {
    if formats.is_empty() {
        return Ok(vec![Sink { format: View::Table, path: None }]);
    }
    if formats.iter().filter(|sink| sink.path.is_none()).count() > 1 {
        return Err(Failure::Usage("two formats would go to stdout; give one a path: --format FORMAT=PATH".to_owned()));
    }
    Ok(formats.to_vec())
}

/// Writes the plan, files first.
fn write(plan: &Plan, text: &str, args: &PlanArgs, sinks: &[Sink<View>]) -> Result<(), Failure> {
    let file = |path: &std::path::Path, content: &str| {
        sink::replace_file(path, |out| out.write_all(content.as_bytes())).map_err(|error| Failure::run(&error))
    };
    if let Some(path) = &args.out {
        file(path, text)?;
    }
    let width = console::stdout_width().unwrap_or(DEFAULT_WIDTH);
    let rendered = |view: View| match view {
        View::Table => show::table(plan, width),
        View::Json => text.to_owned(),
        View::Markdown => show::markdown(plan),
    };
    for sink in sinks {
        match &sink.path {
            Some(path) => file(path, &rendered(sink.format))?,
            None => console::out(&rendered(sink.format)).map_err(|error| Failure::Run {
                message: format!("stdout could not be written: {error}"),
                help: None,
            })?,
        }
    }
    if let Some(path) = args.out.as_ref().filter(|_| !plan.actions.is_empty()) {
        let (path, hash) = (path.display(), &plan.hash);
        console::err(&format!("plan {hash}; apply it with: portcullis enforce apply {path} --expect-hash {hash}\n"));
    }
    Ok(())
}
