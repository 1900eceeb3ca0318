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
            let is_json = cli.error_format == "json";
            let text = if is_json { failure.render_json() } else { failure.render(console::stderr_colour()) };
            console::err(&text);
            ExitCode::from(failure.status().code())
        }
    }
}
