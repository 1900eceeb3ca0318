//! Our decisions against those of ministack, whose evaluator others wrote from the same pages of AWS: random policies
//! are given to users, who then make real, signed calls. See `docs/differential.md`.
//!
//! `PORTCULLIS_DEEP=1` asks about many more cases, from the seed in `PORTCULLIS_SEED` or the time of day.

mod calls;
mod case;
mod classes;
mod conditions;
mod generate;
mod random;
mod readings;
mod seat;
mod strata;

use std::collections::BTreeMap;
use std::sync::Mutex;

use portcullis::iam::Verdict;

use crate::support::server::Ministack;
use calls::Target;
use case::Case;
use classes::{CLASSES, Class, Right};
use generate::Scenario;
use seat::Seat;
use strata::STRATA;

/// The seed of every run that is not deep.
const SEED: u64 = 20_261_124;
/// How many sets of policies, of ten calls each: a multiple of the 19 after which the oddities come round.
const SCENARIOS: usize = 228;
const DEEP_SCENARIOS: usize = 3800;
const SEATS: usize = 12;
const THREADS: usize = 3;

/// What came out.
#[derive(Debug, Default)]
struct Tally {
    pairs: usize,
    verdicts: BTreeMap<String, usize>,
    strata: BTreeMap<&'static str, usize>,
    classes: BTreeMap<&'static str, usize>,
    together: usize,
    unexplained: Vec<String>,
}

#[test]
fn decides_as_ministack_does() {
    let is_deep = std::env::var_os("PORTCULLIS_DEEP").is_some_and(|deep| deep == "1");
    let given = std::env::var("PORTCULLIS_SEED").ok().map(|seed| seed.parse().expect("PORTCULLIS_SEED is a number"));
    let seed = given.unwrap_or_else(|| if is_deep { jiff::Timestamp::now().as_second().cast_unsigned() } else { SEED });
    let scenarios = if is_deep { DEEP_SCENARIOS } else { SCENARIOS };
    let server = Ministack::start(true);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (tally, port) = (&tally, server.port());
            scope.spawn(move || {
                for number in (thread..SEATS).step_by(THREADS) {
                    let mut seat = Seat::new(port, number);
                    (number..scenarios).step_by(SEATS).for_each(|number| run(seed, number, &mut seat, tally));
                }
            });
        }
    });
    let tally = tally.into_inner().expect("all threads ended well");
    eprintln!(
        "seed {seed}: {} pairs, {:?}\n{:?}\n{:?}, together {}",
        tally.pairs, tally.verdicts, tally.strata, tally.classes, tally.together
    );
    assert!(
        tally.unexplained.is_empty(),
        "{} unexplained:\n{}",
        tally.unexplained.len(),
        tally.unexplained.join("\n\n")
    );
    check(&tally);
}

fn run(seed: u64, number: usize, seat: &mut Seat, tally: &Mutex<Tally>) {
    let scenario = Scenario::generate(seed, number, seat.person());
    seat.take(&scenario);
    for target in &scenario.targets {
        let theirs = seat.ask(target);
        let case = Case::new(&scenario.policies, &target.action, &target.resource, seat.keys(target));
        judge(seed, &scenario, target, &case, theirs, tally);
    }
}

/// Takes note of one case.
fn judge(seed: u64, scenario: &Scenario, target: &Target, case: &Case, theirs: Verdict, tally: &Mutex<Tally>) {
    let ours = case.verdict();
    let strata = strata::strata(case);
    let mut as_server = case.clone();
    for class in &CLASSES {
        (class.as_server)(&mut as_server);
    }
    let modelled = as_server.verdict();
    let classes = if ours == theirs { Vec::new() } else { explained(case, theirs) };
    let mut tally = tally.lock().expect("no other thread failed");
    tally.pairs += 1;
    *tally.verdicts.entry(format!("{ours:?}")).or_default() += 1;
    for stratum in strata {
        *tally.strata.entry(stratum).or_default() += 1;
    }
    for class in &classes {
        *tally.classes.entry(class.name).or_default() += 1;
    }
    tally.together += usize::from(classes.len() > 1);
    if modelled != theirs || ours != theirs && classes.is_empty() {
        let number = scenario.number;
        tally.unexplained.push(format!(
            "seed {seed}, scenario {number}: we decide {ours:?}, ministack {theirs:?}; with the known differences {modelled:?}\n{case}\n{:?}",
            target.call
        ));
    }
}

/// The fewest classes, at most two, with which we decide as the server did.
fn explained(case: &Case, theirs: Verdict) -> Vec<&'static Class> {
    let agrees = |classes: &[&Class]| {
        let mut rewritten = case.clone();
        for class in classes {
            (class.as_server)(&mut rewritten);
        }
        rewritten.verdict() == theirs
    };
    if let Some(class) = CLASSES.iter().find(|class| agrees(&[class])) {
        return vec![class];
    }
    let mut pairs =
        CLASSES.iter().enumerate().flat_map(|(nth, one)| CLASSES[nth + 1..].iter().map(move |other| [one, other]));
    pairs.find(|pair| agrees(pair)).map_or_else(Vec::new, |pair| pair.to_vec())
}

fn check(tally: &Tally) {
    let Tally { pairs, .. } = *tally;
    assert!(pairs >= 500, "only {pairs} pairs");
    for (verdict, least) in [("Allowed", 250), ("ExplicitDeny", 150), ("ImplicitDeny", 150), ("Unknown", 10)] {
        let count = tally.verdicts.get(verdict).copied().unwrap_or(0);
        assert!(count * 1000 >= pairs * least, "{verdict} only {count} times of {pairs}");
    }
    for stratum in STRATA {
        let count = tally.strata.get(stratum).copied().unwrap_or(0);
        assert!(count >= 5, "{stratum} decided only {count} times of {pairs}");
    }
    for class in &CLASSES {
        let count = tally.classes.get(class.name).copied().unwrap_or(0);
        assert!(count > 0, "`{}` never happened: is it still there?", class.name);
        assert!(count * 1000 <= pairs * class.most, "`{}` {count} times of {pairs}", class.name);
    }
    let few = tally.together * 100 <= pairs;
    assert!(few, "{} of {pairs} are explained by two classes together only", tally.together);
}

#[test]
fn the_page_has_every_class() {
    let page = include_str!("../../docs/differential.md");
    for class in &CLASSES {
        let right = if class.right == Right::Ours { "ours" } else { "neither" };
        let rows = page.lines().filter(|line| line.starts_with(&format!("| {} |", class.name)));
        let rows: Vec<&str> = rows.filter(|line| line.contains(right) && line.contains(class.page)).collect();
        assert_eq!(rows.len(), 1, "docs/differential.md: {} ({right}, {})", class.name, class.page);
    }
}
