//! The walk at a keyboard, on a terminal of its own: typed wrong, interrupted at each prompt, in a window too narrow.

use portcullis::enroll::Seed;

use super::{Stage, step};
use crate::support::portcullis::Portcullis;
use crate::support::terminal::{CTRL_C, CTRL_D, Terminal};

/// A run on a wide terminal.
fn start(program: &Portcullis, columns: u16) -> Terminal {
    let mut command = program.command(["mfa", "enroll", "--show-secret"]);
    command.env("TERM", "xterm");
    let mut terminal = Terminal::start(command);
    terminal.resize(columns);
    terminal
}

/// The secret in what was shown up to the first prompt.
fn seed(shown: &str) -> Seed {
    let is_secret = |line: &&str| line.len() > 30 && line.split(' ').all(|group| group.len() == 4 && group.is_ascii());
    Seed::parse(shown.lines().find(is_secret).expect("the secret")).expect("base 32")
}

fn code(seed: &Seed, step: u64) -> String {
    seed.code(step).expect("a code").expose().to_owned()
}

#[test]
fn typed_wrong_and_then_right() {
    let stage = Stage::set();
    let program = stage.program();
    let mut terminal = start(&program, 100);
    let seed = seed(&terminal.wait_for("First code: "));
    terminal.line("12 34");
    terminal.wait_for("a code is six digits; nothing was sent to AWS");
    terminal.wait_for("First code: ");
    let now = step();
    terminal.line(&code(&seed, now));
    terminal.wait_for("Second code: ");
    terminal.line(&code(&seed, now - 1));
    terminal.wait_for("wrong way round");
    terminal.wait_for("First code: ");
    terminal.line(&code(&seed, now - 1));
    terminal.wait_for("Second code: ");
    terminal.line(&code(&seed, now));
    terminal.wait_for("Enabled: user kim has the device");
    terminal.wait_for("Enroll a backup device too? [y/N] ");
    terminal.line("");
    terminal.finish(0);
    assert_eq!((stage.devices().len(), stage.count("EnableMFADevice")), (1, 1));
}

#[test]
fn interrupted_at_each_prompt_nothing_is_left_or_the_device_stays() {
    for (prompts, keys) in [(1, CTRL_C), (2, CTRL_C), (1, CTRL_D), (2, CTRL_D)] {
        let stage = Stage::set();
        let program = stage.program();
        let mut terminal = start(&program, 100);
        let seed = seed(&terminal.wait_for("First code: "));
        if prompts == 2 {
            terminal.line(&code(&seed, step()));
            terminal.wait_for("Second code: ");
        }
        terminal.keys(keys);
        terminal.wait_for("was deleted again; nothing is left behind");
        terminal.finish(5);
        assert_eq!(stage.virtual_devices(), [""; 0], "{prompts} {keys:?}");
    }
    let stage = Stage::set();
    let program = stage.program();
    let mut terminal = start(&program, 100);
    let seed = seed(&terminal.wait_for("First code: "));
    terminal.line(&code(&seed, step() - 1));
    terminal.wait_for("Second code: ");
    terminal.line(&code(&seed, step()));
    terminal.wait_for("Enroll a backup device too? [y/N] ");
    terminal.keys(CTRL_C);
    let shown = terminal.finish(0);
    assert!(shown.contains("Enabled"), "{shown}");
    assert_eq!(stage.devices().len(), 1, "what is enabled stays");
}

#[test]
fn a_window_that_is_too_narrow_is_waited_for() {
    let stage = Stage::set();
    let program = stage.program();
    let mut terminal = start(&program, 40);
    let shown = terminal.wait_for("Press Enter when it is wider. ");
    assert!(shown.contains("and the window has 40"), "{shown}");
    assert!(!shown.contains('█'), "{shown}");
    terminal.resize(120);
    terminal.line("");
    let shown = terminal.wait_for("First code: ");
    assert!(shown.contains('█'), "{shown}");
    terminal.keys(CTRL_C);
    terminal.finish(5);
    assert_eq!(stage.virtual_devices(), [""; 0]);
}

#[test]
fn on_a_light_terminal_the_code_is_drawn_the_other_way_round() {
    let drawn = |theme: &str| {
        let stage = Stage::set();
        let program = stage.program();
        let mut command = program.command(["mfa", "enroll"]);
        command.env("COLORFGBG", theme);
        let mut terminal = Terminal::start(command);
        terminal.resize(100);
        let shown = terminal.wait_for("First code: ");
        terminal.keys(CTRL_D);
        terminal.finish(5);
        shown.lines().find(|line| line.contains('█')).expect("the code").starts_with('█')
    };
    assert!(drawn("15;0"), "on dark, the margin is drawn");
    assert!(!drawn("0;15"), "on light, it is not");
}
