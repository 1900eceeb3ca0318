//! Who says yes: a flag, or somebody at a terminal.

use crate::console;

use super::super::exit::Failure;
use super::super::live;

/// Makes sure, before anything is read, that there will be a yes or somebody to ask.
///
/// # Errors
///
/// If nobody can be asked.
pub(super) fn can_be_had(yes: bool) -> Result<(), Failure> {
    if yes || console::can_ask() {
        return Ok(());
    }
    Err(Failure::Usage(
        "nobody can be asked here: stdin or stderr is no terminal; go on without being asked with --yes".to_owned(),
    ))
}

/// Whether to go on.
///
/// # Errors
///
/// If the terminal cannot be read, or the user interrupts.
pub(super) fn given(yes: bool, question: &str) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    let question = format!("{question} [y/N] ");
    // Whatever read AWS before the question has taken over the signal that would else end the program here.
    let asked = live::block_on("nothing was done", async {
        let asked = tokio::task::spawn_blocking(move || console::ask(&question));
        asked.await.map_err(|error| Failure::run(&error))?.map_err(|error| Failure::run(&error))
    });
    // The question has no end of line.
    let given = asked.inspect_err(|_| console::err("\n"))?;
    if !given {
        console::err("nothing was done\n");
    }
    Ok(given)
}
