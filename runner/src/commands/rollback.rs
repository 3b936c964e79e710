//! `ranform rollback`: back to what was before the last apply, or at a serial, under the same rules as an apply.

use std::time::Duration;

use crate::apply::{self, Options};
use crate::cli::{RollbackArgs, Session, fail, say};
use crate::commands::apply::{asked, execute, runtime};
use crate::commands::show;
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::state::State;

/// Takes the last apply back, or what an interrupted one left.
pub fn run(session: &Session, args: &RollbackArgs) -> Exit {
    if !args.json {
        match preview(session, args.to) {
            Ok(text) => say(&text),
            Err(message) => return fail(message),
        }
    }
    if !args.auto_approve && !session.interactive {
        let help = "say -auto-approve to go back without a question";
        return fail(failure::usage("nobody is there to ask whether to go back", help));
    }
    if !args.auto_approve && !asked("Go back? Only `yes` is taken for yes: ") {
        return fail(failure::not_approved("nothing was rolled back"));
    }
    let mut options = Options::new(&session.folder, "rollback");
    options.parallelism = args.parallelism.clamp(1, 64);
    options.lock_patience = args.lock_timeout.unwrap_or(Duration::ZERO);
    execute(session, args.json, |state, events| {
        runtime().map(|runtime| runtime.block_on(apply::rollback(state, args.to, &options, events)))
    })
}

/// What going back would change; nothing where an interrupted transaction comes first or nothing is to be done.
fn preview(session: &Session, to: Option<u64>) -> Result<String, Failure> {
    let told = |error: crate::state::StateError| Failure::new(error.into());
    let Some(state) = State::open_existing(&session.data_folder()).map_err(told)? else { return Ok(String::new()) };
    if state.pending().map_err(told)?.is_some() {
        return Ok(String::new());
    }
    match apply::way_back(&state, to).map_err(told)? {
        Ok((serial, bundle)) => Ok(format!("{}Back to serial {serial}.\n", show::human(&bundle, false))),
        Err(_) => Ok(String::new()),
    }
}
