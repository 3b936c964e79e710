//! The verbs: each a function from its arguments to an exit code. Anything clever lives elsewhere.

pub mod apply;
pub mod check;
pub mod completion;
pub mod diff;
pub mod drift;
pub mod explain;
pub mod export;
pub mod fmt;
pub mod graph;
pub mod history;
pub mod import;
pub mod init;
pub mod interrupt;
pub mod observe;
pub mod plan;
pub mod render;
pub mod rollback;
pub mod show;
pub mod solve;
pub mod version;

use crate::cli::{Command, Session};
use crate::exit::Exit;

/// Runs one verb.
pub fn dispatch(session: &Session, command: Command) -> Exit {
    match command {
        Command::Check(args) => check::run(session, &args),
        Command::Fmt(args) => fmt::run(session, &args),
        Command::Init(args) => init::run(session, &args),
        Command::Graph(args) => graph::run(session, &args),
        Command::Solve(args) => solve::run(session, &args),
        Command::Plan(args) => plan::run(session, &args),
        Command::Render(args) => render::run(session, &args),
        Command::Show(args) => show::run(session, &args),
        Command::Diff(args) => diff::run(session, &args),
        Command::Apply(args) => apply::run(session, &args),
        Command::Drift(args) => drift::run(session, &args),
        Command::History(args) => history::run(session, &args),
        Command::Rollback(args) => rollback::run(session, &args),
        Command::Observe(args) => observe::run(session, &args),
        Command::Explain(args) => explain::run(session, &args),
        Command::Export(args) => export::run(session, &args),
        Command::Import(args) => import::run(session, &args),
        Command::Completion(args) => completion::run(&args),
        Command::Version(args) => version::run(&args),
    }
}
