//! `ranform completion SHELL`

use clap::CommandFactory;

use crate::cli::{CommandLine, CompletionArgs};
use crate::exit::Exit;

/// Prints the completion script.
pub fn run(args: &CompletionArgs) -> Exit {
    clap_complete::generate(args.shell, &mut CommandLine::command(), "ranform", &mut std::io::stdout());
    Exit::Ok
}
