//! `kubectl promfed`: parse, run, exit code. The only place that knows the process.

use std::process::ExitCode;

use clap::Parser;
use promfed::cli::Cli;
use promfed::command;

fn main() -> ExitCode {
    if let Some(code) = command::answer_a_shell() {
        return code;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return command::refused(&error),
    };
    // One thread is enough: the work is waiting.
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(command::run(cli));
            // A login plugin or a question that nobody answers must not keep the process.
            runtime.shutdown_background();
            code
        }
        Err(error) => command::cannot_start(&error),
    }
}
