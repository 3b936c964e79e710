//! The verbs: each a function from its arguments to an exit code. Anything clever lives elsewhere.

pub mod completion;
pub mod solve;
pub mod version;

use crate::cli::{Command, Session};
use crate::exit::Exit;

/// Runs one verb.
pub fn dispatch(session: &Session, command: Command) -> Exit {
    match command {
        Command::Solve(args) => solve::run(session, &args),
        Command::Completion(args) => completion::run(&args),
        Command::Version(args) => version::run(&args),
    }
}
