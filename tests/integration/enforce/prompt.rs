//! Whoever sits at a terminal is asked: only a yes changes anything, whatever else comes.

use std::process::Command;

use super::{Stage, apply_args};
use crate::support::portcullis::Portcullis;
use crate::support::terminal::{CTRL_C, CTRL_D, Terminal};

/// What can be done at a question.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Line(&'static str),
    Keys(&'static [u8]),
}

use Answer::{Keys, Line};

/// Everything that is no yes, and the exit status after it.
const NO: [(Answer, i32); 8] = [
    (Line("n"), 5),
    (Line("no"), 5),
    (Line(""), 5),
    (Line("yes please"), 5),
    (Line("apply"), 5),
    (Line("\u{30e4}"), 5),
    (Keys(CTRL_D), 5),
    (Keys(CTRL_C), 1),
];

impl Stage {
    /// Runs a command to its question, answers, and gives all that was shown.
    fn asked(&self, command: Command, question: &str, answer: Answer, expected: i32) -> String {
        let mut terminal = Terminal::start(command);
        terminal.wait_for(question);
        assert_eq!(self.writes(), [""; 0], "before the answer");
        match answer {
            Line(line) => terminal.line(line),
            Keys(keys) => terminal.keys(keys),
        }
        terminal.finish(expected)
    }

    /// Everything that is no yes leaves the server and the ledger as they are.
    fn asked_in_vain(&self, command: impl Fn(&Portcullis) -> Command, question: &str) {
        let entries = self.ledger("ledger.jsonl").len();
        for (answer, expected) in NO {
            self.proxy.forget();
            let shown = self.asked(command(&self.program), question, answer, expected);
            assert_eq!(self.writes(), [""; 0], "{answer:?}");
            assert_eq!(self.ledger("ledger.jsonl").len(), entries, "{answer:?}");
            let end = if expected == 5 { "nothing was done\n" } else { "\nerror: interrupted; nothing was done\n" };
            assert!(shown.ends_with(end), "{answer:?}: {shown}");
        }
        self.proxy.forget();
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_plan_is_applied_after_a_yes_and_not_after_anything_else() {
    let stage = Stage::moto();
    stage.people(&["ada", "bob"]);
    stage.plan("");
    let apply = |program: &Portcullis| {
        program.command(apply_args("--ask").into_iter().filter(|arg| arg != "--quiet").collect::<Vec<_>>())
    };
    let question = "Apply to 2 users? [y/N] ";
    stage.asked_in_vain(apply, question);
    assert!(!stage.path("ledger.jsonl").exists());
    assert_eq!(stage.attached(&["ada", "bob"]), [[""; 0]; 2]);
    let shown = stage.asked(apply(&stage.program), question, Line("yes"), 0);
    let (before, after) = shown.split_once(question).unwrap();
    assert!(before.contains("  account 123456789012: users 2\n"), "what it is about is shown first: {before}");
    assert!(after.contains("2 done, 0 already, 0 failed, 0 skipped, 0 left; run "), "{after}");
    assert_eq!(stage.attached(&["ada", "bob"]), [[stage.guard()], [stage.guard()]]);
    stage.people(&["cyd"]);
    stage.plan("");
    stage.proxy.forget();
    stage.asked(apply(&stage.program), "Apply to user cyd? [y/N] ", Line(" Y "), 0);
    assert_eq!(stage.attached(&["cyd"]), [[stage.guard()]]);
}

#[test]
fn a_release_a_revert_and_a_run_ask_likewise() {
    let stage = Stage::moto();
    stage.guarded(&["ada", "bob"], "");
    let run = stage.ledger("ledger.jsonl").last().unwrap()["run_id"].as_str().unwrap().to_owned();
    stage.enrolls("ada");
    let common = "--ledger ledger.jsonl --no-progress";
    let rules = "--rules rules.yaml --no-break-glass";
    for (line, question) in [
        (format!("enforce release {rules} {common}"), "Release user ada? [y/N] "),
        (format!("enforce release --all {common}"), "Take the guard off 2 users, whatever they fail or have? [y/N] "),
        (format!("enforce revert {run} {common}"), &format!("Take back 2 changes of the run {run}? [y/N] ")),
        (format!("enforce run {rules} {common}"), "Release and apply this? [y/N] "),
    ] {
        stage.asked_in_vain(|program| program.command(words(&line)), question);
    }
    assert_eq!(stage.attached(&["ada", "bob"]), [[stage.guard()], [stage.guard()]]);
    let release = stage.program.command(words(&format!("enforce release {rules} {common}")));
    stage.asked(release, "Release user ada? [y/N] ", Line("y"), 0);
    assert_eq!(stage.attached(&["ada", "bob"]), [vec![], vec![stage.guard()]]);
}
