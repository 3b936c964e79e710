//! `ranform rollback`: back to what was before the last apply, or at a serial, under the same rules as an apply.

use std::collections::BTreeSet;
use std::time::Duration;

use ranform_network::Address;
use ranform_network::bundle::Bundle;

use crate::apply::{self, Options, Outcome};
use crate::cli::{RollbackArgs, Session, fail, say};
use crate::commands::apply::{asked, emit_outcome, execute};
use crate::commands::{interrupt, show};
use crate::display::events;
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::order;
use crate::state::State;

/// Takes the last apply back, or what an interrupted one left.
pub fn run(session: &Session, args: &RollbackArgs) -> Exit {
    let without = match given_up(session, &args.without) {
        Ok(without) => without,
        Err(failure) => return fail(failure),
    };
    match preview(session, args.to) {
        Ok(Ahead::Nothing) => return nothing(args),
        Ok(Ahead::Change(serial, bundle)) => show_ahead(serial, &bundle, args),
        Ok(Ahead::Unknown) => {}
        Err(message) => return fail(message),
    }
    if !args.auto_approve && !session.interactive {
        let help = "say -auto-approve to go back without a question";
        return fail(failure::usage("nobody is there to ask whether to go back", help));
    }
    if !args.auto_approve && !asked("Go back? Only `yes` is taken for yes: ") {
        return fail(failure::not_approved("nothing was rolled back"));
    }
    let mut options = Options::new(&session.folder, "rollback");
    options.without = without;
    options.parallelism = args.parallelism.clamp(1, 64);
    options.lock_patience = args.lock_timeout.unwrap_or(Duration::ZERO);
    options.takes_over.clone_from(&args.take_over);
    if let Some(limit) = args.device_timeout {
        options.limit_devices(limit);
    }
    execute(session, args.json, |state, told| {
        interrupt::run(options, async |options| apply::rollback(state, args.to, options, told).await)
    })
}

/// The devices that the pending transaction is ended without: each takes part in it.
fn given_up(session: &Session, named: &[String]) -> Result<BTreeSet<Address>, Failure> {
    if named.is_empty() {
        return Ok(BTreeSet::new());
    }
    let told = |error: crate::state::StateError| Failure::new(error.into());
    let state = State::open_existing(&session.data_folder()).map_err(told)?.ok_or_else(failure::nothing_pending)?;
    let pending = state.pending().map_err(told)?.ok_or_else(failure::nothing_pending)?;
    let recorded = state.recorded_under(pending.kind, &pending.bundle).map_err(told)?;
    let devices: Vec<Address> = order::by_device(&pending.bundle.changes, &recorded).into_keys().collect();
    let part = |name: &String| {
        let device = devices.iter().find(|device| device.as_str() == name);
        device.cloned().ok_or_else(|| failure::takes_no_part(name, &devices).into())
    };
    named.iter().map(part).collect()
}

/// What a rollback would do.
enum Ahead {
    /// There is nothing to go back from, or it is there already.
    Nothing,
    /// To this serial by this bundle.
    Change(u64, Box<Bundle>),
    /// An interrupted transaction comes first.
    Unknown,
}

/// Nobody has to be asked where nothing is to be done.
fn nothing(args: &RollbackArgs) -> Exit {
    match args.json {
        true => emit_outcome(&Outcome::Nothing),
        false => say("Nothing to take back.\n"),
    }
    Exit::Ok
}

/// Says what going back means: changes, what stops serving users, what is stored, the order.
fn show_ahead(serial: u64, bundle: &Bundle, args: &RollbackArgs) {
    events::way_back(serial, bundle);
    if !args.json {
        say(&format!("Going back to serial {serial} means:\n\n{}", show::human(bundle, false)));
    }
}

/// What going back would change.
fn preview(session: &Session, to: Option<u64>) -> Result<Ahead, Failure> {
    let told = |error: crate::state::StateError| Failure::new(error.into());
    let Some(state) = State::open_existing(&session.data_folder()).map_err(told)? else {
        return match to {
            None | Some(0) => Ok(Ahead::Nothing),
            Some(asked) => Err(failure::no_serial(asked).into()),
        };
    };
    if state.pending().map_err(told)?.is_some() {
        return Ok(Ahead::Unknown);
    }
    match apply::way_back(&state, to).map_err(told)? {
        Ok((serial, bundle)) => Ok(Ahead::Change(serial, Box::new(bundle))),
        Err(Outcome::Nothing) => Ok(Ahead::Nothing),
        Err(Outcome::NoSuchSerial { asked, .. }) => Err(failure::no_serial(asked).into()),
        Err(_) => Ok(Ahead::Unknown),
    }
}
