//! Who says yes: a flag, or somebody at a terminal.

use crate::console;

use super::super::exit::Failure;

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
/// If the terminal cannot be read.
pub(super) fn given(yes: bool, question: &str) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    let given = console::ask(&format!("{question} [y/N] ")).map_err(|error| Failure::run(&error))?;
    if !given {
        console::err("nothing was done\n");
    }
    Ok(given)
}
