//! `ranform drift`: what others changed of what is ours. Uses no write operation at all.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cli::{DriftArgs, Session, fail, say};
use crate::commands::observe::read;
use crate::drivers::{Difference, drift};
use crate::exit::Exit;
use crate::project::refuse_pending;
use crate::state::State;

/// Compares the devices with what was applied.
pub fn run(session: &Session, args: &DriftArgs) -> Exit {
    let state = match State::open_existing(&session.data_folder()) {
        Ok(Some(state)) => state,
        Ok(None) => return told(args, &[], &BTreeMap::new()),
        Err(error) => return fail(&error.to_string()),
    };
    if let Err(exit) = refuse_pending(&state) {
        return exit;
    }
    let (recorded, devices) = match (state.recorded(), state.devices()) {
        (Ok(recorded), Ok(devices)) => (recorded, devices),
        (Err(error), _) | (_, Err(error)) => return fail(&error.to_string()),
    };
    let observed = match read(session, devices, &recorded) {
        Ok(observed) => observed,
        Err(exit) => return exit,
    };
    let mut differences = Vec::new();
    let mut unread = BTreeMap::new();
    for (device, seen) in observed {
        match seen {
            Ok(seen) => differences.extend(drift(&device, &recorded, &seen.reading)),
            Err(error) => drop(unread.insert(device.to_string(), error.to_string())),
        }
    }
    told(args, &differences, &unread)
}

fn told(args: &DriftArgs, differences: &[Difference], unread: &BTreeMap<String, String>) -> Exit {
    if args.json {
        let shown: Vec<_> = differences
            .iter()
            .map(|found| json!({ "address": found.address, "leaf": found.leaf, "expected": found.expected, "found": found.found }))
            .collect();
        say(&format!("{:#}\n", json!({ "format_version": "1.0", "resource_drift": shown, "unreachable": unread })));
    } else {
        for found in differences {
            say(&format!("~ {found}\n"));
        }
        for (device, reason) in unread {
            say(&format!("? {device}: {reason}\n"));
        }
        match differences.len() {
            0 => say("No drift.\n"),
            1 => say("1 leaf differs. `ranform plan -refresh` shows what would put it back.\n"),
            count => say(&format!("{count} leaves differ. `ranform plan -refresh` shows what would put them back.\n")),
        }
    }
    if !differences.is_empty() {
        Exit::Drift
    } else if unread.is_empty() {
        Exit::Ok
    } else {
        Exit::Error
    }
}
