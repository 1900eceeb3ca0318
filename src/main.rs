//! The `portcullis` command: parse, run, exit status; no logic.

use std::process::ExitCode;

use portcullis::cli::Cli;
use portcullis::commands::Failure;
use portcullis::{commands, console, logging};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(problems) => return fail(&Failure::Diagnostics(problems), false),
    };
    logging::start(cli.verbose);
    match commands::run(&cli) {
        Ok(status) => ExitCode::from(status.code()),
        Err(failure) => fail(&failure, cli.error_format == "json"),
    }
}

fn fail(failure: &Failure, as_json: bool) -> ExitCode {
    let text = if as_json { failure.render_json() } else { failure.render(console::stderr_colour()) };
    console::err(&text);
    ExitCode::from(failure.status().code())
}
