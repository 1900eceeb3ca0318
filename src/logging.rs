//! Logs to stderr. Nothing secret may reach them: the SDK redacts bodies, and we log names and counts only.

use tracing_subscriber::EnvFilter;

use crate::console;

/// Starts logging: warnings by default, more with each `-v`; `PORTCULLIS_LOG` takes a filter instead.
pub fn start(verbose: u8) {
    let default = match verbose {
        0 => "warn,aws_config=error,aws_smithy_runtime=error",
        1 => "info,aws_config=warn",
        2 => "debug,hyper_util=info,aws_smithy_runtime=info,aws_runtime=info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("PORTCULLIS_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(console::log)
        .with_ansi(console::stderr_colour())
        .without_time()
        .with_target(verbose > 1);
    // A subscriber that is already there (in tests) stays.
    let _ = subscriber.try_init();
}
