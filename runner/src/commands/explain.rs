//! `ranform explain CODE|ADDRESS`: the page of a diagnostic code, or why a thing is as it is.

use ranform_network::diagnostic::codes;

use crate::cli::{ExplainArgs, Session, fail, say};
use crate::exit::Exit;
use crate::failure;

/// Explains a code; addresses come with the plan.
pub fn run(session: &Session, args: &ExplainArgs) -> Exit {
    let Some(code) = codes::find(&args.subject) else {
        return crate::commands::plan::explain_address(session, &args.subject);
    };
    match PAGES.iter().find(|(id, _)| *id == code.id) {
        Some((_, page)) => {
            say(page);
            Exit::Ok
        }
        None => fail(failure::nothing_decided(format!("{} ({}) has no page: {}", code.id, code.name, code.summary))),
    }
}

include!(concat!(env!("OUT_DIR"), "/code_pages.rs"));
