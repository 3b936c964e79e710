//! `ranform history [SERIAL]`: what was applied and taken back, by whom and with whose approval; offline.

use serde_json::{Value, json};

use crate::cli::{HistoryArgs, Session, fail, fail_state, say, say_json};
use crate::clock;
use crate::commands::show;
use crate::display::plain::one_line;
use crate::exit::Exit;
use crate::failure;
use crate::state::{Entry, History, Kind, State};

/// Lists history, or shows the bundle of one serial.
pub fn run(session: &Session, args: &HistoryArgs) -> Exit {
    let state = match State::open_existing(&session.data_folder()) {
        Ok(state) => state,
        Err(error) => return fail_state(&error),
    };
    let history = match state.as_ref().map_or_else(|| Ok(History::default()), State::history) {
        Ok(history) => history,
        Err(error) => return fail_state(&error),
    };
    match (args.serial, &state) {
        (Some(serial), Some(state)) => one(state, serial, args.json),
        (Some(serial), None) => fail(failure::no_serial(serial)),
        (None, _) => {
            match args.json {
                true => say_json(&document(&history)),
                false => say(&text(&history)),
            }
            Exit::Ok
        }
    }
}

fn one(state: &State, serial: u64, json: bool) -> Exit {
    match state.bundle_of(serial) {
        Ok(Some(bundle)) if json => {
            say_json(&show::document(&bundle, &bundle.encode().1));
            Exit::Ok
        }
        Ok(Some(bundle)) => {
            say(&show::human(&bundle, false));
            Exit::Ok
        }
        Ok(None) => fail(failure::no_serial(serial)),
        Err(error) => fail_state(&error),
    }
}

/// The last first; `*` marks what is there now.
fn text(history: &History) -> String {
    if history.entries.is_empty() {
        return "Nothing was applied yet.\n".to_owned();
    }
    let here = history.content(history.serial());
    let mut text = String::new();
    for entry in history.entries.iter().rev() {
        let mark = if entry.serial == here { '*' } else { ' ' };
        let details = &entry.details;
        let counts = format!("+{} ~{} -{}", details.add, details.change, details.remove);
        let approved = match details.approvals.as_slice() {
            [] => String::new(),
            owners => format!("  approved by {}", one_line(&owners.join(", "))),
        };
        text.push_str(&format!(
            "{mark} {:>4}  {}  {:<14}  {:<12}  {:<12}  {}{approved}\n",
            entry.serial,
            clock::timestamp(entry.at),
            what(entry),
            counts,
            entry.digest.get(..12).unwrap_or(&entry.digest),
            one_line(&details.who),
        ));
    }
    text.push_str("Next: ranform rollback takes back the one marked *; ranform rollback -to=SERIAL goes to any\n");
    text
}

fn what(entry: &Entry) -> String {
    match entry.kind {
        Kind::Apply => "apply".to_owned(),
        Kind::Rollback { to } => format!("rollback to {to}"),
    }
}

fn document(history: &History) -> Value {
    let entry = |entry: &Entry| {
        json!({
            "serial": entry.serial,
            "at": clock::timestamp(entry.at),
            "kind": entry.kind.word(),
            "back_to": match entry.kind { Kind::Apply => None, Kind::Rollback { to } => Some(to) },
            "digest": entry.digest,
            "by": entry.details.who,
            "approved_by": entry.details.approvals,
            "changes": { "add": entry.details.add, "change": entry.details.change, "remove": entry.details.remove },
        })
    };
    json!({
        "format_version": "1.0",
        "serial": history.serial(),
        "present": history.content(history.serial()),
        "entries": history.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}
