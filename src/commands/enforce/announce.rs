//! `portcullis enforce announce`: whom to tell until when, written down. Changes nothing in AWS.

use crate::cli::{AnnounceArgs, Sink, View};
use crate::clock;
use crate::console;
use crate::enforce::Guards;
use crate::enforce::announce::{Announcement, Person, announce, markdown};
use crate::enforce::grace::Calendar;
use crate::ledger::{Kind, Ledger, Record};
use crate::model::untrusted::Untrusted;
use crate::report::sink;
use crate::yaml::SourceFile;

use super::super::exit::{ExitStatus, Failure};
use super::book;
use super::surveys::{Order, Rules, Seen, of_snapshot};

/// Runs the command.
///
/// # Errors
///
/// If AWS or the snapshot cannot be read, or the ledger or an output cannot be written.
pub(super) fn run(args: &AnnounceArgs, config: Option<&SourceFile>) -> Result<ExitStatus, Failure> {
    if args.formats.iter().filter(|sink| sink.path.is_none()).count() > 1 {
        return Err(Failure::Usage("two formats would go to stdout; give one a path: --format FORMAT=PATH".to_owned()));
    }
    let rules = Rules::read(&args.rules, config)?;
    let order = Order {
        source: &args.source,
        aws: &args.aws,
        rules: &args.rules,
        progress: !args.progress.no_progress && !args.progress.quiet,
        guards: Guards::ours(true),
        devices: false,
    };
    let run_id = clock::run_id();
    let (seen, actor) = match &args.source.snapshot {
        Some(path) => (of_snapshot(&order, &rules, path)?, None),
        None => live(&order, &rules, &run_id)?,
    };
    let timed = rules.set.rules.iter().any(|rule| rule.grace.is_some());
    if timed {
        book::observe(&args.ledger, &rules, &seen, actor.as_deref(), &run_id)?;
    }
    let ledger = if timed { Some(book::open(&args.ledger, &run_id, actor.as_deref())?) } else { None };
    let never = args.never.named().unwrap_or_default();
    let told = tell(&rules, &seen, never, ledger.as_ref(), &run_id);
    // Files first, then the ledger: what is announced was written out.
    write(&told, &args.formats)?;
    let head = ledger.map(|ledger| record(ledger, &told, actor.as_deref())).transpose()?;
    if !args.progress.quiet {
        if !timed {
            console::err("note: no rule with an action has `grace`: nothing was written to the ledger\n");
        }
        if told.people.is_empty() {
            console::err("nothing to announce\n");
        }
        if let Some((entries, head)) = head {
            console::err(&book::end(&args.ledger, entries, &head));
        }
    }
    for (account, why) in seen.unread() {
        console::err(&format!("unread  account {}: {}\n", Untrusted(account), Untrusted(why)));
    }
    Ok(seen.status())
}

#[cfg(feature = "aws")]
fn live(order: &Order<'_>, rules: &Rules, run_id: &str) -> Result<(Seen, Option<String>), Failure> {
    let read = super::surveys::of_aws(order, rules, run_id);
    let found = super::super::live::block_on("nothing was announced", read)?;
    Ok((found.seen, Some(found.hub.caller().arn.clone())))
}

#[cfg(not(feature = "aws"))]
fn live(_: &Order<'_>, _: &Rules, _: &str) -> Result<(Seen, Option<String>), Failure> {
    Err(super::without_aws())
}

fn tell(rules: &Rules, seen: &Seen, never: &[String], ledger: Option<&Ledger>, run_id: &str) -> Announcement {
    let period = |rule: &str| rules.set.rules.iter().find(|known| known.id == rule).and_then(|rule| rule.grace);
    let calendar = ledger.map_or_else(Calendar::default, |ledger| Calendar::new(ledger.history(), clock::now()));
    announce(&seen.surveys, never, &calendar, &period, clock::now(), run_id)
}

fn write(told: &Announcement, formats: &[Sink<View>]) -> Result<(), Failure> {
    for format in formats {
        let text = match format.format {
            View::Json => serde_json::to_string_pretty(told).map_err(|error| Failure::run(&error))? + "\n",
            View::Markdown | View::Table => markdown(told),
        };
        let written = match &format.path {
            Some(path) => {
                sink::replace_file(path, |out| out.write_all(text.as_bytes())).map_err(|error| Failure::run(&error))
            }
            None => console::out(&text).map_err(|error| Failure::run(&error)),
        };
        written?;
    }
    Ok(())
}

/// Writes down what is announced for the first time.
fn record(mut ledger: Ledger, told: &Announcement, actor: Option<&str>) -> Result<(usize, String), Failure> {
    let record = |person: &Person| Record {
        actor: actor.map(str::to_owned),
        account: Some(person.account.clone()),
        resource: Some(person.resource.clone()),
        rule: Some(person.rule.clone()),
        deadline: person.deadline,
        ..Record::new(Kind::Announced, told.at, &told.run_id)
    };
    for person in told.people.iter().filter(|person| person.is_new) {
        ledger.append(&record(person)).map_err(|error| Failure::ledger(&error))?;
    }
    let head = ledger.head();
    Ok((head.count, head.hash.to_owned()))
}
