//! `ranform explain CODE|ADDRESS`: the page of a diagnostic code, or why a thing is as it is.

use ranform_network::diagnostic::codes;
use serde_json::json;

use crate::cli::{ExplainArgs, Session, fail, say, say_json};
use crate::exit::Exit;
use crate::failure;

/// Explains a code, or an address by planning.
pub fn run(session: &Session, args: &ExplainArgs) -> Exit {
    let Some(code) = codes::find(&args.subject) else {
        return crate::commands::plan::explain_address(session, args);
    };
    match PAGES.iter().find(|(id, _)| *id == code.id) {
        Some((_, page)) if args.json => {
            let document = json!({
                "format_version": "1.0", "code": code.id, "name": code.name, "summary": code.summary, "page": page,
            });
            say_json(&document);
            Exit::Ok
        }
        Some((_, page)) => {
            say(page);
            Exit::Ok
        }
        None => fail(failure::nothing_decided(format!("{} ({}) has no page: {}", code.id, code.name, code.summary))),
    }
}

include!(concat!(env!("OUT_DIR"), "/code_pages.rs"));
