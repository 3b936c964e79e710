//! `ranform completion SHELL`

use clap::CommandFactory;

use crate::cli::{CommandLine, CompletionArgs, hand_over};
use crate::exit::Exit;

/// Prints the completion script.
pub fn run(args: &CompletionArgs) -> Exit {
    // Written into memory first: the generator panics where its reader goes away.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut CommandLine::command(), "ranform", &mut script);
    hand_over(&script);
    Exit::Ok
}
