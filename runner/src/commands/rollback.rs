//! `ranform rollback`: back to what was before the last apply, under the same rules as an apply.

use crate::apply::{self, Options};
use crate::cli::{RollbackArgs, Session, fail};
use crate::commands::apply::{asked, execute, runtime};
use crate::exit::Exit;
use crate::failure;

/// Takes the last apply back, or what an interrupted one left.
pub fn run(session: &Session, args: &RollbackArgs) -> Exit {
    if !args.auto_approve && session.interactive && !asked("Take the last apply back? Only `yes` is taken for yes: ") {
        return fail(failure::not_approved("nothing was rolled back"));
    }
    let options = Options::new(&session.folder, "rollback");
    execute(session, args.json, |state, events| {
        runtime().map(|runtime| runtime.block_on(apply::rollback(state, &options, events)))
    })
}
