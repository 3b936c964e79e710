//! `ranform drift`: what others changed of what is ours. Uses no write operation at all.

use std::collections::BTreeMap;

use ranform_network::diagnostic::Diagnostic;
use ranform_network::{Address, Sources};
use serde_json::{Value, json};

use crate::cli::{DriftArgs, Session, eprint_findings, fail_state, say};
use crate::commands::observe::read;
use crate::display::diagnostics::json_one;
use crate::drivers::{Difference, DriverError, drift};
use crate::exit::Exit;
use crate::failure;
use crate::project::refuse_pending;
use crate::state::State;

/// Compares the devices with what was applied.
pub fn run(session: &Session, args: &DriftArgs) -> Exit {
    let state = match State::open_existing(&session.data_folder()) {
        Ok(Some(state)) => state,
        Ok(None) => return told(args, &[], &BTreeMap::new()),
        Err(error) => return fail_state(&error),
    };
    if let Err(exit) = refuse_pending(&state) {
        return exit;
    }
    let (recorded, devices) = match (state.recorded(), state.devices()) {
        (Ok(recorded), Ok(devices)) => (recorded, devices),
        (Err(error), _) | (_, Err(error)) => return fail_state(&error),
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
            Err(error) => drop(unread.insert(device, error)),
        }
    }
    told(args, &differences, &unread)
}

fn told(args: &DriftArgs, differences: &[Difference], unread: &BTreeMap<Address, DriverError>) -> Exit {
    if args.json {
        let findings: Vec<Value> = unread_findings(unread).map(|found| json_one(&found, &Sources::new())).collect();
        let unread: BTreeMap<_, _> = unread.iter().map(|(device, error)| (device, error.to_string())).collect();
        let shown: Vec<_> = differences
            .iter()
            .map(|found| json!({ "address": found.address, "leaf": found.leaf, "expected": found.expected, "found": found.found }))
            .collect();
        say(&format!(
            "{:#}\n",
            json!({ "format_version": "1.0", "resource_drift": shown, "unreachable": unread, "diagnostics": findings })
        ));
    } else {
        for found in differences {
            say(&format!("~ {found}\n"));
        }
        eprint_findings(&unread_findings(unread).collect::<Vec<_>>());
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

/// The devices that could not be read, as findings.
fn unread_findings(unread: &BTreeMap<Address, DriverError>) -> impl Iterator<Item = Diagnostic> {
    unread.iter().map(|(device, error)| failure::device(device, error))
}
