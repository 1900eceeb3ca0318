//! The `portcullis` command: parse, run, exit status; no logic.

use std::process::ExitCode;

use clap::Parser;
use portcullis::cli::Cli;
use portcullis::{commands, console, logging};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(cli.verbose);
    match commands::run(&cli) {
        Ok(status) => ExitCode::from(status.code()),
        Err(failure) => {
            console::err(&failure.render(console::stderr_colour()));
            ExitCode::from(failure.status().code())
        }
    }
}
